/*
 * Growing bytes with a maximum. No buffer is born without one.
 *
 * A put that would pass the maximum changes nothing and marks the buffer failed, and it stays
 * failed; so a writer can put a whole structure and look at `failed` once, at the end.
 * Integers are big-endian.
 */
#pragma once

#include "base/chunk.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *at;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

void buf_init(struct buf *, size_t max);

/* Frees the bytes; a zeroed buf is fine. */
void buf_finish(struct buf *);

/* Empties it and clears `failed`, keeping the memory. */
void buf_clear(struct buf *);

void buf_put(struct buf *, const void *bytes, size_t len);
void buf_put_str(struct buf *, struct str);
void buf_put_cstr(struct buf *, const char *);
void buf_put_uint(struct buf *, uint64_t value, size_t width);
void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Overwrites `width` bytes at `offset`, which must have been put before. */
void buf_patch_uint(struct buf *, size_t offset, uint64_t value, size_t width);

/* Removes the first `len` bytes. */
void buf_consume(struct buf *, size_t len);

/* Room for `len` more bytes at buf.at + buf.len; NULL (and failed) past the maximum. The caller
 * adds to `len` what it wrote. */
uint8_t *buf_reserve(struct buf *, size_t len);

/* The bytes as a chunk, without copying; the buf is empty afterwards and may be used again. */
struct chunk *buf_take(struct buf *);

struct str buf_str(const struct buf *);
