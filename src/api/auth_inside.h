/* The inside of auth.h, for its own files only. */
#pragma once

#include "api/auth.h"
#include "api/token.h"
#include "base/map.h"

#include <stdatomic.h>

enum { AUTH_STRIPES = 256 };

/* What the store said of a session; of one loop. */
struct auth_known {
    struct store_caller who;
    int64_t until_us;
    unsigned stripe_count; /* of auth.forgotten, from before the store was asked */
};

struct auth {
    struct store *store;
    struct token_issuer issuer;
    struct auth_key keys[AUTH_MAX_KEYS];
    char *public_url;
    char *origin; /* of public_url */
    bool is_secure;
    int64_t token_life_s, cookie_life_s, trust_us;

    /* How often something was forgotten about the users of a stripe. */
    atomic_uint forgotten[AUTH_STRIPES];
    struct map *known; /* session id -> struct auth_known; one a loop */
    unsigned loops;
};
