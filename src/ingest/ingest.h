/*
 * Ingest over RTMP and RTMPS (media spec §1): takes accepted connections, lets the rules of
 * domain/streams decide, and turns what an encoder sends into a source of frames.
 *
 * One `struct ingest` serves all loops. A connection starts on the loop that accepted it; once its
 * stream key is known it moves to the home loop of its channel, where the channel's publisher,
 * session, source and all their subscribers live. What the hooks are told, and the calls that take
 * a struct ingest_stream, are on that loop. The rest says where it may be called.
 */
#pragma once

#include "base/err.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/slice.h"
#include "base/str.h"
#include "domain/channels/channel.h"
#include "domain/streams/event.h"
#include "domain/streams/intake.h"
#include "domain/streams/limits.h"
#include "loop/conn.h"
#include "loop/loop.h"
#include "media/source.h"
#include "metrics/metrics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INGEST_STREAM_ID_LEN = 26 /* "st-" and 23 characters */ };

struct ingest;

/* What ingest needs to know of a channel. */
struct ingest_channel {
    struct channel_id id;
    char name[CHANNEL_NAME_MAX + 1];
    enum limits_type type;
};

/* A session from Session Created to Session Ended. Valid between on_open and on_end. */
struct ingest_stream {
    struct ingest_channel channel;
    char id[INGEST_STREAM_ID_LEN + 1];
    struct loop *loop; /* its home */
    struct source *source;
    const struct intake *intake;
};

/* The session's row as it now is, and the events that brought it there; valid during the call. */
struct ingest_change {
    const struct ingest_stream *stream;
    int64_t started_at_us; /* wall clock, as all here */
    int64_t live_at_us;    /* 0: not yet */
    int64_t ended_at_us;   /* 0: open */
    bool is_healthy;
    bool has_error_event;
    const char *ingest_config; /* JSON, or NULL while it is not known */
    const struct event *events;
    size_t event_count;
};

/* The answer to find_key: ERR_OK with the channel, ERR_NOT_FOUND, or another: could not look. */
typedef void (*ingest_key_fn)(void *reply_arg, enum err, const struct ingest_channel *);

/* The answer to ingest_put_metadata(): ERR_OK; ERR_NOT_FOUND: the channel is not live; ERR_LIMIT:
 * too many a second; ERR_MALFORMED: not 1 to 1024 bytes of UTF-8 without NUL. */
typedef void (*ingest_metadata_fn)(void *reply_arg, enum err);

struct ingest_hooks {
    /* Whose key is it? Copy the key. `reply` must be called exactly once, later (never inside this
     * call), on the same loop. */
    void (*find_key)(void *arg, struct loop *, struct secret key, ingest_key_fn reply,
                     void *reply_arg);
    /* A session opened: subscribe to its source. No frame was sent yet. */
    void (*on_open)(void *arg, const struct ingest_stream *);
    /* To be written in one transaction, in the order of the calls. */
    void (*on_change)(void *arg, const struct ingest_change *);
    /* The publisher is lost (GRACE); SOURCE_BREAK was sent. It is back with the next frame. */
    void (*on_lost)(void *arg, const struct ingest_stream *);
    /* What the encoder says it sends, audio and video together. */
    void (*on_bitrate)(void *arg, const struct ingest_stream *, uint64_t bps);
    /* SOURCE_END was sent; unsubscribe. The stream is gone when this returns. */
    void (*on_end)(void *arg, const struct ingest_stream *);
    /* Something for the owner that belongs to no session (refused publish). May be NULL. */
    void (*on_notice)(void *arg, const struct ingest_channel *, const struct event *);
    void *arg;
};

struct ingest_options {
    struct loop *const *loops; /* all of them; they outlive ingest. The first keeps the tables of
                                  addresses and node-wide rates */
    struct metrics *const *metrics; /* one a loop; NULL: count nothing */
    size_t loop_count;
    bool insecure_ingest;   /* plain RTMP is fine from anywhere */
    const char *public_url; /* "rtmps://…/app/", named when plain RTMP is refused */
    int64_t reconnect_window_us;
    int64_t max_session_us;
    unsigned max_live_streams;
    struct random *random;
    struct ingest_hooks hooks;
};

/* Before the loops run, or on the first loop. Texts and arrays are borrowed. */
struct ingest *ingest_create(const struct ingest_options *);

/* After ingest_drain() has replied, or without any connection ever accepted. */
void ingest_destroy(struct ingest *);

/* Take a connection that was just accepted, plain or after its TLS handshake: the on_accept of an
 * RTMP listener. On the connection's loop. */
void ingest_accept(struct ingest *, struct conn *);

/* The same for a connection of which `bytes` were read already (media rule IN-2). */
void ingest_accept_with(struct ingest *, struct conn *, const uint8_t *bytes, size_t len);

/* Where everything of a channel lives. Any thread. */
struct loop *ingest_home_loop(const struct ingest *, struct str channel_id);

/* The first segment can be fetched: the session is LIVE. `stream_id` may be of one that ended. */
void ingest_set_playable(struct ingest *, struct str channel_id, struct str stream_id);

/* Health found something: write it with the session's row. On the home loop; may be late. */
void ingest_report(struct ingest *, struct str channel_id, struct str stream_id,
                   const struct event_batch *);

/* Why a session is stopped from outside. */
enum ingest_stop {
    INGEST_STOPPED,   /* by the owner or an administrator */
    INGEST_KEY_RESET, /* the old key must not go on */
    INGEST_LIMIT,     /* a limit of its channel type */
};

/* Ends a channel's session and, unless its key was reset, refuses that for 10 s with `reason`, a
 * sentence (media rule IN-25). Nothing happens when it is not live. Any loop; done later. */
void ingest_stop(struct ingest *, struct str channel_id, enum ingest_stop, struct str reason);

/* Any loop; `reply` comes later on `from`, which is the caller's. */
void ingest_put_metadata(struct ingest *, struct loop *from, struct str channel_id, struct str text,
                         ingest_metadata_fn reply, void *reply_arg);

/* SIGTERM: refuse newcomers, end all sessions (code ServerRestart), close all connections. Any
 * loop, once. `reply` comes on the first loop when the last one is gone. */
void ingest_drain(struct ingest *, void (*reply)(void *reply_arg), void *reply_arg);
