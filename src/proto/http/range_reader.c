#include "proto/http/range_reader.h"

#include "base/text.h"

#include <assert.h>

struct http_range http_range_read(struct str value)
{
    const struct http_range none = {.kind = HTTP_RANGE_NONE};
    struct str spec;
    struct str unit = text_cut(value, '=', &spec);
    if (!text_equal_nocase(unit, STR("bytes")))
        return none;

    spec = text_trim(spec);
    struct str end;
    struct str start = text_cut(spec, '-', &end);
    if (start.len == spec.len)
        return none;
    struct http_range range = {.kind = HTTP_RANGE_FROM, .last = UINT64_MAX};
    if (start.len == 0)
        range.kind = HTTP_RANGE_SUFFIX;
    else if (text_read_uint(start, INT64_MAX, &range.first) != ERR_OK)
        return none;
    bool has_end = end.len > 0 || start.len == 0;
    if (has_end && text_read_uint(end, INT64_MAX, &range.last) != ERR_OK)
        return none;
    return range.last < range.first ? none : range;
}

bool http_range_resolve(const struct http_range *range, uint64_t size, uint64_t *out_first,
                        uint64_t *out_len)
{
    assert(range->kind != HTTP_RANGE_NONE);
    if (range->kind == HTTP_RANGE_SUFFIX) {
        uint64_t len = range->last < size ? range->last : size;
        if (len == 0)
            return false;
        *out_first = size - len;
        *out_len = len;
        return true;
    }
    if (range->first >= size)
        return false;
    uint64_t last = range->last < size ? range->last : size - 1;
    *out_first = range->first;
    *out_len = last - range->first + 1;
    return true;
}
