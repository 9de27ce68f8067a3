#include "proto/http/http1_head_reader.h"

#include "check.h"

#include <stdlib.h>

static const struct http1_limits limits = {.max_url = 64, .max_head = 256};
static struct http1_head head;
static unsigned status;

/* From a block of exactly this size, so that sanitizers see a read past the end. */
static enum err read_exactly(const char *bytes, size_t len)
{
    static char *block;
    free(block);
    block = malloc(len > 0 ? len : 1);
    memcpy(block, bytes, len);
    struct http1_head_reader reader = {0};
    enum err err = http1_head_read(&reader, &limits, (struct str){block, len}, &head);
    status = reader.status;
    return err;
}

static enum err read_text(const char *text)
{
    return read_exactly(text, strlen(text));
}

static unsigned status_of(const char *text)
{
    enum err err = read_text(text);
    return err == ERR_MALFORMED ? status : err == ERR_OK ? 0 : 1;
}

static unsigned status_with(const char *field_lines)
{
    char text[1024];
    (void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", field_lines);
    return status_of(text);
}

static const char plain[] = "GET /a%20b?c=d&e HTTP/1.1\r\n"
                            "Host: klieg.example\r\n"
                            "Accept-Encoding:gzip, br \t\r\n"
                            "X-Empty:\r\n"
                            "\r\n";

static void plain_request_is_read(void)
{
    CHECK_EQ(ERR_OK, read_text(plain));
    CHECK_EQ(sizeof(plain) - 1, head.len);
    CHECK_EQ(HTTP_GET, head.method);
    CHECK(str_equal(STR("/a%20b"), head.path));
    CHECK(str_equal(STR("c=d&e"), head.query));
    CHECK_EQ(3, head.header_count);
    CHECK(str_equal(STR("Host"), head.headers[0].name));
    CHECK(str_equal(STR("klieg.example"), head.headers[0].value));
    CHECK(str_equal(STR("gzip, br"), head.headers[1].value));
    CHECK_EQ(0, head.headers[2].value.len);
    CHECK(head.is_persistent);
    CHECK(!head.is_http10 && !head.is_upgrade && !head.is_chunked && !head.expects_continue);
    CHECK_EQ(0, head.content_length);
}

static void what_follows_the_head_is_left(void)
{
    CHECK_EQ(ERR_OK, read_text("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET"));
    CHECK_EQ(strlen("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"), head.len);
    CHECK_EQ(HTTP_PUT, head.method);
    CHECK_EQ(2, head.content_length);
}

static void every_prefix_waits_for_more(void)
{
    for (size_t len = 0; len < sizeof(plain) - 1; len++)
        CHECK_EQ(ERR_AGAIN, read_exactly(plain, len));
}

static void head_in_pieces_is_read_as_in_one(void)
{
    for (size_t step = 1; step < sizeof(plain); step++) {
        struct http1_head_reader reader = {0};
        enum err err = ERR_AGAIN;
        for (size_t len = step; err == ERR_AGAIN; len += step) {
            size_t have = len < sizeof(plain) - 1 ? len : sizeof(plain) - 1;
            err = http1_head_read(&reader, &limits, (struct str){plain, have}, &head);
        }
        CHECK_EQ(ERR_OK, err);
        CHECK_EQ(sizeof(plain) - 1, head.len);
        CHECK_EQ(3, head.header_count);
    }
}

static void methods_are_told_apart(void)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (unsigned i = 0; i < 7; i++) {
        CHECK_EQ(i, http_method_of(str_of(names[i])));
        char text[64];
        (void)snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nHost: a\r\n\r\n", names[i]);
        CHECK_EQ(ERR_OK, read_text(text));
        CHECK_EQ(i, head.method);
    }
    CHECK_EQ(ERR_OK, read_text("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(HTTP_OTHER, head.method);
    CHECK_EQ(ERR_OK, read_text("get / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(HTTP_OTHER, head.method);
}

static void bad_request_lines_are_refused(void)
{
    CHECK_EQ(400, status_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET /\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("@ET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET a HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET /# HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / http/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.10\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/x.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1:1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(505, status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"));
    CHECK_EQ(505, status_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n"));
    CHECK_EQ(505, status_of("GET / HTTP/9.9\r\nHost: a\r\n\r\n"));
    CHECK_EQ(505, status_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n"));
    CHECK_EQ(0, status_of("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(str_equal(STR("*"), head.path));
}

static void absolute_form_loses_its_origin(void)
{
    CHECK_EQ(0, status_of("GET http://a.example:80/b?c HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(str_equal(STR("/b"), head.path));
    CHECK(str_equal(STR("c"), head.query));
    CHECK_EQ(0, status_of("GET HTTPS://a/ HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(str_equal(STR("/"), head.path));
    CHECK_EQ(400, status_of("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n"));
}

static void bad_fields_are_refused(void)
{
    CHECK_EQ(0, status_with("A: b\r\n"));
    CHECK_EQ(0, status_with("A: b\x80\xff\tc\r\n"));
    CHECK_EQ(400, status_with("A : b\r\n"));
    CHECK_EQ(400, status_with("A: b\r\n c\r\n"));
    CHECK_EQ(400, status_with("A: b\r\n\tc: d\r\n"));
    CHECK_EQ(400, status_with("A\r\n"));
    CHECK_EQ(400, status_with(": b\r\n"));
    CHECK_EQ(400, status_with("A: b\x01\r\n"));
    CHECK_EQ(400, status_with("A: b\x7f\r\n"));
    CHECK_EQ(400, status_with("A: b\rc\r\n"));
    CHECK_EQ(400, status_with("A: b\nC: d\r\n"));
    CHECK_EQ(400, status_with("A(: b\r\n"));
    CHECK_EQ(400, status_with("\x80: b\r\n"));
    static const char nul[] = "GET / HTTP/1.1\r\nHost: a\r\nA: b\0\r\n\r\n";
    CHECK_EQ(ERR_MALFORMED, read_exactly(nul, sizeof(nul) - 1));
    CHECK_EQ(400, status);
}

static void bare_line_feeds_are_refused_at_once(void)
{
    CHECK_EQ(400, status_of("GET / HTTP/1.1\n"));
    CHECK_EQ(400, status_of("\nGET / HTTP/1.1\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\n\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\nHost: a\r\n\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\nHost: a\r\n\nX"));
}

static void one_empty_line_may_come_first(void)
{
    CHECK_EQ(0, status_of("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(strlen("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), head.len);
    CHECK_EQ(400, status_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(ERR_AGAIN, read_text("\r"));
    CHECK_EQ(ERR_AGAIN, read_text("\r\n"));
}

static void noise_is_refused_before_a_line_is_whole(void)
{
    CHECK_EQ(400, status_of("\x16\x03\x01"));
    CHECK_EQ(400, status_of("\x03"));
    CHECK_EQ(400, status_of("GE\x01"));
    CHECK_EQ(ERR_AGAIN, read_text("GET \x01")); /* the target is looked at with its line */
}

static void host_is_there_once(void)
{
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n"));
    CHECK_EQ(0, status_of("GET / HTTP/1.0\r\n\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"));
    CHECK_EQ(0, status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n"));
}

static void length_is_there_once_and_a_number(void)
{
    CHECK_EQ(0, status_with("Content-Length: 0\r\n"));
    CHECK_EQ(0, status_with("CONTENT-LENGTH: 999999999999999\r\n"));
    CHECK_EQ(999999999999999, head.content_length);
    CHECK_EQ(400, status_with("Content-Length: 1000000000000000\r\n"));
    CHECK_EQ(400, status_with("Content-Length: 5\r\nContent-Length: 5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: 5, 5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: +5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: -5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: 0x5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: 5 5\r\n"));
    CHECK_EQ(400, status_with("Content-Length:\r\n"));
    CHECK_EQ(0, status_with("Content-Lengt: 5\r\n"));
    CHECK_EQ(0, head.content_length);
}

static void chunked_is_the_one_coding(void)
{
    CHECK_EQ(0, status_with("Transfer-Encoding: chunked\r\n"));
    CHECK(head.is_chunked);
    CHECK_EQ(0, status_with("transfer-encoding: Chunked\r\n"));
    CHECK_EQ(501, status_with("Transfer-Encoding: gzip, chunked\r\n"));
    CHECK_EQ(501, status_with("Transfer-Encoding: xchunked\r\n"));
    CHECK_EQ(501, status_with("Transfer-Encoding: identity\r\n"));
    CHECK_EQ(501, status_with("Transfer-Encoding:\r\n"));
    CHECK_EQ(400, status_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"));
    CHECK_EQ(400, status_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"));
    CHECK_EQ(400, status_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"));
    CHECK_EQ(400, status_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

static void connection_options_are_read(void)
{
    CHECK_EQ(0, status_with("Connection: close\r\n"));
    CHECK(!head.is_persistent);
    CHECK_EQ(0, status_with("Connection: keep-alive, CLOSE\r\n"));
    CHECK(!head.is_persistent);
    CHECK_EQ(0, status_with("Connection: closed\r\n"));
    CHECK(head.is_persistent);
    CHECK_EQ(0, status_with("Connection: foo ,\tUpgrade\r\n"));
    CHECK(head.is_persistent && head.is_upgrade);
    CHECK_EQ(0, status_of("GET / HTTP/1.0\r\n\r\n"));
    CHECK(head.is_http10 && !head.is_persistent);
    CHECK_EQ(0, status_of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    CHECK(head.is_persistent);
}

static void expectation_is_100_continue(void)
{
    CHECK_EQ(0, status_with("Expect: 100-Continue\r\n"));
    CHECK(head.expects_continue);
    CHECK_EQ(400, status_with("Expect: 200-ok\r\n"));
    CHECK_EQ(0, status_of("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"));
    CHECK(!head.expects_continue);
}

/* Copies the text with its NUL; returns where that stands. */
static char *put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    *at = '\0';
    return at;
}

static char *filled(char *at, char c, size_t len)
{
    memset(at, c, len);
    return at + len;
}

static void url_has_a_limit(void)
{
    char text[1024];
    char *at = filled(text + sprintf(text, "GET /"), 'a', limits.max_url - 1);
    (void)put(at, " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_EQ(0, status_of(text));
    CHECK_EQ(limits.max_url, head.path.len);

    at = filled(text + sprintf(text, "GET /?"), 'a', limits.max_url - 1);
    (void)put(at, " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_EQ(414, status_of(text));

    at = filled(text, 'a', sizeof(text) - 1);
    *at = '\0';
    memcpy(text, "GET /", 5);
    CHECK_EQ(414, status_of(text));
    text[limits.max_url + 320] = '\0';
    CHECK_EQ(ERR_AGAIN, read_text(text));
}

static void headers_have_a_limit(void)
{
    char text[1024];
    size_t fixed = strlen("Host: a\r\nB: \r\n\r\n");
    char *at = text + sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\nB: ");
    at = filled(at, 'b', limits.max_head - fixed);
    (void)put(at, "\r\n\r\n");
    CHECK_EQ(0, status_of(text));
    (void)put(at, "b\r\n\r\n");
    CHECK_EQ(431, status_of(text));
    at = filled(at, 'b', 20);
    *at = '\0';
    CHECK_EQ(431, status_of(text));
}

static void headers_have_a_largest_number(void)
{
    static const struct http1_limits wide = {.max_url = 64, .max_head = 4096};
    char text[1024];
    char *at = text + sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < HTTP_MAX_HEADERS; i++)
        at += sprintf(at, "a:\r\n");
    (void)put(at, "\r\n");
    struct http1_head_reader reader = {0};
    CHECK_EQ(ERR_OK, http1_head_read(&reader, &wide, str_of(text), &head));
    CHECK_EQ(HTTP_MAX_HEADERS, head.header_count);
    (void)put(at, "a:\r\n\r\n");
    CHECK_EQ(ERR_MALFORMED, http1_head_read(&reader, &wide, str_of(text), &head));
    CHECK_EQ(431, reader.status);
}

static void method_has_a_limit(void)
{
    CHECK_EQ(0, status_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: a\r\n\r\n"));
}

int main(void)
{
    RUN(plain_request_is_read);
    RUN(what_follows_the_head_is_left);
    RUN(every_prefix_waits_for_more);
    RUN(head_in_pieces_is_read_as_in_one);
    RUN(methods_are_told_apart);
    RUN(bad_request_lines_are_refused);
    RUN(absolute_form_loses_its_origin);
    RUN(bad_fields_are_refused);
    RUN(bare_line_feeds_are_refused_at_once);
    RUN(one_empty_line_may_come_first);
    RUN(noise_is_refused_before_a_line_is_whole);
    RUN(host_is_there_once);
    RUN(length_is_there_once_and_a_number);
    RUN(chunked_is_the_one_coding);
    RUN(connection_options_are_read);
    RUN(expectation_is_100_continue);
    RUN(url_has_a_limit);
    RUN(headers_have_a_limit);
    RUN(headers_have_a_largest_number);
    RUN(method_has_a_limit);
    return check_report();
}
