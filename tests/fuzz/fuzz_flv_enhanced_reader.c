/* Any bytes: what reads as an enhanced tag has its tracks inside the body. */
#include "fuzz.h"
#include "proto/flv/flv_enhanced_reader.h"

#include <stdlib.h>

static void check(enum err err, const struct flv_enhanced *tag, const uint8_t *data, size_t size)
{
    if (err != ERR_OK)
        return;
    for (size_t i = 0; i < tag->track_count; i++) {
        const uint8_t *at = (const uint8_t *)tag->tracks[i].data.at;
        if (tag->tracks[i].data.len > 0 &&
            (at < data || tag->tracks[i].data.len > size - (size_t)(at - data)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {.at = (const char *)data, .len = size};
    struct flv_enhanced tag;
    check(flv_enhanced_video_read(body, &tag), &tag, data, size);
    check(flv_enhanced_audio_read(body, &tag), &tag, data, size);
    return 0;
}
