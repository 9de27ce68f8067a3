#include "loop/loop.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log/log.h"
#include "loop/conn_inside.h"
#include "loop/inside.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifndef LOOP_SLOWDOWN
#define LOOP_SLOWDOWN 1 /* how much slower this build is than an ordinary one: sanitizers */
#endif

enum { WATCH_STEP_US = 5000 };

struct post {
    struct post *next; /* the one before */
    loop_fn fn;
    void *arg;
};

struct work {
    uv_work_t request;
    struct loop *loop;
    void (*job)(void *arg);
    loop_fn done;
    void *arg;
};

unsigned loop_index(const struct loop *loop)
{
    return loop->index;
}

bool loop_is_current(const struct loop *loop)
{
    return pthread_equal(atomic_load_explicit(&loop->thread, memory_order_relaxed), pthread_self());
}

int64_t loop_now_us(const struct loop *loop)
{
    if (!loop->now_is_known) {
        struct loop *cache = (struct loop *)(uintptr_t)loop; /* const to its users */
        cache->now_us = clock_monotonic_us();
        cache->now_is_known = true;
    }
    return loop->now_us;
}

#ifndef NDEBUG
/* The thread's clock costs a system call, so it is read only when WATCH_STEP_US went by since the
 * last look; what a callback is charged for is that much too long at most. */
void loop_watch(struct loop *loop, const char *what)
{
    int64_t wall_us = clock_monotonic_us();
    if (wall_us - loop->watch_wall_us < WATCH_STEP_US)
        return;
    int64_t cpu_us = clock_thread_cpu_us();
    int64_t used_us = cpu_us - loop->watch_cpu_us;
    loop->watch_wall_us = wall_us;
    loop->watch_cpu_us = cpu_us;
    if (used_us < (int64_t)(LOOP_SLOW_US + WATCH_STEP_US) * LOOP_SLOWDOWN)
        return;
    log_error("loop", "slow callback", "kind=%s cpu_ms=%d", what, (int)(used_us / 1000));
    if (!loop->slow_is_ok)
        abort();
}
#endif

/* The calling thread is the loop's from here on, and what it did before is nobody's callback. */
static void adopt_thread(struct loop *loop)
{
    atomic_store_explicit(&loop->thread, pthread_self(), memory_order_relaxed);
    loop->watch_wall_us = clock_monotonic_us();
    loop->watch_cpu_us = clock_thread_cpu_us();
}

/* --- Posts --- */

void loop_post(struct loop *loop, loop_fn fn, void *arg)
{
    struct post *post = mem_alloc(sizeof(*post));
    *post = (struct post){.fn = fn, .arg = arg};
    struct post *newest = atomic_load_explicit(&loop->posts, memory_order_relaxed);
    do {
        post->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&loop->posts, &newest, post,
                                                    memory_order_release, memory_order_relaxed));
    if (newest == NULL)                     /* else whoever posted first wakes the loop */
        (void)uv_async_send(&loop->posted); /* fails only for handles of another kind */
}

static void run_posts(struct loop *loop)
{
    struct post *newest = atomic_exchange_explicit(&loop->posts, NULL, memory_order_acquire);
    struct post *oldest = NULL;
    while (newest != NULL) {
        struct post *before = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = before;
    }
    while (oldest != NULL) {
        struct post post = *oldest;
        mem_free(oldest);
        oldest = post.next;
        post.fn(loop, post.arg);
        loop_watch(loop, "post");
    }
}

static void on_posted(uv_async_t *posted)
{
    run_posts(posted->data);
}

/* --- Deferred calls --- */

void loop_defer(struct loop *loop, loop_fn fn, void *arg)
{
    struct inside_calls *calls = &loop->deferred;
    if (calls->count == calls->cap) {
        calls->cap = calls->cap > 0 ? calls->cap * 2 : 64;
        calls->at = mem_grow(calls->at, calls->cap, sizeof(*calls->at));
    }
    calls->at[calls->count++] = (struct inside_call){.fn = fn, .arg = arg};
}

/* Those that are deferred meanwhile wait for the next time, so that they cannot keep I/O out. */
static void run_deferred(struct loop *loop)
{
    struct inside_calls batch = loop->deferred;
    loop->deferred = loop->spare;
    for (size_t i = 0; i < batch.count; i++) {
        batch.at[i].fn(loop, batch.at[i].arg);
        loop_watch(loop, "deferred");
    }
    batch.count = 0;
    loop->spare = batch;
}

/* --- Timers --- */

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t delay_us, loop_fn fn,
                      void *arg)
{
    /* 1: while due timers run, one that re-arms itself must not count among them. */
    int64_t least_us = loop->timers_are_running ? 1 : 0;
    timer->due_us = loop_now_us(loop) + (delay_us > least_us ? delay_us : least_us);
    timer->loop = loop;
    timer->fn = fn;
    timer->arg = arg;
    if (timer->heap_place > 0)
        timer_heap_moved(&loop->timers, timer);
    else
        timer_heap_put(&loop->timers, timer);
}

void loop_timer_stop(struct loop_timer *timer)
{
    if (timer->heap_place > 0)
        timer_heap_remove(&timer->loop->timers, timer);
}

static void on_clock(uv_timer_t *clock)
{
    struct loop *loop = clock->data;
    loop->clock_due_us = 0;
    loop->now_is_known = false;
    int64_t now_us = loop_now_us(loop);
    loop->timers_are_running = true;
    struct loop_timer *timer = timer_heap_first(&loop->timers);
    while (timer != NULL && timer->due_us <= now_us) {
        timer_heap_remove(&loop->timers, timer);
        timer->fn(loop, timer->arg);
        loop_watch(loop, "timer");
        timer = timer_heap_first(&loop->timers);
    }
    loop->timers_are_running = false;
}

/* A clock that fires too early, because its timer was stopped, does no harm. */
static void set_clock(struct loop *loop)
{
    const struct loop_timer *first = timer_heap_first(&loop->timers);
    if (first == NULL || (loop->clock_due_us > 0 && loop->clock_due_us <= first->due_us))
        return;
    int64_t delay_us = first->due_us - clock_monotonic_us();
    uint64_t delay_ms = delay_us > 0 ? ((uint64_t)delay_us + 999) / 1000 : 0;
    uv_update_time(&loop->uv);
    (void)uv_timer_start(&loop->clock, on_clock, delay_ms, 0); /* fails only while closing */
    loop->clock_due_us = first->due_us;
}

/* --- The turn --- */

static void on_hurry(uv_idle_t *hurry)
{
    (void)hurry; /* being active is all it does */
}

static void before_poll(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    set_clock(loop);
    if (loop->deferred.count > 0)
        (void)uv_idle_start(&loop->hurry, on_hurry); /* fails only while closing */
    else
        (void)uv_idle_stop(&loop->hurry); /* never fails */
    loop->now_is_known = false;
}

static void after_poll(uv_check_t *check)
{
    struct loop *loop = check->data;
    run_deferred(loop);
    loop->now_is_known = false;
}

static void prepare_handles(struct loop *loop)
{
    loop->before_poll.data = loop->after_poll.data = loop->hurry.data = loop->clock.data = loop;
    loop->posted.data = loop;
    /* None of these can fail. */
    (void)uv_prepare_init(&loop->uv, &loop->before_poll);
    (void)uv_prepare_start(&loop->before_poll, before_poll);
    (void)uv_check_init(&loop->uv, &loop->after_poll);
    (void)uv_check_start(&loop->after_poll, after_poll);
    (void)uv_idle_init(&loop->uv, &loop->hurry);
    (void)uv_timer_init(&loop->uv, &loop->clock);
    uv_unref((uv_handle_t *)&loop->before_poll);
    uv_unref((uv_handle_t *)&loop->after_poll);
    uv_unref((uv_handle_t *)&loop->hurry);
    uv_unref((uv_handle_t *)&loop->clock);
}

static void free_loop(struct loop *loop)
{
    timer_heap_finish(&loop->timers);
    mem_free(loop->deferred.at);
    mem_free(loop->spare.at);
    mem_free(loop->read);
    mem_free(loop->plain);
    mem_free(loop->cipher);
    mem_free(loop);
}

enum err loop_create(unsigned index, struct loop **out)
{
    struct loop *loop = mem_zalloc(1, sizeof(*loop));
    loop->index = index;
    atomic_init(&loop->posts, NULL);
    adopt_thread(loop);
    list_init(&loop->conns);
    const char *slow_ok = getenv("KLIEG_SLOW_OK");
    loop->slow_is_ok = slow_ok != NULL && strcmp(slow_ok, "1") == 0;
    int failure = uv_loop_init(&loop->uv);
    if (failure == 0) {
        failure = uv_async_init(&loop->uv, &loop->posted, on_posted);
        if (failure != 0)
            (void)uv_loop_close(&loop->uv); /* it holds nothing yet */
    }
    if (failure != 0) {
        log_error("loop", "cannot make an event loop", "error=%s", uv_err_name(failure));
        free_loop(loop);
        return ERR_IO;
    }
    prepare_handles(loop);
    loop->read = mem_alloc(INSIDE_READ_SIZE);
    loop->plain = mem_alloc(INSIDE_PLAIN_SIZE);
    loop->cipher = mem_alloc(INSIDE_CIPHER_SIZE);
    *out = loop;
    return ERR_OK;
}

static bool is_busy(struct loop *loop)
{
    return atomic_load_explicit(&loop->posts, memory_order_relaxed) != NULL ||
           loop->deferred.count > 0 || loop->work > 0 || !list_is_empty(&loop->conns);
}

static void wind_up(struct loop *loop)
{
    while (is_busy(loop)) {
        run_posts(loop);
        conn_abandon_all(loop);
        bool only_work = loop->deferred.count == 0 && list_is_empty(&loop->conns);
        /* What uv_run() returns is whether handles are left: there always are. */
        (void)uv_run(&loop->uv, only_work && loop->work > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    }
}

void loop_run(struct loop *loop)
{
    adopt_thread(loop);
    while (!loop->stopping)
        (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* returns for uv_stop() only */
    wind_up(loop);
}

static void stop(struct loop *loop, void *arg)
{
    (void)arg;
    loop->stopping = true;
    uv_stop(&loop->uv);
}

void loop_stop(struct loop *loop)
{
    loop_post(loop, stop, NULL);
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL)
        return;
    adopt_thread(loop);
    wind_up(loop);
    uv_close((uv_handle_t *)&loop->posted, NULL);
    uv_close((uv_handle_t *)&loop->before_poll, NULL);
    uv_close((uv_handle_t *)&loop->after_poll, NULL);
    uv_close((uv_handle_t *)&loop->hurry, NULL);
    uv_close((uv_handle_t *)&loop->clock, NULL);
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT); /* runs the closing callbacks */
    int failure = uv_loop_close(&loop->uv);
    assert(failure == 0 && "a listener was not destroyed");
    (void)failure;
    free_loop(loop);
}

/* --- Work --- */

static void run_job(uv_work_t *request)
{
    struct work *work = request->data;
    work->job(work->arg);
}

static void finish_work(uv_work_t *request, int status)
{
    (void)status; /* nobody cancels work */
    struct work *work = request->data;
    struct loop *loop = work->loop;
    loop->work--;
    work->done(loop, work->arg);
    mem_free(work);
    loop_watch(loop, "done");
}

enum err loop_work(struct loop *loop, void (*job)(void *arg), loop_fn done, void *arg)
{
    assert(loop_is_current(loop));
    if (loop->work >= LOOP_MAX_WORK)
        return ERR_LIMIT;
    struct work *work = mem_alloc(sizeof(*work));
    *work = (struct work){.loop = loop, .job = job, .done = done, .arg = arg};
    work->request.data = work;
    loop->work++;
    (void)uv_queue_work(&loop->uv, &work->request, run_job, finish_work); /* needs a job: given */
    return ERR_OK;
}
