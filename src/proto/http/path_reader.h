/*
 * The path of a URL, cut into segments and each of these decoded once, so that an encoded slash
 * separates nothing (RFC 3986 §3.3).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "proto/http/http.h"

/**
 * Read a path that begins with a slash.
 *
 * @param out  segments borrow from `raw`, or from the arena if they had to be decoded
 * @return ERR_MALFORMED for a bad %XX, control characters, what is not UTF-8, and for the segments
 *         `.` and `..`, however they are written: clients resolve these themselves;
 *         ERR_NOT_FOUND for more than HTTP_MAX_SEGMENTS: nothing of ours is that deep
 */
MUST_USE enum err http_path_read(struct str raw, struct arena *, struct http_path *out);
