#include "proto/rtmp/rtmp_metadata_reader.h"

#include "check.h"
#include "proto/amf/amf0_writer.h"
#include "unit/hex.h"

#include <math.h>
#include <stdlib.h>

static struct buf body;
static struct rtmp_metadata metadata;

static void start(void)
{
    buf_clear(&body);
    amf0_write_string(&body, STR("@setDataFrame"));
    amf0_write_string(&body, STR("onMetaData"));
    amf0_write_object_start(&body);
}

static void add_number(const char *key, double number)
{
    amf0_write_key(&body, str_of(key));
    amf0_write_number(&body, number);
}

static void add_string(const char *key, struct str string)
{
    amf0_write_key(&body, str_of(key));
    amf0_write_string(&body, string);
}

static void add_boolean(const char *key, bool boolean)
{
    amf0_write_key(&body, str_of(key));
    buf_put_uint(&body, 0x0100U | boolean, 2);
}

static enum err finish(void)
{
    amf0_write_object_end(&body);
    memset(&metadata, 0xee, sizeof(metadata));
    return rtmp_metadata_read(body.at, body.len, &metadata);
}

static void all_fields_read(void)
{
    start();
    add_number("width", 1920);
    add_number("height", 1080);
    add_number("framerate", 29.97);
    add_number("videodatarate", 6000);
    add_number("audiodatarate", 160.5);
    add_number("audiosamplerate", 48000);
    add_number("audiochannels", 2);
    add_string("encoder", STR("obs-output module"));
    add_string("metadatacreator", STR("other"));
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(1920, metadata.width);
    CHECK_EQ(1080, metadata.height);
    CHECK(metadata.framerate == 29.97);
    CHECK_EQ(6000000, metadata.video_bps);
    CHECK_EQ(160500, metadata.audio_bps);
    CHECK_EQ(48000, metadata.audio_sample_rate);
    CHECK_EQ(2, metadata.audio_channels);
    CHECK_EQ(0, strcmp("obs-output module", metadata.encoder));
}

static void what_is_missing_is_zero(void)
{
    start();
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(0, metadata.width);
    CHECK_EQ(0, metadata.height);
    CHECK(metadata.framerate == 0);
    CHECK_EQ(0, metadata.video_bps);
    CHECK_EQ(0, metadata.audio_bps);
    CHECK_EQ(0, metadata.audio_sample_rate);
    CHECK_EQ(0, metadata.audio_channels);
    CHECK_EQ(0, strlen(metadata.encoder));
}

static void numbers_out_of_range_are_missing(void)
{
    static const struct {
        const char *key;
        double number;
        double want; /* of that field */
    } cases[] = {
        {"width", 15, 0},
        {"width", 16, 16},
        {"width", 8192, 8192},
        {"width", 8193, 0},
        {"width", -1, 0},
        {"width", NAN, 0},
        {"width", INFINITY, 0},
        {"height", 15.9, 0},
        {"height", 8192, 8192},
        {"height", 8192.5, 0},
        {"height", -INFINITY, 0},
        {"framerate", 0.9, 0},
        {"framerate", 1, 1},
        {"framerate", 240, 240},
        {"framerate", 240.1, 0},
        {"framerate", NAN, 0},
        {"videodatarate", 0, 0},
        {"videodatarate", -1, 0},
        {"videodatarate", 1e5, 1e8},
        {"videodatarate", 100001, 0},
        {"videodatarate", 1e300, 0},
        {"audiodatarate", 1e5, 1e8},
        {"audiodatarate", 100001, 0},
        {"audiodatarate", NAN, 0},
        {"audiosamplerate", 1e8, 1e8},
        {"audiosamplerate", 1e9, 0},
        {"audiosamplerate", -1, 0},
        {"audiochannels", 0, 0},
        {"audiochannels", 1, 1},
        {"audiochannels", 3, 0},
        {"audiochannels", NAN, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start();
        add_number(cases[i].key, cases[i].number);
        CHECK_EQ(ERR_OK, finish());
        double got = metadata.width + metadata.height + metadata.framerate + metadata.video_bps +
                     metadata.audio_bps + metadata.audio_sample_rate + metadata.audio_channels;
        if (got != cases[i].want)
            printf("%s %g: got %g\n", cases[i].key, cases[i].number, got);
        CHECK(got == cases[i].want);
    }
}

static void stereo_stands_in_for_channels(void)
{
    start();
    add_boolean("stereo", true);
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(2, metadata.audio_channels);
    start();
    add_boolean("stereo", false);
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(1, metadata.audio_channels);
    start();
    add_boolean("stereo", true);
    add_number("audiochannels", 1);
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(1, metadata.audio_channels);
    start();
    add_number("stereo", 1);
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(0, metadata.audio_channels);
}

static void another_type_is_missing(void)
{
    start();
    add_string("width", STR("1920"));
    add_number("encoder", 7);
    add_string("metadatacreator", STR("creator"));
    CHECK_EQ(ERR_OK, finish());
    CHECK_EQ(0, metadata.width);
    CHECK_EQ(0, strcmp("creator", metadata.encoder));
}

/* Security rule SE-30: no line breaks in what is shown. */
static void the_encoder_has_no_control_characters(void)
{
    static const struct {
        struct str in;
        const char *out;
    } cases[] = {
        {{"a\r\nb\tc\0d\x1f\x7f"
          "e",
          12},
         "abcde"},
        {{"\xc2\x85"
          "a\xc2\x9f\xc2\xa0",
          7},
         "a\xc2\xa0"},
        {{"h\xc3\xb6he", 5}, "h\xc3\xb6he"},
        {{"a\xff"
          "b",
          3},
         "a?b"},
        {{"\xf0\x9f\x8e\xa5\xe2\x82\xac", 7}, "\xf0\x9f\x8e\xa5\xe2\x82\xac"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start();
        add_string("encoder", cases[i].in);
        CHECK_EQ(ERR_OK, finish());
        CHECK_EQ(0, strcmp(cases[i].out, metadata.encoder));
    }
}

static void the_encoder_is_cut_at_a_character(void)
{
    /* The first and last characters of each length. */
    static const char *const characters[] = {
        "\xc2\xa0",     "\xdf\xbf",         "\xe0\xa0\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        struct str character = str_of(characters[i]);
        char text[4 * 200];
        for (size_t at = 0; at < 200 * character.len; at++)
            text[at] = character.at[at % character.len];
        start();
        add_string("encoder", (struct str){.at = text, .len = 200 * character.len});
        CHECK_EQ(ERR_OK, finish());
        CHECK_EQ(RTMP_MAX_ENCODER * character.len, strlen(metadata.encoder));
    }
    static const size_t lens[] = {127, 128, 129, 255, 256, 257, 1024, 4096};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        char *name = calloc(1, lens[i]);
        memset(name, 'x', lens[i]);
        start();
        add_string("encoder", (struct str){.at = name, .len = lens[i]});
        CHECK_EQ(ERR_OK, finish());
        CHECK_EQ(lens[i] < RTMP_MAX_ENCODER ? lens[i] : RTMP_MAX_ENCODER, strlen(metadata.encoder));
        free(name);
    }
}

static enum err read_hex(const char *hex)
{
    uint8_t bytes[512];
    size_t len = hex_read(hex, bytes, sizeof(bytes));
    return rtmp_metadata_read(bytes, len, &metadata);
}

#define SET_DATA_FRAME "02 000d 40736574446174614672616d65 "
#define ON_META_DATA   "02 000a 6f6e4d65746144617461 "
#define WIDTH          "0005 7769647468 00 4084000000000000 " /* 640 */

static void every_form_of_the_message_reads(void)
{
    static const char *const forms[] = {
        SET_DATA_FRAME ON_META_DATA "03 " WIDTH "0000 09",
        ON_META_DATA "03 " WIDTH "0000 09",
        SET_DATA_FRAME ON_META_DATA "08 00000001 " WIDTH "0000 09",
        ON_META_DATA "08 00000063 " WIDTH "0000 09",
        /* AMF3: a dynamic object, a sealed one, an array with names. */
        ON_META_DATA "11 0a 0b 01 0b 7769647468 04 8500 01",
        SET_DATA_FRAME ON_META_DATA "11 0a 13 01 0b 7769647468 05 4084000000000000",
        ON_META_DATA "11 09 01 0b 7769647468 04 8500 01",
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        metadata.width = 0;
        CHECK_EQ(ERR_OK, read_hex(forms[i]));
        CHECK_EQ(640, metadata.width);
    }
}

static void other_messages_are_told_from_broken_ones(void)
{
    metadata.width = 7;
    CHECK_EQ(ERR_UNSUPPORTED, read_hex("02 0006 6f6e54657874 03 0000 09"));
    CHECK_EQ(ERR_UNSUPPORTED, read_hex(SET_DATA_FRAME "02 0006 6f6e54657874 03 0000 09"));
    CHECK_EQ(ERR_UNSUPPORTED, read_hex(""));
    CHECK_EQ(ERR_UNSUPPORTED, read_hex(SET_DATA_FRAME));
    CHECK_EQ(ERR_UNSUPPORTED, read_hex("03 0000 09"));
    CHECK_EQ(ERR_MALFORMED, read_hex(ON_META_DATA));
    CHECK_EQ(ERR_MALFORMED, read_hex(ON_META_DATA "05"));
    CHECK_EQ(ERR_MALFORMED, read_hex(ON_META_DATA "0a 00000000"));
    CHECK_EQ(ERR_MALFORMED, read_hex(ON_META_DATA "03 " WIDTH "0000"));
    CHECK_EQ(ERR_LIMIT, read_hex(ON_META_DATA "0a ffffffff"));
    CHECK_EQ(7, metadata.width);
}

int main(void)
{
    buf_init(&body, 65536);
    RUN(all_fields_read);
    RUN(what_is_missing_is_zero);
    RUN(numbers_out_of_range_are_missing);
    RUN(stereo_stands_in_for_channels);
    RUN(another_type_is_missing);
    RUN(the_encoder_has_no_control_characters);
    RUN(the_encoder_is_cut_at_a_character);
    RUN(every_form_of_the_message_reads);
    RUN(other_messages_are_told_from_broken_ones);
    buf_finish(&body);
    return check_report();
}
