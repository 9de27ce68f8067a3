#include "domain/streams/session.h"

#include <stddef.h>
#include <string.h>

static const int64_t first_media_us = 15000000;
static const int64_t silence_us = 30000000;

static const struct {
    const char *code, *reason;
} ends[] = {
    [SESSION_END_CLEAN] = {NULL, NULL},
    [SESSION_END_TIMEOUT] = {"Timeout", "No audio or video arrived for too long."},
    [SESSION_END_MAX_DURATION] = {"MaxDuration", "The stream reached the longest time allowed."},
    [SESSION_END_STOPPED] = {"Stopped", "The stream was stopped."},
    [SESSION_END_KEY_RESET] = {"KeyReset", "The stream key was changed."},
    [SESSION_END_INGEST_LIMIT] = {"IngestLimit", "The stream is over the limits of its channel."},
    [SESSION_END_SERVER_RESTART] = {"ServerRestart", "The server is restarting."},
};

const char *session_end_reason(enum session_end end)
{
    return ends[end].reason;
}

struct session session_open(const struct session_limits *limits, struct session_now now,
                            struct event_batch *out)
{
    event_add(out, now.wall_us, EVENT_STATE, "Session Created", NULL);
    return (struct session){
        .state = SESSION_OPEN,
        .limits = *limits,
        .started_at_us = now.wall_us,
        .is_healthy = true,
        .opened_us = now.mono_us,
        .publisher_since_us = now.mono_us,
    };
}

void session_note_media(struct session *session, struct session_now now)
{
    session->has_media = true;
    session->media_us = now.mono_us;
    session->media_wall_us = now.wall_us;
}

void session_note_playable(struct session *session, struct session_now now, struct event_batch *out)
{
    if (session->state != SESSION_OPEN)
        return;
    session->state = SESSION_LIVE;
    session->live_at_us = now.wall_us;
    event_add(out, now.wall_us, EVENT_STATE, "Stream Start", NULL);
}

/* `ended_at_us`: wall clock, for the row; the events carry the moment at which they are told. */
static void end(struct session *session, enum session_end why, int64_t ended_at_us,
                struct session_now now, struct event_batch *out)
{
    if (session->live_at_us != 0)
        event_add(out, now.wall_us, EVENT_STATE, "Stream End", ends[why].code);
    event_add(out, now.wall_us, EVENT_STATE, "Session Ended", ends[why].code);
    session->state = SESSION_ENDED;
    session->ended_at_us = ended_at_us;
}

void session_finish(struct session *session, enum session_end why, struct session_now now,
                    struct event_batch *out)
{
    if (session->state == SESSION_ENDED)
        return;
    /* Nothing has come since the publisher was lost. */
    bool is_over = session->state == SESSION_GRACE && session->media_wall_us != 0;
    end(session, why, is_over ? session->media_wall_us : now.wall_us, now, out);
}

void session_lose(struct session *session, struct session_now now, struct event_batch *out)
{
    if (session->state == SESSION_LIVE && session->limits.reconnect_window_us > 0) {
        session->state = SESSION_GRACE;
        session->lost_us = now.mono_us;
        return;
    }
    if (session->state == SESSION_OPEN || session->state == SESSION_LIVE)
        session_finish(session, SESSION_END_CLEAN, now, out);
}

void session_resume(struct session *session, struct session_now now)
{
    if (session->state == SESSION_ENDED)
        return;
    if (session->state == SESSION_GRACE)
        session->state = SESSION_LIVE;
    session->has_media = false;
    session->publisher_since_us = now.mono_us;
}

void session_note_events(struct session *session, const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->items[i];
        if (strcmp(event->type, EVENT_HEALTH) == 0)
            session->is_healthy = strcmp(event->name, "Starvation Start") != 0;
        session->has_error_event |= event_is_error(event);
    }
}

static int64_t silence_due_us(const struct session *session)
{
    if (!session->has_media)
        return session->publisher_since_us + first_media_us;
    return session->media_us + silence_us;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t session_due_us(const struct session *session)
{
    if (session->state == SESSION_ENDED)
        return INT64_MAX;
    int64_t longest = session->opened_us + session->limits.max_session_us;
    if (session->state == SESSION_GRACE)
        return earlier(longest, session->lost_us + session->limits.reconnect_window_us);
    return earlier(longest, silence_due_us(session));
}

bool session_tick(struct session *session, struct session_now now, struct event_batch *out)
{
    if (now.mono_us < session_due_us(session))
        return false;
    bool is_long = now.mono_us >= session->opened_us + session->limits.max_session_us;
    enum session_end silent =
        session->state == SESSION_GRACE ? SESSION_END_CLEAN : SESSION_END_TIMEOUT;
    session_finish(session, is_long ? SESSION_END_MAX_DURATION : silent, now, out);
    return true;
}
