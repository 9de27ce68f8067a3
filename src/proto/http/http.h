/*
 * What all of HTTP shares: methods, headers, parsed conditions. RFC 9110, RFC 9112.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER, /* a token we do not know: no route serves it */
};

enum {
    HTTP_MAX_HEADERS = 100,
    HTTP_MAX_SEGMENTS = 12, /* of a path; ours have 7 at most */
};

struct http_header {
    struct str name; /* of requests in any case; of replies a literal in lower case */
    struct str value;
};

/* Content codings a client accepts (RFC 9110 §12.5.3), as bits. */
enum http_coding {
    HTTP_IDENTITY = 0,
    HTTP_GZIP = 1,
    HTTP_BROTLI = 2,
};

/* A path's segments, each decoded once. `/` has none; a trailing slash adds none. */
struct http_path {
    struct str segments[HTTP_MAX_SEGMENTS];
    size_t count;
};

/* One byte range, as asked for (RFC 9110 §14.1.2). */
struct http_range {
    enum {
        HTTP_RANGE_NONE,   /* no Range, or one that is to be ignored */
        HTTP_RANGE_FROM,   /* first- and first-last: `first`, `last` (UINT64_MAX when open) */
        HTTP_RANGE_SUFFIX, /* -n: the last `last` bytes */
    } kind;
    uint64_t first;
    uint64_t last;
};
