#include "api/token.h"
#include "base/text.h"

#include <jansson.h>
#include <sodium.h>

_Static_assert(AUTH_KEY_LEN == crypto_auth_hmacsha256_KEYBYTES, "keys are used as they are");

/* The bytes of a part; ERR_MALFORMED also for padding and for bits that mean nothing, so that one
 * token has one spelling. */
static enum err decode(struct str part, void *out, size_t size, size_t *out_len)
{
    const char *end = NULL;
    if (sodium_base642bin(out, size, part.at, part.len, NULL, out_len, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != part.at + part.len)
        return ERR_MALFORMED;
    return ERR_OK;
}

/* New reference, an object; NULL. */
static json_t *decode_json(struct str part)
{
    char text[TOKEN_MAX];
    size_t len = 0;
    if (decode(part, text, sizeof(text), &len) != ERR_OK)
        return NULL;
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

static bool member_is(const json_t *object, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) &&
           str_equal(str_of(wanted),
                     (struct str){json_string_value(value), json_string_length(value)});
}

/* The key that the header names, if the rest of it is as we write it. */
static const struct auth_key *find_key(const struct token_issuer *issuer, struct str part)
{
    json_t *header = decode_json(part);
    const struct auth_key *found = NULL;
    if (json_object_size(header) == 3 && member_is(header, "alg", "HS256") &&
        member_is(header, "typ", "at+jwt")) {
        for (size_t i = 0; i < issuer->key_count && found == NULL; i++)
            if (member_is(header, "kid", issuer->keys[i].kid))
                found = &issuer->keys[i];
    }
    json_decref(header);
    return found;
}

static bool take_id(const json_t *claims, const char *name, char out[TOKEN_MAX_ID + 1])
{
    const json_t *value = json_object_get(claims, name);
    size_t len = json_string_length(value);
    if (len == 0 || len > TOKEN_MAX_ID)
        return false;
    memcpy(out, json_string_value(value), len + 1);
    return true;
}

static bool is_in_time(const json_t *claims, const char *name, int64_t from_s, int64_t to_s)
{
    const json_t *value = json_object_get(claims, name);
    json_int_t time_s = json_integer_value(value);
    return json_is_integer(value) && time_s >= from_s && time_s <= to_s;
}

static enum err read_claims(const struct token_issuer *issuer, const json_t *claims, int64_t now_s,
                            struct token_claims *out)
{
    struct token_claims read;
    if (!member_is(claims, "iss", issuer->url) || !member_is(claims, "aud", "klieg") ||
        !member_is(claims, "token_use", "access") || !take_id(claims, "sub", read.user_id) ||
        !take_id(claims, "jti", read.session_id) ||
        !is_in_time(claims, "iat", 0, now_s + AUTH_LEEWAY_S) ||
        !is_in_time(claims, "exp", 0, INT64_MAX))
        return ERR_MALFORMED;
    read.expires_s = json_integer_value(json_object_get(claims, "exp"));
    if (read.expires_s <= now_s - AUTH_LEEWAY_S)
        return ERR_TIMEOUT;
    *out = read;
    return ERR_OK;
}

enum err token_read(const struct token_issuer *issuer, struct secret token, int64_t now_s,
                    struct token_claims *out)
{
    if (token.value.len > TOKEN_MAX)
        return ERR_MALFORMED;
    struct str rest;
    struct str header = text_cut(token.value, '.', &rest);
    struct str body = text_cut(rest, '.', &rest);
    const struct auth_key *key = find_key(issuer, header);
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    size_t mac_len = 0;
    if (key == NULL || body.len == 0 || decode(rest, mac, sizeof(mac), &mac_len) != ERR_OK ||
        mac_len != sizeof(mac))
        return ERR_MALFORMED;
    size_t signed_len = header.len + 1 + body.len;
    if (crypto_auth_hmacsha256_verify(mac, (const uint8_t *)token.value.at, signed_len, key->key) !=
        0)
        return ERR_MALFORMED;
    json_t *claims = decode_json(body);
    enum err err = read_claims(issuer, claims, now_s, out);
    json_decref(claims);
    return err;
}
