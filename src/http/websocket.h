/*
 * WebSocket connections (RFC 6455 version 13) over HTTP/1.1, without extensions (media rule SE-25).
 *
 * A message that goes to many is encoded once, with websocket_frame_write(), and the chunk sent to
 * each by reference.
 */
#pragma once

#include "http/request.h"

enum {
    WEBSOCKET_MAX_MESSAGE = 8 << 10, /* more closes with 1009 */
    WEBSOCKET_MAX_FRAGMENTS = 64,    /* of a message; more closes with 1008 */
    WEBSOCKET_MAX_QUEUE = 256 << 10, /* a slower reader is reset */
};

struct websocket;

struct websocket_ops {
    /* A whole message; `bytes` are valid during the call. Text is valid UTF-8. */
    void (*on_message)(struct websocket *, void *owner, bool is_text, struct str bytes);
    /* The last call. `code` is the peer's, or 1006 when there was no close frame. */
    void (*on_close)(struct websocket *, void *owner, unsigned code);
};

/**
 * Answer the handshake and take the connection over. Ends the request.
 *
 * @param protocol  to echo in Sec-WebSocket-Protocol; empty for none
 * @return NULL when this is no valid handshake: the request has been answered (400 or 426)
 */
struct websocket *websocket_accept(struct request *, struct str protocol,
                                   const struct websocket_ops *, void *owner);

/* One complete frame, as websocket_frame_write() made it. A reader too slow is reset, with
 * on_close at the end of this turn. */
void websocket_send(struct websocket *, struct slice frame);
void websocket_send_text(struct websocket *, struct str text);

/* Sends a close frame and closes; on_close follows, never inside this call. `code` 0: resets. */
void websocket_close(struct websocket *, unsigned code);
