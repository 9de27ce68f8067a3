/* Classes of bytes in HTTP (RFC 9110 §5.5, §5.6.2; RFC 9112 §3). For this folder only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool http_is_token_char(uint8_t c)
{
    /* One bit a character, from 0x20 on: !#$%&'*+-.^_`|~ digits letters. */
    static const uint32_t token[4] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    return c < 0x80 && (token[c / 32] >> (c % 32) & 1) != 0;
}

/* VCHAR, obs-text, space and tab: all that may stand in a field value. */
static inline bool http_is_value_char(uint8_t c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

static inline bool http_is_visible_char(uint8_t c)
{
    return c > 0x20 && c < 0x7f;
}

static inline bool http_is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* 0 to 15, or -1. */
static inline int http_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}
