/*
 * Memory of parts, counted for as long as anybody holds it: the list, or a reader that is slow
 * (media 2.8). Any thread.
 */
#pragma once

#include "base/chunk.h"
#include "metrics/metrics.h"

#include <stddef.h>

enum { PART_MEMORY_MAX_STALE = 32 << 20 }; /* bytes that only slow readers hold, per process */

/* As chunk_create(), counted in METRIC_PACKAGER_HELD_BYTES. `metrics` must outlive the chunk, and
 * may be NULL. */
struct chunk *part_memory_create(struct metrics *, size_t len);

/* Bytes of parts that are in no list any more and still held. */
size_t part_memory_stale(struct metrics *const *tables, size_t count);
