/*
 * The head of an HTTP/1.1 request: request line and header fields (RFC 9112 §2 to §7).
 *
 * Stricter than the RFC where leniency is what request smuggling lives on: lines end in CRLF and
 * nothing else, no folded lines, no space before the colon, one Content-Length at most and not
 * beside Transfer-Encoding, no coding but `chunked`, exactly one Host in HTTP/1.1.
 */
#pragma once

#include "base/err.h"
#include "proto/http/http.h"

struct http1_limits {
    size_t max_url;
    size_t max_head; /* header fields; the request line comes on top */
};

/* What is remembered of a head that has not come whole; zeroed at the start of each request. */
struct http1_head_reader {
    size_t seen;     /* so many bytes hold no end */
    unsigned status; /* why a head was refused: 400, 414, 431, 501, 505 */
};

struct http1_head {
    size_t len; /* bytes it took */
    enum http_method method;
    struct str path; /* begins with a slash, or is `*` */
    struct str query;
    bool is_http10;
    bool is_persistent; /* the connection may carry another request */
    bool is_upgrade;    /* Connection: upgrade */
    bool is_chunked;
    bool expects_continue;
    uint64_t content_length; /* 0 without one */
    size_t header_count;
    struct http_header headers[HTTP_MAX_HEADERS];
};

/**
 * Read the head at the start of `bytes`, of which all since the last call must still be there.
 *
 * @param out  borrows from `bytes`; on failure its content is undefined, so that it need not be
 *             copied: it is large
 * @return ERR_OK; ERR_AGAIN, it is not whole yet; ERR_MALFORMED, refuse it with reader->status and
 *         close, as where it ends is unknown
 */
MUST_USE enum err http1_head_read(struct http1_head_reader *, const struct http1_limits *,
                                  struct str bytes, struct http1_head *out);

/* The method a token stands for. */
enum http_method http_method_of(struct str token);
