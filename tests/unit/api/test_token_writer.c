#include "tokens.h"

static void what_is_written_is_signed_with_the_first_key(void)
{
    struct arena arena;
    arena_init(&arena, 4096);
    const struct token_claims claims = {"user-1", "sign-in-1", TOKENS_NOW_S + 3600};
    struct secret token = token_write(&tokens_issuer, &claims, "jdoe", TOKENS_NOW_S, &arena);
    struct secret wanted = tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[0]);
    CHECK(str_equal(wanted.value, token.value));
    arena_finish(&arena);
}

static void the_longest_fits(void)
{
    struct arena arena;
    arena_init(&arena, 4096);
    char url[401];
    (void)snprintf(url, sizeof(url), "https://%0392d", 0);
    struct auth_key key = {.key = {9}};
    memset(key.kid, 'k', AUTH_MAX_KID);
    const struct token_issuer issuer = {url, &key, 1};
    struct token_claims claims = {.expires_s = TOKENS_NOW_S + 3600};
    memset(claims.user_id, 'u', TOKEN_MAX_ID);
    memset(claims.session_id, 's', TOKEN_MAX_ID);
    struct secret token =
        token_write(&issuer, &claims, "abcdefghijklmnopqrst", TOKENS_NOW_S, &arena);
    struct token_claims read;
    CHECK_EQ(ERR_OK, token_read(&issuer, token, TOKENS_NOW_S, &read));
    CHECK(strcmp(claims.user_id, read.user_id) == 0);
    CHECK(strcmp(claims.session_id, read.session_id) == 0);
    arena_finish(&arena);
}

int main(void)
{
    RUN(what_is_written_is_signed_with_the_first_key);
    RUN(the_longest_fits);
    return check_report();
}
