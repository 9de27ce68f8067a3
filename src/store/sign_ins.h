/*
 * Sign-in sessions and their refresh tokens (api 1.3). Not stream sessions, which store.h has.
 */
#pragma once

#include "store/accounts.h"

struct store_new_sign_in {
    const char *account_id;
    struct account_session_id id;
    uint8_t token_hash[ACCOUNT_HASH_LEN];
    int64_t now_us, token_expires_at_us, ends_at_us;
    const char *mode; /* "cookie", "token" */
    struct str user_agent;
    const char *address;
    const char *renewed_password_hash; /* to replace one with outdated parameters, or NULL */
};

/* ERR_NOT_FOUND: the account is gone. */
MUST_USE enum err store_sign_in_create(struct store *, const struct store_new_sign_in *);

struct store_refresh {
    uint8_t hash[ACCOUNT_HASH_LEN];     /* of the token that is used */
    uint8_t new_hash[ACCOUNT_HASH_LEN]; /* of the one to follow it */
    int64_t now_us, token_life_us;
    const char *address;
};

struct store_refreshed {
    struct store_account account;
    char session_id[STORE_SIGN_IN_ID_LEN + 1];
    bool is_cookie; /* the mode of the session */
};

/*
 * Uses a refresh token: it stays good for a moment (D8), and the new one is stored beside it. One
 * that is used too late ends the whole session, which the audit log tells.
 *
 * ERR_DENIED: unknown, expired, revoked, or used too late; `out->account.id` then tells whose
 * session was ended, if one was.
 */
MUST_USE enum err store_sign_in_refresh(struct store *, const struct store_refresh *,
                                        struct arena *, struct store_refreshed *out);

/* Whose session a refresh token belongs to, if it is good. ERR_NOT_FOUND. */
MUST_USE enum err store_sign_in_find(struct store *, const uint8_t token_hash[ACCOUNT_HASH_LEN],
                                     int64_t now_us, struct store_caller *out);

struct store_sign_out {
    const char *account_id;
    const char *session_id; /* NULL: all of the account's */
    const char *reason;
    int64_t now_us;
};

/* Ending what has ended already is fine. */
MUST_USE enum err store_sign_in_end(struct store *, const struct store_sign_out *);

/* Forgets codes and tokens that expired, sessions that ended 7 days ago, names no longer held. */
MUST_USE enum err store_credentials_purge(struct store *, int64_t now_us, unsigned *out_count);
