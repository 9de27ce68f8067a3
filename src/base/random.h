/* Randomness is a parameter: production passes random_system(), tests a seeded one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
    void (*fill)(struct random *, void *out, size_t len);
    uint64_t state; /* of the seeded generator */
};

/* The operating system's generator, fit for keys. Shared by all threads. */
struct random *random_system(void);

/* A repeatable generator for tests; never for keys. */
struct random random_seeded(uint64_t seed);

void random_fill(struct random *, void *out, size_t len);

/* Uniform in 0 .. limit-1; limit > 0. */
uint32_t random_below(struct random *, uint32_t limit);

/* `len` characters of [A-Za-z0-9], uniform, and a NUL behind them. */
void random_alnum(struct random *, char *out, size_t len);
