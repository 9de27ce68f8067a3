#include "api/reply.h"

#include "unit/http/web.h"

static void on_request(struct request *request, void *arg)
{
    (void)arg;
    static const struct http_header cookies[] = {{{"set-cookie", 10}, {"a=1", 3}},
                                                 {{"set-cookie", 10}, {"b=2", 3}}};
    if (web_path_is(request, "shared"))
        reply_json(request, json_pack("{si}", "a", 1), STR("private, no-cache"), STR("Origin"));
    else if (web_path_is(request, "made"))
        reply_json_fresh(request, 201, json_pack("{si}", "a", 1), cookies, 2);
    else
        reply_json_fresh(request, 204, NULL, cookies, 1);
}

static struct web web;

static struct web_answer get(const char *path, const char *fields)
{
    char text[256];
    int fd = web_connect(&web);
    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, fields);
    web_say(fd, text);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    return answer;
}

static bool has(const struct web_answer *answer, const char *name, const char *value)
{
    const char *got = web_header(answer, name);
    return value == NULL || got == NULL ? got == value : strcmp(value, got) == 0;
}

static void what_may_be_kept_has_a_weak_tag(void)
{
    struct web_answer answer = get("/shared", "");
    CHECK_EQ(200, answer.status);
    CHECK(strcmp("{\"a\":1}", answer.body) == 0);
    CHECK(has(&answer, "content-type", "application/json; charset=utf-8"));
    CHECK(has(&answer, "cache-control", "private, no-cache"));
    CHECK(has(&answer, "vary", "Origin"));
    CHECK(has(&answer, "content-security-policy", "default-src 'none'"));
    const char *tag = web_header(&answer, "etag");
    CHECK(tag != NULL && strncmp("W/\"", tag, 3) == 0);
    char fields[128];
    (void)snprintf(fields, sizeof(fields), "If-None-Match: %s\r\n", tag);
    web_forget(&answer);
    answer = get("/shared", fields);
    CHECK_EQ(304, answer.status);
    web_forget(&answer);
}

static void what_a_write_did_is_fresh(void)
{
    struct web_answer answer = get("/made", "");
    CHECK_EQ(201, answer.status);
    CHECK(strcmp("{\"a\":1}", answer.body) == 0);
    CHECK(has(&answer, "cache-control", "no-store"));
    CHECK(has(&answer, "etag", NULL));
    CHECK(has(&answer, "content-type", "application/json; charset=utf-8"));
    CHECK(has(&answer, "content-security-policy", "default-src 'none'"));
    CHECK(strstr(answer.head, "set-cookie: a=1\r\nset-cookie: b=2\r\n") != NULL);
    web_forget(&answer);
}

static void nothing_to_say_is_204(void)
{
    struct web_answer answer = get("/done", "");
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "content-type", NULL));
    CHECK(has(&answer, "content-length", NULL));
    CHECK(has(&answer, "cache-control", "no-store"));
    CHECK(has(&answer, "set-cookie", "a=1"));
    web_forget(&answer);
}

int main(void)
{
    web.options.on_request = on_request;
    web_start(&web);
    RUN(what_may_be_kept_has_a_weak_tag);
    RUN(what_a_write_did_is_fresh);
    RUN(nothing_to_say_is_204);
    web_stop(&web);
    return check_report();
}
