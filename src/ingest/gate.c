#include "ingest/gate.h"

#include "base/mem.h"

/* What is posted to the gate's loop, and back. */
struct call {
    struct gate *gate;
    struct conn_address address;
    struct loop *from;
    gate_fn reply;
    void *arg;
    enum address_verdict verdict;
    enum gate_exit exit;
};

void gate_init(struct gate *gate, struct loop *loop)
{
    gate->loop = loop;
    address_book_init(&gate->book);
}

void gate_finish(struct gate *gate)
{
    address_book_finish(&gate->book);
}

static void post(struct gate *gate, const struct call *values, loop_fn fn)
{
    loop_post(gate->loop, fn, mem_copy(values, sizeof(*values)));
}

static void reply(struct loop *loop, void *arg)
{
    (void)loop;
    struct call *call = arg;
    call->reply(call->arg, call->verdict);
    mem_free(call);
}

static void enter(struct loop *loop, void *arg)
{
    struct call *call = arg;
    call->verdict = address_admit(&call->gate->book, str_of(call->address.text), loop_now_us(loop));
    loop_post(call->from, reply, call);
}

void gate_enter(struct gate *gate, struct loop *from, const struct conn_address *address,
                gate_fn reply_fn, void *arg)
{
    post(gate,
         &(struct call){
             .gate = gate, .address = *address, .from = from, .reply = reply_fn, .arg = arg},
         enter);
}

static void leave(struct loop *loop, void *arg)
{
    struct call *call = arg;
    struct address_book *book = &call->gate->book;
    struct str address = str_of(call->address.text);
    int64_t now_us = loop_now_us(loop);
    if (call->exit == GATE_ACCEPTED)
        address_note_accepted(book, address, now_us);
    if (call->exit == GATE_REFUSED)
        address_note_refused(book, address, now_us);
    address_leave(book, address, now_us);
    mem_free(call);
}

void gate_leave(struct gate *gate, const struct conn_address *address, enum gate_exit exit)
{
    post(gate, &(struct call){.gate = gate, .address = *address, .exit = exit}, leave);
}
