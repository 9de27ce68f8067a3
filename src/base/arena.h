/*
 * Memory that goes all at once: a request, a message, the render of a playlist.
 *
 * Nothing is freed piecemeal, so code that works in an arena has no clean-up. Not for threads to
 * share.
 */
#pragma once

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_block *blocks;
    size_t block_size; /* of ordinary blocks; larger requests get one of their own */
};

void arena_init(struct arena *, size_t block_size);
void arena_finish(struct arena *);

/* Frees all but the first block, for use by the next request. */
void arena_reset(struct arena *);

/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *, size_t size);

/* NUL-terminated, so that `.at` also serves as a C string. */
struct str arena_copy(struct arena *, struct str);
struct str arena_printf(struct arena *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
