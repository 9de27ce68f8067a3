#include "api/routes.h"

#include "api/errors.h"
#include "base/mem.h"
#include "base/text.h"

#include <assert.h>

enum {
    MAX_ROUTES = 128,
    MAX_PARAM = 100, /* characters; API contract §1.1 */
    MAX_KEYWORDS = 200,
    POLICY_MAX = 5,
    ALLOW_MAX = 64,
};

/* What a template's segment weighs when several templates take a path: the first place where they
 * differ decides. */
enum weight { WEIGHT_REST = 1, WEIGHT_END = 2, WEIGHT_PARAM = 2, WEIGHT_LITERAL = 3 };

struct compiled {
    const struct routes *routes;
    const struct route *route;
    void *arg;
    struct str segments[HTTP_MAX_SEGMENTS];
    size_t count;
    bool takes_rest;
};

struct policy {
    struct http_header headers[POLICY_MAX];
    size_t count;
};

struct routes {
    struct compiled at[MAX_ROUTES];
    size_t count;

    bool allows_any;
    struct str *origins;
    struct policy *origin_policies; /* one an origin */
    size_t origin_count;
    struct policy any_policy;
    struct policy unlisted_policy;
    struct policy media_policy;

    struct auth *auth;
    struct limiter *limiter;
};

/* --- CORS (API contract §1.4, media contract §2.7) --- */

static void add(struct policy *policy, struct str name, struct str value)
{
    assert(policy->count < POLICY_MAX);
    policy->headers[policy->count++] = (struct http_header){.name = name, .value = value};
}

static void add_origin(struct policy *policy, struct str origin)
{
    add(policy, STR("access-control-allow-origin"), origin);
    add(policy, STR("access-control-expose-headers"),
        STR("Date, ETag, Location, Retry-After, X-Request-Id, x-amz-version-id"));
}

static void make_policies(struct routes *routes, const struct routes_options *options)
{
    add_origin(&routes->any_policy, STR("*"));

    struct policy *media = &routes->media_policy;
    add(media, STR("access-control-allow-origin"), STR("*"));
    add(media, STR("access-control-expose-headers"),
        STR("Age, Date, ETag, Retry-After, Content-Length"));
    add(media, STR("timing-allow-origin"), STR("*"));
    add(media, STR("cross-origin-resource-policy"), STR("cross-origin"));

    size_t count = options->allowed_origin_count;
    if (count == 0)
        return;
    add(&routes->unlisted_policy, STR("vary"), STR("Origin"));
    routes->origins = mem_zalloc(count, sizeof(*routes->origins));
    routes->origin_policies = mem_zalloc(count, sizeof(*routes->origin_policies));
    routes->origin_count = count;
    for (size_t i = 0; i < count; i++) {
        struct str origin = options->allowed_origins[i];
        routes->origins[i] = (struct str){mem_copy_str(origin.at, origin.len), origin.len};
        routes->allows_any |= str_equal(origin, STR("*"));
        add_origin(&routes->origin_policies[i], routes->origins[i]);
        add(&routes->origin_policies[i], STR("vary"), STR("Origin"));
    }
}

static const struct policy *allowed_policy(const struct routes *routes,
                                           const struct request *request)
{
    if (routes->allows_any)
        return &routes->any_policy;
    struct str origin = request_header(request, STR("origin"));
    for (size_t i = 0; i < routes->origin_count; i++)
        if (str_equal(origin, routes->origins[i]))
            return &routes->origin_policies[i];
    return &routes->unlisted_policy;
}

static bool begins_with(const struct request *request, struct str segment)
{
    return request->segments != NULL && request->segments->count > 0 &&
           str_equal(request->segments->segments[0], segment);
}

/* Also for paths that no route takes. */
static enum route_cors cors_of(const struct request *request, const struct compiled *match)
{
    if (match != NULL)
        return match->route->cors;
    if (begins_with(request, STR("live")) || begins_with(request, STR("assets")))
        return ROUTE_CORS_ANY;
    return ROUTE_CORS_ALLOWED;
}

static void set_policy(const struct routes *routes, struct request *request, enum route_cors cors)
{
    const struct policy *policy = NULL;
    if (cors == ROUTE_CORS_ANY)
        policy = &routes->media_policy;
    else if (cors == ROUTE_CORS_ALLOWED)
        policy = allowed_policy(routes, request);
    if (policy != NULL)
        request_set_policy(request, policy->headers, policy->count);
}

static void reply_empty(struct request *request, const struct http_header *headers, size_t count)
{
    request_reply(request, &(struct reply){.status = 204,
                                           .cache_control = STR("no-store"),
                                           .headers = headers,
                                           .header_count = count});
}

static void reply_preflight(const struct routes *routes, struct request *request,
                            enum route_cors cors, struct str allow)
{
    bool has_both = request_header(request, STR("origin")).at != NULL &&
                    request_header(request, STR("access-control-request-method")).at != NULL;
    const struct http_header allow_header = {STR("allow"), allow};
    if (cors == ROUTE_CORS_ALLOWED && routes->origin_count == 0) {
        errors_reply_status(request, 404);
    } else if (has_both && cors != ROUTE_CORS_NONE) {
        const struct http_header headers[] = {
            {STR("access-control-allow-methods"), STR("GET,HEAD,PUT,PATCH,POST,DELETE")},
            {STR("access-control-allow-headers"),
             request_header(request, STR("access-control-request-headers"))},
            {STR("access-control-max-age"), STR("600")},
            {STR("vary"), STR("Access-Control-Request-Headers")},
        };
        reply_empty(request, headers, 4);
    } else if (cors == ROUTE_CORS_ALLOWED) {
        errors_reply(request, &(struct api_error){
                                  .status = 400,
                                  .message = "OPTIONS takes the headers Origin and "
                                             "Access-Control-Request-Method.",
                              });
    } else {
        reply_empty(request, &allow_header, 1);
    }
}

/* --- Matching --- */

/* The weight of the template for the path; 0: it does not take it. */
static uint32_t match_weight(const struct compiled *compiled, const struct http_path *path)
{
    if (path->count < compiled->count || (path->count > compiled->count && !compiled->takes_rest))
        return 0;
    uint32_t weight = 0;
    for (size_t i = 0; i < compiled->count; i++) {
        struct str wanted = compiled->segments[i];
        struct str segment = path->segments[i];
        bool is_param = wanted.at[0] == ':';
        if (is_param ? segment.len == 0 : !str_equal(wanted, segment))
            return 0;
        weight = weight << 2 | (is_param ? WEIGHT_PARAM : WEIGHT_LITERAL);
    }
    /* Shifted to one length, so that the first segments weigh most. */
    weight = weight << 2 | (compiled->takes_rest ? WEIGHT_REST : WEIGHT_END);
    return weight << (2 * (HTTP_MAX_SEGMENTS - compiled->count));
}

struct match {
    const struct compiled *found; /* with the request's method */
    const struct compiled *other; /* of the path, with any */
    unsigned methods;             /* of the path, as bits */
};

/* What belongs to the server is never the user interface's (a template of `*` alone). */
static bool is_reserved(const struct http_path *path)
{
    static const struct str reserved[] = {{"api", 3},  {"live", 4}, {"assets", 6},
                                          {"chat", 4}, {"whip", 4}, {"whep", 4}};
    for (size_t i = 0; path->count > 0 && i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (str_equal(path->segments[0], reserved[i]))
            return true;
    return false;
}

static struct match find(const struct routes *routes, const struct request *request)
{
    struct match match = {0};
    uint32_t best = 0;
    enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;
    for (size_t i = 0; request->segments != NULL && i < routes->count; i++) {
        const struct compiled *compiled = &routes->at[i];
        uint32_t weight = match_weight(compiled, request->segments);
        if (weight == 0 || weight < best)
            continue;
        if (compiled->count == 0 && compiled->takes_rest && is_reserved(request->segments))
            continue;
        if (weight > best)
            match = (struct match){0};
        best = weight;
        match.other = compiled;
        match.methods |= 1U << compiled->route->method;
        if (compiled->route->method == method)
            match.found = compiled;
    }
    return match;
}

static struct str write_allow(unsigned methods, char out[ALLOW_MAX])
{
    static const struct {
        enum http_method method;
        const char *names;
    } rows[] = {
        {HTTP_GET, "GET, HEAD, "}, {HTTP_POST, "POST, "},     {HTTP_PUT, "PUT, "},
        {HTTP_PATCH, "PATCH, "},   {HTTP_DELETE, "DELETE, "}, {HTTP_OPTIONS, "OPTIONS"},
    };
    methods |= 1U << HTTP_OPTIONS;
    size_t len = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((methods >> rows[i].method & 1) == 0)
            continue;
        size_t more = strlen(rows[i].names);
        memcpy(out + len, rows[i].names, more);
        len += more;
    }
    return (struct str){out, len};
}

static void reply_not_allowed(struct request *request, struct str allow)
{
    const struct http_header header = {STR("allow"), allow};
    errors_reply_with(request, &(struct api_error){.status = 405}, &header, 1);
}

/* --- Checks before a handler --- */

static size_t characters(struct str str)
{
    size_t count = 0;
    for (size_t i = 0; i < str.len; i++)
        count += ((uint8_t)str.at[i] & 0xc0) != 0x80;
    return count;
}

/* The name of the first parameter that is too long; NULL if all is well. */
static const char *long_param(const struct compiled *compiled, const struct http_path *path)
{
    for (size_t i = 0; i < compiled->count; i++) {
        struct str name = compiled->segments[i];
        size_t max = str_equal(name, STR(":keywords")) ? MAX_KEYWORDS : MAX_PARAM;
        if (name.at[0] == ':' && characters(path->segments[i]) > max)
            return name.at + 1;
    }
    return NULL;
}

/* API contract §1.2. */
static bool is_json(struct str content_type)
{
    struct str parameter;
    struct str type = text_trim(text_cut(content_type, ';', &parameter));
    parameter = text_trim(parameter);
    return text_equal_nocase(type, STR("application/json")) &&
           (parameter.len == 0 || text_equal_nocase(parameter, STR("charset=utf-8")));
}

static bool check_params(struct request *request, const struct compiled *compiled)
{
    const char *param = long_param(compiled, request->segments);
    if (param == NULL)
        return true;
    struct str name = text_cut(str_of(param), '/', &(struct str){0});
    name = arena_copy(request->arena, name);
    errors_reply(request, &(struct api_error){.status = 400,
                                              .message = "A part of the path is too long.",
                                              .field = name.at});
    return false;
}

/* API contract §1.7: whoever is signed in has a budget of his own, wherever he is. */
static bool check_rate(struct request *request, const struct compiled *compiled,
                       const struct caller *caller)
{
    struct limiter *limiter = compiled->routes->limiter;
    if (limiter == NULL)
        return true;
    bool is_read = request->method == HTTP_GET || request->method == HTTP_HEAD;
    enum limiter_class class = is_read ? LIMITER_READ : LIMITER_WRITE;
    unsigned wait_s = caller != NULL ? limiter_take(limiter, class, str_of(caller->who.user_id),
                                                    loop_now_us(request->loop))
                                     : limiter_take_by_address(limiter, class, request);
    if (wait_s == 0 && compiled->route->limit != LIMITER_DEFAULT)
        wait_s = limiter_take_by_address(limiter, compiled->route->limit, request);
    if (wait_s > 0)
        errors_reply(request, &(struct api_error){.status = 429, .retry_after_s = wait_s});
    return wait_s == 0;
}

static bool check_body(struct request *request)
{
    if (request->body.len == 0 || is_json(request_header(request, STR("content-type"))))
        return true;
    errors_reply_status(request, 415);
    return false;
}

/* --- The way of a request --- */

/* Answers what needs no handler; else returns the route to take. */
static const struct compiled *enter(const struct routes *routes, struct request *request)
{
    struct match match = find(routes, request);
    enum route_cors cors = cors_of(request, match.other);
    char allow[ALLOW_MAX];
    set_policy(routes, request, cors);
    if (match.other == NULL) {
        errors_reply_status(request, 404);
    } else if (match.found != NULL) {
        return match.found;
    } else if (request->method == HTTP_OPTIONS) {
        reply_preflight(routes, request, cors, write_allow(match.methods, allow));
    } else {
        reply_not_allowed(request, write_allow(match.methods, allow));
    }
    return NULL;
}

static void handle(struct request *request, const struct caller *caller)
{
    const struct compiled *compiled = request->route;
    request->caller = caller;
    if (compiled->route->cors != ROUTE_CORS_ALLOWED ||
        (check_rate(request, compiled, caller) && check_body(request)))
        compiled->route->handle(request, compiled->arg);
}

void routes_on_request(struct request *request, void *arg)
{
    const struct routes *routes = arg;
    const struct compiled *compiled = enter(routes, request);
    if (compiled == NULL || !check_params(request, compiled))
        return;
    request->route = compiled;
    if (compiled->route->cors == ROUTE_CORS_ALLOWED)
        request_own(request);
    auth_check(routes->auth, request, compiled->route->auth, handle);
}

void routes_on_refused(struct request *request, unsigned status, void *arg)
{
    const struct routes *routes = arg;
    if (status == 413) { /* comes after the route and who asks */
        const struct compiled *compiled = enter(routes, request);
        if (compiled != NULL) {
            bool is_unknown = auth_would_refuse(routes->auth, request, compiled->route->auth);
            errors_reply_status(request, is_unknown ? 401 : status);
        }
        return;
    }
    if (request->policy == NULL)
        set_policy(routes, request, cors_of(request, NULL));
    errors_reply_status(request, status);
}

const struct caller *routes_caller(const struct request *request)
{
    return request->caller;
}

struct str routes_param(const struct request *request, const char *name)
{
    const struct compiled *compiled = request->route;
    struct str wanted = str_of(name);
    for (size_t i = 0; i < compiled->count; i++) {
        struct str segment = compiled->segments[i];
        if (segment.at[0] == ':' &&
            str_equal(wanted, (struct str){segment.at + 1, segment.len - 1}))
            return request->segments->segments[i];
    }
    assert(false && "no such parameter in the template");
    return (struct str){0};
}

/* --- Making the table --- */

static void add_segment(struct compiled *compiled, struct str segment)
{
    assert(segment.len > 0 && compiled->count < HTTP_MAX_SEGMENTS && !compiled->takes_rest);
    if (str_equal(segment, STR("*")))
        compiled->takes_rest = true;
    else
        compiled->segments[compiled->count++] = segment;
}

static struct compiled compile(const struct routes *routes, const struct route *route, void *arg)
{
    assert(route->auth == AUTH_PUBLIC || routes->auth != NULL);
    struct compiled compiled = {.routes = routes, .route = route, .arg = arg};
    struct str rest = str_of(route->path + 1); /* behind the first slash */
    while (rest.len > 0)
        add_segment(&compiled, text_cut(rest, '/', &rest));
    return compiled;
}

void routes_add(struct routes *routes, const struct route *table, size_t count, void *arg)
{
    assert(routes->count + count <= MAX_ROUTES);
    for (size_t i = 0; i < count; i++)
        routes->at[routes->count++] = compile(routes, &table[i], arg);
}

struct routes *routes_create(const struct routes_options *options)
{
    struct routes *routes = mem_zalloc(1, sizeof(*routes));
    make_policies(routes, options);
    routes->auth = options->auth;
    routes->limiter = options->limiter;
    return routes;
}

void routes_destroy(struct routes *routes)
{
    if (routes == NULL)
        return;
    for (size_t i = 0; i < routes->origin_count; i++)
        mem_free((void *)(uintptr_t)routes->origins[i].at);
    mem_free(routes->origins);
    mem_free(routes->origin_policies);
    mem_free(routes);
}
