/*
 * AMF values of one RTMP message, decoded (media spec §1.4).
 *
 * The readers put every value of a message, nested ones too, into one bounded array, in the order
 * of the message; a container is followed by its members. Nothing refers to anything outside the
 * message's bytes and the arena.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AMF_MAX_DEPTH = 8,    /* containers within containers */
    AMF_MAX_VALUES = 256, /* in a message, nested ones and containers included */
    AMF_MAX_KEY = 128,    /* bytes */
    AMF_MAX_STRING = 4096,
    AMF_MAX_ARRAY = 256, /* elements of a strict array */
};

enum amf_type {
    AMF_UNDEFINED, /* also what is skipped: XML */
    AMF_NULL,
    AMF_BOOLEAN,
    AMF_NUMBER, /* also dates, in ms since 1970 */
    AMF_STRING,
    AMF_OBJECT, /* also ECMA and typed ones: members have keys */
    AMF_ARRAY,  /* members have none */
};

struct amf_value {
    enum amf_type type;
    uint16_t end;   /* index in the message of what follows this value with all its members */
    struct str key; /* in an object; UTF-8 */
    union {
        bool boolean;
        double number;
        struct str string; /* UTF-8: invalid bytes were replaced by '?' */
    };
};

struct amf_message {
    struct arena *arena; /* where strings that had to be changed live */
    struct amf_value values[AMF_MAX_VALUES];
    size_t count;
    unsigned depth; /* while reading */
};

void amf_message_init(struct amf_message *, struct arena *);

/* The `i`th value of those that stand in no container; NULL when there are fewer. */
const struct amf_value *amf_argument(const struct amf_message *, size_t i);

/* The last member of that name, or NULL; also NULL when `object` is NULL or no object. */
const struct amf_value *amf_find(const struct amf_message *, const struct amf_value *object,
                                 struct str key);

/* What the value holds, or the fallback when it is NULL or of another type. */
double amf_number(const struct amf_value *, double fallback);
struct str amf_string(const struct amf_value *); /* else empty */

/* For the readers: the next value, with the key given. ERR_LIMIT when there are too many. */
MUST_USE enum err amf_add(struct amf_message *, enum amf_type, struct str key,
                          struct amf_value **out);

/* For the readers: checks a name (ERR_MALFORMED for bytes that are not UTF-8), or makes a string
 * value valid. ERR_LIMIT past AMF_MAX_KEY or AMF_MAX_STRING. */
MUST_USE enum err amf_check_key(struct str key);
MUST_USE enum err amf_clean_string(struct amf_message *, struct str *string);
