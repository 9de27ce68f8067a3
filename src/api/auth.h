/*
 * Who asks (API contract §1.3): access tokens, cookies, the same-origin rule, revocation.
 *
 * One `struct auth` serves all loops. A token that is in order still counts only while its sign-in
 * session does; that is asked of the store, and the answer kept for AUTH_TRUST_US at most. Whoever
 * ends a session, or changes what a caller is told to be, calls auth_forget() when the change is in
 * the store: from then on no loop believes what it knew.
 */
#pragma once

#include "base/secret.h"
#include "http/request.h"
#include "store/callers.h"

enum {
    AUTH_TRUST_US = 30000000, /* contract D9 */
    AUTH_LEEWAY_S = 30,       /* of the clocks of several nodes */
    AUTH_MAX_CALLERS = 10000, /* kept by a loop */
    AUTH_MAX_KEYS = 8,
    AUTH_KEY_LEN = 32,
    AUTH_MAX_KID = 64,
};

/* The auth column of the contract. */
enum auth_need {
    AUTH_PUBLIC,    /* P: credentials are not looked at */
    AUTH_OPTIONAL,  /* O: none is anonymous, bad ones are 401 */
    AUTH_REQUIRED,  /* A */
    AUTH_MODERATOR, /* M: as A; that the caller is owner or moderator is the handler's to check */
    AUTH_STALE_OK,  /* O, but a cookie that is no good counts as none (contract D21) */
};

/* Signed in. Lives as long as the request. */
struct caller {
    struct store_caller who;
    int64_t expires_us; /* of the access token */
    bool is_by_cookie;
};

struct auth_key {
    char kid[AUTH_MAX_KID + 1];
    uint8_t key[AUTH_KEY_LEN];
};

struct auth_options {
    struct store *store;
    const char *public_url;      /* without a trailing slash; https: cookies are Secure */
    const struct auth_key *keys; /* the first signs, all verify; copied */
    size_t key_count;
    int64_t token_life_s;  /* 3600 */
    int64_t cookie_life_s; /* 30 days */
    int64_t trust_us;      /* AUTH_TRUST_US */
    unsigned loops;
};

struct auth;

struct auth *auth_create(const struct auth_options *);
void auth_destroy(struct auth *); /* after the loops */

/* The sessions of this user are asked of the store anew, on every loop, from now on. Any thread. */
void auth_forget(struct auth *, const char *user_id);

/* --- Tokens --- */

struct auth_grant {
    const char *user_id, *session_id, *username;
    int64_t now_us; /* wall clock */
};

/* A new access token, and when it ends. */
struct secret auth_issue(const struct auth *, const struct auth_grant *, struct arena *,
                         int64_t *out_expires_us);

/* --- Cookies --- */

enum auth_cookie { AUTH_COOKIE_ACCESS, AUTH_COOKIE_REFRESH };

/* A Set-Cookie header; without a value it clears the cookie. */
struct http_header auth_set_cookie(const struct auth *, enum auth_cookie, struct secret value,
                                   struct arena *);

/* `.at` is NULL when there is none. */
struct secret auth_read_cookie(const struct auth *, enum auth_cookie, const struct request *);

/* What a request that relies on a cookie must be, unless it only reads. */
bool auth_is_same_origin(const struct auth *, const struct request *);

/* --- The step of the route table --- */

/**
 * Find out who asks. Either the request is answered (401, 403, 500, 503), or `go_on` is called: in
 * this call, or later on the same loop.
 *
 * The request must be its own (request_own()).
 *
 * @param go_on  gets NULL for somebody anonymous
 */
void auth_check(struct auth *, struct request *, enum auth_need,
                void (*go_on)(struct request *, const struct caller *));

/* Would auth_check() answer 401, as far as can be told without the store? For requests that are
 * refused for another reason, which comes after this one. */
bool auth_would_refuse(const struct auth *, const struct request *, enum auth_need);
