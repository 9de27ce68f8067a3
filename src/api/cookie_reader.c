#include "api/cookie_reader.h"

#include "base/text.h"

struct str cookie_find(struct str header, struct str name)
{
    struct str rest = header;
    while (rest.len > 0) {
        struct str value;
        struct str pair = text_trim(text_cut(rest, ';', &rest));
        struct str found = text_cut(pair, '=', &value);
        if (found.len < pair.len && str_equal(found, name))
            return value;
    }
    return (struct str){0};
}
