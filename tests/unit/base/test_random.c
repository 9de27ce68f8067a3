#include "base/random.h"

#include "check.h"

#include <ctype.h>
#include <string.h>

static void a_seed_repeats_and_another_does_not(void)
{
    struct random a = random_seeded(1);
    struct random b = random_seeded(1);
    struct random c = random_seeded(2);
    uint8_t bytes[3][37]; /* no multiple of what the generator makes at once */
    random_fill(&a, bytes[0], 37);
    random_fill(&b, bytes[1], 37);
    random_fill(&c, bytes[2], 37);
    CHECK_EQ(0, memcmp(bytes[0], bytes[1], 37));
    CHECK(memcmp(bytes[0], bytes[2], 37) != 0);
    random_fill(&a, bytes[1], 37);
    CHECK(memcmp(bytes[0], bytes[1], 37) != 0);
}

static void fill_stays_within_its_bounds(void)
{
    struct random random = random_seeded(1);
    for (size_t len = 0; len < 20; len++) {
        uint8_t bytes[32] = {0};
        random_fill(&random, bytes + 4, len);
        for (size_t i = 0; i < 4; i++) {
            CHECK_EQ(0, bytes[i]);
            CHECK_EQ(0, bytes[4 + len + i]);
        }
        CHECK(len < 8 || memcmp(bytes + 4, (uint8_t[20]){0}, len) != 0);
    }
}

static void below_is_uniform(void)
{
    struct random random = random_seeded(5);
    unsigned counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[random_below(&random, 6)]++;
    for (size_t i = 0; i < 6; i++)
        CHECK(counts[i] > 9500 && counts[i] < 10500);
    CHECK_EQ(0, random_below(&random, 1));
}

/* Of 2^32 values, 3 * 2^30 is the worst limit: a plain remainder would hit its first third twice as
 * often as the rest. */
static void below_is_uniform_for_large_limits_too(void)
{
    struct random random = random_seeded(6);
    const uint32_t limit = 3U << 30;
    unsigned low = 0;
    for (int i = 0; i < 30000; i++) {
        uint32_t value = random_below(&random, limit);
        CHECK(value < limit);
        low += value < limit / 3;
    }
    CHECK(low > 9500 && low < 10500);
}

static void alnum_uses_every_letter_and_nothing_else(void)
{
    struct random random = random_seeded(8);
    char text[2001];
    memset(text, '!', sizeof(text));
    random_alnum(&random, text, 2000);
    CHECK_EQ(2000, strlen(text));
    bool seen[128] = {0};
    for (size_t i = 0; i < 2000; i++) {
        CHECK(isalnum(text[i]));
        seen[text[i] & 127] = true;
    }
    unsigned kinds = 0;
    for (size_t i = 0; i < sizeof(seen); i++)
        kinds += seen[i];
    CHECK_EQ(62, kinds);
    random_alnum(&random, text, 0);
    CHECK_EQ('\0', text[0]);
}

static void the_system_does_not_repeat_itself(void)
{
    uint8_t bytes[2][16] = {0};
    random_fill(random_system(), bytes[0], 16);
    random_fill(random_system(), bytes[1], 16);
    CHECK(memcmp(bytes[0], bytes[1], 16) != 0);
    CHECK(memcmp(bytes[0], (uint8_t[16]){0}, 16) != 0);
}

int main(void)
{
    RUN(a_seed_repeats_and_another_does_not);
    RUN(fill_stays_within_its_bounds);
    RUN(below_is_uniform);
    RUN(below_is_uniform_for_large_limits_too);
    RUN(alnum_uses_every_letter_and_nothing_else);
    RUN(the_system_does_not_repeat_itself);
    return check_report();
}
