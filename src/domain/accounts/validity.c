#include "domain/accounts/validity.h"

#include <sodium.h>

enum account_code_verdict account_code_judge(const struct account_code_state *code,
                                             enum account_purpose purpose, int64_t max_attempts,
                                             const uint8_t hash[ACCOUNT_HASH_LEN], int64_t now_us)
{
    bool is_right = sodium_memcmp(code->hash, hash, ACCOUNT_HASH_LEN) == 0;
    if (is_right && code->used_at_us != 0 && purpose == ACCOUNT_CONFIRM)
        return ACCOUNT_CODE_REPEATED;
    if (max_attempts > 0 && code->attempts >= max_attempts)
        return ACCOUNT_CODE_EXPIRED;
    if (!is_right)
        return ACCOUNT_CODE_WRONG;
    if (code->used_at_us != 0 || now_us >= code->expires_at_us)
        return ACCOUNT_CODE_EXPIRED;
    return ACCOUNT_CODE_OK;
}

int64_t account_refresh_expiry(int64_t now_us, int64_t refresh_life_us, int64_t session_end_us)
{
    int64_t expiry_us = now_us + refresh_life_us;
    return expiry_us < session_end_us ? expiry_us : session_end_us;
}

enum account_refresh_verdict account_refresh_judge(const struct account_refresh_state *state,
                                                   int64_t now_us)
{
    if (state->session_revoked_at_us != 0 || now_us >= state->session_ends_at_us ||
        now_us >= state->expires_at_us)
        return ACCOUNT_REFRESH_ENDED;
    if (state->first_used_at_us != 0 && now_us - state->first_used_at_us > ACCOUNT_REUSE_US)
        return ACCOUNT_REFRESH_STOLEN;
    return ACCOUNT_REFRESH_OK;
}
