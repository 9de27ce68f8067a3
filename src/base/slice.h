/* A view of bytes in a chunk: what responses, frames and send queues are made of. */
#pragma once

#include "base/chunk.h"

#include <stddef.h>
#include <stdint.h>

/* `chunk` is NULL for bytes that outlive every holder (literals). */
struct slice {
    struct chunk *chunk;
    const uint8_t *at;
    size_t len;
};

/* The whole chunk as a slice; takes no reference. */
struct slice slice_of(struct chunk *);

/* Bytes of static storage. */
struct slice slice_static(const void *bytes, size_t len);

/* Take or drop the reference a slice holds on its chunk, if it has one. */
struct slice slice_ref(struct slice);
void slice_unref(struct slice *);
