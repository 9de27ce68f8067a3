#include "packager/packager.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log/log.h"
#include "packager/bandwidth.h"
#include "packager/boundary.h"
#include "packager/rendition.h"
#include "packager/segment_file.h"
#include "proto/m3u8/master_playlist_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_QUEUED_ITEMS = 4096, /* everything is taken at once: a queue never gets there */
    MAX_QUEUED_BYTES = 64 << 20,
    FROZEN_US = 10000000, /* bandwidths do not change sooner (media 2.5) */
    KEEP_ENDED_US = 60000000,
    SECOND_US = 1000000,
    STORE_PAUSE_US =
        10000000, /* after a failure: a full disk is not asked several times a second */
    MAX_MASTER = 64 << 10,
    MAX_PATH = 4096,
    CODECS_LEN = H264_CODEC_LEN + 1 + AAC_CODEC_LEN,
};

struct packager {
    struct subscriber subscriber; /* first: on_ready finds the packager by it */
    struct packager_options options;
    char channel_id[PUBLISHED_CHANNEL_MAX + 1];
    char stream_id[PUBLISHED_STREAM_MAX + 1];
    struct audience *audience;
    enum published_state state;
    bool has_failed;
    bool has_news; /* something to publish */
    bool was_playable;
    struct boundary boundary;
    struct generation *generation; /* borrowed from the rendition; NULL after a break */
    struct rendition source;       /* the only rendition so far */

    struct bandwidth bandwidth;
    uint64_t measured_msn; /* of the last segment that was added to it */
    uint64_t declared_bps;
    struct bandwidth_values frozen;
    int64_t frozen_at_us; /* 0: not yet */
    struct chunk *master; /* NULL: not yet, or out of date */

    struct store_job *job;  /* the file that is being written; NULL: none */
    int64_t store_after_us; /* after a failure: not before */
    size_t counted_part_bytes, counted_file_bytes;
    uint32_t timed_sequence; /* of the last part whose time was measured */
};

/* --- Files --- */

struct store_job {
    struct packager *packager; /* NULL: destroyed meanwhile */
    struct published_segment *segment;
    struct published_segment *stored;
    int failure; /* errno */
    char path[MAX_PATH];
};

static void run_store_job(void *arg)
{
    struct store_job *job = arg;
    job->stored = segment_file_store(job->path, job->segment);
    job->failure = job->stored == NULL ? errno : 0;
}

static void store_next(struct packager *packager);
static void count_bytes(struct packager *packager);

static void on_stored(struct loop *loop, void *arg)
{
    struct store_job *job = arg;
    struct packager *packager = job->packager;
    if (packager == NULL) {
        published_segment_unref(&job->stored);
    } else if (job->stored == NULL) {
        log_error("packager", "cannot store a segment", "stream=%s errno=%d", packager->stream_id,
                  job->failure);
        packager->job = NULL;
        packager->store_after_us = loop_now_us(loop) + STORE_PAUSE_US;
    } else {
        packager->job = NULL;
        rendition_set_stored(&packager->source, job->stored);
        count_bytes(packager);
        store_next(packager);
    }
    published_segment_unref(&job->segment);
    mem_free(job);
}

static void store(struct packager *packager, struct published_segment *segment)
{
    struct store_job *job = mem_zalloc(1, sizeof(*job));
    int len =
        snprintf(job->path, sizeof(job->path), "%s/%s-%s-%llu.m4s", packager->options.store_dir,
                 packager->stream_id, packager->source.id, (unsigned long long)segment->entry.msn);
    job->packager = packager;
    job->segment = published_segment_ref(segment);
    if (len < 0 || (size_t)len >= sizeof(job->path) ||
        loop_work(packager->options.loop, run_store_job, on_stored, job) != ERR_OK) {
        published_segment_unref(&job->segment); /* it stays in memory until the next try */
        mem_free(job);
        return;
    }
    packager->job = job;
}

/* Starts to write the oldest segment that lists no parts any more and is in no file; one at a
 * time. */
static void store_next(struct packager *packager)
{
    struct rendition *rendition = &packager->source;
    if (packager->job != NULL || loop_now_us(packager->options.loop) < packager->store_after_us)
        return;
    size_t count = rendition_storable(rendition);
    for (size_t i = 0; i < count; i++) {
        if (!rendition->segments[i].is_stored) {
            store(packager, rendition->segments[i].segment);
            return;
        }
    }
}

/* --- Publishing --- */

static void count_bytes(struct packager *packager)
{
    const struct rendition *rendition = &packager->source;
    metrics_add(packager->options.metrics, METRIC_PACKAGER_MEMORY_BYTES,
                (int64_t)rendition->part_bytes - (int64_t)packager->counted_part_bytes);
    metrics_add(packager->options.metrics, METRIC_PACKAGER_DISK_BYTES,
                (int64_t)rendition->file_bytes - (int64_t)packager->counted_file_bytes);
    packager->counted_part_bytes = rendition->part_bytes;
    packager->counted_file_bytes = rendition->file_bytes;
}

/* The frame rate the encoder tells, if its frames agree: 29.970 is better than 29.968. Those of a
 * later generation were not measured. */
static uint32_t frame_rate_milli(const struct rendition *rendition)
{
    const struct h264_info *info = &rendition->generation->video.info;
    uint64_t measured = rendition->frame_rate_milli;
    int64_t period = period_median(&rendition->cutter.period);
    if (measured == 0 && period > 0)
        measured = (uint64_t)(MEDIA_TIMESCALE * INT64_C(1000) / period);
    if (info->fps_num == 0 || info->fps_den == 0)
        return (uint32_t)measured;
    uint64_t told = ((uint64_t)info->fps_num * 1000 + info->fps_den / 2) / info->fps_den;
    bool agrees = rendition->frame_rate_milli == 0 ||
                  (told * 100 >= measured * 98 && told * 100 <= measured * 102);
    return (uint32_t)(agrees ? told : measured);
}

static void write_codecs(const struct generation *generation, char out[CODECS_LEN + 1])
{
    h264_codec_string(&generation->video.info, out);
    if (!generation->has_audio)
        return;
    size_t len = strlen(out);
    out[len++] = ',';
    aac_codec_string(&generation->audio.info, out + len);
}

static struct chunk *write_master(const struct packager *packager)
{
    const struct rendition *rendition = &packager->source;
    const struct h264_info *info = &rendition->generation->video.info;
    char codecs[CODECS_LEN + 1];
    write_codecs(rendition->generation, codecs);
    struct m3u8_variant variant = {
        .rendition = rendition->id,
        .bandwidth = packager->frozen.peak,
        .average_bandwidth = packager->frozen.average,
        .codecs = codecs,
        .width =
            (uint32_t)(((uint64_t)info->width * info->sar_num + info->sar_den / 2) / info->sar_den),
        .height = info->height,
        .frame_rate_milli = frame_rate_milli(rendition),
    };
    struct buf out;
    buf_init(&out, MAX_MASTER);
    m3u8_write_master(packager->stream_id, packager->channel_id, &variant, 1, &out);
    return buf_take(&out);
}

/* Bandwidths follow the segments, but not more often than every 10 s. */
static void update_master(struct packager *packager, int64_t now_us)
{
    const struct rendition *rendition = &packager->source;
    if (rendition->last_msn > packager->measured_msn) {
        const struct published_segment *newest =
            rendition->segments[rendition->segment_count - 1].segment;
        bandwidth_add(&packager->bandwidth, newest->len, newest->entry.end - newest->entry.start);
        packager->measured_msn = rendition->last_msn;
        if (packager->frozen_at_us == 0 || now_us - packager->frozen_at_us >= FROZEN_US) {
            packager->frozen = bandwidth_get(&packager->bandwidth, packager->declared_bps,
                                             packager->options.cap_bps, rendition->target_duration);
            packager->frozen_at_us = now_us;
            chunk_unref(&packager->master);
        }
    }
    if (packager->master == NULL)
        packager->master = write_master(packager);
}

static int64_t keep_until_us(const struct packager *packager, int64_t now_us)
{
    const struct rendition *rendition = &packager->source;
    int64_t window_us = rendition_list_duration(rendition) * 100 / 9 +
                        (int64_t)rendition->target_duration * SECOND_US;
    return now_us + (window_us > KEEP_ENDED_US ? window_us : KEEP_ENDED_US);
}

static void publish(struct packager *packager)
{
    int64_t now_us = loop_now_us(packager->options.loop);
    bool is_playable = packager->source.segment_count > 0;
    packager->has_news = false;
    struct published *published = published_create(
        str_of(packager->channel_id), str_of(packager->stream_id), is_playable ? 1 : 0);
    published->state = packager->state;
    published->audience = audience_ref(packager->audience);
    if (is_playable) {
        update_master(packager, now_us);
        published->master = chunk_ref(packager->master);
        rendition_publish(&packager->source, &published->renditions[0]);
        published->keep_us = keep_until_us(packager, now_us);
    }
    packager->options.publish(packager->options.arg, published);
    published_unref(&published);
    if (packager->source.sequence > packager->timed_sequence) {
        packager->timed_sequence = packager->source.sequence;
        metrics_observe(packager->options.metrics, METRIC_PACKAGER_PART_TIME,
                        clock_monotonic_us() - packager->source.last_arrived_us);
    }
    if (!is_playable || packager->was_playable)
        return;
    packager->was_playable = true;
    log_info("packager", "playable", "stream=%s rendition=%s target_duration=%u part_target_ms=%u",
             packager->stream_id, packager->source.id, packager->source.target_duration,
             packager->source.part_target_ms);
    packager->options.on_playable(packager->options.arg);
}

/* --- Taking what the source sends --- */

static void fail(struct packager *packager)
{
    packager->has_failed = true;
    log_error("packager", "a rendition needs too much memory", "stream=%s bytes=%zu",
              packager->stream_id, rendition_memory(&packager->source));
    packager->options.on_failed(packager->options.arg, ERR_LIMIT);
}

static void write_parts(struct packager *packager, bool is_flushing)
{
    struct rendition *rendition = &packager->source;
    int64_t now_us = loop_now_us(packager->options.loop);
    uint64_t msn = rendition->last_msn;
    uint32_t sequence = rendition->sequence;
    if (rendition_write(rendition, is_flushing, now_us) == 0)
        return;
    metrics_add(packager->options.metrics, METRIC_PACKAGER_PARTS, rendition->sequence - sequence);
    metrics_add(packager->options.metrics, METRIC_PACKAGER_SEGMENTS,
                (int64_t)(rendition->last_msn - msn));
    epoch_observe(&rendition->epoch, rendition->video_newest, clock_wall_us(), now_us);
    packager->has_news = rendition->segment_count > 0;
}

static void flush(struct packager *packager, int64_t next)
{
    rendition_flush(&packager->source, next);
    write_parts(packager, true);
    boundary_break(&packager->boundary);
    packager->generation = NULL;
}

static void start_generation(struct packager *packager, struct frame *frame)
{
    if (packager->generation != NULL)
        flush(packager, frame->kind == TRACK_VIDEO ? frame->dts : 0);
    packager->generation = frame->generation;
    rendition_start(&packager->source, frame->generation);
    chunk_unref(&packager->master); /* it tells the newest codecs */
}

static void take_video(struct packager *packager, struct frame *frame)
{
    struct rendition *rendition = &packager->source;
    int64_t period = period_median(&rendition->cutter.period);
    unsigned cut = boundary_next(&packager->boundary, frame->dts, frame->is_key, period);
    rendition_video(rendition, frame, cut);
    if (cut != BOUNDARY_NONE && !rendition->is_fixed)
        rendition_fix(rendition, packager->boundary.target_duration, packager->options.part_ms,
                      cut);
}

static void take_frame(struct packager *packager, struct frame *frame)
{
    bool is_late =
        packager->generation != NULL && frame->generation->number < packager->generation->number;
    if (is_late)
        return;
    if (frame->generation != packager->generation)
        start_generation(packager, frame);
    if (packager->state == PUBLISHED_GRACE) {
        packager->state = PUBLISHED_LIVE;
        packager->has_news = true;
    }
    if (frame->kind == TRACK_VIDEO)
        take_video(packager, frame);
    else
        rendition_audio(&packager->source, frame);
    write_parts(packager, false);
}

static void end(struct packager *packager)
{
    if (packager->state == PUBLISHED_ENDED)
        return;
    flush(packager, 0);
    packager->state = PUBLISHED_ENDED;
    packager->has_news = true;
}

static void take_item(struct packager *packager, struct source_item *item)
{
    switch (item->kind) {
    case SOURCE_FRAME:
        take_frame(packager, item->frame);
        break;
    case SOURCE_METADATA:
        rendition_event(&packager->source, item->metadata_id, item->time, item->metadata);
        break;
    case SOURCE_BREAK:
        flush(packager, 0);
        break;
    case SOURCE_END:
        end(packager);
        break;
    }
}

static void take_all(struct packager *packager)
{
    struct source_item item;
    while (source_take(&packager->subscriber, &item) == ERR_OK) {
        if (!packager->has_failed && packager->state != PUBLISHED_ENDED)
            take_item(packager, &item);
        source_item_finish(&item);
    }
    if (packager->has_failed)
        return;
    if (packager->source.is_fixed && packager->state == PUBLISHED_OPEN)
        packager->state = PUBLISHED_LIVE;
    if (packager->has_news) {
        publish(packager);
        store_next(packager);
        count_bytes(packager);
    }
    if (rendition_memory(&packager->source) > PACKAGER_MAX_MEMORY)
        fail(packager);
}

static void on_ready(struct subscriber *subscriber)
{
    take_all((struct packager *)(void *)subscriber);
}

/* --- Life --- */

struct packager *packager_create(const struct packager_options *options, struct source *source)
{
    struct packager *packager = mem_zalloc(1, sizeof(*packager));
    packager->options = *options;
    (void)snprintf(packager->channel_id, sizeof(packager->channel_id), "%s", options->channel_id);
    (void)snprintf(packager->stream_id, sizeof(packager->stream_id), "%s", options->stream_id);
    packager->options.channel_id = packager->channel_id;
    packager->options.stream_id = packager->stream_id;
    packager->audience = audience_create();
    boundary_init(&packager->boundary, options->segment_ms);
    rendition_init(&packager->source, options->window_segments, options->metrics);
    metrics_add(options->metrics, METRIC_PACKAGER_STREAMS, 1);
    publish(packager);
    packager->subscriber.on_ready = on_ready;
    packager->subscriber.max_items = MAX_QUEUED_ITEMS;
    packager->subscriber.max_bytes = MAX_QUEUED_BYTES;
    source_subscribe(source, &packager->subscriber);
    return packager;
}

void packager_declare_bitrate(struct packager *packager, uint64_t bps)
{
    packager->declared_bps = bps;
}

void packager_set_grace(struct packager *packager)
{
    take_all(packager);
    if (packager->state != PUBLISHED_LIVE || packager->has_failed)
        return;
    packager->state = PUBLISHED_GRACE;
    publish(packager);
}

struct audience *packager_audience(struct packager *packager)
{
    return packager->audience;
}

void packager_destroy(struct packager *packager)
{
    if (packager == NULL)
        return;
    take_all(packager);
    source_unsubscribe(&packager->subscriber);
    if (packager->state != PUBLISHED_ENDED) {
        end(packager);
        publish(packager);
    }
    if (packager->job != NULL)
        packager->job->packager = NULL;
    rendition_finish(&packager->source);
    count_bytes(packager);
    metrics_add(packager->options.metrics, METRIC_PACKAGER_STREAMS, -1);
    chunk_unref(&packager->master);
    audience_unref(&packager->audience);
    mem_free(packager);
}
