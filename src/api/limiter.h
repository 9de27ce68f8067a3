/*
 * Token buckets of this node (API contract §1.7), shared by all loops: a table of atomic counters,
 * so that a client whose connections are spread over the loops has one budget.
 *
 * The table is bounded; when it is full, the bucket that is nearest to full goes.
 */
#pragma once

#include "http/request.h"

enum limiter_class {
    LIMITER_DEFAULT, /* none of its own, only what every request takes: read or write */
    LIMITER_READ,
    LIMITER_WRITE,
    LIMITER_SIGN_IN, /* per address, as are the next three */
    LIMITER_REGISTER,
    LIMITER_MAIL,
    LIMITER_CODE,
    LIMITER_REFRESH, /* per session: by the handler */
    LIMITER_CLASSES,
};

struct limiter_limit {
    int64_t count, seconds; /* tokens that come in so many seconds; 0 switches the limit off */
    int64_t burst;          /* at most saved up */
};

struct limiter;

struct limiter *limiter_create(void);
void limiter_destroy(struct limiter *);

/* At once, any thread. */
void limiter_set(struct limiter *, enum limiter_class, const struct limiter_limit *);

/* Takes a token from the bucket of `key`. 0, or the whole seconds after which there will be one.
 * Any thread; `now_us` of the monotonic clock. */
unsigned limiter_take(struct limiter *, enum limiter_class, struct str key, int64_t now_us);

/* By the client's address; IPv6 by its /64. */
unsigned limiter_take_by_address(struct limiter *, enum limiter_class, const struct request *);
