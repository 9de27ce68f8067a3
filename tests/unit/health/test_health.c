#include "health/health.h"

#include "base/clock.h"
#include "base/mem.h"
#include "check.h"

#include <string.h>

static const int64_t second_us = 1000000;

/* On one loop in the test's thread; media comes by a timer, 40 ms a picture. */
static struct loop *loop;
static struct health *health;
static struct loop_timer pictures, over;
static struct intake intakes[2];
static struct health_watch *watches[2];
static unsigned events, rows, excesses;
static int64_t samples_seen;
static char last_event[64], last_reason[LIMITS_REASON_LEN];
static struct samples_row last_row;

static void on_events(void *arg, const struct health_stream *stream,
                      const struct event_batch *batch)
{
    CHECK(arg == &loop);
    CHECK_EQ(0, strcmp("st-1", stream->stream_id));
    events += (unsigned)batch->count;
    (void)snprintf(last_event, sizeof(last_event), "%s/%s", batch->items[0].name,
                   batch->items[0].code != NULL ? batch->items[0].code : "");
}

static void on_rows(void *arg, const struct health_row *all, size_t count)
{
    CHECK(arg == &loop);
    rows += (unsigned)count;
    for (size_t i = 0; i < count; i++)
        samples_seen += all[i].row.bitrate.count;
    last_row = all[count - 1].row;
}

static void on_excess(void *arg, const struct health_stream *stream, const char *reason)
{
    CHECK(arg == &loop);
    CHECK_EQ(0, strcmp("channelAA012", stream->channel_id));
    excesses++;
    (void)snprintf(last_reason, sizeof(last_reason), "%s", reason);
}

static unsigned count_viewers(void *arg, const struct health_stream *stream)
{
    (void)arg;
    (void)stream;
    return 7;
}

static void put_picture(struct loop *on, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < 2; i++) {
        intakes[i].video_bytes += 1000;
        intakes[i].video_units++;
        intakes[i].video_time += 3600;
        intakes[i].video_at_us = loop_now_us(on);
    }
    loop_timer_start(on, &pictures, 40000, put_picture, NULL);
}

static void stop(struct loop *on, void *arg)
{
    (void)arg;
    loop_stop(on);
}

/* Once only: a loop that was stopped stays so. */
static void run_for(int64_t us)
{
    loop_timer_start(loop, &over, us, stop, NULL);
    loop_run(loop);
}

static void begin(bool disconnects)
{
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    health = health_create(&(struct health_options){.loop = loop,
                                                    .disconnects = disconnects,
                                                    .hooks = {.on_events = on_events,
                                                              .on_rows = on_rows,
                                                              .on_excess = on_excess,
                                                              .count_viewers = count_viewers,
                                                              .arg = &loop}});
    events = rows = excesses = 0;
    samples_seen = 0;
    for (size_t i = 0; i < 2; i++)
        intakes[i] = (struct intake){.is_connected = true,
                                     .starts = 1,
                                     .started_us = clock_monotonic_us(),
                                     .video_at_us = clock_monotonic_us(),
                                     .width = 1280,
                                     .height = 720};
}

static void watch(size_t i)
{
    watches[i] = health_start(health, &(struct health_stream){.channel_id = "channelAA012",
                                                              .stream_id = i == 0 ? "st-0" : "st-1",
                                                              .type = LIMITS_STANDARD,
                                                              .intake = &intakes[i]});
}

static void finish(void)
{
    loop_timer_stop(&pictures);
    health_destroy(health);
    loop_destroy(loop);
}

static void samples_come_by_the_second_and_rows_every_five(void)
{
    begin(false);
    watch(0);
    watch(1);
    loop_timer_start(loop, &pictures, 0, put_picture, NULL);
    run_for(6 * second_us + second_us / 2);
    CHECK(rows >= 2 && rows <= 4); /* one or two slots ended, of both */
    CHECK_EQ(0, last_row.slot_us % (5 * second_us));
    CHECK_EQ(7, last_row.viewers.max);
    unsigned before = rows;
    health_stop(watches[0]);
    CHECK_EQ(before + 1, rows); /* the row begun */
    health_stop(watches[1]);
    CHECK(samples_seen >= 10 && samples_seen <= 14);
    CHECK(last_row.framerate.max >= 20 && last_row.framerate.max <= 30);
    CHECK_EQ(0, events);
    CHECK_EQ(0, excesses);
    finish();
}

static void silence_is_told_as_starvation(void)
{
    begin(false);
    watch(1);
    run_for(3 * second_us + second_us / 2);
    CHECK_EQ(1, events);
    CHECK_EQ(0, strcmp("Starvation Start/", last_event));
    finish(); /* while it is watched */
}

static void what_is_over_a_limit_must_end(void)
{
    begin(true);
    intakes[1].width = 2560;
    watch(1);
    loop_timer_start(loop, &pictures, 0, put_picture, NULL);
    run_for(2 * second_us);
    CHECK_EQ(1, events);
    CHECK_EQ(0, strcmp("Ingest Resolution/", last_event));
    CHECK_EQ(1, excesses);
    CHECK_EQ(0, strcmp("Video is 2560x720; the limit is 1920 on each side.", last_reason));
    finish();
}

int main(void)
{
    RUN(samples_come_by_the_second_and_rows_every_five);
    RUN(silence_is_told_as_starvation);
    RUN(what_is_over_a_limit_must_end);
    return check_report();
}
