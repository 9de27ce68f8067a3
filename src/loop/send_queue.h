/* Slices on their way to a socket, in order. Holds a reference on each; empty, it holds no memory.
 */
#pragma once

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct send_queue {
    struct slice *at;
    uint32_t first; /* of the slices not yet sent */
    uint32_t count; /* behind the last */
    uint32_t cap;
    size_t len; /* bytes */
};

void send_queue_clear(struct send_queue *); /* a zeroed queue is a valid, empty one */

/* Takes references of its own. */
void send_queue_put(struct send_queue *, const struct slice *slices, size_t count);

/* The first bytes, as at most `max` pieces; returns how many. */
size_t send_queue_gather(const struct send_queue *, struct iovec *out, size_t max);

/* Removes the first `len` bytes, which must be there. */
void send_queue_consume(struct send_queue *, size_t len);
