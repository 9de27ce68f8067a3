/*
 * Outgoing chunk stream (media rule IN-15): every message begins with a type 0 header, and goes on
 * with type 3 headers that repeat an extended timestamp. Little leaves a server that only takes
 * streams in, so nothing is compressed.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

enum {
    RTMP_OUT_CHUNK_SIZE = 4096, /* which the peer was told */
    RTMP_CONTROL_STREAM = 2,    /* chunk stream ids */
    RTMP_COMMAND_STREAM = 3,
};

struct rtmp_out_header {
    uint8_t chunk_stream; /* 2 to 63 */
    uint8_t type;
    uint32_t stream_id;
    uint32_t timestamp; /* ms */
};

void rtmp_chunk_write(struct buf *out, const struct rtmp_out_header *, struct str payload);
