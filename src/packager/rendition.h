/*
 * One rendition of a session: takes frames, keeps parts and segments (media 2.2 to 2.4, 2.8).
 *
 * It knows no source, loop or snapshot of others; its packager feeds it and publishes what it has.
 * Until rendition_fix() has set the part target, frames only pile up: they are the first segment.
 */
#pragma once

#include "media/epoch.h"
#include "media/generation.h"
#include "packager/frame_queue.h"
#include "packager/part_builder.h"
#include "packager/part_cutter.h"
#include "packager/published.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RENDITION_MAX_CLOSED = 16,        /* parts that wait for their audio; more go without */
    RENDITION_MAX_EVENTS = 256,       /* that wait for their part; more push out the oldest */
    RENDITION_MAX_EARLY_AUDIO = 1024, /* frames ahead of the video; likewise */
};

/* A complete segment that is kept. */
struct rendition_segment {
    struct published_segment *segment; /* a reference */
    int64_t expires_us;                /* it left the list; fetchable until then. 0: listed */
    bool is_stored;                    /* in a file */
};

struct rendition {
    char id[PUBLISHED_RENDITION_MAX + 1];
    uint32_t target_duration; /* seconds */
    uint32_t part_target_ms;
    uint32_t frame_rate_milli; /* of the first segment, in frames per 1000 s; 0: not measured */
    uint32_t window;           /* complete segments in the list */
    bool is_fixed;
    struct part_cutter cutter;
    struct part_builder builder;

    struct generation *generation; /* a reference; NULL: none yet */
    struct epoch epoch;
    int64_t audio_floor; /* audio before it, in samples, is too late or precedes the video */
    int64_t audio_end;   /* media time up to which the generation's audio has come */
    int64_t video_newest;
    bool starts_generation; /* the next segment does */

    struct frame_queue video, audio;
    struct part_end *closed; /* parts that are not yet written */
    size_t closed_count, closed_cap;
    struct part_event events[RENDITION_MAX_EVENTS];
    size_t event_count;

    uint32_t sequence;              /* of the last part */
    int64_t last_arrived_us;        /* when its last frame came */
    uint64_t last_msn;              /* of the last complete segment */
    struct published_segment *open; /* NULL: no part of the next one yet. A reference */

    struct rendition_segment *segments; /* oldest first */
    size_t segment_count, segment_cap;
    size_t first_listed;
    uint64_t discontinuity_sequence;
    struct published_init *inits;
    size_t init_count;

    size_t part_bytes; /* in memory: of init sections, and parts whose segment is in no file */
    size_t file_bytes;
};

/* `metrics` may be NULL. */
void rendition_init(struct rendition *, uint32_t window, struct metrics *);
void rendition_finish(struct rendition *);

/* The first segment is complete: name and targets are fixed, and its frames, which all came, are
 * cut; `cut` is what boundary_next() said of the last one. */
void rendition_fix(struct rendition *, uint32_t target_duration, uint32_t part_ms, unsigned cut);

/* What comes next has another configuration or time base (HL-12). Flush before. */
void rendition_start(struct rendition *, struct generation *);

void rendition_video(struct rendition *, struct frame *, unsigned cut);
void rendition_audio(struct rendition *, struct frame *);
void rendition_event(struct rendition *, uint32_t id, int64_t time, struct slice payload);

/* Nothing follows, or something else does, not before `next` (media time; 0: not known): what is
 * pending becomes the last part, and the segment closes. Without rendition_fix() it is dropped. */
void rendition_flush(struct rendition *, int64_t next);

/**
 * Write the parts that are ready (HL-8): all that closed, if `is_flushing`.
 *
 * @param now_us   monotonic
 * @return how many were written; a segment that closed counts even without a new part
 */
size_t rendition_write(struct rendition *, bool is_flushing, int64_t now_us);

/* Bytes of media in memory (media 2.8). */
size_t rendition_memory(const struct rendition *);

/* How many of the oldest segments list no parts any more: they can go to files. */
size_t rendition_storable(const struct rendition *);

int64_t rendition_list_duration(const struct rendition *); /* of complete segments, 90 kHz */

/* Takes references for a snapshot. */
void rendition_publish(const struct rendition *, struct published_rendition *out);

/* The file of segment `stored` took the place of its parts; takes over the reference. */
void rendition_set_stored(struct rendition *, struct published_segment *stored);
