#include "api/routes.h"

#include "api/errors.h"
#include "unit/http/web.h"

static void on_echo(struct request *request, void *arg)
{
    request_reply_text(request, 200, STR("text/plain"), str_of(arg));
}

static void on_name(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain"), routes_param(request, "name"));
}

static void on_file(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain"), routes_param(request, "file"));
}

static void on_rest(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain"), STR("ui"));
}

static const struct route table[] = {
    {HTTP_GET, "/api/channels", on_echo, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_POST, "/api/channels", on_echo, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_GET, "/api/channels/:name", on_name, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_DELETE, "/api/channels/:name", on_name, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_GET, "/api/channels/top", on_echo, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_GET, "/api/:name/quiz", on_name, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_GET, "/api/products/:keywords", on_echo, .cors = ROUTE_CORS_ALLOWED},
    {HTTP_PUT, "/api/limited", on_echo, .limit = LIMITER_SIGN_IN},
    {HTTP_GET, "/live/:channel/:file", on_file, .cors = ROUTE_CORS_ANY},
};
static const struct route ui_table[] = {
    {HTTP_GET, "/*", on_rest, .cors = ROUTE_CORS_NONE},
    {HTTP_GET, "/", on_echo, .cors = ROUTE_CORS_NONE},
    {HTTP_GET, "/docs/*", on_echo, .cors = ROUTE_CORS_NONE},
};

static struct web web;
static struct routes *routes;

static struct limiter *limiter; /* NULL: no limits */

static void start(const struct str *origins, size_t count)
{
    memset(&web, 0, sizeof(web));
    routes = routes_create(&(struct routes_options){
        .allowed_origins = origins, .allowed_origin_count = count, .limiter = limiter});
    static char literal[] = "literal";
    routes_add(routes, table, sizeof(table) / sizeof(table[0]), literal);
    routes_add(routes, ui_table, sizeof(ui_table) / sizeof(ui_table[0]), literal);
    web.options.on_request = routes_on_request;
    web.options.on_refused = routes_on_refused;
    web.handler_arg = routes;
    web_start(&web);
}

static void stop(void)
{
    web_stop(&web);
    routes_destroy(routes);
}

static struct web_answer say(const char *method, const char *path, const char *fields)
{
    static char text[8192];
    int fd = web_connect(&web);
    (void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, path, fields);
    web_say(fd, text);
    struct web_answer answer = web_read_answer(fd, strcmp(method, "HEAD") == 0);
    close(fd);
    return answer;
}

static bool has(const struct web_answer *answer, const char *name, const char *value)
{
    const char *got = web_header(answer, name);
    if (value == NULL || got == NULL)
        return got == value;
    return strcmp(value, got) == 0;
}

/* "<status> <body>" */
static bool gives(const char *method, const char *path, unsigned status, const char *body)
{
    struct web_answer answer = say(method, path, "");
    bool is_right = answer.status == status && (body == NULL || strcmp(body, answer.body) == 0);
    if (!is_right)
        printf("%s %s: %u %s\n", method, path, answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

static bool error_is(const char *method, const char *path, unsigned status, const char *type)
{
    struct web_answer answer = say(method, path, "");
    char start_of_body[128];
    int len = snprintf(start_of_body, sizeof(start_of_body), "{\"__type\":\"%sException\",", type);
    bool is_right =
        answer.status == status && strncmp(start_of_body, answer.body, (size_t)len) == 0;
    if (!is_right)
        printf("%s %s: %u %s\n", method, path, answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

static void paths_find_their_handlers(void)
{
    start(NULL, 0);
    CHECK(gives("GET", "/api/channels", 200, "literal"));
    CHECK(gives("GET", "/api/channels/", 200, "literal"));
    CHECK(gives("GET", "/api/channels/jdoe", 200, "jdoe"));
    CHECK(gives("GET", "/api/channels/j%2Fd%C3%B6e", 200,
                "j/d\xc3\xb6"
                "e"));
    CHECK(gives("GET", "/%61pi/channels", 200, "literal"));
    CHECK(gives("DELETE", "/api/channels/jdoe", 200, "jdoe"));
    CHECK(gives("POST", "/api/channels", 200, "literal"));
    CHECK(gives("HEAD", "/api/channels", 200, NULL));
    CHECK(gives("GET", "/live/abc/s1.p0.m4s", 200, "s1.p0.m4s"));
    stop();
}

static void literal_wins_over_parameter_and_rest(void)
{
    start(NULL, 0);
    CHECK(gives("GET", "/api/channels/top", 200, "literal"));
    CHECK(gives("GET", "/api/channels/topmost", 200, "topmost"));
    CHECK(gives("GET", "/api/channels/quiz", 200, "quiz")); /* the first difference decides */
    CHECK(gives("GET", "/api/x/quiz", 200, "x"));
    CHECK(error_is("DELETE", "/api/channels/top", 405, "MethodNotAllowed"));
    CHECK(gives("GET", "/", 200, "literal"));
    CHECK(gives("GET", "/jdoe", 200, "ui"));
    CHECK(gives("GET", "/docs", 200, "literal"));
    CHECK(gives("GET", "/docs/a/b", 200, "literal"));
    stop();
}

static void unknown_paths_are_not_found(void)
{
    start(NULL, 0);
    CHECK(error_is("GET", "/api", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/api/nothing", 404, "ResourceNotFound"));
    CHECK(error_is("POST", "/api/nothing", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/api/channels//", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/api/channels/a/b", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/live/abc", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/assets/x", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/chat", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/whip/x", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/whep/x", 404, "ResourceNotFound"));
    CHECK(error_is("GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13", 404, "ResourceNotFound"));
    stop();
}

static void known_paths_tell_their_methods(void)
{
    start(NULL, 0);
    struct web_answer answer = say("PUT", "/api/channels", "");
    CHECK_EQ(405, answer.status);
    CHECK(has(&answer, "allow", "GET, HEAD, POST, OPTIONS"));
    web_forget(&answer);
    answer = say("PATCH", "/api/channels/jdoe", "");
    CHECK(has(&answer, "allow", "GET, HEAD, DELETE, OPTIONS"));
    web_forget(&answer);
    answer = say("BREW", "/jdoe", "");
    CHECK_EQ(405, answer.status);
    CHECK(has(&answer, "allow", "GET, HEAD, OPTIONS"));
    web_forget(&answer);
    stop();
}

static void parameters_have_a_largest_length(void)
{
    start(NULL, 0);
    char path[1024];
    size_t head = (size_t)sprintf(path, "/api/channels/");
    memset(path + head, 'a', 100);
    path[head + 100] = '\0';
    CHECK(gives("GET", path, 200, path + head));
    memcpy(path + head + 100, "a", 2);
    struct web_answer answer = say("GET", path, "");
    CHECK_EQ(400, answer.status);
    CHECK(strstr(answer.body, "\"field\":\"name\"}") != NULL);
    web_forget(&answer);
    for (size_t i = 0; i < 100; i++) /* characters, not bytes */
        memcpy(path + head + 6 * i, "%C3%A4", 6);
    path[head + 600] = '\0';
    CHECK(gives("GET", path, 200, NULL));
    head = (size_t)sprintf(path, "/api/products/");
    memset(path + head, 'a', 201);
    path[head + 201] = '\0';
    CHECK(error_is("GET", path, 400, "BadRequest"));
    path[head + 200] = '\0';
    CHECK(gives("GET", path, 200, "literal"));
    stop();
}

static void bodies_are_json(void)
{
    static const struct {
        unsigned status;
        const char *type;
    } rows[] = {
        {200, "application/json"},
        {200, "Application/JSON; charset=UTF-8"},
        {200, "application/json;"},
        {415, "application/json; charset=latin1"},
        {415, "application/jsonp"},
        {415, "text/plain"},
        {415, ""},
    };
    start(NULL, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char fields[256];
        (void)snprintf(fields, sizeof(fields),
                       "Content-Type: %s\r\nConnection: close\r\nContent-Length: 2\r\n",
                       rows[i].type);
        int fd = web_connect(&web);
        char text[512];
        (void)snprintf(text, sizeof(text), "POST /api/channels HTTP/1.1\r\nHost: a\r\n%s\r\n{}",
                       fields);
        CHECK_EQ(rows[i].status, web_status(fd, text));
        close(fd);
    }
    stop();
}

static void too_large_a_body_comes_after_the_route(void)
{
    start(NULL, 0);
    struct web_answer answer = say("POST", "/api/channels", "Content-Length: 70000\r\n");
    CHECK_EQ(413, answer.status);
    CHECK(strstr(answer.body, "PayloadTooLargeException") != NULL);
    web_forget(&answer);
    answer = say("POST", "/api/nothing", "Content-Length: 70000\r\n");
    CHECK_EQ(404, answer.status);
    web_forget(&answer);
    answer = say("PUT", "/api/channels", "Content-Length: 70000\r\n");
    CHECK_EQ(405, answer.status);
    web_forget(&answer);
    stop();
}

/* --- CORS (API contract §1.4) --- */

static const char exposed[] = "Date, ETag, Location, Retry-After, X-Request-Id, x-amz-version-id";
static const char preflight[] = "Origin: https://a.example\r\n"
                                "Access-Control-Request-Method: PUT\r\n"
                                "Access-Control-Request-Headers: authorization,x-own\r\n";

static void no_origin_is_allowed_without_a_list(void)
{
    start(NULL, 0);
    struct web_answer answer = say("GET", "/api/channels", "Origin: https://a.example\r\n");
    CHECK_EQ(200, answer.status);
    CHECK(has(&answer, "access-control-allow-origin", NULL));
    CHECK(has(&answer, "vary", NULL));
    web_forget(&answer);
    answer = say("OPTIONS", "/api/channels", preflight);
    CHECK_EQ(404, answer.status);
    web_forget(&answer);
    stop();
}

static void star_allows_every_origin_on_every_answer(void)
{
    static const struct str star[] = {{"*", 1}, {"https://a.example", 17}};
    start(star, 2);
    static const char *const paths[] = {"/api/channels", "/api/nothing", "/api/channels/%zz"};
    for (size_t i = 0; i < 3; i++) {
        struct web_answer answer = say("GET", paths[i], "");
        CHECK(has(&answer, "access-control-allow-origin", "*"));
        CHECK(has(&answer, "access-control-expose-headers", exposed));
        CHECK(has(&answer, "access-control-allow-credentials", NULL));
        CHECK(has(&answer, "vary", NULL));
        web_forget(&answer);
    }
    struct web_answer answer = say("OPTIONS", "/api/channels", preflight);
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "access-control-allow-origin", "*"));
    CHECK(has(&answer, "access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE"));
    CHECK(has(&answer, "access-control-allow-headers", "authorization,x-own"));
    CHECK(has(&answer, "access-control-max-age", "600"));
    CHECK(has(&answer, "vary", "Access-Control-Request-Headers"));
    web_forget(&answer);
    answer = say("OPTIONS", "/api/channels", "Origin: https://a.example\r\n");
    CHECK_EQ(400, answer.status);
    web_forget(&answer);
    answer = say("OPTIONS", "/api/channels", "Access-Control-Request-Method: PUT\r\n");
    CHECK_EQ(400, answer.status);
    web_forget(&answer);
    answer = say("OPTIONS", "/api/nothing", preflight);
    CHECK_EQ(404, answer.status);
    web_forget(&answer);
    answer = say("GET", "/jdoe", ""); /* the UI is for its own origin */
    CHECK(has(&answer, "access-control-allow-origin", NULL));
    web_forget(&answer);
    stop();
}

static void list_allows_exactly_its_origins(void)
{
    static const struct str list[] = {{"https://a.example", 17}, {"https://b.example", 17}};
    start(list, 2);
    struct web_answer answer = say("GET", "/api/channels", "Origin: https://b.example\r\n");
    CHECK(has(&answer, "access-control-allow-origin", "https://b.example"));
    CHECK(has(&answer, "access-control-expose-headers", exposed));
    CHECK(has(&answer, "vary", "Origin"));
    web_forget(&answer);
    static const char *const others[] = {"Origin: https://c.example\r\n",
                                         "Origin: https://a.example.evil\r\n",
                                         "Origin: HTTPS://a.example\r\n", "Origin: null\r\n", ""};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        answer = say("GET", "/api/channels", others[i]);
        CHECK_EQ(200, answer.status);
        CHECK(has(&answer, "access-control-allow-origin", NULL));
        CHECK(has(&answer, "vary", "Origin"));
        web_forget(&answer);
    }
    answer = say("OPTIONS", "/api/channels", preflight);
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "access-control-allow-origin", "https://a.example"));
    web_forget(&answer);
    stop();
}

static void media_is_open_to_everybody(void)
{
    static const struct str list[] = {{"https://a.example", 17}};
    start(list, 1);
    static const char *const paths[] = {"/live/a/b", "/live/nothing"};
    for (size_t i = 0; i < 2; i++) {
        struct web_answer answer = say("GET", paths[i], "Origin: https://c.example\r\n");
        CHECK(has(&answer, "access-control-allow-origin", "*"));
        CHECK(has(&answer, "access-control-expose-headers",
                  "Age, Date, ETag, Retry-After, Content-Length"));
        CHECK(has(&answer, "timing-allow-origin", "*"));
        CHECK(has(&answer, "cross-origin-resource-policy", "cross-origin"));
        web_forget(&answer);
    }
    struct web_answer answer = say("OPTIONS", "/live/a/b", preflight);
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "access-control-allow-origin", "*"));
    web_forget(&answer);
    answer = say("OPTIONS", "/live/a/b", "");
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "allow", "GET, HEAD, OPTIONS"));
    web_forget(&answer);
    stop();
}

static void errors_of_the_server_have_their_shape_too(void)
{
    start(NULL, 0);
    CHECK(error_is("GET", "/%00", 400, "BadRequest"));
    struct web_answer answer = say("GET", "/api/channels", "Content-Length: x\r\n");
    CHECK_EQ(400, answer.status);
    CHECK(strncmp("{\"__type\":\"BadRequestException\"", answer.body, 31) == 0);
    CHECK(has(&answer, "content-type", "application/json; charset=utf-8"));
    CHECK(has(&answer, "content-security-policy", "default-src 'none'"));
    web_forget(&answer);
    stop();
}

static void start_with_limits(void)
{
    static const struct {
        enum limiter_class class;
        int64_t burst;
    } rows[] = {{LIMITER_READ, 3}, {LIMITER_WRITE, 4}, {LIMITER_SIGN_IN, 2}};
    limiter = limiter_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        limiter_set(limiter, rows[i].class, &(struct limiter_limit){1, 60, rows[i].burst});
    start(NULL, 0);
}

static void stop_with_limits(void)
{
    stop();
    limiter_destroy(limiter);
    limiter = NULL;
}

static void reads_and_writes_have_a_budget_each(void)
{
    start_with_limits();
    for (int i = 0; i < 3; i++)
        CHECK(gives(i == 0 ? "HEAD" : "GET", "/api/channels", 200, NULL));
    struct web_answer answer = say("GET", "/api/channels/jdoe", "");
    CHECK_EQ(429, answer.status);
    CHECK(strncmp("{\"__type\":\"TooManyRequestsException\"", answer.body, 36) == 0);
    CHECK(has(&answer, "retry-after", "60"));
    web_forget(&answer);
    for (int i = 0; i < 4; i++)
        CHECK(gives("POST", "/api/channels", 200, NULL));
    CHECK(error_is("DELETE", "/api/channels/jdoe", 429, "TooManyRequests"));
    stop_with_limits();
}

static void a_route_may_take_from_a_budget_of_its_own_besides(void)
{
    start_with_limits();
    CHECK(gives("PUT", "/api/limited", 200, NULL));
    CHECK(gives("PUT", "/api/limited", 200, NULL));
    CHECK(error_is("PUT", "/api/limited", 429, "TooManyRequests"));
    CHECK(gives("POST", "/api/channels", 200, NULL)); /* the fourth write */
    CHECK(error_is("POST", "/api/channels", 429, "TooManyRequests"));
    stop_with_limits();
}

static void what_comes_before_the_limit_costs_nothing_and_media_has_none(void)
{
    start_with_limits();
    for (int i = 0; i < 5; i++) {
        CHECK(gives("GET", "/live/abc/s1.p0.m4s", 200, NULL));
        CHECK(gives("GET", "/jdoe", 200, "ui"));
        CHECK(error_is("GET", "/api/nothing", 404, "ResourceNotFound"));
        CHECK(error_is("PUT", "/api/channels", 405, "MethodNotAllowed"));
    }
    CHECK(gives("GET", "/api/channels", 200, NULL));
    struct web_answer answer = {0};
    for (int i = 0; i < 5; i++) { /* the type of the body is looked at behind it */
        web_forget(&answer);
        answer = say("POST", "/api/channels", "Content-Type: text/plain\r\nContent-Length: 0\r\n");
    }
    CHECK_EQ(429, answer.status);
    web_forget(&answer);
    stop_with_limits();
}

int main(void)
{
    RUN(paths_find_their_handlers);
    RUN(literal_wins_over_parameter_and_rest);
    RUN(unknown_paths_are_not_found);
    RUN(known_paths_tell_their_methods);
    RUN(parameters_have_a_largest_length);
    RUN(bodies_are_json);
    RUN(too_large_a_body_comes_after_the_route);
    RUN(no_origin_is_allowed_without_a_list);
    RUN(star_allows_every_origin_on_every_answer);
    RUN(list_allows_exactly_its_origins);
    RUN(media_is_open_to_everybody);
    RUN(errors_of_the_server_have_their_shape_too);
    RUN(reads_and_writes_have_a_budget_each);
    RUN(a_route_may_take_from_a_budget_of_its_own_besides);
    RUN(what_comes_before_the_limit_costs_nothing_and_media_has_none);
    return check_report();
}
