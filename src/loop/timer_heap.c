#include "loop/timer_heap.h"

#include "base/mem.h"

enum { FIRST_CAP = 64 };

void timer_heap_finish(struct timer_heap *heap)
{
    mem_free(heap->at);
    *heap = (struct timer_heap){0};
}

static void set(struct timer_heap *heap, size_t place, struct loop_timer *timer)
{
    heap->at[place] = timer;
    timer->heap_place = place;
}

static void sift_up(struct timer_heap *heap, struct loop_timer *timer)
{
    size_t place = timer->heap_place;
    while (place > 1 && timer->due_us < heap->at[place / 2]->due_us) {
        set(heap, place, heap->at[place / 2]);
        place /= 2;
    }
    set(heap, place, timer);
}

static void sift_down(struct timer_heap *heap, struct loop_timer *timer)
{
    size_t place = timer->heap_place;
    while (place * 2 <= heap->count) {
        size_t child = place * 2;
        if (child < heap->count && heap->at[child + 1]->due_us < heap->at[child]->due_us)
            child++;
        if (timer->due_us <= heap->at[child]->due_us)
            break;
        set(heap, place, heap->at[child]);
        place = child;
    }
    set(heap, place, timer);
}

void timer_heap_moved(struct timer_heap *heap, struct loop_timer *timer)
{
    sift_up(heap, timer);
    sift_down(heap, timer);
}

void timer_heap_put(struct timer_heap *heap, struct loop_timer *timer)
{
    if (heap->count + 1 >= heap->cap) {
        heap->cap = heap->cap > 0 ? heap->cap * 2 : FIRST_CAP;
        heap->at = mem_grow(heap->at, heap->cap, sizeof(struct loop_timer *));
    }
    set(heap, ++heap->count, timer);
    sift_up(heap, timer);
}

void timer_heap_remove(struct timer_heap *heap, struct loop_timer *timer)
{
    size_t place = timer->heap_place;
    struct loop_timer *last = heap->at[heap->count--];
    timer->heap_place = 0;
    if (last == timer)
        return;
    set(heap, place, last);
    timer_heap_moved(heap, last);
}
