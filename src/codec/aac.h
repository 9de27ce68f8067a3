/*
 * AAC configuration: AudioSpecificConfig (ISO 14496-3 §1.6.2.1) and ADTS headers (§1.A.2.2).
 *
 * Pure functions over bytes from a peer; nothing is kept.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AAC_MAX_CONFIG = 64, /* bytes of an AudioSpecificConfig */
    AAC_CODEC_LEN = sizeof("mp4a.40.29") - 1,
};

struct aac_info {
    uint8_t object_type;    /* 2 (LC), 5 (SBR) or 29 (PS) */
    uint32_t sample_rate;   /* of the samples as stored: the track's timescale */
    uint32_t output_rate;   /* with SBR the extension rate, else equal to sample_rate */
    uint8_t channels;       /* 1 or 2 */
    uint16_t frame_samples; /* 1024, or 960 with frameLengthFlag */
};

/**
 * @return ERR_OK; ERR_MALFORMED; ERR_UNSUPPORTED for other object types, a program config element
 *         (channels 0), more than 2 channels or a rate outside 8-48 kHz. `*out` is untouched on
 *         failure.
 */
MUST_USE enum err aac_config_read(const uint8_t *bytes, size_t len, struct aac_info *out);

/* RFC 6381: mp4a.40.<object type>, NUL-terminated. */
void aac_codec_string(const struct aac_info *, char out[AAC_CODEC_LEN + 1]);

/* The raw frame inside an ADTS frame whose header matches `frame`'s length, else `frame` itself:
 * some encoders leave the header on. */
struct str aac_strip_adts(struct str frame);
