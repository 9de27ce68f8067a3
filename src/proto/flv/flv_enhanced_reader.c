#include "proto/flv/flv_enhanced_reader.h"

#include "base/reader.h"

enum {
    VIDEO_ENHANCED = 0x80, /* of byte 0 */
    AUDIO_ENHANCED = 9,    /* high nibble of byte 0 */
    VIDEO_MULTITRACK = 6,
    AUDIO_MULTITRACK = 5,
    MOD_EX = 7,
    FRAME_COMMAND = 5,
    NANOSECOND_OFFSET = 0, /* ModEx type */
    MAX_NANOSECONDS = 999999,
    LONG_MOD_EX = 256, /* a size of one byte at its maximum: two more hold it */
};

/* How the tracks of a multitrack message stand. */
enum multitrack { ONE_TRACK, MANY_TRACKS, MANY_TRACKS_MANY_CODECS };

#define FOUR_CC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

struct layout {
    unsigned multitrack;    /* its packet type */
    unsigned known_packets; /* bit n: packet type n may carry tracks */
    const uint32_t *four_ccs;
    size_t four_cc_count;
    /* The first so many FourCCs have a composition offset in CodedFrames. */
    size_t composed_count;
};

static const uint32_t video_four_ccs[] = {
    FOUR_CC('a', 'v', 'c', '1'), FOUR_CC('h', 'v', 'c', '1'), FOUR_CC('v', 'v', 'c', '1'),
    FOUR_CC('a', 'v', '0', '1'), FOUR_CC('v', 'p', '0', '9'), FOUR_CC('v', 'p', '0', '8'),
};
static const uint32_t audio_four_ccs[] = {
    FOUR_CC('m', 'p', '4', 'a'), FOUR_CC('O', 'p', 'u', 's'), FOUR_CC('f', 'L', 'a', 'C'),
    FOUR_CC('a', 'c', '-', '3'), FOUR_CC('e', 'c', '-', '3'), FOUR_CC('.', 'm', 'p', '3'),
};
static const struct layout video_layout = {
    .multitrack = VIDEO_MULTITRACK,
    .known_packets = 0x3f,
    .four_ccs = video_four_ccs,
    .four_cc_count = sizeof(video_four_ccs) / sizeof(video_four_ccs[0]),
    .composed_count = 3,
};
static const struct layout audio_layout = {
    .multitrack = AUDIO_MULTITRACK,
    .known_packets =
        1 << FLV_SEQUENCE_START | 1 << FLV_CODED_FRAMES | 1 << FLV_SEQUENCE_END | 1 << FLV_METADATA,
    .four_ccs = audio_four_ccs,
    .four_cc_count = sizeof(audio_four_ccs) / sizeof(audio_four_ccs[0]),
    .composed_count = 0,
};

bool flv_video_is_enhanced(struct str body)
{
    return body.len > 0 && ((uint8_t)body.at[0] & VIDEO_ENHANCED) != 0;
}

bool flv_audio_is_enhanced(struct str body)
{
    return body.len > 0 && (uint8_t)body.at[0] >> 4 == AUDIO_ENHANCED;
}

/* Reads ModEx rounds while `packet` says there is one; returns the packet type behind them. */
static unsigned read_mod_ex(struct reader *r, unsigned packet, uint32_t *out_nanoseconds)
{
    for (unsigned round = 0; packet == MOD_EX && !r->failed; round++) {
        size_t size = reader_uint(r, 1) + 1;
        if (size == LONG_MOD_EX)
            size = reader_uint(r, 2) + 1;
        const uint8_t *value = reader_take(r, size);
        uint8_t next = (uint8_t)reader_uint(r, 1);
        if (r->failed || round == FLV_MAX_MOD_EX) {
            r->failed = true;
            break;
        }
        packet = next & 0x0f;
        if (next >> 4 != NANOSECOND_OFFSET)
            continue; /* of a later version */
        struct reader offset = reader_over(value, size);
        *out_nanoseconds = (uint32_t)reader_uint(&offset, 3);
        if (offset.failed || *out_nanoseconds > MAX_NANOSECONDS)
            r->failed = true;
    }
    return packet;
}

static enum err read_four_cc(struct reader *r, const struct layout *layout, size_t *out_index)
{
    uint32_t four_cc = (uint32_t)reader_uint(r, 4);
    if (r->failed)
        return ERR_MALFORMED;
    for (size_t i = 0; i < layout->four_cc_count; i++) {
        if (layout->four_ccs[i] == four_cc) {
            *out_index = i;
            return ERR_OK;
        }
    }
    return ERR_UNSUPPORTED;
}

static void read_track_data(struct reader *r, const struct layout *layout, size_t four_cc,
                            enum flv_enhanced_packet packet, struct flv_enhanced_track *out)
{
    out->four_cc = layout->four_ccs[four_cc];
    if (packet == FLV_CODED_FRAMES && four_cc < layout->composed_count)
        out->cts_ms = (int32_t)(reader_uint(r, 3) ^ 0x800000) - 0x800000;
    size_t len = r->left;
    const uint8_t *data = reader_take(r, len);
    out->data = (struct str){.at = (const char *)data, .len = data == NULL ? 0 : len};
}

/* Tracks with a size each, up to the end of the body. */
static enum err read_sized_tracks(struct reader *r, const struct layout *layout,
                                  bool has_many_codecs, size_t four_cc, struct flv_enhanced *out)
{
    do {
        if (out->track_count == FLV_MAX_TRACKS)
            return ERR_LIMIT;
        enum err err = has_many_codecs ? read_four_cc(r, layout, &four_cc) : ERR_OK;
        if (err != ERR_OK)
            return err;
        struct flv_enhanced_track track = {.id = (uint8_t)reader_uint(r, 1)};
        size_t size = reader_uint(r, 3);
        const uint8_t *data = reader_take(r, size);
        if (data == NULL)
            return ERR_MALFORMED;
        struct reader inside = reader_over(data, size);
        read_track_data(&inside, layout, four_cc, out->packet, &track);
        if (inside.failed)
            return ERR_MALFORMED;
        out->tracks[out->track_count++] = track;
    } while (r->left > 0);
    return ERR_OK;
}

static enum err read_tracks(struct reader *r, const struct layout *layout, unsigned multitrack,
                            struct flv_enhanced *out)
{
    size_t four_cc = 0;
    if (multitrack > MANY_TRACKS_MANY_CODECS)
        return ERR_MALFORMED;
    if (multitrack != MANY_TRACKS_MANY_CODECS) {
        enum err err = read_four_cc(r, layout, &four_cc);
        if (err != ERR_OK)
            return err;
    }
    if (multitrack != ONE_TRACK)
        return read_sized_tracks(r, layout, multitrack == MANY_TRACKS_MANY_CODECS, four_cc, out);

    struct flv_enhanced_track *track = &out->tracks[out->track_count++];
    if (out->is_multitrack)
        track->id = (uint8_t)reader_uint(r, 1);
    read_track_data(r, layout, four_cc, out->packet, track);
    return r->failed ? ERR_MALFORMED : ERR_OK;
}

/* `parsed` holds the frame type already; the reader stands behind byte 0. */
static enum err read_body(struct reader *r, const struct layout *layout, unsigned packet,
                          struct flv_enhanced *parsed)
{
    packet = read_mod_ex(r, packet, &parsed->nanoseconds);
    if (parsed->frame_type == FRAME_COMMAND && packet != FLV_METADATA) {
        parsed->is_command = true;
        reader_take(r, 1);
        return r->failed || r->left > 0 ? ERR_MALFORMED : ERR_OK;
    }
    unsigned multitrack = ONE_TRACK;
    if (packet == layout->multitrack) {
        parsed->is_multitrack = true;
        uint8_t types = (uint8_t)reader_uint(r, 1);
        multitrack = types >> 4;
        packet = types & 0x0f;
    }
    if (r->failed || (layout->known_packets >> packet & 1) == 0)
        return ERR_MALFORMED;
    parsed->packet = (enum flv_enhanced_packet)packet;
    return read_tracks(r, layout, multitrack, parsed);
}

enum err flv_enhanced_video_read(struct str body, struct flv_enhanced *out)
{
    struct reader r = reader_over(body.at, body.len);
    uint8_t first = (uint8_t)reader_uint(&r, 1);
    if (r.failed || (first & VIDEO_ENHANCED) == 0)
        return ERR_MALFORMED;
    struct flv_enhanced parsed = {.frame_type = first >> 4 & 7};
    enum err err = read_body(&r, &video_layout, first & 0x0f, &parsed);
    if (err == ERR_OK)
        *out = parsed;
    return err;
}

enum err flv_enhanced_audio_read(struct str body, struct flv_enhanced *out)
{
    struct reader r = reader_over(body.at, body.len);
    uint8_t first = (uint8_t)reader_uint(&r, 1);
    if (r.failed || first >> 4 != AUDIO_ENHANCED)
        return ERR_MALFORMED;
    struct flv_enhanced parsed = {.frame_type = 0};
    enum err err = read_body(&r, &audio_layout, first & 0x0f, &parsed);
    if (err == ERR_OK)
        *out = parsed;
    return err;
}
