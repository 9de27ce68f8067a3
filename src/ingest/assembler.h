/*
 * Access units out of what one publisher sends (media spec §1.8): keeps the codec configurations,
 * normalises NAL units in place, drops what nobody could decode. Pure but for memory.
 */
#pragma once

#include "base/slice.h"
#include "media/track.h"

#include <stdbool.h>
#include <stdint.h>

struct assembler {
    struct video_track video; /* avcc NULL: no configuration yet */
    struct audio_track audio; /* config NULL: likewise */
    bool is_changed;          /* a configuration came that no keyframe has followed */
    bool holds_video;         /* it was a video configuration */
    bool holds_audio;         /* or one for audio */
    bool has_video;           /* a video access unit was kept */
    int64_t audio_since_us;   /* of the first audio message; 0: none */
    uint64_t dropped;         /* messages and access units */
};

void assembler_init(struct assembler *);
void assembler_finish(struct assembler *);

struct assembler_message {
    enum track_kind kind;
    uint32_t timestamp_ms;
    struct slice body; /* the FLV tag body, whose bytes may be rewritten */
};

struct assembler_unit {
    enum track_kind kind;
    uint32_t timestamp_ms;
    int32_t cts_ms;
    bool is_idr;
    bool is_new_config;   /* an IDR that needs a new generation */
    uint32_t samples;     /* audio */
    struct slice payload; /* holds a reference: the caller's */
};

enum assembler_result {
    ASSEMBLER_NOTHING,
    ASSEMBLER_UNIT,
    ASSEMBLER_FATAL, /* this encoder cannot be served */
};

/* FATAL: `*out_reason` is a static sentence for the encoder. */
enum assembler_result assembler_put(struct assembler *, const struct assembler_message *,
                                    int64_t now_us, struct assembler_unit *out,
                                    const char **out_reason);
