#include "domain/accounts/token.h"

#include "check.h"

#include <string.h>

static bool is_base64url(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *c) == NULL)
            return false;
    return true;
}

static void tokens_are_base64url_of_their_length(void)
{
    struct random random = random_seeded(1);
    struct account_token token = account_token_create(&random);
    struct account_code code = account_code_create(&random);
    struct account_session_id id = account_session_id_create(&random);
    CHECK_EQ(ACCOUNT_TOKEN_LEN, strlen(token.at));
    CHECK_EQ(ACCOUNT_CODE_LEN, strlen(code.at));
    CHECK_EQ(ACCOUNT_SESSION_ID_LEN, strlen(id.at));
    CHECK(is_base64url(token.at) && is_base64url(code.at) && is_base64url(id.at));
    CHECK(strcmp(token.at, account_token_create(&random).at) != 0);
    CHECK(strcmp(code.at, account_code_create(&random).at) != 0);
    CHECK(strcmp(id.at, account_session_id_create(&random).at) != 0);
}

static void the_hash_is_sha_256(void)
{
    /* FIPS 180-2, appendix B.1 */
    static const uint8_t abc[ACCOUNT_HASH_LEN] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                                  0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                                  0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                                  0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t hash[ACCOUNT_HASH_LEN];
    account_hash((struct secret){STR("abc")}, hash);
    CHECK_EQ(0, memcmp(abc, hash, sizeof(hash)));
}

int main(void)
{
    RUN(tokens_are_base64url_of_their_length);
    RUN(the_hash_is_sha_256);
    return check_report();
}
