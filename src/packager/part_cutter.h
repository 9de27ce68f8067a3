/*
 * Where parts end within segments, per rendition (media rules HL-5 to HL-7). Pure.
 *
 * A frame's duration is the start of the next one, so the last frame is always pending: what a
 * frame's arrival ends are parts of frames before it. Times are decoding times of 90 kHz.
 */
#pragma once

#include "packager/period.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PART_MAX_ENDS = 4 };

/* The oldest `frames` pending frames are a part that ends at `end`. With 0 frames it only closes
 * the segment, whose last part was ended before. */
struct part_end {
    size_t frames;
    int64_t end;
    bool closes_segment;
};

struct part_cutter {
    int64_t target; /* PART-TARGET in ticks; 0: the session has no parts, only segments */
    int64_t start;  /* of the part being filled */
    int64_t last;   /* the newest pending frame */
    size_t pending;
    struct period period;
};

/* PART-TARGET in milliseconds (HL-5), from how long each frame of the first segment lasts (at least
 * one frame); 0: they are too far apart for parts. */
uint32_t part_target_ms(const int64_t *steps, size_t count, uint32_t part_ms);

/* Frames per 1000 s, from the same; 0: not known. */
uint32_t part_frame_rate_milli(const int64_t *steps, size_t count);

void part_cutter_init(struct part_cutter *, uint32_t target_ms);

/* A frame came; `cut` is what boundary_next() said of it. Returns the number of ends. */
size_t part_cutter_next(struct part_cutter *, int64_t dts, unsigned cut,
                        struct part_end ends[PART_MAX_ENDS]);

/* Nothing follows, or something else does: ends all, the last frame lasting a period, or until
 * `next` if that comes sooner. */
size_t part_cutter_flush(struct part_cutter *, int64_t next, struct part_end ends[PART_MAX_ENDS]);
