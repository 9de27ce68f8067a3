/* Any bytes as an aggregate message: its tags lie inside it, in order. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_aggregate_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtmp_message message = {.timestamp = 1000, .payload = chunk_copy(data, size)};
    const uint8_t *at = message.payload->at;
    const uint8_t *end = at + size;
    struct rtmp_aggregate aggregate;
    if (rtmp_aggregate_open(&message, &aggregate) == ERR_OK) {
        struct rtmp_aggregate_tag tag;
        while (rtmp_aggregate_next(&aggregate, &tag)) {
            if (tag.at < at || tag.len > (size_t)(end - tag.at))
                abort();
            at = tag.at + tag.len;
        }
    }
    chunk_unref(&message.payload);
    return 0;
}
