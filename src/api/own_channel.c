#include "api/own_channel.h"

#include "api/errors.h"
#include "api/reply.h"
#include "api/work.h"
#include "base/clock.h"
#include "store/accounts.h"

enum { MAX_URL = 4200 };

struct own {
    const struct own_channel_api *api;
    const struct caller *caller;
    struct arena *arena;
    struct store_account account;
    struct store_channel channel;
    struct channel_key key;
    bool is_live;
    enum err err;
};

static struct own *own_create(struct request *request, void *arg)
{
    struct own *own = arena_alloc(request->arena, sizeof(*own));
    own->api = arg;
    own->caller = routes_caller(request);
    own->arena = request->arena;
    return own;
}

/* --- GET /channel --- */

static enum err read_liveness(struct own *own)
{
    struct store_session session;
    enum err err = store_session_find_newest(own->api->provision.store, &own->channel.id,
                                             own->arena, &session);
    own->is_live = !err && session.live_at_us != 0 && session.ended_at_us == 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err read_own(struct own *own)
{
    struct store *store = own->api->provision.store;
    const char *user_id = own->caller->who.user_id;
    enum err err = ERR_CONFLICT;
    if (own->caller->who.channel_id.at[0] == '\0')
        err = provision_channel(&own->api->provision, user_id, clock_wall_us());
    if (err && err != ERR_CONFLICT)
        return err;
    err = store_account_find_by_id(store, user_id, own->arena, &own->account);
    if (!err)
        err = store_channel_find(store, str_of(own->account.name), own->arena, &own->channel);
    if (!err)
        err = store_channel_show_key(store, &own->channel.id, &own->key);
    return err ? err : read_liveness(own);
}

static void find_own(void *arg)
{
    struct own *own = arg;
    own->err = read_own(own);
}

static json_t *build_identity(const struct own *own)
{
    struct buf arn;
    buf_init(&arn, MAX_URL);
    channel_put_arn(&arn, str_of(own->api->provision.region), str_of(own->api->account_id),
                    str_of(own->channel.id.at));
    json_t *identity = json_pack(
        "{ss ss ss ss s{} ss ss so ss}", "username", own->account.name, "email", own->account.email,
        "avatar", own->account.avatar, "color", own->account.color, "channelAssetUrls", "channelId",
        own->channel.id.at, "channelResourceId", own->channel.id.at, "channelArn",
        json_stringn((const char *)arn.at, arn.len), "trackingId", own->channel.tracking_id);
    buf_finish(&arn);
    return identity;
}

/* rtmp://host:1935/app/ has it between "://" and the port. */
static struct str host_of(const char *url)
{
    const char *start = strstr(url, "://");
    start = start != NULL ? start + 3 : url;
    size_t len = *start == '[' ? strcspn(start, "]") + 1 : strcspn(start, ":/");
    return (struct str){.at = start, .len = len};
}

static void set(json_t *object, const char *name, struct str value)
{
    (void)json_object_set_new(object, name, json_stringn(value.at, value.len)); /* aborts or does */
}

static void add_addresses(const struct own *own, json_t *body)
{
    const struct own_channel_api *api = own->api;
    struct arena *arena = own->arena;
    set(body, "ingestEndpoint", host_of(api->ingest_url));
    set(body, "ingestServerUrl", str_of(api->ingest_url));
    set(body, "whipUrl", arena_printf(arena, "%s/whip", api->public_url));
    set(body, "playbackUrl",
        arena_printf(arena, "%s/live/%s/master.m3u8", api->public_url, own->channel.id.at));
    set(body, "streamKeyValue", str_of(own->key.at));
}

static json_t *build_settings(const struct own *own)
{
    const struct store_channel *channel = &own->channel;
    json_t *tags = json_loads(channel->tags, 0, NULL);
    return json_pack("{sn s{ss s{sb ss ss}} sb ss sn so ss? sb ss sI}", "stageId",
                     "channelConfiguration", "type", channel->type, "multitrackInputConfiguration",
                     "enabled", 0, "maximumResolution", "", "policy", "", "isLive",
                     (int)own->is_live, "title", channel->title, "category", "tags",
                     tags != NULL ? tags : json_array(), "language", channel->language, "mature",
                     (int)channel->mature, "bio", channel->bio, "followerCount",
                     (json_int_t)channel->follower_count);
}

static void on_found(struct request *request, void *arg)
{
    const struct own *own = arg;
    if (own->err) {
        errors_reply_status(request, 500); /* the store logged why */
        return;
    }
    json_t *body = build_identity(own);
    json_t *settings = build_settings(own);
    add_addresses(own, body);
    (void)json_object_update(body, settings); /* aborts or does */
    json_decref(settings);
    reply_json_fresh(request, 200, body, NULL, 0);
}

static void on_channel(struct request *request, void *arg)
{
    work_run(request, find_own, on_found, own_create(request, arg));
}

/* --- POST /channel/resources/create --- */

static void create_resources(void *arg)
{
    struct own *own = arg;
    own->err = provision_channel(&own->api->provision, own->caller->who.user_id, clock_wall_us());
}

static void on_created(struct request *request, void *arg)
{
    const struct own *own = arg;
    if (own->err && own->err != ERR_CONFLICT)
        errors_reply_status(request, 500);
    else
        reply_json_fresh(request, own->err ? 200 : 201, json_object(), NULL, 0);
}

static void on_create(struct request *request, void *arg)
{
    work_run(request, create_resources, on_created, own_create(request, arg));
}

void own_channel_add_routes(struct routes *routes, const struct own_channel_api *api)
{
    static const struct route table[] = {
        {HTTP_GET, "/api/channel", on_channel, .auth = AUTH_REQUIRED},
        {HTTP_POST, "/api/channel/resources/create", on_create, .auth = AUTH_REQUIRED},
    };
    routes_add(routes, table, sizeof(table) / sizeof(*table),
               (void *)(uintptr_t)api); /* read only */
}
