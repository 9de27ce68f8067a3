#include "ingest/feed.h"

#include "media/epoch.h"

/* Metadata goes to the newest picture if one came within this time. */
static const int64_t flowing_us = 1000000;

void feed_init(struct feed *feed)
{
    *feed = (struct feed){.source = source_create(), .intake = {.is_connected = true}};
    timeline_init(&feed->timeline);
}

void feed_end(struct feed *feed)
{
    source_send_end(feed->source);
}

void feed_finish(struct feed *feed)
{
    for (size_t i = 0; i < feed->waiting_count; i++)
        chunk_unref(&feed->waiting[i]);
    feed->waiting_count = 0;
    generation_unref(&feed->generation);
    source_destroy(feed->source);
    feed->source = NULL;
}

void feed_note_received(struct feed *feed, enum track_kind kind, size_t body_len, int64_t now_us)
{
    if (kind == TRACK_VIDEO) {
        feed->intake.video_bytes += body_len;
        feed->intake.video_at_us = now_us;
    } else {
        feed->intake.audio_bytes += body_len;
        feed->intake.audio_at_us = now_us;
    }
}

static void send_break(struct feed *feed)
{
    if (feed->generation == NULL || feed->is_broken)
        return;
    feed->is_broken = true;
    source_send_break(feed->source);
}

void feed_break(struct feed *feed)
{
    timeline_change_sender(&feed->timeline);
    send_break(feed);
}

static void send_metadata(struct feed *feed, struct chunk *payload)
{
    source_send_metadata(feed->source, slice_of(payload), ++feed->metadata_count,
                         feed->timeline.video_dts);
}

void feed_put_metadata(struct feed *feed, struct chunk *payload, int64_t now_us)
{
    bool is_flowing = feed->generation != NULL && !feed->is_broken &&
                      now_us - feed->intake.video_at_us < flowing_us;
    if (is_flowing) {
        send_metadata(feed, payload);
        return;
    }
    if (feed->waiting_count == FEED_MAX_WAITING) {
        chunk_unref(&feed->waiting[0]);
        for (size_t i = 1; i < FEED_MAX_WAITING; i++)
            feed->waiting[i - 1] = feed->waiting[i];
        feed->waiting_count--;
    }
    feed->waiting[feed->waiting_count++] = chunk_ref(payload);
}

static void send_waiting(struct feed *feed)
{
    for (size_t i = 0; i < feed->waiting_count; i++) {
        send_metadata(feed, feed->waiting[i]);
        chunk_unref(&feed->waiting[i]);
    }
    feed->waiting_count = 0;
}

static void begin_generation(struct feed *feed, const struct assembler *assembler, int64_t start,
                             struct session_now now)
{
    send_break(feed);
    generation_unref(&feed->generation);
    struct generation *generation = generation_create();
    generation->number = feed->generations++;
    generation->start = start;
    generation->wall_epoch_us = epoch_at(now.wall_us, start);
    generation->video = assembler->video;
    (void)chunk_ref(generation->video.avcc); /* the copy's own */
    generation->has_audio = assembler->audio.config != NULL;
    if (generation->has_audio) {
        generation->audio = assembler->audio;
        (void)chunk_ref(generation->audio.config); /* likewise */
    }
    feed->generation = generation;

    struct intake *intake = &feed->intake;
    intake->starts++;
    intake->started_us = now.mono_us;
    intake->started_time = start;
    intake->has_audio = generation->has_audio;
    intake->audio_time = start;
    intake->audio_at_us = now.mono_us; /* it has its time to arrive */
    intake->width = generation->video.info.width;
    intake->height = generation->video.info.height;
}

static void count_video(struct intake *intake, int64_t dts, bool is_idr, bool starts)
{
    intake->video_units++;
    intake->video_time = dts;
    if (!is_idr)
        return;
    if (!starts) {
        intake->key_distance = dts - intake->key_time;
        intake->keys++;
    }
    intake->key_time = dts;
}

static void send_frame(struct feed *feed, const struct assembler_unit *unit,
                       const struct timeline_stamp *stamp, int64_t now_us)
{
    struct frame *frame = frame_create(&(struct frame){
        .kind = unit->kind,
        .is_key = unit->kind == TRACK_AUDIO || unit->is_idr,
        .dts = stamp->dts,
        .cts = stamp->cts,
        .samples = unit->samples,
        .arrived_us = now_us,
        .payload = unit->payload,
        .generation = feed->generation,
    });
    feed->is_broken = false;
    source_send_frame(feed->source, frame);
    frame_unref(&frame);
}

static void take_counters(struct feed *feed)
{
    const struct timeline_counters *counters = &feed->timeline.counters;
    feed->intake.dts_repaired = counters->dts_repaired;
    feed->intake.jumps = counters->jumps;
    feed->intake.audio_gap_ms = counters->audio_gap_ms;
}

static bool put_video(struct feed *feed, const struct assembler *assembler,
                      const struct assembler_unit *unit, struct session_now now)
{
    const struct h264_info *info = &assembler->video.info;
    struct timeline_stamp stamp;
    if (unit->is_new_config)
        timeline_arm(&feed->timeline);
    enum timeline_verdict verdict =
        timeline_put_video(&feed->timeline,
                           &(struct timeline_video){.timestamp_ms = unit->timestamp_ms,
                                                    .cts_ms = unit->cts_ms,
                                                    .is_idr = unit->is_idr,
                                                    .fps_num = info->fps_num,
                                                    .fps_den = info->fps_den},
                           now.mono_us, &stamp);
    if (verdict == TIMELINE_JUMP)
        send_break(feed);
    if (verdict == TIMELINE_JUMP || verdict == TIMELINE_DROP)
        return false;
    bool starts = verdict == TIMELINE_START;
    if (starts)
        begin_generation(feed, assembler, stamp.dts, now);
    count_video(&feed->intake, stamp.dts, unit->is_idr, starts);
    send_frame(feed, unit, &stamp, now.mono_us);
    send_waiting(feed);
    return starts;
}

static void put_audio(struct feed *feed, const struct assembler *assembler,
                      const struct assembler_unit *unit, struct session_now now)
{
    uint32_t rate = assembler->audio.info.sample_rate;
    struct timeline_stamp stamp;
    if (feed->generation == NULL || !feed->generation->has_audio)
        return; /* its configuration came after the last keyframe */
    enum timeline_verdict verdict = timeline_put_audio(
        &feed->timeline,
        &(struct timeline_audio){
            .timestamp_ms = unit->timestamp_ms, .sample_rate = rate, .samples = unit->samples},
        now.mono_us, &stamp);
    if (verdict == TIMELINE_JUMP)
        send_break(feed);
    if (verdict != TIMELINE_KEEP)
        return;
    feed->intake.audio_units++;
    feed->intake.audio_time =
        stamp.dts / rate * MEDIA_TIMESCALE + stamp.dts % rate * MEDIA_TIMESCALE / rate;
    send_frame(feed, unit, &stamp, now.mono_us);
}

bool feed_put(struct feed *feed, const struct assembler *assembler, struct assembler_unit *unit,
              struct session_now now)
{
    bool starts = false;
    if (unit->kind == TRACK_VIDEO)
        starts = put_video(feed, assembler, unit, now);
    else
        put_audio(feed, assembler, unit, now);
    take_counters(feed);
    slice_unref(&unit->payload);
    return starts;
}
