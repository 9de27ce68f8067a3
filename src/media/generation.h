/*
 * A generation: a run of media with one set of codec configurations. Immutable once shared.
 */
#pragma once

#include "media/track.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct generation {
    atomic_uint refs;
    uint32_t number;       /* 0, 1, … within the session */
    int64_t wall_epoch_us; /* E: wall clock of media time 0, so PROGRAM-DATE-TIME(t) = E + t */
    int64_t start;         /* media time t at which it begins, 90 kHz */
    bool has_audio;
    struct video_track video;
    struct audio_track audio;
};

/* Zeroed, one reference. The creator fills it in before it shares it. */
struct generation *generation_create(void);
struct generation *generation_ref(struct generation *);
void generation_unref(struct generation **); /* drops avcc and config with the last reference */
