/*
 * Accounts with their one-time codes. A name is compared in ASCII lower case; so is an address.
 *
 * Contract: api 2.2, 5.2.
 */
#pragma once

#include "domain/accounts/token.h"
#include "domain/accounts/validity.h"
#include "store/callers.h"
#include "store/store.h"

struct store_account {
    char id[STORE_USER_ID_LEN + 1];
    char name[CHANNEL_NAME_MAX + 1]; /* as typed */
    const char *email;
    const char *password_hash; /* "": nobody can sign in with a password */
    const char *avatar, *color;
    bool is_active; /* else its e-mail address is not confirmed yet */
    int64_t created_at_us;
    struct channel_id channel_id; /* empty: not provisioned yet */
    const char *tracking_id;      /* NULL likewise */
};

struct store_new_code {
    uint8_t hash[ACCOUNT_HASH_LEN];
    int64_t expires_at_us;
};

struct store_new_account {
    struct str name, email; /* passed account_check() */
    const char *password_hash;
    const char *avatar, *color;
    const struct store_new_code *code; /* to confirm it with; NULL: active at once */
    const char *address;               /* of the client, for the audit log; or NULL */
    struct random *random;
    int64_t now_us;
};

enum store_taken { STORE_TAKEN_NAME, STORE_TAKEN_EMAIL };

/* ERR_CONFLICT: `*out_taken` says what was taken; if both were, the name. */
MUST_USE enum err store_account_create(struct store *, const struct store_new_account *,
                                       enum store_taken *out_taken);

/* By its present name or its e-mail address. Texts live in the arena. ERR_NOT_FOUND. */
MUST_USE enum err store_account_find(struct store *, struct str name_or_email, struct arena *,
                                     struct store_account *out);
MUST_USE enum err store_account_find_by_id(struct store *, const char *id, struct arena *,
                                           struct store_account *out);

/* In the order of creation. */
MUST_USE enum err store_account_list(struct store *, struct arena *, struct store_account **out,
                                     size_t *out_count);

/* ERR_CONFLICT: in use, or held for whom it belonged to. */
MUST_USE enum err store_name_check(struct store *, struct str name, int64_t now_us);

/* Sets the hash and ends all of the account's sessions. ERR_NOT_FOUND. */
MUST_USE enum err store_account_set_password(struct store *, const char *id, const char *hash,
                                             int64_t now_us);

/* With all that belongs to it (api 5.3). ERR_NOT_FOUND. */
MUST_USE enum err store_account_delete(struct store *, const char *id);

/* Accounts created before, and never confirmed. */
MUST_USE enum err store_accounts_delete_unconfirmed(struct store *, int64_t before_us,
                                                    unsigned *out_count);

/* --- One-time codes --- */

/* Takes the place of the last one for the same purpose. */
MUST_USE enum err store_code_put(struct store *, const char *account_id, enum account_purpose,
                                 const struct store_new_code *, int64_t now_us);

struct store_code_use {
    struct str name; /* or e-mail address */
    enum account_purpose purpose;
    uint8_t hash[ACCOUNT_HASH_LEN];
    int64_t max_attempts;      /* wrong ones; 0: any number */
    const char *password_hash; /* to set with ACCOUNT_RESET */
    int64_t now_us;
};

/*
 * Judges a code and does what it is for: makes the account active, or sets its password and ends
 * all of its sessions. A wrong one is counted. An unknown name is a wrong code. `*out_account` is
 * set when the code is right.
 */
MUST_USE enum err store_code_use(struct store *, const struct store_code_use *, struct arena *,
                                 enum account_code_verdict *out_verdict,
                                 struct store_account *out_account);
