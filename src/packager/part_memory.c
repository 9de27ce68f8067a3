#include "packager/part_memory.h"

#include "base/mem.h"

/* Stands before the bytes. */
struct block {
    struct metrics *metrics;
    uint8_t bytes[];
};

static void release(struct chunk *chunk)
{
    struct block *block = (struct block *)(void *)(chunk->at - offsetof(struct block, bytes));
    metrics_add(block->metrics, METRIC_PACKAGER_HELD_BYTES, -(int64_t)chunk->len);
    mem_free(block);
}

struct chunk *part_memory_create(struct metrics *metrics, size_t len)
{
    struct block *block = mem_alloc(sizeof(*block) + len);
    block->metrics = metrics;
    metrics_add(metrics, METRIC_PACKAGER_HELD_BYTES, (int64_t)len);
    return chunk_adopt(block->bytes, len, release);
}

size_t part_memory_stale(struct metrics *const *tables, size_t count)
{
    int64_t stale = metrics_sum(tables, count, METRIC_PACKAGER_HELD_BYTES) -
                    metrics_sum(tables, count, METRIC_PACKAGER_MEMORY_BYTES);
    return stale > 0 ? (size_t)stale : 0;
}
