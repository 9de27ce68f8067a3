/*
 * The layouts of Enhanced RTMP (media spec §1.9; Veovera Enhanced RTMP v2), which are recognised
 * so that an encoder that uses them is refused in words instead of being misread.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLV_MAX_MOD_EX = 4,  /* rounds of the ModEx prefix */
    FLV_MAX_TRACKS = 16, /* in one multitrack message */
};

/* The packet types of both kinds; their numbers on the wire. */
enum flv_enhanced_packet {
    FLV_SEQUENCE_START = 0,
    FLV_CODED_FRAMES = 1,
    FLV_SEQUENCE_END = 2,
    FLV_CODED_FRAMES_X = 3,         /* video: composition offset 0 */
    FLV_METADATA = 4,               /* video; audio: MultichannelConfig */
    FLV_MPEG2TS_SEQUENCE_START = 5, /* video */
};

struct flv_enhanced_track {
    uint32_t four_cc; /* big-endian characters: 'avc1' is 0x61766331 */
    uint8_t id;       /* 0 without multitrack */
    int32_t cts_ms;
    struct str data; /* borrows the body */
};

struct flv_enhanced {
    enum flv_enhanced_packet packet;
    bool is_command; /* video frame type 5: no tracks */
    bool is_multitrack;
    uint8_t frame_type;   /* video */
    uint32_t nanoseconds; /* ModEx offset of the timestamp, up to 999999 */
    size_t track_count;
    struct flv_enhanced_track tracks[FLV_MAX_TRACKS];
};

/* Whether the first byte announces the enhanced layout. */
bool flv_video_is_enhanced(struct str body);
bool flv_audio_is_enhanced(struct str body);

/**
 * @return ERR_OK; ERR_MALFORMED, also when the sizes of tracks do not tile the body;
 *         ERR_UNSUPPORTED for a FourCC the specification does not know; ERR_LIMIT. `*out` is
 *         untouched on failure.
 */
MUST_USE enum err flv_enhanced_video_read(struct str body, struct flv_enhanced *out);
MUST_USE enum err flv_enhanced_audio_read(struct str body, struct flv_enhanced *out);
