/* Hex text to bytes, for golden vectors. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline uint8_t hex_digit(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Lower-case digits without spaces. Returns the number of bytes. */
static inline size_t hex_read(const char *text, uint8_t *out, size_t cap)
{
    size_t len = strlen(text) / 2;
    for (size_t i = 0; i < len && i < cap; i++)
        out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return len;
}

/* Whether `bytes` are what `text` says; prints the first difference. */
static inline bool hex_equal(const char *text, const uint8_t *bytes, size_t len)
{
    uint8_t want[4096];
    size_t want_len = hex_read(text, want, sizeof(want));
    for (size_t i = 0; i < len && i < want_len && i < sizeof(want); i++) {
        if (want[i] != bytes[i]) {
            printf("byte %zu: want %02x, got %02x\n", i, want[i], bytes[i]);
            return false;
        }
    }
    if (want_len != len)
        printf("length: want %zu, got %zu\n", want_len, len);
    return want_len == len;
}
