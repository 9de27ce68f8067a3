/*
 * Bounds-checked bit cursor over bytes that somebody else owns: base/reader.h for formats that do
 * not stop at bytes. A read past the end yields zero and marks the cursor failed for good.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
    const uint8_t *at;
    size_t left;      /* bytes, the one being read included */
    unsigned used;    /* bits of it that are read, 0 to 7 */
    unsigned zeros;   /* whole zero bytes just read */
    bool has_escapes; /* skip emulation prevention bytes: 03 after two zero bytes (H.264 §7.3.1) */
    bool failed;
};

static inline struct bits bits_over(const void *bytes, size_t len)
{
    return (struct bits){.at = (const uint8_t *)bytes, .left = len};
}

static inline uint32_t bits_take_one(struct bits *b)
{
    if (b->used == 0 && b->has_escapes && b->zeros >= 2 && b->left > 0 && *b->at == 3) {
        b->at++;
        b->left--;
        b->zeros = 0;
    }
    if (b->failed || b->left == 0) {
        b->failed = true;
        return 0;
    }
    uint32_t bit = *b->at >> (7 - b->used) & 1;
    if (++b->used == 8) {
        b->zeros = *b->at == 0 ? b->zeros + 1 : 0;
        b->at++;
        b->left--;
        b->used = 0;
    }
    return bit;
}

/* An unsigned integer of up to 32 bits; 0 when the cursor fails. */
static inline uint32_t bits_uint(struct bits *b, unsigned width)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 1 | bits_take_one(b);
    return b->failed ? 0 : value;
}

static inline bool bits_flag(struct bits *b)
{
    return bits_uint(b, 1) != 0;
}

static inline void bits_skip(struct bits *b, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        (void)bits_take_one(b); /* failure is remembered */
}

/* Exp-Golomb ue(v), up to 2^32 - 2 (H.264 §9.1). */
static inline uint32_t bits_ue(struct bits *b)
{
    unsigned zeros = 0;
    while (!b->failed && zeros < 32 && bits_take_one(b) == 0)
        zeros++;
    if (zeros >= 32)
        b->failed = true;
    uint32_t rest = bits_uint(b, zeros < 32 ? zeros : 0);
    return b->failed ? 0 : (uint32_t)((1ULL << zeros) - 1) + rest;
}

/* Exp-Golomb se(v) (H.264 §9.1.1). */
static inline int32_t bits_se(struct bits *b)
{
    uint32_t code = bits_ue(b);
    int64_t magnitude = ((int64_t)code + 1) / 2;
    return (int32_t)(code % 2 == 1 ? magnitude : -magnitude);
}
