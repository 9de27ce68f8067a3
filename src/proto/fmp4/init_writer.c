#include "proto/fmp4/init_writer.h"

#include <string.h>

enum {
    MOVIE_TIMESCALE = 1000,
    VIDEO_TIMESCALE = 90000,
    NEXT_TRACK = 3,
    ENABLED_IN_MOVIE = 3,   /* tkhd flags (§8.3.2) */
    LANGUAGE_UND = 0x55c4,  /* three letters of 5 bits (§8.4.2) */
    SELF_CONTAINED = 1,     /* of a data reference (§8.7.2) */
    DPI_72 = 72 << 16,      /* 16.16 */
    DEPTH_24 = 24,          /* colour without alpha */
    FULL_VOLUME = 0x0100,   /* 8.8 */
    SAMPLE_BITS = 16,       /* of the mp4a entry; nominal */
    AAC_OBJECT_TYPE = 0x40, /* 14496-1 table 5 */
    AUDIO_STREAM = 0x15,    /* stream type 5, not upstream, reserved bit 1 */
};

static size_t box_open(struct buf *out, const char type[4])
{
    size_t at = out->len;
    buf_put_uint(out, 0, 4);
    buf_put(out, type, 4);
    return at;
}

static size_t full_box_open(struct buf *out, const char type[4], uint32_t version_and_flags)
{
    size_t at = box_open(out, type);
    buf_put_uint(out, version_and_flags, 4);
    return at;
}

static void box_close(struct buf *out, size_t at)
{
    buf_patch_uint(out, at, out->len - at, 4);
}

static void put_zeros(struct buf *out, size_t count)
{
    for (; count > 0; count--)
        buf_put_uint(out, 0, 1);
}

static void put_unity_matrix(struct buf *out)
{
    static const uint32_t unity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (size_t i = 0; i < 9; i++)
        buf_put_uint(out, unity[i], 4);
}

static void put_ftyp(struct buf *out)
{
    size_t ftyp = box_open(out, "ftyp");
    buf_put_str(out, STR("iso6\0\0\0\1iso6iso5mp41aid3"));
    box_close(out, ftyp);
}

static void put_mvhd(struct buf *out)
{
    size_t mvhd = full_box_open(out, "mvhd", 0);
    put_zeros(out, 8); /* created, modified */
    buf_put_uint(out, MOVIE_TIMESCALE, 4);
    buf_put_uint(out, 0, 4); /* duration: unknown, in fragments */
    buf_put_uint(out, 0x10000, 4);
    buf_put_uint(out, FULL_VOLUME, 2);
    put_zeros(out, 10);
    put_unity_matrix(out);
    put_zeros(out, 24);
    buf_put_uint(out, NEXT_TRACK, 4);
    box_close(out, mvhd);
}

static void put_tkhd(struct buf *out, uint32_t track, uint32_t volume, uint32_t width,
                     uint32_t height)
{
    size_t tkhd = full_box_open(out, "tkhd", ENABLED_IN_MOVIE);
    put_zeros(out, 8); /* created, modified */
    buf_put_uint(out, track, 4);
    put_zeros(out, 4 + 4 + 8 + 2 + 2); /* reserved, duration, reserved, layer, group */
    buf_put_uint(out, volume, 2);
    put_zeros(out, 2);
    put_unity_matrix(out);
    buf_put_uint(out, width, 4);
    buf_put_uint(out, height, 4);
    box_close(out, tkhd);
}

static void put_mdhd_and_hdlr(struct buf *out, uint32_t timescale, const char handler[4],
                              struct str name)
{
    size_t mdhd = full_box_open(out, "mdhd", 0);
    put_zeros(out, 8); /* created, modified */
    buf_put_uint(out, timescale, 4);
    buf_put_uint(out, 0, 4); /* duration */
    buf_put_uint(out, LANGUAGE_UND, 2);
    buf_put_uint(out, 0, 2);
    box_close(out, mdhd);

    size_t hdlr = full_box_open(out, "hdlr", 0);
    put_zeros(out, 4);
    buf_put(out, handler, 4);
    put_zeros(out, 12);
    buf_put_str(out, name);
    buf_put_uint(out, 0, 1);
    box_close(out, hdlr);
}

static void put_dinf(struct buf *out)
{
    size_t dinf = box_open(out, "dinf");
    size_t dref = full_box_open(out, "dref", 0);
    buf_put_uint(out, 1, 4);
    size_t url = full_box_open(out, "url ", SELF_CONTAINED);
    box_close(out, url);
    box_close(out, dref);
    box_close(out, dinf);
}

/* The sample tables every movie must have and a fragmented one leaves empty. */
static void put_empty_tables(struct buf *out)
{
    static const struct {
        char type[5];
        size_t len;
    } tables[] = {{"stts", 4}, {"stsc", 4}, {"stsz", 8}, {"stco", 4}};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        size_t table = full_box_open(out, tables[i].type, 0);
        put_zeros(out, tables[i].len);
        box_close(out, table);
    }
}

static void put_colr(struct buf *out, const struct fmp4_video *video)
{
    size_t colr = box_open(out, "colr");
    buf_put_str(out, STR("nclx"));
    buf_put_uint(out, video->colour_primaries, 2);
    buf_put_uint(out, video->transfer_characteristics, 2);
    buf_put_uint(out, video->matrix_coefficients, 2);
    buf_put_uint(out, video->full_range ? 0x80 : 0, 1);
    box_close(out, colr);
}

/* VisualSampleEntry (§12.1.3) with what an AVC one holds. */
static void put_avc1(struct buf *out, const struct fmp4_video *video)
{
    size_t avc1 = box_open(out, "avc1");
    put_zeros(out, 6);
    buf_put_uint(out, 1, 2); /* data reference */
    put_zeros(out, 16);
    buf_put_uint(out, video->width, 2);
    buf_put_uint(out, video->height, 2);
    buf_put_uint(out, DPI_72, 4);
    buf_put_uint(out, DPI_72, 4);
    put_zeros(out, 4);
    buf_put_uint(out, 1, 2); /* frames a sample */
    put_zeros(out, 32);      /* compressor name */
    buf_put_uint(out, DEPTH_24, 2);
    buf_put_uint(out, 0xffff, 2);

    size_t avcc = box_open(out, "avcC");
    buf_put_str(out, video->avcc);
    box_close(out, avcc);
    size_t pasp = box_open(out, "pasp");
    buf_put_uint(out, video->sar_num, 4);
    buf_put_uint(out, video->sar_den, 4);
    box_close(out, pasp);
    if (video->has_colour)
        put_colr(out, video);
    box_close(out, avc1);
}

/* ES_Descriptor > DecoderConfigDescriptor > DecoderSpecificInfo, SLConfigDescriptor (14496-1
 * §7.2.6). A config of up to 64 bytes keeps every length within one byte. */
static void put_esds(struct buf *out, struct str config)
{
    size_t esds = full_box_open(out, "esds", 0);
    buf_put_uint(out, 0x03, 1);
    buf_put_uint(out, 23 + config.len, 1);
    buf_put_uint(out, FMP4_AUDIO_TRACK, 2);
    buf_put_uint(out, 0, 1); /* no dependence, URL or OCR stream */
    buf_put_uint(out, 0x04, 1);
    buf_put_uint(out, 15 + config.len, 1);
    buf_put_uint(out, AAC_OBJECT_TYPE, 1);
    buf_put_uint(out, AUDIO_STREAM, 1);
    put_zeros(out, 3 + 4 + 4); /* buffer size and bit rates: not known */
    buf_put_uint(out, 0x05, 1);
    buf_put_uint(out, config.len, 1);
    buf_put_str(out, config);
    buf_put_str(out, STR("\x06\x01\x02"));
    box_close(out, esds);
}

/* AudioSampleEntry (§12.2.3). */
static void put_mp4a(struct buf *out, const struct fmp4_audio *audio)
{
    size_t mp4a = box_open(out, "mp4a");
    put_zeros(out, 6);
    buf_put_uint(out, 1, 2); /* data reference */
    put_zeros(out, 8);
    buf_put_uint(out, audio->channels, 2);
    buf_put_uint(out, SAMPLE_BITS, 2);
    put_zeros(out, 4);
    buf_put_uint(out, (uint64_t)audio->sample_rate << 16, 4);
    put_esds(out, audio->config);
    box_close(out, mp4a);
}

static void put_video_track(struct buf *out, const struct fmp4_video *video)
{
    uint64_t display_width = (uint64_t)video->width * video->sar_num / video->sar_den;
    size_t trak = box_open(out, "trak");
    put_tkhd(out, FMP4_VIDEO_TRACK, 0,
             (uint32_t)(display_width > UINT16_MAX ? UINT16_MAX : display_width) << 16,
             video->height << 16);
    size_t mdia = box_open(out, "mdia");
    put_mdhd_and_hdlr(out, VIDEO_TIMESCALE, "vide", STR("Klieg Video"));
    size_t minf = box_open(out, "minf");
    size_t vmhd = full_box_open(out, "vmhd", 1);
    put_zeros(out, 8);
    box_close(out, vmhd);
    put_dinf(out);
    size_t stbl = box_open(out, "stbl");
    size_t stsd = full_box_open(out, "stsd", 0);
    buf_put_uint(out, 1, 4);
    put_avc1(out, video);
    box_close(out, stsd);
    put_empty_tables(out);
    box_close(out, stbl);
    box_close(out, minf);
    box_close(out, mdia);
    box_close(out, trak);
}

static void put_audio_track(struct buf *out, const struct fmp4_audio *audio)
{
    size_t trak = box_open(out, "trak");
    put_tkhd(out, FMP4_AUDIO_TRACK, FULL_VOLUME, 0, 0);
    size_t mdia = box_open(out, "mdia");
    put_mdhd_and_hdlr(out, audio->sample_rate, "soun", STR("Klieg Audio"));
    size_t minf = box_open(out, "minf");
    size_t smhd = full_box_open(out, "smhd", 0);
    put_zeros(out, 4);
    box_close(out, smhd);
    put_dinf(out);
    size_t stbl = box_open(out, "stbl");
    size_t stsd = full_box_open(out, "stsd", 0);
    buf_put_uint(out, 1, 4);
    put_mp4a(out, audio);
    box_close(out, stsd);
    put_empty_tables(out);
    box_close(out, stbl);
    box_close(out, minf);
    box_close(out, mdia);
    box_close(out, trak);
}

static void put_trex(struct buf *out, uint32_t track)
{
    size_t trex = full_box_open(out, "trex", 0);
    buf_put_uint(out, track, 4);
    buf_put_uint(out, 1, 4); /* sample description */
    put_zeros(out, 12);
    box_close(out, trex);
}

void fmp4_write_init(const struct fmp4_video *video, const struct fmp4_audio *audio,
                     struct buf *out)
{
    put_ftyp(out);
    size_t moov = box_open(out, "moov");
    put_mvhd(out);
    if (video != NULL)
        put_video_track(out, video);
    if (audio != NULL)
        put_audio_track(out, audio);
    size_t mvex = box_open(out, "mvex");
    if (video != NULL)
        put_trex(out, FMP4_VIDEO_TRACK);
    if (audio != NULL)
        put_trex(out, FMP4_AUDIO_TRACK);
    box_close(out, mvex);
    box_close(out, moov);
}
