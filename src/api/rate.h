/*
 * Token buckets of this node (API contract §1.7), shared by all loops: a table of atomic counters,
 * so that a client whose connections are spread over the loops has one budget.
 *
 * The table is bounded; when it is full, the bucket that is nearest to full goes.
 */
#pragma once

#include "http/request.h"

enum rate_class {
    RATE_DEFAULT, /* none of its own, only what every request takes: read or write */
    RATE_READ,
    RATE_WRITE,
    RATE_SIGN_IN, /* per address, as are the next three */
    RATE_REGISTER,
    RATE_MAIL,
    RATE_CODE,
    RATE_REFRESH, /* per session: by the handler */
    RATE_CLASSES,
};

struct rate_limit {
    int64_t count, seconds; /* tokens that come in so many seconds; 0 switches the limit off */
    int64_t burst;          /* at most saved up */
};

struct rate;

struct rate *rate_create(void);
void rate_destroy(struct rate *);

/* At once, any thread. */
void rate_set(struct rate *, enum rate_class, const struct rate_limit *);

/* Takes a token from the bucket of `key`. 0, or the whole seconds after which there will be one.
 * Any thread; `now_us` of the monotonic clock. */
unsigned rate_take(struct rate *, enum rate_class, struct str key, int64_t now_us);

/* By the client's address; IPv6 by its /64. */
unsigned rate_take_by_address(struct rate *, enum rate_class, const struct request *);
