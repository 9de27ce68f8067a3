/*
 * The schema, as the steps that led to it. A step that was ever released is never changed: what
 * comes later is a new one. Contract: api 5.
 *
 * Times are milliseconds since the Unix epoch. `x_ci` columns hold the ASCII lower-case form.
 */
#include "log/log.h"
#include "store/pool.h"

/* Not "main.": the version of the file decides before anything else is touched. */
static const char *const version_table =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

static const char *const steps[] = {
    /* 1: channels with stream keys; sessions with events and samples */
    "CREATE TABLE users ("
    " id TEXT PRIMARY KEY,"
    " username TEXT NOT NULL,"
    " email TEXT NOT NULL,"
    " email_ci TEXT NOT NULL UNIQUE,"
    " password_hash TEXT NOT NULL," /* '' matches no password */
    " status TEXT NOT NULL CHECK (status IN ('unconfirmed', 'active')),"
    " avatar TEXT NOT NULL,"
    " color TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " confirmed_at INTEGER,"
    " password_changed_at INTEGER NOT NULL,"
    " last_seen_at INTEGER,"
    " seeded INTEGER NOT NULL DEFAULT 0 CHECK (seeded IN (0, 1))"
    ") STRICT;"
    "CREATE INDEX users_status ON users (status, created_at);"

    /* The only authority on names; held_until NULL: the current one. */
    "CREATE TABLE usernames ("
    " name_ci TEXT PRIMARY KEY,"
    " user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,"
    " held_until INTEGER"
    ") STRICT;"
    "CREATE INDEX usernames_user ON usernames (user_id);"
    "CREATE INDEX usernames_held ON usernames (held_until);"

    "CREATE TABLE categories ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " name_ci TEXT NOT NULL UNIQUE,"
    " position INTEGER NOT NULL,"
    " retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1))"
    ") STRICT;"

    "CREATE TABLE channels ("
    " id TEXT PRIMARY KEY,"
    " id_ci TEXT NOT NULL UNIQUE,"
    " user_id TEXT NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,"
    " room_id TEXT NOT NULL,"
    " room_id_ci TEXT NOT NULL UNIQUE,"
    " stream_key_id TEXT NOT NULL UNIQUE,"
    " stream_key_hash BLOB NOT NULL UNIQUE,"
    " stream_key_enc BLOB NOT NULL,"
    " tracking_id TEXT NOT NULL,"
    " asset_id TEXT NOT NULL UNIQUE,"
    " type TEXT NOT NULL,"
    " preset TEXT NOT NULL DEFAULT '',"
    " multitrack TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(multitrack)),"
    " title TEXT NOT NULL DEFAULT '',"
    " category_id TEXT REFERENCES categories ON DELETE SET NULL,"
    " tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),"
    " language TEXT,"
    " mature INTEGER NOT NULL DEFAULT 0 CHECK (mature IN (0, 1)),"
    " bio TEXT NOT NULL DEFAULT '',"
    " follower_count INTEGER NOT NULL DEFAULT 0,"
    " created_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX channels_category ON channels (category_id);"

    "CREATE TABLE stream_sessions ("
    " id TEXT PRIMARY KEY,"
    " channel_id TEXT NOT NULL REFERENCES channels ON DELETE CASCADE,"
    " started_at INTEGER NOT NULL,"
    " live_at INTEGER,"
    " ended_at INTEGER,"
    " is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),"
    " is_healthy INTEGER CHECK (is_healthy IN (0, 1)),"
    " has_error_event INTEGER NOT NULL CHECK (has_error_event IN (0, 1)),"
    " ingest_config TEXT CHECK (ingest_config IS NULL OR json_valid(ingest_config)),"
    " channel_type TEXT NOT NULL,"
    " title TEXT NOT NULL DEFAULT '',"
    " category_id TEXT,"
    " viewer_count INTEGER NOT NULL DEFAULT 0,"
    " peak_viewers INTEGER NOT NULL DEFAULT 0,"
    " thumbnail_at INTEGER,"
    " node TEXT NOT NULL,"
    " updated_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX stream_sessions_open ON stream_sessions (channel_id) WHERE is_open;"
    "CREATE INDEX stream_sessions_channel ON stream_sessions (channel_id, started_at DESC, id);"
    "CREATE INDEX stream_sessions_started ON stream_sessions (started_at DESC) WHERE is_open;"
    "CREATE INDEX stream_sessions_viewers ON stream_sessions (viewer_count DESC) WHERE is_open;"

    "CREATE TABLE stream_events ("
    " session_id TEXT NOT NULL REFERENCES stream_sessions ON DELETE CASCADE,"
    " seq INTEGER NOT NULL,"
    " event_time INTEGER NOT NULL,"
    " type TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " code TEXT,"
    " detail TEXT CHECK (detail IS NULL OR json_valid(detail)),"
    " PRIMARY KEY (session_id, seq),"
    " UNIQUE (session_id, event_time, type, name)"
    ") STRICT;"

    "CREATE TABLE metric_points ("
    " session_id TEXT NOT NULL REFERENCES stream_sessions ON DELETE CASCADE,"
    " period INTEGER NOT NULL CHECK (period IN (5, 60, 300, 3600)),"
    " slot INTEGER NOT NULL,"
    " bitrate_sum REAL NOT NULL, bitrate_n INTEGER NOT NULL, bitrate_min REAL, bitrate_max REAL,"
    " fps_sum REAL NOT NULL, fps_n INTEGER NOT NULL, fps_min REAL, fps_max REAL,"
    " keyint_sum REAL NOT NULL, keyint_n INTEGER NOT NULL, keyint_min REAL, keyint_max REAL,"
    " views_sum REAL NOT NULL, views_n INTEGER NOT NULL, views_min REAL, views_max REAL,"
    " PRIMARY KEY (session_id, period, slot)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX metric_points_retention ON metric_points (period, slot);",
};
enum { STEPS = sizeof(steps) / sizeof(*steps) };

static enum err read_version(struct sql *sql, int64_t *out)
{
    struct sql_query query = sql_query(sql, "SELECT coalesce(max(version), 0)"
                                            " FROM schema_migrations");
    enum err err = sql_step(&query);
    if (!err)
        *out = sql_int(&query, 0);
    sql_end(&query);
    return err;
}

static enum err apply(struct sql *sql, int64_t version, int64_t now_us)
{
    enum err err = sql_execute(sql, steps[version - 1]);
    if (err)
        return err;
    struct sql_query query = sql_query(sql, "INSERT INTO schema_migrations (version, applied_at)"
                                            " VALUES (?, ?)");
    sql_put_int(&query, version);
    sql_put_int(&query, now_us / 1000);
    return sql_run(&query);
}

/* One step, or none: the version is read under the lock, since two processes may start at once. */
static enum err apply_next(struct sql *sql, int64_t now_us, bool *out_is_done)
{
    enum err err = sql_begin(sql);
    if (err)
        return err;
    int64_t version = 0;
    err = read_version(sql, &version);
    if (!err && version > STEPS)
        err = ERR_UNSUPPORTED;
    bool is_done = version >= STEPS;
    if (!err && !is_done)
        err = apply(sql, version + 1, now_us);
    err = sql_finish(sql, err);
    if (!err)
        *out_is_done = is_done;
    return err;
}

enum err store_migrate(struct store *store, int64_t now_us, unsigned *out_applied)
{
    struct sql *sql = pool_take_writer(store);
    enum err err = sql_execute(sql, version_table);
    unsigned applied = 0;
    bool is_done = false;
    while (!err && !is_done) {
        err = apply_next(sql, now_us, &is_done);
        applied += !err && !is_done;
    }
    pool_give_writer(store);
    if (err == ERR_UNSUPPORTED)
        log_error("store", "the database was written by a newer version of klieg", NULL);
    if (!err && out_applied != NULL)
        *out_applied = applied;
    return err;
}
