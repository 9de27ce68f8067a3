#include "proto/http/condition_reader.h"

#include "base/text.h"

/* Is the weight `;q=0`, `;q=0.0` …, which means not acceptable? */
static bool is_refused(struct str parameters)
{
    while (parameters.len > 0) {
        struct str weight;
        struct str name = text_trim(text_cut(text_cut(parameters, ';', &parameters), '=', &weight));
        weight = text_trim(weight);
        if (!text_equal_nocase(name, STR("q")))
            continue;
        for (size_t i = 0; i < weight.len; i++)
            if (weight.at[i] != '0' && weight.at[i] != '.')
                return false;
        return true;
    }
    return false;
}

unsigned http_accept_encoding_read(struct str value)
{
    unsigned named = 0;
    unsigned accepted = 0;
    bool accepts_others = false;
    while (value.len > 0) {
        struct str parameters;
        struct str coding = text_trim(text_cut(text_cut(value, ',', &value), ';', &parameters));
        unsigned bit = 0;
        if (text_equal_nocase(coding, STR("gzip")) || text_equal_nocase(coding, STR("x-gzip")))
            bit = HTTP_GZIP;
        else if (text_equal_nocase(coding, STR("br")))
            bit = HTTP_BROTLI;
        else if (str_equal(coding, STR("*")))
            accepts_others = !is_refused(parameters);
        named |= bit;
        accepted |= is_refused(parameters) ? 0 : bit;
    }
    if (accepts_others)
        accepted |= (HTTP_GZIP | HTTP_BROTLI) & ~named;
    return accepted;
}

static struct str opaque_part(struct str tag)
{
    if (tag.len > 2 && tag.at[0] == 'W' && tag.at[1] == '/')
        return (struct str){.at = tag.at + 2, .len = tag.len - 2};
    return tag;
}

bool http_if_none_match_has(struct str value, struct str etag)
{
    if (str_equal(value, STR("*")))
        return true;
    /* Our own tags hold no comma, so a comma inside another's quotes does no harm. */
    struct str wanted = opaque_part(etag);
    while (value.len > 0) {
        struct str tag = text_trim(text_cut(value, ',', &value));
        if (str_equal(opaque_part(tag), wanted))
            return true;
    }
    return false;
}
