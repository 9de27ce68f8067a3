/* Channels, the accounts that own them, and their stream keys. */
#include "base/mem.h"
#include "base/text.h"
#include "log/log.h"
#include "store/pool.h"

#include <sodium.h>
#include <stdio.h>

#define CHANNEL_COLUMNS                                                                \
    "c.id, u.username, c.type, u.avatar, u.color, c.title, c.bio, c.language, c.tags," \
    " c.tracking_id, c.mature, c.follower_count, c.created_at"

static struct store_channel read_channel(const struct sql_query *query, struct arena *arena)
{
    struct store_channel channel = {
        .type = sql_text(query, 2, arena),
        .avatar = sql_text(query, 3, arena),
        .color = sql_text(query, 4, arena),
        .title = sql_text(query, 5, arena),
        .bio = sql_text(query, 6, arena),
        .language = sql_text(query, 7, arena),
        .tags = sql_text(query, 8, arena),
        .tracking_id = sql_text(query, 9, arena),
        .mature = sql_int(query, 10) != 0,
        .follower_count = sql_int(query, 11),
        .created_at_us = sql_int(query, 12) * 1000,
    };
    sql_copy_text(query, 0, channel.id.at, sizeof(channel.id.at));
    sql_copy_text(query, 1, channel.name, sizeof(channel.name));
    return channel;
}

/* What a new channel consists of, made before the transaction. */
struct draft {
    struct channel_uuid user_id, asset_id;
    struct channel_id channel_id, room_id, key_id;
    char channel_id_ci[CHANNEL_ID_LEN + 1], room_id_ci[CHANNEL_ID_LEN + 1];
    char name_ci[CHANNEL_NAME_MAX + 1];
    const char *avatar, *color;
    struct channel_key key;
    uint8_t mac[VAULT_MAC_LEN];
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t sealed_len;
};

static void draft_create(const struct vault *vault, struct random *random, struct str region,
                         struct draft *out)
{
    out->asset_id = channel_uuid_create(random);
    out->channel_id = channel_id_create(random);
    out->room_id = channel_id_create(random);
    out->key_id = channel_id_create(random);
    channel_name_fold(str_of(out->channel_id.at), out->channel_id_ci);
    channel_name_fold(str_of(out->room_id.at), out->room_id_ci);
    out->key = channel_key_create(random, region, &out->key_id);
    struct secret key = {str_of(out->key.at)};
    vault_mac(vault, key, out->mac);
    out->sealed_len = vault_seal(vault, random, key, str_of(out->channel_id.at), out->sealed);
}

static void draft_account(const struct store_new_channel *wish, struct draft *out)
{
    struct random *random = wish->random;
    out->user_id = channel_uuid_create(random);
    channel_name_fold(wish->name, out->name_ci);
    out->avatar = channel_avatars[random_below(random, CHANNEL_AVATARS)];
    out->color = channel_colors[random_below(random, CHANNEL_COLORS)];
}

static enum err insert_user(struct sql *sql, const struct store_new_channel *wish,
                            const struct draft *draft)
{
    struct sql_query query = sql_query(
        sql, "INSERT INTO users (id, username, email, email_ci, password_hash, status, avatar,"
             " color, created_at, confirmed_at, password_changed_at)"
             " VALUES (?1, ?2, ?6, ?6, '', 'active', ?3, ?4, ?5, ?5, ?5)");
    char email[sizeof(draft->user_id.at) + sizeof("@klieg.invalid")];
    (void)snprintf(email, sizeof(email), "%s@klieg.invalid", draft->user_id.at); /* fits */
    sql_put_text(&query, draft->user_id.at);
    sql_put_str(&query, wish->name);
    sql_put_text(&query, draft->avatar);
    sql_put_text(&query, draft->color);
    sql_put_int(&query, wish->now_us / 1000);
    sql_put_text(&query, email);
    return sql_run(&query);
}

static enum err insert_name(struct sql *sql, const struct draft *draft)
{
    struct sql_query query =
        sql_query(sql, "INSERT INTO usernames (name_ci, user_id) VALUES (?, ?)");
    sql_put_text(&query, draft->name_ci);
    sql_put_text(&query, draft->user_id.at);
    return sql_run(&query);
}

/* ERR_CONFLICT: the account has one. */
static enum err insert_channel(struct sql *sql, const struct draft *draft, const char *type,
                               int64_t now_us)
{
    struct sql_query query = sql_query(
        sql, "INSERT INTO channels (id, id_ci, user_id, room_id, room_id_ci, stream_key_id,"
             " stream_key_hash, stream_key_enc, tracking_id, asset_id, type, created_at)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?2, ?9, ?10, ?11)"
             " ON CONFLICT (user_id) DO NOTHING RETURNING id");
    sql_put_text(&query, draft->channel_id.at);
    sql_put_text(&query, draft->channel_id_ci);
    sql_put_text(&query, draft->user_id.at);
    sql_put_text(&query, draft->room_id.at);
    sql_put_text(&query, draft->room_id_ci);
    sql_put_text(&query, draft->key_id.at);
    sql_put_bytes(&query, draft->mac, sizeof(draft->mac));
    sql_put_bytes(&query, draft->sealed, draft->sealed_len);
    sql_put_text(&query, draft->asset_id.at);
    sql_put_text(&query, type);
    sql_put_int(&query, now_us / 1000);
    enum err err = sql_step(&query);
    sql_end(&query);
    return err == ERR_END ? ERR_CONFLICT : err;
}

struct creation {
    const struct store_new_channel *wish;
    const struct draft *draft;
};

static enum err create(struct sql *sql, void *arg)
{
    const struct creation *creation = arg;
    enum err err = insert_user(sql, creation->wish, creation->draft);
    if (!err)
        err = insert_name(sql, creation->draft);
    if (!err)
        err = insert_channel(sql, creation->draft, creation->wish->type, creation->wish->now_us);
    return err;
}

enum err store_channel_create(struct store *store, const struct store_new_channel *wish,
                              struct arena *arena, struct store_channel *out,
                              struct channel_key *out_key)
{
    struct draft draft = {0};
    draft_create(&store->vault, wish->random, wish->region, &draft);
    draft_account(wish, &draft);

    struct creation creation = {.wish = wish, .draft = &draft};
    enum err err = pool_write(store, create, &creation);
    if (!err)
        err = store_channel_find(store, wish->name, arena, out);
    if (!err)
        *out_key = draft.key;
    sodium_memzero(&draft, sizeof(draft));
    return err;
}

struct provision {
    const struct store_provision *wish;
    const struct draft *draft;
};

static enum err provision(struct sql *sql, void *arg)
{
    const struct provision *job = arg;
    return insert_channel(sql, job->draft, job->wish->type, job->wish->now_us);
}

enum err store_channel_provision(struct store *store, const struct store_provision *wish)
{
    struct draft draft = {0};
    draft_create(&store->vault, wish->random, wish->region, &draft);
    (void)snprintf(draft.user_id.at, sizeof(draft.user_id.at), "%s", wish->user_id);
    enum err err = pool_write(store, provision, &(struct provision){.wish = wish, .draft = &draft});
    sodium_memzero(&draft, sizeof(draft));
    return err;
}

/* Runs a query for at most one channel. */
static enum err find_one(struct sql_query *query, struct arena *arena, struct store_channel *out)
{
    enum err err = sql_step(query);
    if (!err)
        *out = read_channel(query, arena);
    sql_end(query);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}

enum err store_channel_find(struct store *store, struct str name, struct arena *arena,
                            struct store_channel *out)
{
    if (name.len > CHANNEL_NAME_MAX)
        return ERR_NOT_FOUND;
    char name_ci[CHANNEL_NAME_MAX + 1];
    channel_name_fold(name, name_ci);

    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(
        sql, "SELECT " CHANNEL_COLUMNS " FROM usernames n JOIN users u ON u.id = n.user_id"
             " JOIN channels c ON c.user_id = u.id WHERE n.name_ci = ?");
    sql_put_str(&query, (struct str){.at = name_ci, .len = name.len});
    enum err err = find_one(&query, arena, out);
    pool_give_reader(store, sql);
    return err;
}

enum err store_channel_find_by_key(struct store *store, struct secret key, struct arena *arena,
                                   struct store_channel *out)
{
    uint8_t mac[VAULT_MAC_LEN];
    vault_mac(&store->vault, key, mac);

    struct sql *sql = pool_take_reader(store);
    struct sql_query query =
        sql_query(sql, "SELECT " CHANNEL_COLUMNS " FROM channels c JOIN users u ON u.id = c.user_id"
                       " WHERE c.stream_key_hash = ?");
    sql_put_bytes(&query, mac, sizeof(mac));
    enum err err = find_one(&query, arena, out);
    pool_give_reader(store, sql);
    return err;
}

enum err store_channel_list(struct store *store, struct arena *arena, struct store_channel **out,
                            size_t *out_count)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query =
        sql_query(sql, "SELECT " CHANNEL_COLUMNS " FROM channels c"
                       " JOIN users u ON u.id = c.user_id ORDER BY c.created_at, u.username");
    struct store_channel *channels = NULL;
    size_t count = 0;
    enum err err;
    while (!(err = sql_step(&query))) {
        if ((count & (count - 1)) == 0) /* full: 0, 1, 2, 4, … */
            channels = mem_grow(channels, count > 0 ? count * 2 : 1, sizeof(*channels));
        channels[count++] = read_channel(&query, arena);
    }
    sql_end(&query);
    pool_give_reader(store, sql);
    if (err == ERR_END) {
        *out = arena_alloc(arena, (count > 0 ? count : 1) * sizeof(**out));
        if (count > 0)
            memcpy(*out, channels, count * sizeof(**out));
        *out_count = count;
        err = ERR_OK;
    }
    mem_free(channels);
    return err;
}

enum err store_channel_show_key(struct store *store, const struct channel_id *id,
                                struct channel_key *out)
{
    struct sql *sql = pool_take_reader(store);
    struct sql_query query = sql_query(sql, "SELECT stream_key_enc FROM channels WHERE id = ?");
    sql_put_text(&query, id->at);
    enum err err = sql_step(&query);
    if (!err)
        err = vault_open(&store->vault, sql_bytes(&query, 0), str_of(id->at), out);
    sql_end(&query);
    pool_give_reader(store, sql);
    return err == ERR_END ? ERR_NOT_FOUND : err;
}
