/* Frames that are not yet in a part, in order of arrival, in one piece of memory. */
#pragma once

#include "media/frame.h"

#include <stddef.h>

struct frame_queue {
    struct frame **items;
    size_t first, count, cap;
    size_t bytes; /* of payload */
};

/* Zeroed is an empty queue. */
void frame_queue_push(struct frame_queue *, struct frame *); /* takes a reference */
void frame_queue_drop(struct frame_queue *, size_t count);   /* the oldest */
void frame_queue_finish(struct frame_queue *);

/* The `count` frames, oldest first; until the queue changes. */
struct frame **frame_queue_all(const struct frame_queue *);
