/*
 * JSON bodies by tables (API contract §1.2): what a member is called, of which kind it is, where it
 * goes.
 *
 *     struct sign_in { struct str username, password; };
 *     static const struct field sign_in_fields[] = {
 *         {"username", FIELD_LINE, .offset = offsetof(struct sign_in, username), …},
 *         {"password", FIELD_OPAQUE, .offset = offsetof(struct sign_in, password), …},
 *     };
 *     static const struct fields sign_in_body = {.at = sign_in_fields, .count = 2};
 *     ...
 *     struct sign_in body = {0};
 *     if (!fields_take(request, &sign_in_body, &body))
 *         return;
 */
#pragma once

#include "api/errors.h"
#include "base/arena.h"

enum { FIELDS_MAX_NESTING = 16 };

enum field_kind {
    FIELD_LINE,   /* struct str: trimmed, without control and bidirectional override characters */
    FIELD_TEXT,   /* struct str: trimmed, line breaks allowed */
    FIELD_OPAQUE, /* struct str: as it came; passwords, codes, tokens */
    FIELD_INT,    /* int64_t */
    FIELD_BOOL,   /* bool */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    bool is_required; /* also refuses the empty string */
    int64_t min, max; /* of a number, or code points of a string; both 0: any */
};

struct fields {
    const struct field *at;
    size_t count;
    const char *missing_type; /* of the error when a member is missing; NULL: BadRequest */
    bool is_closed;           /* other members are refused */
};

/* Fills `out`; what is absent is left alone. Strings are copied to the arena, NUL-terminated.
 * An empty body is {}. ERR_MALFORMED: `*out_error` says why. */
MUST_USE enum err fields_read(struct str body, const struct fields *, struct arena *, void *out,
                              struct api_error *out_error);

/* From the request's body, into its arena; false: it was answered. */
bool fields_take(struct request *, const struct fields *, void *out);
