/*
 * Access tokens: JSON Web Tokens (RFC 7519) with HMAC-SHA-256, in the one form of API contract D4.
 * Pure. Nothing of a token decides how it is verified: the algorithm is ours.
 */
#pragma once

#include "api/auth.h"
#include "base/arena.h"

enum { TOKEN_MAX = 2048, TOKEN_MAX_ID = 36, TOKEN_MAX_NAME = 64 };

struct token_issuer {
    const char *url;             /* `iss` */
    const struct auth_key *keys; /* the first signs, all verify */
    size_t key_count;
};

struct token_claims {
    char user_id[TOKEN_MAX_ID + 1];    /* `sub` */
    char session_id[TOKEN_MAX_ID + 1]; /* `jti` */
    int64_t expires_s;                 /* since the epoch; without leeway */
};

/* `issued_s` and the claims, with the name at issue, which only informs. */
struct secret token_write(const struct token_issuer *, const struct token_claims *,
                          const char *username, int64_t issued_s, struct arena *);

/* ERR_MALFORMED: it is none of ours, or for something else; ERR_TIMEOUT: it has expired. */
MUST_USE enum err token_read(const struct token_issuer *, struct secret token, int64_t now_s,
                             struct token_claims *out);
