/*
 * Each bucket is kept as the time at which it will be full again: one number, which needs no ticks.
 * A token moves it on by the interval in which one token comes; the bucket is empty when it lies a
 * burst ahead. (The generic cell rate algorithm.)
 *
 * A bucket that is full is no different from one that is not there, so its place may be taken. Two
 * loops that race for a place can lose one token of a stranger; nothing worse.
 */
#include "api/limiter.h"

#include "base/mem.h"
#include "base/random.h"

#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>

enum { PLACES = 1 << 16, PROBES = 8, MICROSECONDS = 1000000 };

struct bucket {
    atomic_uint_fast64_t key; /* hashed; 0: never used */
    atomic_int_fast64_t full_us;
};

struct setting {
    atomic_int_fast64_t interval_us; /* 0: off */
    atomic_int_fast64_t span_us;     /* of a burst */
};

struct limiter {
    struct setting settings[LIMITER_CLASSES];
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
    struct bucket buckets[PLACES];
};

struct limiter *limiter_create(void)
{
    struct limiter *limiter = mem_zalloc(1, sizeof(*limiter));
    random_fill(random_system(), limiter->hash_key, sizeof(limiter->hash_key));
    return limiter;
}

void limiter_destroy(struct limiter *limiter)
{
    mem_free(limiter);
}

void limiter_set(struct limiter *limiter, enum limiter_class class,
                 const struct limiter_limit *limit)
{
    int64_t interval_us = limit->count > 0 ? limit->seconds * MICROSECONDS / limit->count : 0;
    atomic_store(&limiter->settings[class].span_us, interval_us * limit->burst);
    atomic_store(&limiter->settings[class].interval_us, interval_us);
}

static uint64_t hash(const struct limiter *limiter, enum limiter_class class, struct str key)
{
    uint8_t input[1 + 64];
    uint64_t out = 0;
    assert(key.len < sizeof(input));
    size_t len = key.len < sizeof(input) ? key.len : sizeof(input) - 1;
    input[0] = (uint8_t) class;
    memcpy(input + 1, key.at, len);
    crypto_shorthash((uint8_t *)&out, input, 1 + len, limiter->hash_key);
    return out != 0 ? out : 1;
}

/* The bucket of the key, or the place for it: that which was full for longest. */
static struct bucket *find(struct limiter *limiter, uint64_t key)
{
    struct bucket *oldest = NULL;
    int64_t oldest_us = INT64_MAX;
    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *bucket = &limiter->buckets[(key + i) % PLACES];
        if (atomic_load(&bucket->key) == key)
            return bucket;
        int64_t full_us = atomic_load(&bucket->full_us);
        if (full_us < oldest_us) {
            oldest = bucket;
            oldest_us = full_us;
        }
    }
    atomic_store(&oldest->full_us, 0);
    atomic_store(&oldest->key, key);
    return oldest;
}

unsigned limiter_take(struct limiter *limiter, enum limiter_class class, struct str key,
                      int64_t now_us)
{
    int64_t interval_us = atomic_load(&limiter->settings[class].interval_us);
    if (interval_us == 0)
        return 0;
    int64_t latest_us = now_us + atomic_load(&limiter->settings[class].span_us);
    struct bucket *bucket = find(limiter, hash(limiter, class, key));
    int_fast64_t before_us = atomic_load(&bucket->full_us);
    int64_t after_us;
    do {
        after_us = (before_us > now_us ? before_us : now_us) + interval_us;
        if (after_us > latest_us)
            return (unsigned)((after_us - latest_us + MICROSECONDS - 1) / MICROSECONDS);
    } while (!atomic_compare_exchange_weak(&bucket->full_us, &before_us, after_us));
    return 0;
}

unsigned limiter_take_by_address(struct limiter *limiter, enum limiter_class class,
                                 const struct request *request)
{
    uint64_t address = request_client_key(request);
    struct str key = {(const char *)&address, sizeof(address)};
    return limiter_take(limiter, class, key, loop_now_us(request->loop));
}
