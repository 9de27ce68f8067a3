/* What an HTTP/2 connection is about to send: frames as nghttp2 makes them, and pieces of bodies by
 * reference between them, given to the connection in one call. */
#pragma once

#include "http/inside.h"

enum { HTTP2_OUT_PIECES = 64 };

struct http2_out {
    struct http_server *server;
    struct conn *conn;
    struct slice pieces[HTTP2_OUT_PIECES]; /* with references */
    size_t count;
    size_t len; /* of what was put since the last flush, even if some of it has gone */
};

void http2_out_init(struct http2_out *, struct http_server *, struct conn *);
void http2_out_put(struct http2_out *, struct slice);
void http2_out_put_bytes(struct http2_out *, const uint8_t *bytes, size_t len); /* copied */
void http2_out_flush(struct http2_out *);
