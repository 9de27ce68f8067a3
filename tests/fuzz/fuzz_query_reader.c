/* Any bytes: pairs lie within and come to an end; what decodes is UTF-8. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/http/query_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 1024);
    struct str query = {(const char *)data, size};
    struct http_query_pair pair;
    size_t total = 0;
    while (http_query_next(&query, &pair)) {
        total += pair.key.len + pair.value.len;
        struct str decoded;
        if (http_query_decode(pair.value, &arena, &decoded) == ERR_OK && !text_is_utf8(decoded))
            abort();
    }
    if (total > size)
        abort();
    struct str found;
    enum err err =
        http_query_find((struct str){(const char *)data, size}, STR("q"), &arena, &found);
    if (err == ERR_OK && !text_is_utf8(found))
        abort();
    arena_finish(&arena);
    return 0;
}
