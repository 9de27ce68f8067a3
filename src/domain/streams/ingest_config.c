#include "domain/streams/ingest_config.h"

#include "base/mem.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { MAX_SPS_FPS = 120, ROUND_BPS = 1000 };

static uint32_t first_known(uint32_t a, uint32_t b, uint32_t c)
{
    return a != 0 ? a : b != 0 ? b : c;
}

static uint32_t sps_framerate(const struct h264_info *video)
{
    if (video->fps_den == 0 || video->fps_num == 0)
        return 0;
    double fps = (double)video->fps_num / video->fps_den;
    return fps <= MAX_SPS_FPS ? (uint32_t)lround(fps) : 0;
}

static uint32_t rounded_bps(uint32_t measured)
{
    return (measured + ROUND_BPS / 2) / ROUND_BPS * ROUND_BPS;
}

static void put_number(json_t *object, const char *name, uint32_t value)
{
    if (value != 0)
        json_object_set_new(object, name, json_integer(value));
}

static void put_text(json_t *object, const char *name, const char *value)
{
    if (value[0] != '\0')
        json_object_set_new(object, name, json_string(value));
}

static json_t *video_json(const struct h264_info *video, const struct ingest_config_hints *hints)
{
    char codec[H264_CODEC_LEN + 1];
    char level[8];
    json_t *object = json_object();
    h264_codec_string(video, codec);
    h264_level_name(video, level);
    put_text(object, "codec", codec);
    put_text(object, "avcProfile", h264_profile_name(video));
    put_text(object, "avcLevel", level);
    put_text(object, "encoder", hints->encoder[0] != '\0' ? hints->encoder : hints->flash_ver);
    put_number(object, "videoWidth", first_known(video->width, hints->width, 0));
    put_number(object, "videoHeight", first_known(video->height, hints->height, 0));
    put_number(object, "targetFramerate",
               first_known((uint32_t)lround(hints->framerate), sps_framerate(video),
                           (uint32_t)lround(hints->measured_framerate)));
    put_number(object, "targetBitrate",
               first_known(hints->video_bps, rounded_bps(hints->measured_video_bps), 0));
    return object;
}

static json_t *audio_json(const struct aac_info *audio, const struct ingest_config_hints *hints)
{
    char codec[AAC_CODEC_LEN + 1];
    json_t *object = json_object();
    aac_codec_string(audio, codec);
    put_text(object, "codec", codec);
    put_number(object, "channels", first_known(audio->channels, hints->audio_channels, 0));
    put_number(object, "sampleRate", first_known(audio->output_rate, hints->audio_sample_rate, 0));
    put_number(object, "targetBitrate",
               first_known(hints->audio_bps, rounded_bps(hints->measured_audio_bps), 0));
    return object;
}

char *ingest_config_write(const struct h264_info *video, const struct aac_info *audio,
                          const struct ingest_config_hints *hints)
{
    json_t *object = json_object();
    json_object_set_new(object, "video", video_json(video, hints));
    if (audio != NULL)
        json_object_set_new(object, "audio", audio_json(audio, hints));
    size_t len = json_dumpb(object, NULL, 0, JSON_COMPACT);
    char *text = mem_alloc(len + 1);
    len = json_dumpb(object, text, len, JSON_COMPACT);
    text[len] = '\0';
    json_decref(object);
    return text;
}

bool ingest_config_wants_measuring(const struct h264_info *video,
                                   const struct ingest_config_hints *hints)
{
    bool has_framerate = hints->framerate > 0 || sps_framerate(video) != 0;
    return !has_framerate || hints->video_bps == 0 || hints->audio_bps == 0;
}
