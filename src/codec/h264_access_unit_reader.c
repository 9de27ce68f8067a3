#include "base/reader.h"
#include "codec/h264.h"

#include <assert.h>
#include <string.h>

enum {
    NAL_SLICE = 1,
    NAL_IDR = 5,
    NAL_SEI = 6, /* carries captions */
    NAL_SPS = 7,
    NAL_PPS = 8,
    PROFILE_HIGH = 100,
    LENGTH_SIZE = 4, /* of what is kept */
};

struct parameter_sets {
    struct str nals[H264_MAX_PARAMETER_SETS];
    size_t count;
};

/* What one walk over the NAL units finds; `kept` counts bytes with 4-byte lengths. */
struct findings {
    struct parameter_sets sps, pps;
    size_t kept;
    bool has_idr;
    bool has_excess_sets;
};

static unsigned nal_type(struct str nal)
{
    return (uint8_t)nal.at[0] & 0x1f;
}

static bool is_kept(struct str nal)
{
    unsigned type = nal.len > 0 ? nal_type(nal) : 0;
    return type == NAL_SLICE || type == NAL_IDR || type == NAL_SEI;
}

static struct str take_nal(struct reader *r, size_t length_size)
{
    size_t len = reader_uint(r, length_size);
    const uint8_t *at = reader_take(r, len);
    return (struct str){.at = (const char *)at, .len = at == NULL ? 0 : len};
}

static bool add_set(struct parameter_sets *sets, struct str nal)
{
    if (sets->count == H264_MAX_PARAMETER_SETS || nal.len > UINT16_MAX)
        return false; /* a record has no room for it */
    sets->nals[sets->count++] = nal;
    return true;
}

static void note_nal(struct findings *found, struct str nal)
{
    unsigned type = nal.len > 0 ? nal_type(nal) : 0;
    if (is_kept(nal))
        found->kept += LENGTH_SIZE + nal.len;
    if (type == NAL_IDR)
        found->has_idr = true;
    if ((type == NAL_SPS && !add_set(&found->sps, nal)) ||
        (type == NAL_PPS && !add_set(&found->pps, nal)))
        found->has_excess_sets = true;
}

/* Reads the sets of a record that h264_config_read() has accepted. */
static void read_config_sets(struct str config, struct parameter_sets *sps,
                             struct parameter_sets *pps)
{
    struct reader r = reader_over(config.at, config.len);
    reader_take(&r, 5);
    for (size_t n = reader_uint(&r, 1) & 0x1f; n > 0 && !r.failed; n--)
        (void)add_set(sps, take_nal(&r, 2)); /* their number was checked */
    for (size_t n = reader_uint(&r, 1); n > 0 && !r.failed; n--)
        (void)add_set(pps, take_nal(&r, 2));
}

static bool is_among(struct str nal, const struct parameter_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (str_equal(nal, sets->nals[i]))
            return true;
    }
    return false;
}

static bool is_subset(const struct parameter_sets *sets, const struct parameter_sets *of)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (!is_among(sets->nals[i], of))
            return false;
    }
    return true;
}

static void write_sets(const struct parameter_sets *sets, struct buf *out)
{
    for (size_t i = 0; i < sets->count; i++) {
        buf_put_uint(out, sets->nals[i].len, 2);
        buf_put_str(out, sets->nals[i]);
    }
}

static enum err write_config(const struct parameter_sets *sps, const struct parameter_sets *pps,
                             struct buf *out)
{
    if (sps->count == 0 || pps->count == 0 || sps->nals[0].len < 4)
        return ERR_MALFORMED;
    const char *first = sps->nals[0].at;
    buf_put_uint(out, 1, 1);
    buf_put(out, first + 1, 3); /* profile, constraints, level */
    buf_put_uint(out, 0xfc | (LENGTH_SIZE - 1), 1);
    buf_put_uint(out, 0xe0 | sps->count, 1);
    write_sets(sps, out);
    buf_put_uint(out, pps->count, 1);
    write_sets(pps, out);
    if ((uint8_t)first[1] == PROFILE_HIGH)
        buf_put_uint(out, 0xfdf8f800, 4); /* 4:2:0, 8 and 8 bits, no SPS extensions */
    return out->failed ? ERR_LIMIT : ERR_OK;
}

/* A record of the sets in the access unit; kinds it does not carry stay those of `config`. */
static enum err find_new_config(const struct findings *found, struct str config,
                                struct buf *new_config, bool *out_has_new)
{
    struct parameter_sets sps = {.count = 0};
    struct parameter_sets pps = {.count = 0};
    read_config_sets(config, &sps, &pps);
    *out_has_new = !is_subset(&found->sps, &sps) || !is_subset(&found->pps, &pps);
    if (!*out_has_new)
        return ERR_OK;
    return write_config(found->sps.count > 0 ? &found->sps : &sps,
                        found->pps.count > 0 ? &found->pps : &pps, new_config);
}

/* Moves what is kept to the front, lengths as they are; returns its length. */
static size_t compact(uint8_t *bytes, size_t len, size_t length_size)
{
    struct reader r = reader_over(bytes, len);
    size_t kept = 0;
    while (r.left > 0) {
        const uint8_t *start = r.at;
        struct str nal = take_nal(&r, length_size);
        if (!is_kept(nal))
            continue;
        memmove(bytes + kept, start, length_size + nal.len);
        kept += length_size + nal.len;
    }
    return kept;
}

/* Widens lengths to 4 bytes. The input goes to the end of the room first: every unit only grows,
 * so what is written never reaches what is still to be read. */
static void widen(uint8_t *bytes, size_t len, size_t cap, size_t length_size)
{
    memmove(bytes + cap - len, bytes, len);
    struct reader r = reader_over(bytes + cap - len, len);
    uint8_t *to = bytes;
    while (r.left > 0) {
        struct str nal = take_nal(&r, length_size);
        for (unsigned i = 0; i < LENGTH_SIZE; i++)
            to[i] = (uint8_t)(nal.len >> (8 * (LENGTH_SIZE - 1 - i)));
        memmove(to + LENGTH_SIZE, nal.at, nal.len);
        to += LENGTH_SIZE + nal.len;
    }
}

enum err h264_access_unit_normalise(struct h264_access_unit *unit, uint8_t nal_length_size,
                                    struct str config, struct buf *new_config)
{
    assert(nal_length_size == 1 || nal_length_size == 2 || nal_length_size == 4);
    assert(unit->len <= unit->cap);
    struct findings found = {.kept = 0};
    struct reader r = reader_over(unit->at, unit->len);
    while (r.left > 0 && !r.failed)
        note_nal(&found, take_nal(&r, nal_length_size));
    if (r.failed)
        return ERR_MALFORMED;
    if (found.kept > unit->cap || found.has_excess_sets)
        return ERR_LIMIT;

    bool has_new = false;
    size_t config_len_before = new_config->len;
    enum err err = find_new_config(&found, config, new_config, &has_new);
    if (err != ERR_OK) {
        new_config->len = config_len_before;
        return err;
    }
    size_t kept = compact(unit->at, unit->len, nal_length_size);
    if (nal_length_size < LENGTH_SIZE)
        widen(unit->at, kept, unit->cap, nal_length_size);
    unit->len = found.kept;
    unit->is_idr = found.has_idr;
    unit->has_parameters = has_new;
    return ERR_OK;
}
