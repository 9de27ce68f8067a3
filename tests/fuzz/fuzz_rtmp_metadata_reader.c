/* Any bytes as a data message: what is read is in range. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_metadata_reader.h"

#include <stdlib.h>
#include <string.h>

static bool is_edge(uint32_t edge)
{
    return edge == 0 || (edge >= 16 && edge <= 8192);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtmp_metadata metadata;
    if (rtmp_metadata_read(data, size, &metadata) != ERR_OK)
        return 0;
    bool is_rate =
        metadata.framerate == 0 || (metadata.framerate >= 1 && metadata.framerate <= 240);
    if (!is_edge(metadata.width) || !is_edge(metadata.height) || !is_rate ||
        metadata.video_bps > 100000000 || metadata.audio_bps > 100000000 ||
        metadata.audio_channels > 2)
        abort();
    for (const char *at = metadata.encoder; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20)
            abort();
    }
    return 0;
}
