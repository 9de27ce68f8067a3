/*
 * The query of a URL: pairs apart by `&`, form-encoded (WHATWG URL §5.1, as browsers send it).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct http_query_pair {
    struct str key; /* as sent, both of them */
    struct str value;
};

/* Takes the next pair off `*query`, skipping empty ones; false at the end. */
bool http_query_next(struct str *query, struct http_query_pair *out);

/**
 * Decode a key or value: `+` is a space, %XX a byte, once.
 *
 * @return ERR_MALFORMED for a bad %XX, for %00 and for what is not UTF-8 then
 */
MUST_USE enum err http_query_decode(struct str raw, struct arena *, struct str *out);

/**
 * The decoded value of the parameter `key`.
 *
 * @return ERR_NOT_FOUND; ERR_MALFORMED if it is there twice or cannot be decoded
 */
MUST_USE enum err http_query_find(struct str query, struct str key, struct arena *,
                                  struct str *out);
