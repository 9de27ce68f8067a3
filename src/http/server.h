/*
 * The HTTP server of one loop: HTTP/1.1, HTTP/2 (ALPN h2, or by prior knowledge on a plain port)
 * and WebSocket over the connections that listeners bring. request.h is what handlers see.
 *
 * Limits are enforced while bytes arrive. Peers that break the protocol are told so where it allows
 * and cut; HTTP/2 floods end in GOAWAY ENHANCE_YOUR_CALM (media rule SE-24).
 */
#pragma once

#include "http/request.h"
#include "metrics/metrics.h"
#include "proto/http/network.h"

struct http_limits {
    size_t max_url;             /* 4 KiB: 414 */
    size_t max_head;            /* 16 KiB of headers: 431; as are HTTP_MAX_HEADERS */
    size_t max_body;            /* 64 KiB: 413 */
    int64_t header_timeout_us;  /* 10 s, from the first byte: 408 */
    int64_t body_timeout_us;    /* 30 s: 408 */
    int64_t idle_timeout_us;    /* 75 s between requests */
    int64_t stall_timeout_us;   /* 30 s without taking a byte of an HTTP/2 answer */
    int64_t handler_timeout_us; /* 10 s: 500 */
    int64_t ping_us;            /* 30 s, +- a sixth: of WebSockets; silent for two of them: reset */
    unsigned max_connections;   /* of this server; the rest is closed on arrival */
};

/* The values of API contract §1.8. */
extern const struct http_limits http_default_limits;

struct http_server_options {
    struct http_limits limits;
    struct metrics *metrics;                    /* METRIC_HTTP_…; may be NULL */
    const struct http_network *trusted_proxies; /* copied */
    size_t trusted_proxy_count;

    /* A complete request: the router. */
    void (*on_request)(struct request *, void *arg);

    /* One that cannot be served: malformed (400), too large (413, 414, 431), too slow (408), not
     * implemented (501, 505), a path too deep (404), kept too long by its handler (500), or the
     * server is draining (503). It must be answered with an error
     * at once; where the head could be read, path and headers are there. NULL: answered in plain
     * text. */
    void (*on_refused)(struct request *, unsigned status, void *arg);

    /* TLS without ALPN whose first byte is 03: not HTTP but RTMP (media rule IN-2). The callee owns
     * the connection from here on and sets its own conn_ops; `bytes` are what was read already.
     * NULL: treated as malformed. */
    void (*on_foreign)(struct conn *, const uint8_t *bytes, size_t len, void *arg);

    void *arg;
};

struct http_server;

struct http_server *http_server_create(struct loop *, const struct http_server_options *);

/* All connections must be gone: see http_server_drain(). NULL is fine. */
void http_server_destroy(struct http_server *);

/* For listener_options.on_accept, with the server as its `arg`. */
void http_server_accept(struct conn *, void *arg);

/**
 * Stop serving: new requests are refused with 503, idle connections closed, the others after their
 * answer, WebSockets reset, spread at random over the first half of `over_us`; what is left at its
 * end is cut.
 *
 * Stop the listeners first. Called again with a shorter time, it hurries.
 *
 * @param done  when the last connection is gone; may come at the end of this very turn
 */
void http_server_drain(struct http_server *, int64_t over_us, void (*done)(void *arg), void *arg);

/**
 * Cut connections that took none of their bytes since the last call, until `bytes` were queued for
 * them in all: what they hold is needed.
 *
 * @return how many were cut; none by the first call
 */
unsigned http_server_shed(struct http_server *, size_t bytes);

unsigned http_server_connections(const struct http_server *);
