/*
 * Delivery directives in the query of a playlist request (draft-pantos-hls-rfc8216bis-22 §6.2.5,
 * media rules HL-40 and HL-47). Pure.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct m3u8_directives {
    bool has_msn, has_part; /* a part never comes without a msn */
    uint64_t msn, part;     /* at most 10 digits */
    bool skip;              /* a delta update will do */
};

/* `query` is what follows the `?`, raw. Other parameters are ignored. ERR_MALFORMED (400) leaves
 * `*out` untouched. */
MUST_USE enum err m3u8_read_directives(struct str query, struct m3u8_directives *out);
