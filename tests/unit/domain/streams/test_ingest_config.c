#include "domain/streams/ingest_config.h"

#include "base/mem.h"
#include "check.h"

#include <string.h>

static const struct h264_info main_720p = {.profile_idc = 77,
                                           .constraint_flags = 0x40,
                                           .level_idc = 31,
                                           .width = 1280,
                                           .height = 720,
                                           .fps_num = 60,
                                           .fps_den = 1};
static const struct aac_info stereo = {
    .object_type = 2, .sample_rate = 48000, .output_rate = 48000, .channels = 2};

#define CHECK_JSON(want, video, audio, hints) check_json(want, video, audio, hints, __LINE__)

static void check_json(const char *want, const struct h264_info *video,
                       const struct aac_info *audio, const struct ingest_config_hints *hints,
                       int line)
{
    char *got = ingest_config_write(video, audio, hints);
    if (strcmp(want, got) != 0)
        printf("line %d: want %s\n          got %s\n", line, want, got);
    CHECK(strcmp(want, got) == 0);
    mem_free(got);
}

static void everything_known_is_written(void)
{
    struct ingest_config_hints hints = {.width = 1,
                                        .height = 1,
                                        .framerate = 29.97,
                                        .video_bps = 2500000,
                                        .audio_bps = 160000,
                                        .audio_sample_rate = 44100,
                                        .audio_channels = 1,
                                        .encoder = "obs-output module",
                                        .flash_ver = "FMLE/3.0",
                                        .measured_framerate = 12,
                                        .measured_video_bps = 1,
                                        .measured_audio_bps = 1};
    CHECK_JSON("{\"video\":{\"codec\":\"avc1.4D401F\",\"avcProfile\":\"Main\",\"avcLevel\":\"3.1\","
               "\"encoder\":\"obs-output module\",\"videoWidth\":1280,\"videoHeight\":720,"
               "\"targetFramerate\":30,\"targetBitrate\":2500000},"
               "\"audio\":{\"codec\":\"mp4a.40.2\",\"channels\":2,\"sampleRate\":48000,"
               "\"targetBitrate\":160000}}",
               &main_720p, &stereo, &hints);
}

static void what_is_missing_comes_from_elsewhere_or_not_at_all(void)
{
    struct h264_info video = main_720p;
    struct ingest_config_hints hints = {0};
    CHECK_JSON("{\"video\":{\"codec\":\"avc1.4D401F\",\"avcProfile\":\"Main\",\"avcLevel\":\"3.1\","
               "\"videoWidth\":1280,\"videoHeight\":720,\"targetFramerate\":60}}",
               &video, NULL, &hints);
    hints = (struct ingest_config_hints){.measured_framerate = 29.6,
                                         .measured_video_bps = 2499500,
                                         .measured_audio_bps = 128499,
                                         .flash_ver = "FMLE/3.0"};
    video.fps_num = 121;
    struct aac_info he = {
        .object_type = 5, .sample_rate = 24000, .output_rate = 48000, .channels = 2};
    CHECK_JSON("{\"video\":{\"codec\":\"avc1.4D401F\",\"avcProfile\":\"Main\",\"avcLevel\":\"3.1\","
               "\"encoder\":\"FMLE/3.0\",\"videoWidth\":1280,\"videoHeight\":720,"
               "\"targetFramerate\":30,\"targetBitrate\":2500000},"
               "\"audio\":{\"codec\":\"mp4a.40.5\",\"channels\":2,\"sampleRate\":48000,"
               "\"targetBitrate\":128000}}",
               &video, &he, &hints);
}

static void text_of_the_encoder_is_escaped(void)
{
    struct ingest_config_hints hints = {.encoder = "a\"b\\c</script>\xc3\xa9"};
    char *text = ingest_config_write(&main_720p, NULL, &hints);
    CHECK(strstr(text, "\"encoder\":\"a\\\"b\\\\c</script>\xc3\xa9\"") != NULL);
    mem_free(text);
    hints = (struct ingest_config_hints){.encoder = "broken \xff"}; /* left out, the rest stays */
    text = ingest_config_write(&main_720p, NULL, &hints);
    CHECK(strstr(text, "encoder") == NULL && strstr(text, "videoWidth") != NULL);
    mem_free(text);
}

static void the_bitstream_s_frame_rate_is_rounded(void)
{
    static const struct {
        uint32_t num, den;
        const char *text; /* NULL: it is not believed */
    } cases[] = {{60000, 1001, "\"targetFramerate\":60"},
                 {24000, 1001, "\"targetFramerate\":24"},
                 {120, 1, "\"targetFramerate\":120"},
                 {121, 1, NULL},
                 {0, 1, NULL},
                 {30, 0, NULL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct h264_info video = main_720p;
        video.fps_num = cases[i].num;
        video.fps_den = cases[i].den;
        char *text = ingest_config_write(&video, NULL, &(struct ingest_config_hints){0});
        if (cases[i].text != NULL)
            CHECK(strstr(text, cases[i].text) != NULL);
        else
            CHECK(strstr(text, "targetFramerate") == NULL);
        mem_free(text);
    }
}

static void measuring_is_wanted_for_what_nobody_told(void)
{
    struct h264_info video = main_720p;
    struct ingest_config_hints hints = {.video_bps = 1, .audio_bps = 1};
    CHECK(!ingest_config_wants_measuring(&video, &hints));
    video.fps_den = 0;
    CHECK(ingest_config_wants_measuring(&video, &hints));
    hints.framerate = 25;
    CHECK(!ingest_config_wants_measuring(&video, &hints));
    hints.video_bps = 0;
    CHECK(ingest_config_wants_measuring(&video, &hints));
    hints = (struct ingest_config_hints){.framerate = 25, .video_bps = 1};
    CHECK(ingest_config_wants_measuring(&video, &hints));
}

int main(void)
{
    RUN(everything_known_is_written);
    RUN(what_is_missing_comes_from_elsewhere_or_not_at_all);
    RUN(text_of_the_encoder_is_escaped);
    RUN(the_bitstream_s_frame_rate_is_rounded);
    RUN(measuring_is_wanted_for_what_nobody_told);
    return check_report();
}
