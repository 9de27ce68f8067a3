#include "codec/aac.h"
#include "codec/bits.h"

enum {
    AAC_LC = 2,
    SBR = 5,
    PARAMETRIC_STEREO = 29,
    ESCAPED_TYPE = 31,    /* six more bits, counted from 32 */
    EXPLICIT_RATE = 15,   /* 24 bits follow */
    SBR_SYNC = 0x2b7,     /* syncExtensionType of a tail that says whether SBR is used */
    PS_SYNC = 0x548,      /* the same for parametric stereo */
    CORE_DELAY_BITS = 14, /* coreCoderDelay */
    MIN_RATE = 8000,
    MAX_RATE = 48000,
    ADTS_HEADER = 7, /* without CRC */
};

static const uint32_t rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350};

static uint8_t read_object_type(struct bits *b)
{
    uint32_t type = bits_uint(b, 5);
    return (uint8_t)(type == ESCAPED_TYPE ? 32 + bits_uint(b, 6) : type);
}

static uint32_t read_rate(struct bits *b)
{
    uint32_t index = bits_uint(b, 4);
    if (index == EXPLICIT_RATE)
        return bits_uint(b, 24);
    if (index >= sizeof(rates) / sizeof(rates[0])) {
        b->failed = true; /* reserved */
        return 0;
    }
    return rates[index];
}

/* The backward compatible tail: absent, or cut short, it says nothing. */
static void read_tail(struct bits *b, struct aac_info *info)
{
    if (bits_uint(b, 11) != SBR_SYNC || read_object_type(b) != SBR || !bits_flag(b))
        return;
    uint32_t output_rate = read_rate(b);
    if (b->failed)
        return;
    info->object_type = SBR;
    info->output_rate = output_rate;
    if (bits_uint(b, 11) == PS_SYNC && bits_flag(b))
        info->object_type = PARAMETRIC_STEREO;
}

static bool is_rate_allowed(uint32_t rate)
{
    return rate >= MIN_RATE && rate <= MAX_RATE;
}

enum err aac_config_read(const uint8_t *bytes, size_t len, struct aac_info *out)
{
    if (len > AAC_MAX_CONFIG)
        return ERR_MALFORMED;
    struct bits b = bits_over(bytes, len);
    struct aac_info info = {.object_type = read_object_type(&b)};
    info.sample_rate = info.output_rate = read_rate(&b);
    info.channels = (uint8_t)bits_uint(&b, 4);
    uint8_t core_type = info.object_type;
    bool has_sbr = core_type == SBR || core_type == PARAMETRIC_STEREO;
    if (has_sbr) {
        info.output_rate = read_rate(&b);
        core_type = read_object_type(&b);
    }
    if (b.failed)
        return ERR_MALFORMED;
    if (core_type != AAC_LC)
        return ERR_UNSUPPORTED;

    /* GASpecificConfig (§4.4.1). */
    info.frame_samples = bits_flag(&b) ? 960 : 1024;
    if (bits_flag(&b))
        bits_skip(&b, CORE_DELAY_BITS);
    bits_skip(&b, 1); /* extensionFlag */
    if (b.failed)
        return ERR_MALFORMED;
    if (!has_sbr)
        read_tail(&b, &info);
    if (info.channels < 1 || info.channels > 2 || !is_rate_allowed(info.sample_rate) ||
        !is_rate_allowed(info.output_rate))
        return ERR_UNSUPPORTED;
    *out = info;
    return ERR_OK;
}

struct str aac_strip_adts(struct str frame)
{
    if (frame.len < ADTS_HEADER)
        return frame;
    const uint8_t *at = (const uint8_t *)frame.at;
    size_t frame_len = (size_t)(at[3] & 3) << 11 | (size_t)at[4] << 3 | at[5] >> 5;
    /* MPEG-4 or MPEG-2, layer 0, no CRC. */
    if (at[0] != 0xff || (at[1] != 0xf1 && at[1] != 0xf9) || frame_len != frame.len)
        return frame;
    return (struct str){.at = frame.at + ADTS_HEADER, .len = frame.len - ADTS_HEADER};
}
