/* RTMP messages as they stand on a chunk stream (RTMP 1.0 §5.4, §7.1). */
#pragma once

#include "base/chunk.h"

#include <stdint.h>

enum rtmp_message_type {
    RTMP_SET_CHUNK_SIZE = 1,
    RTMP_ABORT = 2,
    RTMP_ACKNOWLEDGEMENT = 3,
    RTMP_USER_CONTROL = 4,
    RTMP_WINDOW_SIZE = 5,
    RTMP_SET_PEER_BANDWIDTH = 6,
    RTMP_AUDIO_MESSAGE = 8,
    RTMP_VIDEO_MESSAGE = 9,
    RTMP_DATA_AMF3 = 15,
    RTMP_SHARED_OBJECT_AMF3 = 16,
    RTMP_COMMAND_AMF3 = 17,
    RTMP_DATA_AMF0 = 18,
    RTMP_SHARED_OBJECT_AMF0 = 19,
    RTMP_COMMAND_AMF0 = 20,
    RTMP_AGGREGATE = 22,
};

struct rtmp_message {
    uint8_t type; /* enum rtmp_message_type, or one we do not know */
    uint32_t stream_id;
    uint32_t timestamp;    /* ms modulo 2^32 */
    struct chunk *payload; /* one reference, the holder's */
};
