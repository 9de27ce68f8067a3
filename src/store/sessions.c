/* Stream sessions and their events. */
#include "base/mem.h"
#include "log/log.h"
#include "store/pool.h"

static const char *const state_change = "IVS Stream State Change";

static void put_time_or_null(struct sql_query *query, int64_t time_us)
{
    if (time_us != 0)
        sql_put_int(query, time_us / 1000);
    else
        sql_put_null(query);
}

static enum err insert_event(struct sql *sql, const char *session_id,
                             const struct store_event *event)
{
    struct sql_query query = sql_query(
        sql, "INSERT INTO stream_events (session_id, seq, event_time, type, name, code, detail)"
             " VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM stream_events"
             "  WHERE session_id = ?1), ?2, ?3, ?4, ?5, ?6)"
             " ON CONFLICT (session_id, event_time, type, name) DO NOTHING");
    sql_put_text(&query, session_id);
    sql_put_int(&query, event->time_us / 1000);
    sql_put_text(&query, event->type);
    sql_put_text(&query, event->name);
    sql_put_text(&query, event->code);
    sql_put_text(&query, event->detail);
    return sql_run(&query);
}

/* Ends one session that nobody will end any more, at its last activity. */
static enum err end_session(struct sql *sql, const char *id, const char *code, int64_t now_us)
{
    struct sql_query query = sql_query(
        sql, "UPDATE stream_sessions SET is_open = false, ended_at = updated_at, viewer_count = 0,"
             " updated_at = ? WHERE id = ? AND is_open RETURNING ended_at, live_at");
    sql_put_int(&query, now_us / 1000);
    sql_put_text(&query, id);
    enum err err = sql_step(&query);
    if (err) {
        sql_end(&query);
        return err == ERR_END ? ERR_OK : err;
    }
    struct store_event event = {
        .time_us = sql_int(&query, 0) * 1000, .type = state_change, .code = code};
    bool was_live = !sql_is_null(&query, 1); /* 3.40 returns a wrong IS NOT NULL here */
    sql_end(&query);

    if (was_live) {
        event.name = "Stream End";
        err = insert_event(sql, id, &event);
        if (err)
            return err;
    }
    event.name = "Session Ended";
    return insert_event(sql, id, &event);
}

/* The open sessions that `query` lists, ended. The list is complete before the first is ended. */
static enum err end_listed(struct sql *sql, struct sql_query *query, const char *code,
                           int64_t now_us, unsigned *out_count)
{
    char(*ids)[STORE_SESSION_ID_LEN + 1] = NULL;
    unsigned count = 0;
    enum err err;
    while (!(err = sql_step(query))) {
        ids = mem_grow(ids, count + 1, sizeof(*ids));
        sql_copy_text(query, 0, ids[count++], sizeof(*ids));
    }
    sql_end(query);
    err = err == ERR_END ? ERR_OK : err;
    for (unsigned i = 0; !err && i < count; i++)
        err = end_session(sql, ids[i], code, now_us);
    mem_free(ids);
    if (!err && out_count != NULL)
        *out_count = count;
    return err;
}

static enum err end_others(struct sql *sql, const struct store_session_change *change,
                           int64_t now_us)
{
    struct sql_query query = sql_query(sql, "SELECT id FROM stream_sessions"
                                            " WHERE channel_id = ? AND is_open AND id <> ?");
    sql_put_text(&query, change->channel_id);
    sql_put_text(&query, change->session_id);
    return end_listed(sql, &query, "Timeout", now_us, NULL);
}

static enum err put_session(struct sql *sql, const struct store_session_change *change,
                            const char *node, int64_t now_us)
{
    /* What has ended stays ended, and what is known stays known. */
    struct sql_query query = sql_query(
        sql,
        "INSERT INTO stream_sessions AS s (id, channel_id, started_at, live_at, ended_at, is_open,"
        " is_healthy, has_error_event, ingest_config, channel_type, title, category_id, node,"
        " updated_at)"
        " SELECT ?1, ?2, ?3, ?4, CAST(?5 AS BIGINT), CAST(?5 AS BIGINT) IS NULL, ?6, ?7, ?8, ?9,"
        "  coalesce((SELECT title FROM channels WHERE id = ?2), ''),"
        "  (SELECT category_id FROM channels WHERE id = ?2), ?10, ?11"
        " WHERE true"
        " ON CONFLICT (id) DO UPDATE SET"
        "  live_at = coalesce(s.live_at, excluded.live_at),"
        "  ended_at = coalesce(s.ended_at, excluded.ended_at),"
        "  is_open = s.is_open AND excluded.is_open,"
        "  viewer_count = CASE WHEN excluded.is_open THEN s.viewer_count ELSE 0 END,"
        "  is_healthy = excluded.is_healthy,"
        "  has_error_event = s.has_error_event OR excluded.has_error_event,"
        "  ingest_config = coalesce(excluded.ingest_config, s.ingest_config),"
        "  updated_at = greatest(s.updated_at, excluded.updated_at)");
    sql_put_text(&query, change->session_id);
    sql_put_text(&query, change->channel_id);
    sql_put_int(&query, change->started_at_us / 1000);
    put_time_or_null(&query, change->live_at_us);
    put_time_or_null(&query, change->ended_at_us);
    sql_put_bool(&query, change->is_healthy);
    sql_put_bool(&query, change->has_error_event);
    sql_put_text(&query, change->ingest_config);
    sql_put_text(&query, change->channel_type);
    sql_put_text(&query, node);
    sql_put_int(&query, now_us / 1000);
    return sql_run(&query);
}

static enum err write_change(struct store *store, struct sql *sql,
                             const struct store_session_change *change, int64_t now_us)
{
    enum err err = change->ended_at_us == 0 ? end_others(sql, change, now_us) : ERR_OK;
    if (!err)
        err = put_session(sql, change, store->node, now_us);
    for (size_t i = 0; !err && i < change->event_count; i++)
        err = insert_event(sql, change->session_id, &change->events[i]);
    return err;
}

struct changes {
    struct store *store;
    const struct store_session_change *at;
    size_t count;
    int64_t now_us;
};

static enum err write_changes(struct sql *sql, void *arg)
{
    const struct changes *changes = arg;
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < changes->count; i++)
        err = write_change(changes->store, sql, &changes->at[i], changes->now_us);
    return err;
}

enum err store_sessions_write(struct store *store, const struct store_session_change *changes,
                              size_t count, int64_t now_us)
{
    struct changes all = {.store = store, .at = changes, .count = count, .now_us = now_us};
    return pool_write(store, write_changes, &all);
}

struct ending {
    const char *node;
    int64_t now_us;
    unsigned count;
};

static enum err end_open(struct sql *sql, void *arg)
{
    struct ending *ending = arg;
    struct sql_query query =
        sql_query(sql, "SELECT id FROM stream_sessions WHERE is_open AND node = ?");
    sql_put_text(&query, ending->node);
    return end_listed(sql, &query, "ServerRestart", ending->now_us, &ending->count);
}

enum err store_sessions_end_open(struct store *store, int64_t now_us, unsigned *out_count)
{
    struct ending ending = {.node = store->node, .now_us = now_us};
    enum err err = pool_write(store, end_open, &ending);
    if (!err && out_count != NULL)
        *out_count = ending.count;
    return err;
}

enum err store_session_find_newest(struct store *store, const struct channel_id *id,
                                   struct arena *arena, struct store_session *out)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(
        sql,
        "SELECT id, started_at, live_at, ended_at, coalesce(is_healthy, true), has_error_event,"
        " ingest_config, viewer_count FROM stream_sessions WHERE channel_id = ?"
        " ORDER BY started_at DESC, id LIMIT 1");
    sql_put_text(&query, id->at);
    enum err err = sql_step(&query);
    if (!err) {
        *out = (struct store_session){
            .started_at_us = sql_int(&query, 1) * 1000,
            .live_at_us = sql_int(&query, 2) * 1000,
            .ended_at_us = sql_int(&query, 3) * 1000,
            .is_healthy = sql_int(&query, 4) != 0,
            .has_error_event = sql_int(&query, 5) != 0,
            .ingest_config = sql_text(&query, 6, arena),
            .viewers = sql_int(&query, 7),
        };
        sql_copy_text(&query, 0, out->id, sizeof(out->id));
    }
    sql_end(&query);
    pool_give_reader(store, sql);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

static enum err read_events(struct sql_query *query, struct arena *arena, size_t count,
                            struct store_session_event *out)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        err = sql_step(query);
        if (!err)
            out[i] = (struct store_session_event){
                .time_us = sql_int(query, 0) * 1000,
                .type = sql_text(query, 1, arena),
                .name = sql_text(query, 2, arena),
                .code = sql_text(query, 3, arena),
                .detail = sql_text(query, 4, arena),
            };
    }
    return err;
}

enum err store_session_events(struct store *store, const char *session_id, struct arena *arena,
                              struct store_session_event **out, size_t *out_count)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(
        sql, "SELECT event_time, type, name, code, detail, count(*) OVER () FROM stream_events"
             " WHERE session_id = ? ORDER BY event_time, seq");
    sql_put_text(&query, session_id);
    size_t count = 0;
    enum err err = sql_step(&query);
    if (!err)
        count = (size_t)sql_int(&query, 5);
    struct store_session_event *events = arena_alloc(arena, (count + 1) * sizeof(*events));
    if (!err) {
        sql_end(&query); /* from the start again, now that the number is known */
        sql_put_text(&query, session_id);
        err = read_events(&query, arena, count, events);
    }
    sql_end(&query);
    pool_give_reader(store, sql);
    if (err && err != ERR_END)
        return err;
    *out = events;
    *out_count = count;
    return ERR_OK;
}
