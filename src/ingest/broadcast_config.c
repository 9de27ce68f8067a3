#include "ingest/broadcast_config.h"

#include "base/mem.h"
#include "domain/streams/ingest_config.h"

#include <string.h>

/* Media without audio is complete, and rates are measured, this long after the first picture. */
static const int64_t measure_us = 10000000;
static const double us_per_second = 1e6;
enum { BITS = 8 };

static void measure(const struct broadcast *broadcast, int64_t now_us,
                    struct ingest_config_hints *hints)
{
    const struct intake *then = &broadcast->measured;
    const struct intake *now = &broadcast->feed.intake;
    double seconds = (double)(now_us - broadcast->media_since_us) / us_per_second;
    if (seconds < 1)
        return;
    hints->measured_framerate = (double)(now->video_units - then->video_units) / seconds;
    hints->measured_video_bps =
        (uint32_t)((double)((now->video_bytes - then->video_bytes) * BITS) / seconds);
    hints->measured_audio_bps =
        (uint32_t)((double)((now->audio_bytes - then->audio_bytes) * BITS) / seconds);
}

/* Writes it and tells the store, if it is another than before. */
static void write(struct broadcast *broadcast, bool with_measures)
{
    const struct generation *generation = broadcast->feed.generation;
    if (broadcast->publisher == NULL)
        return;
    struct ingest_config_hints hints = broadcast->publisher->hints;
    if (with_measures)
        measure(broadcast, loop_now_us(broadcast->home->loop), &hints);
    char *config = ingest_config_write(
        &generation->video.info, generation->has_audio ? &generation->audio.info : NULL, &hints);
    if (broadcast->config != NULL && strcmp(broadcast->config, config) == 0) {
        mem_free(config);
        return;
    }
    mem_free(broadcast->config);
    broadcast->config = config;
    broadcast_report(broadcast, &(struct event_batch){0});
}

static void on_measured(struct loop *loop, void *arg)
{
    (void)loop;
    write(arg, true);
}

void broadcast_config_on_generation(struct broadcast *broadcast)
{
    struct loop *loop = broadcast->home->loop;
    const struct generation *generation = broadcast->feed.generation;
    bool is_first = broadcast->media_since_us == 0;
    if (is_first) {
        broadcast->media_since_us = loop_now_us(loop);
        broadcast->measured = broadcast->feed.intake;
    }
    if (generation->has_audio)
        write(broadcast, false);
    bool wants_more =
        !generation->has_audio ||
        ingest_config_wants_measuring(&generation->video.info, &broadcast->publisher->hints);
    if (is_first && wants_more)
        loop_timer_start(loop, &broadcast->measure, measure_us, on_measured, broadcast);
}
