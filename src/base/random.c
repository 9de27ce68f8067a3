#include "base/random.h"

#include <sodium.h>
#include <string.h>

static void fill_from_system(struct random *random, void *out, size_t len)
{
    (void)random; /* the system has one generator */
    randombytes_buf(out, len);
}

struct random *random_system(void)
{
    static struct random the_system = {.fill = fill_from_system}; /* read-only in effect */
    return &the_system;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void fill_from_seed(struct random *random, void *out, size_t len)
{
    for (uint8_t *at = out; len > 0;) {
        uint64_t bits = next(random);
        size_t step = len < sizeof(bits) ? len : sizeof(bits);
        memcpy(at, &bits, step);
        at += step;
        len -= step;
    }
}

struct random random_seeded(uint64_t seed)
{
    return (struct random){.fill = fill_from_seed, .state = seed};
}

void random_fill(struct random *random, void *out, size_t len)
{
    random->fill(random, out, len);
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    /* Values below 2^32 mod limit are drawn again, so that every remainder is equally likely. */
    uint32_t skip = -limit % limit;
    uint32_t value = 0;
    do {
        random_fill(random, &value, sizeof(value));
    } while (value < skip);
    return value % limit;
}

void random_alnum(struct random *random, char *out, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < len; i++)
        out[i] = letters[random_below(random, sizeof(letters) - 1)];
    out[len] = '\0';
}
