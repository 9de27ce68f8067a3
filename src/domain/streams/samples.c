#include "domain/streams/samples.h"

static const int64_t slot_us = 5000000;
static const double ticks_per_second = 90000;
enum { BITS = 8 };

void samples_init(struct samples *samples)
{
    *samples = (struct samples){0};
}

static void add(struct samples_series *series, double value)
{
    series->min = series->count == 0 || value < series->min ? value : series->min;
    series->max = series->count == 0 || value > series->max ? value : series->max;
    series->sum += value;
    series->count++;
}

static struct samples_second measure(struct samples *samples, const struct intake *intake,
                                     unsigned viewers)
{
    struct samples_second second = {
        .video_bps = (double)((intake->video_bytes - samples->video_bytes) * BITS),
        .audio_bps = (double)((intake->audio_bytes - samples->audio_bytes) * BITS),
        .framerate = (double)(intake->video_units - samples->video_units),
        .viewers = viewers,
    };
    if (intake->keys != samples->keys)
        second.keyframe_interval = (double)intake->key_distance / ticks_per_second;
    samples->video_bytes = intake->video_bytes;
    samples->audio_bytes = intake->audio_bytes;
    samples->video_units = intake->video_units;
    samples->keys = intake->keys;
    return second;
}

bool samples_finish(struct samples *samples, struct samples_row *out)
{
    if (!samples->has_row)
        return false;
    *out = samples->row;
    samples->has_row = false;
    return true;
}

bool samples_step(struct samples *samples, const struct intake *intake, unsigned viewers,
                  int64_t wall_us, struct samples_row *out)
{
    /* A second that ends with the slot still belongs to it. */
    int64_t slot = (wall_us - 1) / slot_us * slot_us;
    bool is_complete =
        samples->has_row && samples->row.slot_us != slot && samples_finish(samples, out);
    if (!samples->has_row) {
        samples->row = (struct samples_row){.slot_us = slot};
        samples->has_row = true;
    }
    struct samples_second second = measure(samples, intake, viewers);
    samples->last = second;
    add(&samples->row.bitrate, second.video_bps);
    add(&samples->row.framerate, second.framerate);
    add(&samples->row.viewers, second.viewers);
    if (second.keyframe_interval > 0)
        add(&samples->row.keyframe_interval, second.keyframe_interval);
    return is_complete;
}
