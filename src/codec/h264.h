/*
 * H.264 configuration: AVCDecoderConfigurationRecord (ISO 14496-15 §5.3.3.1) and the fields of the
 * sequence parameter set that a player, a playlist or a limit needs (ITU-T H.264 §7.3.2.1.1, Annex
 * E).
 *
 * Pure functions over bytes from a peer; nothing is kept.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    H264_MAX_CONFIG = 8192,       /* bytes of an AVCDecoderConfigurationRecord */
    H264_MAX_PARAMETER_SETS = 32, /* of each kind */
    H264_CODEC_LEN = sizeof("avc1.640028") - 1,
};

struct h264_info {
    uint8_t profile_idc, constraint_flags, level_idc;
    uint8_t nal_length_size;   /* of the access units that go with the record: 1, 2 or 4 */
    uint32_t width, height;    /* luma samples after cropping */
    uint32_t sar_num, sar_den; /* sample aspect ratio; 1:1 when the SPS says nothing */
    uint32_t fps_num, fps_den; /* time_scale : 2 * num_units_in_tick; 0:0 when unknown */
    uint32_t max_reorder;      /* max_num_reorder_frames; 0 for POC type 2; 16 when unknown */
    bool has_colour;           /* colour_description_present_flag */
    uint8_t colour_primaries, transfer_characteristics, matrix_coefficients;
    bool full_range;
};

/**
 * Read a configuration record and its first SPS.
 *
 * @return ERR_OK; ERR_MALFORMED; ERR_UNSUPPORTED for a profile, chroma format or bit depth outside
 *         8-bit 4:2:0 of profiles 66, 77 and 100 or a level above 5.2; ERR_LIMIT for more than
 *         H264_MAX_CONFIG bytes or too many parameter sets. `*out` is untouched on failure.
 */
MUST_USE enum err h264_config_read(const uint8_t *bytes, size_t len, struct h264_info *out);

/* Puts the record again, byte for byte but with lengthSizeMinusOne = 3. `bytes` was read before. */
void h264_config_write(const uint8_t *bytes, size_t len, struct buf *out);

/* RFC 6381: avc1.PPCCLL in upper-case hex, NUL-terminated. */
void h264_codec_string(const struct h264_info *, char out[H264_CODEC_LEN + 1]);

/* "Baseline", "Main", "High" and "3.1", "1b"; static strings or `out`. */
const char *h264_profile_name(const struct h264_info *);
void h264_level_name(const struct h264_info *, char out[8]);

/* An access unit in a buffer of the caller's. */
struct h264_access_unit {
    uint8_t *at;
    size_t len;          /* bytes of it */
    size_t cap;          /* room at `at`, no less than len */
    bool is_idr;         /* out: a NAL unit of type 5 is present */
    bool has_parameters; /* out: SPS or PPS differ from the record's: new_config holds a new one */
};

/**
 * Rewrite an access unit in place to what is kept: 4-byte lengths and NAL types 1, 5 and 6 (media
 * spec §1.8: all others are dropped).
 *
 * With nal_length_size (1, 2 or 4) below 4 the result can be longer than the input. When SPS or PPS
 * differ from those in `config`, a record (empty: there is none yet), a record made of them is put
 * into `new_config` and `has_parameters` is set; a kind the access unit does not carry is taken
 * from `config`. Nothing kept gives ERR_OK and length 0.
 *
 * @return ERR_OK; ERR_MALFORMED when the lengths do not add up; ERR_LIMIT when `cap` or the maximum
 *         of new_config does not suffice. The access unit is unchanged on failure.
 */
MUST_USE enum err h264_access_unit_normalise(struct h264_access_unit *, uint8_t nal_length_size,
                                             struct str config, struct buf *new_config);
