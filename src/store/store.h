/*
 * What must survive a restart, in the language of the domain: channels with their stream keys,
 * stream sessions with their events, health samples. SQL stays behind this header.
 *
 * Every call blocks, on disk or on another writer. In the daemon, call from loop_work() jobs only;
 * the command line calls from its main thread. Any thread. A write that returned ERR_OK is on disk
 * (store_samples_write() excepted).
 *
 * Contract: api 5 (data model), 6 (samples, session states, events).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/str.h"
#include "domain/channels/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_KEY_LEN = 32, STORE_SESSION_ID_LEN = 26 /* "st-" and 23 characters */ };

struct store;

struct store_options {
    const char *path;       /* of the SQLite file; its folder exists */
    const char *url;        /* of a PostgreSQL database, without password; NULL: the file */
    struct secret password; /* for the URL; empty: none is needed */
    const char *node;       /* this daemon's name: whose open sessions to end at start */
    unsigned connections;   /* to the database, those for writing the file apart */
    /* Stream keys are looked up by a MAC and shown by decryption; both under keys derived from this
     * one, `secrets.storeKey`. */
    uint8_t key[STORE_KEY_LEN];
};

/* Connects, or opens or creates the file; store_migrate() must follow before anything else. Logs
 * failures. */
MUST_USE enum err store_open(const struct store_options *, struct store **out);
void store_close(struct store *);

/* Brings the schema up to date, one transaction a migration. `*out_applied` may be NULL.
 * ERR_UNSUPPORTED: the database was written by a newer version. */
MUST_USE enum err store_migrate(struct store *, int64_t now_us, unsigned *out_applied);

/* --- Channels --- */

struct store_channel {
    struct channel_id id;
    char name[CHANNEL_NAME_MAX + 1]; /* as typed */
    const char *type;                /* BASIC, STANDARD, … */
    const char *avatar;
    const char *color;
    const char *title;
    const char *bio;
    const char *language;    /* NULL: not set */
    const char *tags;        /* JSON array of strings */
    const char *tracking_id; /* lower-cased channel id, perhaps with a suffix */
    bool mature;
    int64_t follower_count;
    int64_t created_at_us;
};

struct store_new_channel {
    struct str name; /* passed channel_name_check() */
    struct str region;
    const char *type;
    struct random *random;
    int64_t now_us;
};

/* Creates the account that owns it too: active, without a password, so nobody can sign in to it.
 * `*out_key` is the new stream key. ERR_CONFLICT: the name is taken. */
MUST_USE enum err store_channel_create(struct store *, const struct store_new_channel *,
                                       struct arena *, struct store_channel *out,
                                       struct channel_key *out_key);

struct store_provision {
    const char *user_id;
    struct str region;
    const char *type;
    struct random *random;
    int64_t now_us;
};

/* Channel, chat room and stream key for an account that has none. ERR_CONFLICT: it has them;
 * ERR_NOT_FOUND: there is no such account. */
MUST_USE enum err store_channel_provision(struct store *, const struct store_provision *);

/* Texts live in the arena. By name, any letter case. ERR_NOT_FOUND. */
MUST_USE enum err store_channel_find(struct store *, struct str name, struct arena *,
                                     struct store_channel *out);

/* Whose stream key this is. ERR_NOT_FOUND; a malformed one takes the same path. */
MUST_USE enum err store_channel_find_by_key(struct store *, struct secret key, struct arena *,
                                            struct store_channel *out);

/* By name, in the order of creation. */
MUST_USE enum err store_channel_list(struct store *, struct arena *, struct store_channel **out,
                                     size_t *out_count);

/* The stream key, decrypted. ERR_DENIED: stored under another secret key. */
MUST_USE enum err store_channel_show_key(struct store *, const struct channel_id *,
                                         struct channel_key *out);

/* --- Stream sessions --- */

struct store_event {
    int64_t time_us;
    const char *type;   /* "IVS Stream State Change", … */
    const char *name;   /* "Stream Start", … */
    const char *code;   /* or NULL */
    const char *detail; /* JSON object, or NULL */
};

/*
 * One step of a session: its row as it now is, and the events that brought it there. Opening closes
 * another open session of the channel first. Texts are borrowed.
 */
struct store_session_change {
    const char *session_id;
    const char *channel_id;
    const char *channel_type;
    int64_t started_at_us;
    int64_t live_at_us;  /* 0: not yet live */
    int64_t ended_at_us; /* 0: open */
    bool is_healthy;
    bool has_error_event;
    const char *ingest_config; /* JSON object, or NULL: not known yet, leave as it is */
    const struct store_event *events;
    size_t event_count;
};

/* Each change with its events entirely or not at all, all in one commit. Writing a change again
 * does nothing. ERR_NOT_FOUND, ERR_IO: none was written. */
MUST_USE enum err store_sessions_write(struct store *, const struct store_session_change *,
                                       size_t count, int64_t now_us);

/* Ends what this node left open when it last stopped, with Stream End and Session Ended, code
 * ServerRestart; the end is the row's last activity. */
MUST_USE enum err store_sessions_end_open(struct store *, int64_t now_us, unsigned *out_count);

struct store_session {
    char id[STORE_SESSION_ID_LEN + 1];
    int64_t started_at_us;
    int64_t live_at_us;
    int64_t ended_at_us; /* 0: open */
    bool is_healthy;
    bool has_error_event;
    const char *ingest_config; /* JSON, or NULL */
    int64_t viewers;
};

/* The newest one of a channel. ERR_NOT_FOUND: it never had one. */
MUST_USE enum err store_session_find_newest(struct store *, const struct channel_id *,
                                            struct arena *, struct store_session *out);

struct store_session_event {
    int64_t time_us;
    const char *type, *name, *code, *detail; /* the last two may be NULL */
};

MUST_USE enum err store_session_events(struct store *, const char *session_id, struct arena *,
                                       struct store_session_event **out, size_t *out_count);

/* --- Health samples --- */

/* Of one metric in one slot; count 0: none came. */
struct store_series {
    double sum, min, max;
    int64_t count;
};

/* One row of 5 s. */
struct store_sample {
    const char *session_id;
    int64_t slot_us; /* start of the slot, a multiple of 5 s */
    struct store_series bitrate, framerate, keyframe_interval, viewers;
    int64_t viewers_now; /* kept with the session, with the highest so far */
};

/* In one transaction that a power cut may lose. A slot that is there already gets the union.
 * A session that is not there is passed over. */
MUST_USE enum err store_samples_write(struct store *, const struct store_sample *, size_t count,
                                      int64_t now_us);
