#include "api/config.h"
#include "api/live.h"
#include "api/static.h"
#include "api/status.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/options_checks.h"
#include "log/log.h"
#include "packager/part_memory.h"

enum {
    MICROSECONDS = 1000000,
    MAX_ORIGINS = 200,
    GUARD_US = 1000000,
    RTMP_MAX_CONNECTIONS = 10000, /* of a loop; ingest has limits of its own */
};

/* Whatever no other route takes is a page of the web UI. */
static const struct route ui_table[] = {
    {HTTP_GET, "/", static_serve, .cors = ROUTE_CORS_NONE},
    {HTTP_GET, "/*", static_serve, .cors = ROUTE_CORS_NONE},
};

struct routes *node_create_routes(struct node *node, const struct option_list *origins)
{
    struct daemon *daemon = node->daemon;
    struct str texts[MAX_ORIGINS];
    for (size_t i = 0; i < origins->count; i++)
        texts[i] = str_of(origins->items[i]);
    struct routes *routes =
        routes_create(&(struct routes_options){.allowed_origins = texts,
                                               .allowed_origin_count = origins->count,
                                               .auth = daemon->auth,
                                               .limiter = daemon->limiter});
    status_add_routes(routes);
    config_add_routes(routes, daemon->config_json);
    accounts_add_routes(routes, daemon->accounts);
    own_channel_add_routes(routes, daemon->own_channel);
    channels_add_routes(routes, &daemon->channels);
    live_add_routes(routes, live_hub_index(daemon->live, node->loop));
    if (daemon->ui != NULL)
        routes_add(routes, ui_table, sizeof(ui_table) / sizeof(*ui_table), daemon->ui);
    return routes;
}

void node_replace_routes(struct node *node, struct routes *routes)
{
    if (node->retired_count == NODE_MAX_RETIRED) {
        log_error("config", "too many reloads that make new routes: restart", NULL);
        routes_destroy(routes);
        return;
    }
    node->retired[node->retired_count++] = node->routes;
    node->routes = routes;
}

static void on_request(struct request *request, void *arg)
{
    struct node *node = arg;
    routes_on_request(request, node->routes);
}

static void on_refused(struct request *request, unsigned status, void *arg)
{
    struct node *node = arg;
    routes_on_refused(request, status, node->routes);
}

static void on_rtmp_accept(struct conn *conn, void *arg)
{
    struct node *node = arg;
    ingest_accept(node->daemon->ingest, conn);
}

/* RTMPS on the HTTPS port (media rule IN-2). */
static void on_foreign(struct conn *conn, const uint8_t *bytes, size_t len, void *arg)
{
    struct node *node = arg;
    ingest_accept_with(node->daemon->ingest, conn, bytes, len);
}

/* The kernel spreads connections over the loops' listeners. */
static unsigned share_of_connections(const struct daemon *daemon)
{
    unsigned loops = (unsigned)daemon->loop_count;
    return ((unsigned)daemon->config.options.http.max_connections + loops - 1) / loops;
}

static struct http_server *create_server(struct node *node)
{
    const struct options_http *options = &node->daemon->config.options.http;
    struct http_network proxies[MAX_ORIGINS];
    size_t proxy_count = 0;
    for (size_t i = 0; i < options->trusted_proxies.count; i++)
        if (http_network_read(str_of(options->trusted_proxies.items[i]), &proxies[proxy_count]) ==
            ERR_OK)
            proxy_count++; /* all are valid, the options' check saw to it */

    struct http_server_options server = {.limits = http_default_limits,
                                         .trusted_proxies = proxies,
                                         .trusted_proxy_count = proxy_count,
                                         .metrics = node->metrics,
                                         .on_request = on_request,
                                         .on_refused = on_refused,
                                         .on_foreign = on_foreign,
                                         .arg = node};
    server.limits.max_body = (size_t)options->max_body_bytes;
    server.limits.header_timeout_us = options->header_timeout_s * MICROSECONDS;
    server.limits.body_timeout_us = options->body_timeout_s * MICROSECONDS;
    server.limits.idle_timeout_us = options->idle_timeout_s * MICROSECONDS;
    server.limits.max_connections = share_of_connections(node->daemon);
    return http_server_create(node->loop, &server);
}

static const char *reason_of(enum err err)
{
    switch (err) {
    case ERR_CONFLICT:
        return "another program listens there";
    case ERR_DENIED:
        return "not allowed";
    case ERR_MALFORMED:
        return "this machine has no such address";
    default:
        return "the system refused";
    }
}

struct listening {
    const char *name;  /* "http.listen" */
    const char *where; /* "127.0.0.1:8080"; empty: do not listen */
    uint16_t *port;    /* in use, for all loops */
    struct listener_options options;
};

/* On the first loop the port may be 0, and is then what the system chose; the others follow. */
static enum err listen_on(struct node *node, struct listening *listening)
{
    struct options_address address;
    if (options_read_address(str_of(listening->where), &address) != ERR_OK)
        return ERR_OK; /* empty: off */
    bool is_first = loop_index(node->loop) == 0;
    listening->options.host = address.host;
    listening->options.port = is_first ? address.port : *listening->port;
    struct listener *listener = NULL;
    enum err err = listener_create(node->loop, &listening->options, &listener);
    if (err) {
        log_error("daemon", "cannot listen", "option=%s address=%s reason=%s", listening->name,
                  log_quote(str_of(listening->where)).at, log_quote(str_of(reason_of(err))).at);
        return err;
    }
    node->listeners[node->listener_count++] = listener;
    if (is_first) {
        *listening->port = listener_port(listener);
        log_info("daemon", "listening", "option=%s address=%s port=%u", listening->name,
                 log_quote(str_of(listening->where)).at, *listening->port);
    }
    return ERR_OK;
}

/* Media rule 2.8: what only slow readers hold is bounded. Each loop cuts its own. */
static void guard_memory(struct loop *loop, void *arg)
{
    struct node *node = arg;
    const struct daemon *daemon = node->daemon;
    size_t stale = part_memory_stale(daemon->metrics, daemon->loop_count);
    size_t excess = stale > PART_MEMORY_MAX_STALE ? stale - PART_MEMORY_MAX_STALE : 0;
    unsigned cut = http_server_shed(node->http, excess);
    if (cut > 0)
        log_warn("daemon", "slow readers cut", "connections=%u stale_bytes=%zu", cut, stale);
    loop_timer_start(loop, &node->guard, GUARD_US, guard_memory, node);
}

enum err node_create(struct node *node)
{
    struct daemon *daemon = node->daemon;
    const struct options *options = &daemon->config.options;
    node->streams = streams_create(node);
    node->http = create_server(node);

    bool is_tls = options->http.tls.cert_file[0] != '\0';
    struct listener_options http = {.protocol = "http",
                                    .max_connections = share_of_connections(daemon),
                                    .on_accept = http_server_accept,
                                    .arg = node->http};
    struct listener_options https = http;
    https.tls = daemon->http_tls;
    struct listener_options rtmp = {.protocol = "rtmp",
                                    .max_connections = RTMP_MAX_CONNECTIONS,
                                    .on_accept = on_rtmp_accept,
                                    .arg = node};
    struct listener_options rtmps = rtmp;
    rtmps.tls = daemon->rtmp_tls;
    struct addresses_ports *ports = &daemon->ports;
    struct listening all[] = {
        {"http.listen", options->http.listen, is_tls ? &ports->https : &ports->http,
         is_tls ? https : http},
        {"http.tlsListen", options->http.tls_listen, &ports->https, https},
        {"rtmp.listen", options->rtmp.listen, &ports->rtmp, rtmp},
        {"rtmp.tlsListen", options->rtmp.tls_listen, &ports->rtmps, rtmps},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        enum err err = listen_on(node, &all[i]);
        if (err)
            return err;
    }
    loop_timer_start(node->loop, &node->guard, GUARD_US, guard_memory, node);
    return ERR_OK;
}

void node_stop_listening(struct node *node)
{
    for (size_t i = 0; i < node->listener_count; i++)
        listener_destroy(node->listeners[i]);
    node->listener_count = 0;
}

void node_destroy(struct node *node)
{
    node_stop_listening(node);
    http_server_destroy(node->http);
    streams_destroy(node->streams);
    routes_destroy(node->routes);
    for (size_t i = 0; i < node->retired_count; i++)
        routes_destroy(node->retired[i]);
}
