/*
 * A stream session's life: OPEN, LIVE, GRACE, ENDED, and the events that go with each step (api
 * 6.5, 6.6; media spec §1.11). Pure: the owner says what happened and when, and asks what is due.
 */
#pragma once

#include "domain/streams/event.h"

#include <stdbool.h>
#include <stdint.h>

enum session_state {
    SESSION_OPEN,  /* a publisher is there, nothing can be played yet */
    SESSION_LIVE,  /* the first segment could be fetched */
    SESSION_GRACE, /* the publisher is lost and may come back */
    SESSION_ENDED,
};

/* Why it ended, as the code of its last events. */
enum session_end {
    SESSION_END_CLEAN,   /* by the encoder, or GRACE ran out: no code */
    SESSION_END_TIMEOUT, /* no media */
    SESSION_END_MAX_DURATION,
    SESSION_END_STOPPED,
    SESSION_END_KEY_RESET,
    SESSION_END_INGEST_LIMIT,
    SESSION_END_SERVER_RESTART,
};

struct session_limits {
    int64_t reconnect_window_us;
    int64_t max_session_us;
};

/* Both clocks at one moment: rules count on the monotonic one, events carry the wall clock. */
struct session_now {
    int64_t mono_us;
    int64_t wall_us;
};

struct session {
    enum session_state state;
    struct session_limits limits;
    int64_t started_at_us; /* wall clock */
    int64_t live_at_us;    /* wall clock; 0: not yet */
    int64_t ended_at_us;   /* wall clock; 0: open */
    bool is_healthy;
    bool has_error_event;

    int64_t opened_us; /* monotonic, as all below */
    int64_t lost_us;
    int64_t publisher_since_us;
    bool has_media; /* from this publisher */
    int64_t media_us;
    int64_t media_wall_us; /* wall clock of the last media; 0: there was none */
};

/* Session Created. */
struct session session_open(const struct session_limits *, struct session_now,
                            struct event_batch *);

void session_note_media(struct session *, struct session_now);

/* The first segment can be fetched: Stream Start. Ignored but in OPEN. */
void session_note_playable(struct session *, struct session_now, struct event_batch *);

/* The connection broke: LIVE goes to GRACE (to ENDED without a window), OPEN to ENDED. */
void session_lose(struct session *, struct session_now, struct event_batch *);

/* A publisher is there: the first one's successor by takeover, or one that returned in GRACE. */
void session_resume(struct session *, struct session_now);

/* Stream End, if it had been live, and Session Ended. Ignored once ENDED. */
void session_finish(struct session *, enum session_end, struct session_now, struct event_batch *);

/* Takes over what health or the packager found: isHealthy and hasErrorEvent follow. */
void session_note_events(struct session *, const struct event_batch *);

/* When session_tick() must be called next, monotonic; INT64_MAX: never. */
int64_t session_due_us(const struct session *);

/* What time does to it: no media, silence, GRACE running out, the longest session. True: ENDED by
 * this call, and a publisher that is still connected must be closed. */
bool session_tick(struct session *, struct session_now, struct event_batch *);

/* Sentence for the encoder, or NULL when none is due. */
const char *session_end_reason(enum session_end);
