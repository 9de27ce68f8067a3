#include "store/callers.h"

#include "store/pool.h"

enum err store_caller_find(struct store *store, struct str session_id, int64_t now_us,
                           struct store_caller *out)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(
        sql,
        "SELECT s.id, s.user_id, u.username, c.id FROM sessions s JOIN users u ON u.id = s.user_id"
        " LEFT JOIN channels c ON c.user_id = s.user_id"
        " WHERE s.id = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2"
        " AND s.absolute_expires_at > ?2");
    sql_put_str(&query, session_id);
    sql_put_int(&query, now_us / 1000);
    enum err err = sql_step(&query);
    if (!err) {
        *out = (struct store_caller){0};
        sql_copy_text(&query, 0, out->session_id, sizeof(out->session_id));
        sql_copy_text(&query, 1, out->user_id, sizeof(out->user_id));
        sql_copy_text(&query, 2, out->username, sizeof(out->username));
        if (!sql_is_null(&query, 3))
            sql_copy_text(&query, 3, out->channel_id.at, sizeof(out->channel_id.at));
    }
    sql_end(&query);
    pool_give_reader(store, sql);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}
