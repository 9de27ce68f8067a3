#include "http/server.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/http2_block.h"
#include "http/inside.h"

#include <assert.h>

enum { SWEEP_US = 250000, HTTP2_LOOK_US = 500000, DRAIN_STEP_US = 50000, ARENA_BLOCK = 8 << 10 };

const struct http_limits http_default_limits = {
    .max_url = 4 << 10,
    .max_head = 16 << 10,
    .max_body = 64 << 10,
    .header_timeout_us = 10000000,
    .body_timeout_us = 30000000,
    .idle_timeout_us = 75000000,
    .stall_timeout_us = 30000000,
    .handler_timeout_us = 10000000,
    .ping_us = 30000000,
    .max_connections = 20000,
};

static int64_t duration_of(const struct http_server *server, enum inside_wait wait)
{
    switch (wait) {
    case WAIT_HEAD:
        return server->options.limits.header_timeout_us;
    case WAIT_BODY:
        return server->options.limits.body_timeout_us;
    case WAIT_IDLE:
        return server->options.limits.idle_timeout_us;
    case WAIT_HANDLER:
        return server->options.limits.handler_timeout_us;
    default:
        return HTTP2_LOOK_US;
    }
}

void server_wait(struct inside_peer *peer, enum inside_wait wait)
{
    struct http_server *server = peer->server;
    peer->wait = (uint8_t)wait;
    peer->deadline_us = loop_now_us(server->loop) + duration_of(server, wait);
    list_remove(&peer->wait_node);
    list_append(&server->waits[wait], &peer->wait_node);
}

void server_stop_waiting(struct inside_peer *peer)
{
    list_remove(&peer->wait_node);
}

bool server_is_stuck(struct inside_peer *peer)
{
    size_t queued = conn_queued(peer->conn);
    bool is_stuck = queued > 0 && queued == peer->queued_before;
    peer->queued_before = queued;
    return is_stuck;
}

void server_close_peer(struct inside_peer *peer)
{
    bool has_bytes = conn_queued(peer->conn) > 0;
    conn_close(peer->conn, has_bytes ? INSIDE_SEND_LINGER_US : INSIDE_LINGER_US);
}

uint8_t *server_reserve_out(struct http_server *server, size_t len, struct slice *out)
{
    if (server->out == NULL || len > server->out->len - server->out_used) {
        chunk_unref(&server->out);
        server->out = chunk_create(len > INSIDE_OUT_SIZE ? len : INSIDE_OUT_SIZE);
        server->out_used = 0;
    }
    uint8_t *at = server->out->at + server->out_used;
    *out = (struct slice){.chunk = server->out, .at = at, .len = len};
    server->out_used += len;
    return at;
}

/* --- Peers --- */

void server_add_peer(struct http_server *server, struct inside_peer *peer, struct conn *conn)
{
    peer->server = server;
    peer->conn = conn;
    list_append(&server->peers, &peer->node);
    list_init(&peer->wait_node);
    if (http_address_read(str_of(conn_peer(conn)->text), peer->address) != ERR_OK)
        memset(peer->address, 0, sizeof(peer->address)); /* a UNIX-domain socket */
    server->connections++;
    metrics_add(server->options.metrics, METRIC_HTTP_CONNECTIONS, 1);
}

static void report_drained(struct loop *loop, void *arg)
{
    (void)loop;
    struct http_server *server = arg;
    void (*on_drained)(void *arg) = server->on_drained;
    server->check_is_deferred = false;
    if (server->connections > 0 || server->detached > 0 || on_drained == NULL)
        return;
    server->on_drained = NULL;
    on_drained(server->on_drained_arg);
}

void server_check_drained(struct http_server *server)
{
    if (!server->is_draining || server->connections > 0 || server->detached > 0 ||
        server->check_is_deferred)
        return;
    server->check_is_deferred = true;
    loop_defer(server->loop, report_drained, server);
}

void server_remove_peer(struct inside_peer *peer)
{
    struct http_server *server = peer->server;
    list_remove(&peer->node);
    list_remove(&peer->wait_node);
    peer->conn = NULL;
    server->connections--;
    metrics_add(server->options.metrics, METRIC_HTTP_CONNECTIONS, -1);
    server_check_drained(server);
}

void http_server_accept(struct conn *conn, void *arg)
{
    struct http_server *server = arg;
    if (server->is_draining || server->connections >= server->options.limits.max_connections) {
        metrics_add(server->options.metrics, METRIC_HTTP_REFUSED, 1);
        return; /* without an owner it is closed */
    }
    if (strcmp(conn_alpn(conn), "h2") == 0)
        http2_accept(server, conn, (struct str){0});
    else
        http1_accept(server, conn);
}

/* --- Deadlines and draining --- */

static void drain_some(struct http_server *server, int64_t now_us)
{
    bool is_over = now_us >= server->drain_end_us;
    LIST_FOR_EACH(node, &server->peers)
    {
        struct inside_peer *peer = LIST_ENTRY(node, struct inside_peer, node);
        if (is_over) {
            conn_close(peer->conn, 0);
        } else if (peer->drain_at_us <= now_us) {
            peer->drain_at_us = server->drain_end_us;
            peer->ops->on_drain(peer);
        }
    }
}

static void sweep(struct loop *loop, void *arg)
{
    struct http_server *server = arg;
    int64_t now_us = loop_now_us(loop);
    for (size_t wait = 0; wait < WAIT_KINDS; wait++) {
        struct list *waits = &server->waits[wait];
        while (!list_is_empty(waits)) {
            struct inside_peer *peer = LIST_ENTRY(waits->next, struct inside_peer, wait_node);
            if (peer->deadline_us > now_us)
                break;
            list_remove(&peer->wait_node);
            peer->ops->on_deadline(peer);
        }
    }
    if (server->is_draining)
        drain_some(server, now_us);
    loop_timer_start(loop, &server->sweep, server->is_draining ? DRAIN_STEP_US : SWEEP_US, sweep,
                     server);
}

void http_server_drain(struct http_server *server, int64_t over_us, void (*done)(void *arg),
                       void *arg)
{
    int64_t now_us = loop_now_us(server->loop);
    int64_t end_us = now_us + over_us;
    server->on_drained = done;
    server->on_drained_arg = arg;
    if (!server->is_draining || end_us < server->drain_end_us)
        server->drain_end_us = end_us;
    server->is_draining = true;
    LIST_FOR_EACH(node, &server->peers)
    {
        struct inside_peer *peer = LIST_ENTRY(node, struct inside_peer, node);
        uint32_t within_ms = (uint32_t)(over_us / 2000) + 1; /* and half is left to finish in */
        peer->drain_at_us = now_us + (int64_t)random_below(random_system(), within_ms) * 1000;
    }
    server_check_drained(server);
    loop_timer_start(server->loop, &server->sweep, 0, sweep, server);
}

unsigned http_server_shed(struct http_server *server, size_t bytes)
{
    unsigned cut = 0;
    LIST_FOR_EACH(node, &server->peers)
    {
        struct inside_peer *peer = LIST_ENTRY(node, struct inside_peer, node);
        size_t queued = conn_queued(peer->conn);
        bool is_stuck = queued > 0 && queued == peer->queued_at_shed;
        peer->queued_at_shed = queued;
        if (!is_stuck || bytes == 0)
            continue;
        bytes -= queued < bytes ? queued : bytes;
        conn_close(peer->conn, 0);
        cut++;
    }
    return cut;
}

unsigned http_server_connections(const struct http_server *server)
{
    return server->connections;
}

struct http_server *http_server_create(struct loop *loop, const struct http_server_options *options)
{
    struct http_server *server = mem_zalloc(1, sizeof(*server));
    server->options = *options;
    server->loop = loop;
    list_init(&server->peers);
    for (size_t wait = 0; wait < WAIT_KINDS; wait++)
        list_init(&server->waits[wait]);
    if (options->trusted_proxy_count > 0)
        server->trusted_proxies =
            mem_copy(options->trusted_proxies,
                     options->trusted_proxy_count * sizeof(*options->trusted_proxies));
    arena_init(&server->arena, ARENA_BLOCK);
    random_fill(random_system(), &server->next_id, sizeof(server->next_id));
    loop_timer_start(loop, &server->sweep, SWEEP_US, sweep, server);
    return server;
}

void http_server_destroy(struct http_server *server)
{
    if (server == NULL)
        return;
    assert(server->connections == 0 && server->detached == 0);
    loop_timer_stop(&server->sweep);
    chunk_unref(&server->out);
    http2_block_destroy(server->spare_block);
    arena_finish(&server->arena);
    mem_free(server->trusted_proxies);
    mem_free(server);
}
