#include "packager/frame_queue.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum { FIRST_CAP = 32 };

struct frame **frame_queue_all(const struct frame_queue *queue)
{
    return queue->items != NULL ? queue->items + queue->first : NULL;
}

/* Room at the end: by moving up, when half of the memory is free at the front, or by growing. */
static void make_room(struct frame_queue *queue)
{
    if (queue->first + queue->count < queue->cap)
        return;
    if (queue->first < queue->cap / 2 || queue->cap == 0) {
        queue->cap = queue->cap == 0 ? FIRST_CAP : queue->cap * 2;
        queue->items = mem_grow(queue->items, queue->cap, sizeof(struct frame *));
    }
    if (queue->count > 0)
        memmove(queue->items, frame_queue_all(queue), queue->count * sizeof(struct frame *));
    queue->first = 0;
}

void frame_queue_push(struct frame_queue *queue, struct frame *frame)
{
    make_room(queue);
    queue->items[queue->first + queue->count++] = frame_ref(frame);
    queue->bytes += frame->payload.len;
}

void frame_queue_drop(struct frame_queue *queue, size_t count)
{
    assert(count <= queue->count);
    for (; count > 0; count--) {
        queue->bytes -= queue->items[queue->first]->payload.len;
        frame_unref(&queue->items[queue->first++]);
        queue->count--;
    }
}

void frame_queue_finish(struct frame_queue *queue)
{
    frame_queue_drop(queue, queue->count);
    mem_free(queue->items);
    *queue = (struct frame_queue){0};
}
