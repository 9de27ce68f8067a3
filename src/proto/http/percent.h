/* Percent-encoding (RFC 3986 §2.1). For this folder only. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* Decodes once into the arena; `+` becomes a space if `is_form`. ERR_MALFORMED for a bad %XX, for
 * NUL and for what is not UTF-8 then. */
MUST_USE enum err http_percent_decode(struct str raw, bool is_form, struct arena *,
                                      struct str *out);
