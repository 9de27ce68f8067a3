#include "domain/streams/session.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t wall_zero_us = 1770000000000000;
static const struct session_limits limits = {30000000, 172800000000};

static struct session session;
static struct event_batch batch;

/* The wall clock runs along, far away. */
static struct session_now at(int64_t second)
{
    return (struct session_now){second * second_us, wall_zero_us + second * second_us};
}

/* What was added since the last look: "Stream End/Timeout Session Ended/Timeout". */
static const char *news(void)
{
    static char text[256];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < batch.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s%s", i > 0 ? ", " : "",
                                batch.items[i].name, batch.items[i].code != NULL ? "/" : "",
                                batch.items[i].code != NULL ? batch.items[i].code : "");
    batch.count = 0;
    return text;
}

#define CHECK_NEWS(want) check_news(want, __LINE__)

static void check_news(const char *want, int line)
{
    const char *got = news();
    if (strcmp(want, got) != 0)
        printf("line %d: want \"%s\", got \"%s\"\n", line, want, got);
    CHECK(strcmp(want, got) == 0);
}

static void begin(void)
{
    batch.count = 0;
    session = session_open(&limits, at(0), &batch);
}

static void begin_live(void)
{
    begin();
    session_note_media(&session, at(1));
    session_note_playable(&session, at(3), &batch);
    batch.count = 0;
}

static bool tick(int64_t second)
{
    return session_tick(&session, at(second), &batch);
}

static void a_clean_stream_has_four_events(void)
{
    begin();
    CHECK_EQ(SESSION_OPEN, session.state);
    CHECK_NEWS("Session Created");
    session_note_media(&session, at(1));
    session_note_playable(&session, at(3), &batch);
    CHECK_EQ(SESSION_LIVE, session.state);
    CHECK_EQ(wall_zero_us + 3 * second_us, session.live_at_us);
    CHECK_NEWS("Stream Start");
    session_note_playable(&session, at(4), &batch); /* once only */
    CHECK_NEWS("");
    session_finish(&session, SESSION_END_CLEAN, at(60), &batch);
    CHECK_EQ(SESSION_ENDED, session.state);
    CHECK_EQ(wall_zero_us + 60 * second_us, session.ended_at_us);
    CHECK_NEWS("Stream End, Session Ended");
    session_finish(&session, SESSION_END_STOPPED, at(61), &batch);
    session_lose(&session, at(61), &batch);
    session_note_playable(&session, at(61), &batch);
    session_resume(&session, at(61));
    CHECK(!tick(1000000));
    CHECK_NEWS("");
    CHECK_EQ(SESSION_ENDED, session.state);
    CHECK_EQ(INT64_MAX, session_due_us(&session));
}

static void a_publisher_lost_before_anything_played_ends_it(void)
{
    begin();
    session_note_media(&session, at(1));
    batch.count = 0;
    session_lose(&session, at(2), &batch);
    CHECK_EQ(SESSION_ENDED, session.state);
    CHECK_NEWS("Session Ended");
}

static void no_media_in_fifteen_seconds_is_a_timeout(void)
{
    begin();
    batch.count = 0;
    CHECK_EQ(15 * second_us, session_due_us(&session));
    CHECK(!tick(14));
    CHECK(tick(15));
    CHECK_NEWS("Session Ended/Timeout");
}

static void silence_of_thirty_seconds_is_a_timeout(void)
{
    begin_live();
    session_note_media(&session, at(10));
    CHECK(!tick(39));
    CHECK(tick(40));
    CHECK_NEWS("Stream End/Timeout, Session Ended/Timeout");
    CHECK_EQ(wall_zero_us + 40 * second_us, session.ended_at_us);
}

/* IN-t7: return after 1 and 29 s, not after 31. */
static void a_lost_publisher_may_return_within_the_window(void)
{
    static const int64_t returns[] = {1, 29};
    for (size_t i = 0; i < 2; i++) {
        begin_live();
        session_note_media(&session, at(9));
        session_lose(&session, at(10), &batch);
        CHECK_EQ(SESSION_GRACE, session.state);
        CHECK_NEWS("");
        CHECK(!tick(10 + returns[i]));
        session_resume(&session, at(10 + returns[i]));
        CHECK_EQ(SESSION_LIVE, session.state);
        CHECK_EQ((10 + returns[i] + 15) * second_us, session_due_us(&session)); /* first media */
        session_note_media(&session, at(11 + returns[i]));
        CHECK(!tick(10 + returns[i] + 30));
        CHECK_NEWS("");
    }
    begin_live();
    session_note_media(&session, at(9));
    session_lose(&session, at(10), &batch);
    CHECK(!tick(39));
    CHECK(tick(40));
    CHECK_NEWS("Stream End, Session Ended");
    CHECK_EQ(wall_zero_us + 9 * second_us, session.ended_at_us); /* the last media */
    CHECK_EQ(SESSION_ENDED, session.state);
}

static void grace_is_not_entered_twice(void)
{
    begin_live();
    session_lose(&session, at(10), &batch);
    session_lose(&session, at(20), &batch);
    CHECK_EQ(SESSION_GRACE, session.state);
    CHECK_EQ(40 * second_us, session_due_us(&session));
    session_note_playable(&session, at(21), &batch);
    CHECK_EQ(SESSION_GRACE, session.state);
}

static void without_a_window_a_loss_is_the_end(void)
{
    batch.count = 0;
    session = session_open(&(struct session_limits){0, limits.max_session_us}, at(0), &batch);
    session_note_playable(&session, at(3), &batch);
    batch.count = 0;
    session_lose(&session, at(10), &batch);
    CHECK_NEWS("Stream End, Session Ended");
}

static void a_stop_in_grace_ends_with_the_last_media(void)
{
    begin_live();
    session_note_media(&session, at(9));
    session_lose(&session, at(10), &batch);
    session_finish(&session, SESSION_END_STOPPED, at(20), &batch);
    CHECK_NEWS("Stream End/Stopped, Session Ended/Stopped");
    CHECK_EQ(wall_zero_us + 9 * second_us, session.ended_at_us);
}

static void the_longest_session_ends_in_any_state(void)
{
    int64_t longest = 172800;
    begin_live();
    session_note_media(&session, at(longest - 1));
    CHECK(!tick(longest - 1));
    CHECK(tick(longest));
    CHECK_NEWS("Stream End/MaxDuration, Session Ended/MaxDuration");
    begin_live();
    session_note_media(&session, at(longest - 5));
    session_lose(&session, at(longest - 4), &batch);
    CHECK(tick(longest));
    CHECK_NEWS("Stream End/MaxDuration, Session Ended/MaxDuration");
}

static void codes_have_their_public_names(void)
{
    static const struct {
        enum session_end end;
        const char *news;
    } cases[] = {
        {SESSION_END_CLEAN, "Session Ended"},
        {SESSION_END_TIMEOUT, "Session Ended/Timeout"},
        {SESSION_END_MAX_DURATION, "Session Ended/MaxDuration"},
        {SESSION_END_STOPPED, "Session Ended/Stopped"},
        {SESSION_END_KEY_RESET, "Session Ended/KeyReset"},
        {SESSION_END_INGEST_LIMIT, "Session Ended/IngestLimit"},
        {SESSION_END_SERVER_RESTART, "Session Ended/ServerRestart"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        batch.count = 0;
        session_finish(&session, cases[i].end, at(5), &batch);
        CHECK_EQ(0, strcmp(EVENT_STATE, batch.items[0].type));
        CHECK_EQ(wall_zero_us + 5 * second_us, batch.items[0].time_us);
        CHECK_NEWS(cases[i].news);
        CHECK_EQ(cases[i].end == SESSION_END_CLEAN, session_end_reason(cases[i].end) == NULL);
    }
}

static void health_and_errors_follow_the_events(void)
{
    begin_live();
    CHECK(session.is_healthy && !session.has_error_event);
    struct event_batch found = {0};
    event_add(&found, 1, EVENT_HEALTH, "Starvation Start", NULL);
    session_note_events(&session, &found);
    CHECK(!session.is_healthy && !session.has_error_event);
    found.count = 0;
    event_add(&found, 1, EVENT_ADVICE, "Keyframe Interval", NULL);
    session_note_events(&session, &found);
    CHECK(!session.is_healthy && !session.has_error_event);
    found.count = 0;
    event_add(&found, 1, EVENT_HEALTH, "Starvation End", NULL);
    event_add(&found, 1, EVENT_LIMIT, "Ingest Bitrate", NULL);
    session_note_events(&session, &found);
    CHECK(session.is_healthy && session.has_error_event);
    found.count = 0;
    event_add(&found, 1, EVENT_HEALTH, "Starvation End", NULL);
    session_note_events(&session, &found);
    CHECK(session.has_error_event); /* for good */
}

int main(void)
{
    RUN(a_clean_stream_has_four_events);
    RUN(a_publisher_lost_before_anything_played_ends_it);
    RUN(no_media_in_fifteen_seconds_is_a_timeout);
    RUN(silence_of_thirty_seconds_is_a_timeout);
    RUN(a_lost_publisher_may_return_within_the_window);
    RUN(grace_is_not_entered_twice);
    RUN(without_a_window_a_loss_is_the_end);
    RUN(a_stop_in_grace_ends_with_the_last_media);
    RUN(the_longest_session_ends_in_any_state);
    RUN(codes_have_their_public_names);
    RUN(health_and_errors_follow_the_events);
    return check_report();
}
