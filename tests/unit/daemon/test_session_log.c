#include "daemon/session_log.h"

#include "../store/fixture.h"

static struct fixture f;
static struct loop *loop;
static struct metrics *metrics;
static struct session_log *session_log;
static struct ingest_stream stream;

static void stop(void *arg)
{
    loop_stop(arg);
}

static void flush(struct loop *this_loop, void *arg)
{
    (void)arg;
    session_log_flush(session_log, stop, this_loop);
}

/* Runs the loop until all that was added is written. */
static void write_all(void)
{
    loop_post(loop, flush, NULL);
    loop_run(loop);
}

static void start(void)
{
    fixture_start(&f);
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    metrics = metrics_create();
    session_log = session_log_create(loop, f.store, metrics);
    struct channel_key key;
    struct store_channel channel = fixture_channel(&f, "streamer", &key);
    stream = (struct ingest_stream){
        .channel = {.id = channel.id, .name = "streamer", .type = LIMITS_STANDARD},
        .id = "st-00000000000000000000001",
        .loop = loop};
}

static void finish(void)
{
    session_log_destroy(session_log);
    loop_destroy(loop);
    metrics_destroy(metrics);
    fixture_finish(&f);
}

static void add(const char *name, int64_t at_us, int64_t live_at_us, int64_t ended_at_us)
{
    struct event event = {
        .time_us = FIXTURE_NOW_US + at_us, .type = EVENT_STATE, .name = name, .code = "Code"};
    char config[] = "{\"video\":{}}";
    struct ingest_change change = {.stream = &stream,
                                   .started_at_us = FIXTURE_NOW_US,
                                   .live_at_us = live_at_us,
                                   .ended_at_us = ended_at_us,
                                   .is_healthy = true,
                                   .ingest_config = config,
                                   .events = &event,
                                   .event_count = 1};
    session_log_add(session_log, &change);
    memset(config, 'x', sizeof(config) - 1); /* it was copied */
    event.name = "overwritten";
}

static void changes_are_written_in_their_order(void)
{
    start();
    add("Session Created", 0, 0, 0);
    add("Stream Start", 1000000, FIXTURE_NOW_US + 1000000, 0);
    add("Session Ended", 2000000, FIXTURE_NOW_US + 1000000, FIXTURE_NOW_US + 2000000);
    write_all();

    struct store_session session = {0};
    CHECK_EQ(ERR_OK, store_session_find_newest(f.store, &stream.channel.id, &f.arena, &session));
    CHECK_EQ(FIXTURE_NOW_US + 2000000, session.ended_at_us);
    CHECK(session.ingest_config != NULL && strcmp("{\"video\":{}}", session.ingest_config) == 0);
    CHECK_EQ(1, fixture_number(&f, "SELECT channel_type = 'STANDARD' FROM stream_sessions"));
    struct store_session_event *events = NULL;
    size_t count = 0;
    CHECK_EQ(ERR_OK, store_session_events(f.store, stream.id, &f.arena, &events, &count));
    CHECK_EQ(3, count);
    CHECK(count == 3 && strcmp("Session Created", events[0].name) == 0);
    CHECK(count == 3 && strcmp("Stream Start", events[1].name) == 0);
    CHECK(count == 3 && strcmp("Session Ended", events[2].name) == 0);
    CHECK(count == 3 && events[2].detail == NULL && strcmp("Code", events[2].code) == 0);
    finish();
}

static void one_that_cannot_be_written_takes_no_other_with_it(void)
{
    start();
    struct ingest_stream known = stream;
    add("Session Created", 0, 0, 0);
    stream.channel.id = (struct channel_id){"nosuchchanel"};
    memcpy(stream.id, "st-00000000000000000000002", sizeof(stream.id));
    add("Session Created", 0, 0, 0);
    stream = known;
    add("Session Ended", 1000000, 0, FIXTURE_NOW_US + 1000000);
    write_all();
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM stream_sessions WHERE NOT is_open"));
    CHECK_EQ(2, fixture_number(&f, "SELECT count(*) FROM stream_events"));
    CHECK_EQ(1, metrics_sum(&metrics, 1, METRIC_STORE_LOST_EVENTS));
    finish();
}

static void on_timer(struct loop *this_loop, void *arg)
{
    (void)this_loop;
    (void)arg;
    CHECK_EQ(0, metrics_sum(&metrics, 1, METRIC_STORE_LOST_EVENTS));
    CHECK(metrics_sum(&metrics, 1, METRIC_STORE_FAILURES) > 0);
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM stream_sessions"));
    CHECK_EQ(-1, fixture_number(&f, "ALTER TABLE away RENAME TO stream_events"));
}

/* The table is away for a moment, as the disk might be. */
static void what_fails_is_tried_again(void)
{
    start();
    CHECK_EQ(-1, fixture_number(&f, "ALTER TABLE stream_events RENAME TO away"));
    add("Session Created", 0, 0, 0);
    add("Stream Start", 1000000, FIXTURE_NOW_US + 1000000, 0);
    struct loop_timer timer = {0};
    loop_timer_start(loop, &timer, 300000, on_timer, NULL);
    write_all();
    struct store_session_event *events = NULL;
    size_t count = 0;
    CHECK_EQ(ERR_OK, store_session_events(f.store, stream.id, &f.arena, &events, &count));
    CHECK_EQ(2, count);
    CHECK(count == 2 && strcmp("Session Created", events[0].name) == 0);
    finish();
}

static void samples_are_written_together(void)
{
    start();
    struct store_session_change change = {.session_id = stream.id,
                                          .channel_id = stream.channel.id.at,
                                          .channel_type = "BASIC",
                                          .started_at_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_sessions_write(f.store, &change, 1, FIXTURE_NOW_US));
    struct samples_row row = {.slot_us = FIXTURE_NOW_US,
                              .bitrate = {.sum = 10, .min = 2, .max = 3, .count = 4}};
    session_log_add_sample(session_log, stream.id, &row, 7);
    row.slot_us += 5000000;
    session_log_add_sample(session_log, stream.id, &row, 6);
    write_all();
    CHECK_EQ(2, fixture_number(&f, "SELECT count(*) FROM metric_points"));
    CHECK_EQ(7, fixture_number(&f, "SELECT peak_viewers FROM stream_sessions"));
    CHECK_EQ(6, fixture_number(&f, "SELECT viewer_count FROM stream_sessions"));
    finish();
}

int main(void)
{
    RUN(changes_are_written_in_their_order);
    RUN(one_that_cannot_be_written_takes_no_other_with_it);
    RUN(what_fails_is_tried_again);
    RUN(samples_are_written_together);
    return check_report();
}
