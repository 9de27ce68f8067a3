#include "api/auth.h"

#include "api/routes.h"
#include "base/clock.h"
#include "unit/http/web.h"
#include "unit/store/fixture.h"

#define USER_A "11111111-1111-4111-8111-111111111111"
#define USER_B "22222222-2222-4222-8222-222222222222"

static struct fixture f;
static struct web web;
static struct auth *auth;
static struct routes *routes;
static const struct auth_key keys[] = {{"k", {7}}};
static int64_t trust_us = AUTH_TRUST_US;

/* "<username>/<channel>/cookie", or "nobody" */
static void on_who(struct request *request, void *arg)
{
    (void)arg;
    const struct caller *caller = routes_caller(request);
    struct str text = STR("nobody");
    if (caller != NULL)
        text = arena_printf(request->arena, "%s %s%s", caller->who.username,
                            caller->who.channel_id.at[0] != '\0' ? "channel " : "",
                            caller->is_by_cookie ? "cookie" : "header");
    request_reply_text(request, 200, STR("text/plain"), text);
}

static void on_echo(struct request *request, void *arg)
{
    (void)arg;
    request_reply_text(request, 200, STR("text/plain"), request->body);
}

static const struct route table[] = {
    {HTTP_GET, "/api/p", on_who, .auth = AUTH_PUBLIC},
    {HTTP_GET, "/api/o", on_who, .auth = AUTH_OPTIONAL},
    {HTTP_GET, "/api/a", on_who, .auth = AUTH_REQUIRED},
    {HTTP_GET, "/api/m", on_who, .auth = AUTH_MODERATOR},
    {HTTP_POST, "/api/a", on_who, .auth = AUTH_REQUIRED},
    {HTTP_DELETE, "/api/s", on_who, .auth = AUTH_STALE_OK},
    {HTTP_PUT, "/api/echo", on_echo, .auth = AUTH_REQUIRED},
};

static void start(const char *public_url)
{
    fixture_start(&f);
    fixture_execute(
        &f, "INSERT INTO users (id, username, email, email_ci, password_hash, status, avatar,"
            " color, created_at, password_changed_at) VALUES"
            " ('" USER_A "', 'Anna', 'a@x.y', 'a@x.y', '', 'active', 'bear', 'blue', 1, 1),"
            " ('" USER_B "', 'Bob', 'b@x.y', 'b@x.y', '', 'active', 'bear', 'blue', 1, 1);"
            "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at,"
            " absolute_expires_at, mode, user_agent, address) VALUES"
            " ('sa', '" USER_A "', 1, 1, 9000000000000, 9000000000000, 'token', '', ''),"
            " ('sa2', '" USER_A "', 1, 1, 9000000000000, 9000000000000, 'token', '', ''),"
            " ('sold', '" USER_A "', 1, 1, 1000, 9000000000000, 'token', '', ''),"
            " ('send', '" USER_A "', 1, 1, 9000000000000, 1000, 'token', '', ''),"
            " ('sb', '" USER_B "', 1, 1, 9000000000000, 9000000000000, 'token', '', '');");
    auth = auth_create(&(struct auth_options){.store = f.store,
                                              .public_url = public_url,
                                              .keys = keys,
                                              .key_count = 1,
                                              .token_life_s = 3600,
                                              .cookie_life_s = 86400,
                                              .trust_us = trust_us,
                                              .loops = 1});
    memset(&web, 0, sizeof(web));
    routes = routes_create(&(struct routes_options){.auth = auth});
    routes_add(routes, table, sizeof(table) / sizeof(*table), NULL);
    web.options.on_request = routes_on_request;
    web.options.on_refused = routes_on_refused;
    web.handler_arg = routes;
    web_start(&web);
}

static void stop(void)
{
    web_stop(&web);
    routes_destroy(routes);
    auth_destroy(auth);
    fixture_finish(&f);
}

/* A token that was issued at `now_us`. */
static const char *issue_at(const char *user_id, const char *session_id, int64_t now_us)
{
    int64_t expires_us = 0;
    const struct auth_grant grant = {user_id, session_id, "Anna", now_us};
    struct secret token = auth_issue(auth, &grant, &f.arena, &expires_us);
    CHECK_EQ(now_us / 1000000 + 3600, expires_us / 1000000);
    return token.value.at;
}

static const char *issue(const char *user_id, const char *session_id)
{
    return issue_at(user_id, session_id, clock_wall_us());
}

/* The request line and fields with %s for the token; then "<status> <body>" of 200s. */
static bool gives(const char *request, const char *token, unsigned status, const char *body)
{
    char head[4096];
    char text[8192];
    size_t at = strcspn(request, "%");
    (void)snprintf(head, sizeof(head), "%.*s%s%s", (int)at, request, request[at] ? token : "",
                   request[at] ? request + at + 2 : "");
    size_t line = strcspn(head, "\n");
    (void)snprintf(text, sizeof(text), "%.*s HTTP/1.1\r\nHost: a\r\n%s\r\n", (int)line, head,
                   head[line] ? head + line + 1 : "");
    int fd = web_connect(&web);
    web_say(fd, text);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    bool is_right = answer.status == status && (body == NULL || strcmp(body, answer.body) == 0);
    if (!is_right)
        printf("%s\n%u %s\n", head, answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

static void each_need_is_met(void)
{
    start("https://klieg.example");
    const char *good = issue(USER_A, "sa");
    CHECK(gives("GET /api/p", NULL, 200, "nobody"));
    CHECK(gives("GET /api/p\nAuthorization: Bearer rubbish\r\n", NULL, 200, "nobody"));
    CHECK(gives("GET /api/p\nAuthorization: Bearer %s\r\n", good, 200, "nobody"));
    CHECK(gives("GET /api/o", NULL, 200, "nobody"));
    CHECK(gives("GET /api/o\nAuthorization: Bearer rubbish\r\n", NULL, 401, NULL));
    CHECK(gives("GET /api/o\nAuthorization: Bearer %s\r\n", good, 200, "Anna header"));
    CHECK(gives("GET /api/a", NULL, 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: Bearer rubbish\r\n", NULL, 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: Bearer %s\r\n", good, 200, "Anna header"));
    CHECK(gives("GET /api/m", NULL, 401, NULL));
    CHECK(gives("GET /api/m\nAuthorization: Bearer %s\r\n", good, 200, "Anna header"));
    stop();
}

static void a_token_comes_bare_behind_a_scheme_or_in_a_cookie(void)
{
    start("https://klieg.example");
    const char *good = issue(USER_A, "sa");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", good, 200, "Anna header"));
    CHECK(gives("GET /api/a\nAuthorization:  bEARER   %s \r\n", good, 200, "Anna header"));
    CHECK(gives("GET /api/a\nAuthorization: Basic %s\r\n", good, 401, NULL));
    CHECK(gives("GET /api/a\nCookie: x=y; __Host-klieg_at=%s\r\n", good, 200, "Anna cookie"));
    CHECK(gives("GET /api/a\nCookie: x=y\r\nCookie: __Host-klieg_at=%s\r\n", good, 200,
                "Anna cookie"));
    CHECK(gives("GET /api/a\nCookie: klieg_at=%s\r\n", good, 401, NULL));
    CHECK(gives("GET /api/a?access_token=%s", good, 401, NULL));
    /* A header wins and never falls back; an empty one is none. */
    CHECK(gives("GET /api/o\nAuthorization: x\r\nCookie: __Host-klieg_at=%s\r\n", good, 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: \r\nCookie: __Host-klieg_at=%s\r\n", good, 200,
                "Anna cookie"));
    CHECK(gives("GET /api/o\nCookie: __Host-klieg_at=\r\n", NULL, 200, "nobody"));
    stop();
}

static void sessions_that_are_over_do_not_count(void)
{
    start("https://klieg.example");
    int64_t now_us = clock_wall_us();
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "sold"), 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "send"), 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "none"), 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_B, "sa"), 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "sa"), 200, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_B, "sa"), 401, NULL)); /* known */
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n",
                issue_at(USER_A, "sa", now_us - (int64_t)3640 * 1000000), 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n",
                issue_at(USER_A, "sa", now_us - (int64_t)3610 * 1000000), 200, NULL));
    stop();
}

static void what_is_known_is_trusted_until_it_is_forgotten(void)
{
    start("https://klieg.example");
    const char *a = issue(USER_A, "sa");
    const char *b = issue(USER_B, "sb");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 200, "Anna header"));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", b, 200, "Bob header"));
    fixture_execute(&f, "UPDATE sessions SET revoked_at = 5; UPDATE users SET username = 'Rob'"
                        " WHERE username = 'Bob'");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 200, "Anna header"));
    auth_forget(auth, USER_A);
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 401, NULL));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", b, 200, "Bob header"));
    fixture_execute(&f, "UPDATE sessions SET revoked_at = NULL");
    auth_forget(auth, USER_B);
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", b, 200, "Rob header"));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 200, "Anna header"));
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "sa2"), 200, "Anna header"));
    stop();
}

static void trust_ends(void)
{
    CHECK_EQ(30000000, trust_us);
    trust_us = 0;
    start("https://klieg.example");
    const char *a = issue(USER_A, "sa");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 200, "Anna header"));
    fixture_execute(&f, "UPDATE sessions SET revoked_at = 5");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", a, 401, NULL));
    trust_us = AUTH_TRUST_US;
    stop();
}

static void a_caller_has_his_channel(void)
{
    start("https://klieg.example");
    struct channel_key key;
    (void)fixture_channel(&f, "Cara", &key);
    fixture_execute(&f, "UPDATE channels SET user_id = '" USER_B "'");
    CHECK(
        gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_B, "sb"), 200, "Bob channel header"));
    stop();
}

static void a_cookie_counts_for_writes_of_our_own_pages_only(void)
{
    static const struct {
        const char *fields;
        unsigned status;
    } rows[] = {
        {"Sec-Fetch-Site: same-origin\r\n", 200},
        {"Sec-Fetch-Site: same-origin\r\nOrigin: https://evil.example\r\n", 200},
        {"Sec-Fetch-Site: same-site\r\nOrigin: https://klieg.example\r\n", 403},
        {"Sec-Fetch-Site: cross-site\r\nOrigin: https://klieg.example\r\n", 403},
        {"Sec-Fetch-Site: none\r\nOrigin: https://klieg.example\r\n", 403},
        {"Sec-Fetch-Site:\r\nOrigin: https://klieg.example\r\n", 403},
        {"Origin: https://klieg.example\r\n", 200},
        {"Origin: https://klieg.example:8443\r\n", 403},
        {"Origin: http://klieg.example\r\n", 403},
        {"Origin: https://klieg.example.evil\r\n", 403},
        {"Origin: null\r\n", 403},
        {"", 403},
    };
    start("https://klieg.example/below");
    const char *good = issue(USER_A, "sa");
    char request[512];
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        (void)snprintf(request, sizeof(request),
                       "POST /api/a\nContent-Length: 0\r\n%sCookie: __Host-klieg_at=%%s\r\n",
                       rows[i].fields);
        CHECK(gives(request, good, rows[i].status, NULL));
    }
    CHECK(gives("POST /api/a\nContent-Length: 0\r\nAuthorization: %s\r\n", good, 200, NULL));
    CHECK(gives("GET /api/a\nSec-Fetch-Site: cross-site\r\nCookie: __Host-klieg_at=%s\r\n", good,
                200, NULL));
    CHECK(gives("POST /api/a\nContent-Length: 0\r\nCookie: __Host-klieg_at=x\r\n", NULL, 401,
                NULL)); /* authentication comes first */
    stop();
}

static void an_upgrade_by_cookie_needs_our_origin(void)
{
#define UPGRADE \
    "GET /api/a\nConnection: upgrade\r\nUpgrade: websocket\r\nCookie: __Host-klieg_at=%s\r\n"
    start("https://klieg.example");
    const char *good = issue(USER_A, "sa");
    CHECK(gives(UPGRADE "Origin: https://klieg.example\r\n", good, 200, NULL));
    CHECK(gives(UPGRADE "Origin: https://evil.example\r\nSec-Fetch-Site: same-origin\r\n", good,
                403, NULL));
    CHECK(gives(UPGRADE "Sec-Fetch-Site: same-origin\r\n", good, 403, NULL));
    CHECK(gives("GET /api/a\nConnection: upgrade\r\nUpgrade: websocket\r\nAuthorization: %s\r\n",
                good, 200, NULL));
    stop();
}

static void signing_out_takes_a_stale_cookie_but_no_bad_header(void)
{
    start("https://klieg.example");
    CHECK(gives("DELETE /api/s", NULL, 200, "nobody"));
    CHECK(gives("DELETE /api/s\nCookie: __Host-klieg_at=stale\r\n", NULL, 200, "nobody"));
    CHECK(gives("DELETE /api/s\nCookie: __Host-klieg_at=%s\r\n", issue(USER_A, "none"), 200,
                "nobody"));
    CHECK(gives("DELETE /api/s\nAuthorization: stale\r\n", NULL, 401, NULL));
    CHECK(gives("DELETE /api/s\nAuthorization: %s\r\n", issue(USER_A, "none"), 401, NULL));
    CHECK(gives("DELETE /api/s\nAuthorization: %s\r\n", issue(USER_A, "sa"), 200, "Anna header"));
    stop();
}

static void the_body_outlives_the_look_up(void)
{
    start("https://klieg.example");
    CHECK(gives("PUT /api/echo\nContent-Type: application/json\r\nContent-Length: 7\r\n"
                "Authorization: %s\r\n\r\n{\"a\":1}",
                issue(USER_A, "sa"), 200, "{\"a\":1}"));
    CHECK(gives("PUT /api/echo\nContent-Type: text/plain\r\nContent-Length: 7\r\n"
                "Authorization: x\r\n\r\n{\"a\":1}",
                NULL, 401, NULL)); /* before the type is looked at */
    stop();
}

#define TOO_LARGE "Content-Type: application/json\r\nContent-Length: 65537\r\n"

static void who_asks_comes_before_the_size_of_the_body(void)
{
    start("https://klieg.example");
    const char *good = issue(USER_A, "sa");
    CHECK(gives("PUT /api/echo\n" TOO_LARGE, NULL, 401, NULL));
    CHECK(gives("PUT /api/echo\n" TOO_LARGE "Authorization: x\r\n", NULL, 401, NULL));
    CHECK(gives("PUT /api/echo\n" TOO_LARGE "Authorization: %s\r\n", good, 413, NULL));
    CHECK(gives("DELETE /api/s\n" TOO_LARGE, NULL, 413, NULL));
    CHECK(gives("DELETE /api/s\n" TOO_LARGE "Cookie: __Host-klieg_at=x\r\n", NULL, 413, NULL));
    CHECK(gives("DELETE /api/s\n" TOO_LARGE "Authorization: x\r\n", NULL, 401, NULL));
    CHECK(gives("DELETE /api/p\n" TOO_LARGE "Authorization: x\r\n", NULL, 405, NULL));
    CHECK(gives("GET /api/p\n" TOO_LARGE "Authorization: x\r\n", NULL, 413, NULL));
    stop();
}

static bool cookie_is(enum auth_cookie cookie, const char *value, const char *wanted)
{
    struct http_header header =
        auth_set_cookie(auth, cookie, (struct secret){str_of(value)}, &f.arena);
    return str_equal(STR("set-cookie"), header.name) && str_equal(str_of(wanted), header.value);
}

static void cookies_have_the_form_of_the_contract(void)
{
    start("https://klieg.example");
    CHECK(cookie_is(AUTH_COOKIE_ACCESS, "tok",
                    "__Host-klieg_at=tok; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"));
    CHECK(cookie_is(AUTH_COOKIE_REFRESH, "tok",
                    "__Secure-klieg_rt=tok; Path=/api/session; Max-Age=86400; HttpOnly;"
                    " SameSite=Lax; Secure"));
    CHECK(cookie_is(AUTH_COOKIE_ACCESS, "",
                    "__Host-klieg_at=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"));
    stop();
    start("http://localhost:8181");
    CHECK(cookie_is(AUTH_COOKIE_ACCESS, "tok",
                    "klieg_at=tok; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"));
    CHECK(cookie_is(AUTH_COOKIE_REFRESH, "",
                    "klieg_rt=; Path=/api/session; Max-Age=0; HttpOnly; SameSite=Lax"));
    const char *good = issue(USER_A, "sa");
    CHECK(gives("POST /api/a\nContent-Length: 0\r\nOrigin: http://localhost:8181\r\n"
                "Cookie: klieg_at=%s\r\n",
                good, 200, "Anna cookie"));
    CHECK(gives("GET /api/a\nCookie: __Host-klieg_at=%s\r\n", good, 401, NULL));
    stop();
}

static void a_database_that_fails_is_our_fault(void)
{
    start("https://klieg.example");
    fixture_execute(&f, "ALTER TABLE sessions RENAME TO gone");
    CHECK(gives("GET /api/a\nAuthorization: %s\r\n", issue(USER_A, "sa"), 500, NULL));
    stop();
}

int main(void)
{
    RUN(each_need_is_met);
    RUN(a_token_comes_bare_behind_a_scheme_or_in_a_cookie);
    RUN(sessions_that_are_over_do_not_count);
    RUN(what_is_known_is_trusted_until_it_is_forgotten);
    RUN(trust_ends);
    RUN(a_caller_has_his_channel);
    RUN(a_cookie_counts_for_writes_of_our_own_pages_only);
    RUN(an_upgrade_by_cookie_needs_our_origin);
    RUN(signing_out_takes_a_stale_cookie_but_no_bad_header);
    RUN(the_body_outlives_the_look_up);
    RUN(who_asks_comes_before_the_size_of_the_body);
    RUN(cookies_have_the_form_of_the_contract);
    RUN(a_database_that_fails_is_our_fault);
    return check_report();
}
