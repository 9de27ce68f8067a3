#include "proto/flv/flv_tag_reader.h"

#include "check.h"
#include "unit/hex.h"

static uint8_t bytes[256];

static struct str body(const char *hex)
{
    return (struct str){.at = (const char *)bytes, .len = hex_read(hex, bytes, sizeof(bytes))};
}

static void video_headers_read(void)
{
    static const struct {
        const char *hex;
        enum flv_packet packet;
        size_t header_len;
        int32_t cts_ms;
    } cases[] = {
        {"17 00 000000 0142c01e", FLV_CONFIG, 5, 0},
        {"17 00 000005 0142c01e", FLV_CONFIG, 5, 0}, /* an offset has no meaning here */
        {"17 01 000000 0000000165", FLV_MEDIA, 5, 0},
        {"27 01 000043 0000000141", FLV_MEDIA, 5, 67},
        {"37 01 ffffbd 0000000141", FLV_MEDIA, 5, -67}, /* disposable */
        {"27 01 7fffff", FLV_MEDIA, 5, 8388607},
        {"27 01 800000", FLV_MEDIA, 5, -8388608},
        {"47 01 000001", FLV_MEDIA, 5, 1}, /* generated */
        {"17 02 000000", FLV_END, 5, 0},
        {"17 02 000001", FLV_END, 5, 0},
        {"57 00", FLV_OTHER, 1, 0}, /* a command */
        {"57", FLV_OTHER, 1, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct flv_tag tag = {.header_len = 99};
        CHECK_EQ(ERR_OK, flv_video_read(body(cases[i].hex), &tag));
        CHECK_EQ(cases[i].packet, tag.packet);
        CHECK_EQ(cases[i].header_len, tag.header_len);
        CHECK_EQ(cases[i].cts_ms, tag.cts_ms);
    }
}

static void audio_headers_read(void)
{
    struct flv_tag tag = {.cts_ms = 99};
    CHECK_EQ(ERR_OK, flv_audio_read(body("af 00 1190"), &tag));
    CHECK(tag.packet == FLV_CONFIG && tag.header_len == 2 && tag.cts_ms == 0);
    CHECK_EQ(ERR_OK, flv_audio_read(body("af 01 2110"), &tag));
    CHECK(tag.packet == FLV_MEDIA && tag.header_len == 2);
    CHECK_EQ(ERR_OK, flv_audio_read(body("a0 01"), &tag)); /* the low bits mean nothing */
    CHECK(tag.packet == FLV_MEDIA && tag.header_len == 2);
}

static void other_codecs_are_unsupported(void)
{
    struct flv_tag tag;
    for (unsigned codec = 0; codec < 16; codec++) {
        char hex[16];
        (void)snprintf(hex, sizeof(hex), "1%x 01 000000", codec);
        CHECK_EQ(codec == 7 ? ERR_OK : ERR_UNSUPPORTED, flv_video_read(body(hex), &tag));
        (void)snprintf(hex, sizeof(hex), "%xf 01 00", codec);
        if (codec != 9)
            CHECK_EQ(codec == 10 ? ERR_OK : ERR_UNSUPPORTED, flv_audio_read(body(hex), &tag));
    }
    CHECK_EQ(ERR_UNSUPPORTED, flv_video_read(body("12"), &tag)); /* whatever its header is */
    CHECK_EQ(ERR_UNSUPPORTED, flv_audio_read(body("2f"), &tag));
}

static void no_truncated_header_is_accepted(void)
{
    struct flv_tag tag = {.packet = FLV_OTHER, .header_len = 77, .cts_ms = 7};
    for (size_t len = 0; len < 5; len++) {
        struct str whole = body("17 01 000043");
        CHECK_EQ(ERR_MALFORMED, flv_video_read((struct str){whole.at, len}, &tag));
        whole = body("af 01");
        if (len < 2)
            CHECK_EQ(ERR_MALFORMED, flv_audio_read((struct str){whole.at, len}, &tag));
    }
    CHECK(tag.packet == FLV_OTHER && tag.header_len == 77 && tag.cts_ms == 7);
}

static void unknown_packet_types_are_malformed(void)
{
    struct flv_tag tag;
    CHECK_EQ(ERR_MALFORMED, flv_video_read(body("17 03 000000"), &tag));
    CHECK_EQ(ERR_MALFORMED, flv_audio_read(body("af 02"), &tag));
}

static void enhanced_bodies_are_refused_if_well_formed(void)
{
    struct flv_tag tag = {.header_len = 77};
    CHECK_EQ(ERR_UNSUPPORTED, flv_video_read(body("90 68766331 01"), &tag));
    CHECK_EQ(ERR_UNSUPPORTED, flv_video_read(body("91 61766331 000000 00"), &tag));
    CHECK_EQ(ERR_MALFORMED, flv_video_read(body("91 61766331 0000"), &tag));
    CHECK_EQ(ERR_UNSUPPORTED, flv_audio_read(body("90 4f707573 01"), &tag));
    CHECK_EQ(ERR_MALFORMED, flv_audio_read(body("90 4f7075"), &tag));
    CHECK_EQ(77, tag.header_len);
}

int main(void)
{
    RUN(video_headers_read);
    RUN(audio_headers_read);
    RUN(other_codecs_are_unsupported);
    RUN(no_truncated_header_is_accepted);
    RUN(unknown_packet_types_are_malformed);
    RUN(enhanced_bodies_are_refused_if_well_formed);
    return check_report();
}
