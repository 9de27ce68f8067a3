/* The Range field, one range of bytes (RFC 9110 §14). */
#pragma once

#include "base/str.h"
#include "proto/http/http.h"

/* HTTP_RANGE_NONE for other units, several ranges and malformed ones: all to be ignored. */
struct http_range http_range_read(struct str value);

/* Where the range lies in `size` bytes; false if nowhere (416). Not for HTTP_RANGE_NONE. */
bool http_range_resolve(const struct http_range *, uint64_t size, uint64_t *out_first,
                        uint64_t *out_len);
