#include "media/timeline.h"

#include <stdlib.h>
#include <string.h>

enum {
    TICKS_PER_MS = MEDIA_TIMESCALE / 1000,
    WRAP_24_BITS_MS = 1 << 24,
    WRAP_24_BITS_SLACK_MS = 5000,
    MAX_KEPT_STEP_MS = 3600000,
    MAX_CTS_MS = 5000,
    MAX_STEP_MS = 3000,
    MAX_FALL_MS = 100, /* from here backward it is a jump */
    MAX_TRACKS_APART_MS = 3000,
    MAX_AUDIO_ERROR_MS = 40,
    START_MULTIPLE = 3000, /* ticks */
    MAX_REORDER = 16,
    MAX_REPAIRS_A_MINUTE = 1000,
    MINUTE_US = 60000000,
    MAX_LATE_TICKS = 5 * MEDIA_TIMESCALE, /* how far DTS may run ahead of the sender's */
};

void timeline_init(struct timeline *timeline)
{
    *timeline = (struct timeline){.is_armed = true};
}

void timeline_arm(struct timeline *timeline)
{
    timeline->is_armed = true;
}

void timeline_change_sender(struct timeline *timeline)
{
    memset(timeline->input, 0, sizeof(timeline->input));
    timeline_arm(timeline);
}

/* Media rule IN-30. The step from the last stamp, in ms; 0 for the first. */
static int64_t unwrap(struct timeline_input *input, uint32_t raw)
{
    if (!input->is_seen) {
        *input = (struct timeline_input){.is_seen = true, .raw = raw, .ms = raw};
        return 0;
    }
    int64_t step = (int32_t)(raw - input->raw); /* modulo 2^32 */
    if (llabs(step + WRAP_24_BITS_MS) <= WRAP_24_BITS_SLACK_MS)
        step += WRAP_24_BITS_MS; /* a sender that keeps 24 bits only */
    input->raw = raw;
    /* A new clock altogether: adding up what a peer chooses would overflow in the end. */
    input->ms = llabs(step) > MAX_KEPT_STEP_MS ? raw : input->ms + step;
    return step;
}

static int64_t round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static int64_t ticks_of_samples(int64_t samples, uint32_t rate)
{
    return samples / rate * MEDIA_TIMESCALE + samples % rate * MEDIA_TIMESCALE / rate;
}

static int64_t samples_of_ticks(int64_t ticks, uint32_t rate)
{
    return ticks / MEDIA_TIMESCALE * rate +
           (ticks % MEDIA_TIMESCALE * rate + MEDIA_TIMESCALE / 2) / MEDIA_TIMESCALE;
}

/* Where everything put out so far ends, the last picture lasting as long as any lately did. */
static int64_t end_of_output(const struct timeline *timeline)
{
    int64_t longest = START_MULTIPLE;
    for (size_t i = 0; i < TIMELINE_STEP_WINDOW; i++)
        longest = timeline->steps[i] > longest ? timeline->steps[i] : longest;
    int64_t end = timeline->video_dts + longest;
    if (!timeline->has_audio)
        return end;
    int64_t audio_end = ticks_of_samples(timeline->audio_next, timeline->audio_rate) + 1;
    return audio_end > end ? audio_end : end;
}

static int64_t next_start(const struct timeline *timeline, int64_t now_us)
{
    if (!timeline->has_run)
        return MEDIA_START;
    int64_t elapsed = (now_us - timeline->newest_us) * 9 / 100;
    int64_t start = timeline->newest_time + elapsed;
    int64_t end = end_of_output(timeline);
    return round_up(start > end ? start : end, START_MULTIPLE);
}

static void start_generation(struct timeline *timeline, const struct timeline_video *video,
                             int64_t now_us)
{
    timeline->start = next_start(timeline, now_us);
    timeline->started_us = now_us;
    timeline->first_ms = timeline->input[TRACK_VIDEO].ms;
    timeline->video_offset = timeline->start - timeline->first_ms * TICKS_PER_MS;
    timeline->has_audio = timeline->is_overlapping = false;
    timeline->is_armed = false;
    timeline->has_run = true;
    cadence_start(&timeline->cadence, video->fps_num, video->fps_den);
}

/* Media rule IN-37: pictures that are shown after one that is decoded after them. */
static void watch_order(struct timeline *timeline, int64_t pts, bool is_idr)
{
    if (is_idr)
        timeline->pts_count = 0;
    size_t later = 0;
    size_t known = timeline->pts_count < TIMELINE_REORDER_WINDOW ? timeline->pts_count
                                                                 : TIMELINE_REORDER_WINDOW;
    for (size_t i = 0; i < known; i++)
        later += timeline->pts[i] > pts;
    timeline->pts[timeline->pts_count++ % TIMELINE_REORDER_WINDOW] = pts;
    timeline->is_odd |= later > MAX_REORDER;
}

static void watch_repairs(struct timeline *timeline, int64_t now_us)
{
    if (now_us - timeline->minute_us >= MINUTE_US) {
        timeline->minute_us = now_us;
        timeline->repaired_before = timeline->counters.dts_repaired;
    }
    timeline->is_odd |=
        timeline->counters.dts_repaired - timeline->repaired_before > MAX_REPAIRS_A_MINUTE;
}

static void note_arrival(struct timeline *timeline, int64_t time, int64_t now_us)
{
    timeline->newest_time = time;
    timeline->newest_us = now_us;
}

static void stamp_video(struct timeline *timeline, const struct timeline_video *video, bool starts,
                        struct timeline_stamp *out)
{
    int32_t cts_ms = video->cts_ms;
    if (cts_ms > MAX_CTS_MS || cts_ms < -MAX_CTS_MS) { /* media rule IN-31 */
        cts_ms = 0;
        timeline->counters.cts_refused++;
    }
    int64_t sent = timeline->input[TRACK_VIDEO].ms * TICKS_PER_MS + timeline->video_offset;
    int64_t pts = sent + (int64_t)cts_ms * TICKS_PER_MS;
    int64_t dts = cadence_snap(&timeline->cadence, sent);
    if (!starts && dts <= timeline->video_dts) { /* media rule IN-32 */
        dts = timeline->video_dts + TICKS_PER_MS;
        timeline->counters.dts_repaired++;
    }
    if (!starts)
        timeline->steps[timeline->step_count++ % TIMELINE_STEP_WINDOW] = dts - timeline->video_dts;
    timeline->video_dts = dts;
    timeline->is_odd |= pts < dts - (int64_t)MAX_CTS_MS * TICKS_PER_MS;
    watch_order(timeline, pts, video->is_idr);
    *out = (struct timeline_stamp){.dts = dts, .cts = (int32_t)(pts - dts)};
}

/* Media rule IN-33. Small falls that never end would part DTS from PTS for ever: a jump, too. */
static bool is_video_jump(const struct timeline *timeline, int64_t step)
{
    int64_t sent = timeline->input[TRACK_VIDEO].ms * TICKS_PER_MS + timeline->video_offset;
    return step > MAX_STEP_MS || step <= -MAX_FALL_MS ||
           timeline->video_dts - sent > MAX_LATE_TICKS;
}

static enum timeline_verdict drop(struct timeline *timeline, enum timeline_verdict verdict)
{
    timeline->counters.dropped++;
    return verdict;
}

enum timeline_verdict timeline_put_video(struct timeline *timeline,
                                         const struct timeline_video *video, int64_t now_us,
                                         struct timeline_stamp *out)
{
    int64_t step = unwrap(&timeline->input[TRACK_VIDEO], video->timestamp_ms);
    bool jumps = !timeline->is_armed && is_video_jump(timeline, step);
    if (jumps) {
        timeline->counters.jumps++;
        timeline->is_armed = true;
    }
    bool starts = timeline->is_armed;
    if (starts && !video->is_idr)
        return drop(timeline, jumps ? TIMELINE_JUMP : TIMELINE_DROP);
    if (starts)
        start_generation(timeline, video, now_us);
    stamp_video(timeline, video, starts, out);
    note_arrival(timeline, out->dts, now_us);
    watch_repairs(timeline, now_us);
    return starts ? TIMELINE_START : TIMELINE_KEEP;
}

/* The first audio of a generation: on the video's clock, unless the sender's two clocks have
 * nothing to do with each other (media rule IN-34). */
static void place_audio(struct timeline *timeline, int64_t now_us)
{
    int64_t ms = timeline->input[TRACK_AUDIO].ms;
    bool is_apart = ms < timeline->first_ms - MAX_TRACKS_APART_MS ||
                    ms > timeline->input[TRACK_VIDEO].ms + MAX_TRACKS_APART_MS;
    timeline->audio_offset = timeline->video_offset;
    if (is_apart)
        timeline->audio_offset =
            timeline->start + (now_us - timeline->started_us) * 9 / 100 - ms * TICKS_PER_MS;
}

/* Media rule IN-35: samples are counted; the tag's time only tells of gaps and overlaps, which are
 * whole frames. False: the frame overlaps. */
static bool count_samples(struct timeline *timeline, const struct timeline_audio *audio,
                          int64_t time)
{
    int64_t error = samples_of_ticks(time, audio->sample_rate) - timeline->audio_next;
    int64_t most = (int64_t)MAX_AUDIO_ERROR_MS * audio->sample_rate / 1000;
    int64_t half = audio->samples / 2;
    if (error > most) {
        int64_t missing = (error + half) / audio->samples * audio->samples;
        timeline->audio_next += missing;
        timeline->counters.audio_gap_ms += (uint64_t)(missing * 1000 / audio->sample_rate);
    }
    timeline->is_overlapping = error < -most || (timeline->is_overlapping && error < -half);
    return !timeline->is_overlapping;
}

enum timeline_verdict timeline_put_audio(struct timeline *timeline,
                                         const struct timeline_audio *audio, int64_t now_us,
                                         struct timeline_stamp *out)
{
    int64_t step = unwrap(&timeline->input[TRACK_AUDIO], audio->timestamp_ms);
    bool is_other = timeline->has_audio && audio->sample_rate != timeline->audio_rate;
    if (timeline->is_armed || is_other || audio->samples == 0 || audio->sample_rate == 0)
        return drop(timeline, TIMELINE_DROP);
    if (timeline->has_audio && llabs(step) > MAX_STEP_MS) {
        timeline->counters.jumps++;
        timeline->is_armed = true;
        return drop(timeline, TIMELINE_JUMP);
    }
    if (!timeline->has_audio)
        place_audio(timeline, now_us);
    int64_t time = timeline->input[TRACK_AUDIO].ms * TICKS_PER_MS + timeline->audio_offset;
    if (!timeline->has_audio && time < timeline->start)
        return drop(timeline, TIMELINE_DROP); /* it belongs to a time before the first picture */
    if (!timeline->has_audio) {
        timeline->has_audio = true;
        timeline->audio_rate = audio->sample_rate;
        timeline->audio_next = samples_of_ticks(time, audio->sample_rate);
    }
    if (!count_samples(timeline, audio, time))
        return drop(timeline, TIMELINE_DROP);
    *out = (struct timeline_stamp){.dts = timeline->audio_next};
    timeline->audio_next += audio->samples;
    note_arrival(timeline, ticks_of_samples(out->dts, audio->sample_rate), now_us);
    return TIMELINE_KEEP;
}

bool timeline_complains(struct timeline *timeline, int64_t now_us)
{
    bool is_due = timeline->complained_us == 0 || now_us - timeline->complained_us >= MINUTE_US;
    if (!timeline->is_odd || !is_due)
        return false;
    timeline->is_odd = false;
    timeline->complained_us = now_us;
    return true;
}
