#include "codec/aac.h"

#include "check.h"
#include "unit/hex.h"

static uint8_t bytes[256];
static struct aac_info info;

static enum err read_hex(const char *hex)
{
    size_t len = hex_read(hex, bytes, sizeof(bytes));
    return aac_config_read(bytes, len, &info);
}

static const struct {
    const char *hex;
    struct aac_info info;
} configs[] = {
    {"1190", {2, 48000, 48000, 2, 1024}}, /* golden vector V4 */
    {"1188", {2, 48000, 48000, 1, 1024}}, /* mono */
    {"1210", {2, 44100, 44100, 2, 1024}},
    {"1194", {2, 48000, 48000, 2, 960}},              /* frameLengthFlag */
    {"1192 0000", {2, 48000, 48000, 2, 1024}},        /* dependsOnCoreCoder and its delay */
    {"119056e500", {2, 48000, 48000, 2, 1024}},       /* V4: SBR said to be absent */
    {"1310 56e598", {5, 24000, 48000, 2, 1024}},      /* SBR said to be there, with 48 kHz */
    {"1308 56e59d4880", {29, 24000, 48000, 1, 1024}}, /* and parametric stereo */
    {"1308 56e59d4800", {5, 24000, 48000, 1, 1024}},  /* which is said to be absent */
    {"2b11 8800", {5, 24000, 48000, 2, 1024}},        /* HE-AAC, explicit */
    {"eb09 8800", {29, 24000, 48000, 1, 1024}},       /* HE-AAC v2, explicit */
    {"1780 5dc010", {2, 48000, 48000, 2, 1024}},      /* an explicit rate of 48000 */
    {"1590", {2, 8000, 8000, 2, 1024}},
};
enum { CONFIG_COUNT = sizeof(configs) / sizeof(configs[0]) };

static void configurations_read(void)
{
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        CHECK_EQ(ERR_OK, read_hex(configs[i].hex));
        CHECK_EQ(configs[i].info.object_type, info.object_type);
        CHECK_EQ(configs[i].info.sample_rate, info.sample_rate);
        CHECK_EQ(configs[i].info.output_rate, info.output_rate);
        CHECK_EQ(configs[i].info.channels, info.channels);
        CHECK_EQ(configs[i].info.frame_samples, info.frame_samples);
    }
}

static void no_truncated_configuration_is_accepted(void)
{
    static const char *const whole[] = {"1190", "11920000", "2b118800", "eb098800", "17805dc010"};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        size_t end = hex_read(whole[i], bytes, sizeof(bytes));
        for (size_t len = 0; len + 1 < end; len++)
            CHECK_EQ(ERR_MALFORMED, aac_config_read(bytes, len, &info));
    }
    CHECK_EQ(ERR_MALFORMED, read_hex("11"));
    CHECK_EQ(ERR_MALFORMED, read_hex("1780 5dc0"));
    CHECK_EQ(ERR_MALFORMED, read_hex("1192 00"));
    CHECK_EQ(ERR_MALFORMED, read_hex("2b11"));
}

static void a_tail_that_is_cut_says_nothing(void)
{
    static const char *const tails[] = {"1310 56", "1310 56e5", "1310 56e5 9", "1310 0000",
                                        "1310 56c598"};
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        CHECK_EQ(ERR_OK, read_hex(tails[i]));
        CHECK_EQ(2, info.object_type);
        CHECK_EQ(24000, info.output_rate);
    }
    CHECK_EQ(ERR_OK, read_hex("1308 56e59d")); /* cut before it tells of parametric stereo */
    CHECK(info.object_type == 5 && info.output_rate == 48000);
}

static void what_we_do_not_serve_is_unsupported(void)
{
    static const char *const unsupported[] = {
        "0990",      /* AAC Main */
        "2190",      /* AAC Scalable */
        "f8e0 00",   /* escaped: object type 39 */
        "1180",      /* a program config element */
        "1198",      /* three channels */
        "11b8",      /* seven */
        "1010",      /* 96 kHz */
        "1110",      /* 64 kHz */
        "1610",      /* 7350 Hz */
        "2b11 8400", /* SBR over AAC Main */
        "2a10 0800", /* SBR to 96 kHz */
    };
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        info.channels = 77;
        CHECK_EQ(ERR_UNSUPPORTED, read_hex(unsupported[i]));
        CHECK_EQ(77, info.channels);
    }
    CHECK_EQ(ERR_MALFORMED, read_hex("1690")); /* rate index 13 is reserved */
    CHECK_EQ(ERR_MALFORMED, read_hex("1710")); /* 14 too */
}

/* Table 1.18; the first three are too high, the last too low. */
static void every_rate_index_reads(void)
{
    static const uint32_t rates[] = {48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000};
    for (unsigned index = 0; index < 16; index++) {
        uint8_t config[2] = {(uint8_t)(0x10 | index >> 1), (uint8_t)((index & 1) << 7 | 0x10)};
        bool is_served = index >= 3 && index <= 11;
        enum err want = is_served ? ERR_OK : index <= 12 ? ERR_UNSUPPORTED : ERR_MALFORMED;
        CHECK_EQ(want, aac_config_read(config, 2, &info));
        if (is_served)
            CHECK_EQ(rates[index - 3], info.sample_rate);
    }
}

static void explicit_rates_are_bounded(void)
{
    CHECK_EQ(ERR_OK, read_hex("1780 0fa010")); /* 8000 */
    CHECK_EQ(8000, info.sample_rate);
    CHECK_EQ(ERR_UNSUPPORTED, read_hex("1780 0f9f90")); /* 7999 */
    CHECK_EQ(ERR_UNSUPPORTED, read_hex("1780 5dc090")); /* 48001 */
    CHECK_EQ(ERR_UNSUPPORTED, read_hex("1780 000010"));
}

static void the_length_is_bounded(void)
{
    memset(bytes, 0, sizeof(bytes));
    (void)hex_read("1190", bytes, 2);
    CHECK_EQ(ERR_OK, aac_config_read(bytes, AAC_MAX_CONFIG, &info));
    CHECK_EQ(ERR_MALFORMED, aac_config_read(bytes, AAC_MAX_CONFIG + 1, &info));
}

static size_t stripped(const char *hex)
{
    size_t len = hex_read(hex, bytes, sizeof(bytes));
    struct str frame = {.at = (const char *)bytes, .len = len};
    struct str raw = aac_strip_adts(frame);
    CHECK(raw.at + raw.len == frame.at + frame.len);
    return frame.len - raw.len;
}

static void adts_headers_are_removed(void)
{
    CHECK_EQ(7, stripped("fff1 4c80 013f fc 2110")); /* 9 bytes */
    CHECK_EQ(7, stripped("fff9 4c80 013f fc 2110")); /* MPEG-2 */
    CHECK_EQ(7, stripped("fff1 4c80 00ff fc"));      /* nothing in it */
    CHECK_EQ(0, stripped("fff1 4c80 015f fc 2110")); /* 10 bytes, it says */
    CHECK_EQ(0, stripped("fff1 4c80 011f fc 2110")); /* 8 */
    CHECK_EQ(0, stripped("fff1 4c81 013f fc 2110")); /* 2057 */
    CHECK_EQ(0, stripped("fff0 4c80 013f fc 2110")); /* with CRC: not one of ours */
    CHECK_EQ(0, stripped("fef1 4c80 013f fc 2110"));
    CHECK_EQ(0, stripped("2110 0454"));
    CHECK_EQ(0, stripped("fff1 4c80 00df")); /* shorter than a header */
    CHECK_EQ(0, stripped(""));
}

static void a_long_frame_has_all_bits_of_its_length(void)
{
    static uint8_t frame[8191];
    (void)hex_read("fff1 4c83 ffff fc", frame, 7);
    struct str raw = aac_strip_adts((struct str){.at = (const char *)frame, .len = 8191});
    CHECK_EQ(8184, raw.len);
    frame[3] = 0x82;
    CHECK_EQ(8191, aac_strip_adts((struct str){.at = (const char *)frame, .len = 8191}).len);
}

int main(void)
{
    RUN(configurations_read);
    RUN(no_truncated_configuration_is_accepted);
    RUN(a_tail_that_is_cut_says_nothing);
    RUN(what_we_do_not_serve_is_unsupported);
    RUN(every_rate_index_reads);
    RUN(explicit_rates_are_bounded);
    RUN(the_length_is_bounded);
    RUN(adts_headers_are_removed);
    RUN(a_long_frame_has_all_bits_of_its_length);
    return check_report();
}
