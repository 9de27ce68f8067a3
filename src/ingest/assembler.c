#include "ingest/assembler.h"

#include "proto/flv/flv_tag_reader.h"

#include <string.h>

static const int64_t audio_only_us = 15000000;

static const char not_h264[] = "Video must be H.264.";
static const char odd_h264[] =
    "Video must be H.264 with 8 bits and 4:2:0: Baseline, Main or High, up to level 5.2.";
static const char bad_h264[] = "The H.264 configuration cannot be read.";
static const char not_aac[] = "Audio must be AAC.";
static const char odd_aac[] = "Audio must be AAC-LC or HE-AAC, mono or stereo, 8 to 48 kHz.";
static const char bad_aac[] = "The AAC configuration cannot be read.";
static const char audio_only[] = "Audio-only input is not supported.";

void assembler_init(struct assembler *assembler)
{
    *assembler = (struct assembler){0};
}

void assembler_finish(struct assembler *assembler)
{
    chunk_unref(&assembler->video.avcc);
    chunk_unref(&assembler->audio.config);
}

static enum assembler_result drop(struct assembler *assembler)
{
    assembler->dropped++;
    return ASSEMBLER_NOTHING;
}

static enum assembler_result refuse(const char *reason, const char **out_reason)
{
    *out_reason = reason;
    return ASSEMBLER_FATAL;
}

static bool is_same(const struct chunk *chunk, const uint8_t *bytes, size_t len)
{
    return chunk != NULL && chunk->len == len && memcmp(chunk->at, bytes, len) == 0;
}

/* Takes a decoder configuration record, sent or made of in-band parameter sets. */
static enum err set_video_config(struct assembler *assembler, const uint8_t *bytes, size_t len)
{
    struct h264_info info;
    enum err err = h264_config_read(bytes, len, &info);
    if (err != ERR_OK)
        return err;
    struct buf record;
    buf_init(&record, H264_MAX_CONFIG);
    h264_config_write(bytes, len, &record);
    assembler->video.info = info;
    if (is_same(assembler->video.avcc, record.at, record.len)) {
        buf_finish(&record);
        return ERR_OK;
    }
    chunk_unref(&assembler->video.avcc);
    assembler->video.avcc = buf_take(&record);
    assembler->is_changed = assembler->holds_video = true;
    return ERR_OK;
}

static enum assembler_result put_video_config(struct assembler *assembler, struct str data,
                                              const char **out_reason)
{
    enum err err = set_video_config(assembler, (const uint8_t *)data.at, data.len);
    if (err == ERR_UNSUPPORTED)
        return refuse(odd_h264, out_reason);
    if (err != ERR_OK && assembler->video.avcc == NULL)
        return refuse(bad_h264, out_reason);
    return err != ERR_OK ? drop(assembler) : ASSEMBLER_NOTHING;
}

static enum assembler_result put_audio_config(struct assembler *assembler, struct str data,
                                              const char **out_reason)
{
    struct aac_info info;
    const uint8_t *bytes = (const uint8_t *)data.at;
    enum err err = data.len > AAC_MAX_CONFIG ? ERR_LIMIT : aac_config_read(bytes, data.len, &info);
    if (err == ERR_UNSUPPORTED)
        return refuse(odd_aac, out_reason);
    if (err != ERR_OK)
        return assembler->audio.config == NULL ? refuse(bad_aac, out_reason) : drop(assembler);
    if (is_same(assembler->audio.config, bytes, data.len))
        return ASSEMBLER_NOTHING;
    chunk_unref(&assembler->audio.config);
    assembler->audio.config = chunk_copy(bytes, data.len);
    assembler->audio.info = info;
    assembler->is_changed = assembler->holds_audio = true;
    return ASSEMBLER_NOTHING;
}

/* The access unit as bytes to be rewritten, with room for length fields of 4 bytes where they were
 * shorter. Takes a reference; NULL: no memory. */
static struct chunk *open_unit(const struct assembler_message *message, size_t header_len,
                               uint8_t length_size, struct str *out)
{
    size_t len = message->body.len - header_len;
    if (length_size == 4) {
        struct chunk *chunk = message->body.chunk;
        size_t offset = (size_t)(message->body.at - chunk->at) + header_len;
        *out = (struct str){.at = (const char *)chunk->at + offset, .len = len};
        return chunk_ref(chunk);
    }
    /* Each NAL unit has a length field and at least one byte. */
    size_t units = len / (length_size + 1U) + 1;
    struct chunk *chunk = chunk_try_create(len + units * (4U - length_size));
    if (chunk == NULL)
        return NULL;
    memcpy(chunk->at, message->body.at + header_len, len);
    *out = (struct str){.at = (const char *)chunk->at, .len = len};
    return chunk;
}

/* Parameter sets inside the access unit act as a new record. */
static enum err take_parameters(struct assembler *assembler, const struct h264_access_unit *unit,
                                const struct buf *record)
{
    if (!unit->has_parameters)
        return ERR_OK;
    uint8_t length_size = assembler->video.info.nal_length_size;
    enum err err = set_video_config(assembler, record->at, record->len);
    assembler->video.info.nal_length_size = length_size; /* that of the stream, as before */
    return err;
}

static enum assembler_result finish_video(struct assembler *assembler,
                                          const struct h264_access_unit *unit,
                                          struct assembler_unit *out)
{
    if (unit->len == 0 || (assembler->holds_video && !unit->is_idr))
        return drop(assembler);
    out->is_idr = unit->is_idr;
    if (unit->is_idr) {
        out->is_new_config = assembler->is_changed;
        assembler->is_changed = assembler->holds_video = assembler->holds_audio = false;
    }
    assembler->has_video = true;
    return ASSEMBLER_UNIT;
}

static enum assembler_result put_video(struct assembler *assembler,
                                       const struct assembler_message *message,
                                       const struct flv_tag *tag, struct assembler_unit *out,
                                       const char **out_reason)
{
    const struct chunk *avcc = assembler->video.avcc;
    if (avcc == NULL)
        return drop(assembler);
    uint8_t length_size = assembler->video.info.nal_length_size;
    struct str bytes = {0};
    struct chunk *chunk = open_unit(message, tag->header_len, length_size, &bytes);
    if (chunk == NULL)
        return drop(assembler);
    struct h264_access_unit unit = {.at = chunk->at + ((const uint8_t *)bytes.at - chunk->at),
                                    .len = bytes.len,
                                    .cap = length_size == 4 ? bytes.len : chunk->len};
    struct buf record;
    buf_init(&record, H264_MAX_CONFIG);
    struct str config = {.at = (const char *)avcc->at, .len = avcc->len};
    enum err err = h264_access_unit_normalise(&unit, length_size, config, &record);
    bool is_readable = err == ERR_OK;
    if (is_readable)
        err = take_parameters(assembler, &unit, &record);
    buf_finish(&record);
    enum assembler_result result = ASSEMBLER_NOTHING;
    if (is_readable && err == ERR_UNSUPPORTED)
        result = refuse(odd_h264, out_reason);
    else if (err != ERR_OK)
        result = drop(assembler);
    else
        result = finish_video(assembler, &unit, out);
    if (result == ASSEMBLER_UNIT)
        out->payload = (struct slice){.chunk = chunk, .at = unit.at, .len = unit.len};
    else
        chunk_unref(&chunk);
    return result;
}

static enum assembler_result put_audio(struct assembler *assembler,
                                       const struct assembler_message *message,
                                       const struct flv_tag *tag, struct assembler_unit *out)
{
    struct str data = {.at = (const char *)message->body.at + tag->header_len,
                       .len = message->body.len - tag->header_len};
    if (assembler->audio.config == NULL || assembler->holds_audio || data.len == 0)
        return drop(assembler);
    struct str raw = aac_strip_adts(data);
    if (raw.len == 0)
        return drop(assembler);
    out->samples = assembler->audio.info.frame_samples;
    out->payload = slice_ref((struct slice){
        .chunk = message->body.chunk, .at = (const uint8_t *)raw.at, .len = raw.len});
    return ASSEMBLER_UNIT;
}

static bool is_audio_only(struct assembler *assembler, enum track_kind kind, int64_t now_us)
{
    if (kind != TRACK_AUDIO || assembler->has_video)
        return false;
    if (assembler->audio_since_us == 0)
        assembler->audio_since_us = now_us;
    return now_us - assembler->audio_since_us >= audio_only_us;
}

enum assembler_result assembler_put(struct assembler *assembler,
                                    const struct assembler_message *message, int64_t now_us,
                                    struct assembler_unit *out, const char **out_reason)
{
    bool is_video = message->kind == TRACK_VIDEO;
    struct str body = {.at = (const char *)message->body.at, .len = message->body.len};
    struct flv_tag tag;
    if (body.len == 0)
        return ASSEMBLER_NOTHING; /* some senders mark the end so */
    if (is_audio_only(assembler, message->kind, now_us))
        return refuse(audio_only, out_reason);
    enum err err = is_video ? flv_video_read(body, &tag) : flv_audio_read(body, &tag);
    if (err == ERR_UNSUPPORTED)
        return refuse(is_video ? not_h264 : not_aac, out_reason);
    if (err != ERR_OK)
        return drop(assembler);
    struct str data = {.at = body.at + tag.header_len, .len = body.len - tag.header_len};
    if (tag.packet == FLV_CONFIG)
        return is_video ? put_video_config(assembler, data, out_reason)
                        : put_audio_config(assembler, data, out_reason);
    if (tag.packet != FLV_MEDIA)
        return ASSEMBLER_NOTHING;
    *out = (struct assembler_unit){
        .kind = message->kind, .timestamp_ms = message->timestamp_ms, .cts_ms = tag.cts_ms};
    return is_video ? put_video(assembler, message, &tag, out, out_reason)
                    : put_audio(assembler, message, &tag, out);
}
