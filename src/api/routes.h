/*
 * The one route table: method and path template to handler. One `struct routes` per loop.
 *
 * A request is taken through the steps of API contract §1.1 in their order: draining, header and
 * URL limits, route (404, 405), CORS preflight, path parameters, authentication, same origin, rate
 * limit, content type and body, handler.
 *
 * To the handlers of /api (ROUTE_CORS_ALLOWED) the request is their own: its parts and its arena
 * stay until the reply.
 *
 *     static const struct route status_routes[] = {
 *         {HTTP_GET, "/api/status", on_status},
 *         {HTTP_PUT, "/api/channel/stream", on_stream_update},
 *     };
 *     routes_add(routes, status_routes, ARRAY_LEN(status_routes), status);
 */
#pragma once

#include "api/auth.h"
#include "api/limiter.h"
#include "http/request.h"

struct routes;

/* Who may read the answer from another origin (API contract §1.4). */
enum route_cors {
    ROUTE_CORS_ALLOWED, /* as `allowedOrigins` says: /api */
    ROUTE_CORS_ANY,     /* everybody, and media headers: /live, /assets */
    ROUTE_CORS_NONE,    /* only same-origin: the UI */
};

struct route {
    enum http_method method; /* HTTP_GET serves HEAD too */
    /* Segments; `:name` takes any one of 1 to 100 bytes. A literal wins over a parameter. Last
     * segment `*`: all that follows, if anything. */
    const char *path;
    void (*handle)(struct request *, void *arg);
    enum route_cors cors;
    enum auth_need auth;
    enum limiter_class
        limit; /* taken besides read or write, which all of /api takes; per address */
};

struct routes_options {
    /* Exact origins or "*"; copied. */
    const struct str *allowed_origins;
    size_t allowed_origin_count;
    struct auth *auth;       /* NULL: all routes are public */
    struct limiter *limiter; /* NULL: no limits */
};

struct routes *routes_create(const struct routes_options *);
void routes_destroy(struct routes *);

/* The table must be static; `arg` goes to its handlers. */
void routes_add(struct routes *, const struct route *table, size_t count, void *arg);

/* For http_server_options, with the routes as `arg`. */
void routes_on_request(struct request *, void *arg);
void routes_on_refused(struct request *, unsigned status, void *arg);

/* Who asks; NULL: anonymous. Valid as long as the request. */
const struct caller *routes_caller(const struct request *);

/* The segment that `:name` of the route's template took, decoded. Until the handler returns. */
struct str routes_param(const struct request *, const char *name);
