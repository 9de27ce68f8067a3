/* Any bytes: a header that reads is no longer than the body. */
#include "fuzz.h"
#include "proto/flv/flv_tag_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {.at = (const char *)data, .len = size};
    struct flv_tag tag;
    if (flv_video_read(body, &tag) == ERR_OK && tag.header_len > size)
        abort();
    if (flv_audio_read(body, &tag) == ERR_OK && tag.header_len > size)
        abort();
    return 0;
}
