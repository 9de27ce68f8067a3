/*
 * Incoming chunk stream: bytes in, messages out (media spec §1.3; RTMP 1.0 §5.3).
 *
 * Set Chunk Size and Abort are obeyed here and never come out. Memory follows what has arrived, not
 * what a header promises, and what headers promise is bounded as well (IN-14).
 */
#pragma once

#include "base/err.h"
#include "base/reader.h"
#include "proto/rtmp/rtmp_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RTMP_MAX_CHUNK_STREAMS = 16,
    RTMP_MAX_PARTIAL = 8 << 20, /* bytes of all incomplete messages of a connection */
    RTMP_MAX_VIDEO = 4 << 20,   /* bytes of a message; aggregates too */
    RTMP_MAX_AUDIO = 64 << 10,
    RTMP_MAX_DATA = 64 << 10, /* also of types unknown */
    RTMP_MAX_COMMAND = 16 << 10,
    RTMP_MAX_CHUNK_HEADER = 3 + 11 + 4,
};

struct rtmp_chunk_stream {
    uint32_t id;
    struct rtmp_message message; /* being assembled; its payload is as large as what it has room
                                    for, NULL before the first byte */
    uint32_t delta;
    uint32_t len;              /* of the message */
    uint32_t received;         /* bytes of it */
    bool is_partial;           /* begun and incomplete */
    bool is_extended;          /* the last header had an extended timestamp */
    uint8_t extended_bytes[4]; /* it, as it stood there */
};

struct rtmp_chunk_reader {
    struct rtmp_chunk_stream streams[RTMP_MAX_CHUNK_STREAMS];
    size_t stream_count;
    uint32_t chunk_size;
    size_t partial_bytes; /* the lengths of all incomplete messages */

    struct rtmp_chunk_stream *current; /* its payload follows; NULL: a header does */
    uint32_t chunk_left;               /* payload bytes of the current chunk */
    uint8_t header[RTMP_MAX_CHUNK_HEADER];
    size_t header_len;
    /* Bytes that were held to be a repeated extended timestamp, and were payload (IN-10). */
    uint8_t returned[4];
    size_t returned_len;
};

void rtmp_chunk_reader_init(struct rtmp_chunk_reader *);
void rtmp_chunk_reader_finish(struct rtmp_chunk_reader *); /* drops what is incomplete */

/**
 * Take bytes from `input` up to the end of the next message.
 *
 * @return ERR_OK: `*out` is a message whose payload reference the caller owns. ERR_AGAIN: all of
 *         the input was taken. ERR_MALFORMED, ERR_LIMIT: the connection is lost; do not go on.
 */
MUST_USE enum err rtmp_chunk_reader_next(struct rtmp_chunk_reader *, struct reader *input,
                                         struct rtmp_message *out);
