#include "proto/m3u8/master_playlist_writer.h"

#include <inttypes.h>

static void put_variant(struct buf *out, const char *stream_id, const struct m3u8_variant *variant)
{
    buf_printf(
        out, "#EXT-X-STREAM-INF:BANDWIDTH=%" PRIu64 ",AVERAGE-BANDWIDTH=%" PRIu64 ",CODECS=\"%s\"",
        variant->bandwidth, variant->average_bandwidth, variant->codecs);
    if (variant->width > 0)
        buf_printf(out, ",RESOLUTION=%" PRIu32 "x%" PRIu32 ",FRAME-RATE=%" PRIu32 ".%03" PRIu32,
                   variant->width, variant->height, variant->frame_rate_milli / 1000,
                   variant->frame_rate_milli % 1000);
    buf_printf(out, ",STABLE-VARIANT-ID=\"%s\"\n%s/%s/index.m3u8\n", variant->rendition, stream_id,
               variant->rendition);
}

void m3u8_write_master(const char *stream_id, const char *channel_id,
                       const struct m3u8_variant *variants, size_t count, struct buf *out)
{
    buf_printf(out,
               "#EXTM3U\n#EXT-X-VERSION:9\n"
               "#EXT-X-SESSION-DATA:DATA-ID=\"org.klieg.stream-id\",VALUE=\"%s\"\n"
               "#EXT-X-SESSION-DATA:DATA-ID=\"org.klieg.channel-id\",VALUE=\"%s\"\n",
               stream_id, channel_id);
    for (size_t i = 0; i < count; i++)
        put_variant(out, stream_id, &variants[i]);
}
