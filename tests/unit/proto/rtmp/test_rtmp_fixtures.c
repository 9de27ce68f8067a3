/* Replays what real encoders sent (recorded with tools/record-rtmp, and variants of that), whole
 * and cut in two at many places: IN-t2, IN-t3, IN-t4, IN-t12. */
#include "check.h"
#include "codec/aac.h"
#include "codec/h264.h"
#include "proto/flv/flv_tag_reader.h"
#include "proto/rtmp/rtmp_session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPLIT_STEP = 211, HANDSHAKE = 3073, COMMANDS = 700 };

/* What a replay comes to. */
struct outcome {
    unsigned connects, publishes, stops, video, audio, metadata;
    unsigned configs, keys, units, malformed, unsupported;
    uint32_t first_time, last_time, priority;
    unsigned falls;  /* of the video's timestamps */
    uint64_t digest; /* of all events in their order */
    struct rtmp_metadata last_metadata;
    struct h264_info h264;
    struct aac_info aac;
    char app[16], flash_ver[64], key[64];
};

/* A session, its outcome, and what the media need. */
struct replay {
    struct rtmp_session *session;
    struct outcome outcome;
    struct chunk *config;
    struct buf new_config;
};

static const struct fixture {
    const char *name;
    const char *flash_ver;
    const char *encoder;
    unsigned video, audio, stops; /* messages */
    unsigned keys, units;         /* H.264 access units */
    unsigned priority;
    double framerate;
    unsigned sample_rate, channels, profile, reorder; /* of the configurations */
    uint32_t first_time, last_time;
    unsigned falls, unsupported;
} fixtures[] = {
    {.name = "obs",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 62,
     .audio = 93,
     .keys = 1,
     .units = 61,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 100,
     .reorder = 2,
     .last_time = 1999},
    {.name = "ffmpeg",
     .flash_ver = "FMLE/3.0 (compatible; Lavf59.27.100)",
     .encoder = "Lavf59.27.100",
     .video = 62,
     .audio = 96,
     .stops = 1,
     .keys = 2,
     .units = 60,
     .priority = 2,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 1,
     .profile = 66,
     .last_time = 1988},
    {.name = "ffmpeg_bframes",
     .flash_ver = "FMLE/3.0 (compatible; Lavf59.27.100)",
     .encoder = "Lavf59.27.100",
     .video = 62,
     .audio = 89,
     .stops = 1,
     .keys = 2,
     .units = 60,
     .framerate = 29.97,
     .sample_rate = 44100,
     .channels = 1,
     .profile = 100,
     .reorder = 2,
     .last_time = 1969},
    {.name = "gst_rtmp2sink",
     .flash_ver = "LNX 10,0,32,18",
     .encoder = "GStreamer 1.22.0 FLV muxer",
     .video = 62,
     .audio = 95,
     .stops = 1,
     .keys = 2,
     .units = 60,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 77,
     .last_time = 1984},
    {.name = "gst_rtmpsink",
     .flash_ver = "",
     .encoder = "GStreamer 1.22.0 FLV muxer",
     .video = 62,
     .audio = 95,
     .stops = 1,
     .keys = 2,
     .units = 60,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 77,
     .last_time = 1984},
    {.name = "extended_repeated",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 62,
     .audio = 93,
     .keys = 1,
     .units = 61,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 100,
     .reorder = 2,
     .first_time = 16776216U,
     .last_time = 16778215},
    {.name = "extended_omitted",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 62,
     .audio = 93,
     .keys = 1,
     .units = 61,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 100,
     .reorder = 2,
     .first_time = 16776216U,
     .last_time = 16778215},
    {.name = "wrapped",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 62,
     .audio = 93,
     .keys = 1,
     .units = 61,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 100,
     .reorder = 2,
     .first_time = 4294966296U,
     .last_time = 999,
     .falls = 1},
    {.name = "amf3_connect",
     .flash_ver = "WIN 32,0,0,100",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 62,
     .audio = 93,
     .keys = 1,
     .units = 61,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .profile = 100,
     .reorder = 2,
     .last_time = 1999},
    {.name = "pts_as_dts",
     .flash_ver = "FMLE/3.0 (compatible; Lavf59.27.100)",
     .encoder = "Lavf59.27.100",
     .video = 62,
     .audio = 89,
     .stops = 1,
     .keys = 2,
     .units = 60,
     .framerate = 29.97,
     .sample_rate = 44100,
     .channels = 1,
     .profile = 100,
     .reorder = 2,
     .last_time = 1969,
     .falls = 20},
    {.name = "enhanced_hevc",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 15,
     .audio = 19,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .last_time = 432,
     .unsupported = 15},
    {.name = "enhanced_multitrack",
     .flash_ver = "FMLE/3.0 (compatible; FMSc/1.0)",
     .encoder = "obs-output module (libobs version 29.0.2.1-1+b1)",
     .video = 15,
     .audio = 19,
     .framerate = 30,
     .sample_rate = 48000,
     .channels = 2,
     .last_time = 432,
     .unsupported = 15},
};
enum { FIXTURE_COUNT = sizeof(fixtures) / sizeof(fixtures[0]) };

static void mix(struct replay *replay, uint64_t value)
{
    replay->outcome.digest = (replay->outcome.digest ^ value) * 1099511628211U;
}

static void mix_bytes(struct replay *replay, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        mix(replay, at[i]);
}

static void copy(char *to, size_t cap, struct str from)
{
    size_t len = from.len < cap ? from.len : cap - 1;
    if (len > 0)
        memcpy(to, from.at, len);
    to[len] = '\0';
}

static const char *on_connect(void *arg, const struct rtmp_connect *connect)
{
    struct replay *replay = arg;
    replay->outcome.connects++;
    copy(replay->outcome.app, sizeof(replay->outcome.app), connect->app);
    copy(replay->outcome.flash_ver, sizeof(replay->outcome.flash_ver), connect->flash_ver);
    return NULL;
}

static void on_publish(void *arg, const struct rtmp_publish *publish)
{
    struct replay *replay = arg;
    replay->outcome.publishes++;
    replay->outcome.priority = publish->priority;
    copy(replay->outcome.key, sizeof(replay->outcome.key), publish->key.value);
    CHECK_EQ(ERR_OK, rtmp_session_accept_publish(replay->session, 0));
}

static void take_access_unit(struct replay *replay, struct slice data)
{
    struct str config = {0};
    if (replay->config != NULL)
        config = (struct str){.at = (const char *)replay->config->at, .len = replay->config->len};
    struct h264_access_unit unit = {
        .at = data.chunk->at + (data.at - data.chunk->at), .len = data.len, .cap = data.len};
    enum err err = h264_access_unit_normalise(&unit, replay->outcome.h264.nal_length_size, config,
                                              &replay->new_config);
    CHECK_EQ(ERR_OK, err);
    if (err != ERR_OK)
        return;
    CHECK(!unit.has_parameters);
    replay->outcome.units++;
    replay->outcome.keys += unit.is_idr;
}

static void take_video(struct replay *replay, struct slice body)
{
    struct flv_tag tag;
    struct str text = {.at = (const char *)body.at, .len = body.len};
    enum err err = flv_video_read(text, &tag);
    replay->outcome.malformed += err == ERR_MALFORMED;
    replay->outcome.unsupported += err == ERR_UNSUPPORTED;
    if (err != ERR_OK)
        return;
    body.at += tag.header_len;
    body.len -= tag.header_len;
    if (tag.packet == FLV_CONFIG) {
        replay->outcome.configs++;
        CHECK_EQ(ERR_OK, h264_config_read(body.at, body.len, &replay->outcome.h264));
        chunk_unref(&replay->config);
        replay->config = chunk_copy(body.at, body.len);
    } else if (tag.packet == FLV_MEDIA) {
        take_access_unit(replay, body);
    }
}

static void take_audio(struct replay *replay, struct slice body)
{
    struct flv_tag tag;
    struct str text = {.at = (const char *)body.at, .len = body.len};
    CHECK_EQ(ERR_OK, flv_audio_read(text, &tag));
    if (tag.packet == FLV_CONFIG)
        CHECK_EQ(ERR_OK, aac_config_read(body.at + tag.header_len, body.len - tag.header_len,
                                         &replay->outcome.aac));
}

static void on_media(void *arg, const struct rtmp_media *media)
{
    struct replay *replay = arg;
    struct outcome *outcome = &replay->outcome;
    mix(replay, media->kind);
    mix(replay, media->timestamp);
    mix(replay, media->body.len);
    mix_bytes(replay, media->body.at, media->body.len);
    if (outcome->video + outcome->audio == 0)
        outcome->first_time = media->timestamp;
    if (media->kind == RTMP_AUDIO) {
        outcome->audio++;
        take_audio(replay, media->body);
    } else {
        outcome->falls += (int32_t)(media->timestamp - outcome->last_time) < 0;
        outcome->last_time = media->timestamp;
        outcome->video++;
        take_video(replay, media->body);
    }
}

static void on_metadata(void *arg, const struct rtmp_metadata *metadata)
{
    struct replay *replay = arg;
    replay->outcome.metadata++;
    replay->outcome.last_metadata = *metadata;
    mix(replay, metadata->width);
    mix_bytes(replay, metadata->encoder, strlen(metadata->encoder));
}

static void on_stop(void *arg)
{
    struct replay *replay = arg;
    replay->outcome.stops++;
    mix(replay, 1);
}

static const struct rtmp_callbacks callbacks = {
    .on_connect = on_connect,
    .on_publish = on_publish,
    .on_media = on_media,
    .on_metadata = on_metadata,
    .on_stop = on_stop,
};

static struct chunk *load(const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/rtmp/%s.rtmp", TEST_FIXTURES, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    struct chunk *bytes = chunk_create(1 << 20);
    bytes->len = file == NULL ? 0 : fread(bytes->at, 1, bytes->len, file);
    if (file != NULL)
        (void)fclose(file); /* only read */
    return bytes;
}

/* Replays it cut at `split`, or byte by byte when that is 0. */
static struct outcome replay_split(const struct chunk *bytes, size_t split)
{
    struct replay replay = {.session = NULL};
    replay.outcome.digest = 14695981039346656037U;
    struct random random = random_seeded(3);
    buf_init(&replay.new_config, H264_MAX_CONFIG);
    replay.session = rtmp_session_create(&callbacks, &replay, &random);
    enum err err = ERR_OK;
    size_t piece = split == 0 ? 1 : split;
    for (size_t at = 0; at < bytes->len && err == ERR_OK; at += piece, piece = bytes->len - at) {
        if (split == 0)
            piece = 1;
        err = rtmp_session_feed(replay.session, bytes->at + at, piece, (int64_t)at);
        buf_clear(rtmp_session_output(replay.session));
    }
    CHECK_EQ(ERR_OK, err);
    rtmp_session_destroy(replay.session);
    chunk_unref(&replay.config);
    buf_finish(&replay.new_config);
    return replay.outcome;
}

static void check_media(const struct fixture *want, const struct outcome *got)
{
    bool has_h264 = want->profile != 0;
    CHECK_EQ(want->video, got->video);
    CHECK_EQ(want->audio, got->audio);
    CHECK_EQ(has_h264, got->configs);
    CHECK_EQ(want->keys, got->keys);
    CHECK_EQ(want->units, got->units);
    CHECK_EQ(0, got->malformed);
    CHECK_EQ(want->unsupported, got->unsupported);
    CHECK_EQ(want->first_time, got->first_time);
    CHECK_EQ(want->last_time, got->last_time);
    CHECK_EQ(want->falls, got->falls);
    CHECK_EQ(want->profile, got->h264.profile_idc);
    CHECK_EQ(want->reorder, got->h264.max_reorder);
    CHECK_EQ(has_h264 ? 320 : 0, got->h264.width);
    CHECK_EQ(has_h264 ? 180 : 0, got->h264.height);
    CHECK_EQ(want->sample_rate, got->aac.sample_rate);
    CHECK_EQ(want->channels, got->aac.channels);
}

static void every_encoder_gets_to_its_media(void)
{
    for (size_t i = 0; i < FIXTURE_COUNT; i++) {
        const struct fixture *want = &fixtures[i];
        struct chunk *bytes = load(want->name);
        struct outcome got = replay_split(bytes, bytes->len);
        CHECK(got.connects == 1 && got.publishes == 1 && got.metadata >= 1);
        CHECK_EQ(want->stops, got.stops);
        CHECK_EQ(want->priority, got.priority);
        CHECK_EQ(0, strcmp("app", got.app));
        CHECK_EQ(0, strcmp("test-stream-key-0001", got.key));
        CHECK_EQ(0, strcmp(want->flash_ver, got.flash_ver));
        CHECK_EQ(0, strcmp(want->encoder, got.last_metadata.encoder));
        CHECK(got.last_metadata.width == 320 && got.last_metadata.height == 180);
        CHECK(fabs(want->framerate - got.last_metadata.framerate) < 0.005);
        check_media(want, &got);
        chunk_unref(&bytes);
    }
}

static void variants_carry_the_media_they_were_made_from(void)
{
    struct chunk *bytes = load("obs");
    uint64_t obs = replay_split(bytes, bytes->len).digest;
    chunk_unref(&bytes);
    bytes = load("amf3_connect");
    CHECK(obs == replay_split(bytes, bytes->len).digest);
    chunk_unref(&bytes);
    bytes = load("extended_repeated");
    uint64_t repeated = replay_split(bytes, bytes->len).digest;
    chunk_unref(&bytes);
    bytes = load("extended_omitted");
    CHECK(repeated == replay_split(bytes, bytes->len).digest);
    chunk_unref(&bytes);
}

/* Byte by byte, cut at every byte of the commands, and at some of the handshake and the media. */
static void every_split_comes_to_the_same(void)
{
    for (size_t i = 0; i < FIXTURE_COUNT; i++) {
        struct chunk *bytes = load(fixtures[i].name);
        uint64_t want = replay_split(bytes, bytes->len).digest;
        CHECK(want == replay_split(bytes, 0).digest);
        size_t split = 1;
        while (split < bytes->len) {
            bool is_same = want == replay_split(bytes, split).digest;
            CHECK(is_same);
            if (!is_same)
                printf("%s cut at %zu\n", fixtures[i].name, split);
            bool is_command = split >= HANDSHAKE - 1 && split < HANDSHAKE + COMMANDS;
            split += is_command ? 1 : split < HANDSHAKE ? HANDSHAKE / 12 : SPLIT_STEP;
        }
        chunk_unref(&bytes);
    }
}

int main(void)
{
    RUN(every_encoder_gets_to_its_media);
    RUN(variants_carry_the_media_they_were_made_from);
    RUN(every_split_comes_to_the_same);
    return check_report();
}
