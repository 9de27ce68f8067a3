#include "proto/rtmp/rtmp_metadata_reader.h"

#include "proto/amf/amf0_reader.h"

#include <math.h>
#include <string.h>

enum {
    MIN_EDGE = 16,
    MAX_EDGE = 8192,
    MAX_FRAMERATE = 240,
    MAX_RATE = 100000000,
    BLOCK = 1024, /* of the arena: it only holds strings with invalid bytes */
};

struct fields {
    const struct amf_message *message;
    const struct amf_value *object;
};

/* The number of that name if it is finite and in range, else 0. */
static double number_in(const struct fields *fields, struct str key, double min, double max)
{
    double number = amf_number(amf_find(fields->message, fields->object, key), 0);
    return isfinite(number) && number >= min && number <= max ? number : 0;
}

static uint32_t edge_in(const struct fields *fields, struct str key)
{
    return (uint32_t)lround(number_in(fields, key, MIN_EDGE, MAX_EDGE));
}

/* A rate given in kbit/s. */
static uint32_t bitrate_in(const struct fields *fields, struct str key)
{
    return (uint32_t)lround(number_in(fields, key, 0, MAX_RATE / 1000.0) * 1000);
}

static uint8_t channels_in(const struct fields *fields)
{
    double channels = number_in(fields, STR("audiochannels"), 1, 2);
    const struct amf_value *stereo = amf_find(fields->message, fields->object, STR("stereo"));
    if (channels == 0 && stereo != NULL && stereo->type == AMF_BOOLEAN)
        return stereo->boolean ? 2 : 1;
    return (uint8_t)channels;
}

/* Bytes of the character at `at`; the text is valid UTF-8. */
static size_t character_len(const char *at)
{
    uint8_t lead = (uint8_t)*at;
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool is_control(const char *at)
{
    uint8_t lead = (uint8_t)at[0];
    return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && (uint8_t)at[1] < 0xa0);
}

/* Up to RTMP_MAX_ENCODER characters, without control characters. */
static void copy_encoder(struct str text, char *out)
{
    size_t len = 0;
    size_t step;
    unsigned count = 0;
    for (size_t i = 0; i < text.len && count < RTMP_MAX_ENCODER; i += step) {
        step = character_len(text.at + i);
        if (is_control(text.at + i))
            continue;
        memcpy(out + len, text.at + i, step);
        len += step;
        count++;
    }
    out[len] = '\0';
}

static void read_fields(const struct fields *fields, struct rtmp_metadata *out)
{
    struct str encoder = amf_string(amf_find(fields->message, fields->object, STR("encoder")));
    if (encoder.len == 0)
        encoder = amf_string(amf_find(fields->message, fields->object, STR("metadatacreator")));
    *out = (struct rtmp_metadata){
        .width = edge_in(fields, STR("width")),
        .height = edge_in(fields, STR("height")),
        .framerate = number_in(fields, STR("framerate"), 1, MAX_FRAMERATE),
        .video_bps = bitrate_in(fields, STR("videodatarate")),
        .audio_bps = bitrate_in(fields, STR("audiodatarate")),
        .audio_sample_rate =
            (uint32_t)lround(number_in(fields, STR("audiosamplerate"), 0, MAX_RATE)),
        .audio_channels = channels_in(fields),
    };
    copy_encoder(encoder, out->encoder);
}

static enum err read_message(const struct amf_message *message, struct rtmp_metadata *out)
{
    size_t at = 0;
    if (str_equal(amf_string(amf_argument(message, at)), STR("@setDataFrame")))
        at++;
    if (!str_equal(amf_string(amf_argument(message, at)), STR("onMetaData")))
        return ERR_UNSUPPORTED;
    struct fields fields = {.message = message, .object = amf_argument(message, at + 1)};
    if (fields.object == NULL || fields.object->type != AMF_OBJECT)
        return ERR_MALFORMED;
    read_fields(&fields, out);
    return ERR_OK;
}

enum err rtmp_metadata_read(const uint8_t *bytes, size_t len, struct rtmp_metadata *out)
{
    struct arena arena;
    arena_init(&arena, BLOCK);
    struct amf_message message;
    amf_message_init(&message, &arena);
    enum err err = amf0_read(bytes, len, &message);
    if (err == ERR_OK)
        err = read_message(&message, out);
    arena_finish(&arena);
    return err;
}
