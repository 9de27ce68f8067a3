/* A token bucket: so many a second, as many at once. Pure; `now_us` is monotonic. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    RATE_METADATA_A_SECOND = 5,        /* of a channel (media spec §3.1) */
    RATE_METADATA_NODE_A_SECOND = 155, /* of this node */
};

struct rate {
    uint32_t a_second;
    int64_t credit_us; /* a token costs 1 s / a_second of it */
    int64_t last_us;
};

struct rate rate_start(uint32_t a_second, int64_t now_us); /* full */
bool rate_take(struct rate *, int64_t now_us);
