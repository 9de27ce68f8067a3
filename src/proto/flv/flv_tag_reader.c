#include "proto/flv/flv_tag_reader.h"

#include "base/reader.h"
#include "proto/flv/flv_enhanced_reader.h"

enum {
    CODEC_AVC = 7,
    FORMAT_AAC = 10,
    FRAME_COMMAND = 5, /* seek marks of a server: one byte, no picture */
};

/* A signed 24-bit integer. */
static int32_t read_s24(struct reader *r)
{
    uint32_t value = (uint32_t)reader_uint(r, 3);
    return (int32_t)(value ^ 0x800000) - 0x800000;
}

/* Refused if it is well formed: nothing enhanced is enabled. */
static enum err refuse_enhanced(struct str body, bool is_video)
{
    struct flv_enhanced parsed;
    enum err err =
        is_video ? flv_enhanced_video_read(body, &parsed) : flv_enhanced_audio_read(body, &parsed);
    return err == ERR_OK ? ERR_UNSUPPORTED : err;
}

enum err flv_video_read(struct str body, struct flv_tag *out)
{
    if (flv_video_is_enhanced(body))
        return refuse_enhanced(body, true);
    struct reader r = reader_over(body.at, body.len);
    uint64_t first = reader_uint(&r, 1);
    if (r.failed)
        return ERR_MALFORMED;
    if ((first & 0x0f) != CODEC_AVC)
        return ERR_UNSUPPORTED;
    if (first >> 4 == FRAME_COMMAND) {
        *out = (struct flv_tag){.packet = FLV_OTHER, .header_len = 1};
        return ERR_OK;
    }
    uint64_t packet = reader_uint(&r, 1);
    int32_t cts_ms = read_s24(&r);
    if (r.failed || packet > FLV_END)
        return ERR_MALFORMED;
    *out = (struct flv_tag){.packet = (enum flv_packet)packet,
                            .header_len = body.len - r.left,
                            .cts_ms = packet == FLV_MEDIA ? cts_ms : 0};
    return ERR_OK;
}

enum err flv_audio_read(struct str body, struct flv_tag *out)
{
    if (flv_audio_is_enhanced(body))
        return refuse_enhanced(body, false);
    struct reader r = reader_over(body.at, body.len);
    uint64_t first = reader_uint(&r, 1);
    if (r.failed)
        return ERR_MALFORMED;
    if (first >> 4 != FORMAT_AAC)
        return ERR_UNSUPPORTED;
    uint64_t packet = reader_uint(&r, 1);
    if (r.failed || packet > FLV_MEDIA)
        return ERR_MALFORMED;
    *out = (struct flv_tag){.packet = (enum flv_packet)packet, .header_len = body.len - r.left};
    return ERR_OK;
}
