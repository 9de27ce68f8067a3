/*
 * The running daemon: what `klieg serve` wires together. Everything here is made before the loops
 * run and undone after they have stopped; in between, each loop touches its own node only.
 */
#pragma once

#include "api/accounts.h"
#include "api/channels.h"
#include "api/own_channel.h"
#include "api/routes.h"
#include "daemon/addresses.h"
#include "daemon/command.h"
#include "daemon/housekeeping.h"
#include "daemon/streams.h"
#include "http/server.h"
#include "ingest/ingest.h"
#include "loop/listener.h"
#include "metrics/metrics.h"
#include "packager/live_index.h"

#include <pthread.h>
#include <stdatomic.h>

enum { DAEMON_MAX_LOOPS = 64, NODE_MAX_LISTENERS = 4, NODE_MAX_RETIRED = 16 };

struct daemon;

/* One loop and what lives on it. */
struct node {
    struct daemon *daemon;
    struct loop *loop;
    pthread_t thread;
    struct metrics *metrics;
    struct streams *streams; /* whose home this loop is */
    struct http_server *http;
    struct routes *routes;
    struct routes *retired[NODE_MAX_RETIRED]; /* by reloads; requests may still point to them */
    size_t retired_count;
    struct loop_timer guard; /* of memory that slow readers hold */
    struct listener *listeners[NODE_MAX_LISTENERS];
    size_t listener_count;
};

struct daemon {
    const struct arguments *arguments; /* for a reload */
    char *const *environment;
    struct config config;    /* as it was at start */
    struct config *reloaded; /* the last one that a SIGHUP brought, or NULL; main thread only */
    struct arena arena;      /* of texts that live as long as the daemon */
    struct addresses_ports ports;
    struct addresses addresses;

    struct store *store;
    struct secrets secrets;
    struct tls_context *http_tls, *rtmp_tls; /* NULL: nothing listens with it */
    struct live_hub *live;
    struct ingest *ingest;
    struct static_ui *ui;          /* NULL: none is served */
    const struct str *config_json; /* of GET /api/config */
    struct channels_api channels;
    struct auth *auth;
    struct limiter *limiter;
    struct passwords *passwords;
    struct mail *mail;
    const struct accounts_api *accounts;
    const struct own_channel_api *own_channel;

    size_t loop_count;
    struct loop *loops[DAEMON_MAX_LOOPS];
    struct metrics *metrics[DAEMON_MAX_LOOPS];
    struct node nodes[DAEMON_MAX_LOOPS];
    struct ops *ops; /* on the first loop */
    struct housekeeping housekeeping;

    atomic_bool is_draining;
    size_t drained_nodes; /* first loop only */
    int stopped_fd;       /* an eventfd: draining is complete */
};

/* Everything but running the loops. Logs what is wrong; `*out_status` is the exit status then. The
 * daemon may be half built, daemon_destroy() takes it. */
MUST_USE enum err daemon_create(struct daemon *, int *out_status);
void daemon_destroy(struct daemon *);

/* A thread each. */
MUST_USE enum err daemon_run(struct daemon *);
void daemon_stop(struct daemon *); /* and waits for the threads */

/* SIGTERM: stop listening, end streams, close connections over `http.drainSeconds`; then
 * `stopped_fd` becomes readable. Any thread; once. */
void daemon_drain(struct daemon *);

/* SIGHUP: read the configuration again and change what may change at once. */
void daemon_reload(struct daemon *);
void daemon_forget_reload(struct daemon *);

MUST_USE enum err daemon_open_log(const struct options_log *, const char *level);

/* --- daemon_api.c --- */

/* After the listeners: makes the routes of all nodes, too. */
void daemon_create_api(struct daemon *);
void daemon_destroy_api(struct daemon *);

/* Makes anew what new routes will point to, from options that may be reloaded; the old stays for
 * the old routes. Main thread. */
void daemon_publish(struct daemon *, const struct options *now);
void daemon_set_limits(struct daemon *, const struct options_limits *); /* any thread */

/* --- node.c --- */

/* HTTP server and listeners of one loop; routes come later. The first loop's listeners settle the
 * ports. */
MUST_USE enum err node_create(struct node *);
void node_stop_listening(struct node *);
void node_destroy(struct node *);

/* Routes that allow these origins; any thread. */
struct routes *node_create_routes(struct node *, const struct option_list *origins);
void node_replace_routes(struct node *, struct routes *);

/* --- daemon_tls.c --- */

MUST_USE enum err daemon_create_tls(struct daemon *);
