#include "proto/m3u8/directives_reader.h"

#include "base/text.h"

static const uint64_t max_number = 9999999999; /* 10 digits */
enum { MAX_DIGITS = 10 };

static enum err read_number(struct str value, bool *has, uint64_t *out)
{
    if (*has || value.len > MAX_DIGITS)
        return ERR_MALFORMED;
    enum err err = text_read_uint(value, max_number, out);
    *has = !err;
    return err;
}

enum err m3u8_read_directives(struct str query, struct m3u8_directives *out)
{
    struct m3u8_directives found = {0};
    while (query.len > 0) {
        struct str value;
        struct str name = text_cut(text_cut(query, '&', &query), '=', &value);
        enum err err = ERR_OK;
        if (str_equal(name, STR("_HLS_msn")))
            err = read_number(value, &found.has_msn, &found.msn);
        else if (str_equal(name, STR("_HLS_part")))
            err = read_number(value, &found.has_part, &found.part);
        else if (str_equal(name, STR("_HLS_skip")))
            found.skip |= str_equal(value, STR("YES")) || str_equal(value, STR("v2"));
        if (err)
            return err;
    }
    if (found.has_part && !found.has_msn)
        return ERR_MALFORMED;
    *out = found;
    return ERR_OK;
}
