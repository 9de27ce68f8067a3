/*
 * The rules of channels: names, identifiers, stream keys. Pure: randomness is a parameter, and what
 * is taken already is the store's to know.
 *
 * Contract: api 1.9 (identifiers), 2.2.1 and 2.2.5 (names).
 */
#pragma once

#include "base/buf.h"
#include "base/random.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CHANNEL_NAME_MIN = 4,
    CHANNEL_NAME_MAX = 20,
    CHANNEL_ID_LEN = 12,
    CHANNEL_KEY_RANDOM_LEN = 32,
    CHANNEL_REGION_MAX = 32,
    CHANNEL_KEY_MAX = 128, /* of any key worth looking up */
    CHANNEL_UUID_LEN = 36,
    CHANNEL_AVATARS = 14,
    CHANNEL_COLORS = 7,
};

/* Those to choose from (api 1.11). */
extern const char *const channel_avatars[CHANNEL_AVATARS];
extern const char *const channel_colors[CHANNEL_COLORS];

/* Zero-terminated. */
struct channel_id {
    char at[CHANNEL_ID_LEN + 1];
};

struct channel_key {
    char at[CHANNEL_KEY_MAX + 1];
};

struct channel_uuid {
    char at[CHANNEL_UUID_LEN + 1];
};

enum channel_name_verdict {
    CHANNEL_NAME_OK,
    CHANNEL_NAME_RESERVED,
    CHANNEL_NAME_INVALID, /* length or characters */
};

enum channel_name_verdict channel_name_check(struct str name);

/* A sentence for people: why the name was refused. */
const char *channel_name_reason(enum channel_name_verdict);

/* The form names are compared in: ASCII lower case. `out` holds name.len + 1. */
void channel_name_fold(struct str name, char *out);

struct channel_id channel_id_create(struct random *);
bool channel_id_is_valid(struct str);

struct channel_uuid channel_uuid_create(struct random *); /* version 4 */

/* sk_<region>_<id>_<32 random characters> */
struct channel_key channel_key_create(struct random *, struct str region,
                                      const struct channel_id *id);

/* arn:aws:ivs:<region>:<account>:channel/<id> (api D15) */
void channel_put_arn(struct buf *out, struct str region, struct str account, struct str id);
