#include "store/sign_ins.h"

#include "store/audit.h"
#include "store/pool.h"

enum {
    MAX_USER_AGENT = 256,
    KEEP_ENDED_MS = 7 * 24 * 3600 * 1000,
};

static enum err insert_token(struct sql *sql, const char *session_id, const uint8_t *hash,
                             int64_t now_us, int64_t expires_at_us)
{
    struct sql_query query =
        sql_query(sql, "INSERT INTO refresh_tokens (hash, session_id, issued_at, expires_at)"
                       " VALUES (?, ?, ?, ?)");
    sql_put_bytes(&query, hash, ACCOUNT_HASH_LEN);
    sql_put_text(&query, session_id);
    sql_put_int(&query, now_us / 1000);
    sql_put_int(&query, expires_at_us / 1000);
    return sql_run(&query);
}

static enum err insert_session(struct sql *sql, const struct store_new_sign_in *wish)
{
    struct str agent = wish->user_agent.at != NULL ? wish->user_agent : STR("");
    agent.len = agent.len < MAX_USER_AGENT ? agent.len : MAX_USER_AGENT;
    struct sql_query query =
        sql_query(sql, "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at,"
                       " absolute_expires_at, mode, user_agent, address)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_put_text(&query, wish->id.at);
    sql_put_text(&query, wish->account_id);
    sql_put_int(&query, wish->now_us / 1000);
    sql_put_int(&query, wish->now_us / 1000);
    sql_put_int(&query, wish->token_expires_at_us / 1000);
    sql_put_int(&query, wish->ends_at_us / 1000);
    sql_put_text(&query, wish->mode);
    sql_put_str(&query, agent);
    sql_put_text(&query, wish->address);
    return sql_run(&query);
}

static enum err touch_account(struct sql *sql, const struct store_new_sign_in *wish)
{
    struct sql_query query = sql_query(
        sql, "UPDATE users SET last_seen_at = ?, password_hash = coalesce(?, password_hash)"
             " WHERE id = ?");
    sql_put_int(&query, wish->now_us / 1000);
    sql_put_text(&query, wish->renewed_password_hash);
    sql_put_text(&query, wish->account_id);
    return sql_run(&query);
}

static enum err create(struct sql *sql, void *arg)
{
    const struct store_new_sign_in *wish = arg;
    enum err err = insert_session(sql, wish);
    if (!err)
        err = insert_token(sql, wish->id.at, wish->token_hash, wish->now_us,
                           wish->token_expires_at_us);
    if (!err)
        err = touch_account(sql, wish);
    return err;
}

enum err store_sign_in_create(struct store *store, const struct store_new_sign_in *wish)
{
    return pool_write(store, create, (void *)(uintptr_t)wish); /* read only */
}

/* --- Refresh --- */

struct refresh {
    const struct store_refresh *wish;
    enum account_refresh_verdict verdict;
    struct account_refresh_state state;
    struct store_refreshed found;
};

static enum err read_token(struct sql *sql, const uint8_t *hash, struct refresh *out)
{
    struct sql_query query = sql_query(
        sql, "SELECT t.expires_at, t.first_used_at, s.absolute_expires_at, s.revoked_at, s.id,"
             " s.user_id, s.mode FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id"
             " WHERE t.hash = ? FOR UPDATE");
    sql_put_bytes(&query, hash, ACCOUNT_HASH_LEN);
    enum err err = sql_step(&query);
    if (!err) {
        out->state = (struct account_refresh_state){
            .expires_at_us = sql_int(&query, 0) * 1000,
            .first_used_at_us = sql_is_null(&query, 1) ? 0 : sql_int(&query, 1) * 1000,
            .session_ends_at_us = sql_int(&query, 2) * 1000,
            .session_revoked_at_us = sql_is_null(&query, 3) ? 0 : sql_int(&query, 3) * 1000,
        };
        sql_copy_text(&query, 4, out->found.session_id, sizeof(out->found.session_id));
        sql_copy_text(&query, 5, out->found.account.id, sizeof(out->found.account.id));
        out->found.is_cookie = str_equal(sql_bytes(&query, 6), STR("cookie"));
    }
    sql_end(&query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

static enum err mark_used(struct sql *sql, const struct refresh *refresh)
{
    struct sql_query query =
        sql_query(sql, "UPDATE refresh_tokens SET first_used_at = coalesce(first_used_at, ?)"
                       " WHERE hash = ?");
    sql_put_int(&query, refresh->wish->now_us / 1000);
    sql_put_bytes(&query, refresh->wish->hash, ACCOUNT_HASH_LEN);
    return sql_run(&query);
}

static enum err extend_session(struct sql *sql, const struct refresh *refresh,
                               int64_t expires_at_us)
{
    struct sql_query query =
        sql_query(sql, "UPDATE sessions SET last_used_at = ?, expires_at = ? WHERE id = ?");
    sql_put_int(&query, refresh->wish->now_us / 1000);
    sql_put_int(&query, expires_at_us / 1000);
    sql_put_text(&query, refresh->found.session_id);
    return sql_run(&query);
}

static enum err rotate(struct sql *sql, const struct refresh *refresh)
{
    const struct store_refresh *wish = refresh->wish;
    int64_t expires_at_us = account_refresh_expiry(wish->now_us, wish->token_life_us,
                                                   refresh->state.session_ends_at_us);
    enum err err = mark_used(sql, refresh);
    if (!err)
        err = insert_token(sql, refresh->found.session_id, wish->new_hash, wish->now_us,
                           expires_at_us);
    if (!err)
        err = extend_session(sql, refresh, expires_at_us);
    return err;
}

static enum err end_sessions(struct sql *sql, void *arg)
{
    const struct store_sign_out *wish = arg;
    struct sql_query query =
        wish->session_id != NULL
            ? sql_query(sql, "UPDATE sessions SET revoked_at = ?, revoke_reason = ?"
                             " WHERE user_id = ? AND revoked_at IS NULL AND id = ?")
            : sql_query(sql, "UPDATE sessions SET revoked_at = ?, revoke_reason = ?"
                             " WHERE user_id = ? AND revoked_at IS NULL");
    sql_put_int(&query, wish->now_us / 1000);
    sql_put_text(&query, wish->reason);
    sql_put_text(&query, wish->account_id);
    if (wish->session_id != NULL)
        sql_put_text(&query, wish->session_id);
    return sql_run(&query);
}

static enum err end_stolen(struct sql *sql, const struct refresh *refresh)
{
    struct store_sign_out end = {.account_id = refresh->found.account.id,
                                 .session_id = refresh->found.session_id,
                                 .reason = "reuse",
                                 .now_us = refresh->wish->now_us};
    enum err err = end_sessions(sql, &end);
    if (err)
        return err;
    return audit_write(sql, &(struct audit_entry){.actor_id = refresh->found.account.id,
                                                  .action = "session.reuse",
                                                  .target = refresh->found.session_id,
                                                  .address = refresh->wish->address,
                                                  .now_us = refresh->wish->now_us});
}

static enum err run_refresh(struct sql *sql, void *arg)
{
    struct refresh *refresh = arg;
    refresh->verdict = ACCOUNT_REFRESH_ENDED;
    enum err err = read_token(sql, refresh->wish->hash, refresh);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    refresh->verdict = account_refresh_judge(&refresh->state, refresh->wish->now_us);
    switch (refresh->verdict) {
    case ACCOUNT_REFRESH_OK:
        return rotate(sql, refresh);
    case ACCOUNT_REFRESH_STOLEN:
        return end_stolen(sql, refresh);
    case ACCOUNT_REFRESH_ENDED:
        break;
    }
    return ERR_OK;
}

enum err store_sign_in_refresh(struct store *store, const struct store_refresh *wish,
                               struct arena *arena, struct store_refreshed *out)
{
    struct refresh refresh = {.wish = wish};
    enum err err = pool_write(store, run_refresh, &refresh);
    if (err)
        return err;
    *out = refresh.found;
    if (refresh.verdict != ACCOUNT_REFRESH_OK)
        return ERR_DENIED;
    return store_account_find_by_id(store, refresh.found.account.id, arena, &out->account);
}

enum err store_sign_in_find(struct store *store, const uint8_t token_hash[ACCOUNT_HASH_LEN],
                            int64_t now_us, struct store_caller *out)
{
    struct refresh refresh = {0};
    struct sql *sql = pool_take_reader(store);
    enum err err = read_token(sql, token_hash, &refresh);
    pool_give_reader(store, sql);
    if (err)
        return err;
    if (account_refresh_judge(&refresh.state, now_us) != ACCOUNT_REFRESH_OK)
        return ERR_NOT_FOUND;
    return store_caller_find(store, str_of(refresh.found.session_id), now_us, out);
}

enum err store_sign_in_end(struct store *store, const struct store_sign_out *wish)
{
    return pool_write(store, end_sessions, (void *)(uintptr_t)wish); /* read only */
}

/* --- Clean-up --- */

struct purge {
    int64_t now_ms;
    unsigned count;
};

static enum err purge(struct sql *sql, void *arg)
{
    struct purge *job = arg;
    job->count = 0;
    const struct {
        const char *text;
        int64_t before_ms;
    } rows[] = {
        {"DELETE FROM one_time_codes WHERE expires_at < ? RETURNING 1", job->now_ms},
        {"DELETE FROM refresh_tokens WHERE expires_at < ? RETURNING 1", job->now_ms},
        {"DELETE FROM sessions WHERE expires_at < ? RETURNING 1", job->now_ms - KEEP_ENDED_MS},
        {"DELETE FROM sessions WHERE revoked_at < ? RETURNING 1", job->now_ms - KEEP_ENDED_MS},
        {"DELETE FROM usernames WHERE held_until < ? RETURNING 1", job->now_ms},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sql_query query = sql_query(sql, rows[i].text);
        sql_put_int(&query, rows[i].before_ms);
        enum err err;
        while (!(err = sql_step(&query)))
            job->count++;
        sql_end(&query);
        if (err != ERR_END)
            return err;
    }
    return ERR_OK;
}

enum err store_credentials_purge(struct store *store, int64_t now_us, unsigned *out_count)
{
    struct purge job = {.now_ms = now_us / 1000};
    enum err err = pool_write(store, purge, &job);
    if (!err)
        *out_count = job.count;
    return err;
}
