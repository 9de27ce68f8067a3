/*
 * Who watches (media 2.12): a viewer is a playback id, or an address and user agent, that was seen
 * within the last 15 s; at most 20 per address count.
 *
 * An `audience` is the count of one session, shared by all loops and readable on any. The sightings
 * behind it are kept by an `audience_log`, one a loop: each address is on exactly one loop's, so
 * nobody is counted twice.
 */
#pragma once

#include "base/str.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    AUDIENCE_SEEN_US = 15000000,
    AUDIENCE_MAX_PER_ADDRESS = 20,
    AUDIENCE_MAX_ADDRESSES = 200000, /* in one log; more are not counted */
    AUDIENCE_VID_LEN = 22,           /* base64url characters of a playback id */
};

struct audience {
    atomic_uint refs;
    atomic_uint viewers; /* now */
};

struct audience *audience_create(void);
struct audience *audience_ref(struct audience *);
void audience_unref(struct audience **);
unsigned audience_count(const struct audience *); /* any thread */
