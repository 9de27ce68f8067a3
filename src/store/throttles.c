#include "store/throttles.h"

#include "store/pool.h"

enum { MS = 1000 /* in a second */ };

struct window {
    int64_t start_ms;
    int64_t count;
    int64_t blocked_until_ms; /* 0: it is not */
};

/* The row that `query` finds, as it is now: a new window when there is none, or it has ended. */
static enum err read_window(struct sql_query *query, const struct store_throttle *throttle,
                            struct window *out)
{
    int64_t now_ms = throttle->now_us / 1000;
    enum err err = sql_step(query);
    struct window window = {.start_ms = now_ms};
    if (!err)
        window = (struct window){sql_int(query, 0), sql_int(query, 1), sql_int(query, 2)};
    sql_end(query);
    if (err && err != ERR_END)
        return err;
    bool was_blocked = window.blocked_until_ms != 0;
    if (was_blocked ? window.blocked_until_ms <= now_ms
                    : window.start_ms + throttle->window_s * MS <= now_ms)
        window = (struct window){.start_ms = now_ms};
    *out = window;
    return ERR_OK;
}

/* Makes the row if need be, and holds it: of those who count at the same time, one comes first. */
static enum err lock_window(struct sql *sql, const struct store_throttle *throttle,
                            struct window *out)
{
    struct sql_query query =
        sql_query(sql, "INSERT INTO throttles (key, window_start, count) VALUES (?, ?, 0)"
                       " ON CONFLICT (key) DO UPDATE SET key = excluded.key"
                       " RETURNING window_start, count, coalesce(blocked_until, 0)");
    sql_put_str(&query, throttle->key);
    sql_put_int(&query, throttle->now_us / 1000);
    return read_window(&query, throttle, out);
}

static enum err write_window(struct sql *sql, const struct store_throttle *throttle,
                             const struct window *window)
{
    struct sql_query query =
        sql_query(sql, "UPDATE throttles SET window_start = ?, count = ?, blocked_until = ?"
                       " WHERE key = ?");
    sql_put_int(&query, window->start_ms);
    sql_put_int(&query, window->count);
    if (window->blocked_until_ms != 0)
        sql_put_int(&query, window->blocked_until_ms);
    else
        sql_put_null(&query);
    sql_put_str(&query, throttle->key);
    return sql_run(&query);
}

/* ERR_LIMIT while it is locked. */
static enum err check(const struct store_throttle *throttle, const struct window *window,
                      unsigned *out_wait_s)
{
    if (window->blocked_until_ms == 0)
        return ERR_OK;
    *out_wait_s = (unsigned)((window->blocked_until_ms - throttle->now_us / 1000 + MS - 1) / MS);
    return ERR_LIMIT;
}

struct counting {
    const struct store_throttle *throttle;
    unsigned wait_s;
};

static enum err count_one(struct sql *sql, void *arg)
{
    struct counting *counting = arg;
    const struct store_throttle *throttle = counting->throttle;
    struct window window;
    enum err err = lock_window(sql, throttle, &window);
    if (!err)
        err = check(throttle, &window, &counting->wait_s);
    if (err)
        return err;
    window.count++;
    if (window.count >= throttle->count)
        window.blocked_until_ms = throttle->lock_s > 0
                                      ? throttle->now_us / 1000 + throttle->lock_s * MS
                                      : window.start_ms + throttle->window_s * MS;
    return write_window(sql, throttle, &window);
}

enum err store_throttle_count(struct store *store, const struct store_throttle *throttle,
                              unsigned *out_wait_s)
{
    if (throttle->count == 0)
        return ERR_OK;
    struct counting counting = {.throttle = throttle};
    enum err err = pool_write(store, count_one, &counting);
    if (err == ERR_LIMIT)
        *out_wait_s = counting.wait_s;
    return err;
}

enum err store_throttle_check(struct store *store, const struct store_throttle *throttle,
                              unsigned *out_wait_s)
{
    if (throttle->count == 0)
        return ERR_OK;
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(
        sql, "SELECT window_start, count, coalesce(blocked_until, 0) FROM throttles WHERE key = ?");
    sql_put_str(&query, throttle->key);
    struct window window;
    enum err err = read_window(&query, throttle, &window);
    pool_give_reader(store, sql);
    return err ? err : check(throttle, &window, out_wait_s);
}

static enum err clear(struct sql *sql, void *arg)
{
    struct sql_query query = sql_query(sql, "DELETE FROM throttles WHERE key = ?");
    sql_put_str(&query, *(const struct str *)arg);
    return sql_run(&query);
}

enum err store_throttle_clear(struct store *store, struct str key)
{
    return pool_write(store, clear, &key);
}

static enum err purge(struct sql *sql, void *arg)
{
    struct sql_query query = sql_query(sql, "DELETE FROM throttles WHERE window_start < ?1"
                                            " AND (blocked_until IS NULL OR blocked_until < ?1)");
    sql_put_int(&query, *(const int64_t *)arg / 1000);
    return sql_run(&query);
}

enum err store_throttles_purge(struct store *store, int64_t before_us)
{
    return pool_write(store, purge, &before_us);
}
