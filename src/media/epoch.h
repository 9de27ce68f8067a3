/*
 * The wall clock of media time: PROGRAM-DATE-TIME(t) = E + t (media spec §0.3).
 *
 * E is set when a generation begins and stays, unless the server's clock and E + t were apart by
 * more than 500 ms for 30 s: then it slews toward the clock by at most 5 ms a segment. Pure.
 */
#pragma once

#include <stdint.h>

struct epoch {
    int64_t wall_us;  /* E: wall clock of media time 0 */
    int64_t error_us; /* clock - (E + newest t) */
    int64_t apart_us; /* monotonic: since when they are apart; 0: they are not */
};

/* E for a generation whose first access unit has media time `t` and arrives at `wall_us`. */
int64_t epoch_at(int64_t wall_us, int64_t t);

struct epoch epoch_start(int64_t epoch_wall_us);

/* Media with time `t` arrived. */
void epoch_observe(struct epoch *, int64_t t, int64_t wall_us, int64_t now_us);

/* A segment begins: E for it. */
int64_t epoch_next_segment(struct epoch *, int64_t now_us);
