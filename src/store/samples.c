/* Health samples: rows of 5 s, from which coarser ones are folded later (api 6.1). */
#include "store/pool.h"

static void put_series(struct sql_query *query, const struct store_series *series)
{
    sql_put_real(query, series->sum);
    sql_put_int(query, series->count);
    if (series->count == 0) {
        sql_put_null(query);
        sql_put_null(query);
        return;
    }
    sql_put_real(query, series->min);
    sql_put_real(query, series->max);
}

#define MERGE(name)                                                                      \
    name "_sum = p." name "_sum + excluded." name "_sum, " name "_n = p." name           \
         "_n + excluded." name "_n, " name "_min = least(p." name "_min, excluded." name \
         "_min), " name "_max = greatest(p." name "_max, excluded." name "_max)"

static enum err put_point(struct sql *sql, const struct store_sample *sample)
{
    struct sql_query query =
        sql_query(sql, "INSERT INTO metric_points AS p VALUES"
                       " (?, 5, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                       " ON CONFLICT (session_id, period, slot) DO UPDATE SET " MERGE(
                           "bitrate") ", " MERGE("fps") ", " MERGE("keyint") ", " MERGE("views"));
    sql_put_text(&query, sample->session_id);
    sql_put_int(&query, sample->slot_us / 1000);
    put_series(&query, &sample->bitrate);
    put_series(&query, &sample->framerate);
    put_series(&query, &sample->keyframe_interval);
    put_series(&query, &sample->viewers);
    return sql_run(&query);
}

/* ERR_NOT_FOUND: no such session. The row's time stamp is its last activity (api 6.5). */
static enum err touch_session(struct sql *sql, const struct store_sample *sample, int64_t now_us)
{
    struct sql_query query = sql_query(
        sql,
        "UPDATE stream_sessions SET viewer_count = CASE WHEN is_open THEN ?1 ELSE 0 END,"
        " peak_viewers = greatest(peak_viewers, ?1), updated_at = CASE WHEN is_open THEN ?2 ELSE "
        "updated_at END"
        " WHERE id = ?3 RETURNING 1");
    sql_put_int(&query, sample->viewers_now);
    sql_put_int(&query, now_us / 1000);
    sql_put_text(&query, sample->session_id);
    enum err err = sql_step(&query);
    sql_end(&query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

struct samples {
    const struct store_sample *at;
    size_t count;
    int64_t now_us;
};

static enum err write_samples(struct sql *sql, void *arg)
{
    const struct samples *samples = arg;
    for (size_t i = 0; i < samples->count; i++) {
        enum err err = touch_session(sql, &samples->at[i], samples->now_us);
        if (!err)
            err = put_point(sql, &samples->at[i]);
        if (err && err != ERR_NOT_FOUND)
            return err;
    }
    return ERR_OK;
}

enum err store_samples_write(struct store *store, const struct store_sample *samples, size_t count,
                             int64_t now_us)
{
    struct samples all = {.at = samples, .count = count, .now_us = now_us};
    return pool_write_loosely(store, write_samples, &all);
}
