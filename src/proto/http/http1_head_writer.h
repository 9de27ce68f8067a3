/* The head of an HTTP/1.1 response (RFC 9112 §4). */
#pragma once

#include "proto/http/http.h"

/* The words that go with a status; "" for those we never send. */
struct str http_reason(unsigned status);

/* Bytes that http1_head_write() will write. */
size_t http1_head_len(unsigned status, const struct http_header *, size_t count);

/* The status line, the fields in their order, the blank line. Names and values must be free of CR,
 * LF and NUL: they come from us, or passed a reader. Returns the end of what it wrote. */
uint8_t *http1_head_write(uint8_t *at, unsigned status, const struct http_header *, size_t count);
