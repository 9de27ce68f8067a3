#include "codec/h264.h"

#include "check.h"
#include "unit/hex.h"

static void codec_strings_have_upper_case_hex(void)
{
    char text[H264_CODEC_LEN + 1];
    h264_codec_string(
        &(struct h264_info){.profile_idc = 0x42, .constraint_flags = 0xc0, .level_idc = 0x1e},
        text);
    CHECK_EQ(0, strcmp("avc1.42C01E", text));
    h264_codec_string(&(struct h264_info){.profile_idc = 100, .level_idc = 42}, text);
    CHECK_EQ(0, strcmp("avc1.64002A", text));
}

static void profiles_and_levels_have_names(void)
{
    static const struct {
        uint8_t profile, constraints, level;
        const char *profile_name, *level_name;
    } cases[] = {
        {66, 0xc0, 30, "Baseline", "3.0"}, {77, 0, 31, "Main", "3.1"},
        {100, 0, 42, "High", "4.2"},       {66, 0x10, 11, "Baseline", "1b"},
        {77, 0x10, 11, "Main", "1b"},      {66, 0xef, 11, "Baseline", "1.1"},
        {100, 0x10, 11, "High", "1.1"},    {66, 0x10, 12, "Baseline", "1.2"},
        {100, 0, 9, "High", "0.9"},        {100, 0, 255, "High", "25.5"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct h264_info info = {.profile_idc = cases[i].profile,
                                 .constraint_flags = cases[i].constraints,
                                 .level_idc = cases[i].level};
        char level[8];
        h264_level_name(&info, level);
        CHECK_EQ(0, strcmp(cases[i].level_name, level));
        CHECK_EQ(0, strcmp(cases[i].profile_name, h264_profile_name(&info)));
    }
}

static void a_record_is_written_with_four_byte_lengths(void)
{
    uint8_t bytes[64];
    size_t len = hex_read("0142c01efce100196742c01eda0280bf", bytes, sizeof(bytes));
    struct buf out;
    buf_init(&out, H264_MAX_CONFIG);
    h264_config_write(bytes, len, &out);
    CHECK(hex_equal("0142c01effe100196742c01eda0280bf", out.at, out.len));
    buf_clear(&out);
    bytes[4] = 0xff;
    h264_config_write(bytes, len, &out);
    CHECK(hex_equal("0142c01effe100196742c01eda0280bf", out.at, out.len));
    buf_finish(&out);
}

int main(void)
{
    RUN(codec_strings_have_upper_case_hex);
    RUN(profiles_and_levels_have_names);
    RUN(a_record_is_written_with_four_byte_lengths);
    return check_report();
}
