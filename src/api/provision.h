/* Making the channel of an account (API contract §1.3, D10). */
#pragma once

#include "api/auth.h"

/* Outlives the requests. */
struct provision_site {
    struct store *store;
    struct auth *auth; /* that has to learn of the new channel */
    struct random *random;
    const char *region, *channel_type;
};

/* On the pool. ERR_CONFLICT: the account has a channel; ERR_NOT_FOUND: there is no such account. */
MUST_USE enum err provision_channel(const struct provision_site *, const char *user_id,
                                    int64_t now_us);
