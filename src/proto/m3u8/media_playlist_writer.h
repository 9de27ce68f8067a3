/*
 * Media playlists as text (draft-pantos-hls-rfc8216bis-22 §4, media rules HL-20 to HL-31).
 *
 * Pure: what is in the list is the caller's affair, except for two choices that follow from it:
 * which segments still list their parts (HL-24), and what a delta update skips (HL-47). Times are
 * ticks of 90 kHz on the session's clock; durations are differences of rounded times, so that
 * rounding errors never add up (HL-11).
 */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct m3u8_part {
    int64_t end;      /* its start is the end of the part before it, or the start of the segment */
    bool independent; /* its first video sample is an IDR */
};

struct m3u8_segment {
    uint64_t msn;
    int64_t start, end;
    int64_t wall_epoch_us; /* PROGRAM-DATE-TIME(t) = wall_epoch_us + t */
    uint32_t map;          /* number of its init section */
    bool discontinuity;    /* a generation starts with it */
    bool gap;              /* its bytes were lost (HL-28) */
    const struct m3u8_part *parts;
    size_t part_count;
};

/* Where another rendition of the same stream is (HL-26). */
struct m3u8_report {
    const char *rendition;
    uint64_t last_msn;
    size_t last_part;
    bool has_parts;
};

struct m3u8_media {
    uint32_t target_duration; /* seconds */
    uint32_t part_target_ms;  /* 0: no parts in this session */
    bool independent_segments;
    bool ended;
    uint64_t discontinuity_sequence;
    const struct m3u8_segment *const *segments; /* complete ones, oldest first; at least one */
    size_t segment_count;
    const struct m3u8_segment *open; /* the parts after them, end = that of the last; may be NULL */
    const struct m3u8_report *reports;
    size_t report_count;
};

/* How many segments at the front a delta update leaves out; 0: it is the full playlist. */
size_t m3u8_skippable(const struct m3u8_media *);

/* Index of the first complete segment that lists its parts; segment_count: none does. */
size_t m3u8_first_with_parts(const struct m3u8_media *);

/* The whole playlist, or its delta update. */
void m3u8_write_media(const struct m3u8_media *, bool delta, struct buf *out);
