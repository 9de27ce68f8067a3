/*
 * Initialisation sections of fragmented MP4 (ISO/IEC 14496-12:2022; avc1 of 14496-15, mp4a of
 * 14496-14), laid out byte for byte as media 2.3 says. Pure.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { FMP4_VIDEO_TRACK = 1, FMP4_AUDIO_TRACK = 2 };

struct fmp4_video {
    struct str avcc;        /* AVCDecoderConfigurationRecord, 4-byte NAL lengths */
    uint32_t width, height; /* luma samples after cropping, below 65536 */
    uint32_t sar_num, sar_den;
    bool has_colour; /* the SPS has a colour description */
    uint8_t colour_primaries, transfer_characteristics, matrix_coefficients;
    bool full_range;
};

struct fmp4_audio {
    struct str config; /* AudioSpecificConfig, at most 64 bytes */
    uint32_t sample_rate;
    uint8_t channels;
};

/* Without `video`: audio only; without `audio`: track 2 is absent. One of them may be NULL. */
void fmp4_write_init(const struct fmp4_video *video, const struct fmp4_audio *audio,
                     struct buf *out);
