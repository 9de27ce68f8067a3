/*
 * Limits that hold across nodes and restarts (API contract §1.7, marked †): a window that begins
 * with the first event, and a lock once its events are used up.
 */
#pragma once

#include "store/store.h"

struct store_throttle {
    struct str key; /* "sign-in:<user id>" */
    int64_t count;  /* events in a window; 0: unlimited */
    int64_t window_s;
    int64_t lock_s; /* after the last of them; 0: until the window ends */
    int64_t now_us;
};

/* Counts an event, unless it is locked: then ERR_LIMIT, and after how many seconds it is not. */
MUST_USE enum err store_throttle_count(struct store *, const struct store_throttle *,
                                       unsigned *out_wait_s);

/* Only looks. ERR_LIMIT as above. */
MUST_USE enum err store_throttle_check(struct store *, const struct store_throttle *,
                                       unsigned *out_wait_s);

MUST_USE enum err store_throttle_clear(struct store *, struct str key);

/* Forgets the windows that ended before. */
MUST_USE enum err store_throttles_purge(struct store *, int64_t before_us);
