/*
 * Parts: [emsg ...] moof mdat, laid out byte for byte as media 2.3 and 3.3 say (ISO/IEC
 * 14496-12:2022 §8.8; emsg version 1 of ISO/IEC 23009-1:2022 §5.10.3.3.3). Pure.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fmp4_sample {
    const uint8_t *bytes;
    uint32_t len;
    uint32_t duration; /* in the track's timescale */
    int32_t cts;       /* video: pts - dts */
    bool is_key;       /* video */
};

/* The samples of one track, in decoding order; count 0: the part has none of it. */
struct fmp4_run {
    int64_t dts; /* of the first sample, in the track's timescale */
    const struct fmp4_sample *samples;
    size_t count;
};

/* Timed metadata: an ID3 tag at a media time of 90 kHz. */
struct fmp4_event {
    int64_t time;
    uint32_t id;
    struct str tag;
};

struct fmp4_part {
    uint32_t sequence;
    struct fmp4_run video;
    struct fmp4_run audio;
    uint32_t audio_duration; /* of nearly all audio samples: 1024 or 960 */
    const struct fmp4_event *events;
    size_t event_count;
};

/* Bytes the part will have: below 16 MiB if the samples are. */
size_t fmp4_part_len(const struct fmp4_part *);

/* `out` has room for just as many. */
void fmp4_write_part(const struct fmp4_part *, uint8_t *out);
