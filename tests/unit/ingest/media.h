/* What encoders send, made by hand: configurations, access units, FLV tag bodies. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdint.h>
#include <string.h>

/* AVCDecoderConfigurationRecords by x264: Main, 25 fps, 320x240 and 640x360. */
static const uint8_t small_avcc[] = {0x01, 0x4d, 0x40, 0x0d, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x4d,
                                     0x40, 0x0d, 0xec, 0xa0, 0xa0, 0xfd, 0x80, 0x88, 0x00, 0x00,
                                     0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0x90, 0x78, 0xa1,
                                     0x4c, 0xb0, 0x01, 0x00, 0x05, 0x68, 0xeb, 0xe3, 0xcb, 0x20};
static const uint8_t large_avcc[] = {0x01, 0x4d, 0x40, 0x1e, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x4d,
                                     0x40, 0x1e, 0xec, 0xa0, 0x50, 0x17, 0xfc, 0xb8, 0x08, 0x80,
                                     0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x19, 0x07, 0x8b,
                                     0x16, 0xcb, 0x01, 0x00, 0x05, 0x68, 0xeb, 0xe3, 0xcb, 0x20};
static const uint8_t stereo_48k[] = {0x11, 0x90};
static const uint8_t stereo_44k[] = {0x12, 0x10};

enum { IDR = 0x65, INTER = 0x41, SEI = 0x06, DELIMITER = 0x09, SPS_PLACE = 8, SPS_LEN = 24 };

/* A NAL unit with a 4-byte length: its first byte, and `len` bytes in all. */
static inline void put_nal(struct buf *out, uint8_t first, size_t len)
{
    buf_put_uint(out, len, 4);
    buf_put_uint(out, first, 1);
    for (size_t i = 1; i < len; i++)
        buf_put_uint(out, 0xab, 1);
}

static inline void put_video_header(struct buf *out, uint8_t packet, int32_t cts_ms)
{
    buf_put_uint(out, packet == 0 ? 0x17 : 0x27, 1);
    buf_put_uint(out, packet, 1);
    buf_put_uint(out, (uint32_t)cts_ms & 0xffffff, 3);
}

static inline struct chunk *video_config(const uint8_t *avcc, size_t len)
{
    struct buf out;
    buf_init(&out, 65536);
    put_video_header(&out, 0, 0);
    buf_put(&out, avcc, len);
    return buf_take(&out);
}

/* One slice of 100 bytes. */
static inline struct chunk *picture(uint8_t first, int32_t cts_ms)
{
    struct buf out;
    buf_init(&out, 65536);
    put_video_header(&out, 1, cts_ms);
    put_nal(&out, first, 100);
    return buf_take(&out);
}

static inline struct chunk *audio_config(const uint8_t *config, size_t len)
{
    struct buf out;
    buf_init(&out, 65536);
    buf_put_uint(&out, 0xaf00, 2);
    buf_put(&out, config, len);
    return buf_take(&out);
}

static inline struct chunk *sound(void)
{
    struct buf out;
    buf_init(&out, 65536);
    buf_put_uint(&out, 0xaf01, 2);
    buf_put(&out, "\x21\x22\x23\x24\x25\x26", 6);
    return buf_take(&out);
}
