/* Fields a client negotiates with: Accept-Encoding, If-None-Match (RFC 9110 §12.5.3, §13.1.2). */
#pragma once

#include "proto/http/http.h"

/* Bits of enum http_coding; what is malformed accepts nothing. */
unsigned http_accept_encoding_read(struct str value);

/* Does the list name the tag, or is it `*`? Weak comparison. */
bool http_if_none_match_has(struct str value, struct str etag);
