#include "domain/accounts/token.h"

#include <assert.h>
#include <sodium.h>

enum { MAX_BYTES = 32 };

static void put_random(struct random *random, size_t bytes, char *out, size_t size)
{
    uint8_t raw[MAX_BYTES];
    assert(bytes <= sizeof(raw));
    random_fill(random, raw, bytes);
    (void)sodium_bin2base64(out, size, raw, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, sizeof(raw));
}

struct account_token account_token_create(struct random *random)
{
    struct account_token token;
    put_random(random, 32, token.at, sizeof(token.at));
    return token;
}

struct account_code account_code_create(struct random *random)
{
    struct account_code code;
    put_random(random, 16, code.at, sizeof(code.at));
    return code;
}

struct account_session_id account_session_id_create(struct random *random)
{
    struct account_session_id id;
    put_random(random, 16, id.at, sizeof(id.at));
    return id;
}

void account_hash(struct secret secret, uint8_t out[ACCOUNT_HASH_LEN])
{
    (void)crypto_hash_sha256(out, (const uint8_t *)secret.value.at,
                             secret.value.len); /* always 0 */
}
