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

/* Lower-case digits; spaces may stand between them. Returns the number of bytes. */
static inline size_t hex_read(const char *text, uint8_t *out, size_t cap)
{
    size_t nibbles = 0;
    for (; *text != '\0' && nibbles / 2 < cap; text++) {
        if (*text == ' ')
            continue;
        uint8_t *at = &out[nibbles / 2];
        *at = (uint8_t)(nibbles % 2 == 0 ? hex_digit(*text) << 4 : *at | hex_digit(*text));
        nibbles++;
    }
    return nibbles / 2;
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
