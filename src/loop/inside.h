/* The inside of a loop, for the files of this folder only. */
#pragma once

#include "loop/loop.h"
#include "loop/timer_heap.h"

#include <stdatomic.h>
#include <uv.h>

enum {
    INSIDE_READ_SIZE = 64 << 10,
    INSIDE_PLAIN_SIZE = 16 << 10,  /* one TLS record's worth */
    INSIDE_CIPHER_SIZE = 68 << 10, /* four records: more does not stay in the cache */
};

struct inside_call {
    loop_fn fn;
    void *arg;
};

struct inside_calls {
    struct inside_call *at;
    size_t count;
    size_t cap;
};

struct loop {
    uv_loop_t uv;
    uv_async_t posted;
    uv_prepare_t before_poll;
    uv_check_t after_poll;
    uv_idle_t hurry; /* active: the next poll does not wait */
    uv_timer_t clock;

    _Atomic(struct post *) posts; /* newest first */
    struct inside_calls deferred;
    struct inside_calls spare; /* empty; takes turns with `deferred` */
    struct timer_heap timers;
    int64_t clock_due_us; /* when `clock` is set to fire; 0: it is not */

    int64_t now_us;
    bool now_is_known; /* read the first time it is asked for in a turn */
    bool timers_are_running;
    bool stopping;
    bool slow_is_ok;
    unsigned index;
    unsigned work; /* jobs whose `done` has not run */
    _Atomic(pthread_t) thread;

    struct list conns;

    /* Scratch memory that connections share, each within one callback. */
    uint8_t *read;   /* INSIDE_READ_SIZE: what the system gave */
    uint8_t *plain;  /* INSIDE_PLAIN_SIZE: one TLS record, decrypted or to be encrypted */
    uint8_t *cipher; /* INSIDE_CIPHER_SIZE: TLS records on their way out */
    size_t cipher_len;

    int64_t watch_wall_us; /* of the last look at the clocks, see loop_watch() */
    int64_t watch_cpu_us;
};

/* Call after each callback into other modules: finds those that used too much processor time. */
#ifdef NDEBUG
static inline void loop_watch(struct loop *loop, const char *what)
{
    (void)loop;
    (void)what;
}
#else
void loop_watch(struct loop *, const char *what);
#endif
