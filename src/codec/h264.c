#include "codec/h264.h"

#include <assert.h>
#include <stdio.h>

enum {
    LENGTH_SIZE_AT = 4,     /* offset of lengthSizeMinusOne in the record */
    CONSTRAINT_SET3 = 0x10, /* level 11 with it means 1b in Baseline and Main (Annex A.3.1) */
    PROFILE_BASELINE = 66,
    PROFILE_MAIN = 77,
    LEVEL_1_1 = 11,
};

void h264_config_write(const uint8_t *bytes, size_t len, struct buf *out)
{
    assert(len > LENGTH_SIZE_AT);
    buf_put(out, bytes, LENGTH_SIZE_AT);
    buf_put_uint(out, bytes[LENGTH_SIZE_AT] | 3, 1);
    buf_put(out, bytes + LENGTH_SIZE_AT + 1, len - LENGTH_SIZE_AT - 1);
}

void h264_codec_string(const struct h264_info *info, char out[H264_CODEC_LEN + 1])
{
    (void)snprintf(out, H264_CODEC_LEN + 1, "avc1.%02X%02X%02X", info->profile_idc,
                   info->constraint_flags, info->level_idc); /* always fits */
}

const char *h264_profile_name(const struct h264_info *info)
{
    switch (info->profile_idc) {
    case PROFILE_BASELINE:
        return "Baseline";
    case PROFILE_MAIN:
        return "Main";
    default:
        return "High";
    }
}

void h264_level_name(const struct h264_info *info, char out[8])
{
    bool has_1b = info->profile_idc == PROFILE_BASELINE || info->profile_idc == PROFILE_MAIN;
    if (has_1b && info->level_idc == LEVEL_1_1 && (info->constraint_flags & CONSTRAINT_SET3) != 0)
        (void)snprintf(out, 8, "1b"); /* always fits */
    else
        (void)snprintf(out, 8, "%u.%u", info->level_idc / 10U, info->level_idc % 10U);
}
