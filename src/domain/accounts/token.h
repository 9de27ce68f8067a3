/*
 * What clients and mails carry as proof: refresh tokens, one-time codes, ids of sign-in sessions.
 * Random, base64url; stored as SHA-256 only. Pure.
 *
 * Contract: api 1.3, 1.9, 2.2.4.
 */
#pragma once

#include "base/random.h"
#include "base/secret.h"

#include <stdint.h>

enum {
    ACCOUNT_HASH_LEN = 32,
    ACCOUNT_TOKEN_LEN = 43,      /* 256 bits */
    ACCOUNT_CODE_LEN = 22,       /* 128 bits */
    ACCOUNT_SESSION_ID_LEN = 22, /* 128 bits */
};

struct account_token {
    char at[ACCOUNT_TOKEN_LEN + 1];
};

struct account_code {
    char at[ACCOUNT_CODE_LEN + 1];
};

struct account_session_id {
    char at[ACCOUNT_SESSION_ID_LEN + 1];
};

struct account_token account_token_create(struct random *);
struct account_code account_code_create(struct random *);
struct account_session_id account_session_id_create(struct random *);

void account_hash(struct secret, uint8_t out[ACCOUNT_HASH_LEN]);
