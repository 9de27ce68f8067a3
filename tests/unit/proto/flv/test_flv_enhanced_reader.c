#include "proto/flv/flv_enhanced_reader.h"

#include "check.h"
#include "unit/hex.h"

enum { AVC1 = 0x61766331, HVC1 = 0x68766331, AV01 = 0x61763031, OPUS = 0x4f707573 };

static uint8_t bytes[4096];
static struct flv_enhanced got;

static struct str body(const char *hex)
{
    return (struct str){.at = (const char *)bytes, .len = hex_read(hex, bytes, sizeof(bytes))};
}

static enum err read_video(const char *hex)
{
    return flv_enhanced_video_read(body(hex), &got);
}

static enum err read_audio(const char *hex)
{
    return flv_enhanced_audio_read(body(hex), &got);
}

static bool track_is(size_t i, uint32_t four_cc, uint8_t id, int32_t cts_ms, struct str data)
{
    const struct flv_enhanced_track *track = &got.tracks[i];
    return i < got.track_count && track->four_cc == four_cc && track->id == id &&
           track->cts_ms == cts_ms && str_equal(track->data, data);
}

static void the_layout_is_told_by_the_first_byte(void)
{
    CHECK(flv_video_is_enhanced(body("80")));
    CHECK(!flv_video_is_enhanced(body("7f")));
    CHECK(!flv_video_is_enhanced((struct str){.at = "\x90", .len = 0}));
    CHECK(flv_audio_is_enhanced(body("90")));
    CHECK(flv_audio_is_enhanced(body("9f")));
    CHECK(!flv_audio_is_enhanced(body("a0")));
    CHECK(!flv_audio_is_enhanced((struct str){.at = "\x90", .len = 0}));
    CHECK_EQ(ERR_MALFORMED, read_video("11 61766331 000000"));
    CHECK_EQ(ERR_MALFORMED, read_audio("a1 4f707573 61"));
}

static void single_tracks_read(void)
{
    CHECK_EQ(ERR_OK, read_video("90 68766331 6364"));
    CHECK(got.packet == FLV_SEQUENCE_START && got.frame_type == 1 && !got.is_multitrack);
    CHECK(!got.is_command && got.nanoseconds == 0 && got.track_count == 1);
    CHECK(track_is(0, HVC1, 0, 0, STR("cd")));

    CHECK_EQ(ERR_OK, read_video("a1 61766331 ffffbd 6364")); /* inter, CodedFrames */
    CHECK(got.packet == FLV_CODED_FRAMES && got.frame_type == 2);
    CHECK(track_is(0, AVC1, 0, -67, STR("cd")));
    CHECK_EQ(ERR_OK, read_video("a1 76766331 000043 6364"));
    CHECK(track_is(0, 0x76766331, 0, 67, STR("cd")));
    CHECK_EQ(ERR_OK, read_video("a1 61763031 6364")); /* AV1 has no composition time */
    CHECK(track_is(0, AV01, 0, 0, STR("cd")));
    CHECK_EQ(ERR_OK, read_video("a3 61766331 6364")); /* CodedFramesX */
    CHECK(got.packet == FLV_CODED_FRAMES_X && track_is(0, AVC1, 0, 0, STR("cd")));
    CHECK_EQ(ERR_OK, read_video("92 61766331")); /* SequenceEnd */
    CHECK(got.packet == FLV_SEQUENCE_END && track_is(0, AVC1, 0, 0, STR("")));
    CHECK_EQ(ERR_OK, read_video("94 61766331 6364")); /* Metadata */
    CHECK_EQ(ERR_OK, read_video("95 61763031 6364")); /* MPEG2TSSequenceStart */
    CHECK_EQ(FLV_MPEG2TS_SEQUENCE_START, got.packet);

    CHECK_EQ(ERR_OK, read_audio("90 4f707573 6364"));
    CHECK(got.packet == FLV_SEQUENCE_START && track_is(0, OPUS, 0, 0, STR("cd")));
    CHECK_EQ(ERR_OK, read_audio("91 6d703461 636465"));
    CHECK(got.packet == FLV_CODED_FRAMES && track_is(0, 0x6d703461, 0, 0, STR("cde")));
    CHECK_EQ(ERR_OK, read_audio("92 2e6d7033"));
    CHECK_EQ(ERR_OK, read_audio("94 61632d33 0102"));
}

static void every_codec_is_known_and_no_other(void)
{
    static const char *const video[] = {"61766331", "68766331", "61763031",
                                        "76703039", "76703038", "76766331"};
    static const char *const audio[] = {"6d703461", "4f707573", "664c6143",
                                        "61632d33", "65632d33", "2e6d7033"};
    char hex[32];
    for (size_t i = 0; i < 6; i++) {
        (void)snprintf(hex, sizeof(hex), "90 %s", video[i]);
        CHECK_EQ(ERR_OK, read_video(hex));
        (void)snprintf(hex, sizeof(hex), "90 %s", audio[i]);
        CHECK_EQ(ERR_OK, read_audio(hex));
    }
    CHECK_EQ(ERR_UNSUPPORTED, read_video("90 4f707573"));
    CHECK_EQ(ERR_UNSUPPORTED, read_audio("90 61766331"));
    CHECK_EQ(ERR_UNSUPPORTED, read_video("90 61766332"));
}

static void unknown_packet_types_are_malformed(void)
{
    static const unsigned video = 0x3f;
    static const unsigned audio = 0x17;
    for (unsigned packet = 0; packet < 16; packet++) {
        if (packet >= 5 && packet <= 7)
            continue; /* multitrack, ModEx: other layouts */
        char hex[32];
        (void)snprintf(hex, sizeof(hex), "9%x 61763031", packet);
        CHECK_EQ((video >> packet & 1) != 0 ? ERR_OK : ERR_MALFORMED, read_video(hex));
        (void)snprintf(hex, sizeof(hex), "9%x 4f707573", packet);
        CHECK_EQ((audio >> packet & 1) != 0 ? ERR_OK : ERR_MALFORMED, read_audio(hex));
    }
    CHECK_EQ(ERR_MALFORMED, read_audio("96 4f707573")); /* video's multitrack */
}

static void commands_have_no_body(void)
{
    CHECK_EQ(ERR_OK, read_video("d1 00"));
    CHECK(got.is_command && got.frame_type == 5 && got.track_count == 0);
    CHECK_EQ(ERR_OK, read_video("d0 01"));
    CHECK_EQ(ERR_MALFORMED, read_video("d1"));
    CHECK_EQ(ERR_MALFORMED, read_video("d1 00 61766331"));
    CHECK_EQ(ERR_MALFORMED, read_video("d1 00 00"));
    CHECK_EQ(ERR_OK, read_video("d4 61766331 00")); /* metadata is metadata */
    CHECK(!got.is_command && got.packet == FLV_METADATA);
}

static void mod_ex_rounds_are_read_and_bounded(void)
{
    CHECK_EQ(ERR_OK, read_video("97 02 0f423f 01 61766331 000000 63"));
    CHECK(got.nanoseconds == 999999 && got.packet == FLV_CODED_FRAMES);
    CHECK(track_is(0, AVC1, 0, 0, STR("c")));
    CHECK_EQ(ERR_MALFORMED, read_video("97 02 0f4240 01 61766331 000000 63"));
    CHECK_EQ(ERR_MALFORMED, read_video("97 01 0f42 01 61766331 000000 63")); /* two bytes */
    CHECK_EQ(ERR_OK, read_video("97 00 aa 13 61766331 63")); /* a type of later versions */
    CHECK_EQ(FLV_CODED_FRAMES_X, got.packet);
    CHECK_EQ(ERR_OK, read_audio("97 02 000001 01 4f707573 63"));
    CHECK(got.nanoseconds == 1 && track_is(0, OPUS, 0, 0, STR("c")));

    CHECK_EQ(ERR_OK, read_video("97 00aa17 00aa17 00aa17 00aa11 61766331 000000"));
    CHECK_EQ(ERR_MALFORMED, read_video("97 00aa17 00aa17 00aa17 00aa17 00aa11 61766331 000000"));
    CHECK_EQ(ERR_MALFORMED, read_video("97 00aa17"));
    CHECK_EQ(ERR_MALFORMED, read_video("97"));
}

static void a_long_mod_ex_has_a_longer_size(void)
{
    /* u8 255 is 256, the mark; u16 0x01ff is 512 bytes. */
    memset(bytes, 0, sizeof(bytes));
    (void)hex_read("97 ff 01ff", bytes, 4);
    size_t len = 4 + 512 + hex_read("13 61766331 63", bytes + 4 + 512, 6);
    struct str whole = {.at = (const char *)bytes, .len = len};
    CHECK_EQ(ERR_OK, flv_enhanced_video_read(whole, &got));
    CHECK(track_is(0, AVC1, 0, 0, STR("c")));
    bytes[3] = 0xfe; /* one byte less: what follows is then out of place */
    CHECK(flv_enhanced_video_read(whole, &got) != ERR_OK);
    /* u8 254 is 255 bytes. */
    memset(bytes, 0, sizeof(bytes));
    (void)hex_read("97 fe", bytes, 2);
    whole.len = 2 + 255 + hex_read("13 61766331 63", bytes + 2 + 255, 6);
    CHECK_EQ(ERR_OK, flv_enhanced_video_read(whole, &got));
}

static void multitrack_layouts_read(void)
{
    /* One track: no size. */
    CHECK_EQ(ERR_OK, read_video("96 01 61766331 07 000043 6364"));
    CHECK(got.is_multitrack && got.packet == FLV_CODED_FRAMES && got.track_count == 1);
    CHECK(track_is(0, AVC1, 7, 67, STR("cd")));
    /* Many, one codec. */
    CHECK_EQ(ERR_OK, read_video("96 11 61766331 00 000005 000043 6364 01 000004 ffffff 65"));
    CHECK_EQ(2, got.track_count);
    CHECK(track_is(0, AVC1, 0, 67, STR("cd")) && track_is(1, AVC1, 1, -1, STR("e")));
    /* Many with a codec each. */
    CHECK_EQ(ERR_OK, read_video("96 20 61766331 00 000002 6364 68766331 01 000000"));
    CHECK_EQ(2, got.track_count);
    CHECK(track_is(0, AVC1, 0, 0, STR("cd")) && track_is(1, HVC1, 1, 0, STR("")));
    CHECK_EQ(ERR_OK, read_audio("95 11 4f707573 03 000001 63 04 000002 6465"));
    CHECK(track_is(0, OPUS, 3, 0, STR("c")) && track_is(1, OPUS, 4, 0, STR("de")));
    /* With ModEx before it. */
    CHECK_EQ(ERR_OK, read_video("97 02 000001 06 01 61766331 07 000043 63"));
    CHECK(got.nanoseconds == 1 && track_is(0, AVC1, 7, 67, STR("c")));
}

static void tracks_must_tile_the_body(void)
{
    static const char *const malformed[] = {
        "96",
        "96 11",
        "96 16 61766331 00 000000",                       /* multitrack inside */
        "96 33 61766331 00 000000",                       /* an unknown kind */
        "96 11 61766331",                                 /* no track */
        "96 11 61766331 00 000006 000043 6364",           /* too long */
        "96 11 61766331 00 000004 000043 6364",           /* too short: a rest */
        "96 11 61766331 00 000002 0000",                  /* no room for the offset */
        "96 11 61766331 00 000005 000043 6364 01",        /* a second that is cut */
        "96 20 61766331 00 000001 63 68766331 01 000001", /* likewise */
        "96 01 61766331",                                 /* no track id */
    };
    got.track_count = 99;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_video(malformed[i]));
    CHECK_EQ(99, got.track_count);
    CHECK_EQ(ERR_UNSUPPORTED, read_video("96 20 61766331 00 000001 63 68766332 01 000000"));
    CHECK_EQ(ERR_MALFORMED, read_audio("95 15 4f707573 00 000000"));
}

static void tracks_are_bounded(void)
{
    size_t len = hex_read("96 10 61766331", bytes, sizeof(bytes));
    for (unsigned i = 0; i <= FLV_MAX_TRACKS; i++)
        len += hex_read("00 000001 63", bytes + len, sizeof(bytes) - len);
    struct str whole = {.at = (const char *)bytes, .len = len};
    CHECK_EQ(ERR_LIMIT, flv_enhanced_video_read(whole, &got));
    whole.len -= 5;
    CHECK_EQ(ERR_OK, flv_enhanced_video_read(whole, &got));
    CHECK_EQ(FLV_MAX_TRACKS, got.track_count);
}

static void no_truncated_header_is_accepted(void)
{
    static const char *const whole[] = {"91 61766331 000000",
                                        "97 02 000001 06 01 61766331 07 000043",
                                        "96 21 61766331 00 000003 000000"};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        struct str all = body(whole[i]);
        CHECK_EQ(ERR_OK, flv_enhanced_video_read(all, &got));
        for (size_t len = 0; len < all.len; len++)
            CHECK_EQ(ERR_MALFORMED, flv_enhanced_video_read((struct str){all.at, len}, &got));
    }
}

int main(void)
{
    RUN(the_layout_is_told_by_the_first_byte);
    RUN(single_tracks_read);
    RUN(every_codec_is_known_and_no_other);
    RUN(unknown_packet_types_are_malformed);
    RUN(commands_have_no_body);
    RUN(mod_ex_rounds_are_read_and_bounded);
    RUN(a_long_mod_ex_has_a_longer_size);
    RUN(multitrack_layouts_read);
    RUN(tracks_must_tile_the_body);
    RUN(tracks_are_bounded);
    RUN(no_truncated_header_is_accepted);
    return check_report();
}
