#include "proto/http/percent.h"

#include "base/text.h"
#include "proto/http/chars.h"

/* The byte that %XX at `at` stands for, or -1. */
static int decode_triplet(const char *at, size_t left)
{
    if (left < 3)
        return -1;
    int high = http_hex_digit((uint8_t)at[1]);
    int low = http_hex_digit((uint8_t)at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

enum err http_percent_decode(struct str raw, bool is_form, struct arena *arena, struct str *out)
{
    char *decoded = arena_alloc(arena, raw.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        int c = (uint8_t)raw.at[i];
        if (c == '%') {
            c = decode_triplet(raw.at + i, raw.len - i);
            i += 2;
        } else if (c == '+' && is_form) {
            c = ' ';
        }
        if (c <= 0)
            return ERR_MALFORMED;
        decoded[len++] = (char)c;
    }
    struct str result = {.at = decoded, .len = len};
    if (!text_is_utf8(result))
        return ERR_MALFORMED;
    *out = result;
    return ERR_OK;
}
