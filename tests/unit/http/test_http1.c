#include "web.h"

static const char get_hello[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

static void connection_serves_one_request_after_the_other(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    for (int i = 0; i < 3; i++) {
        web_say(fd, get_hello);
        struct web_answer answer = web_read_answer(fd, false);
        CHECK_EQ(200, answer.status);
        CHECK(strcmp("hello", answer.body) == 0);
        CHECK(web_header(&answer, "connection") == NULL);
        web_forget(&answer);
    }
    close(fd);
    web_stop(&web);
}

static void every_answer_carries_the_headers_of_the_contract(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, get_hello);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK(strcmp("nosniff", web_header(&answer, "x-content-type-options")) == 0);
    CHECK(strcmp("strict-origin-when-cross-origin", web_header(&answer, "referrer-policy")) == 0);
    CHECK_EQ(29, strlen(web_header(&answer, "date")));
    CHECK_EQ(13, strlen(web_header(&answer, "x-request-id")));
    web_forget(&answer);

    web_say(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: My_own-id9\r\n\r\n");
    answer = web_read_answer(fd, false);
    CHECK(strcmp("My_own-id9", web_header(&answer, "x-request-id")) == 0);
    web_forget(&answer);
    static const char *const bad[] = {"short77", "has space", "quote\"quote", ""};
    for (size_t i = 0; i < 4; i++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: %s\r\n\r\n",
                       bad[i]);
        web_say(fd, text);
        answer = web_read_answer(fd, false);
        CHECK_EQ(13, strlen(web_header(&answer, "x-request-id")));
        web_forget(&answer);
    }
    close(fd);
    web_stop(&web);
}

static void pipelined_requests_are_answered_in_order(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    char text[8192];
    size_t len = 0;
    for (int i = 0; i < 50; i++)
        len += (size_t)sprintf(
            text + len, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n%02d", i);
    web_send(fd, text, len);
    for (int i = 0; i < 50; i++) {
        struct web_answer answer = web_read_answer(fd, false);
        CHECK_EQ(200, answer.status);
        CHECK_EQ(i, strtol(answer.body, NULL, 10));
        web_forget(&answer);
    }
    close(fd);
    web_stop(&web);
}

static void what_is_pipelined_behind_a_waiting_request_waits(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET /wa");
    CHECK(web_wait(&web, &web.kept_count, 1));
    CHECK_EQ(1, atomic_load(&web.handled));
    web_on_loop(&web, web_release_all, NULL);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK(strcmp("released", answer.body) == 0);
    web_forget(&answer);
    answer = web_read_answer(fd, false);
    CHECK(strcmp("hello", answer.body) == 0);
    web_forget(&answer);
    web_say(fd, "it HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    web_on_loop(&web, web_release_all, NULL);
    answer = web_read_answer(fd, false);
    CHECK(strcmp("released", answer.body) == 0);
    web_forget(&answer);
    close(fd);
    web_stop(&web);
}

static void head_byte_by_byte_is_a_request_too(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    static const char text[] =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        web_send(fd, text + i, 1);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(200, answer.status);
    CHECK(strcmp("abcde", answer.body) == 0);
    web_forget(&answer);
    close(fd);
    web_stop(&web);
}

static void client_that_leaves_is_told_to_the_handler(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    close(fd);
    CHECK(web_wait(&web, &web.gone, 1));

    fd = web_connect(&web); /* half-closed is as good as gone for one that is told */
    web_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 2));
    shutdown(fd, SHUT_WR);
    CHECK(web_wait(&web, &web.gone, 2));
    CHECK(web_is_closed(fd));
    close(fd);
    web_stop(&web);
}

static void handler_may_finish_for_a_client_that_left(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    const struct linger reset = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
    while (web_metric(&web, METRIC_HTTP_CONNECTIONS) > 0)
        sched_yield();
    web_on_loop(&web, web_release_all, NULL);
    CHECK_EQ(0, atomic_load(&web.gone));
    web_stop(&web);
}

static void half_closed_client_still_gets_its_answers(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, get_hello);
    web_say(fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    web_say(fd, get_hello);
    shutdown(fd, SHUT_WR);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(200, answer.status);
    web_forget(&answer);
    CHECK(web_wait(&web, &web.kept_count, 1));
    web_on_loop(&web, web_release_all, NULL);
    answer = web_read_answer(fd, false);
    CHECK(strcmp("released", answer.body) == 0);
    web_forget(&answer);
    answer = web_read_answer(fd, false);
    CHECK(strcmp("hello", answer.body) == 0);
    web_forget(&answer);
    CHECK(web_is_closed(fd));
    close(fd);
    web_stop(&web);
}

static void connection_ends_when_asked_to(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    struct web_answer answer = web_read_answer(fd, false);
    CHECK(strcmp("close", web_header(&answer, "connection")) == 0);
    web_forget(&answer);
    CHECK(web_is_closed(fd));
    close(fd);

    fd = web_connect(&web);
    CHECK_EQ(200, web_status(fd, "GET / HTTP/1.0\r\n\r\n"));
    CHECK(web_is_closed(fd));
    close(fd);

    fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    answer = web_read_answer(fd, false);
    CHECK(strcmp("keep-alive", web_header(&answer, "connection")) == 0);
    web_forget(&answer);
    CHECK_EQ(200, web_status(fd, get_hello));
    close(fd);
    web_stop(&web);
}

/* Sends a request that must be refused, and sees the connection end. */
static unsigned refused(struct web *web, const char *text, size_t len)
{
    int fd = web_connect(web);
    web_send(fd, text, len);
    struct web_answer answer = web_read_answer(fd, false);
    web_forget(&answer);
    CHECK(web_is_closed(fd));
    close(fd);
    return answer.status;
}

/* Writes the text, without its NUL. */
static void put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
}

static void limits_are_met_from_both_sides(void)
{
    struct web web = {0};
    web_start(&web);
    static char text[128 << 10];
    memset(text, 'a', sizeof(text));
    put(text, "GET /");
    size_t max_url = http_default_limits.max_url;
    static const char rest[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    memcpy(text + 4 + max_url, rest, sizeof(rest));
    int fd = web_connect(&web);
    CHECK_EQ(200, web_status(fd, text));
    close(fd);
    memset(text + 4 + max_url, 'a', sizeof(rest));
    memcpy(text + 5 + max_url, rest, sizeof(rest));
    CHECK_EQ(414, refused(&web, text, strlen(text)));
    memset(text + 5, 'a', 5000);
    CHECK_EQ(414, refused(&web, text, 5000));

    size_t head = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\nB: ");
    memset(text + head, 'b', 20000);
    size_t fixed = strlen("Host: a\r\nB: \r\n\r\n");
    memcpy(text + head + http_default_limits.max_head - fixed, "\r\n\r\n", 5);
    fd = web_connect(&web);
    CHECK_EQ(200, web_status(fd, text));
    close(fd);
    memcpy(text + head + http_default_limits.max_head - fixed, "b\r\n\r\n", 6);
    CHECK_EQ(431, refused(&web, text, strlen(text)));
    web_stop(&web);
}

static void bodies_have_a_limit(void)
{
    struct web web = {0};
    web_start(&web);
    size_t max_body = http_default_limits.max_body;
    char *text = calloc(1, 2 * max_body);
    size_t head = (size_t)sprintf(
        text, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", max_body);
    memset(text + head, 'x', max_body);
    int fd = web_connect(&web);
    web_send(fd, text, head + max_body);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(200, answer.status);
    CHECK_EQ(max_body, answer.body_len);
    web_forget(&answer);
    close(fd);

    head = (size_t)sprintf(text, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
                           max_body + 1);
    CHECK_EQ(413, refused(&web, text, head)); /* before any of it came */

    head = (size_t)sprintf(text,
                           "PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "%zx\r\n",
                           max_body + 1);
    memset(text + head, 'x', max_body + 1);
    CHECK_EQ(413, refused(&web, text, head + max_body + 1));
    free(text);
    web_stop(&web);
}

static void bad_requests_are_refused_and_cut(void)
{
    struct web web = {0};
    web_start(&web);
    static const struct {
        unsigned status;
        const char *text;
    } rows[] = {
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\n"},
        {400, "\x16\x03\x01"},
        {400, "GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
        {400, "GET /../etc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
        {400,
         "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx"},
        {501, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"},
        {505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_EQ(rows[i].status, refused(&web, rows[i].text, strlen(rows[i].text)));
    CHECK_EQ(0, atomic_load(&web.handled));
    CHECK_EQ(0, web_metric(&web, METRIC_HTTP_CONNECTIONS) > 1);
    web_stop(&web);
}

/* A bad path is no reason to end the connection: where the request ends is known. */
static void bad_path_leaves_the_connection_alone(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    CHECK_EQ(400, web_status(fd, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(404, web_status(fd, "GET /1/2/3/4/5/6/7/8/9/10/11/12/13 HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(200, web_status(fd, get_hello));
    close(fd);
    web_stop(&web);
}

static void continue_is_sent_when_asked_for(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd,
            "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(100, answer.status);
    web_forget(&answer);
    web_say(fd, "hi");
    answer = web_read_answer(fd, false);
    CHECK_EQ(200, answer.status);
    CHECK(strcmp("hi", answer.body) == 0);
    web_forget(&answer);
    close(fd);
    web_stop(&web);
}

static void slow_clients_are_refused(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.header_timeout_us = 300000;
    web.options.limits.body_timeout_us = 300000;
    web.options.limits.idle_timeout_us = 300000;
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.1\r\nHo");
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(408, answer.status);
    web_forget(&answer);
    CHECK(web_is_closed(fd));
    close(fd);

    fd = web_connect(&web); /* what may yet become HTTP/2 */
    web_say(fd, "PRI * HT");
    answer = web_read_answer(fd, false);
    CHECK_EQ(408, answer.status);
    web_forget(&answer);
    close(fd);

    fd = web_connect(&web); /* slowloris: a byte now and then gains no time */
    bool is_open = true;
    for (int i = 0; i < 200 && is_open; i++) {
        struct timespec pause = {.tv_nsec = 20000000};
        is_open = web_say(fd, "G");
        char byte;
        is_open = is_open && recv(fd, &byte, 1, MSG_DONTWAIT) < 0;
        nanosleep(&pause, NULL);
    }
    CHECK(!is_open);
    close(fd);

    fd = web_connect(&web);
    web_say(fd, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh");
    answer = web_read_answer(fd, false);
    CHECK_EQ(408, answer.status);
    web_forget(&answer);
    CHECK(web_is_closed(fd));
    close(fd);

    fd = web_connect(&web); /* idle: closed without a word */
    CHECK_EQ(200, web_status(fd, get_hello));
    answer = web_read_answer(fd, false);
    CHECK_EQ(0, answer.status);
    close(fd);
    fd = web_connect(&web); /* never said anything */
    answer = web_read_answer(fd, false);
    CHECK_EQ(0, answer.status);
    close(fd);
    CHECK_EQ(1, atomic_load(&web.handled));
    web_stop(&web);
}

static void slow_handlers_are_answered_for(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.handler_timeout_us = 300000;
    web_start(&web);
    int fd = web_connect(&web);
    CHECK_EQ(500, web_status(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(1, atomic_load(&web.gone));
    close(fd);
    fd = web_connect(&web);
    CHECK_EQ(500, web_status(fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(1, atomic_load(&web.gone));
    web_on_loop(&web, web_release_all, NULL); /* while the connection lingers */
    CHECK(web_is_closed(fd));
    close(fd);
    fd = web_connect(&web);
    CHECK_EQ(500, web_status(fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"));
    close(fd);
    while (web_metric(&web, METRIC_HTTP_CONNECTIONS) > 0)
        sched_yield();
    web_on_loop(&web, web_release_all, NULL); /* when it is gone */
    web_stop(&web);
}

static void nobody_pipelines_without_end(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    char junk[4096];
    memset(junk, 'j', sizeof(junk));
    CHECK(web_send(fd, junk, sizeof(junk)));
    for (int i = 0; i < 64; i++)
        (void)web_send(fd, junk, sizeof(junk)); /* fails once we are cut */
    CHECK(web_wait(&web, &web.gone, 1));
    CHECK(web_is_closed(fd));
    close(fd);
    web_stop(&web);
}

static void reader_that_does_not_read_holds_back_its_own_requests(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    for (int i = 0; i < 40; i++)
        web_say(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 40; i++) {
        struct web_answer answer = web_read_answer(fd, false);
        CHECK_EQ(200, answer.status);
        CHECK_EQ(WEB_BIG, answer.body_len);
        CHECK_EQ((WEB_BIG - 1) % 251, (uint8_t)answer.body[WEB_BIG - 1]);
        web_forget(&answer);
    }
    close(fd);
    web_stop(&web);
}

static void connections_have_a_largest_number(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.max_connections = 2;
    web_start(&web);
    int fds[3];
    for (int i = 0; i < 2; i++) {
        fds[i] = web_connect(&web);
        CHECK_EQ(200, web_status(fds[i], get_hello));
    }
    fds[2] = web_connect(&web);
    CHECK(web_is_closed(fds[2]));
    close(fds[0]);
    close(fds[2]);
    while (web_metric(&web, METRIC_HTTP_CONNECTIONS) > 1)
        sched_yield();
    fds[0] = web_connect(&web);
    CHECK_EQ(200, web_status(fds[0], get_hello));
    close(fds[0]);
    close(fds[1]);
    web_stop(&web);
}

int main(void)
{
    RUN(connection_serves_one_request_after_the_other);
    RUN(every_answer_carries_the_headers_of_the_contract);
    RUN(pipelined_requests_are_answered_in_order);
    RUN(what_is_pipelined_behind_a_waiting_request_waits);
    RUN(head_byte_by_byte_is_a_request_too);
    RUN(client_that_leaves_is_told_to_the_handler);
    RUN(handler_may_finish_for_a_client_that_left);
    RUN(half_closed_client_still_gets_its_answers);
    RUN(connection_ends_when_asked_to);
    RUN(limits_are_met_from_both_sides);
    RUN(bodies_have_a_limit);
    RUN(bad_requests_are_refused_and_cut);
    RUN(bad_path_leaves_the_connection_alone);
    RUN(continue_is_sent_when_asked_for);
    RUN(slow_clients_are_refused);
    RUN(slow_handlers_are_answered_for);
    RUN(nobody_pipelines_without_end);
    RUN(reader_that_does_not_read_holds_back_its_own_requests);
    RUN(connections_have_a_largest_number);
    return check_report();
}
