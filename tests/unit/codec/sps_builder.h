/* Builds sequence parameter sets and configuration records bit by bit, for the tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bit_writer {
    uint8_t at[1024];
    size_t bits;
};

static inline void put_bits(struct bit_writer *w, uint64_t value, unsigned width)
{
    for (unsigned i = width; i > 0; i--) {
        w->at[w->bits / 8] |= (uint8_t)((value >> (i - 1) & 1) << (7 - w->bits % 8));
        w->bits++;
    }
}

static inline void put_ue(struct bit_writer *w, uint32_t value)
{
    uint64_t code = (uint64_t)value + 1;
    unsigned width = 0;
    while (code >> width > 1)
        width++;
    put_bits(w, 0, width);
    put_bits(w, code, width + 1);
}

static inline void put_se(struct bit_writer *w, int32_t value)
{
    put_ue(w, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

/* What a test may want otherwise; zero is a plain progressive 320x192 picture. */
struct sps_options {
    uint8_t profile;                                 /* 0: Main */
    uint8_t chroma_format, luma_depth, chroma_depth; /* High; chroma 0: 4:2:0 */
    bool is_monochrome;
    bool has_scaling_lists;
    uint32_t poc_type, poc_cycle;
    uint32_t width_mbs, height_units; /* 0: 20 and 12 */
    bool is_interlaced;
    bool is_cropped;
    uint32_t crop_left, crop_right, crop_top, crop_bottom;
    bool has_vui;
    bool has_aspect;
    uint8_t aspect_idc;
    uint16_t sar_width, sar_height;
    bool has_overscan;
    bool has_signal, has_colour, is_full_range;
    bool has_chroma_location;
    bool has_timing;
    uint32_t num_units, time_scale;
    unsigned nal_hrd, vcl_hrd; /* cpb counts; 0: none */
    bool has_restriction;
    uint32_t reorder;
};

static inline void put_hrd(struct bit_writer *w, unsigned count)
{
    put_bits(w, count > 0, 1);
    if (count == 0)
        return;
    put_ue(w, count - 1);
    put_bits(w, 0x12, 8);
    for (unsigned i = 0; i < count; i++) {
        put_ue(w, 1000);
        put_ue(w, 2000);
        put_bits(w, 1, 1);
    }
    put_bits(w, 0x5a5a5, 20);
}

static inline void put_vui(struct bit_writer *w, const struct sps_options *o)
{
    put_bits(w, o->has_aspect, 1);
    if (o->has_aspect) {
        put_bits(w, o->aspect_idc, 8);
        if (o->aspect_idc == 255)
            put_bits(w, (uint32_t)o->sar_width << 16 | o->sar_height, 32);
    }
    put_bits(w, o->has_overscan, 1);
    if (o->has_overscan)
        put_bits(w, 1, 1);
    put_bits(w, o->has_signal, 1);
    if (o->has_signal) {
        put_bits(w, 5, 3);
        put_bits(w, o->is_full_range, 1);
        put_bits(w, o->has_colour, 1);
        if (o->has_colour)
            put_bits(w, 0x090e02, 24);
    }
    put_bits(w, o->has_chroma_location, 1);
    if (o->has_chroma_location) {
        put_ue(w, 1);
        put_ue(w, 2);
    }
    put_bits(w, o->has_timing, 1);
    if (o->has_timing) {
        put_bits(w, o->num_units, 32);
        put_bits(w, o->time_scale, 32);
        put_bits(w, 1, 1);
    }
    put_hrd(w, o->nal_hrd);
    put_hrd(w, o->vcl_hrd);
    if (o->nal_hrd > 0 || o->vcl_hrd > 0)
        put_bits(w, 1, 1);
    put_bits(w, 1, 1); /* pic_struct_present_flag */
    put_bits(w, o->has_restriction, 1);
    if (o->has_restriction) {
        put_bits(w, 1, 1);
        put_ue(w, 2);
        put_ue(w, 1);
        put_ue(w, 11);
        put_ue(w, 10);
        put_ue(w, o->reorder);
        put_ue(w, 4);
    }
}

static inline void put_high_fields(struct bit_writer *w, const struct sps_options *o)
{
    put_ue(w, o->is_monochrome ? 0 : o->chroma_format == 0 ? 1 : o->chroma_format);
    put_ue(w, o->luma_depth);
    put_ue(w, o->chroma_depth);
    put_bits(w, 0, 1);
    put_bits(w, o->has_scaling_lists, 1);
    if (!o->has_scaling_lists)
        return;
    for (unsigned i = 0; i < 8; i++) { /* every second list is there */
        put_bits(w, i % 2, 1);
        unsigned size = i % 2 == 0 ? 0 : i == 3 ? 3 : i < 6 ? 16 : 64;
        for (unsigned n = 0; n < size; n++)
            put_se(w, 1);
        if (i == 3)
            put_se(w, -11); /* to zero: the rest repeats the last value */
    }
}

static inline void put_poc(struct bit_writer *w, const struct sps_options *o)
{
    put_ue(w, o->poc_type);
    if (o->poc_type == 0)
        put_ue(w, 2);
    if (o->poc_type != 1)
        return;
    put_bits(w, 1, 1);
    put_se(w, -3);
    put_se(w, 3);
    put_ue(w, o->poc_cycle);
    for (uint32_t i = 0; i < o->poc_cycle; i++)
        put_se(w, 1);
}

/* The NAL unit, with emulation prevention; returns its length. `out` has room for 2048. */
static inline size_t build_sps(const struct sps_options *o, uint8_t *out)
{
    struct bit_writer w = {.bits = 0};
    uint8_t profile = o->profile == 0 ? 77 : o->profile;
    put_bits(&w, 0x67, 8);
    put_bits(&w, profile, 8);
    put_bits(&w, 0x00, 8);
    put_bits(&w, 30, 8);
    put_ue(&w, 0);
    if (profile == 100)
        put_high_fields(&w, o);
    put_ue(&w, 4);
    put_poc(&w, o);
    put_ue(&w, 3);
    put_bits(&w, 0, 1);
    put_ue(&w, (o->width_mbs == 0 ? 20 : o->width_mbs) - 1);
    put_ue(&w, (o->height_units == 0 ? 12 : o->height_units) - 1);
    put_bits(&w, !o->is_interlaced, 1);
    if (o->is_interlaced)
        put_bits(&w, 1, 1);
    put_bits(&w, 1, 1);
    put_bits(&w, o->is_cropped, 1);
    if (o->is_cropped) {
        put_ue(&w, o->crop_left);
        put_ue(&w, o->crop_right);
        put_ue(&w, o->crop_top);
        put_ue(&w, o->crop_bottom);
    }
    put_bits(&w, o->has_vui, 1);
    if (o->has_vui)
        put_vui(&w, o);
    put_bits(&w, 1, 1); /* stop bit */

    size_t len = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < (w.bits + 7) / 8; i++) {
        if (zeros >= 2 && w.at[i] <= 3) {
            out[len++] = 3;
            zeros = 0;
        }
        zeros = w.at[i] == 0 ? zeros + 1 : 0;
        out[len++] = w.at[i];
    }
    return len;
}

/* A record of that SPS and a PPS. */
static inline size_t build_config(const struct sps_options *o, uint8_t *out)
{
    static const uint8_t pps[] = {0x01, 0x00, 0x04, 0x68, 0xce, 0x3c, 0x80};
    size_t sps_len = build_sps(o, out + 8);
    uint8_t head[] = {
        1, out[9], out[10], out[11], 0xff, 0xe1, (uint8_t)(sps_len >> 8), (uint8_t)sps_len};
    memcpy(out, head, sizeof(head));
    memcpy(out + 8 + sps_len, pps, sizeof(pps));
    return 8 + sps_len + sizeof(pps);
}
