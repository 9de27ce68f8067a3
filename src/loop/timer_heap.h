/* A binary heap of timers, the one due first on top. Borrows the timers. */
#pragma once

#include "loop/loop.h"

#include <stddef.h>

struct timer_heap {
    struct loop_timer **at; /* from 1; the children of i are at 2i and 2i + 1 */
    size_t count;
    size_t cap;
};

void timer_heap_finish(struct timer_heap *); /* a zeroed heap is a valid, empty one */

void timer_heap_put(struct timer_heap *, struct loop_timer *);
void timer_heap_remove(struct timer_heap *, struct loop_timer *);

/* After `due_us` of a timer in the heap was changed. */
void timer_heap_moved(struct timer_heap *, struct loop_timer *);

static inline struct loop_timer *timer_heap_first(const struct timer_heap *heap)
{
    return heap->count > 0 ? heap->at[1] : NULL;
}
