/*
 * The orderly end (SIGTERM), in steps that each wait for the one before:
 *
 * 1. every loop stops listening;
 * 2. streams end as clean stops, so that playlists get their end;
 * 3. every loop's HTTP server closes its connections, spread over http.drainSeconds;
 * 4. what is left to write goes to the store;
 * 5. the operations side goes last, so that it can be watched.
 */
#include "daemon/daemon.h"
#include "daemon/ops.h"
#include "log/log.h"

#include <sys/eventfd.h>

enum { MICROSECONDS = 1000000 };

static void on_ops_drained(void *arg)
{
    struct daemon *daemon = arg;
    (void)eventfd_write(daemon->stopped_fd, 1); /* cannot block: it is written once */
}

static void on_node_drained(struct loop *loop, void *arg)
{
    (void)loop;
    struct daemon *daemon = arg;
    if (++daemon->drained_nodes == daemon->loop_count)
        ops_drain(daemon->ops, on_ops_drained, daemon);
}

static void on_written(void *arg)
{
    struct node *node = arg;
    loop_post(node->daemon->loops[0], on_node_drained, node->daemon);
}

static void on_http_drained(void *arg)
{
    struct node *node = arg;
    streams_flush(node->streams, on_written, node);
}

static void drain_http(struct loop *loop, void *arg)
{
    (void)loop;
    struct node *node = arg;
    int64_t over_us = node->daemon->config.options.http.drain_s * MICROSECONDS;
    http_server_drain(node->http, over_us, on_http_drained, node);
}

static void on_streams_ended(void *arg)
{
    struct daemon *daemon = arg;
    live_hub_drain(daemon->live);
    for (size_t i = 0; i < daemon->loop_count; i++)
        loop_post(daemon->loops[i], drain_http, &daemon->nodes[i]);
}

static void stop_listening(struct loop *loop, void *arg)
{
    (void)loop;
    node_stop_listening(arg);
}

static void start_draining(struct loop *loop, void *arg)
{
    (void)loop;
    struct daemon *daemon = arg;
    ingest_drain(daemon->ingest, on_streams_ended, daemon);
}

void daemon_drain(struct daemon *daemon)
{
    if (atomic_exchange(&daemon->is_draining, true))
        return;
    log_info("daemon", "draining", "seconds=%d", (int)daemon->config.options.http.drain_s);
    for (size_t i = 0; i < daemon->loop_count; i++)
        loop_post(daemon->loops[i], stop_listening, &daemon->nodes[i]);
    loop_post(daemon->loops[0], start_draining, daemon);
}
