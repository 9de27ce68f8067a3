#include "packager/rendition.h"

#include "base/mem.h"
#include "packager/boundary.h"
#include "proto/fmp4/init_writer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    TICKS_PER_MS = MEDIA_TIMESCALE / 1000,
    AUDIO_PATIENCE = 150 * TICKS_PER_MS, /* how long a part waits for its audio (HL-8) */
    MAX_INIT = 64 << 10,
    MIN_LIST_TARGETS = 3, /* no list is shorter (draft-pantos-hls-rfc8216bis §6.2.2) */
    SECOND_US = 1000000,
    MAX_SLOW_RATE = 31000, /* frames per 1000 s: more is named 60 (media 2.1) */
};

void rendition_init(struct rendition *rendition, uint32_t window, struct metrics *metrics)
{
    *rendition = (struct rendition){.window = window};
    part_builder_init(&rendition->builder, metrics);
}

static void drop_events(struct rendition *rendition, size_t count)
{
    for (size_t i = 0; i < count; i++)
        slice_unref(&rendition->events[i].payload);
    rendition->event_count -= count;
    memmove(rendition->events, rendition->events + count,
            rendition->event_count * sizeof(rendition->events[0]));
}

static void drop_inits(struct rendition *rendition, size_t count)
{
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        rendition->part_bytes -= rendition->inits[i].bytes->len;
        chunk_unref(&rendition->inits[i].bytes);
    }
    rendition->init_count -= count;
    memmove(rendition->inits, rendition->inits + count,
            rendition->init_count * sizeof(*rendition->inits));
}

void rendition_finish(struct rendition *rendition)
{
    frame_queue_finish(&rendition->video);
    frame_queue_finish(&rendition->audio);
    drop_events(rendition, rendition->event_count);
    part_builder_finish(&rendition->builder);
    generation_unref(&rendition->generation);
    published_segment_unref(&rendition->open);
    for (size_t i = 0; i < rendition->segment_count; i++)
        published_segment_unref(&rendition->segments[i].segment);
    mem_free(rendition->segments);
    drop_inits(rendition, rendition->init_count);
    mem_free(rendition->inits);
    mem_free(rendition->closed);
    rendition->part_bytes = rendition->file_bytes = 0;
}

size_t rendition_memory(const struct rendition *rendition)
{
    return rendition->part_bytes + rendition->video.bytes + rendition->audio.bytes;
}

/* --- Taking --- */

static struct str chunk_str(const struct chunk *chunk)
{
    return (struct str){.at = (const char *)chunk->at, .len = chunk->len};
}

static struct chunk *write_init(const struct generation *generation)
{
    const struct h264_info *info = &generation->video.info;
    struct fmp4_video video = {
        .avcc = chunk_str(generation->video.avcc),
        .width = info->width,
        .height = info->height,
        .sar_num = info->sar_num,
        .sar_den = info->sar_den,
        .has_colour = info->has_colour,
        .colour_primaries = info->colour_primaries,
        .transfer_characteristics = info->transfer_characteristics,
        .matrix_coefficients = info->matrix_coefficients,
        .full_range = info->full_range,
    };
    struct fmp4_audio audio = {0};
    if (generation->has_audio)
        audio = (struct fmp4_audio){.config = chunk_str(generation->audio.config),
                                    .sample_rate = generation->audio.info.sample_rate,
                                    .channels = generation->audio.info.channels};
    struct buf out;
    buf_init(&out, MAX_INIT);
    fmp4_write_init(&video, generation->has_audio ? &audio : NULL, &out);
    return buf_take(&out);
}

void rendition_start(struct rendition *rendition, struct generation *generation)
{
    generation_unref(&rendition->generation);
    rendition->generation = generation_ref(generation);
    rendition->epoch = epoch_start(generation->wall_epoch_us);
    rendition->audio_floor = INT64_MIN;
    rendition->audio_end = rendition->video_newest = INT64_MIN;
    rendition->starts_generation = true;
    rendition->frame_rate_milli = 0;
    frame_queue_drop(&rendition->audio, rendition->audio.count); /* what was beyond the last part */
    rendition->inits =
        mem_grow(rendition->inits, rendition->init_count + 1, sizeof(*rendition->inits));
    rendition->inits[rendition->init_count++] =
        (struct published_init){.number = generation->number, .bytes = write_init(generation)};
    rendition->part_bytes += rendition->inits[rendition->init_count - 1].bytes->len;
}

static void take_ends(struct rendition *rendition, const struct part_end *ends, size_t count)
{
    if (count == 0)
        return;
    if (rendition->closed_count + count > rendition->closed_cap) {
        rendition->closed_cap = (rendition->closed_count + count) * 2;
        rendition->closed =
            mem_grow(rendition->closed, rendition->closed_cap, sizeof(*rendition->closed));
    }
    memcpy(rendition->closed + rendition->closed_count, ends, count * sizeof(*ends));
    rendition->closed_count += count;
}

void rendition_video(struct rendition *rendition, struct frame *frame, unsigned cut)
{
    frame_queue_push(&rendition->video, frame);
    rendition->video_newest = frame->dts;
    if (!rendition->is_fixed)
        return;
    struct part_end ends[PART_MAX_ENDS];
    take_ends(rendition, ends, part_cutter_next(&rendition->cutter, frame->dts, cut, ends));
}

void rendition_audio(struct rendition *rendition, struct frame *frame)
{
    if (frame->dts < rendition->audio_floor)
        return;
    if (rendition->audio.count >= RENDITION_MAX_EARLY_AUDIO)
        frame_queue_drop(&rendition->audio, 1);
    frame_queue_push(&rendition->audio, frame);
    rendition->audio_floor = frame->dts + 1;
    rendition->audio_end = frame_time(frame, frame->dts + frame->samples);
}

void rendition_event(struct rendition *rendition, uint32_t id, int64_t time, struct slice payload)
{
    if (rendition->event_count == RENDITION_MAX_EVENTS)
        drop_events(rendition, 1);
    rendition->events[rendition->event_count++] =
        (struct part_event){.id = id, .time = time, .payload = slice_ref(payload)};
}

/* --- Writing --- */

static void open_segment(struct rendition *rendition, int64_t start, int64_t now_us)
{
    rendition->open = published_segment_create(0);
    rendition->open->entry = (struct m3u8_segment){
        .msn = rendition->last_msn + 1,
        .start = start,
        .end = start,
        .wall_epoch_us = epoch_next_segment(&rendition->epoch, now_us),
        .map = rendition->generation->number,
        .discontinuity = rendition->starts_generation && rendition->last_msn > 0,
    };
    rendition->starts_generation = false;
}

/* The open segment is shared with snapshots as soon as it is published, so each part makes a new
 * one. */
static void append_part(struct rendition *rendition, struct chunk *bytes, int64_t end,
                        bool is_independent)
{
    struct published_segment *before = rendition->open;
    size_t count = before->slice_count;
    struct published_segment *grown = published_segment_create(count + 1);
    for (size_t i = 0; i < count; i++) {
        grown->parts[i] = before->parts[i];
        grown->slices[i] = slice_ref(before->slices[i]);
    }
    grown->parts[count] = (struct m3u8_part){.end = end, .independent = is_independent};
    grown->slices[count] = slice_of(bytes);
    grown->len = before->len + bytes->len;
    grown->entry = before->entry;
    grown->entry.end = end;
    grown->entry.parts = grown->parts;
    grown->entry.part_count = count + 1;
    published_segment_unref(&rendition->open);
    rendition->open = grown;
}

static int64_t duration_of(const struct rendition *rendition, size_t first)
{
    int64_t sum = 0;
    for (size_t i = first; i < rendition->segment_count; i++) {
        const struct m3u8_segment *entry = &rendition->segments[i].segment->entry;
        sum += entry->end - entry->start;
    }
    return sum;
}

/* Segments beyond the window leave the list, and stay for as long as the list was, and a bit. */
static void shorten_list(struct rendition *rendition, int64_t now_us)
{
    int64_t least = (int64_t)MIN_LIST_TARGETS * rendition->target_duration * MEDIA_TIMESCALE;
    while (rendition->segment_count - rendition->first_listed > rendition->window) {
        if (duration_of(rendition, rendition->first_listed + 1) < least)
            return;
        struct rendition_segment *leaving = &rendition->segments[rendition->first_listed];
        int64_t list_us = duration_of(rendition, rendition->first_listed + 1) * 100 / 9;
        leaving->expires_us = now_us + list_us + (int64_t)rendition->target_duration * SECOND_US;
        rendition->discontinuity_sequence += leaving->segment->entry.discontinuity;
        rendition->first_listed++;
    }
}

static void uncount(struct rendition *rendition, const struct rendition_segment *kept)
{
    if (kept->is_stored)
        rendition->file_bytes -= kept->segment->len;
    else
        rendition->part_bytes -= kept->segment->len;
}

static void forget_expired(struct rendition *rendition, int64_t now_us)
{
    size_t gone = 0;
    while (gone < rendition->first_listed && rendition->segments[gone].expires_us <= now_us) {
        uncount(rendition, &rendition->segments[gone]);
        published_segment_unref(&rendition->segments[gone++].segment);
    }
    rendition->segment_count -= gone;
    rendition->first_listed -= gone;
    memmove(rendition->segments, rendition->segments + gone,
            rendition->segment_count * sizeof(*rendition->segments));

    size_t unused = 0;
    while (rendition->inits[unused].number < rendition->segments[0].segment->entry.map)
        unused++;
    drop_inits(rendition, unused);
}

static void close_segment(struct rendition *rendition, int64_t now_us)
{
    if (rendition->open == NULL)
        return;
    if (rendition->segment_count == rendition->segment_cap) {
        rendition->segment_cap = rendition->segment_cap == 0 ? 16 : rendition->segment_cap * 2;
        rendition->segments =
            mem_grow(rendition->segments, rendition->segment_cap, sizeof(*rendition->segments));
    }
    rendition->segments[rendition->segment_count++] =
        (struct rendition_segment){.segment = rendition->open};
    rendition->open = NULL;
    rendition->last_msn++;
    shorten_list(rendition, now_us);
    forget_expired(rendition, now_us);
}

/* Audio frames that belong before `end` (HL-8): those that came late too. */
static size_t audio_before(const struct rendition *rendition, int64_t end)
{
    struct frame **frames = frame_queue_all(&rendition->audio);
    size_t count = 0;
    while (count < rendition->audio.count && frame_time(frames[count], frames[count]->dts) < end)
        count++;
    return count;
}

static size_t events_before(const struct rendition *rendition, int64_t end)
{
    size_t count = 0;
    while (count < rendition->event_count && rendition->events[count].time < end)
        count++;
    return count;
}

/* Nothing can be heard before the first picture of a generation. */
static void drop_early_audio(struct rendition *rendition, int64_t start)
{
    frame_queue_drop(&rendition->audio, audio_before(rendition, start));
}

static void write_part(struct rendition *rendition, const struct part_end *part, int64_t now_us)
{
    struct frame **video = frame_queue_all(&rendition->video);
    int64_t start = video[0]->dts;
    if (rendition->starts_generation)
        drop_early_audio(rendition, start);
    if (rendition->open == NULL)
        open_segment(rendition, start, now_us);
    struct part_input input = {
        .sequence = ++rendition->sequence,
        .end = part->end,
        .video = video,
        .video_count = part->frames,
        .audio = frame_queue_all(&rendition->audio),
        .audio_count = audio_before(rendition, part->end),
        .events = rendition->events,
        .event_count = events_before(rendition, part->end),
    };
    rendition->last_arrived_us = video[part->frames - 1]->arrived_us;
    struct chunk *bytes = part_build(&rendition->builder, &input);
    rendition->part_bytes += bytes->len;
    append_part(rendition, bytes, part->end, video[0]->is_key);
    frame_queue_drop(&rendition->video, input.video_count);
    frame_queue_drop(&rendition->audio, input.audio_count);
    drop_events(rendition, input.event_count);
}

/* HL-8 waits for an audio frame at or after the end; that it will start there is known when the one
 * before it has come. */
static bool is_ready(const struct rendition *rendition, const struct part_end *part)
{
    return !rendition->generation->has_audio || rendition->audio_end >= part->end ||
           rendition->video_newest >= part->end + AUDIO_PATIENCE ||
           rendition->closed_count > RENDITION_MAX_CLOSED;
}

size_t rendition_write(struct rendition *rendition, bool is_flushing, int64_t now_us)
{
    size_t written = 0;
    while (written < rendition->closed_count) {
        const struct part_end *part = &rendition->closed[written];
        if (!is_flushing && !is_ready(rendition, part))
            break;
        if (part->frames > 0)
            write_part(rendition, part, now_us);
        if (part->closes_segment)
            close_segment(rendition, now_us);
        written++;
    }
    if (written == 0)
        return 0;
    rendition->closed_count -= written;
    memmove(rendition->closed, rendition->closed + written,
            rendition->closed_count * sizeof(rendition->closed[0]));
    return written;
}

/* --- Beginnings and ends --- */

/* How long each frame of the first segment lasts; the newest frame is the first of the next. */
static int64_t *first_steps(const struct rendition *rendition, size_t count)
{
    struct frame **frames = frame_queue_all(&rendition->video);
    int64_t *steps = mem_zalloc(count, sizeof(*steps));
    for (size_t i = 0; i < count; i++)
        steps[i] = frames[i + 1]->dts - frames[i]->dts;
    return steps;
}

/* Short edge, p, and 30 or 60 (media 2.1): 720p30. */
static void set_id(struct rendition *rendition)
{
    const struct h264_info *info = &rendition->generation->video.info;
    uint32_t edge = info->width < info->height ? info->width : info->height;
    (void)snprintf(rendition->id, sizeof(rendition->id), "%up%s", (unsigned)edge,
                   rendition->frame_rate_milli > MAX_SLOW_RATE ? "60" : "30"); /* always fits */
}

void rendition_fix(struct rendition *rendition, uint32_t target_duration, uint32_t part_ms,
                   unsigned cut)
{
    assert(!rendition->is_fixed && rendition->video.count > 1);
    int64_t *steps = first_steps(rendition, rendition->video.count - 1);
    rendition->target_duration = target_duration;
    rendition->part_target_ms = part_target_ms(steps, rendition->video.count - 1, part_ms);
    rendition->frame_rate_milli = part_frame_rate_milli(steps, rendition->video.count - 1);
    mem_free(steps);
    set_id(rendition);
    rendition->is_fixed = true;
    part_cutter_init(&rendition->cutter, rendition->part_target_ms);
    size_t count = rendition->video.count;
    for (size_t i = 0; i < count; i++) {
        struct part_end ends[PART_MAX_ENDS];
        int64_t dts = frame_queue_all(&rendition->video)[i]->dts;
        bool is_last = i + 1 == count;
        take_ends(rendition, ends,
                  part_cutter_next(&rendition->cutter, dts, is_last ? cut : BOUNDARY_NONE, ends));
    }
}

void rendition_flush(struct rendition *rendition, int64_t next)
{
    if (!rendition->is_fixed) {
        frame_queue_drop(&rendition->video, rendition->video.count);
        frame_queue_drop(&rendition->audio, rendition->audio.count);
        drop_inits(rendition, rendition->init_count);
        return;
    }
    struct part_end ends[PART_MAX_ENDS];
    take_ends(rendition, ends, part_cutter_flush(&rendition->cutter, next, ends));
}

/* --- For others --- */

size_t rendition_storable(const struct rendition *rendition)
{
    size_t count = rendition->segment_count - rendition->first_listed;
    const struct m3u8_segment **listed = mem_zalloc(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        listed[i] = &rendition->segments[rendition->first_listed + i].segment->entry;
    struct m3u8_media media = {
        .target_duration = rendition->target_duration,
        .part_target_ms = rendition->part_target_ms,
        .segments = listed,
        .segment_count = count,
        .open = rendition->open != NULL ? &rendition->open->entry : NULL,
    };
    size_t first_with_parts = m3u8_first_with_parts(&media);
    mem_free(listed);
    return rendition->first_listed + first_with_parts;
}

int64_t rendition_list_duration(const struct rendition *rendition)
{
    return duration_of(rendition, rendition->first_listed);
}

void rendition_publish(const struct rendition *rendition, struct published_rendition *out)
{
    memcpy(out->id, rendition->id, sizeof(out->id));
    out->target_duration = rendition->target_duration;
    out->part_target_ms = rendition->part_target_ms;
    out->discontinuity_sequence = rendition->discontinuity_sequence;
    out->segment_count = rendition->segment_count;
    out->first_listed = rendition->first_listed;
    out->segments = mem_zalloc(rendition->segment_count, sizeof(struct published_segment *));
    for (size_t i = 0; i < rendition->segment_count; i++)
        out->segments[i] = published_segment_ref(rendition->segments[i].segment);
    if (rendition->open != NULL)
        out->open = published_segment_ref(rendition->open);
    out->init_count = rendition->init_count;
    out->inits = mem_zalloc(rendition->init_count, sizeof(*out->inits));
    for (size_t i = 0; i < rendition->init_count; i++)
        out->inits[i] = (struct published_init){.number = rendition->inits[i].number,
                                                .bytes = chunk_ref(rendition->inits[i].bytes)};
}

void rendition_set_stored(struct rendition *rendition, struct published_segment *stored)
{
    for (size_t i = 0; i < rendition->segment_count; i++) {
        struct rendition_segment *kept = &rendition->segments[i];
        if (kept->segment->entry.msn != stored->entry.msn || kept->is_stored)
            continue;
        uncount(rendition, kept);
        published_segment_unref(&kept->segment);
        kept->segment = stored;
        kept->is_stored = true;
        rendition->file_bytes += stored->len;
        return;
    }
    published_segment_unref(&stored); /* it expired meanwhile */
}
