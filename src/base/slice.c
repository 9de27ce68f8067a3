#include "base/slice.h"

struct slice slice_of(struct chunk *chunk)
{
    return (struct slice){.chunk = chunk, .at = chunk->at, .len = chunk->len};
}

struct slice slice_static(const void *bytes, size_t len)
{
    return (struct slice){.chunk = NULL, .at = bytes, .len = len};
}

struct slice slice_ref(struct slice slice)
{
    if (slice.chunk != NULL)
        (void)chunk_ref(slice.chunk); /* the same pointer */
    return slice;
}

void slice_unref(struct slice *slice)
{
    chunk_unref(&slice->chunk);
    *slice = (struct slice){0};
}
