#include "proto/rtmp/rtmp_handshake.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

enum {
    DIGEST = 32, /* bytes of HMAC-SHA-256 */
    PRODUCT_AT = 4,
    RANDOM_AT = 8,
    DIGEST_ROOM = 728, /* where in its block a digest may stand */
};

/* Where a layout keeps the four bytes that make the offset, and the first possible offset. */
static const struct layout {
    size_t sum_at;
    size_t base;
} layouts[] = {
    {.sum_at = 8, .base = 12},    /* A: digest block first */
    {.sum_at = 772, .base = 776}, /* B: key block first */
};

static const char client_key[] = "Genuine Adobe Flash Player 001";
static const char server_key[] = "Genuine Adobe Flash Media Server 001";
static const uint8_t server_key_tail[] = {
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
    0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
};
static const uint8_t server_version[] = {4, 5, 0, 1};

static size_t digest_offset(const uint8_t *block, const struct layout *layout)
{
    const uint8_t *at = block + layout->sum_at;
    return (size_t)(at[0] + at[1] + at[2] + at[3]) % DIGEST_ROOM + layout->base;
}

static void hmac(const void *key, size_t key_len, const uint8_t *data, size_t len,
                 uint8_t out[DIGEST])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, data, len);
    crypto_auth_hmacsha256_final(&state, out);
}

/* The digest of a block without the 32 bytes at `offset`, where it stands. */
static void digest_block(const uint8_t *block, size_t offset, const char *key, uint8_t out[DIGEST])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)key, strlen(key));
    crypto_auth_hmacsha256_update(&state, block, offset);
    size_t behind = offset + DIGEST;
    crypto_auth_hmacsha256_update(&state, block + behind, RTMP_HANDSHAKE_BLOCK - behind);
    crypto_auth_hmacsha256_final(&state, out);
}

/* The layout whose digest is right, or NULL. */
static const struct layout *find_layout(const uint8_t *c1)
{
    static const uint8_t no_version[4] = {0};
    if (memcmp(c1 + PRODUCT_AT, no_version, sizeof(no_version)) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        size_t offset = digest_offset(c1, &layouts[i]);
        uint8_t digest[DIGEST];
        digest_block(c1, offset, client_key, digest);
        if (memcmp(digest, c1 + offset, DIGEST) == 0) /* no secret: the key is public */
            return &layouts[i];
    }
    return NULL;
}

static void write_s1(const struct layout *layout, uint32_t time, struct random *random, uint8_t *s1)
{
    for (size_t i = 0; i < 4; i++)
        s1[i] = (uint8_t)(time >> (24 - 8 * i));
    memset(s1 + PRODUCT_AT, 0, 4);
    random_fill(random, s1 + RANDOM_AT, RTMP_HANDSHAKE_BLOCK - RANDOM_AT);
    if (layout == NULL)
        return;
    memcpy(s1 + PRODUCT_AT, server_version, sizeof(server_version));
    size_t offset = digest_offset(s1, layout);
    digest_block(s1, offset, server_key, s1 + offset);
}

/* Random bytes and a digest of them under a key made from the client's digest. */
static void write_digest_s2(const uint8_t *client_digest, struct random *random, uint8_t *s2)
{
    uint8_t full_key[sizeof(server_key) - 1 + sizeof(server_key_tail)];
    memcpy(full_key, server_key, sizeof(server_key) - 1);
    memcpy(full_key + sizeof(server_key) - 1, server_key_tail, sizeof(server_key_tail));
    uint8_t key[DIGEST];
    hmac(full_key, sizeof(full_key), client_digest, DIGEST, key);

    size_t len = RTMP_HANDSHAKE_BLOCK - DIGEST;
    random_fill(random, s2, len);
    hmac(key, sizeof(key), s2, len, s2 + len);
}

void rtmp_handshake_answer(const uint8_t c1[RTMP_HANDSHAKE_BLOCK], uint32_t time,
                           struct random *random, uint8_t out[RTMP_HANDSHAKE_ANSWER])
{
    uint8_t *s1 = out + 1;
    uint8_t *s2 = s1 + RTMP_HANDSHAKE_BLOCK;
    const struct layout *layout = find_layout(c1);
    out[0] = RTMP_VERSION;
    write_s1(layout, time, random, s1);
    if (layout == NULL)
        memcpy(s2, c1, RTMP_HANDSHAKE_BLOCK);
    else
        write_digest_s2(c1 + digest_offset(c1, layout), random, s2);
}
