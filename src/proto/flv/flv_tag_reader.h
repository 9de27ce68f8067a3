/*
 * The bodies of FLV audio and video tags, which are RTMP's audio and video messages (media spec
 * §1.8; Adobe Video File Format 10.1, annex E.4.2 and E.4.3).
 *
 * Pure functions; they look at the header only and allocate nothing.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum flv_packet {
    FLV_CONFIG, /* a decoder configuration record or AudioSpecificConfig */
    FLV_MEDIA,  /* NAL units of one access unit, or a raw AAC frame */
    FLV_END,    /* of the sequence: nothing to do */
    FLV_OTHER,  /* commands and other messages without media: ignore */
};

struct flv_tag {
    enum flv_packet packet;
    size_t header_len; /* the data are the rest of the body */
    int32_t cts_ms;    /* video media: composition offset, -2^23 to 2^23-1; else 0 */
};

/**
 * @return ERR_OK for AVC; ERR_UNSUPPORTED for another codec, and for every well-formed Enhanced
 *         RTMP body ("Video must be H.264."); ERR_MALFORMED. `*out` is untouched on failure.
 */
MUST_USE enum err flv_video_read(struct str body, struct flv_tag *out);

/* As flv_video_read(), for AAC. */
MUST_USE enum err flv_audio_read(struct str body, struct flv_tag *out);
