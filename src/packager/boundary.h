/*
 * Where segments end (media rules HL-1 to HL-4). Pure; it looks at the source's video only and
 * tells every rendition, so that a media sequence number covers the same stretch in all of them.
 *
 * Times are decoding times in ticks of 90 kHz.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BOUNDARY_TIMESCALE = 90000 };

/* What a frame's arrival decides; both may hold: the frame before is then a segment of its own. */
enum boundary_cut {
    BOUNDARY_NONE = 0,
    BOUNDARY_HERE = 1,        /* a segment starts with this frame */
    BOUNDARY_BEFORE_LAST = 2, /* a segment started with the frame before this one */
};

struct boundary {
    uint32_t segment_ms;      /* the goal */
    uint32_t target_duration; /* seconds; 0 until the first segment has closed */
    bool has_segment;         /* `start` and `last` are valid */
    bool is_remainder;        /* the segment follows a forced cut: the next IDR closes it */
    int64_t start, last;
    int64_t last_key;
    int64_t longest_gap; /* between IDRs of the first segment; 0: there was no second one */
};

void boundary_init(struct boundary *, uint32_t segment_ms);

/* `period` is how long the frame will probably last. Returns a set of enum boundary_cut. Once it
 * reports the end of the first segment, target_duration is fixed for ever. */
unsigned boundary_next(struct boundary *, int64_t dts, bool is_key, int64_t period);

/* The segment was closed for another reason (media rule HL-12): the next frame starts one. */
void boundary_break(struct boundary *);
