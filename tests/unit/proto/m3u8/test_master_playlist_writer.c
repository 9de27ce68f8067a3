#include "proto/m3u8/master_playlist_writer.h"

#include "check.h"

static void the_example_of_media_2_5(void)
{
    static const struct m3u8_variant variants[] = {
        {.rendition = "1080p60",
         .bandwidth = 7040000,
         .average_bandwidth = 6160000,
         .codecs = "avc1.64002A,mp4a.40.2",
         .width = 1920,
         .height = 1080,
         .frame_rate_milli = 60000},
        {.rendition = "480p30",
         .bandwidth = 1920000,
         .average_bandwidth = 1600000,
         .codecs = "avc1.4D401F,mp4a.40.2",
         .width = 852,
         .height = 480,
         .frame_rate_milli = 29970},
        {.rendition = "audio_only",
         .bandwidth = 150000,
         .average_bandwidth = 140000,
         .codecs = "mp4a.40.2"},
    };
    struct buf out;
    buf_init(&out, 4096);
    m3u8_write_master("st-4kQ", "4WpFQIDqX0pV", variants, 3, &out);
    CHECK(str_equal(
        STR("#EXTM3U\n"
            "#EXT-X-VERSION:9\n"
            "#EXT-X-SESSION-DATA:DATA-ID=\"org.klieg.stream-id\",VALUE=\"st-4kQ\"\n"
            "#EXT-X-SESSION-DATA:DATA-ID=\"org.klieg.channel-id\",VALUE=\"4WpFQIDqX0pV\"\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=7040000,AVERAGE-BANDWIDTH=6160000,CODECS=\"avc1.64002A,"
            "mp4a.40.2\",RESOLUTION=1920x1080,FRAME-RATE=60.000,STABLE-VARIANT-ID=\"1080p60\"\n"
            "st-4kQ/1080p60/index.m3u8\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=1920000,AVERAGE-BANDWIDTH=1600000,CODECS=\"avc1.4D401F,"
            "mp4a.40.2\",RESOLUTION=852x480,FRAME-RATE=29.970,STABLE-VARIANT-ID=\"480p30\"\n"
            "st-4kQ/480p30/index.m3u8\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=150000,AVERAGE-BANDWIDTH=140000,CODECS=\"mp4a.40.2\","
            "STABLE-VARIANT-ID=\"audio_only\"\n"
            "st-4kQ/audio_only/index.m3u8\n"),
        buf_str(&out)));
    buf_finish(&out);
}

int main(void)
{
    RUN(the_example_of_media_2_5);
    return check_report();
}
