#include "proto/m3u8/uri_reader.h"

#include "base/text.h"

#include <stdbool.h>

static const uint64_t max_number = 9999999999; /* 10 digits */

static bool take_prefix(struct str *name, struct str prefix)
{
    if (name->len < prefix.len ||
        !str_equal(prefix, (struct str){.at = name->at, .len = prefix.len}))
        return false;
    name->at += prefix.len;
    name->len -= prefix.len;
    return true;
}

static bool take_suffix(struct str *name, struct str suffix)
{
    if (name->len < suffix.len)
        return false;
    size_t rest = name->len - suffix.len;
    if (!str_equal(suffix, (struct str){.at = name->at + rest, .len = suffix.len}))
        return false;
    name->len = rest;
    return true;
}

static bool is_number(struct str digits, uint64_t *out)
{
    bool is_padded = digits.len > 1 && digits.at[0] == '0';
    return !is_padded && text_read_uint(digits, max_number, out) == ERR_OK;
}

static bool read_segment(struct str name, struct m3u8_uri *out)
{
    struct str part;
    struct str number = text_cut(name, '.', &part);
    if (!is_number(number, &out->number))
        return false;
    out->kind = number.len == name.len ? M3U8_SEGMENT : M3U8_PART;
    return out->kind == M3U8_SEGMENT ||
           (take_prefix(&part, STR("p")) && is_number(part, &out->part));
}

enum err m3u8_read_uri(struct str name, struct m3u8_uri *out)
{
    struct m3u8_uri uri = {.kind = M3U8_PLAYLIST};
    bool is_known = str_equal(name, STR("index.m3u8"));
    if (take_prefix(&name, STR("init-"))) {
        uri.kind = M3U8_INIT;
        is_known = take_suffix(&name, STR(".mp4")) && is_number(name, &uri.number);
    } else if (take_prefix(&name, STR("s"))) {
        is_known = take_suffix(&name, STR(".m4s")) && read_segment(name, &uri);
    }
    if (!is_known)
        return ERR_NOT_FOUND;
    *out = uri;
    return ERR_OK;
}
