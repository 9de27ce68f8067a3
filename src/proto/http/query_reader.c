#include "proto/http/query_reader.h"

#include "base/text.h"
#include "proto/http/percent.h"

bool http_query_next(struct str *query, struct http_query_pair *out)
{
    while (query->len > 0) {
        struct str pair = text_cut(*query, '&', query);
        if (pair.len == 0)
            continue;
        out->key = text_cut(pair, '=', &out->value);
        return true;
    }
    return false;
}

enum err http_query_decode(struct str raw, struct arena *arena, struct str *out)
{
    return http_percent_decode(raw, true, arena, out);
}

enum err http_query_find(struct str query, struct str key, struct arena *arena, struct str *out)
{
    struct str found = {0};
    bool is_found = false;
    struct http_query_pair pair;
    while (http_query_next(&query, &pair)) {
        struct str name;
        if (http_query_decode(pair.key, arena, &name) != ERR_OK || !str_equal(name, key))
            continue;
        if (is_found || http_query_decode(pair.value, arena, &found) != ERR_OK)
            return ERR_MALFORMED;
        is_found = true;
    }
    if (!is_found)
        return ERR_NOT_FOUND;
    *out = found;
    return ERR_OK;
}
