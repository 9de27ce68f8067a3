/* Small questions about text that several modules ask. ASCII case rules only. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_is_utf8(struct str);

bool text_equal_nocase(struct str, struct str);

/* Decimal digits only, the whole string, at most `max`. ERR_MALFORMED otherwise. */
MUST_USE enum err text_read_uint(struct str, uint64_t max, uint64_t *out);

/* The part before the first `separator`; `*rest` is what follows it, or empty. */
struct str text_cut(struct str, char separator, struct str *rest);

struct str text_trim(struct str); /* spaces and tabs at both ends */

/* Lower-case hex and a NUL: `out` holds 2 * len + 1. */
void text_hex(const uint8_t *bytes, size_t len, char *out);

/* Constant time in the content, not in the length. */
bool text_equal_secret(struct str, struct str);
