#include "tokens.h"

static enum err read_at(struct secret token, int64_t now_s)
{
    struct token_claims claims = {.expires_s = -1};
    enum err err = token_read(&tokens_issuer, token, now_s, &claims);
    if (err)
        CHECK_EQ(-1, claims.expires_s);
    return err;
}

static enum err read_signed(const char *header, const char *claims)
{
    return read_at(tokens_sign(header, claims, &tokens_keys[0]), TOKENS_NOW_S);
}

static void a_good_token_tells_its_claims(void)
{
    struct token_claims claims;
    struct secret token = tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[0]);
    CHECK_EQ(ERR_OK, token_read(&tokens_issuer, token, TOKENS_NOW_S, &claims));
    CHECK(strcmp("user-1", claims.user_id) == 0);
    CHECK(strcmp("sign-in-1", claims.session_id) == 0);
    CHECK_EQ(1790003600, claims.expires_s);
}

static void all_keys_verify_but_only_the_one_that_is_named(void)
{
    static const char old[] = "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"old\"}";
    CHECK_EQ(ERR_OK, read_at(tokens_sign(old, TOKENS_CLAIMS, &tokens_keys[1]), TOKENS_NOW_S));
    CHECK_EQ(ERR_MALFORMED,
             read_at(tokens_sign(old, TOKENS_CLAIMS, &tokens_keys[0]), TOKENS_NOW_S));
    CHECK_EQ(ERR_MALFORMED,
             read_at(tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[1]), TOKENS_NOW_S));
}

static void a_header_of_another_kind_is_refused_though_signed(void)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"alg\":\"HS512\",\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"alg\":\"hs256\",\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"alg\":[\"HS256\"],\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"new\"}",
        "{\"alg\":\"HS256\",\"kid\":\"new\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"newer\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":0}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"new\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"new\"}",
        "[\"alg\",\"typ\",\"kid\"]",
        "{}",
        "",
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
        CHECK_EQ(ERR_MALFORMED, read_signed(headers[i], TOKENS_CLAIMS));
}

static void claims_for_something_else_are_refused(void)
{
#define ISS "\"iss\":\"" TOKENS_URL "\","
#define AUD "\"aud\":\"klieg\","
#define SUB "\"sub\":\"u\","
#define JTI "\"jti\":\"s\","
#define USE "\"token_use\":\"access\","
#define IAT "\"iat\":1790000000,"
#define EXP "\"exp\":1790003600}"
    static const char *const claims[] = {
        "{" AUD SUB JTI USE IAT EXP,
        "{\"iss\":\"https://klieg.example.evil\"," AUD SUB JTI USE IAT EXP,
        "{" ISS SUB JTI USE IAT EXP,
        "{" ISS "\"aud\":[\"klieg\"]," SUB JTI USE IAT EXP,
        "{" ISS "\"aud\":\"other\"," SUB JTI USE IAT EXP,
        "{" ISS AUD JTI USE IAT EXP,
        "{" ISS AUD "\"sub\":\"\"," JTI USE IAT EXP,
        "{" ISS AUD "\"sub\":7," JTI USE IAT EXP,
        "{" ISS AUD "\"sub\":\"1234567890123456789012345678901234567\"," JTI USE IAT EXP,
        "{" ISS AUD SUB USE IAT EXP,
        "{" ISS AUD SUB "\"jti\":\"\"," USE IAT EXP,
        "{" ISS AUD SUB JTI IAT EXP,
        "{" ISS AUD SUB JTI "\"token_use\":\"broadcast\"," IAT EXP,
        "{" ISS AUD SUB JTI "\"token_use\":\"refresh\"," IAT EXP,
        "{" ISS AUD SUB JTI USE EXP,
        "{" ISS AUD SUB JTI USE "\"iat\":\"1790000000\"," EXP,
        "{" ISS AUD SUB JTI USE "\"iat\":-1," EXP,
        "{" ISS AUD SUB JTI USE IAT "\"exp\":1790003600.5}",
        "{" ISS AUD SUB JTI USE IAT "\"exp\":-1}",
        "{" ISS AUD SUB JTI USE IAT "\"exp\":null}",
        "{" ISS AUD SUB JTI USE IAT "\"exp\":1790003600,\"exp\":1890003600}",
        "[]",
        "",
    };
    CHECK_EQ(ERR_OK, read_signed(TOKENS_HEADER, "{" ISS AUD SUB JTI USE IAT EXP));
    CHECK_EQ(ERR_OK,
             read_signed(TOKENS_HEADER,
                         "{" ISS AUD
                         "\"sub\":\"123456789012345678901234567890123456\"," JTI USE IAT EXP));
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++)
        CHECK_EQ(ERR_MALFORMED, read_signed(TOKENS_HEADER, claims[i]));
}

static void times_have_a_leeway_of_30_s(void)
{
    struct secret token = tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[0]);
    CHECK_EQ(ERR_OK, read_at(token, TOKENS_NOW_S + 3600 + 29));
    CHECK_EQ(ERR_TIMEOUT, read_at(token, TOKENS_NOW_S + 3600 + 30));
    CHECK_EQ(ERR_OK, read_at(token, TOKENS_NOW_S - 30)); /* from a node whose clock is ahead */
    CHECK_EQ(ERR_MALFORMED, read_at(token, TOKENS_NOW_S - 31));
}

static void no_change_of_a_byte_is_accepted(void)
{
    struct secret token = tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[0]);
    char copy[1024];
    memcpy(copy, token.value.at, token.value.len);
    struct secret changed = {{copy, token.value.len}};
    for (size_t i = 0; i < token.value.len; i++) {
        copy[i] = (char)(copy[i] == 'A' ? 'B' : 'A'); /* the last character's spare bits, too */
        CHECK_EQ(ERR_MALFORMED, read_at(changed, TOKENS_NOW_S));
        copy[i] = token.value.at[i];
    }
    for (size_t len = 0; len < token.value.len; len++)
        CHECK_EQ(ERR_MALFORMED, read_at((struct secret){{copy, len}}, TOKENS_NOW_S));
}

static void a_token_has_one_spelling(void)
{
    struct secret token = tokens_sign(TOKENS_HEADER, TOKENS_CLAIMS, &tokens_keys[0]);
    static const char *const tails[] = {"=", ".", ".x", " ", "A", "\n"};
    char text[8200];
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        (void)snprintf(text, sizeof(text), "%s%s", token.value.at, tails[i]);
        CHECK_EQ(ERR_MALFORMED, read_at((struct secret){str_of(text)}, TOKENS_NOW_S));
    }
    static const char *const bad[] = {"", ".", "..", "...", "x", "a.b.c"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(ERR_MALFORMED, read_at((struct secret){str_of(bad[i])}, TOKENS_NOW_S));
}

static void length_is_bounded(void)
{
    static char claims[1600];
    static const char start[] = "{" ISS AUD SUB JTI USE IAT "\"exp\":1790003600,\"x\":\"";
    struct secret token = {{0}};
    for (int len = 1100; token.value.len < TOKEN_MAX + 1; len++) {
        (void)snprintf(claims, sizeof(claims), "%s%0*d\"}", start, len, 0);
        token = tokens_sign(TOKENS_HEADER, claims, &tokens_keys[0]);
        CHECK_EQ(token.value.len <= TOKEN_MAX ? ERR_OK : ERR_MALFORMED,
                 read_at(token, TOKENS_NOW_S));
    }
}

int main(void)
{
    RUN(a_good_token_tells_its_claims);
    RUN(all_keys_verify_but_only_the_one_that_is_named);
    RUN(a_header_of_another_kind_is_refused_though_signed);
    RUN(claims_for_something_else_are_refused);
    RUN(times_have_a_leeway_of_30_s);
    RUN(no_change_of_a_byte_is_accepted);
    RUN(a_token_has_one_spelling);
    RUN(length_is_bounded);
    return check_report();
}
