#include "daemon/ops.h"

#include "api/errors.h"
#include "api/reply.h"
#include "base/mem.h"
#include "daemon/control.h"
#include "daemon/options_checks.h"
#include "log/log.h"

enum {
    METRICS_MAX = 256 << 10,
    MAX_CONNECTIONS = 64,
    MAX_NAME = 100,
};

struct ops {
    struct daemon *daemon;
    struct routes *public_routes, *control_routes;
    struct http_server *public_server, *control_server;
    struct listener *public_listener, *control_listener;
    unsigned drained;
    void (*done)(void *arg);
    void *done_arg;
};

/* --- For everybody on this machine --- */

static void on_metrics(struct request *request, void *arg)
{
    struct daemon *daemon = arg;
    struct buf text;
    buf_init(&text, METRICS_MAX);
    metrics_write(daemon->metrics, daemon->loop_count, &text);
    request_reply_text(request, 200, STR("text/plain; version=0.0.4; charset=utf-8"),
                       buf_str(&text));
    buf_finish(&text);
}

static void on_ready(struct request *request, void *arg)
{
    struct daemon *daemon = arg;
    bool is_draining = atomic_load(&daemon->is_draining);
    request_reply_text(request, is_draining ? 503 : 200, STR("text/plain; charset=utf-8"),
                       is_draining ? STR("draining\n") : STR("ready\n"));
}

static void on_alive(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain; charset=utf-8"), STR("alive\n"));
}

static const struct route public_table[] = {
    {HTTP_GET, "/metrics", on_metrics, .cors = ROUTE_CORS_NONE},
    {HTTP_GET, "/ready", on_ready, .cors = ROUTE_CORS_NONE},
    {HTTP_GET, "/live", on_alive, .cors = ROUTE_CORS_NONE},
};

/* --- For the command line --- */

static void on_ports(struct request *request, void *arg)
{
    struct daemon *daemon = arg;
    const struct addresses_ports *ports = &daemon->ports;
    reply_json(request,
               json_pack("{si si si si}", "http", ports->http, "https", ports->https, "rtmp",
                         ports->rtmp, "rtmps", ports->rtmps),
               STR("no-store"), STR(""));
}

/* Timed metadata on its way: the name is looked up first. */
struct metadata {
    struct request *request;
    struct daemon *daemon;
    struct arena arena;
    struct str name, text;
    enum err err;
    struct store_channel channel;
};

static void metadata_finish(struct metadata *metadata)
{
    arena_finish(&metadata->arena);
    mem_free(metadata);
}

static void reply_metadata(struct request *request, enum err err)
{
    static const struct api_error not_live = {.status = 409,
                                              .type = "ChannelNotBroadcasting",
                                              .message =
                                                  "There is no such channel, or it is not live."};
    static const struct api_error too_many = {
        .status = 429,
        .type = "TimedMetadata",
        .message = "Too much metadata: at most 5 a second for a channel.",
        .retry_after_s = 1};
    static const struct api_error invalid = {
        .status = 400,
        .type = "TimedMetadataValidation",
        .message = "Metadata is a text of 1 to 1024 bytes without NUL."};
    if (err == ERR_NOT_FOUND)
        errors_reply(request, &not_live);
    else if (err == ERR_LIMIT)
        errors_reply(request, &too_many);
    else if (err == ERR_MALFORMED)
        errors_reply(request, &invalid);
    else if (err)
        errors_reply_status(request, 500);
    else
        reply_json(request, json_object(), STR("no-store"), STR(""));
}

static void on_metadata_put(void *arg, enum err err)
{
    struct metadata *metadata = arg;
    reply_metadata(metadata->request, err);
    metadata_finish(metadata);
}

static void find_channel(void *arg)
{
    struct metadata *metadata = arg;
    metadata->err = store_channel_find(metadata->daemon->store, metadata->name, &metadata->arena,
                                       &metadata->channel);
}

static void on_channel_found(struct loop *loop, void *arg)
{
    struct metadata *metadata = arg;
    if (metadata->err) {
        on_metadata_put(metadata, metadata->err);
        return;
    }
    ingest_put_metadata(metadata->daemon->ingest, loop, str_of(metadata->channel.id.at),
                        metadata->text, on_metadata_put, metadata);
}

static struct str copy_member(struct arena *arena, const json_t *root, const char *name)
{
    const json_t *member = json_object_get(root, name);
    struct str text = {.at = json_string_value(member), .len = json_string_length(member)};
    return text.at != NULL ? arena_copy(arena, text) : text;
}

static void on_metadata(struct request *request, void *arg)
{
    struct metadata *metadata = mem_zalloc(1, sizeof(*metadata));
    metadata->request = request;
    metadata->daemon = arg;
    arena_init(&metadata->arena, 4096);
    json_t *root = json_loadb(request->body.at, request->body.len, JSON_REJECT_DUPLICATES, NULL);
    metadata->name = copy_member(&metadata->arena, root, "channel");
    metadata->text = copy_member(&metadata->arena, root, "text");
    json_decref(root);
    request_keep(request, NULL, NULL);
    if (metadata->name.at == NULL || metadata->text.at == NULL)
        on_metadata_put(metadata, ERR_MALFORMED);
    else if (loop_work(request->loop, find_channel, on_channel_found, metadata) != ERR_OK)
        on_metadata_put(metadata, ERR_LIMIT);
}

static const struct route control_table[] = {
    {HTTP_GET, "/ports", on_ports, .cors = ROUTE_CORS_NONE},
    {HTTP_POST, "/metadata", on_metadata, .cors = ROUTE_CORS_NONE},
};

/* --- Listening --- */

static struct http_server *create_server(struct daemon *daemon, struct routes *routes)
{
    struct http_server_options options = {.limits = http_default_limits,
                                          .on_request = routes_on_request,
                                          .on_refused = routes_on_refused,
                                          .arg = routes};
    options.limits.max_connections = MAX_CONNECTIONS;
    return http_server_create(daemon->loops[0], &options);
}

static enum err listen_publicly(struct ops *ops)
{
    const char *where = ops->daemon->config.options.http.ops_listen;
    struct options_address address;
    if (options_read_address(str_of(where), &address) != ERR_OK)
        return ERR_OK; /* empty: off */
    struct listener_options options = {.host = address.host,
                                       .port = address.port,
                                       .protocol = "ops",
                                       .max_connections = MAX_CONNECTIONS,
                                       .on_accept = http_server_accept,
                                       .arg = ops->public_server};
    enum err err = listener_create(ops->daemon->loops[0], &options, &ops->public_listener);
    if (err)
        log_error("daemon", "cannot listen", "option=http.opsListen address=%s",
                  log_quote(str_of(where)).at);
    else
        log_info("daemon", "listening", "option=http.opsListen address=%s port=%u",
                 log_quote(str_of(where)).at, listener_port(ops->public_listener));
    return err;
}

static enum err listen_on_socket(struct ops *ops)
{
    struct daemon *daemon = ops->daemon;
    struct str path = control_path(&daemon->config.options, &daemon->arena);
    struct listener_options options = {.path = path.at,
                                       .protocol = "control",
                                       .max_connections = MAX_CONNECTIONS,
                                       .on_accept = http_server_accept,
                                       .arg = ops->control_server};
    enum err err = listener_create(daemon->loops[0], &options, &ops->control_listener);
    if (err)
        log_error("daemon",
                  err == ERR_CONFLICT ? "another daemon runs with this data folder"
                                      : "cannot listen on the control socket",
                  "socket=%s", log_quote(path).at);
    return err;
}

enum err ops_create(struct daemon *daemon, struct ops **out)
{
    static const struct routes_options options = {0};
    struct ops *ops = mem_zalloc(1, sizeof(*ops));
    *out = ops; /* also when listening fails: ops_destroy() frees it */
    ops->daemon = daemon;
    ops->public_routes = routes_create(&options);
    ops->control_routes = routes_create(&options);
    routes_add(ops->public_routes, public_table, sizeof(public_table) / sizeof(*public_table),
               daemon);
    routes_add(ops->control_routes, control_table, sizeof(control_table) / sizeof(*control_table),
               daemon);
    ops->public_server = create_server(daemon, ops->public_routes);
    ops->control_server = create_server(daemon, ops->control_routes);
    /* The socket first: it finds out whether another daemon uses this folder. */
    enum err err = listen_on_socket(ops);
    return err ? err : listen_publicly(ops);
}

static void on_server_drained(void *arg)
{
    struct ops *ops = arg;
    if (++ops->drained == 2)
        ops->done(ops->done_arg);
}

void ops_drain(struct ops *ops, void (*done)(void *arg), void *arg)
{
    ops->done = done;
    ops->done_arg = arg;
    listener_destroy(ops->public_listener);
    listener_destroy(ops->control_listener);
    ops->public_listener = ops->control_listener = NULL;
    http_server_drain(ops->public_server, 0, on_server_drained, ops);
    http_server_drain(ops->control_server, 0, on_server_drained, ops);
}

void ops_destroy(struct ops *ops)
{
    if (ops == NULL)
        return;
    listener_destroy(ops->public_listener);
    listener_destroy(ops->control_listener);
    http_server_destroy(ops->public_server);
    http_server_destroy(ops->control_server);
    routes_destroy(ops->public_routes);
    routes_destroy(ops->control_routes);
    mem_free(ops);
}
