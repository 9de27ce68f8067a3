/* Values of options: from JSON or text into the struct, and back. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/options.h"

#include <jansson.h>

/**
 * Checks a value and stores it.
 *
 * On failure `out` is as it was, and `why` says what is wrong and what is allowed.
 *
 * @param arena  where texts and lists go
 */
MUST_USE enum err options_set(const struct option *, const json_t *value, struct arena *arena,
                              struct options *out, struct buf *why);

/* As written in the environment: strings literally; numbers, booleans and objects as JSON; a list
 * as JSON or apart by commas. */
MUST_USE enum err options_set_text(const struct option *, struct str text, struct arena *arena,
                                   struct options *out, struct buf *why);

/* The default of a stage, which is valid. */
void options_set_default(const struct option *, struct str stage, struct arena *arena,
                         struct options *out);

/* New reference. */
json_t *options_get(const struct option *, const struct options *);

bool options_equal(const struct option *, const struct options *, const struct options *);

/* "a whole number from 6 to 60" */
void options_describe(const struct option *, struct buf *out);
