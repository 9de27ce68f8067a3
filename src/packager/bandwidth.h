/*
 * BANDWIDTH and AVERAGE-BANDWIDTH of a source rendition (media 2.5), from what its segments
 * weighed. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BANDWIDTH_MAX_SEGMENTS = 64 };

struct bandwidth {
    struct {
        uint64_t bytes;
        int64_t duration;               /* 90 kHz */
    } segments[BANDWIDTH_MAX_SEGMENTS]; /* a ring */
    size_t count, next;
};

struct bandwidth_values {
    uint64_t average, peak; /* bits per second */
};

/* Zeroed is a valid start. Segments without duration are not counted. */
void bandwidth_add(struct bandwidth *, uint64_t bytes, int64_t duration);

/* `declared_bps` and `cap_bps` may be 0: not declared, not capped. */
struct bandwidth_values bandwidth_get(const struct bandwidth *, uint64_t declared_bps,
                                      uint64_t cap_bps, uint32_t target_duration);
