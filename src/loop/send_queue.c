#include "loop/send_queue.h"

#include "base/mem.h"

#include <string.h>

enum { FIRST_CAP = 4 };

static void free_when_empty(struct send_queue *queue)
{
    if (queue->first < queue->count)
        return;
    mem_free(queue->at);
    *queue = (struct send_queue){0};
}

void send_queue_clear(struct send_queue *queue)
{
    while (queue->first < queue->count)
        slice_unref(&queue->at[queue->first++]);
    free_when_empty(queue);
}

static void make_room(struct send_queue *queue, size_t more)
{
    if (queue->count + more <= queue->cap)
        return;
    queue->count -= queue->first;
    if (queue->first > 0)
        memmove(queue->at, queue->at + queue->first, queue->count * sizeof(*queue->at));
    queue->first = 0;
    size_t cap = queue->cap > 0 ? queue->cap : FIRST_CAP;
    while (cap < queue->count + more || cap < (size_t)queue->count * 2)
        cap *= 2;
    queue->at = mem_grow(queue->at, cap, sizeof(*queue->at));
    queue->cap = (uint32_t)cap;
}

void send_queue_put(struct send_queue *queue, const struct slice *slices, size_t count)
{
    make_room(queue, count);
    for (size_t i = 0; i < count; i++) {
        if (slices[i].len == 0)
            continue;
        queue->at[queue->count++] = slice_ref(slices[i]);
        queue->len += slices[i].len;
    }
    free_when_empty(queue);
}

size_t send_queue_gather(const struct send_queue *queue, struct iovec *out, size_t max)
{
    size_t pieces = queue->count - queue->first;
    if (pieces > max)
        pieces = max;
    for (size_t i = 0; i < pieces; i++) {
        const struct slice *slice = &queue->at[queue->first + i];
        out[i].iov_base = (void *)(uintptr_t)slice->at; /* the system only reads */
        out[i].iov_len = slice->len;
    }
    return pieces;
}

void send_queue_consume(struct send_queue *queue, size_t len)
{
    queue->len -= len;
    while (len > 0) {
        struct slice *slice = &queue->at[queue->first];
        if (len < slice->len) {
            slice->at += len;
            slice->len -= len;
            return;
        }
        len -= slice->len;
        slice_unref(slice);
        queue->first++;
    }
    free_when_empty(queue);
}
