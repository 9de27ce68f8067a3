#include "domain/accounts/validity.h"

#include "check.h"

static const int64_t second = 1000000;
static const int64_t now = INT64_C(1790000000) * 1000000;

static const uint8_t right[ACCOUNT_HASH_LEN] = {1, 2, 3};
static const uint8_t wrong[ACCOUNT_HASH_LEN] = {1, 2, 4};

static struct account_code_state fresh_code(void)
{
    return (struct account_code_state){.hash = {1, 2, 3}, .expires_at_us = now + second};
}

static enum account_code_verdict judge(const struct account_code_state *code,
                                       enum account_purpose purpose, const uint8_t *hash)
{
    return account_code_judge(code, purpose, 5, hash, now);
}

static void a_fresh_code_is_good_until_it_expires(void)
{
    struct account_code_state code = fresh_code();
    CHECK_EQ(ACCOUNT_CODE_OK, judge(&code, ACCOUNT_CONFIRM, right));
    CHECK_EQ(ACCOUNT_CODE_OK, judge(&code, ACCOUNT_RESET, right));
    CHECK_EQ(ACCOUNT_CODE_WRONG, judge(&code, ACCOUNT_CONFIRM, wrong));
    code.expires_at_us = now + 1;
    CHECK_EQ(ACCOUNT_CODE_OK, judge(&code, ACCOUNT_RESET, right));
    code.expires_at_us = now;
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, judge(&code, ACCOUNT_RESET, right));
    CHECK_EQ(ACCOUNT_CODE_WRONG, judge(&code, ACCOUNT_RESET, wrong));
}

static void five_wrong_tries_kill_a_code(void)
{
    struct account_code_state code = fresh_code();
    code.attempts = 4;
    CHECK_EQ(ACCOUNT_CODE_OK, judge(&code, ACCOUNT_CONFIRM, right));
    code.attempts = 5;
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, judge(&code, ACCOUNT_CONFIRM, right));
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, judge(&code, ACCOUNT_CONFIRM, wrong));
    CHECK_EQ(ACCOUNT_CODE_OK, account_code_judge(&code, ACCOUNT_CONFIRM, 0, right, now));
}

static void only_confirming_may_be_repeated(void)
{
    struct account_code_state code = fresh_code();
    code.used_at_us = now - 1;
    CHECK_EQ(ACCOUNT_CODE_REPEATED, judge(&code, ACCOUNT_CONFIRM, right));
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, judge(&code, ACCOUNT_RESET, right));
    CHECK_EQ(ACCOUNT_CODE_WRONG, judge(&code, ACCOUNT_CONFIRM, wrong));
    code.expires_at_us = now - 1;
    code.attempts = 5;
    CHECK_EQ(ACCOUNT_CODE_REPEATED, judge(&code, ACCOUNT_CONFIRM, right));
}

static void a_refresh_token_ends_with_its_session(void)
{
    CHECK_EQ(now + 30, account_refresh_expiry(now, 30, now + 31));
    CHECK_EQ(now + 29, account_refresh_expiry(now, 30, now + 29));
}

static void a_refresh_token_is_good_until_it_or_the_session_ends(void)
{
    struct account_refresh_state state = {.expires_at_us = now + 1, .session_ends_at_us = now + 1};
    CHECK_EQ(ACCOUNT_REFRESH_OK, account_refresh_judge(&state, now));
    state.expires_at_us = now;
    CHECK_EQ(ACCOUNT_REFRESH_ENDED, account_refresh_judge(&state, now));
    state = (struct account_refresh_state){.expires_at_us = now + 1, .session_ends_at_us = now};
    CHECK_EQ(ACCOUNT_REFRESH_ENDED, account_refresh_judge(&state, now));
    state = (struct account_refresh_state){
        .expires_at_us = now + 1, .session_ends_at_us = now + 1, .session_revoked_at_us = now - 1};
    CHECK_EQ(ACCOUNT_REFRESH_ENDED, account_refresh_judge(&state, now));
}

static void a_used_token_works_for_ten_seconds_more(void)
{
    struct account_refresh_state state = {.expires_at_us = now + 1, .session_ends_at_us = now + 1};
    state.first_used_at_us = now - 10 * second;
    CHECK_EQ(ACCOUNT_REFRESH_OK, account_refresh_judge(&state, now));
    state.first_used_at_us--;
    CHECK_EQ(ACCOUNT_REFRESH_STOLEN, account_refresh_judge(&state, now));
    state.session_revoked_at_us = now;
    CHECK_EQ(ACCOUNT_REFRESH_ENDED, account_refresh_judge(&state, now));
}

int main(void)
{
    RUN(a_fresh_code_is_good_until_it_expires);
    RUN(five_wrong_tries_kill_a_code);
    RUN(only_confirming_may_be_repeated);
    RUN(a_refresh_token_ends_with_its_session);
    RUN(a_refresh_token_is_good_until_it_or_the_session_ends);
    RUN(a_used_token_works_for_ten_seconds_more);
    return check_report();
}
