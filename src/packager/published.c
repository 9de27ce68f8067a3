#include "packager/published.h"

#include "base/buf.h"
#include "base/mem.h"
#include "packager/gzip.h"

#include <assert.h>
#include <string.h>

enum { MAX_TEXT = 4 << 20 /* bytes of a playlist; a window of an hour has 200 KiB */ };

/* `max` is the size of the array less its NUL. */
static void copy_id(char *out, size_t max, struct str id)
{
    assert(id.len <= max);
    memcpy(out, id.at, id.len < max ? id.len : max);
}

struct published *published_create(struct str channel_id, struct str stream_id,
                                   size_t rendition_count)
{
    struct published *published =
        mem_zalloc(1, sizeof(*published) + rendition_count * sizeof(published->renditions[0]));
    atomic_init(&published->refs, 1);
    copy_id(published->channel_id, PUBLISHED_CHANNEL_MAX, channel_id);
    copy_id(published->stream_id, PUBLISHED_STREAM_MAX, stream_id);
    published->rendition_count = rendition_count;
    return published;
}

struct published *published_ref(struct published *published)
{
    atomic_fetch_add_explicit(&published->refs, 1, memory_order_relaxed);
    return published;
}

static void rendition_finish(struct published_rendition *rendition)
{
    for (size_t i = 0; i < rendition->segment_count; i++)
        published_segment_unref(&rendition->segments[i]);
    mem_free(rendition->segments);
    published_segment_unref(&rendition->open);
    for (size_t i = 0; i < rendition->init_count; i++)
        chunk_unref(&rendition->inits[i].bytes);
    mem_free(rendition->inits);
    for (size_t i = 0; i < (size_t)PUBLISHED_TEXTS * PUBLISHED_ENCODINGS; i++) {
        struct chunk *text = atomic_load(&rendition->texts[i / 2][i % 2]);
        chunk_unref(&text);
    }
}

void published_unref(struct published **published)
{
    struct published *dropped = *published;
    *published = NULL;
    if (dropped == NULL || atomic_fetch_sub_explicit(&dropped->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < dropped->rendition_count; i++)
        rendition_finish(&dropped->renditions[i]);
    struct chunk *master_gzip = atomic_load(&dropped->master_gzip);
    chunk_unref(&master_gzip);
    chunk_unref(&dropped->master);
    audience_unref(&dropped->audience);
    mem_free(dropped);
}

struct published_segment *published_segment_create(size_t part_count)
{
    struct published_segment *segment = mem_zalloc(1, sizeof(*segment));
    atomic_init(&segment->refs, 1);
    segment->slice_count = part_count;
    segment->slices = mem_zalloc(part_count, sizeof(*segment->slices));
    segment->entry.part_count = part_count;
    segment->entry.parts = segment->parts = mem_zalloc(part_count, sizeof(*segment->parts));
    return segment;
}

struct published_segment *published_segment_ref(struct published_segment *segment)
{
    atomic_fetch_add_explicit(&segment->refs, 1, memory_order_relaxed);
    return segment;
}

void published_segment_unref(struct published_segment **segment)
{
    struct published_segment *dropped = *segment;
    *segment = NULL;
    if (dropped == NULL || atomic_fetch_sub_explicit(&dropped->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < dropped->slice_count; i++)
        slice_unref(&dropped->slices[i]);
    mem_free(dropped->slices);
    mem_free(dropped->parts);
    mem_free(dropped);
}

struct published_rendition *published_find_rendition(struct published *published, struct str id)
{
    for (size_t i = 0; i < published->rendition_count; i++) {
        if (str_equal(id, str_of(published->renditions[i].id)))
            return &published->renditions[i];
    }
    return NULL;
}

const struct published_segment *published_find_segment(const struct published_rendition *rendition,
                                                       uint64_t msn)
{
    if (rendition->segment_count == 0)
        return NULL;
    uint64_t first = rendition->segments[0]->entry.msn;
    if (msn < first || msn - first >= rendition->segment_count)
        return NULL;
    return rendition->segments[msn - first];
}

const struct slice *published_find_part(const struct published_rendition *rendition, uint64_t msn,
                                        uint64_t part)
{
    if (rendition->part_target_ms == 0)
        return NULL;
    const struct published_segment *segment = published_find_segment(rendition, msn);
    if (segment == NULL && rendition->open != NULL && rendition->open->entry.msn == msn)
        segment = rendition->open;
    return segment != NULL && part < segment->slice_count ? &segment->slices[part] : NULL;
}

struct chunk *published_find_init(const struct published_rendition *rendition, uint64_t number)
{
    for (size_t i = 0; i < rendition->init_count; i++) {
        if (rendition->inits[i].number == number)
            return rendition->inits[i].bytes;
    }
    return NULL;
}

struct reload_state published_reload_state(const struct published *published,
                                           const struct published_rendition *rendition)
{
    struct reload_state state = {
        .last_part = rendition->open != NULL ? (int64_t)rendition->open->slice_count - 1 : -1,
        .part_target_ms = rendition->part_target_ms,
        .ended = published->state == PUBLISHED_ENDED,
    };
    if (rendition->segment_count > 0) {
        const struct published_segment *last = rendition->segments[rendition->segment_count - 1];
        state.last_msn = last->entry.msn;
        state.last_count = (uint32_t)last->slice_count;
    }
    return state;
}

/* What the playlist lists; `listed` has room for segment_count pointers. Without reports. */
static struct m3u8_media media_of(const struct published *published,
                                  const struct published_rendition *rendition,
                                  const struct m3u8_segment **listed)
{
    size_t count = rendition->segment_count - rendition->first_listed;
    for (size_t i = 0; i < count; i++)
        listed[i] = &rendition->segments[rendition->first_listed + i]->entry;
    return (struct m3u8_media){
        .target_duration = rendition->target_duration,
        .part_target_ms = rendition->part_target_ms,
        .ended = published->state == PUBLISHED_ENDED,
        .discontinuity_sequence = rendition->discontinuity_sequence,
        .segments = listed,
        .segment_count = count,
        .open = rendition->open != NULL ? &rendition->open->entry : NULL,
    };
}

static struct m3u8_report report_of(const struct published *published,
                                    const struct published_rendition *rendition)
{
    struct reload_state state = published_reload_state(published, rendition);
    struct m3u8_report report = {.rendition = rendition->id,
                                 .last_msn = state.last_msn,
                                 .last_part = state.last_count > 0 ? state.last_count - 1 : 0,
                                 .has_parts = rendition->part_target_ms > 0};
    if (state.last_part >= 0) {
        report.last_msn++;
        report.last_part = (size_t)state.last_part;
    }
    return report;
}

static struct chunk *write_text(const struct published *published,
                                const struct published_rendition *rendition, bool delta)
{
    const struct m3u8_segment **listed = mem_zalloc(rendition->segment_count, sizeof(void *));
    struct m3u8_report *reports = mem_zalloc(published->rendition_count, sizeof(*reports));
    struct m3u8_media media = media_of(published, rendition, listed);
    for (size_t i = 0; i < published->rendition_count; i++) {
        if (&published->renditions[i] != rendition)
            reports[media.report_count++] = report_of(published, &published->renditions[i]);
    }
    media.reports = reports;
    struct buf text;
    buf_init(&text, MAX_TEXT);
    m3u8_write_media(&media, delta, &text);
    mem_free(reports);
    mem_free(listed);
    return buf_take(&text);
}

/* Keeps `text` unless another thread was quicker; returns the one that is kept. */
static struct chunk *keep(_Atomic(struct chunk *) *place, struct chunk *text)
{
    struct chunk *kept = NULL;
    if (atomic_compare_exchange_strong(place, &kept, text))
        return text;
    chunk_unref(&text);
    return kept;
}

static struct chunk *plain_playlist(struct published *published,
                                    struct published_rendition *rendition, enum published_text text)
{
    _Atomic(struct chunk *) *place = &rendition->texts[text][false];
    struct chunk *kept = atomic_load_explicit(place, memory_order_acquire);
    if (kept != NULL)
        return kept;
    return keep(place, write_text(published, rendition, text == PUBLISHED_DELTA));
}

struct chunk *published_playlist(struct published *published, struct published_rendition *rendition,
                                 enum published_text text, bool gzip)
{
    if (!gzip)
        return plain_playlist(published, rendition, text);
    _Atomic(struct chunk *) *place = &rendition->texts[text][true];
    struct chunk *kept = atomic_load_explicit(place, memory_order_acquire);
    if (kept != NULL)
        return kept;
    return keep(place, gzip_chunk(plain_playlist(published, rendition, text)));
}

struct chunk *published_master(struct published *published, bool gzip)
{
    if (!gzip || published->master == NULL)
        return published->master;
    struct chunk *kept = atomic_load_explicit(&published->master_gzip, memory_order_acquire);
    return kept != NULL ? kept : keep(&published->master_gzip, gzip_chunk(published->master));
}
