/*
 * Delivery directives (media rules HL-40 to HL-48): what a playlist or part request gets now. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct reload_state {
    uint64_t last_msn;       /* L: the last complete segment; 0: none */
    int64_t last_part;       /* P: index of the last part of segment L+1, or -1 */
    uint32_t last_count;     /* K(L): parts of segment L */
    uint32_t part_target_ms; /* 0: the session has no parts */
    bool ended;
};

enum reload_verdict {
    RELOAD_NEWEST, /* satisfied; what was asked for is at most one part old */
    RELOAD_OLD,    /* satisfied long since, or nothing was asked for */
    RELOAD_WAIT,
    RELOAD_BAD,   /* too far ahead, or blocking is not offered: 400 */
    RELOAD_NEVER, /* a part that will not come under this name: 404 */
};

/* `_HLS_msn` and `_HLS_part`; has_part only with has_msn. */
struct reload_query {
    bool has_msn, has_part;
    uint64_t msn, part;
};

enum reload_verdict reload_playlist(const struct reload_state *, const struct reload_query *);

/* A GET of a part that is not there: WAIT if it is the hinted one, else NEVER. */
enum reload_verdict reload_part(const struct reload_state *, uint64_t msn, uint64_t part);

/* Longest time to hold a request (HL-45), in microseconds. */
int64_t reload_hold_us(uint32_t target_duration, bool in_grace);
