#include "proto/rtmp/rtmp_aggregate_reader.h"

enum { BACK_POINTER = 4 };

/* One tag as it stands there (Video File Format 10.1, E.4.1). */
static struct rtmp_aggregate_tag read_tag(struct reader *r)
{
    struct rtmp_aggregate_tag tag = {.type = (uint8_t)reader_uint(r, 1)};
    tag.len = reader_uint(r, 3);
    tag.timestamp = (uint32_t)reader_uint(r, 3);
    tag.timestamp |= (uint32_t)reader_uint(r, 1) << 24;
    reader_take(r, 3); /* stream id */
    tag.at = reader_take(r, tag.len);
    reader_take(r, BACK_POINTER); /* not checked: some senders leave it empty */
    return tag;
}

enum err rtmp_aggregate_open(const struct rtmp_message *message, struct rtmp_aggregate *out)
{
    struct reader whole = reader_over(message->payload->at, message->payload->len);
    struct reader r = whole;
    while (r.left > 0 && !r.failed)
        (void)read_tag(&r);
    if (r.failed)
        return ERR_MALFORMED;
    *out = (struct rtmp_aggregate){.rest = whole, .timestamp = message->timestamp};
    return ERR_OK;
}

bool rtmp_aggregate_next(struct rtmp_aggregate *aggregate, struct rtmp_aggregate_tag *out)
{
    if (aggregate->rest.left == 0)
        return false;
    *out = read_tag(&aggregate->rest);
    if (!aggregate->is_begun)
        aggregate->first = out->timestamp;
    aggregate->is_begun = true;
    out->timestamp += aggregate->timestamp - aggregate->first;
    return true;
}
