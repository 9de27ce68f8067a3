#include "loop/loop.h"

#include "base/clock.h"
#include "base/mem.h"
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What happened, in order: one letter each. */
struct diary {
    struct loop *loop;
    struct loop_timer timers[4];
    char text[64];
    size_t len;
};

static void note(struct diary *diary, char what)
{
    if (diary->len < sizeof(diary->text) - 1)
        diary->text[diary->len++] = what;
}

static struct diary diary_of_new_loop(void)
{
    struct diary diary = {0};
    CHECK_EQ(ERR_OK, loop_create(0, &diary.loop));
    return diary;
}

static void stop(struct loop *loop, void *arg)
{
    (void)arg;
    loop_stop(loop);
}

static void finish(struct diary *diary, const char *expected)
{
    loop_run(diary->loop);
    loop_destroy(diary->loop);
    CHECK(strcmp(expected, diary->text) == 0);
    if (strcmp(expected, diary->text) != 0)
        printf("want %s, got %s\n", expected, diary->text);
}

static void note_a(struct loop *loop, void *arg)
{
    (void)loop;
    note(arg, 'a');
}

static void note_b(struct loop *loop, void *arg)
{
    (void)loop;
    note(arg, 'b');
}

static void note_c(struct loop *loop, void *arg)
{
    (void)loop;
    note(arg, 'c');
}

static void posts_run_in_order(void)
{
    struct diary diary = diary_of_new_loop();
    loop_post(diary.loop, note_a, &diary);
    loop_post(diary.loop, note_b, &diary);
    loop_post(diary.loop, note_c, &diary);
    loop_post(diary.loop, note_a, &diary);
    loop_post(diary.loop, stop, NULL);
    finish(&diary, "abca");
}

static void defer_b_post_c(struct loop *loop, void *arg)
{
    note(arg, 'd');
    loop_defer(loop, note_b, arg);
    loop_post(loop, note_c, arg);
    loop_post(loop, stop, NULL);
}

static void deferred_calls_come_at_the_end_of_the_turn(void)
{
    struct diary diary = diary_of_new_loop();
    loop_post(diary.loop, defer_b_post_c, &diary);
    loop_post(diary.loop, note_a, &diary); /* of the same turn */
    finish(&diary, "dabc");
}

static void defer_again(struct loop *loop, void *arg)
{
    struct diary *diary = arg;
    note(diary, 'e');
    if (diary->len < 20)
        loop_defer(loop, defer_again, diary);
}

static void note_t(struct loop *loop, void *arg)
{
    note(arg, 't');
    loop_stop(loop);
}

/* Neither does a call that defers itself keep the loop from its work, nor does the loop sleep while
 * one is waiting: with the timer alone this would take an hour. */
static void deferring_for_ever_starves_nobody(void)
{
    struct diary diary = diary_of_new_loop();
    loop_defer(diary.loop, defer_again, &diary);
    loop_timer_start(diary.loop, &diary.timers[1], 3600000000, note_c, &diary);
    int64_t before_us = clock_monotonic_us();
    loop_post(diary.loop, note_a, &diary);
    loop_post(diary.loop, stop, NULL);
    loop_run(diary.loop);
    CHECK(memchr(diary.text, 'a', 5) != NULL);
    CHECK(clock_monotonic_us() - before_us < 600000000);
    CHECK_EQ(20, diary.len); /* none was left behind */
    loop_timer_stop(&diary.timers[1]);
    loop_destroy(diary.loop);
}

static void timers_fire_when_due_and_once(void)
{
    struct diary diary = diary_of_new_loop();
    int64_t start_us = loop_now_us(diary.loop);
    loop_timer_start(diary.loop, &diary.timers[0], 30000, note_t, &diary);
    loop_timer_start(diary.loop, &diary.timers[1], 20000, note_b, &diary);
    loop_timer_start(diary.loop, &diary.timers[2], 0, note_a, &diary);
    loop_timer_start(diary.loop, &diary.timers[3], 10000, note_c, &diary);
    loop_timer_start(diary.loop, &diary.timers[3], 25000, note_c, &diary); /* re-armed */
    finish(&diary, "abct");
    CHECK(clock_monotonic_us() - start_us >= 30000);
}

static void stop_timer_1(struct loop *loop, void *arg)
{
    (void)loop;
    struct diary *diary = arg;
    note(diary, 's');
    loop_timer_stop(&diary->timers[1]);
    loop_timer_stop(&diary->timers[1]);
}

static void a_timer_stopped_by_one_due_before_it_does_not_fire(void)
{
    struct diary diary = diary_of_new_loop();
    loop_timer_stop(&diary.timers[3]); /* zeroed */
    loop_timer_start(diary.loop, &diary.timers[0], -5, stop_timer_1, &diary);
    loop_timer_start(diary.loop, &diary.timers[1], 1, note_b, &diary);
    loop_timer_start(diary.loop, &diary.timers[2], 2000, note_t, &diary);
    finish(&diary, "st");
}

static void start_again(struct loop *loop, void *arg)
{
    struct diary *diary = arg;
    note(diary, 'r');
    if (diary->len < 8) {
        loop_timer_start(loop, &diary->timers[0], 0, start_again, diary);
        loop_post(loop, note_a, diary); /* gets its turn before the timer fires again */
    } else {
        loop_stop(loop);
    }
}

static void a_timer_that_restarts_itself_waits_for_the_next_turn(void)
{
    struct diary diary = diary_of_new_loop();
    loop_timer_start(diary.loop, &diary.timers[0], 0, start_again, &diary);
    finish(&diary, "rarararar");
}

static void defer_t(struct loop *loop, void *arg)
{
    loop_defer(loop, note_t, arg);
}

static void defer_defer_t(struct loop *loop, void *arg)
{
    loop_defer(loop, defer_t, arg);
}

static void what_is_deferred_does_not_wait_for_io(void)
{
    struct diary diary = diary_of_new_loop();
    loop_timer_start(diary.loop, &diary.timers[0], 0, defer_defer_t, &diary);
    finish(&diary, "t");
}

static void start_t_soon(struct loop *loop, void *arg)
{
    struct diary *diary = arg;
    loop_timer_start(loop, &diary->timers[1], 1000, note_t, diary);
}

static void a_timer_may_come_before_one_the_loop_waits_for(void)
{
    struct diary diary = diary_of_new_loop();
    loop_timer_start(diary.loop, &diary.timers[0], 3600000000, note_a, &diary);
    loop_post(diary.loop, start_t_soon, &diary); /* when it waits already */
    finish(&diary, "t");
}

static void look_at_now(struct loop *loop, void *arg)
{
    int64_t *seen_us = arg;
    int64_t first_us = loop_now_us(loop);
    while (clock_monotonic_us() < first_us + 2000) {
    }
    CHECK_EQ(first_us, loop_now_us(loop));
    CHECK(first_us > *seen_us);
    *seen_us = first_us;
}

static void look_at_now_and_stop(struct loop *loop, void *arg)
{
    look_at_now(loop, arg);
    loop_stop(loop);
}

static void look_at_now_and_go_on(struct loop *loop, void *arg)
{
    look_at_now(loop, arg);
    loop_post(loop, look_at_now_and_stop, arg);
}

static void now_stands_still_within_a_turn_only(void)
{
    struct diary diary = diary_of_new_loop();
    int64_t seen_us = 0;
    loop_post(diary.loop, look_at_now_and_go_on, &seen_us);
    finish(&diary, "");
}

/* --- Threads --- */

enum { POSTS = 20000, POSTERS = 3 };

struct poster {
    struct loop *loop;
    unsigned sent;
    unsigned seen;
    unsigned *left;
};

struct numbered {
    struct poster *poster;
    unsigned number;
};

static void see_number(struct loop *loop, void *arg)
{
    struct numbered *numbered = arg;
    CHECK(loop_is_current(loop));
    CHECK_EQ(numbered->poster->seen, numbered->number);
    numbered->poster->seen++;
    if (--*numbered->poster->left == 0)
        loop_stop(loop);
    mem_free(numbered);
}

static void *post_numbers(void *arg)
{
    struct poster *poster = arg;
    CHECK(!loop_is_current(poster->loop));
    for (unsigned i = 0; i < POSTS; i++) {
        struct numbered *numbered = mem_alloc(sizeof(*numbered));
        *numbered = (struct numbered){.poster = poster, .number = i};
        loop_post(poster->loop, see_number, numbered);
    }
    return NULL;
}

static void posts_of_each_thread_arrive_in_its_order(void)
{
    struct diary diary = diary_of_new_loop();
    unsigned left = POSTS * POSTERS;
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];
    for (size_t i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.loop = diary.loop, .left = &left};
        pthread_create(&threads[i], NULL, post_numbers, &posters[i]);
    }
    loop_run(diary.loop);
    for (size_t i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(POSTS, posters[i].seen);
    }
    loop_destroy(diary.loop);
}

static void posts_left_over_run_when_the_loop_is_destroyed(void)
{
    struct diary diary = diary_of_new_loop();
    loop_post(diary.loop, stop, NULL);
    loop_run(diary.loop);
    loop_post(diary.loop, defer_b_post_c, &diary);
    loop_destroy(diary.loop);
    CHECK(memchr(diary.text, 'b', diary.len) != NULL);
    CHECK(memchr(diary.text, 'c', diary.len) != NULL);
    CHECK_EQ(3, diary.len);
    loop_destroy(NULL);
}

static void the_index_is_kept(void)
{
    struct loop *loop = NULL;
    CHECK_EQ(ERR_OK, loop_create(7, &loop));
    CHECK_EQ(7, loop_index(loop));
    CHECK(loop_is_current(loop));
    loop_destroy(loop);
}

/* --- Work --- */

struct task {
    struct loop *loop;
    atomic_uint jobs;
    unsigned done;
    unsigned stop_after;
    atomic_bool may_go;
};

static void do_job(void *arg)
{
    struct task *task = arg;
    CHECK(!loop_is_current(task->loop));
    while (!atomic_load(&task->may_go))
        (void)poll(NULL, 0, 1); /* held up until the queue is full */
    atomic_fetch_add(&task->jobs, 1);
}

static void on_done(struct loop *loop, void *arg)
{
    struct task *task = arg;
    CHECK(loop_is_current(loop));
    if (++task->done == task->stop_after)
        loop_stop(loop);
}

static void start_jobs(struct loop *loop, void *arg)
{
    struct task *task = arg;
    unsigned started = 0;
    while (loop_work(loop, do_job, on_done, task) == ERR_OK)
        started++;
    CHECK_EQ(LOOP_MAX_WORK, started);
    CHECK_EQ(ERR_LIMIT, loop_work(loop, do_job, on_done, task));
    atomic_store(&task->may_go, true);
}

static void work_is_bounded_and_comes_back(void)
{
    struct task task = {.stop_after = LOOP_MAX_WORK};
    CHECK_EQ(ERR_OK, loop_create(0, &task.loop));
    loop_post(task.loop, start_jobs, &task);
    loop_run(task.loop);
    CHECK_EQ(LOOP_MAX_WORK, atomic_load(&task.jobs));
    CHECK_EQ(LOOP_MAX_WORK, task.done);
    loop_destroy(task.loop);
}

static void start_one_and_stop(struct loop *loop, void *arg)
{
    struct task *task = arg;
    CHECK_EQ(ERR_OK, loop_work(loop, do_job, on_done, task));
    loop_stop(loop);
}

static void *let_go(void *arg)
{
    (void)poll(NULL, 0, 5);
    atomic_store((atomic_bool *)arg, true);
    return NULL;
}

static void done_comes_after_stop_too(void)
{
    struct task task = {0};
    CHECK_EQ(ERR_OK, loop_create(0, &task.loop));
    loop_post(task.loop, start_one_and_stop, &task);
    pthread_t thread;
    pthread_create(&thread, NULL, let_go, &task.may_go);
    loop_run(task.loop);
    CHECK_EQ(1, task.done);
    pthread_join(thread, NULL);
    loop_destroy(task.loop);
}

/* --- Slow callbacks --- */

/* More than LOOP_SLOW_US even for a build with sanitizers, where the limit is ten times that. */
enum { BURN_US = LOOP_SLOW_US * 13 };

static void burn(struct loop *loop, void *arg)
{
    (void)loop;
    (void)arg;
    int64_t until_us = clock_thread_cpu_us() + BURN_US;
    while (clock_thread_cpu_us() < until_us) {
    }
}

static void wait_without_work(struct loop *loop, void *arg)
{
    (void)loop;
    (void)arg;
    (void)poll(NULL, 0, BURN_US / 1000);
}

/* The wait status of a child that runs `fn` on a loop. */
static int run_in_child(loop_fn fn, const char *slow_ok, bool works_first)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)freopen("/dev/null", "w", stderr);
        setenv("KLIEG_SLOW_OK", slow_ok, 1);
        struct loop *loop = NULL;
        if (loop_create(0, &loop) != ERR_OK)
            _exit(9);
        if (works_first)
            burn(loop, NULL); /* is no callback */
        loop_post(loop, fn, NULL);
        loop_post(loop, stop, NULL);
        loop_run(loop);
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status;
}

static void a_callback_that_computes_too_long_aborts(void)
{
    int status = run_in_child(burn, "", false);
#ifdef NDEBUG
    CHECK_EQ(0, status);
#else
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
    CHECK_EQ(0, run_in_child(burn, "1", false));
    CHECK_EQ(0, run_in_child(wait_without_work, "", true));
}

int main(void)
{
    RUN(a_callback_that_computes_too_long_aborts); /* first: it forks */
    RUN(posts_run_in_order);
    RUN(deferred_calls_come_at_the_end_of_the_turn);
    RUN(deferring_for_ever_starves_nobody);
    RUN(timers_fire_when_due_and_once);
    RUN(a_timer_stopped_by_one_due_before_it_does_not_fire);
    RUN(a_timer_that_restarts_itself_waits_for_the_next_turn);
    RUN(what_is_deferred_does_not_wait_for_io);
    RUN(a_timer_may_come_before_one_the_loop_waits_for);
    RUN(now_stands_still_within_a_turn_only);
    RUN(posts_of_each_thread_arrive_in_its_order);
    RUN(posts_left_over_run_when_the_loop_is_destroyed);
    RUN(the_index_is_kept);
    RUN(work_is_bounded_and_comes_back);
    RUN(done_comes_after_stop_too);
    return check_report();
}
