/* What the files of the accounts API share; for these only. */
#pragma once

#include "api/accounts.h"
#include "api/errors.h"
#include "store/sign_ins.h"

void accounts_add_register_routes(struct routes *, const struct accounts_api *);
void accounts_add_session_routes(struct routes *, const struct accounts_api *);
void accounts_add_password_routes(struct routes *, const struct accounts_api *);

/* --- Hashing in a request --- */

struct accounts_hashing {
    struct passwords_job job; /* to be filled in */
    struct request *request;
    void (*done)(struct request *, void *arg);
    void *arg;
};

/* Keeps the request. done() comes when job.err is ERR_OK or ERR_DENIED; else the request is
 * answered here: 503 when too many wait. */
void accounts_hash(const struct accounts_api *, struct accounts_hashing *);

/* --- Sign-in sessions --- */

struct accounts_sign_in {
    const struct accounts_api *api;
    struct arena *arena;
    const char *account_id;
    const char *renewed_hash; /* or NULL */
    struct str user_agent;
    char address[CONN_ADDRESS_LEN];
    bool is_cookie; /* how the tokens are handed out */

    struct store_account account; /* as it is then: with a channel, unless that failed */
    struct account_session_id session_id;
    struct account_token token;
};

/* What belongs to the request of the caller; on its loop. */
void accounts_prepare_sign_in(struct accounts_sign_in *, const struct accounts_api *,
                              struct request *);

/* Opens a session, and makes the account's channel if it has none. On the pool. */
MUST_USE enum err accounts_sign_in(struct accounts_sign_in *);

struct accounts_session {
    const struct store_account *account;
    const char *session_id;
    const struct account_token *token; /* to hand out with a new access token */
    bool is_cookie;
};

void accounts_reply_tokens(struct request *, const struct accounts_api *, unsigned status,
                           const struct accounts_session *);

/* Without tokens: who is signed in already. */
void accounts_reply_caller(struct request *, const struct accounts_api *,
                           const struct store_account *, const struct caller *);

/* Takes both cookies back; two headers. */
void accounts_clear_cookies(const struct accounts_api *, struct arena *, struct http_header out[2]);

/* --- Smaller things --- */

/* "<kind>:<SHA-256 of the text in lower case>": of throttles that count what was submitted. */
struct str accounts_key(struct arena *, const char *kind, struct str text);

/* Of the failures to sign in to an account. */
struct str accounts_failure_key(struct arena *, const char *account_id);

/* 429 LimitExceeded. */
void accounts_refuse_limit(struct request *, unsigned wait_s);

/* 400: what is wrong with a code. */
void accounts_refuse_code(struct request *, enum account_code_verdict);

/* Sends a code for this purpose to whom the text names, if there is such an account: after the
 * request, so that its answer does not depend on it. ERR_LIMIT: too much waits. */
MUST_USE enum err accounts_mail_code(const struct accounts_api *, struct loop *,
                                     enum account_purpose, struct str text);
