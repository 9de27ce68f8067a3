#include "proto/rtmp/rtmp_publish_name_reader.h"

#include "base/text.h"

static uint32_t read_priority(struct str query)
{
    uint64_t priority = 0;
    while (query.len > 0) {
        struct str value;
        struct str key = text_cut(text_cut(query, '&', &query), '=', &value);
        uint64_t number;
        if (str_equal(key, STR("priority")) && text_read_uint(value, INT32_MAX, &number) == ERR_OK)
            priority = number;
    }
    return (uint32_t)priority;
}

struct rtmp_publish rtmp_publish_name_read(struct secret name)
{
    if (name.value.len > RTMP_MAX_STREAM_NAME)
        return (struct rtmp_publish){.priority = 0};
    struct str query;
    struct str key = text_cut(name.value, '?', &query);
    if (key.len > 0 && key.at[0] == '/') {
        key.at++;
        key.len--;
    }
    return (struct rtmp_publish){.key = {.value = key}, .priority = read_priority(query)};
}
