#include "store/accounts.h"

#include "base/mem.h"
#include "store/audit.h"
#include "store/pool.h"

#define ACCOUNT_COLUMNS                                                                      \
    "u.id, u.username, u.email, u.password_hash, u.avatar, u.color, u.status, u.created_at," \
    " c.id, c.tracking_id FROM users u LEFT JOIN channels c ON c.user_id = u.id"

enum { MAX_EMAIL = 254 };

static const char *const purposes[] = {[ACCOUNT_CONFIRM] = "confirm", [ACCOUNT_RESET] = "reset"};

static struct store_account read_account(const struct sql_query *query, struct arena *arena)
{
    struct store_account account = {
        .email = sql_text(query, 2, arena),
        .password_hash = sql_text(query, 3, arena),
        .avatar = sql_text(query, 4, arena),
        .color = sql_text(query, 5, arena),
        .is_active = str_equal(sql_bytes(query, 6), STR("active")),
        .created_at_us = sql_int(query, 7) * 1000,
        .tracking_id = sql_text(query, 9, arena),
    };
    sql_copy_text(query, 0, account.id, sizeof(account.id));
    sql_copy_text(query, 1, account.name, sizeof(account.name));
    if (!sql_is_null(query, 8))
        sql_copy_text(query, 8, account.channel_id.at, sizeof(account.channel_id.at));
    return account;
}

static enum err find_one(struct sql_query *query, struct arena *arena, struct store_account *out)
{
    enum err err = sql_step(query);
    if (!err)
        *out = read_account(query, arena);
    sql_end(query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

/* On any connection, inside a transaction or not. */
static enum err find(struct sql *sql, struct str wanted, struct arena *arena,
                     struct store_account *out)
{
    if (wanted.len > MAX_EMAIL || memchr(wanted.at, '\0', wanted.len) != NULL)
        return ERR_NOT_FOUND;
    char folded[MAX_EMAIL + 1];
    channel_name_fold(wanted, folded);
    bool is_email = memchr(wanted.at, '@', wanted.len) != NULL; /* no name has one */
    struct sql_query query =
        is_email ? sql_query(sql, "SELECT " ACCOUNT_COLUMNS " WHERE u.email_ci = ?")
                 : sql_query(sql, "SELECT " ACCOUNT_COLUMNS " JOIN usernames n ON n.user_id = u.id"
                                  " WHERE n.name_ci = ? AND n.held_until IS NULL");
    sql_put_str(&query, (struct str){.at = folded, .len = wanted.len});
    return find_one(&query, arena, out);
}

enum err store_account_find(struct store *store, struct str name_or_email, struct arena *arena,
                            struct store_account *out)
{
    struct sql *sql = pool_take_reader(store);
    enum err err = find(sql, name_or_email, arena, out);
    pool_give_reader(store, sql);
    return err;
}

enum err store_account_find_by_id(struct store *store, const char *id, struct arena *arena,
                                  struct store_account *out)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(sql, "SELECT " ACCOUNT_COLUMNS " WHERE u.id = ?");
    sql_put_text(&query, id);
    enum err err = find_one(&query, arena, out);
    pool_give_reader(store, sql);
    return err;
}

enum err store_account_list(struct store *store, struct arena *arena, struct store_account **out,
                            size_t *out_count)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query =
        sql_query(sql, "SELECT " ACCOUNT_COLUMNS " ORDER BY u.created_at, u.username");
    struct store_account *accounts = NULL;
    size_t count = 0;
    enum err err;
    while (!(err = sql_step(&query))) {
        if ((count & (count - 1)) == 0) /* full: 0, 1, 2, 4, … */
            accounts = mem_grow(accounts, count > 0 ? count * 2 : 1, sizeof(*accounts));
        accounts[count++] = read_account(&query, arena);
    }
    sql_end(&query);
    pool_give_reader(store, sql);
    if (err == ERR_END) {
        *out = arena_alloc(arena, (count > 0 ? count : 1) * sizeof(**out));
        if (count > 0)
            memcpy(*out, accounts, count * sizeof(**out));
        *out_count = count;
        err = ERR_OK;
    }
    mem_free(accounts);
    return err;
}

/* --- Names --- */

static enum err check_name(struct sql *sql, struct str name, int64_t now_us)
{
    char folded[CHANNEL_NAME_MAX + 1];
    channel_name_fold(name, folded);
    struct sql_query query = sql_query(sql, "SELECT 1 FROM usernames WHERE name_ci = ?"
                                            " AND (held_until IS NULL OR held_until > ?)");
    sql_put_text(&query, folded);
    sql_put_int(&query, now_us / 1000);
    enum err err = sql_step(&query);
    sql_end(&query);
    if (err == ERR_END)
        return ERR_OK;
    return err ? err : ERR_CONFLICT;
}

enum err store_name_check(struct store *store, struct str name, int64_t now_us)
{
    if (name.len > CHANNEL_NAME_MAX)
        return ERR_OK;
    struct sql *sql = pool_take_reader(store);
    enum err err = check_name(sql, name, now_us);
    pool_give_reader(store, sql);
    return err;
}

/* --- Creation --- */

struct creation {
    const struct store_new_account *wish;
    struct channel_uuid id;
    enum store_taken taken;
};

/* Runs what returns a row if it wrote one. */
static enum err write_if_free(struct sql_query *query)
{
    enum err err = sql_step(query);
    sql_end(query);
    return err == ERR_END ? ERR_CONFLICT : err;
}

static enum err insert_user(struct sql *sql, const struct creation *creation)
{
    const struct store_new_account *wish = creation->wish;
    char email_ci[MAX_EMAIL + 1];
    channel_name_fold(wish->email, email_ci);
    struct sql_query query = sql_query(
        sql, "INSERT INTO users (id, username, email, email_ci, password_hash, status, avatar,"
             " color, created_at, confirmed_at, password_changed_at)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
             " ON CONFLICT (email_ci) DO NOTHING RETURNING id");
    sql_put_text(&query, creation->id.at);
    sql_put_str(&query, wish->name);
    sql_put_str(&query, wish->email);
    sql_put_text(&query, email_ci);
    sql_put_text(&query, wish->password_hash);
    sql_put_text(&query, wish->code != NULL ? "unconfirmed" : "active");
    sql_put_text(&query, wish->avatar);
    sql_put_text(&query, wish->color);
    sql_put_int(&query, wish->now_us / 1000);
    if (wish->code != NULL)
        sql_put_null(&query);
    else
        sql_put_int(&query, wish->now_us / 1000);
    sql_put_int(&query, wish->now_us / 1000);
    return write_if_free(&query);
}

/* A hold that is over may be taken over. */
static enum err insert_name(struct sql *sql, const struct creation *creation)
{
    char folded[CHANNEL_NAME_MAX + 1];
    channel_name_fold(creation->wish->name, folded);
    struct sql_query query =
        sql_query(sql, "INSERT INTO usernames (name_ci, user_id) VALUES (?, ?)"
                       " ON CONFLICT (name_ci) DO UPDATE SET user_id = excluded.user_id,"
                       " held_until = NULL WHERE usernames.held_until <= ? RETURNING name_ci");
    sql_put_text(&query, folded);
    sql_put_text(&query, creation->id.at);
    sql_put_int(&query, creation->wish->now_us / 1000);
    return write_if_free(&query);
}

static enum err put_code(struct sql *sql, const char *account_id, enum account_purpose purpose,
                         const struct store_new_code *code, int64_t now_us)
{
    struct sql_query query = sql_query(
        sql, "INSERT INTO one_time_codes (user_id, purpose, code_hash, created_at, expires_at)"
             " VALUES (?, ?, ?, ?, ?)"
             " ON CONFLICT (user_id, purpose) DO UPDATE SET code_hash = excluded.code_hash,"
             " created_at = excluded.created_at, expires_at = excluded.expires_at, attempts = 0,"
             " used_at = NULL");
    sql_put_text(&query, account_id);
    sql_put_text(&query, purposes[purpose]);
    sql_put_bytes(&query, code->hash, sizeof(code->hash));
    sql_put_int(&query, now_us / 1000);
    sql_put_int(&query, code->expires_at_us / 1000);
    return sql_run(&query);
}

static enum err write_account(struct sql *sql, struct creation *creation)
{
    const struct store_new_account *wish = creation->wish;
    creation->taken = STORE_TAKEN_NAME;
    enum err err = check_name(sql, wish->name, wish->now_us);
    if (err)
        return err;
    err = insert_user(sql, creation);
    if (err == ERR_CONFLICT) {
        /* Perhaps by somebody who took both since the name was looked at. */
        bool is_name_free = check_name(sql, wish->name, wish->now_us) == ERR_OK;
        creation->taken = is_name_free ? STORE_TAKEN_EMAIL : STORE_TAKEN_NAME;
    }
    if (err)
        return err;
    err = insert_name(sql, creation);
    if (!err && wish->code != NULL)
        err = put_code(sql, creation->id.at, ACCOUNT_CONFIRM, wish->code, wish->now_us);
    return err;
}

static enum err create(struct sql *sql, void *arg)
{
    struct creation *creation = arg;
    enum err err = write_account(sql, creation);
    if (err)
        return err;
    return audit_write(sql, &(struct audit_entry){.actor_id = creation->id.at,
                                                  .action = "account.register",
                                                  .target = creation->id.at,
                                                  .address = creation->wish->address,
                                                  .now_us = creation->wish->now_us});
}

enum err store_account_create(struct store *store, const struct store_new_account *wish,
                              enum store_taken *out_taken)
{
    struct creation creation = {.wish = wish, .id = channel_uuid_create(wish->random)};
    enum err err = pool_write(store, create, &creation);
    if (err == ERR_CONFLICT)
        *out_taken = creation.taken;
    return err;
}

/* --- Passwords --- */

struct password_change {
    const char *id, *hash, *action;
    int64_t now_us;
};

static enum err revoke_all(struct sql *sql, const struct password_change *change)
{
    struct sql_query query =
        sql_query(sql, "UPDATE sessions SET revoked_at = ?, revoke_reason = 'password'"
                       " WHERE user_id = ? AND revoked_at IS NULL");
    sql_put_int(&query, change->now_us / 1000);
    sql_put_text(&query, change->id);
    return sql_run(&query);
}

static enum err set_password(struct sql *sql, void *arg)
{
    const struct password_change *change = arg;
    struct sql_query query =
        sql_query(sql, "UPDATE users SET password_hash = ?, password_changed_at = ?"
                       " WHERE id = ? RETURNING id");
    sql_put_text(&query, change->hash);
    sql_put_int(&query, change->now_us / 1000);
    sql_put_text(&query, change->id);
    enum err err = sql_step(&query);
    sql_end(&query);
    if (err)
        return err == ERR_END ? ERR_NOT_FOUND : err;
    err = revoke_all(sql, change);
    if (err)
        return err;
    return audit_write(sql, &(struct audit_entry){.actor_id = change->id,
                                                  .action = change->action,
                                                  .target = change->id,
                                                  .now_us = change->now_us});
}

enum err store_account_set_password(struct store *store, const char *id, const char *hash,
                                    int64_t now_us)
{
    struct password_change change = {
        .id = id, .hash = hash, .action = "password.change", .now_us = now_us};
    return pool_write(store, set_password, &change);
}

/* --- Deletion --- */

struct deletion {
    const char *id;
    int64_t before_us;
    unsigned count;
};

/* Those who are followed by nobody any more must not count them. */
static enum err lower_follower_counts(struct sql *sql, const char *id)
{
    struct sql_query query =
        sql_query(sql, "UPDATE channels SET follower_count = follower_count - 1"
                       " WHERE id IN (SELECT channel_id FROM follows WHERE follower_id = ?)");
    sql_put_text(&query, id);
    return sql_run(&query);
}

static enum err blank_messages(struct sql *sql, const char *id)
{
    struct sql_query query =
        sql_query(sql, "UPDATE chat_messages SET content = '', attributes = '{}', sender = '{}'"
                       " WHERE user_id = ?");
    sql_put_text(&query, id);
    return sql_run(&query);
}

static enum err delete_account(struct sql *sql, void *arg)
{
    const struct deletion *deletion = arg;
    enum err err = lower_follower_counts(sql, deletion->id);
    if (!err)
        err = blank_messages(sql, deletion->id);
    if (err)
        return err;
    struct sql_query query = sql_query(sql, "DELETE FROM users WHERE id = ? RETURNING id");
    sql_put_text(&query, deletion->id);
    err = sql_step(&query);
    sql_end(&query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

enum err store_account_delete(struct store *store, const char *id)
{
    return pool_write(store, delete_account, &(struct deletion){.id = id});
}

static enum err delete_unconfirmed(struct sql *sql, void *arg)
{
    struct deletion *deletion = arg;
    struct sql_query query =
        sql_query(sql, "DELETE FROM users WHERE status = 'unconfirmed' AND created_at < ?"
                       " RETURNING id");
    sql_put_int(&query, deletion->before_us / 1000);
    deletion->count = 0;
    enum err err;
    while (!(err = sql_step(&query)))
        deletion->count++;
    sql_end(&query);
    return err == ERR_END ? ERR_OK : err;
}

enum err store_accounts_delete_unconfirmed(struct store *store, int64_t before_us,
                                           unsigned *out_count)
{
    struct deletion deletion = {.before_us = before_us};
    enum err err = pool_write(store, delete_unconfirmed, &deletion);
    if (!err)
        *out_count = deletion.count;
    return err;
}

/* --- One-time codes --- */

struct new_code {
    const char *account_id;
    enum account_purpose purpose;
    const struct store_new_code *code;
    int64_t now_us;
};

static enum err write_code(struct sql *sql, void *arg)
{
    const struct new_code *new = arg;
    return put_code(sql, new->account_id, new->purpose, new->code, new->now_us);
}

enum err store_code_put(struct store *store, const char *account_id, enum account_purpose purpose,
                        const struct store_new_code *code, int64_t now_us)
{
    struct new_code new = {
        .account_id = account_id, .purpose = purpose, .code = code, .now_us = now_us};
    return pool_write(store, write_code, &new);
}

struct use {
    const struct store_code_use *wish;
    struct arena *arena;
    enum account_code_verdict verdict;
    struct store_account account;
};

static enum err read_code(struct sql *sql, const struct use *use, struct account_code_state *out)
{
    struct sql_query query =
        sql_query(sql, "SELECT code_hash, expires_at, used_at, attempts FROM one_time_codes"
                       " WHERE user_id = ? AND purpose = ? FOR UPDATE");
    sql_put_text(&query, use->account.id);
    sql_put_text(&query, purposes[use->wish->purpose]);
    enum err err = sql_step(&query);
    if (!err) {
        struct str hash = sql_bytes(&query, 0);
        if (hash.len == sizeof(out->hash))
            memcpy(out->hash, hash.at, hash.len);
        out->expires_at_us = sql_int(&query, 1) * 1000;
        out->used_at_us = sql_is_null(&query, 2) ? 0 : sql_int(&query, 2) * 1000;
        out->attempts = sql_int(&query, 3);
    }
    sql_end(&query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

static enum err count_attempt(struct sql *sql, const struct use *use)
{
    struct sql_query query = sql_query(sql, "UPDATE one_time_codes SET attempts = attempts + 1"
                                            " WHERE user_id = ? AND purpose = ?");
    sql_put_text(&query, use->account.id);
    sql_put_text(&query, purposes[use->wish->purpose]);
    return sql_run(&query);
}

static enum err mark_used(struct sql *sql, const struct use *use)
{
    struct sql_query query = sql_query(sql, "UPDATE one_time_codes SET used_at = ?"
                                            " WHERE user_id = ? AND purpose = ?");
    sql_put_int(&query, use->wish->now_us / 1000);
    sql_put_text(&query, use->account.id);
    sql_put_text(&query, purposes[use->wish->purpose]);
    return sql_run(&query);
}

static enum err activate(struct sql *sql, const struct use *use)
{
    struct sql_query query = sql_query(sql, "UPDATE users SET status = 'active', confirmed_at = ?"
                                            " WHERE id = ? AND status = 'unconfirmed'");
    sql_put_int(&query, use->wish->now_us / 1000);
    sql_put_text(&query, use->account.id);
    return sql_run(&query);
}

static enum err apply(struct sql *sql, const struct use *use)
{
    enum err err = mark_used(sql, use);
    if (err)
        return err;
    if (use->wish->purpose == ACCOUNT_CONFIRM)
        return activate(sql, use);
    struct password_change change = {.id = use->account.id,
                                     .hash = use->wish->password_hash,
                                     .action = "password.reset",
                                     .now_us = use->wish->now_us};
    return set_password(sql, &change);
}

static enum err use_code(struct sql *sql, void *arg)
{
    struct use *use = arg;
    const struct store_code_use *wish = use->wish;
    struct account_code_state code = {0};
    use->verdict = ACCOUNT_CODE_WRONG;
    enum err err = find(sql, wish->name, use->arena, &use->account);
    if (!err)
        err = read_code(sql, use, &code);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    use->verdict =
        account_code_judge(&code, wish->purpose, wish->max_attempts, wish->hash, wish->now_us);
    if (use->verdict == ACCOUNT_CODE_WRONG)
        return count_attempt(sql, use);
    return use->verdict == ACCOUNT_CODE_OK ? apply(sql, use) : ERR_OK;
}

enum err store_code_use(struct store *store, const struct store_code_use *wish, struct arena *arena,
                        enum account_code_verdict *out_verdict, struct store_account *out_account)
{
    struct use use = {.wish = wish, .arena = arena};
    enum err err = pool_write(store, use_code, &use);
    if (err)
        return err;
    *out_verdict = use.verdict;
    *out_account = use.account;
    return ERR_OK;
}
