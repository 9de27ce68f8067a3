#include "base/chunk.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct chunk *init(struct chunk *chunk, uint8_t *at, size_t len)
{
    chunk->at = at;
    chunk->len = len;
    chunk->release = NULL;
    atomic_init(&chunk->refs, 1);
    return chunk;
}

struct chunk *chunk_try_create(size_t len)
{
    if (len > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    struct chunk *chunk = malloc(sizeof(struct chunk) + len);
    return chunk == NULL ? NULL : init(chunk, (uint8_t *)(chunk + 1), len);
}

bool chunk_try_grow(struct chunk **holder, size_t len)
{
    struct chunk *chunk = *holder;
    assert(chunk->release == NULL && len >= chunk->len);
    if (len > SIZE_MAX - sizeof(struct chunk))
        return false;
    /* In place or by moving pages where it can, so that a large one is not held twice. */
    chunk = realloc(chunk, sizeof(struct chunk) + len);
    if (chunk == NULL)
        return false;
    chunk->at = (uint8_t *)(chunk + 1);
    chunk->len = len;
    *holder = chunk;
    return true;
}

struct chunk *chunk_create(size_t len)
{
    struct chunk *chunk = mem_alloc(sizeof(struct chunk) + len);
    return init(chunk, (uint8_t *)(chunk + 1), len);
}

struct chunk *chunk_copy(const void *bytes, size_t len)
{
    struct chunk *chunk = chunk_create(len);
    if (len > 0)
        memcpy(chunk->at, bytes, len);
    return chunk;
}

static void release_nothing(struct chunk *chunk)
{
    (void)chunk; /* its bytes live for ever */
}

struct chunk *chunk_adopt(uint8_t *at, size_t len, void (*release)(struct chunk *))
{
    struct chunk *chunk = init(mem_alloc(sizeof(*chunk)), at, len);
    chunk->release = release != NULL ? release : release_nothing;
    return chunk;
}

struct chunk *chunk_ref(struct chunk *chunk)
{
    atomic_fetch_add_explicit(&chunk->refs, 1, memory_order_relaxed);
    return chunk;
}

void chunk_unref(struct chunk **holder)
{
    struct chunk *chunk = *holder;
    *holder = NULL;
    /* Release orders this holder's reads before the free; acquire makes the freeing thread see
     * them. */
    if (chunk == NULL || atomic_fetch_sub_explicit(&chunk->refs, 1, memory_order_acq_rel) > 1)
        return;
    if (chunk->release != NULL)
        chunk->release(chunk);
    mem_free(chunk);
}
