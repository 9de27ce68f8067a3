/*
 * Health samples (media spec §1.15, api 6.1): one a second, folded into rows of 5 s. Pure.
 */
#pragma once

#include "domain/streams/intake.h"

#include <stdbool.h>
#include <stdint.h>

struct samples_series {
    double sum, min, max;
    int64_t count; /* 0: none came */
};

/* A row of period 5. */
struct samples_row {
    int64_t slot_us; /* wall clock, a multiple of 5 s */
    struct samples_series bitrate, framerate, keyframe_interval, viewers;
};

/* What one second was like. */
struct samples_second {
    double video_bps, audio_bps, framerate;
    double keyframe_interval; /* seconds; 0: no keyframe came */
    unsigned viewers;
};

struct samples {
    uint64_t video_bytes, audio_bytes, video_units, keys; /* totals a second ago */
    bool has_row;
    struct samples_row row; /* being filled */
    struct samples_second last;
};

void samples_init(struct samples *);

/* The second before `wall_us` is over. True: its 5 s slot was another than the row's, which is
 * complete and copied to `*out`. */
bool samples_step(struct samples *, const struct intake *, unsigned viewers, int64_t wall_us,
                  struct samples_row *out);

/* The session ended: the row begun, if there is one. */
bool samples_finish(struct samples *, struct samples_row *out);
