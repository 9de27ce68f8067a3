#include "ingest/gate.h"

#include "check.h"

#include <string.h>

/* Two loops in turn on the test's thread: what one posts waits until the other runs. */
static struct loop *loops[2];
static struct gate gate;
static unsigned admitted, refused;

static void on_entered(void *arg, enum address_verdict verdict)
{
    CHECK(arg == &gate);
    CHECK(loop_is_current(loops[1]));
    admitted += verdict == ADDRESS_ADMITTED;
    refused += verdict == ADDRESS_TOO_MANY;
    if (admitted + refused == ADDRESS_MAX_WAITING + 5)
        loop_stop(loops[1]);
}

static void ask(struct loop *loop, void *arg)
{
    const struct conn_address *address = arg;
    for (int i = 0; i < ADDRESS_MAX_WAITING + 5; i++)
        gate_enter(&gate, loops[1], address, on_entered, &gate);
    loop_stop(loop);
}

static void newcomers_are_counted_across_loops(void)
{
    struct conn_address address = {.text = "192.0.2.1"};
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(ERR_OK, loop_create(i, &loops[i]));
    gate_init(&gate, loops[0]);
    loop_post(loops[0], ask, &address);
    /* Asked from the first loop on behalf of the second, where the replies go. */
    loop_run(loops[0]);
    CHECK_EQ(0, admitted);
    loop_destroy(loops[0]);
    loop_run(loops[1]);
    CHECK_EQ(ADDRESS_MAX_WAITING, admitted);
    CHECK_EQ(5, refused);
    CHECK_EQ(ADDRESS_MAX_WAITING, gate.book.waiting);
    loop_destroy(loops[1]);
    gate_finish(&gate);
}

static void leave_all(struct loop *loop, void *arg)
{
    const struct conn_address *address = arg;
    for (int i = 0; i < ADDRESS_MAX_REFUSED; i++)
        gate_leave(&gate, address, GATE_REFUSED);
    gate_leave(&gate, address, GATE_GONE);
    loop_stop(loop);
}

static void who_leaves_is_noted(void)
{
    struct conn_address address = {.text = "192.0.2.1"};
    CHECK_EQ(ERR_OK, loop_create(0, &loops[0]));
    gate_init(&gate, loops[0]);
    for (int i = 0; i < ADDRESS_MAX_REFUSED + 2; i++)
        CHECK_EQ(ADDRESS_ADMITTED, address_admit(&gate.book, str_of(address.text), 0));
    loop_post(loops[0], leave_all, &address);
    loop_run(loops[0]);
    loop_destroy(loops[0]); /* runs what is left */
    CHECK_EQ(1, gate.book.waiting);
    CHECK_EQ(ADDRESS_BANNED, address_admit(&gate.book, str_of(address.text), 1));
    gate_finish(&gate);
}

int main(void)
{
    RUN(newcomers_are_counted_across_loops);
    RUN(who_leaves_is_noted);
    return check_report();
}
