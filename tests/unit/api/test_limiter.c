#include "api/limiter.h"

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static const int64_t second_us = 1000000;
static const int64_t start_us = 5000000000;

static struct limiter *limiter;

static void start(int64_t count, int64_t seconds, int64_t burst)
{
    limiter = limiter_create();
    limiter_set(limiter, LIMITER_READ, &(struct limiter_limit){count, seconds, burst});
}

static unsigned take(const char *key, int64_t after_us)
{
    return limiter_take(limiter, LIMITER_READ, str_of(key), start_us + after_us);
}

static void a_burst_passes_and_one_more_does_not(void)
{
    start(20, 1, 100);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(0, take("a", 0));
    CHECK_EQ(1, take("a", 0));
    CHECK_EQ(1, take("a", 49999));
    CHECK_EQ(0, take("a", 50000));
    CHECK_EQ(1, take("a", 50000));
    for (int i = 0; i < 20; i++)
        CHECK_EQ(0, take("a", 50000 + second_us));
    CHECK_EQ(1, take("a", 50000 + second_us));
    limiter_destroy(limiter);
}

static void no_more_than_a_burst_is_saved_up(void)
{
    start(2, 1, 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(0, take("a", 0));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(0, take("a", 3600 * second_us));
    CHECK_EQ(1, take("a", 3600 * second_us));
    limiter_destroy(limiter);
}

static void the_wait_is_told_in_whole_seconds_and_is_enough(void)
{
    start(10, 3600, 10);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(0, take("a", 0));
    CHECK_EQ(360, take("a", 0));
    CHECK_EQ(359, take("a", 1 * second_us));
    CHECK_EQ(360, take("a", second_us - 1));
    CHECK_EQ(1, take("a", 359 * second_us + 1));
    CHECK_EQ(0, take("a", 360 * second_us));
    limiter_destroy(limiter);
}

static void keys_and_classes_have_their_own_buckets(void)
{
    start(1, 60, 1);
    limiter_set(limiter, LIMITER_WRITE, &(struct limiter_limit){1, 60, 1});
    CHECK_EQ(0, take("a", 0));
    CHECK_EQ(60, take("a", 0));
    CHECK_EQ(0, take("b", 0));
    CHECK_EQ(0, limiter_take(limiter, LIMITER_WRITE, STR("a"), start_us));
    CHECK_EQ(60, limiter_take(limiter, LIMITER_WRITE, STR("a"), start_us));
    limiter_destroy(limiter);
}

static void zero_switches_a_limit_off_and_changes_count_at_once(void)
{
    start(0, 60, 1);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(0, take("a", 0));
    limiter_set(limiter, LIMITER_READ, &(struct limiter_limit){1, 60, 1});
    CHECK_EQ(0, take("a", 0));
    CHECK_EQ(60, take("a", 0));
    limiter_set(limiter, LIMITER_READ, &(struct limiter_limit){1, 60, 2});
    CHECK_EQ(0, take("a", 0));
    limiter_destroy(limiter);
}

static void many_strangers_do_not_give_the_one_who_took_most_a_new_budget(void)
{
    start(1, 3600, 10);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(0, take("a", 0));
    char key[16];
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(key, sizeof(key), "x%d", i);
        (void)take(key, 0);
    }
    CHECK(take("a", 0) > 0);
    limiter_destroy(limiter);
}

static atomic_uint passed;

static void *take_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        if (take("a", 0) == 0)
            atomic_fetch_add(&passed, 1);
    return NULL;
}

static void loops_share_one_budget(void)
{
    start(1, 60, 500);
    pthread_t threads[4];
    CHECK_EQ(0, take("a", 0)); /* has its place before they race */
    for (size_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, take_many, NULL);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(499, atomic_load(&passed));
    limiter_destroy(limiter);
}

int main(void)
{
    RUN(a_burst_passes_and_one_more_does_not);
    RUN(no_more_than_a_burst_is_saved_up);
    RUN(the_wait_is_told_in_whole_seconds_and_is_enough);
    RUN(keys_and_classes_have_their_own_buckets);
    RUN(zero_switches_a_limit_off_and_changes_count_at_once);
    RUN(many_strangers_do_not_give_the_one_who_took_most_a_new_budget);
    RUN(loops_share_one_budget);
    return check_report();
}
