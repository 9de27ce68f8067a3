#include "api/channels.h"

#include "api/errors.h"
#include "api/reply.h"
#include "api/work.h"

/* A look-up on its way through the worker pool; of the request's arena. */
struct lookup {
    const struct channels_api *api;
    struct str name;
    struct arena *arena;
    enum err err;
    struct store_channel channel;
    bool has_session;
    struct store_session session;
};

static void look_up(void *arg)
{
    struct lookup *lookup = arg;
    struct store *store = lookup->api->store;
    lookup->err = store_channel_find(store, lookup->name, lookup->arena, &lookup->channel);
    if (lookup->err)
        return;
    enum err err =
        store_session_find_newest(store, &lookup->channel.id, lookup->arena, &lookup->session);
    lookup->has_session = !err;
    lookup->err = err == ERR_NOT_FOUND ? ERR_OK : err;
}

static unsigned count_viewers(const struct lookup *lookup, const struct loop *loop)
{
    if (lookup->api->live == NULL)
        return (unsigned)lookup->session.viewers;
    struct live_index *index = live_hub_index(lookup->api->live, loop);
    struct published *live = live_find_channel(index, str_of(lookup->channel.id.at));
    return live != NULL ? audience_count(live->audience) : 0;
}

static void refuse(struct request *request, enum err err)
{
    static const struct api_error not_found = {
        .status = 404, .type = "UserNotFound", .message = "There is no channel of this name."};
    if (err == ERR_NOT_FOUND)
        errors_reply(request, &not_found);
    else
        errors_reply_status(request, 500); /* the store logged why */
}

static void on_looked_up(struct request *request, void *arg)
{
    const struct lookup *lookup = arg;
    if (lookup->err)
        refuse(request, lookup->err);
    else
        reply_json(request,
                   channel_page_build(&lookup->api->site, &lookup->channel,
                                      lookup->has_session ? &lookup->session : NULL,
                                      count_viewers(lookup, request->loop)),
                   STR("public, max-age=1"), STR("Origin, Authorization, Cookie"));
}

static void on_channel(struct request *request, void *arg)
{
    struct lookup *lookup = arena_alloc(request->arena, sizeof(*lookup));
    lookup->api = arg;
    lookup->name = routes_param(request, "name");
    lookup->arena = request->arena;
    work_run(request, look_up, on_looked_up, lookup);
}

void channels_add_routes(struct routes *routes, const struct channels_api *api)
{
    static const struct route table[] = {
        {HTTP_GET, "/api/channels/:name", on_channel, .cors = ROUTE_CORS_ALLOWED},
    };
    routes_add(routes, table, 1, (void *)(uintptr_t)api); /* read only */
}
