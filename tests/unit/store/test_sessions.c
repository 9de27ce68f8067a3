#include "fixture.h"

#define T0     FIXTURE_NOW_US
#define SECOND ((int64_t)1000000)

static const char *const change_type = "IVS Stream State Change";
static struct fixture f;
static struct store_channel channel;

static struct store_session_change open_change(const char *id, const struct store_event *events,
                                               size_t count)
{
    return (struct store_session_change){
        .session_id = id,
        .channel_id = channel.id.at,
        .channel_type = "BASIC",
        .started_at_us = T0,
        .is_healthy = true,
        .events = events,
        .event_count = count,
    };
}

static enum err write_one(const struct store_session_change *change, int64_t now_us)
{
    return store_sessions_write(f.store, change, 1, now_us);
}

static struct store_session newest(void)
{
    struct store_session session = {0};
    CHECK_EQ(ERR_OK, store_session_find_newest(f.store, &channel.id, &f.arena, &session));
    return session;
}

static size_t read_events(const char *id, struct store_session_event **out)
{
    size_t count = 99;
    CHECK_EQ(ERR_OK, store_session_events(f.store, id, &f.arena, out, &count));
    return count;
}

static void a_channel_that_never_streamed_has_no_session(void)
{
    struct store_session session;
    CHECK_EQ(ERR_NOT_FOUND, store_session_find_newest(f.store, &channel.id, &f.arena, &session));
    struct store_session_event *events;
    CHECK_EQ(0, read_events("st-aaaaaaaaaaaaaaaaaaaaaaa", &events));
}

static void a_session_goes_from_open_to_live_to_ended(void)
{
    const char *id = "st-00000000000000000000001";
    struct store_event created = {.time_us = T0, .type = change_type, .name = "Session Created"};
    struct store_session_change change = open_change(id, &created, 1);
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    struct store_session session = newest();
    CHECK(strcmp(id, session.id) == 0);
    CHECK_EQ(T0, session.started_at_us);
    CHECK_EQ(0, session.live_at_us);
    CHECK_EQ(0, session.ended_at_us);
    CHECK(session.is_healthy && !session.has_error_event);
    CHECK(session.ingest_config == NULL);

    struct store_event live = {
        .time_us = T0 + 2 * SECOND, .type = change_type, .name = "Stream Start"};
    change = open_change(id, &live, 1);
    change.live_at_us = T0 + 2 * SECOND;
    change.ingest_config = "{\"video\":{\"videoWidth\":1280}}";
    CHECK_EQ(ERR_OK, write_one(&change, T0 + 2 * SECOND));
    session = newest();
    CHECK_EQ(T0 + 2 * SECOND, session.live_at_us);
    CHECK(fixture_is_json("{\"video\":{\"videoWidth\":1280}}", session.ingest_config));

    struct store_event ends[] = {
        {.time_us = T0 + 9 * SECOND, .type = change_type, .name = "Stream End", .code = "Stopped"},
        {.time_us = T0 + 9 * SECOND,
         .type = change_type,
         .name = "Session Ended",
         .code = "Stopped",
         .detail = "{}"},
    };
    change = open_change(id, ends, 2);
    change.ended_at_us = T0 + 9 * SECOND;
    change.has_error_event = true;
    change.is_healthy = false;
    CHECK_EQ(ERR_OK, write_one(&change, T0 + 9 * SECOND));
    session = newest();
    CHECK_EQ(T0 + 9 * SECOND, session.ended_at_us);
    CHECK_EQ(T0 + 2 * SECOND, session.live_at_us); /* known things stay known */
    CHECK(session.ingest_config != NULL);
    CHECK(!session.is_healthy && session.has_error_event);
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM stream_sessions WHERE is_open"));

    struct store_session_event *events = NULL;
    CHECK_EQ(4, read_events(id, &events));
    CHECK(strcmp("Session Created", events[0].name) == 0);
    CHECK(strcmp("Stream Start", events[1].name) == 0);
    CHECK(strcmp("Stream End", events[2].name) == 0);
    CHECK(strcmp("Session Ended", events[3].name) == 0);
    CHECK(events[0].code == NULL && events[0].detail == NULL);
    CHECK(strcmp("Stopped", events[3].code) == 0);
    CHECK(strcmp("{}", events[3].detail) == 0);
    CHECK(strcmp(change_type, events[3].type) == 0);
    CHECK_EQ(T0 + 9 * SECOND, events[3].time_us);
}

static void writing_a_change_again_does_nothing(void)
{
    const char *id = "st-00000000000000000000002";
    struct store_event created = {.time_us = T0, .type = change_type, .name = "Session Created"};
    struct store_session_change change = open_change(id, &created, 1);
    change.ended_at_us = T0 + SECOND;
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    struct store_session_event *events;
    CHECK_EQ(1, read_events(id, &events));
}

static void an_ended_session_cannot_be_opened_again(void)
{
    const char *id = "st-00000000000000000000003";
    struct store_session_change change = open_change(id, NULL, 0);
    change.ended_at_us = T0 + SECOND;
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    change.ended_at_us = 0;
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    CHECK_EQ(0, fixture_number(&f, "SELECT is_open FROM stream_sessions"
                                   " WHERE id = 'st-00000000000000000000003'"));
}

static void opening_a_session_closes_the_other_one_at_its_last_activity(void)
{
    struct store_session_change old = open_change("st-00000000000000000000004", NULL, 0);
    old.live_at_us = T0;
    CHECK_EQ(ERR_OK, write_one(&old, T0 + 5 * SECOND));
    struct store_session_change new = open_change("st-00000000000000000000005", NULL, 0);
    new.started_at_us = T0 + 60 * SECOND;
    CHECK_EQ(ERR_OK, write_one(&new, T0 + 60 * SECOND));
    CHECK_EQ((T0 + 5 * SECOND) / 1000,
             fixture_number(&f, "SELECT ended_at FROM stream_sessions"
                                " WHERE id = 'st-00000000000000000000004'"));
    struct store_session_event *events;
    CHECK_EQ(2, read_events("st-00000000000000000000004", &events));
    CHECK(strcmp("Stream End", events[0].name) == 0);
    CHECK(strcmp("Session Ended", events[1].name) == 0);
    CHECK(strcmp("st-00000000000000000000005", newest().id) == 0);
}

static void a_batch_is_written_entirely_or_not_at_all(void)
{
    struct store_event event = {.time_us = T0, .type = change_type, .name = "Session Created"};
    struct store_session_change batch[] = {
        open_change("st-00000000000000000000006", &event, 1),
        open_change("st-00000000000000000000007", &event, 1),
    };
    batch[1].channel_id = "nosuchchanel";
    CHECK_EQ(ERR_NOT_FOUND, store_sessions_write(f.store, batch, 2, T0));
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM stream_sessions"
                                   " WHERE id = 'st-00000000000000000000006'"));

    struct store_event bad = {
        .time_us = T0, .type = change_type, .name = "Session Created", .detail = "{not json"};
    batch[0].events = &bad;
    CHECK_EQ(ERR_IO, store_sessions_write(f.store, batch, 1, T0));
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM stream_sessions"
                                   " WHERE id = 'st-00000000000000000000006'"));
}

static void a_restart_ends_what_this_node_left_open(void)
{
    struct store_session_change mine = open_change("st-00000000000000000000008", NULL, 0);
    mine.live_at_us = T0;
    mine.started_at_us = T0 + 100 * SECOND;
    CHECK_EQ(ERR_OK, write_one(&mine, T0 + 130 * SECOND));
    CHECK_EQ(1, fixture_number(&f, "UPDATE stream_sessions SET node = 'node-b'"
                                   " WHERE id = 'st-00000000000000000000008' RETURNING 1"));
    unsigned count = 99;
    CHECK_EQ(ERR_OK, store_sessions_end_open(f.store, T0 + 500 * SECOND, &count));
    CHECK_EQ(0, count);
    CHECK_EQ(1, fixture_number(&f, "UPDATE stream_sessions SET node = 'node-a'"
                                   " WHERE id = 'st-00000000000000000000008' RETURNING 1"));
    CHECK_EQ(ERR_OK, store_sessions_end_open(f.store, T0 + 500 * SECOND, &count));
    CHECK_EQ(1, count);
    CHECK_EQ(T0 + 130 * SECOND, newest().ended_at_us);
    struct store_session_event *events;
    CHECK_EQ(2, read_events("st-00000000000000000000008", &events));
    CHECK(strcmp("ServerRestart", events[1].code) == 0);
    CHECK_EQ(ERR_OK, store_sessions_end_open(f.store, T0 + 500 * SECOND, &count));
    CHECK_EQ(0, count);
}

static void a_session_that_never_was_live_ends_without_a_stream_end(void)
{
    struct store_session_change change = open_change("st-00000000000000000000009", NULL, 0);
    CHECK_EQ(ERR_OK, write_one(&change, T0));
    CHECK_EQ(ERR_OK, store_sessions_end_open(f.store, T0 + SECOND, NULL));
    struct store_session_event *events;
    CHECK_EQ(1, read_events("st-00000000000000000000009", &events));
    CHECK(strcmp("Session Ended", events[0].name) == 0);
}

int main(void)
{
    fixture_start(&f);
    struct channel_key key;
    channel = fixture_channel(&f, "sessions_", &key);
    RUN(a_channel_that_never_streamed_has_no_session);
    RUN(a_session_goes_from_open_to_live_to_ended);
    RUN(writing_a_change_again_does_nothing);
    RUN(an_ended_session_cannot_be_opened_again);
    RUN(opening_a_session_closes_the_other_one_at_its_last_activity);
    RUN(a_batch_is_written_entirely_or_not_at_all);
    RUN(a_restart_ends_what_this_node_left_open);
    RUN(a_session_that_never_was_live_ends_without_a_stream_end);
    fixture_finish(&f);
    return check_report();
}
