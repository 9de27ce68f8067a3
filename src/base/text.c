#include "base/text.h"

/* By its first byte (RFC 3629 §3); 0 for one that can be none. */
static size_t sequence_len(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

/* The second byte carries what keeps out overlong forms, surrogates and values above U+10FFFF. */
static bool second_is_valid(uint8_t lead, uint8_t second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

bool text_is_utf8(struct str str)
{
    const uint8_t *at = (const uint8_t *)str.at;
    size_t left = str.len;
    while (left > 0) {
        size_t len = sequence_len(at[0]);
        if (len == 0 || len > left || (len > 1 && !second_is_valid(at[0], at[1])))
            return false;
        for (size_t i = 2; i < len; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return false;
        }
        at += len;
        left -= len;
    }
    return true;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool text_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return true;
}

enum err text_read_uint(struct str str, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (str.len == 0)
        return ERR_MALFORMED;
    for (size_t i = 0; i < str.len; i++) {
        unsigned digit = (unsigned)(uint8_t)str.at[i] - '0';
        if (digit > 9 || value > max / 10 || digit > max - value * 10)
            return ERR_MALFORMED;
        value = value * 10 + digit;
    }
    *out = value;
    return ERR_OK;
}

struct str text_cut(struct str str, char separator, struct str *rest)
{
    for (size_t i = 0; i < str.len; i++) {
        if (str.at[i] == separator) {
            *rest = (struct str){.at = str.at + i + 1, .len = str.len - i - 1};
            return (struct str){.at = str.at, .len = i};
        }
    }
    *rest = (struct str){.at = str.len > 0 ? str.at + str.len : str.at, .len = 0};
    return str;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str text_trim(struct str str)
{
    while (str.len > 0 && is_blank(str.at[0])) {
        str.at++;
        str.len--;
    }
    while (str.len > 0 && is_blank(str.at[str.len - 1]))
        str.len--;
    return str;
}

void text_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

bool text_equal_secret(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    uint8_t difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference |= (uint8_t)(a.at[i] ^ b.at[i]);
    return difference == 0;
}
