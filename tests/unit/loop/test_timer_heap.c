#include "loop/timer_heap.h"

#include "base/random.h"
#include "check.h"

enum { COUNT = 300 };

/* What makes it a heap: no timer is due before its parent, and each knows its place. */
static void check_heap(const struct timer_heap *heap)
{
    for (size_t i = 1; i <= heap->count; i++) {
        CHECK_EQ(i, heap->at[i]->heap_place);
        CHECK(i == 1 || heap->at[i / 2]->due_us <= heap->at[i]->due_us);
    }
}

static void an_empty_heap_has_no_first(void)
{
    struct timer_heap heap = {0};
    struct loop_timer timer = {.due_us = 5};
    CHECK(timer_heap_first(&heap) == NULL);
    timer_heap_put(&heap, &timer);
    CHECK(timer_heap_first(&heap) == &timer);
    timer_heap_remove(&heap, &timer);
    CHECK(timer_heap_first(&heap) == NULL);
    CHECK_EQ(0, timer.heap_place);
    timer_heap_finish(&heap);
}

static void timers_come_out_in_order(void)
{
    struct timer_heap heap = {0};
    struct loop_timer timers[COUNT] = {0};
    struct random random = random_seeded(1);
    for (size_t i = 0; i < COUNT; i++) {
        timers[i].due_us = random_below(&random, 100); /* many are equal */
        timer_heap_put(&heap, &timers[i]);
        check_heap(&heap);
    }
    int64_t last_us = 0;
    for (size_t i = 0; i < COUNT; i++) {
        struct loop_timer *first = timer_heap_first(&heap);
        CHECK(first->due_us >= last_us);
        last_us = first->due_us;
        timer_heap_remove(&heap, first);
        check_heap(&heap);
    }
    CHECK_EQ(0, heap.count);
    timer_heap_finish(&heap);
}

static void any_timer_may_move_or_leave(void)
{
    struct timer_heap heap = {0};
    struct loop_timer timers[COUNT] = {0};
    struct random random = random_seeded(2);
    for (size_t i = 0; i < COUNT; i++) {
        timers[i].due_us = random_below(&random, 10000);
        timer_heap_put(&heap, &timers[i]);
    }
    size_t expected = COUNT;
    for (size_t i = 0; i < (size_t)COUNT * 4; i++) {
        struct loop_timer *timer = &timers[random_below(&random, COUNT)];
        if (timer->heap_place == 0)
            continue;
        if (random_below(&random, 4) == 0) {
            timer_heap_remove(&heap, timer);
            CHECK_EQ(0, timer->heap_place);
            CHECK_EQ(--expected, heap.count);
        } else {
            timer->due_us = random_below(&random, 10000);
            timer_heap_moved(&heap, timer);
        }
        check_heap(&heap);
    }
    timer_heap_finish(&heap);
}

int main(void)
{
    RUN(an_empty_heap_has_no_first);
    RUN(timers_come_out_in_order);
    RUN(any_timer_may_move_or_leave);
    return check_report();
}
