/*
 * Event loops, one per thread, on libuv.
 *
 * An object belongs to one loop and nothing shared is locked. Loops are crossed in two ways only:
 * loop_post(), and immutable ref-counted data. Unless a function says "any thread", call it on the
 * loop it is given.
 *
 * A turn of the loop: due timers, then I/O callbacks and posts as they arrive, then the deferred
 * calls in order. Sockets that were written to are flushed by such a deferred call, so once per
 * turn.
 *
 * No callback may use more than LOOP_SLOW_US of processor time; a debug build aborts when one does
 * (KLIEG_SLOW_OK=1 in the environment turns that into a log line, for debuggers and valgrind).
 * Processor time, because on a loaded machine a thread may be preempted for longer than that
 * anywhere; so a callback that sleeps or waits for a disk is not caught here.
 */
#pragma once

#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOOP_SLOW_US = 50000 };

struct loop;

typedef void (*loop_fn)(struct loop *, void *arg);

/* Any thread. `index` is this loop's place among its siblings; it is kept, not interpreted. */
MUST_USE enum err loop_create(unsigned index, struct loop **out);

/**
 * Frees a loop whose loop_run() has returned, or that never ran. NULL is fine.
 *
 * Posts still in the queue are run on the calling thread, so that what they own is freed. Listeners
 * must have been destroyed. Destroy no loop before all of them have stopped: nothing may be posted
 * to it any more.
 */
void loop_destroy(struct loop *);

/* Runs on the calling thread, which becomes the loop's, until loop_stop(). Before it returns, work
 * under way is finished and connections that are left are closed, with their on_close. */
void loop_run(struct loop *);
void loop_stop(struct loop *); /* any thread */

unsigned loop_index(const struct loop *);
bool loop_is_current(const struct loop *);

/* Monotonic, read once at the start of the turn. */
int64_t loop_now_us(const struct loop *);

/* Any thread. Calls run in the order in which one thread posted them. */
void loop_post(struct loop *, loop_fn fn, void *arg);

/* Runs `fn` at the end of this turn: for freeing what a callback still stands on, and for work to
 * be done once however often it was asked for. */
void loop_defer(struct loop *, loop_fn fn, void *arg);

/* --- Timers. Embedded in the object they serve; zeroed is a valid, stopped timer. --- */

struct loop_timer {
    struct loop *loop;
    loop_fn fn;
    void *arg;
    int64_t due_us;
    size_t heap_place; /* 0: not armed */
};

/* Arms, or re-arms, to fire once. A timer that re-arms itself with delay 0 fires in the next turn.
 */
void loop_timer_start(struct loop *, struct loop_timer *, int64_t delay_us, loop_fn fn, void *arg);
void loop_timer_stop(struct loop_timer *); /* fine when it is not armed */

/* --- Work that blocks: database, hashing, files. --- */

enum { LOOP_MAX_WORK = 4096 };

/**
 * Run `job` on the worker pool and then `done` on this loop.
 *
 * `job` sees only `arg`. `done` always comes, also after loop_stop(), so that it can free `arg`.
 *
 * @return ERR_OK, or ERR_LIMIT when LOOP_MAX_WORK jobs of this loop are waiting: neither will run
 */
MUST_USE enum err loop_work(struct loop *, void (*job)(void *arg), loop_fn done, void *arg);
