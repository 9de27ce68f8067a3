/*
 * Any bytes as a token; and "header\nclaims" under a good signature, so that what stands behind the
 * signature is read, too.
 */
#include "api/token.h"
#include "fuzz.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct auth_key keys[] = {{"k", {1}}};
static const struct token_issuer issuer = {"https://a", keys, 1};

static size_t put(char *out, const void *bytes, size_t len)
{
    (void)sodium_bin2base64(out, TOKEN_MAX, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return strlen(out);
}

static void check(struct str token)
{
    struct token_claims claims;
    if (token_read(&issuer, (struct secret){token}, 1790000000, &claims) == ERR_OK &&
        (claims.user_id[0] == '\0' || claims.session_id[0] == '\0' ||
         claims.expires_s <= 1790000000 - AUTH_LEEWAY_S))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((struct str){(const char *)data, size});
    const uint8_t *end = memchr(data, '\n', size);
    if (end == NULL || size > 1024)
        return 0;
    char token[3 * TOKEN_MAX];
    size_t len = put(token, data, (size_t)(end - data));
    token[len++] = '.';
    len += put(token + len, end + 1, size - (size_t)(end - data) - 1);
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(mac, (const uint8_t *)token, len, keys[0].key);
    token[len++] = '.';
    len += put(token + len, mac, sizeof(mac));
    check((struct str){token, len});
    return 0;
}
