/*
 * Every hour, what has had its time is deleted from the store: accounts that were never confirmed,
 * codes and tokens that expired, sessions that ended, throttles and names no longer held (API
 * contract §9, jobs 2 and 8). Several daemons on one database may do so at once.
 */
#pragma once

#include "loop/loop.h"
#include "store/store.h"

/* Embedded; outlives the loop. */
struct housekeeping {
    struct store *store;
    int64_t unverified_life_us;
    struct loop_timer timer;
};

/* On `loop`, or before it runs. */
void housekeeping_start(struct housekeeping *, struct loop *, struct store *,
                        int64_t unverified_after_hours);
