#include "base/mem.h"

#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void zalloc_is_zeroed(void)
{
    uint8_t *at = mem_zalloc(10, 10);
    for (size_t i = 0; i < 100; i++)
        CHECK_EQ(0, at[i]);
    mem_free(at);
}

static void nothing_is_something_too(void)
{
    void *blocks[] = {mem_alloc(0),         mem_zalloc(0, 8),  mem_zalloc(8, 0),
                      mem_grow(NULL, 0, 8), mem_copy(NULL, 0), mem_copy_str(NULL, 0)};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        CHECK(blocks[i] != NULL);
        mem_free(blocks[i]);
    }
    mem_free(NULL);
}

static void copies_are_equal_and_apart(void)
{
    char text[] = "text";
    char *copy = mem_copy(text, 5);
    char *string = mem_copy_str(text, 3);
    text[0] = 'x';
    CHECK_EQ(0, strcmp("text", copy));
    CHECK_EQ(0, strcmp("tex", string));
    mem_free(copy);
    mem_free(string);
}

static void growing_keeps_what_is_there(void)
{
    uint32_t *numbers = NULL;
    for (uint32_t i = 0; i < 1000; i++) {
        numbers = mem_grow(numbers, i + 1, sizeof(*numbers));
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        CHECK_EQ(i, numbers[i]);
    mem_free(numbers);
}

enum call { ALLOC, ZALLOC, GROW };

/* Whether asking for `count` items of 8 bytes aborts. */
static bool aborts(enum call call, size_t count)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0};
        (void)setrlimit(RLIMIT_CORE, &no_core);  /* a core at worst */
        (void)freopen("/dev/null", "w", stderr); /* noise at worst */
        void *block = call == ALLOC    ? mem_alloc(count)
                      : call == ZALLOC ? mem_zalloc(count, 8)
                                       : mem_grow(NULL, count, 8);
        _exit(block != NULL ? 0 : 1);
    }
    int status = 0;
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status != 0;
}

static void running_out_aborts(void)
{
    CHECK(aborts(ALLOC, SIZE_MAX / 2));
    CHECK(aborts(ZALLOC, SIZE_MAX / 16));
    CHECK(!aborts(ALLOC, 16));
}

/* 8 * (SIZE_MAX / 8 + 2) is 8 once it has wrapped around. */
static void products_do_not_wrap_around(void)
{
    CHECK(aborts(ZALLOC, SIZE_MAX / 8 + 2));
    CHECK(aborts(GROW, SIZE_MAX / 8 + 2));
    CHECK(!aborts(GROW, 16));
}

int main(void)
{
    RUN(zalloc_is_zeroed);
    RUN(nothing_is_something_too);
    RUN(copies_are_equal_and_apart);
    RUN(growing_keeps_what_is_there);
    RUN(running_out_aborts);
    RUN(products_do_not_wrap_around);
    return check_report();
}
