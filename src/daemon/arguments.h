/* The command line: `klieg [OPTIONS] VERB [ARGUMENTS]`, options anywhere. Pure. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { ARGUMENTS_MAX_WORDS = 8, ARGUMENTS_MAX_SETTINGS = 64 };

/* Texts are borrowed from argv. */
struct arguments {
    const char *config; /* NULL: not given */
    const char *stage;
    const char *roles;
    const char *settings[ARGUMENTS_MAX_SETTINGS]; /* "section.key=value" */
    size_t setting_count;
    const char *words[ARGUMENTS_MAX_WORDS]; /* the verb and what follows it */
    size_t word_count;
    bool wants_help;
    bool wants_version;
    bool has_ended; /* `--` came: what follows are words */
};

/* `why` gets a sentence on ERR_MALFORMED. */
MUST_USE enum err arguments_read(int argc, char *const *argv, struct arguments *out,
                                 struct buf *why);
