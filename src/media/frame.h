/*
 * An access unit: immutable, shared by reference from ingest to every subscriber.
 *
 * Media time: each session has one clock t in 90 kHz ticks that starts at MEDIA_START and never
 * runs backward (see timeline.h). Video stamps are ticks of it. Audio stamps are in samples at the
 * track's rate, on the same clock: t = dts * 90000 / sample_rate.
 */
#pragma once

#include "base/slice.h"
#include "media/generation.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { MEDIA_START = 900000 }; /* 10 s, so that no composition offset gives a negative time */

struct frame {
    atomic_uint refs;
    enum track_kind kind;
    bool is_key; /* video: an IDR picture is in it; audio: always */
    int64_t dts; /* in the track's timescale */
    int32_t cts; /* pts - dts, in the track's timescale; may be negative */
    uint32_t
        samples; /* audio: samples in the frame; video: 0, its duration is the next one's start */
    int64_t arrived_us;   /* monotonic clock at ingest */
    struct slice payload; /* video: AVCC, 4-byte NAL lengths; audio: raw AAC. Holds a reference */
    struct generation *generation; /* holds a reference */
};

/* Takes its own references on payload and generation; one reference for the caller. */
struct frame *frame_create(const struct frame *values);
struct frame *frame_ref(struct frame *);
void frame_unref(struct frame **);

/* Media time of a stamp of this frame's track, in 90 kHz ticks, rounded down. */
int64_t frame_time(const struct frame *, int64_t stamp);
