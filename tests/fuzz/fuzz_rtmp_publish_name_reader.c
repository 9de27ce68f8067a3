/* Any bytes as a publish name: the key lies inside it, without a query. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_publish_name_reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct secret name = {.value = {.at = (const char *)data, .len = size}};
    struct rtmp_publish publish = rtmp_publish_name_read(name);
    struct str key = publish.key.value;
    if (key.len > size || key.len > RTMP_MAX_STREAM_NAME || publish.priority > INT32_MAX ||
        (key.len > 0 && memchr(key.at, '?', key.len) != NULL))
        abort();
    return 0;
}
