#include "api/token.h"
#include "base/buf.h"

#include <assert.h>
#include <jansson.h>
#include <sodium.h>

enum { MAX_JSON = 1 << 10 };

static void put_part(struct buf *out, const void *bytes, size_t len)
{
    char text[sodium_base64_ENCODED_LEN(MAX_JSON, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    assert(len <= MAX_JSON);
    (void)sodium_bin2base64(text, sizeof(text), bytes, len,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buf_put_cstr(out, text);
}

/* Takes over `value`. */
static void put_json(struct buf *out, json_t *value)
{
    char text[MAX_JSON];
    size_t len = json_dumpb(value, text, sizeof(text), JSON_COMPACT);
    json_decref(value);
    put_part(out, text, len);
}

struct secret token_write(const struct token_issuer *issuer, const struct token_claims *claims,
                          const char *username, int64_t issued_s, struct arena *arena)
{
    struct buf out;
    buf_init(&out, TOKEN_MAX);
    put_json(&out,
             json_pack("{ss ss ss}", "alg", "HS256", "typ", "at+jwt", "kid", issuer->keys[0].kid));
    buf_put_cstr(&out, ".");
    put_json(&out, json_pack("{ss ss ss ss ss ss sI sI}", "iss", issuer->url, "aud", "klieg", "sub",
                             claims->user_id, "jti", claims->session_id, "token_use", "access",
                             "username", username, "iat", (json_int_t)issued_s, "exp",
                             (json_int_t)claims->expires_s));
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(mac, out.at, out.len, issuer->keys[0].key);
    buf_put_cstr(&out, ".");
    put_part(&out, mac, sizeof(mac));
    struct str token = arena_copy(arena, buf_str(&out));
    buf_finish(&out);
    return (struct secret){token};
}
