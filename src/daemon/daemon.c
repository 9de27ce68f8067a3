#include "daemon/daemon.h"

#include "api/static.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/ops.h"
#include "log/log.h"
#include "packager/packager.h"

#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ARENA_BLOCK = 16384 };

static enum err open_store(struct daemon *daemon, int *out_status)
{
    enum err err = command_open_store(&daemon->config, daemon->environment, &daemon->store,
                                      &daemon->secrets, out_status);
    if (err)
        return err;
    unsigned ended = 0;
    err = store_sessions_end_open(daemon->store, clock_wall_us(), &ended);
    if (!err && ended > 0)
        log_info("daemon", "ended sessions that the last run left open", "count=%u", ended);
    return err;
}

/* Without its files the rest is served all the same. */
static void load_ui(struct daemon *daemon)
{
    const char *folder = daemon->config.options.http.ui_dir;
    if (folder[0] == '\0')
        log_warn("daemon", "no web UI is served: http.uiDir is empty", NULL);
    else if (static_create(&(struct static_options){.folder = folder}, &daemon->ui) != ERR_OK)
        log_error("daemon", "cannot read the web UI", "http.uiDir=%s",
                  log_quote(str_of(folder)).at);
}

static void create_loops(struct daemon *daemon)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t wanted = daemon->config.options.loops;
    if (wanted == 0)
        wanted = cores < 1 ? 1 : cores > DAEMON_MAX_LOOPS ? DAEMON_MAX_LOOPS : cores;
    daemon->loop_count = (size_t)wanted;
}

static enum err create_nodes(struct daemon *daemon)
{
    create_loops(daemon);
    for (size_t i = 0; i < daemon->loop_count; i++) {
        enum err err = loop_create((unsigned)i, &daemon->loops[i]);
        if (err) {
            daemon->loop_count = i;
            return err;
        }
        daemon->metrics[i] = metrics_create();
        daemon->nodes[i] = (struct node){
            .daemon = daemon, .loop = daemon->loops[i], .metrics = daemon->metrics[i]};
    }
    return ERR_OK;
}

static enum err create_listeners(struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->loop_count; i++) {
        enum err err = node_create(&daemon->nodes[i]);
        if (err)
            return err;
    }
    return ops_create(daemon, &daemon->ops);
}

static struct ingest *create_ingest(struct daemon *daemon)
{
    const struct options *o = &daemon->config.options;
    struct ingest_options options = {
        .loops = daemon->loops,
        .metrics = daemon->metrics,
        .loop_count = daemon->loop_count,
        .insecure_ingest = o->rtmp.insecure_ingest,
        .public_url = daemon->addresses.ingest_url,
        .reconnect_window_us = o->media.reconnect_window_s * 1000000,
        .max_session_us = o->media.max_session_hours * 3600 * 1000000,
        .max_live_streams = (unsigned)o->media.max_live_streams,
        .random = random_system(),
        .hooks = streams_hooks(daemon),
    };
    return ingest_create(&options);
}

enum err daemon_create(struct daemon *daemon, int *out_status)
{
    arena_init(&daemon->arena, ARENA_BLOCK);
    daemon->stopped_fd = eventfd(0, EFD_CLOEXEC);
    enum err err = open_store(daemon, out_status);
    if (err)
        return err;
    *out_status = EXIT_FAILED;
    err = packager_sweep_store(daemon->config.options.media.store_dir);
    if (!err)
        err = daemon_create_tls(daemon);
    if (!err)
        err = create_nodes(daemon);
    if (err)
        return err;
    load_ui(daemon);
    daemon->live = live_hub_create(daemon->loops, daemon->metrics, daemon->loop_count);
    err = create_listeners(daemon);
    if (err)
        return err;
    daemon_create_api(daemon);
    housekeeping_start(&daemon->housekeeping, daemon->loops[0], daemon->store,
                       daemon->config.options.jobs.unverified_after_hours);
    daemon->ingest = create_ingest(daemon);
    return ERR_OK;
}

void daemon_destroy(struct daemon *daemon)
{
    ops_destroy(daemon->ops);
    ingest_destroy(daemon->ingest);
    for (size_t i = 0; i < daemon->loop_count; i++)
        node_destroy(&daemon->nodes[i]);
    for (size_t i = 0; i < daemon->loop_count; i++)
        loop_destroy(daemon->loops[i]);
    live_hub_destroy(daemon->live);
    static_destroy(daemon->ui);
    for (size_t i = 0; i < daemon->loop_count; i++)
        metrics_destroy(daemon->metrics[i]);
    tls_context_destroy(daemon->http_tls);
    tls_context_destroy(daemon->rtmp_tls);
    daemon_destroy_api(daemon);
    store_close(daemon->store);
    secrets_finish(&daemon->secrets);
    arena_finish(&daemon->arena);
    (void)close(daemon->stopped_fd); /* an eventfd has nothing to lose */
}

static void on_compressed(struct loop *loop, void *arg)
{
    (void)loop;
    (void)arg;
}

static void *run_node(void *arg)
{
    struct node *node = arg;
    loop_run(node->loop);
    return NULL;
}

enum err daemon_run(struct daemon *daemon)
{
    /* Once all else is ready: until then files go out as they are. */
    if (daemon->ui != NULL &&
        loop_work(daemon->loops[0], static_compress, on_compressed, daemon->ui) != ERR_OK)
        log_warn("daemon", "the web UI is not compressed", NULL);
    for (size_t i = 0; i < daemon->loop_count; i++) {
        struct node *node = &daemon->nodes[i];
        if (pthread_create(&node->thread, NULL, run_node, node) != 0)
            return ERR_IO;
    }
    return ERR_OK;
}

void daemon_stop(struct daemon *daemon)
{
    if (daemon->ui != NULL)
        static_stop(daemon->ui);
    for (size_t i = 0; i < daemon->loop_count; i++)
        loop_stop(daemon->loops[i]);
    for (size_t i = 0; i < daemon->loop_count; i++)
        (void)pthread_join(daemon->nodes[i].thread, NULL); /* it runs, so it can be joined */
}
