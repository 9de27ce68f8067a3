/* Multivariant playlists as text (draft-pantos-hls-rfc8216bis-22 §4.4.6, media 2.5). Pure. */
#pragma once

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

struct m3u8_variant {
    const char *rendition;
    uint64_t bandwidth, average_bandwidth; /* bits per second */
    const char *codecs;                    /* RFC 6381, video first */
    uint32_t width, height;                /* as shown; 0: audio only */
    uint32_t frame_rate_milli;             /* frames per 1000 s */
};

/* Ids are of our own making: nothing from a peer goes here (SE-30). */
void m3u8_write_master(const char *stream_id, const char *channel_id,
                       const struct m3u8_variant *variants, size_t count, struct buf *out);
