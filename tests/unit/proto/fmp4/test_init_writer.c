#include "proto/fmp4/init_writer.h"

#include "check.h"
#include "unit/hex.h"

#include <sodium.h>

static uint8_t avcc[64], config[8];

static struct fmp4_video baseline(void)
{
    size_t len = hex_read("0142c01effe100196742c01eda0280bfe5c044000003000400000300f03c58ba80010004"
                          "68ce3c80",
                          avcc, sizeof(avcc));
    return (struct fmp4_video){.avcc = {.at = (const char *)avcc, .len = len},
                               .width = 640,
                               .height = 360,
                               .sar_num = 1,
                               .sar_den = 1};
}

static struct fmp4_audio stereo(void)
{
    size_t len = hex_read("1190", config, sizeof(config));
    return (struct fmp4_audio){
        .config = {.at = (const char *)config, .len = len}, .sample_rate = 48000, .channels = 2};
}

static const uint8_t *find(const struct buf *in, const char *type)
{
    return memmem(in->at, in->len, type, strlen(type));
}

static size_t box_len(const uint8_t *type)
{
    return (size_t)type[-4] << 24 | (size_t)type[-3] << 16 | (size_t)type[-2] << 8 | type[-1];
}

static void golden_vector_v4(void)
{
    struct fmp4_video video = baseline();
    struct fmp4_audio audio = stereo();
    struct buf out;
    buf_init(&out, 4096);
    fmp4_write_init(&video, &audio, &out);
    CHECK_EQ(1121, out.len);

    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, out.at, out.len);
    CHECK(hex_equal("ce07472870cc144f2e172fd4b1259022905a6cdae34d958e27e4cdcdb5cb78ff", hash,
                    sizeof(hash)));
    const uint8_t *esds = find(&out, "esds");
    CHECK(hex_equal("031900020004114015000000000000000000000005021190060102", esds + 8, 27));
    buf_finish(&out);
}

static void absent_tracks_are_left_out(void)
{
    struct fmp4_video video = baseline();
    struct fmp4_audio audio = stereo();
    struct buf out;
    buf_init(&out, 4096);
    fmp4_write_init(&video, NULL, &out);
    CHECK(find(&out, "vide") != NULL);
    CHECK(find(&out, "soun") == NULL);
    CHECK_EQ(8 + 32, box_len(find(&out, "mvex")));
    CHECK_EQ(out.len - 32, box_len(find(&out, "moov")));

    buf_clear(&out);
    fmp4_write_init(NULL, &audio, &out);
    CHECK(find(&out, "vide") == NULL);
    const uint8_t *tkhd = find(&out, "tkhd");
    CHECK_EQ(2, tkhd[19]); /* audio only is track 2 */
    CHECK_EQ(2, find(&out, "trex")[11]);
    CHECK_EQ(out.len - 32, box_len(find(&out, "moov")));
    buf_finish(&out);
}

static void aspect_and_colour_are_told(void)
{
    struct fmp4_video video = baseline();
    video.sar_num = 4;
    video.sar_den = 3;
    video.has_colour = true;
    video.colour_primaries = 1;
    video.transfer_characteristics = 13;
    video.matrix_coefficients = 6;
    video.full_range = true;
    struct buf out;
    buf_init(&out, 4096);
    fmp4_write_init(&video, NULL, &out);
    CHECK(hex_equal("000000107061737000000004000000030000001363"
                    "6f6c726e636c780001000d000680",
                    find(&out, "pasp") - 4, 35));
    /* Shown 853 wide, coded 640. */
    const uint8_t *tkhd = find(&out, "tkhd");
    CHECK(hex_equal("0355000001680000", tkhd + box_len(tkhd) - 12, 8));
    CHECK(hex_equal("02800168", find(&out, "avc1") + 28, 4));

    buf_clear(&out);
    video.full_range = false;
    fmp4_write_init(&video, NULL, &out);
    CHECK(hex_equal("6e636c780001000d000600", find(&out, "nclx"), 11));
    buf_finish(&out);
}

static void a_display_width_beyond_16_bits_is_clamped(void)
{
    struct fmp4_video video = baseline();
    video.sar_num = 65535;
    struct buf out;
    buf_init(&out, 4096);
    fmp4_write_init(&video, NULL, &out);
    const uint8_t *tkhd = find(&out, "tkhd");
    CHECK(hex_equal("ffff000001680000", tkhd + box_len(tkhd) - 12, 8));
    buf_finish(&out);
}

static void long_configurations_keep_the_descriptor_lengths_right(void)
{
    struct fmp4_audio audio = stereo();
    audio.config = STR("\x11\x90\x56\xe5\x00");
    audio.sample_rate = 44100;
    audio.channels = 1;
    struct buf out;
    buf_init(&out, 4096);
    fmp4_write_init(NULL, &audio, &out);
    CHECK(hex_equal("031c00020004144015000000000000000000000005051190"
                    "56e500060102",
                    find(&out, "esds") + 8, 30));
    CHECK(hex_equal("0001001000000000ac440000", find(&out, "mp4a") + 20, 12));
    buf_finish(&out);
}

int main(void)
{
    RUN(golden_vector_v4);
    RUN(absent_tracks_are_left_out);
    RUN(aspect_and_colour_are_told);
    RUN(a_display_width_beyond_16_bits_is_clamped);
    RUN(long_configurations_keep_the_descriptor_lengths_right);
    return check_report();
}
