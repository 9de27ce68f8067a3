#include "proto/http/path_reader.h"

#include "base/text.h"
#include "proto/http/chars.h"
#include "proto/http/percent.h"

static bool has_controls(struct str str)
{
    for (size_t i = 0; i < str.len; i++)
        if ((uint8_t)str.at[i] < 0x20 || str.at[i] == 0x7f)
            return true;
    return false;
}

static enum err read_segment(struct str raw, struct arena *arena, struct str *out)
{
    struct str segment = raw;
    if (raw.len > 0 && memchr(raw.at, '%', raw.len) != NULL) {
        enum err err = http_percent_decode(raw, false, arena, &segment);
        if (err != ERR_OK)
            return err;
    }
    if (has_controls(segment) || str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
        return ERR_MALFORMED;
    *out = segment;
    return ERR_OK;
}

enum err http_path_read(struct str raw, struct arena *arena, struct http_path *out)
{
    if (raw.len == 0 || raw.at[0] != '/')
        return ERR_MALFORMED;
    for (size_t i = 0; i < raw.len; i++)
        if (!http_is_visible_char((uint8_t)raw.at[i]))
            return ERR_MALFORMED;

    struct http_path path = {.count = 0};
    struct str rest = {.at = raw.at + 1, .len = raw.len - 1};
    while (rest.len > 0) {
        struct str segment = text_cut(rest, '/', &rest);
        if (path.count == HTTP_MAX_SEGMENTS)
            return ERR_NOT_FOUND;
        enum err err = read_segment(segment, arena, &path.segments[path.count++]);
        if (err != ERR_OK)
            return err;
    }
    *out = path;
    return ERR_OK;
}
