/* Tokens of any content, to confuse the reader with. */
#pragma once

#include "api/token.h"
#include "check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { TOKENS_NOW_S = 1790000000 };

#define TOKENS_URL    "https://klieg.example"
#define TOKENS_HEADER "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"new\"}"
#define TOKENS_CLAIMS                                                                         \
    "{\"iss\":\"" TOKENS_URL "\",\"aud\":\"klieg\",\"sub\":\"user-1\",\"jti\":\"sign-in-1\"," \
    "\"token_use\":\"access\",\"username\":\"jdoe\",\"iat\":1790000000,\"exp\":1790003600}"

static const struct auth_key tokens_keys[] = {{"new", {1}}, {"old", {2}}};
static const struct token_issuer tokens_issuer = {TOKENS_URL, tokens_keys, 2};

static inline void tokens_encode(const void *bytes, size_t len, char *out, size_t size)
{
    (void)sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Signed with the key, in a static buffer. */
static inline struct secret tokens_sign(const char *header, const char *claims,
                                        const struct auth_key *key)
{
    static char token[8192];
    char parts[2][4096];
    tokens_encode(header, strlen(header), parts[0], sizeof(parts[0]));
    tokens_encode(claims, strlen(claims), parts[1], sizeof(parts[1]));
    int len = snprintf(token, sizeof(token), "%s.%s", parts[0], parts[1]);
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(mac, (const uint8_t *)token, (size_t)len, key->key);
    token[len] = '.';
    tokens_encode(mac, sizeof(mac), token + len + 1, sizeof(token) - (size_t)len - 1);
    return (struct secret){str_of(token)};
}
