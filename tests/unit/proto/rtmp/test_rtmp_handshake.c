#include "proto/rtmp/rtmp_handshake.h"

#include "check.h"
#include "unit/hex.h"

#include <sodium.h>

/* Golden vectors V7. */
static const struct {
    size_t offset;
    const char *digest;
    const char *s2_end; /* when byte i of S2 is i mod 256 */

} vectors[] = {
    {50, "1a0738a48b1a8654bdfaeba70f3306ea8fa1a54de15fe35fdba384c99e8c9354",
     "a4bcef92e7dc710f0dcd11d363e0d1b969c273f44cc92600e616a5721fabd74d"},
    {798, "04311e20855f942b928fe02f1df48ce612c2061e5a97bfc2a226063a94f3973d",
     "b2b7c85570aabbecefe554816f9f40256bc7ac84adf523f1e726d85af87c4ad8"},
};

static uint8_t c1[RTMP_HANDSHAKE_BLOCK];
static uint8_t answer[RTMP_HANDSHAKE_ANSWER];
static const uint8_t *const s1 = answer + 1;
static const uint8_t *const s2 = answer + 1 + RTMP_HANDSHAKE_BLOCK;

/* Byte i is i mod 256. */
static void fill_counting(struct random *random, void *out, size_t len)
{
    (void)random;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)i;
}
static struct random counting = {.fill = fill_counting};

static void start_c1(const char *head)
{
    for (size_t i = 0; i < sizeof(c1); i++)
        c1[i] = (uint8_t)i;
    (void)hex_read(head, c1, 8);
}

static void vectors_are_answered(void)
{
    for (size_t i = 0; i < 2; i++) {
        start_c1("00000000 80000702");
        (void)hex_read(vectors[i].digest, c1 + vectors[i].offset, 32);
        rtmp_handshake_answer(c1, 12345, &counting, answer);
        CHECK_EQ(3, answer[0]);
        CHECK(hex_equal(vectors[i].s2_end, s2 + 1504, 32));
        CHECK_EQ(1503 % 256, s2[1503]);
    }
}

/* HMAC-SHA-256 under one of the public keys of a block without the 32 bytes at `offset`. */
static void digest_block(const uint8_t *block, const char *key, size_t offset, uint8_t out[32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)key, strlen(key));
    crypto_auth_hmacsha256_update(&state, block, offset);
    crypto_auth_hmacsha256_update(&state, block + offset + 32, 1536 - offset - 32);
    crypto_auth_hmacsha256_final(&state, out);
}

static const char client_key[] = "Genuine Adobe Flash Player 001";
static const char server_key[] = "Genuine Adobe Flash Media Server 001";

static void s1_has_a_digest_in_the_layout_of_c1(void)
{
    static const size_t sum_at[] = {8, 772};
    static const size_t base[] = {12, 776};
    struct random random = random_seeded(1);
    for (size_t i = 0; i < 2; i++) {
        start_c1("00000000 80000702");
        (void)hex_read(vectors[i].digest, c1 + vectors[i].offset, 32);
        rtmp_handshake_answer(c1, 0x01020304, &random, answer);
        CHECK(hex_equal("0102030404050001", s1, 8));
        const uint8_t *sum = s1 + sum_at[i];
        size_t offset = (size_t)(sum[0] + sum[1] + sum[2] + sum[3]) % 728 + base[i];
        uint8_t digest[32];
        digest_block(s1, server_key, offset, digest);
        CHECK_EQ(0, memcmp(digest, s1 + offset, 32));
    }
}

static bool is_simple(void)
{
    static const uint8_t zeros[4];
    return memcmp(s2, c1, sizeof(c1)) == 0 && memcmp(s1 + 4, zeros, 4) == 0;
}

static void without_a_version_the_simple_form_answers(void)
{
    struct random random = random_seeded(1);
    start_c1("00000000 00000000");
    (void)hex_read(vectors[0].digest, c1 + 50, 32); /* whatever stands there */
    rtmp_handshake_answer(c1, 0xa1b2c3d4, &random, answer);
    CHECK_EQ(3, answer[0]);
    CHECK(is_simple());
    CHECK(hex_equal("a1b2c3d400000000", s1, 8));
}

static void a_wrong_digest_gets_the_simple_form(void)
{
    struct random random = random_seeded(1);
    for (size_t i = 0; i < 2; i++) {
        static const size_t wrong[] = {0, 4, 31, 700, 1535};
        for (size_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
            start_c1("00000000 80000702");
            (void)hex_read(vectors[i].digest, c1 + vectors[i].offset, 32);
            c1[wrong[n] < 32 ? vectors[i].offset + wrong[n] : wrong[n]] ^= 1;
            rtmp_handshake_answer(c1, 0, &random, answer);
            CHECK(is_simple());
        }
    }
}

/* C1 with four bytes of that sum where the layout has them, and a right digest. */
static void sign_c1(const char *head, size_t layout, unsigned sum)
{
    static const size_t sum_at[] = {8, 772};
    static const size_t base[] = {12, 776};
    start_c1(head);
    for (size_t i = 0; i < 4; i++) {
        unsigned byte = sum < 255 ? sum : 255;
        c1[sum_at[layout] + i] = (uint8_t)byte;
        sum -= byte;
        if (i == 3)
            CHECK_EQ(0, sum);
    }
    size_t offset = 0;
    for (size_t i = 0; i < 4; i++)
        offset += c1[sum_at[layout] + i];
    offset = offset % 728 + base[layout];
    digest_block(c1, client_key, offset, c1 + offset);
}

static void every_offset_is_found(void)
{
    static const unsigned sums[] = {0, 1, 726, 727, 728, 729, 1020};
    struct random random = random_seeded(1);
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]) * 2; i++) {
        sign_c1("00000000 80000702", i % 2, sums[i / 2]);
        rtmp_handshake_answer(c1, 0, &random, answer);
        CHECK(hex_equal("0000000004050001", s1, 8));
    }
}

/* Whether there is a version decides, not whether there is a digest. */
static void any_version_will_do(void)
{
    static const struct {
        const char *head;
        bool has_digest;
    } cases[] = {{"00000000 00000000", false},
                 {"00000000 00000001", true},
                 {"00000000 01000000", true},
                 {"00000001 00000000", false},
                 {"00000000 00000100", true}};
    struct random random = random_seeded(1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sign_c1(cases[i].head, 0, 100);
        rtmp_handshake_answer(c1, 0, &random, answer);
        CHECK_EQ(cases[i].has_digest, !is_simple());
    }
}

static void the_largest_offsets_stay_inside(void)
{
    struct random random = random_seeded(1);
    memset(c1, 0xff, sizeof(c1)); /* sums of 1020, which is 292 */
    rtmp_handshake_answer(c1, 0, &random, answer);
    CHECK(is_simple());
    memcpy(c1 + 8, (uint8_t[]){255, 255, 217, 0}, 4);
    memcpy(c1 + 772, (uint8_t[]){255, 255, 217, 0}, 4);
    rtmp_handshake_answer(c1, 0, &random, answer);
    CHECK(is_simple());
}

static void two_answers_differ_in_their_random_bytes(void)
{
    struct random random = random_seeded(1);
    start_c1("00000000 00000000");
    rtmp_handshake_answer(c1, 0, &random, answer);
    uint8_t first[RTMP_HANDSHAKE_BLOCK];
    memcpy(first, s1, sizeof(first));
    rtmp_handshake_answer(c1, 0, &random, answer);
    CHECK(memcmp(first, s1, sizeof(first)) != 0);
}

int main(void)
{
    RUN(vectors_are_answered);
    RUN(s1_has_a_digest_in_the_layout_of_c1);
    RUN(without_a_version_the_simple_form_answers);
    RUN(a_wrong_digest_gets_the_simple_form);
    RUN(every_offset_is_found);
    RUN(any_version_will_do);
    RUN(the_largest_offsets_stay_inside);
    RUN(two_answers_differ_in_their_random_bytes);
    return check_report();
}
