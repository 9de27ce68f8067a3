/*
 * A part's bytes from its frames and timed metadata: durations, gaps in the audio, ID3 tags. The
 * layout itself is fmp4's. Memory for samples is kept from part to part.
 */
#pragma once

#include "base/buf.h"
#include "media/frame.h"
#include "metrics/metrics.h"
#include "proto/fmp4/part_writer.h"

#include <stddef.h>
#include <stdint.h>

/* Timed metadata that waits for its part. */
struct part_event {
    uint32_t id;
    int64_t time;         /* media time */
    struct slice payload; /* UTF-8; holds a reference */
};

struct part_input {
    uint32_t sequence;
    int64_t end;                /* of the video: the last frame lasts until then */
    struct frame *const *video; /* at least one */
    size_t video_count;
    struct frame *const *audio; /* decoding times rise strictly */
    size_t audio_count;
    const struct part_event *events; /* those from before the part are given its start */
    size_t event_count;
};

struct part_builder {
    struct metrics *metrics;     /* may be NULL */
    struct fmp4_sample *samples; /* video, then audio */
    size_t sample_cap;
    struct fmp4_event *events;
    size_t event_cap;
    struct buf tags;
};

void part_builder_init(struct part_builder *, struct metrics *);
void part_builder_finish(struct part_builder *);

/* One chunk, the caller's, counted as part_memory.h says. */
struct chunk *part_build(struct part_builder *, const struct part_input *);
