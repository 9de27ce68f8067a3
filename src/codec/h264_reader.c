#include "base/reader.h"
#include "codec/bits.h"
#include "codec/h264.h"

#include <string.h>

enum {
    PROFILE_BASELINE = 66,
    PROFILE_MAIN = 77,
    PROFILE_HIGH = 100,
    MAX_LEVEL = 52,
    NAL_SPS = 7,
    NAL_PPS = 8,
    MAX_EDGE = 16384,          /* beyond any level; keeps the arithmetic small */
    MAX_REORDER = 16,          /* of any level */
    EXTENDED_SAR = 255,        /* aspect_ratio_idc: width and height follow */
    MAX_POC_CYCLE = 255,       /* num_ref_frames_in_pic_order_cnt_cycle */
    MAX_CPB_COUNT = 32,        /* cpb_cnt_minus1 + 1 */
    SCALING_LISTS = 8,         /* of 4:2:0 */
    SMALL_LISTS = 6,           /* of these, lists of 16; the others of 64 */
    POC_TYPE_OUTPUT_ORDER = 2, /* decoding order is output order */
};

/* Sample aspect ratios of aspect_ratio_idc (Table E-1). */
static const uint8_t aspect_ratios[][2] = {
    {1, 1},   {1, 1},   {12, 11}, {10, 11}, {16, 11},  {40, 33}, {24, 11}, {20, 11}, {32, 11},
    {80, 33}, {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1},
};

static bool is_known_profile(unsigned profile_idc)
{
    return profile_idc == PROFILE_BASELINE || profile_idc == PROFILE_MAIN ||
           profile_idc == PROFILE_HIGH;
}

static void skip_scaling_list(struct bits *b, unsigned size)
{
    int32_t last = 8;
    int32_t next = 8;
    for (unsigned i = 0; i < size && !b->failed; i++) {
        if (next != 0)
            next = (last + bits_se(b)) & 0xff;
        last = next == 0 ? last : next;
    }
}

/* What only the High profile has (§7.3.2.1.1). */
static enum err read_high_fields(struct bits *b)
{
    uint32_t chroma_format = bits_ue(b);
    uint32_t luma_depth = bits_ue(b);
    uint32_t chroma_depth = bits_ue(b);
    if (!b->failed && (chroma_format != 1 || luma_depth != 0 || chroma_depth != 0))
        return ERR_UNSUPPORTED;
    bits_skip(b, 1); /* qpprime_y_zero_transform_bypass_flag */
    bool has_matrix = bits_flag(b);
    for (unsigned i = 0; has_matrix && i < SCALING_LISTS; i++) {
        if (bits_flag(b))
            skip_scaling_list(b, i < SMALL_LISTS ? 16 : 64);
    }
    return ERR_OK;
}

/* Returns pic_order_cnt_type. */
static uint32_t read_picture_order(struct bits *b)
{
    uint32_t type = bits_ue(b);
    if (type == 0) {
        (void)bits_ue(b); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        bits_skip(b, 1);  /* delta_pic_order_always_zero_flag */
        (void)bits_se(b); /* offset_for_non_ref_pic */
        (void)bits_se(b); /* offset_for_top_to_bottom_field */
        uint32_t cycle = bits_ue(b);
        if (cycle > MAX_POC_CYCLE)
            b->failed = true;
        for (uint32_t i = 0; i < cycle && !b->failed; i++)
            (void)bits_se(b); /* offset_for_ref_frame */
    } else if (type != POC_TYPE_OUTPUT_ORDER) {
        b->failed = true;
    }
    return type;
}

static void read_size(struct bits *b, struct h264_info *info)
{
    uint64_t width = 16 * ((uint64_t)bits_ue(b) + 1);
    uint64_t map_units = (uint64_t)bits_ue(b) + 1;
    bool is_frames_only = bits_flag(b);
    uint64_t height = 16 * map_units * (is_frames_only ? 1 : 2);
    if (!is_frames_only)
        bits_skip(b, 1); /* mb_adaptive_frame_field_flag */
    bits_skip(b, 1);     /* direct_8x8_inference_flag */

    uint64_t crop_x = 0;
    uint64_t crop_y = 0;
    if (bits_flag(b)) { /* units of 4:2:0 (§7.4.2.1.1) */
        crop_x = 2 * ((uint64_t)bits_ue(b) + bits_ue(b));
        crop_y = (is_frames_only ? 2 : 4) * ((uint64_t)bits_ue(b) + bits_ue(b));
    }
    if (width > MAX_EDGE || height > MAX_EDGE || crop_x >= width || crop_y >= height) {
        b->failed = true;
        return;
    }
    info->width = (uint32_t)(width - crop_x);
    info->height = (uint32_t)(height - crop_y);
}

static void read_aspect_ratio(struct bits *b, struct h264_info *info)
{
    uint32_t idc = bits_uint(b, 8);
    uint32_t num = 1;
    uint32_t den = 1;
    if (idc == EXTENDED_SAR) {
        num = bits_uint(b, 16);
        den = bits_uint(b, 16);
    } else if (idc < sizeof(aspect_ratios) / sizeof(aspect_ratios[0])) {
        num = aspect_ratios[idc][0];
        den = aspect_ratios[idc][1];
    }
    if (num != 0 && den != 0) { /* else unspecified (§E.2.1) */
        info->sar_num = num;
        info->sar_den = den;
    }
}

static void read_video_signal(struct bits *b, struct h264_info *info)
{
    bits_skip(b, 3); /* video_format */
    info->full_range = bits_flag(b);
    info->has_colour = bits_flag(b);
    if (info->has_colour) {
        info->colour_primaries = (uint8_t)bits_uint(b, 8);
        info->transfer_characteristics = (uint8_t)bits_uint(b, 8);
        info->matrix_coefficients = (uint8_t)bits_uint(b, 8);
    }
}

static void read_timing(struct bits *b, struct h264_info *info)
{
    uint32_t num_units_in_tick = bits_uint(b, 32);
    uint32_t time_scale = bits_uint(b, 32);
    bits_skip(b, 1); /* fixed_frame_rate_flag */
    if (num_units_in_tick == 0 || time_scale == 0 || num_units_in_tick > UINT32_MAX / 2)
        return;
    info->fps_num = time_scale;
    info->fps_den = 2 * num_units_in_tick;
}

static void skip_hrd(struct bits *b)
{
    uint32_t count = bits_ue(b) + 1;
    if (count > MAX_CPB_COUNT)
        b->failed = true;
    bits_skip(b, 4 + 4); /* bit_rate_scale, cpb_size_scale */
    for (uint32_t i = 0; i < count && !b->failed; i++) {
        (void)bits_ue(b); /* bit_rate_value_minus1 */
        (void)bits_ue(b); /* cpb_size_value_minus1 */
        bits_skip(b, 1);  /* cbr_flag */
    }
    bits_skip(b, 5 + 5 + 5 + 5); /* three delay lengths, time_offset_length */
}

static void read_restriction(struct bits *b, struct h264_info *info)
{
    bits_skip(b, 1); /* motion_vectors_over_pic_boundaries_flag */
    for (unsigned i = 0; i < 4; i++)
        (void)bits_ue(b); /* bytes a picture, bits a macroblock, two vector lengths */
    uint32_t reorder = bits_ue(b);
    (void)bits_ue(b); /* max_dec_frame_buffering */
    if (reorder > MAX_REORDER)
        b->failed = true;
    info->max_reorder = reorder;
}

/* VUI parameters (§E.1.1). */
static void read_vui(struct bits *b, struct h264_info *info)
{
    if (bits_flag(b))
        read_aspect_ratio(b, info);
    if (bits_flag(b))
        bits_skip(b, 1); /* overscan_appropriate_flag */
    if (bits_flag(b))
        read_video_signal(b, info);
    if (bits_flag(b)) {
        (void)bits_ue(b); /* chroma_sample_loc_type_top_field */
        (void)bits_ue(b); /* … bottom_field */
    }
    if (bits_flag(b))
        read_timing(b, info);
    bool has_nal_hrd = bits_flag(b);
    if (has_nal_hrd)
        skip_hrd(b);
    bool has_vcl_hrd = bits_flag(b);
    if (has_vcl_hrd)
        skip_hrd(b);
    if (has_nal_hrd || has_vcl_hrd)
        bits_skip(b, 1); /* low_delay_hrd_flag */
    bits_skip(b, 1);     /* pic_struct_present_flag */
    if (bits_flag(b))
        read_restriction(b, info);
}

static enum err read_sps(struct str nal, struct h264_info *info)
{
    struct bits b = bits_over(nal.at, nal.len);
    b.has_escapes = true;
    bits_skip(&b, 8); /* the NAL header */
    uint32_t profile_idc = bits_uint(&b, 8);
    bits_skip(&b, 8); /* constraint flags */
    bits_skip(&b, 8); /* level_idc */
    if (b.failed)
        return ERR_MALFORMED;
    if (!is_known_profile(profile_idc))
        return ERR_UNSUPPORTED;
    (void)bits_ue(&b); /* seq_parameter_set_id */
    if (profile_idc == PROFILE_HIGH && read_high_fields(&b) != ERR_OK)
        return ERR_UNSUPPORTED;
    (void)bits_ue(&b); /* log2_max_frame_num_minus4 */
    uint32_t poc_type = read_picture_order(&b);
    (void)bits_ue(&b); /* max_num_ref_frames */
    bits_skip(&b, 1);  /* gaps_in_frame_num_value_allowed_flag */
    read_size(&b, info);
    info->sar_num = info->sar_den = 1;
    info->max_reorder = poc_type == POC_TYPE_OUTPUT_ORDER ? 0 : MAX_REORDER;
    if (bits_flag(&b))
        read_vui(&b, info);
    return b.failed ? ERR_MALFORMED : ERR_OK;
}

/* The parameter sets of one kind behind their count; `*first` receives the first one. */
static enum err read_sets(struct reader *r, size_t count, unsigned nal_type, struct str *first)
{
    if (count == 0)
        return ERR_MALFORMED;
    if (count > H264_MAX_PARAMETER_SETS)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        size_t len = reader_uint(r, 2);
        const uint8_t *nal = reader_take(r, len);
        if (nal == NULL || len == 0 || (nal[0] & 0x1f) != nal_type)
            return ERR_MALFORMED;
        if (i == 0)
            *first = (struct str){.at = (const char *)nal, .len = len};
    }
    return ERR_OK;
}

enum err h264_config_read(const uint8_t *bytes, size_t len, struct h264_info *out)
{
    if (len > H264_MAX_CONFIG)
        return ERR_LIMIT;
    struct reader r = reader_over(bytes, len);
    uint64_t version = reader_uint(&r, 1);
    struct h264_info info = {
        .profile_idc = (uint8_t)reader_uint(&r, 1),
        .constraint_flags = (uint8_t)reader_uint(&r, 1),
        .level_idc = (uint8_t)reader_uint(&r, 1),
        .nal_length_size = (uint8_t)((reader_uint(&r, 1) & 3) + 1),
    };
    size_t sps_count = reader_uint(&r, 1) & 0x1f;
    if (r.failed || version != 1 || info.nal_length_size == 3)
        return ERR_MALFORMED;

    struct str sps = {0};
    struct str pps = {0};
    enum err err = read_sets(&r, sps_count, NAL_SPS, &sps);
    if (err == ERR_OK)
        err = read_sets(&r, reader_uint(&r, 1), NAL_PPS, &pps);
    if (err != ERR_OK)
        return err;
    /* What may follow for High (chroma format, bit depths) stands in the SPS as well. */
    if (!is_known_profile(info.profile_idc) || info.level_idc > MAX_LEVEL)
        return ERR_UNSUPPORTED;
    err = read_sps(sps, &info);
    if (err != ERR_OK)
        return err;
    *out = info;
    return ERR_OK;
}
