/*
 * A session's clock and the repair of a sender's time stamps (media spec §0.3, §1.10).
 *
 * Whatever stamps come in, what goes out rises strictly within a track, never repeats within the
 * session, and is cut into generations where the sender's clock jumped. Pure; `now_us` is
 * monotonic. 64-bit ticks throughout.
 */
#pragma once

#include "media/cadence.h"
#include "media/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum timeline_verdict {
    TIMELINE_KEEP,
    TIMELINE_START, /* keep: the first access unit of a new generation */
    TIMELINE_DROP,
    TIMELINE_JUMP, /* drop: the clock jumped; the next IDR starts a new generation */
};

struct timeline_stamp {
    int64_t dts; /* video: ticks; audio: samples */
    int32_t cts; /* ticks */
};

struct timeline_counters {
    uint64_t dts_repaired;
    uint64_t cts_refused; /* beyond 5 s, taken as 0 */
    uint64_t jumps;
    uint64_t dropped;
    uint64_t audio_gap_ms;
};

enum { TIMELINE_REORDER_WINDOW = 32, TIMELINE_STEP_WINDOW = 16 };

struct timeline_input { /* a track's u32 milliseconds, unwrapped */
    bool is_seen;
    uint32_t raw;
    int64_t ms;
};

struct timeline {
    struct timeline_input input[TRACK_KINDS];
    bool is_armed; /* the next IDR starts a generation */
    bool has_run;
    int64_t start;                       /* of the generation */
    int64_t started_us;                  /* when its first access unit came */
    int64_t newest_time;                 /* of the access unit that came last */
    int64_t newest_us;                   /* when it came */
    int64_t first_ms;                    /* of its first video */
    int64_t video_offset;                /* t = ms * 90 + offset */
    int64_t video_dts;                   /* last one put out */
    int64_t steps[TIMELINE_STEP_WINDOW]; /* last distances of video_dts */
    size_t step_count;
    struct cadence cadence;
    bool has_audio;
    bool is_overlapping; /* audio frames are dropped until the tags have caught up */
    int64_t audio_offset;
    int64_t audio_next; /* samples */
    uint32_t audio_rate;
    int64_t pts[TIMELINE_REORDER_WINDOW]; /* since the last IDR */
    size_t pts_count;
    struct timeline_counters counters;
    int64_t minute_us; /* start of the minute in which repairs are counted */
    uint64_t repaired_before;
    bool is_odd; /* something for timeline_complains() */
    int64_t complained_us;
};

void timeline_init(struct timeline *);

/* The next IDR starts a generation: the publisher is another one, or the configuration changed. */
void timeline_arm(struct timeline *);

/* Another publisher's clock has nothing to do with the last one's. Arms, too. */
void timeline_change_sender(struct timeline *);

struct timeline_video {
    uint32_t timestamp_ms; /* as in the message */
    int32_t cts_ms;
    bool is_idr;
    uint32_t fps_num, fps_den; /* what the bitstream says, or 0:0; used when a generation starts */
};

enum timeline_verdict timeline_put_video(struct timeline *, const struct timeline_video *,
                                         int64_t now_us, struct timeline_stamp *out);

struct timeline_audio {
    uint32_t timestamp_ms;
    uint32_t sample_rate;
    uint32_t samples; /* in the frame */
};

enum timeline_verdict timeline_put_audio(struct timeline *, const struct timeline_audio *,
                                         int64_t now_us, struct timeline_stamp *out);

/* Whether the owner should hear about odd time stamps (media rule IN-37): true once a minute. */
bool timeline_complains(struct timeline *, int64_t now_us);
