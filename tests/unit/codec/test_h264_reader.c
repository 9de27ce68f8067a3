#include "codec/h264.h"

#include "check.h"
#include "sps_builder.h"
#include "unit/hex.h"

/* Golden vector V4: Constrained Baseline 3.0, 640x360, 30 fps. */
static const char vector[] =
    "0142c01effe100196742c01eda0280bfe5c044000003000400000300f03c58ba8001000468"
    "ce3c80";

static uint8_t bytes[16384];
static struct h264_info info;

static enum err read_built(const struct sps_options *options)
{
    uint8_t *exact = bytes + 8192;
    size_t len = build_config(options, exact);
    return h264_config_read(exact, len, &info);
}

static void the_vector_reads(void)
{
    size_t len = hex_read(vector, bytes, sizeof(bytes));
    CHECK_EQ(ERR_OK, h264_config_read(bytes, len, &info));
    CHECK_EQ(66, info.profile_idc);
    CHECK_EQ(0xc0, info.constraint_flags);
    CHECK_EQ(30, info.level_idc);
    CHECK_EQ(4, info.nal_length_size);
    CHECK_EQ(640, info.width);
    CHECK_EQ(360, info.height);
    CHECK_EQ(1, info.sar_num);
    CHECK_EQ(1, info.sar_den);
    CHECK_EQ(60, info.fps_num);
    CHECK_EQ(2, info.fps_den);
    CHECK_EQ(0, info.max_reorder);
    CHECK(!info.has_colour);
    CHECK(!info.full_range);
}

static void no_truncated_record_is_accepted(void)
{
    size_t whole = hex_read(vector, bytes, sizeof(bytes));
    info.width = 7;
    for (size_t len = 0; len < whole; len++) {
        uint8_t *exact = bytes + sizeof(bytes) - len;
        memmove(exact, bytes, len);
        CHECK_EQ(ERR_MALFORMED, h264_config_read(exact, len, &info));
    }
    CHECK_EQ(7, info.width);
}

static void no_truncated_sps_is_accepted(void)
{
    struct sps_options options = {.profile = 100,
                                  .has_vui = true,
                                  .has_scaling_lists = true,
                                  .has_aspect = true,
                                  .aspect_idc = 1,
                                  .has_timing = true,
                                  .num_units = 1001,
                                  .time_scale = 60000,
                                  .nal_hrd = 2,
                                  .has_restriction = true,
                                  .reorder = 2};
    static uint8_t sps[2048];
    size_t whole = build_sps(&options, sps);
    CHECK_EQ(ERR_OK, read_built(&options));
    for (size_t len = 1; len < whole - 1; len++) { /* the last byte may be the stop bit's only */
        uint8_t head[] = {1, 100, 0, 30, 0xff, 0xe1, (uint8_t)(len >> 8), (uint8_t)len};
        static const uint8_t pps[] = {1, 0, 4, 0x68, 0xce, 0x3c, 0x80};
        memcpy(bytes, head, sizeof(head));
        memcpy(bytes + 8, sps, len);
        memcpy(bytes + 8 + len, pps, sizeof(pps));
        CHECK_EQ(ERR_MALFORMED, h264_config_read(bytes, 8 + len + sizeof(pps), &info));
    }
}

static void sizes_follow_cropping_and_fields(void)
{
    static const struct {
        struct sps_options options;
        uint32_t width, height;
    } cases[] = {
        {{.profile = 77}, 320, 192},
        {{.width_mbs = 120, .height_units = 68, .is_cropped = true, .crop_bottom = 4}, 1920, 1080},
        {{.width_mbs = 120,
          .height_units = 34,
          .is_interlaced = true,
          .is_cropped = true,
          .crop_bottom = 2},
         1920,
         1080},
        {{.is_cropped = true, .crop_left = 1, .crop_right = 2, .crop_top = 3, .crop_bottom = 4},
         314,
         178},
        {{.is_interlaced = true}, 320, 384},
        {{.is_cropped = true, .crop_right = 159}, 2, 192},
        {{.is_cropped = true, .crop_top = 95}, 320, 2},
        {{.width_mbs = 1024, .height_units = 1024}, 16384, 16384},
        {{.width_mbs = 1, .height_units = 1}, 16, 16},
        {{.profile = 100}, 320, 192},
        {{.profile = 100, .has_scaling_lists = true}, 320, 192},
        {{.poc_type = 1, .poc_cycle = 0}, 320, 192},
        {{.poc_type = 1, .poc_cycle = 255}, 320, 192},
        {{.poc_type = 2}, 320, 192},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(ERR_OK, read_built(&cases[i].options));
        CHECK_EQ(cases[i].width, info.width);
        CHECK_EQ(cases[i].height, info.height);
    }
}

static void impossible_values_are_malformed(void)
{
    static const struct sps_options cases[] = {
        {.is_cropped = true, .crop_right = 160},
        {.is_cropped = true, .crop_left = 80, .crop_right = 80},
        {.is_cropped = true, .crop_top = 96},
        {.is_cropped = true, .crop_left = 0x7fffffff, .crop_right = 0x80000001},
        {.width_mbs = 1025},
        {.height_units = 1025},
        {.height_units = 513, .is_interlaced = true},
        {.width_mbs = 0x10000001},
        {.poc_type = 3},
        {.poc_type = 1, .poc_cycle = 256},
        {.has_vui = true, .nal_hrd = 33},
        {.has_vui = true, .vcl_hrd = 33},
        {.has_vui = true, .has_restriction = true, .reorder = 17},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_built(&cases[i]));
}

static void usability_information_reads(void)
{
    struct sps_options options = {.has_vui = true,
                                  .has_aspect = true,
                                  .aspect_idc = 255,
                                  .sar_width = 13,
                                  .sar_height = 11,
                                  .has_overscan = true,
                                  .has_signal = true,
                                  .has_colour = true,
                                  .is_full_range = true,
                                  .has_chroma_location = true,
                                  .has_timing = true,
                                  .num_units = 1001,
                                  .time_scale = 60000,
                                  .nal_hrd = 32,
                                  .vcl_hrd = 1,
                                  .has_restriction = true,
                                  .reorder = 16};
    CHECK_EQ(ERR_OK, read_built(&options));
    CHECK(info.sar_num == 13 && info.sar_den == 11);
    CHECK(info.has_colour && info.full_range);
    CHECK_EQ(9, info.colour_primaries);
    CHECK_EQ(14, info.transfer_characteristics);
    CHECK_EQ(2, info.matrix_coefficients);
    CHECK(info.fps_num == 60000 && info.fps_den == 2002);
    CHECK_EQ(16, info.max_reorder);

    options.is_full_range = false;
    options.has_colour = false;
    options.nal_hrd = 0;
    options.reorder = 2;
    CHECK_EQ(ERR_OK, read_built(&options));
    CHECK(!info.has_colour && !info.full_range);
    CHECK_EQ(0, info.colour_primaries);
    CHECK_EQ(2, info.max_reorder);
    options.vcl_hrd = 0;
    CHECK_EQ(ERR_OK, read_built(&options));
    CHECK_EQ(2, info.max_reorder);
}

static void what_is_not_said_has_a_default(void)
{
    struct sps_options options = {.has_vui = true, .has_aspect = true, .aspect_idc = 255};
    static const uint16_t unspecified[][2] = {{0, 0}, {0, 1}, {1, 0}};
    for (size_t i = 0; i < 3; i++) {
        options.sar_width = unspecified[i][0];
        options.sar_height = unspecified[i][1];
        CHECK_EQ(ERR_OK, read_built(&options));
        CHECK(info.sar_num == 1 && info.sar_den == 1);
    }
    /* Table E-1, and what is beyond it. */
    static const uint8_t ratios[][3] = {
        {0, 1, 1},    {1, 1, 1},    {2, 12, 11},  {3, 10, 11},   {4, 16, 11},
        {5, 40, 33},  {6, 24, 11},  {7, 20, 11},  {8, 32, 11},   {9, 80, 33},
        {10, 18, 11}, {11, 15, 11}, {12, 64, 33}, {13, 160, 99}, {14, 4, 3},
        {15, 3, 2},   {16, 2, 1},   {17, 1, 1},   {254, 1, 1},
    };
    for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
        options.aspect_idc = ratios[i][0];
        CHECK_EQ(ERR_OK, read_built(&options));
        CHECK_EQ(ratios[i][1], info.sar_num);
        CHECK_EQ(ratios[i][2], info.sar_den);
    }
    CHECK(info.fps_num == 0 && info.fps_den == 0);
    CHECK_EQ(16, info.max_reorder);
    CHECK_EQ(ERR_OK, read_built(&(struct sps_options){.poc_type = 2}));
    CHECK_EQ(0, info.max_reorder);
}

static void a_useless_clock_is_unknown(void)
{
    static const uint32_t clocks[][4] = {/* units, scale; then what reads */
                                         {0, 60, 0, 0},
                                         {1, 0, 0, 0},
                                         {0x80000000, 60, 0, 0},
                                         {0x7fffffff, 60, 60, 0xfffffffe},
                                         {1, 0xffffffff, 0xffffffff, 2}};
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        struct sps_options options = {.has_vui = true,
                                      .has_timing = true,
                                      .num_units = clocks[i][0],
                                      .time_scale = clocks[i][1]};
        CHECK_EQ(ERR_OK, read_built(&options));
        CHECK_EQ(clocks[i][2], info.fps_num);
        CHECK_EQ(clocks[i][3], info.fps_den);
    }
}

static void other_profiles_levels_and_formats_are_unsupported(void)
{
    static const struct sps_options cases[] = {
        {.profile = 88},
        {.profile = 110},
        {.profile = 122},
        {.profile = 244},
        {.profile = 100, .is_monochrome = true},
        {.profile = 100, .chroma_format = 2},
        {.profile = 100, .chroma_format = 3},
        {.profile = 100, .luma_depth = 2},
        {.profile = 100, .chroma_depth = 2},
    };
    info.width = 7;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_EQ(ERR_UNSUPPORTED, read_built(&cases[i]));
    /* The record and the SPS are both asked. */
    size_t len = build_config(&(struct sps_options){.profile = 77}, bytes);
    bytes[1] = 110;
    CHECK_EQ(ERR_UNSUPPORTED, h264_config_read(bytes, len, &info));
    bytes[1] = 77;
    bytes[9] = 110;
    CHECK_EQ(ERR_UNSUPPORTED, h264_config_read(bytes, len, &info));
    bytes[9] = 77;
    bytes[3] = 53;
    CHECK_EQ(ERR_UNSUPPORTED, h264_config_read(bytes, len, &info));
    CHECK_EQ(7, info.width);
    bytes[3] = 52;
    CHECK_EQ(ERR_OK, h264_config_read(bytes, len, &info));
}

static void the_record_is_checked(void)
{
    static const struct {
        size_t at;
        uint8_t value;
        enum err want;
    } cases[] = {
        {0, 0, ERR_MALFORMED},                        /* version */
        {0, 2, ERR_MALFORMED},     {4, 0xfc, ERR_OK}, /* length size 1 */
        {4, 0xfd, ERR_OK},                            /* 2 */
        {4, 0xfe, ERR_MALFORMED},                     /* 3 */
        {4, 0x03, ERR_OK},                            /* reserved bits that are not set */
        {5, 0x01, ERR_OK},                            /* likewise */
        {5, 0xe0, ERR_MALFORMED},                     /* no SPS */
        {5, 0xe2, ERR_MALFORMED},                     /* two, where one is */
        {8, 0x68, ERR_MALFORMED},                     /* a PPS where an SPS must be */
        {8, 0x27, ERR_OK},                            /* another importance */
        {33, 0, ERR_MALFORMED},                       /* no PPS */
        {33, 2, ERR_MALFORMED},                       /* two, where one is */
        {33, 33, ERR_LIMIT},                          /* too many */
        {36, 0x67, ERR_MALFORMED},                    /* an SPS where a PPS must be */
        {35, 0, ERR_MALFORMED},                       /* an empty PPS */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = hex_read(vector, bytes, sizeof(bytes));
        bytes[cases[i].at] = cases[i].value;
        CHECK_EQ(cases[i].want, h264_config_read(bytes, len, &info));
    }
    size_t len = hex_read(vector, bytes, sizeof(bytes));
    bytes[4] = 0xfd;
    CHECK_EQ(ERR_OK, h264_config_read(bytes, len, &info));
    CHECK_EQ(2, info.nal_length_size);
    len += hex_read("fdf8f800", bytes + len, 4); /* what follows is not looked at */
    CHECK_EQ(ERR_OK, h264_config_read(bytes, len, &info));
}

static void the_first_of_several_sets_counts(void)
{
    struct sps_options first = {.width_mbs = 10};
    struct sps_options second = {.width_mbs = 30};
    memcpy(bytes, "\1\115\0\36\377\342", 6);
    size_t first_len = build_sps(&first, bytes + 8);
    bytes[6] = 0;
    bytes[7] = (uint8_t)first_len;
    size_t len = 8 + first_len;
    size_t second_len = build_sps(&second, bytes + len + 2);
    bytes[len] = 0;
    bytes[len + 1] = (uint8_t)second_len;
    len += 2 + second_len;
    len += hex_read("02 0004 68ce3c80 0002 68ee", bytes + len, 16);
    CHECK_EQ(ERR_OK, h264_config_read(bytes, len, &info));
    CHECK_EQ(160, info.width);
}

static void the_number_and_size_of_sets_is_bounded(void)
{
    size_t start = hex_read("014d001effe1", bytes, sizeof(bytes));
    struct sps_options options = {.width_mbs = 10};
    size_t sps_len = build_sps(&options, bytes + start + 2);
    bytes[start] = 0;
    bytes[start + 1] = (uint8_t)sps_len;
    size_t pps_at = start + 2 + sps_len;
    for (unsigned count = 32; count <= 33; count++) {
        size_t len = pps_at;
        bytes[len++] = (uint8_t)count;
        for (unsigned i = 0; i < count; i++)
            len += hex_read("0002 68ee", bytes + len, 4);
        CHECK_EQ(count == 32 ? ERR_OK : ERR_LIMIT, h264_config_read(bytes, len, &info));
    }
    /* A record padded to the limit by its last PPS. */
    bytes[pps_at] = 1;
    size_t pps_len = H264_MAX_CONFIG - pps_at - 3;
    bytes[pps_at + 1] = (uint8_t)(pps_len >> 8);
    bytes[pps_at + 2] = (uint8_t)pps_len;
    bytes[pps_at + 3] = 0x68;
    CHECK_EQ(ERR_OK, h264_config_read(bytes, H264_MAX_CONFIG, &info));
    CHECK_EQ(ERR_LIMIT, h264_config_read(bytes, H264_MAX_CONFIG + 1, &info));
}

int main(void)
{
    RUN(the_vector_reads);
    RUN(no_truncated_record_is_accepted);
    RUN(no_truncated_sps_is_accepted);
    RUN(sizes_follow_cropping_and_fields);
    RUN(impossible_values_are_malformed);
    RUN(usability_information_reads);
    RUN(what_is_not_said_has_a_default);
    RUN(a_useless_clock_is_unknown);
    RUN(other_profiles_levels_and_formats_are_unsupported);
    RUN(the_record_is_checked);
    RUN(the_first_of_several_sets_counts);
    RUN(the_number_and_size_of_sets_is_bounded);
    return check_report();
}
