/*
 * Ref-counted bytes, immutable once shared: media payloads, response bodies, encoded chat frames.
 *
 * The creator may write until the first time another holder can see the chunk. References may be
 * taken and dropped on any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk {
    uint8_t *at;
    size_t len;
    /* Frees what `at` points to; NULL when the bytes stand in the same block as this struct. */
    void (*release)(struct chunk *);
    atomic_uint refs;
};

/* One reference, owned by the caller; the bytes are not initialised. */
struct chunk *chunk_create(size_t len);

/* As chunk_create(), for a length a peer chose: NULL when there is no memory. */
struct chunk *chunk_try_create(size_t len);

/* Makes a chunk of chunk_try_create() that nobody else holds longer, keeping its bytes; it may
 * move. False, and unchanged, when there is no memory. */
bool chunk_try_grow(struct chunk **, size_t len);

struct chunk *chunk_copy(const void *bytes, size_t len);

/* Takes over `at`, which `release` will free (it may be NULL for bytes that live for ever). */
struct chunk *chunk_adopt(uint8_t *at, size_t len, void (*release)(struct chunk *));

struct chunk *chunk_ref(struct chunk *);

/* Drops the caller's reference and clears its pointer; a NULL inside is fine. */
void chunk_unref(struct chunk **);
