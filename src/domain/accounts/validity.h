/*
 * Until when things of an account hold: one-time codes, sign-in sessions and their refresh tokens.
 * Pure: `now` is a parameter. Times are microseconds of the wall clock, 0 for "never happened".
 *
 * Contract: api 1.3 (D7, D8), 1.7, 2.2.2 (D18), 2.2.4.
 */
#pragma once

#include "domain/accounts/token.h"

#include <stdbool.h>
#include <stdint.h>

enum account_purpose { ACCOUNT_CONFIRM, ACCOUNT_RESET };

/* --- One-time codes --- */

struct account_code_state {
    uint8_t hash[ACCOUNT_HASH_LEN];
    int64_t expires_at_us;
    int64_t used_at_us;
    int64_t attempts; /* wrong ones */
};

enum account_code_verdict {
    ACCOUNT_CODE_OK,
    ACCOUNT_CODE_REPEATED, /* it did its work before: answer as then, do nothing (D18) */
    ACCOUNT_CODE_WRONG,    /* to be counted */
    ACCOUNT_CODE_EXPIRED,  /* or used up, or dead after `max_attempts` wrong ones; 0: never dead */
};

enum account_code_verdict account_code_judge(const struct account_code_state *,
                                             enum account_purpose, int64_t max_attempts,
                                             const uint8_t hash[ACCOUNT_HASH_LEN], int64_t now_us);

/* --- Sessions --- */

/* How long each use of a refresh token allows another one: two tabs, a lost answer (D8). */
enum { ACCOUNT_REUSE_US = 10000000 };

/* When a refresh token issued now expires: not after its session does. */
int64_t account_refresh_expiry(int64_t now_us, int64_t refresh_life_us, int64_t session_end_us);

struct account_refresh_state {
    int64_t expires_at_us;
    int64_t first_used_at_us;
    int64_t session_ends_at_us;
    int64_t session_revoked_at_us;
};

enum account_refresh_verdict {
    ACCOUNT_REFRESH_OK,
    ACCOUNT_REFRESH_ENDED,  /* expired or revoked */
    ACCOUNT_REFRESH_STOLEN, /* used again too late: the whole session must end */
};

enum account_refresh_verdict account_refresh_judge(const struct account_refresh_state *,
                                                   int64_t now_us);
