#include "packager/part_memory.h"

#include "check.h"

#include <string.h>

static void it_counts_until_the_last_holder_lets_go(void)
{
    struct metrics *metrics = metrics_create();
    struct chunk *chunk = part_memory_create(metrics, 1000);
    memset(chunk->at, 7, chunk->len);
    struct chunk *reader = chunk_ref(chunk);
    CHECK_EQ(1000, part_memory_stale(&metrics, 1));
    metrics_add(metrics, METRIC_PACKAGER_MEMORY_BYTES, 1000); /* it is in a list */
    CHECK_EQ(0, part_memory_stale(&metrics, 1));
    metrics_add(metrics, METRIC_PACKAGER_MEMORY_BYTES, -1000);
    chunk_unref(&chunk);
    CHECK_EQ(1000, part_memory_stale(&metrics, 1));
    CHECK_EQ(7, reader->at[999]);
    chunk_unref(&reader);
    CHECK_EQ(0, part_memory_stale(&metrics, 1));
    metrics_add(metrics, METRIC_PACKAGER_MEMORY_BYTES, 5); /* init sections are only listed */
    CHECK_EQ(0, part_memory_stale(&metrics, 1));
    metrics_destroy(metrics);
}

static void without_metrics_it_is_only_memory(void)
{
    struct chunk *chunk = part_memory_create(NULL, 0);
    CHECK_EQ(0, chunk->len);
    chunk_unref(&chunk);
}

int main(void)
{
    RUN(it_counts_until_the_last_holder_lets_go);
    RUN(without_metrics_it_is_only_memory);
    return check_report();
}
