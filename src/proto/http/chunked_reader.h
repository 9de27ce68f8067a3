/* A body in chunked transfer coding (RFC 9112 §7.1). Extensions and trailers are skipped. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

enum { HTTP_CHUNKED_MAX_OVERHEAD = 1024 }; /* of one chunk's line, or of the trailers */

/* Zeroed at the start of a body. */
struct http_chunked {
    unsigned state; /* enum state of the .c file */
    unsigned overhead;
    unsigned digits;
    uint64_t left; /* of the chunk */
};

/**
 * Read on. Moves `*bytes` past what it used.
 *
 * @return ERR_OK with a piece of the body in `*out`, which borrows from `bytes`; ERR_AGAIN when all
 *         of `bytes` is used; ERR_END when the body is complete; ERR_MALFORMED
 */
MUST_USE enum err http_chunked_read(struct http_chunked *, struct str *bytes, struct str *out);
