/* The opening handshake of WebSocket, the server's side (RFC 6455 §4.2). */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { WEBSOCKET_ACCEPT_LEN = 28 };

/**
 * Sec-WebSocket-Accept for the client's Sec-WebSocket-Key; NUL-terminated.
 *
 * @return ERR_MALFORMED when the key is not the base64 of 16 bytes
 */
MUST_USE enum err websocket_accept_key(struct str key, char out[WEBSOCKET_ACCEPT_LEN + 1]);

/* The fields of a request that decide; `.at` NULL for one that is not there. */
struct websocket_handshake {
    struct str upgrade;
    struct str key;
    struct str version;
    bool is_upgrade_connection; /* Connection: upgrade */
    bool is_get;
};

/**
 * @return ERR_MALFORMED: no handshake; ERR_UNSUPPORTED: of another version (426, with
 *         Sec-WebSocket-Version: 13)
 */
MUST_USE enum err websocket_check_handshake(const struct websocket_handshake *,
                                            char out_accept[WEBSOCKET_ACCEPT_LEN + 1]);
