/*
 * Sizes can be counted first, so that a part is one allocation and every byte is written once. When
 * each audio sample lasts as long as the next, which is but for lost frames always, the run uses
 * the track's default duration; else it carries durations, so that what follows the gap stays in
 * its place.
 */
#include "proto/fmp4/part_writer.h"

#include "proto/fmp4/init_writer.h"

#include <assert.h>
#include <string.h>

enum {
    MFHD_LEN = 16,
    TFDT_LEN = 20,
    VIDEO_TFHD_LEN = 16,
    AUDIO_TFHD_LEN = 24,
    TRUN_HEAD_LEN = 20,
    BOX_LEN = 8,

    DEFAULT_BASE_IS_MOOF = 0x020000,
    WITH_DEFAULT_DURATION_AND_FLAGS = 0x000028,
    VERSION_1 = 0x01000000,
    TRUN_OFFSET = 0x001,
    TRUN_DURATION = 0x100,
    TRUN_SIZE = 0x200,
    TRUN_FLAGS = 0x400,
    TRUN_CTS = 0x800,
    VIDEO_TRUN = VERSION_1 | TRUN_OFFSET | TRUN_DURATION | TRUN_SIZE | TRUN_FLAGS | TRUN_CTS,
    AUDIO_TRUN = TRUN_OFFSET | TRUN_SIZE,

    SYNC_SAMPLE = 0x02000000,  /* depends on no other */
    OTHER_SAMPLE = 0x01010000, /* depends on others, is no sync sample */
    EVENT_TIMESCALE = 90000,
};

static const char event_scheme[] = "https://aomedia.org/emsg/ID3";
enum {
    /* Box head, version, timescale, time, duration, id, scheme, and an empty value's NUL. */
    EMSG_LEN = BOX_LEN + 4 + 4 + 8 + 4 + 4 + sizeof(event_scheme) + 1,
};

static void put(uint8_t **at, const void *bytes, size_t len)
{
    if (len > 0)
        memcpy(*at, bytes, len);
    *at += len;
}

static void put_u32(uint8_t **at, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    put(at, bytes, sizeof(bytes));
}

static void put_u64(uint8_t **at, uint64_t value)
{
    put_u32(at, (uint32_t)(value >> 32));
    put_u32(at, (uint32_t)value);
}

static void put_head(uint8_t **at, size_t len, const char type[4])
{
    put_u32(at, (uint32_t)len);
    put(at, type, 4);
}

static void put_event(uint8_t **at, const struct fmp4_event *event)
{
    put_head(at, EMSG_LEN + event->tag.len, "emsg");
    put_u32(at, VERSION_1);
    put_u32(at, EVENT_TIMESCALE);
    put_u64(at, (uint64_t)event->time);
    put_u32(at, UINT32_MAX); /* duration: unknown */
    put_u32(at, event->id);
    put(at, event_scheme, sizeof(event_scheme));
    put(at, "", 1);
    put(at, event->tag.at, event->tag.len);
}

static void put_tfdt(uint8_t **at, int64_t dts)
{
    put_head(at, TFDT_LEN, "tfdt");
    put_u32(at, VERSION_1);
    put_u64(at, (uint64_t)dts);
}

static size_t run_bytes(const struct fmp4_run *run)
{
    size_t len = 0;
    for (size_t i = 0; i < run->count; i++)
        len += run->samples[i].len;
    return len;
}

static size_t video_traf_len(const struct fmp4_run *run)
{
    return BOX_LEN + VIDEO_TFHD_LEN + TFDT_LEN + TRUN_HEAD_LEN + 16 * run->count;
}

static void put_video_traf(uint8_t **at, const struct fmp4_run *run, size_t data_offset)
{
    put_head(at, video_traf_len(run), "traf");
    put_head(at, VIDEO_TFHD_LEN, "tfhd");
    put_u32(at, DEFAULT_BASE_IS_MOOF);
    put_u32(at, FMP4_VIDEO_TRACK);
    put_tfdt(at, run->dts);
    put_head(at, TRUN_HEAD_LEN + 16 * run->count, "trun");
    put_u32(at, VIDEO_TRUN);
    put_u32(at, (uint32_t)run->count);
    put_u32(at, (uint32_t)data_offset);
    for (size_t i = 0; i < run->count; i++) {
        const struct fmp4_sample *sample = &run->samples[i];
        put_u32(at, sample->duration);
        put_u32(at, sample->len);
        put_u32(at, sample->is_key ? SYNC_SAMPLE : OTHER_SAMPLE);
        put_u32(at, (uint32_t)sample->cts);
    }
}

static bool is_even(const struct fmp4_part *part)
{
    for (size_t i = 0; i < part->audio.count; i++) {
        if (part->audio.samples[i].duration != part->audio_duration)
            return false;
    }
    return true;
}

static size_t audio_traf_len(const struct fmp4_part *part)
{
    return BOX_LEN + AUDIO_TFHD_LEN + TFDT_LEN + TRUN_HEAD_LEN +
           (is_even(part) ? 4 : 8) * part->audio.count;
}

static void put_audio_traf(uint8_t **at, const struct fmp4_part *part, size_t data_offset)
{
    bool even = is_even(part);
    put_head(at, audio_traf_len(part), "traf");
    put_head(at, AUDIO_TFHD_LEN, "tfhd");
    put_u32(at, DEFAULT_BASE_IS_MOOF | WITH_DEFAULT_DURATION_AND_FLAGS);
    put_u32(at, FMP4_AUDIO_TRACK);
    put_u32(at, part->audio_duration);
    put_u32(at, SYNC_SAMPLE);
    put_tfdt(at, part->audio.dts);
    put_head(at, TRUN_HEAD_LEN + (even ? 4 : 8) * part->audio.count, "trun");
    put_u32(at, even ? AUDIO_TRUN : AUDIO_TRUN | TRUN_DURATION);
    put_u32(at, (uint32_t)part->audio.count);
    put_u32(at, (uint32_t)data_offset);
    for (size_t i = 0; i < part->audio.count; i++) {
        if (!even)
            put_u32(at, part->audio.samples[i].duration);
        put_u32(at, part->audio.samples[i].len);
    }
}

static void put_samples(uint8_t **at, const struct fmp4_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        put(at, run->samples[i].bytes, run->samples[i].len);
}

static size_t events_len(const struct fmp4_part *part)
{
    size_t len = 0;
    for (size_t i = 0; i < part->event_count; i++)
        len += EMSG_LEN + part->events[i].tag.len;
    return len;
}

static size_t moof_len(const struct fmp4_part *part)
{
    size_t len = BOX_LEN + MFHD_LEN;
    if (part->video.count > 0)
        len += video_traf_len(&part->video);
    if (part->audio.count > 0)
        len += audio_traf_len(part);
    return len;
}

static size_t mdat_len(const struct fmp4_part *part)
{
    return BOX_LEN + run_bytes(&part->video) + run_bytes(&part->audio);
}

size_t fmp4_part_len(const struct fmp4_part *part)
{
    return events_len(part) + moof_len(part) + mdat_len(part);
}

void fmp4_write_part(const struct fmp4_part *part, uint8_t *out)
{
    uint8_t *at = out;
    size_t data_offset = moof_len(part) + BOX_LEN;
    for (size_t i = 0; i < part->event_count; i++)
        put_event(&at, &part->events[i]);
    put_head(&at, moof_len(part), "moof");
    put_head(&at, MFHD_LEN, "mfhd");
    put_u32(&at, 0);
    put_u32(&at, part->sequence);
    if (part->video.count > 0)
        put_video_traf(&at, &part->video, data_offset);
    if (part->audio.count > 0)
        put_audio_traf(&at, part, data_offset + run_bytes(&part->video));
    put_head(&at, mdat_len(part), "mdat");
    put_samples(&at, &part->video);
    put_samples(&at, &part->audio);
    assert(at == out + fmp4_part_len(part));
}
