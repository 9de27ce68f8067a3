/*
 * The header block of a request while nghttp2 decodes it: names and values are gathered in one
 * buffer, and turned into the head of a request at the end.
 */
#pragma once

#include "base/buf.h"
#include "proto/http/http1_head_reader.h"

struct http2_field {
    uint32_t at; /* the name, in the text; the value follows */
    uint32_t name_len;
    uint32_t value_len;
};

struct http2_block {
    struct buf text;
    struct http2_field fields[HTTP_MAX_HEADERS];
    size_t count;
    size_t size;     /* of all that came, what was not kept too */
    unsigned status; /* 414, 431: too much came; 0 */
    enum http_method method;
    bool expects_continue;
    bool has_host;
    uint64_t content_length;
    struct http2_field target; /* its value */
    struct http2_field authority;
    int64_t since_us;
};

/* `spare` is one that is used again, or NULL. */
struct http2_block *http2_block_create(const struct http1_limits *, int64_t now_us,
                                       struct http2_block *spare);
void http2_block_destroy(struct http2_block *);

/* One decoded field; pseudo-header fields too. nghttp2 has checked its form. */
void http2_block_put(struct http2_block *, const struct http1_limits *, struct str name,
                     struct str value);

/* `out` borrows from the block. */
void http2_block_head(const struct http2_block *, struct http1_head *out);
