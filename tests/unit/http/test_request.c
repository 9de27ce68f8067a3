#include "http/request.h"

#include "web.h"

static struct web_answer exchange(struct web *web, const char *method, const char *path,
                                  const char *fields)
{
    char text[2048];
    int fd = web_connect(web);
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

static void release_big(struct web *web, void *arg)
{
    (void)arg;
    struct request *request = web->kept[0];
    atomic_store(&web->kept_count, 0);
    CHECK(request->loop == web->loop);
    CHECK(request->headers == NULL && request->segments == NULL && request->path.len == 0);
    web_reply_big(web, request);
}

static void whole_is_sent_without_a_range(void)
{
    struct web web = {0};
    web_start(&web);
    struct web_answer answer = exchange(&web, "GET", "/big", "");
    CHECK_EQ(200, answer.status);
    CHECK_EQ(WEB_BIG, answer.body_len);
    CHECK(has(&answer, "accept-ranges", "bytes"));
    CHECK(has(&answer, "content-range", NULL));
    CHECK(has(&answer, "etag", "\"big\""));
    CHECK(has(&answer, "cache-control", "public"));
    CHECK(has(&answer, "content-type", "video/mp4"));
    web_forget(&answer);
    CHECK_EQ(1, web_metric(&web, METRIC_HTTP_REQUESTS));
    CHECK_EQ(1, web_metric(&web, METRIC_HTTP_RESPONSES_2XX));
    CHECK_EQ(WEB_BIG, web_metric(&web, METRIC_HTTP_SENT_BYTES));
    web_stop(&web);
}

/* API contract §1.1. */
static void ids_are_the_callers_or_our_own(void)
{
    static const struct {
        const char *id;
        bool is_kept;
    } rows[] = {
        {"12345678", true},
        {"1234567", false},
        {"azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-", true},
        {"azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-azAZ09_-x", false},
        {"1234567.", false},
        {"1234567/", false},
        {"1234567:", false},
        {"1234567@", false},
        {"1234567[", false},
        {"1234567`", false},
        {"1234567{", false},
        {"1234567\xc3", false},
    };
    struct web web = {0};
    web_start(&web);
    char before[1024] = "";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "X-Request-Id: %s\r\n", rows[i].id);
        struct web_answer answer = exchange(&web, "GET", "/", text);
        const char *id = web_header(&answer, "x-request-id");
        CHECK_EQ(rows[i].is_kept, strcmp(rows[i].id, id) == 0);
        if (!rows[i].is_kept) {
            CHECK_EQ(13, strlen(id));
            CHECK(strcmp(before, id) != 0);
            (void)snprintf(before, sizeof(before), "%s", id);
        }
        web_forget(&answer);
    }
    web_stop(&web);
}

static void kept_request_still_knows_its_range(void)
{
    struct web web = {0};
    web_start(&web);
    static const struct {
        const char *fields;
        unsigned status;
    } rows[] = {
        {"Range: bytes=1-2\r\n", 206},
        /* The tag to compare with is gone by then. */
        {"Range: bytes=1-2\r\nIf-Range: \"big\"\r\n", 200},
    };
    for (unsigned i = 0; i < 2; i++) {
        char text[256];
        int fd = web_connect(&web);
        (void)snprintf(text, sizeof(text), "GET /wait HTTP/1.1\r\nHost: a\r\n%s\r\n",
                       rows[i].fields);
        web_say(fd, text);
        CHECK(web_wait(&web, &web.kept_count, 1));
        web_on_loop(&web, release_big, NULL);
        struct web_answer answer = web_read_answer(fd, false);
        CHECK_EQ(rows[i].status, answer.status);
        web_forget(&answer);
        close(fd);
    }
    web_stop(&web);
}

static void ranges_are_cut_out_of_the_slices(void)
{
    static const struct {
        const char *range;
        size_t first, len;
    } rows[] = {
        {"bytes=0-0", 0, 1},
        {"bytes=999-1000", 999, 2}, /* across the slices */
        {"bytes=0-999", 0, 1000},
        {"bytes=1000-1009", 1000, 10},
        {"bytes=500-70000", 500, 69501},
        {"bytes=-3", WEB_BIG - 3, 3},
        {"bytes=3145727-", WEB_BIG - 1, 1},
        {"bytes=0-", 0, WEB_BIG},
    };
    struct web web = {0};
    web_start(&web);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "Range: %s\r\n", rows[i].range);
        struct web_answer answer = exchange(&web, "GET", "/big", text);
        CHECK_EQ(206, answer.status);
        CHECK_EQ(rows[i].len, answer.body_len);
        bool is_same = true;
        for (size_t j = 0; j < answer.body_len; j++)
            is_same &= (uint8_t)answer.body[j] == (rows[i].first + j) % 251;
        CHECK(is_same);
        (void)snprintf(text, sizeof(text), "bytes %zu-%zu/%d", rows[i].first,
                       rows[i].first + rows[i].len - 1, WEB_BIG);
        CHECK(has(&answer, "content-range", text));
        web_forget(&answer);
    }
    web_stop(&web);
}

static void range_outside_is_not_satisfiable(void)
{
    struct web web = {0};
    web_start(&web);
    struct web_answer answer = exchange(&web, "GET", "/big", "Range: bytes=3145728-\r\n");
    CHECK_EQ(416, answer.status);
    CHECK(has(&answer, "content-range", "bytes */3145728"));
    web_forget(&answer);
    web_stop(&web);
}

static void ranges_are_ignored_where_they_mean_nothing(void)
{
    struct web web = {0};
    web_start(&web);
    static const struct {
        const char *method, *path, *fields;
    } rows[] = {
        {"GET", "/", "Range: bytes=0-1\r\n"}, /* not offered */
        {"HEAD", "/big", "Range: bytes=0-1\r\n"},
        {"GET", "/big", "Range: bytes=0-1,3-4\r\n"},
        {"GET", "/big", "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n"},
        {"GET", "/big", "Range: bytes=0-1\r\nIf-Range: W/\"big\"\r\n"},
        {"GET", "/big", "Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct web_answer answer = exchange(&web, rows[i].method, rows[i].path, rows[i].fields);
        CHECK_EQ(200, answer.status);
        CHECK(has(&answer, "content-range", NULL));
        web_forget(&answer);
    }
    struct web_answer answer =
        exchange(&web, "GET", "/big", "Range: bytes=0-1\r\nIf-Range: \"big\"\r\n");
    CHECK_EQ(206, answer.status);
    web_forget(&answer);
    web_stop(&web);
}

static void matching_tag_is_not_modified(void)
{
    struct web web = {0};
    web_start(&web);
    struct web_answer answer = exchange(&web, "GET", "/big", "If-None-Match: W/\"big\"\r\n");
    CHECK_EQ(304, answer.status);
    CHECK_EQ(0, answer.body_len);
    CHECK(has(&answer, "etag", "\"big\""));
    CHECK(has(&answer, "cache-control", "public"));
    CHECK(has(&answer, "content-length", NULL));
    CHECK(has(&answer, "content-type", NULL));
    web_forget(&answer);
    answer = exchange(&web, "HEAD", "/big", "If-None-Match: \"big\"\r\nRange: bytes=0-1\r\n");
    CHECK_EQ(304, answer.status);
    web_forget(&answer);
    answer = exchange(&web, "POST", "/big", "If-None-Match: \"big\"\r\n");
    CHECK_EQ(200, answer.status);
    web_forget(&answer);
    answer = exchange(&web, "GET", "/big", "If-None-Match: \"bigger\"\r\n");
    CHECK_EQ(200, answer.status);
    web_forget(&answer);
    web_stop(&web);
}

static void head_tells_the_length_and_sends_nothing(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "HEAD /big HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    struct web_answer answer = web_read_answer(fd, true);
    CHECK_EQ(200, answer.status);
    CHECK(has(&answer, "content-length", "3145728"));
    web_forget(&answer);
    answer = web_read_answer(fd, false);
    CHECK(strcmp("hello", answer.body) == 0);
    web_forget(&answer);
    close(fd);
    web_stop(&web);
}

/* --- Replies of all kinds, through one handler --- */

static struct reply next_reply;
static void (*check_request)(struct request *);

static void reply_next(struct request *request, void *arg)
{
    (void)arg;
    if (check_request != NULL)
        check_request(request);
    request_reply(request, &next_reply);
}

static void start_replying(struct web *web)
{
    web->options.on_request = reply_next;
    web_start(web);
    check_request = NULL;
}

static void set_policy(struct request *request)
{
    static const struct http_header policy[] = {{{"x-first", 7}, {"policy", 6}},
                                                {{"x-second", 8}, {"too", 3}}};
    request_set_policy(request, policy, 2);
}

static void policy_and_headers_are_added(void)
{
    struct web web = {0};
    start_replying(&web);
    static const struct http_header headers[] = {{{"x-own", 5}, {"1", 1}}, {{"x-none", 6}, {0}}};
    next_reply = (struct reply){.status = 204, .headers = headers, .header_count = 2};
    check_request = set_policy;
    struct web_answer answer = exchange(&web, "GET", "/", "");
    CHECK_EQ(204, answer.status);
    CHECK(has(&answer, "x-first", "policy"));
    CHECK(has(&answer, "x-second", "too"));
    CHECK(has(&answer, "x-own", "1"));
    CHECK(has(&answer, "x-none", NULL));
    CHECK(has(&answer, "content-length", NULL));
    web_forget(&answer);
    web_stop(&web);
}

static void unqualified_reply_comes_whole(void)
{
    struct web web = {0};
    start_replying(&web);
    next_reply = (struct reply){.status = 200, .etag = STR("\"a\""), .is_unqualified = true};
    struct web_answer answer = exchange(&web, "GET", "/", "If-None-Match: \"a\"\r\n");
    CHECK_EQ(200, answer.status);
    CHECK(has(&answer, "content-length", "0"));
    web_forget(&answer);
    web_stop(&web);
}

static void check_headers(struct request *request)
{
    CHECK(str_equal(STR("v"), request_header(request, STR("x-some"))));
    CHECK(request_header(request, STR("x-other")).at == NULL);
    CHECK_EQ(HTTP_GZIP | HTTP_BROTLI, request->codings);
    CHECK(str_equal(STR("/a/b%20c"), request->path));
    CHECK(str_equal(STR("q=1"), request->query));
    CHECK_EQ(2, request->segments->count);
    CHECK(str_equal(STR("b c"), request->segments->segments[1]));
    CHECK(!request->is_tls && !request->is_http2 && !request->is_from_proxy);
}

static void handler_sees_the_request(void)
{
    struct web web = {0};
    start_replying(&web);
    check_request = check_headers;
    next_reply = (struct reply){.status = 204};
    struct web_answer answer = exchange(&web, "GET", "/a/b%20c?q=1",
                                        "X-SOME: v\r\nAccept-Encoding: gzip\r\n"
                                        "Accept-Encoding: br\r\n");
    CHECK_EQ(204, answer.status);
    web_forget(&answer);
    web_stop(&web);
}

/* --- Proxies --- */

static void check_client(struct web *web, const char *forwarded, const char *want)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "X-Forwarded-For: %s\r\n", forwarded);
    struct web_answer answer = exchange(web, "GET", "/client", text);
    if (strcmp(want, answer.body) != 0)
        printf("%s: %s\n", forwarded, answer.body);
    CHECK(strcmp(want, answer.body) == 0);
    web_forget(&answer);
}

static void forwarded_addresses_count_from_trusted_proxies_only(void)
{
    struct web web = {0};
    web_start(&web);
    check_client(&web, "203.0.113.5", "127.0.0.1");
    web_stop(&web);

    struct http_network trusted[2];
    CHECK_EQ(ERR_OK, http_network_read(STR("127.0.0.0/8"), &trusted[0]));
    CHECK_EQ(ERR_OK, http_network_read(STR("2001:db8::/32"), &trusted[1]));
    struct web behind = {.options = {.trusted_proxies = trusted, .trusted_proxy_count = 2}};
    web_start(&behind);
    check_client(&behind, "203.0.113.5", "203.0.113.5");
    check_client(&behind, "198.51.100.1, 203.0.113.5", "203.0.113.5"); /* the first may be forged */
    check_client(&behind, "203.0.113.5, 2001:db8::7, 127.0.0.9", "203.0.113.5");
    check_client(&behind, "2001:db8:1::1,127.0.0.2", "2001:db8:1::1");
    check_client(&behind, "::ffff:203.0.113.5", "203.0.113.5");
    check_client(&behind, "unknown, 127.0.0.9", "127.0.0.9");
    check_client(&behind, "nonsense", "127.0.0.1");
    check_client(&behind, "", "127.0.0.1");
    web_stop(&behind);
}

static const char own_request[] = "POST /own/b%41?q=1 HTTP/1.1\r\nHost: a\r\nX-Part: head\r\n"
                                  "Content-Length: 4\r\n\r\nbody";

static void parts_of_an_own_request_stay_until_the_reply(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, own_request);
    CHECK(web_wait(&web, &web.kept_count, 1));
    int other = web_connect(&web); /* whose parts would be written over them */
    web_say(other, "POST /echo/xxxx?yyyyy HTTP/1.1\r\nHost: b\r\nX-Part: zzzz\r\n"
                   "Content-Length: 4\r\n\r\n0000");
    struct web_answer answer = web_read_answer(other, false);
    CHECK_EQ(200, answer.status);
    web_forget(&answer);
    web_on_loop(&web, web_release_all, NULL);
    answer = web_read_answer(fd, false);
    CHECK_EQ(200, answer.status);
    CHECK(strcmp("/own/b%41 bA q=1 head body", answer.body) == 0);
    web_forget(&answer);
    close(fd);
    close(other);
    web_stop(&web);
}

static void parts_stay_for_a_handler_that_is_too_late(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.handler_timeout_us = 1000;
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, own_request);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(500, answer.status);
    web_forget(&answer);
    close(fd);
    web_on_loop(&web, web_release_all, NULL); /* reads them; the reply goes nowhere */
    web_stop(&web);
}

static void an_own_request_whose_client_has_gone_is_freed(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /own/b?gone HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    close(fd);
    CHECK(web_wait(&web, &web.gone, 1));
    web_stop(&web);
}

static void client_key_is_the_network_of_an_ipv6_address(void)
{
    struct request a = {0};
    struct request b = {0};
    CHECK_EQ(ERR_OK, http_address_read(STR("2001:db8:0:1::1"), a.client));
    CHECK_EQ(ERR_OK, http_address_read(STR("2001:db8:0:1:ffff::2"), b.client));
    CHECK_EQ(request_client_key(&a), request_client_key(&b));
    CHECK_EQ(ERR_OK, http_address_read(STR("2001:db8:0:2::1"), b.client));
    CHECK(request_client_key(&a) != request_client_key(&b));
    CHECK_EQ(ERR_OK, http_address_read(STR("198.51.100.1"), a.client));
    CHECK_EQ(ERR_OK, http_address_read(STR("198.51.100.2"), b.client));
    CHECK(request_client_key(&a) != request_client_key(&b));
}

static void waiting_request_is_small(void)
{
    CHECK(sizeof(struct request) <= 512); /* media rule HL-46 */
}

int main(void)
{
    RUN(whole_is_sent_without_a_range);
    RUN(ids_are_the_callers_or_our_own);
    RUN(kept_request_still_knows_its_range);
    RUN(ranges_are_cut_out_of_the_slices);
    RUN(range_outside_is_not_satisfiable);
    RUN(ranges_are_ignored_where_they_mean_nothing);
    RUN(matching_tag_is_not_modified);
    RUN(head_tells_the_length_and_sends_nothing);
    RUN(policy_and_headers_are_added);
    RUN(unqualified_reply_comes_whole);
    RUN(handler_sees_the_request);
    RUN(forwarded_addresses_count_from_trusted_proxies_only);
    RUN(parts_of_an_own_request_stay_until_the_reply);
    RUN(parts_stay_for_a_handler_that_is_too_late);
    RUN(an_own_request_whose_client_has_gone_is_freed);
    RUN(client_key_is_the_network_of_an_ipv6_address);
    RUN(waiting_request_is_small);
    return check_report();
}
