/*
 * Who watches (media 2.12): a viewer is a playback id, or an address and user agent, that was seen
 * within the last 15 s; at most 20 per address count.
 *
 * An `audience` is the count of one session, shared by all loops and readable on any. The sightings
 * behind it are kept by an `audience_log`, one a loop: each address is on exactly one loop's, so
 * nobody is counted twice. Pure but for the counting; texts come as hashes.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    AUDIENCE_SEEN_US = 15000000,
    AUDIENCE_MAX_PER_ADDRESS = 20,
    AUDIENCE_MAX_ADDRESSES = 100000, /* in one log; more are not counted */
};

struct audience {
    atomic_uint refs;
    atomic_uint viewers; /* now */
};

struct audience *audience_create(void);
struct audience *audience_ref(struct audience *);
void audience_unref(struct audience **);
unsigned audience_count(const struct audience *); /* any thread */

struct audience_sighting {
    uint64_t address;    /* what counts as one: IPv4 whole, IPv6 by its /64 */
    uint64_t user_agent; /* a hash */
    uint64_t vid;        /* a hash of the playback id; 0: the player has none */
};

struct audience_log;

struct audience_log *audience_log_create(void);
void audience_log_destroy(struct audience_log *); /* its viewers are gone */

/* Players with an id are counted by it, and their requests without it are not counted again. */
void audience_saw(struct audience_log *, struct audience *, const struct audience_sighting *,
                  int64_t now_us);

/* Forgets who was not seen for too long; to be called every second or two. */
void audience_sweep(struct audience_log *, int64_t now_us);
