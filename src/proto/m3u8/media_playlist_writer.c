#include "proto/m3u8/media_playlist_writer.h"

#include "base/clock.h"

enum {
    TIMESCALE = 90000,
    FRACTION = 100000, /* durations have 5 decimals */
    SKIP_TARGETS = 6,  /* CAN-SKIP-UNTIL, in target durations (HL-21) */
    HOLD_TARGETS = 3,
    PART_HOLD_TARGETS = 3,
    PARTS_TARGETS = 3, /* how far back segments list their parts (HL-24) */
};

/* Multiples of 10 microseconds: what durations are differences of. */
static int64_t round_time(int64_t ticks)
{
    /* x 100000 / 90000, half up; the clock never shows less than 0. */
    return (ticks * 20 + 9) / 18;
}

static void put_decimal(struct buf *out, uint64_t value)
{
    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_put(out, digits + first, sizeof(digits) - first);
}

/* `value` is at most 10^`width` - 1. */
static void put_padded(struct buf *out, uint64_t value, size_t width)
{
    char digits[8] = "00000000";
    for (size_t i = width; i > 0 && value > 0; i--) {
        digits[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    buf_put(out, digits, width);
}

static int64_t span(int64_t start, int64_t end)
{
    int64_t duration = round_time(end) - round_time(start);
    return duration > 0 ? duration : 0;
}

static void put_duration(struct buf *out, int64_t duration)
{
    put_decimal(out, (uint64_t)duration / FRACTION);
    buf_put_str(out, STR("."));
    put_padded(out, (uint64_t)duration % FRACTION, 5);
}

static void put_ms(struct buf *out, uint32_t milliseconds)
{
    put_decimal(out, milliseconds / 1000);
    buf_put_str(out, STR("."));
    put_padded(out, milliseconds % 1000, 3);
}

/* Distances from the end count what is in the list, not the time that passed in between. */
static int64_t length(const struct m3u8_segment *segment)
{
    return segment->end > segment->start ? segment->end - segment->start : 0;
}

size_t m3u8_skippable(const struct m3u8_media *media)
{
    if (media->ended)
        return 0;
    int64_t limit = (int64_t)SKIP_TARGETS * media->target_duration * TIMESCALE;
    int64_t behind = 0; /* from the end of segment `i` - 1 to the end of the last complete one */
    size_t i = media->segment_count;
    while (i > 0 && behind < limit)
        behind += length(media->segments[--i]);
    return behind >= limit ? i : 0;
}

size_t m3u8_first_with_parts(const struct m3u8_media *media)
{
    if (media->ended || media->part_target_ms == 0)
        return media->segment_count;
    int64_t limit = (int64_t)PARTS_TARGETS * media->target_duration * TIMESCALE;
    int64_t behind = media->open != NULL ? length(media->open) : 0;
    size_t i = media->segment_count;
    while (i > 0) {
        behind += length(media->segments[i - 1]);
        if (behind > limit)
            break;
        i--;
    }
    return i;
}

static void put_server_control(struct buf *out, const struct m3u8_media *media)
{
    buf_put_str(out, STR("#EXT-X-SERVER-CONTROL:"));
    if (media->part_target_ms > 0)
        buf_put_str(out, STR("CAN-BLOCK-RELOAD=YES,"));
    buf_put_str(out, STR("CAN-SKIP-UNTIL="));
    put_decimal(out, (uint64_t)SKIP_TARGETS * media->target_duration);
    buf_put_str(out, STR(".0,HOLD-BACK="));
    put_decimal(out, (uint64_t)HOLD_TARGETS * media->target_duration);
    buf_put_str(out, STR(".0"));
    if (media->part_target_ms > 0) {
        buf_put_str(out, STR(",PART-HOLD-BACK="));
        put_ms(out, PART_HOLD_TARGETS * media->part_target_ms);
        buf_put_str(out, STR("\n#EXT-X-PART-INF:PART-TARGET="));
        put_ms(out, media->part_target_ms);
    }
    buf_put_str(out, STR("\n"));
}

static void put_head(struct buf *out, const struct m3u8_media *media)
{
    buf_put_str(out, STR("#EXTM3U\n#EXT-X-VERSION:9\n"));
    if (media->independent_segments)
        buf_put_str(out, STR("#EXT-X-INDEPENDENT-SEGMENTS\n"));
    buf_put_str(out, STR("#EXT-X-TARGETDURATION:"));
    put_decimal(out, media->target_duration);
    buf_put_str(out, STR("\n"));
    put_server_control(out, media);
    buf_put_str(out, STR("#EXT-X-MEDIA-SEQUENCE:"));
    put_decimal(out, media->segments[0]->msn);
    buf_put_str(out, STR("\n#EXT-X-DISCONTINUITY-SEQUENCE:"));
    put_decimal(out, media->discontinuity_sequence);
    buf_put_str(out, STR("\n"));
}

static void put_date(struct buf *out, const struct m3u8_segment *segment)
{
    char iso[CLOCK_ISO_LEN + 1];
    int64_t media_us = (segment->start * 100 + 4) / 9;
    clock_format_iso(segment->wall_epoch_us + media_us + 500, iso); /* it cuts, we round */
    buf_put_str(out, STR("#EXT-X-PROGRAM-DATE-TIME:"));
    buf_put(out, iso, CLOCK_ISO_LEN);
    buf_put_str(out, STR("\n"));
}

static void put_part_uri(struct buf *out, uint64_t msn, size_t part)
{
    buf_put_str(out, STR("URI=\"s"));
    put_decimal(out, msn);
    buf_put_str(out, STR(".p"));
    put_decimal(out, part);
    buf_put_str(out, STR(".m4s\""));
}

/* A part that a pausing source made longer than the target is written as the target (HL-7). */
static void put_parts(struct buf *out, const struct m3u8_media *media,
                      const struct m3u8_segment *segment)
{
    int64_t longest = (int64_t)media->part_target_ms * (FRACTION / 1000);
    int64_t start = segment->start;
    for (size_t i = 0; i < segment->part_count; i++) {
        const struct m3u8_part *part = &segment->parts[i];
        int64_t duration = span(start, part->end);
        buf_put_str(out, STR("#EXT-X-PART:DURATION="));
        put_duration(out, duration < longest ? duration : longest);
        buf_put_str(out, STR(","));
        put_part_uri(out, segment->msn, i);
        if (part->independent)
            buf_put_str(out, STR(",INDEPENDENT=YES"));
        buf_put_str(out, STR("\n"));
        start = part->end;
    }
}

/* What stands before a segment's first part or its EXTINF (HL-23). */
static void put_segment_head(struct buf *out, const struct m3u8_segment *segment,
                             const struct m3u8_segment *before)
{
    if (segment->discontinuity)
        buf_put_str(out, STR("#EXT-X-DISCONTINUITY\n"));
    if (before == NULL || before->map != segment->map) {
        buf_put_str(out, STR("#EXT-X-MAP:URI=\"init-"));
        put_decimal(out, segment->map);
        buf_put_str(out, STR(".mp4\"\n"));
    }
    put_date(out, segment);
}

static void put_segment_tail(struct buf *out, const struct m3u8_segment *segment)
{
    if (segment->gap)
        buf_put_str(out, STR("#EXT-X-GAP\n"));
    buf_put_str(out, STR("#EXTINF:"));
    put_duration(out, span(segment->start, segment->end));
    buf_put_str(out, STR(",\ns"));
    put_decimal(out, segment->msn);
    buf_put_str(out, STR(".m4s\n"));
}

static void put_hint(struct buf *out, const struct m3u8_media *media)
{
    const struct m3u8_segment *last = media->segments[media->segment_count - 1];
    buf_put_str(out, STR("#EXT-X-PRELOAD-HINT:TYPE=PART,"));
    if (media->open != NULL)
        put_part_uri(out, media->open->msn, media->open->part_count);
    else
        put_part_uri(out, last->msn + 1, 0);
    buf_put_str(out, STR("\n"));
}

static void put_reports(struct buf *out, const struct m3u8_media *media)
{
    for (size_t i = 0; i < media->report_count; i++) {
        const struct m3u8_report *report = &media->reports[i];
        buf_put_str(out, STR("#EXT-X-RENDITION-REPORT:URI=\"../"));
        buf_put_cstr(out, report->rendition);
        buf_put_str(out, STR("/index.m3u8\",LAST-MSN="));
        put_decimal(out, report->last_msn);
        if (report->has_parts) {
            buf_put_str(out, STR(",LAST-PART="));
            put_decimal(out, report->last_part);
        }
        buf_put_str(out, STR("\n"));
    }
}

void m3u8_write_media(const struct m3u8_media *media, bool delta, struct buf *out)
{
    put_head(out, media);
    const struct m3u8_segment *before = NULL;
    size_t first = delta ? m3u8_skippable(media) : 0;
    if (first > 0) {
        buf_put_str(out, STR("#EXT-X-SKIP:SKIPPED-SEGMENTS="));
        put_decimal(out, first);
        buf_put_str(out, STR("\n"));
        before = media->segments[first - 1];
    }
    size_t with_parts = m3u8_first_with_parts(media);
    for (size_t i = first; i < media->segment_count; i++) {
        const struct m3u8_segment *segment = media->segments[i];
        put_segment_head(out, segment, before);
        if (i >= with_parts)
            put_parts(out, media, segment);
        put_segment_tail(out, segment);
        before = segment;
    }
    if (media->ended) {
        buf_put_str(out, STR("#EXT-X-ENDLIST\n"));
        return;
    }
    if (media->part_target_ms > 0) {
        if (media->open != NULL) {
            put_segment_head(out, media->open, before);
            put_parts(out, media, media->open);
        }
        put_hint(out, media);
    }
    put_reports(out, media);
}
