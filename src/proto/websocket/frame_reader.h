/*
 * WebSocket frames from a client (RFC 6455 §5), put together to messages.
 *
 * No extensions, so the reserved bits must be zero. Frames must be masked. Limits are those of
 * media rule SE-25; memory is held only while a message is incomplete.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

/* Status codes of close frames (RFC 6455 §7.4.1). */
enum {
    WEBSOCKET_CLOSE_NORMAL = 1000,
    WEBSOCKET_CLOSE_PROTOCOL = 1002,
    WEBSOCKET_CLOSE_NO_STATUS = 1005, /* never sent: the peer's close frame had none */
    WEBSOCKET_CLOSE_ABNORMAL = 1006,  /* never sent: there was no close frame */
    WEBSOCKET_CLOSE_DATA = 1007,
    WEBSOCKET_CLOSE_POLICY = 1008,
    WEBSOCKET_CLOSE_TOO_BIG = 1009,
};

enum { WEBSOCKET_MAX_CONTROL = 125 };

struct websocket_reader {
    struct buf message; /* its maximum is the largest message */
    unsigned max_fragments;
    unsigned close_code; /* after a failure: what to tell the peer */

    uint8_t head[14];
    uint8_t head_len;
    uint8_t message_opcode; /* of the message under way; 0 without one */
    unsigned fragments;
    uint64_t payload_len;
    uint64_t payload_read;
    uint8_t *control; /* payload of a control frame under way */
};

struct websocket_message {
    enum websocket_opcode opcode; /* never WEBSOCKET_CONTINUATION */
    struct str payload;           /* of a close frame: the reason */
    unsigned close_code;          /* of a close frame */
};

void websocket_reader_init(struct websocket_reader *, size_t max_message, unsigned max_fragments);
void websocket_reader_finish(struct websocket_reader *);

/**
 * Read on, up to the end of the next message or control frame. Moves `*bytes` past what it used.
 *
 * @param out  the payload is the reader's, until the next call
 * @return ERR_OK; ERR_AGAIN when all of `bytes` is used; ERR_MALFORMED and ERR_LIMIT: fail the
 *         connection with reader->close_code
 */
MUST_USE enum err websocket_read(struct websocket_reader *, struct str *bytes,
                                 struct websocket_message *out);
