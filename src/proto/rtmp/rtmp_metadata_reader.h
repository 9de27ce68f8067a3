/*
 * What an encoder says about itself in onMetaData (media spec §1.7): hints only, each checked for
 * its range. The bitstream wins wherever it knows better.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RTMP_MAX_ENCODER = 128, /* characters; each takes up to four bytes */
};

/* A value that is missing, not finite or out of range is 0; so is one the encoder gave as 0. */
struct rtmp_metadata {
    uint32_t width, height; /* 16 to 8192 */
    double framerate;       /* 1 to 240 */
    uint32_t video_bps;     /* up to 10^8 */
    uint32_t audio_bps;     /* up to 10^8 */
    uint32_t audio_sample_rate;
    uint8_t audio_channels; /* 1 or 2 */
    /* `encoder`, else `metadatacreator`: UTF-8 without control characters, NUL-terminated. */
    char encoder[4 * RTMP_MAX_ENCODER + 1];
};

/**
 * Read the body of a data message: `@setDataFrame, "onMetaData", object` or `"onMetaData", object`,
 * the object being an AMF0 object or ECMA array, or an AMF3 object or array after the switch.
 *
 * @return ERR_OK; ERR_UNSUPPORTED when it is some other data message; ERR_MALFORMED or ERR_LIMIT
 *         (media spec §1.4). `*out` is untouched on failure.
 */
MUST_USE enum err rtmp_metadata_read(const uint8_t *bytes, size_t len, struct rtmp_metadata *out);
