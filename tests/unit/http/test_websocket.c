#include "http/websocket.h"

#include "base/text.h"
#include "proto/websocket/frame_reader.h"
#include "proto/websocket/frame_writer.h"
#include "web.h"

/* An echo over WebSocket; "close:<code>" closes, "big" sends until it is reset. */
struct echo {
    struct web *web;
    atomic_uint closed;
    atomic_uint code;
    atomic_uint messages;
    struct websocket *websocket;
};
static struct echo echo;

static void on_message(struct websocket *websocket, void *owner, bool is_text, struct str bytes)
{
    struct echo *e = owner;
    atomic_fetch_add(&e->messages, 1);
    if (bytes.len > 6 && memcmp(bytes.at, "close:", 6) == 0) {
        uint64_t code = 0;
        CHECK_EQ(ERR_OK, text_read_uint((struct str){bytes.at + 6, bytes.len - 6}, 5000, &code));
        websocket_close(websocket, (unsigned)code);
        websocket_send_text(websocket, STR("not sent"));
        return;
    }
    if (str_equal(bytes, STR("big"))) {
        struct chunk *frame = websocket_frame_write(WEBSOCKET_BINARY, (struct str){bytes.at, 3});
        for (int i = 0; i < (WEBSOCKET_MAX_QUEUE / 5) + 10; i++)
            websocket_send(websocket, slice_of(frame));
        chunk_unref(&frame);
        return;
    }
    struct chunk *frame = websocket_frame_write(is_text ? WEBSOCKET_TEXT : WEBSOCKET_BINARY, bytes);
    websocket_send(websocket, slice_of(frame));
    chunk_unref(&frame);
}

static void on_close(struct websocket *websocket, void *owner, unsigned code)
{
    (void)websocket;
    struct echo *e = owner;
    atomic_store(&e->code, code);
    web_raise(e->web, &e->closed);
}

static const struct websocket_ops ops = {.on_message = on_message, .on_close = on_close};

static void on_request(struct request *request, void *arg)
{
    struct web *web = arg;
    if (web_path_is(request, "later")) {
        web_keep(web, request, true);
        return;
    }
    struct str protocol = request_header(request, STR("sec-websocket-protocol"));
    echo.websocket = websocket_accept(request, protocol, &ops, &echo);
}

static void start(struct web *web)
{
    echo = (struct echo){.web = web};
    web->options.on_request = on_request;
    web_start(web);
}

#define HANDSHAKE(path)                                                                  \
    "GET /" path " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"                        \
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: token\r\n\r\n"

/* Masked with zeros: the payload stands as it is. */
static size_t put_masked(uint8_t *at, unsigned first, const void *payload, size_t len)
{
    size_t size = 0;
    at[size++] = (uint8_t)first;
    if (len < 126) {
        at[size++] = (uint8_t)(0x80 | len);
    } else {
        at[size++] = 0x80 | 126;
        at[size++] = (uint8_t)(len >> 8);
        at[size++] = (uint8_t)len;
    }
    memset(at + size, 0, 4);
    if (len > 0)
        memcpy(at + size + 4, payload, len);
    return size + 4 + len;
}

static bool say_masked(int fd, unsigned first, const char *text)
{
    uint8_t frame[16 << 10];
    return web_send(fd, frame, put_masked(frame, first, text, strlen(text)));
}

struct heard {
    unsigned opcode; /* 1000: the connection ended */
    size_t len;
    char payload[16 << 10];
};

static bool recv_all(int fd, void *out, size_t len)
{
    size_t have = 0;
    while (have < len) {
        ssize_t got = recv(fd, (char *)out + have, len - have, 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static struct heard hear(int fd)
{
    struct heard heard = {.opcode = 1000};
    uint8_t head[4];
    if (!recv_all(fd, head, 2))
        return heard;
    heard.len = head[1];
    if (heard.len == 126) {
        recv_all(fd, head + 2, 2);
        heard.len = (size_t)head[2] << 8 | head[3];
    }
    if (recv_all(fd, heard.payload, heard.len))
        heard.opcode = head[0] & 15;
    return heard;
}

static unsigned close_code(int fd)
{
    struct heard heard = hear(fd);
    while (heard.opcode != 1000 && heard.opcode != WEBSOCKET_CLOSE)
        heard = hear(fd);
    if (heard.opcode != WEBSOCKET_CLOSE)
        return 0;
    return (unsigned)(uint8_t)heard.payload[0] << 8 | (uint8_t)heard.payload[1];
}

static int open_echo(struct web *web)
{
    int fd = web_connect(web);
    web_say(fd, HANDSHAKE("chat"));
    struct web_answer answer = web_read_answer(fd, true);
    CHECK_EQ(101, answer.status);
    CHECK(strcmp("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", web_header(&answer, "sec-websocket-accept")) == 0);
    CHECK(strcmp("token", web_header(&answer, "sec-websocket-protocol")) == 0);
    CHECK(web_header(&answer, "sec-websocket-extensions") == NULL);
    web_forget(&answer);
    return fd;
}

static void messages_go_both_ways(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    say_masked(fd, 0x81, "hello");
    struct heard heard = hear(fd);
    CHECK_EQ(WEBSOCKET_TEXT, heard.opcode);
    CHECK(memcmp("hello", heard.payload, 5) == 0);
    say_masked(fd, 0x02, "ab");
    say_masked(fd, 0x80, "cd");
    heard = hear(fd);
    CHECK_EQ(WEBSOCKET_BINARY, heard.opcode);
    CHECK_EQ(4, heard.len);
    say_masked(fd, 0x89, "12345678");
    heard = hear(fd);
    CHECK_EQ(WEBSOCKET_PONG, heard.opcode);
    CHECK_EQ(8, heard.len);
    CHECK_EQ(1, web_metric(&web, METRIC_HTTP_WEBSOCKETS));
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    CHECK_EQ(WEBSOCKET_CLOSE_ABNORMAL, atomic_load(&echo.code));
    CHECK_EQ(0, web_metric(&web, METRIC_HTTP_WEBSOCKETS));
    web_stop(&web);
}

static void messages_may_come_with_the_handshake(void)
{
    struct web web = {0};
    start(&web);
    int fd = web_connect(&web);
    uint8_t bytes[1024] = HANDSHAKE("chat");
    size_t len = strlen(HANDSHAKE("chat"));
    len += put_masked(bytes + len, 0x81, "early", 5);
    len += put_masked(bytes + len, 0x81, "bird", 4);
    web_send(fd, bytes, len);
    struct web_answer answer = web_read_answer(fd, true);
    CHECK_EQ(101, answer.status);
    web_forget(&answer);
    CHECK(memcmp("early", hear(fd).payload, 5) == 0);
    CHECK(memcmp("bird", hear(fd).payload, 4) == 0);
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    web_stop(&web);
}

static void accept_kept(struct web *web, void *arg)
{
    (void)arg;
    struct request *request = web->kept[0];
    atomic_store(&web->kept_count, 0);
    echo.websocket = websocket_accept(request, STR("token"), &ops, &echo);
    CHECK(echo.websocket != NULL);
}

static void handshake_may_be_answered_later(void)
{
    struct web web = {0};
    start(&web);
    int fd = web_connect(&web);
    uint8_t frame[64];
    web_say(fd, HANDSHAKE("later"));
    CHECK(web_wait(&web, &web.kept_count, 1));
    web_send(fd, frame, put_masked(frame, 0x81, "early", 5));
    web_on_loop(&web, accept_kept, NULL);
    struct web_answer answer = web_read_answer(fd, true);
    CHECK_EQ(101, answer.status);
    web_forget(&answer);
    CHECK(memcmp("early", hear(fd).payload, 5) == 0);
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    web_stop(&web);
}

static unsigned status_of(struct web *web, const char *text)
{
    int fd = web_connect(web);
    unsigned status = web_status(fd, text);
    close(fd);
    return status;
}

static void other_requests_are_no_handshake(void)
{
    struct web web = {0};
    start(&web);
    CHECK_EQ(400, status_of(&web, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(400, status_of(&web, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
                                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    CHECK_EQ(400, status_of(&web, "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
                                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    int fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(426, answer.status);
    CHECK(strcmp("13", web_header(&answer, "sec-websocket-version")) == 0);
    web_forget(&answer);
    close(fd);
    CHECK_EQ(0, atomic_load(&echo.closed));
    web_stop(&web);
}

static void close_is_answered_with_its_code(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    say_masked(fd, 0x88, "\x0f\xa1");
    CHECK_EQ(4001, close_code(fd));
    CHECK(web_is_closed(fd));
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    CHECK_EQ(4001, atomic_load(&echo.code));
    fd = open_echo(&web);
    say_masked(fd, 0x88, "");
    CHECK_EQ(1000, close_code(fd));
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 2));
    CHECK_EQ(WEBSOCKET_CLOSE_NO_STATUS, atomic_load(&echo.code));
    web_stop(&web);
}

static void server_closes_with_a_code_or_resets(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    say_masked(fd, 0x81, "close:4403");
    CHECK_EQ(4403, close_code(fd));
    CHECK(web_is_closed(fd));
    close(fd);
    fd = open_echo(&web);
    say_masked(fd, 0x81, "close:0");
    CHECK_EQ(1000, hear(fd).opcode);
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 2));
    web_stop(&web);
}

/* Media rule SE-25. */
static void bad_frames_close_with_their_code(void)
{
    static uint8_t frame[16 << 10];
    static char big[WEBSOCKET_MAX_MESSAGE + 1];
    memset(big, 'x', sizeof(big));
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    web_send(fd, "\x81\x01x", 3); /* not masked */
    CHECK_EQ(1002, close_code(fd));
    close(fd);
    fd = open_echo(&web);
    say_masked(fd, 0xc1, "x"); /* compressed */
    CHECK_EQ(1002, close_code(fd));
    close(fd);
    fd = open_echo(&web);
    say_masked(fd, 0x81, "\xff");
    CHECK_EQ(1007, close_code(fd));
    close(fd);
    fd = open_echo(&web);
    web_send(fd, frame, put_masked(frame, 0x82, big, WEBSOCKET_MAX_MESSAGE));
    CHECK_EQ(WEBSOCKET_MAX_MESSAGE, hear(fd).len);
    web_send(fd, frame, put_masked(frame, 0x82, big, WEBSOCKET_MAX_MESSAGE + 1));
    CHECK_EQ(1009, close_code(fd));
    close(fd);
    fd = open_echo(&web);
    say_masked(fd, 0x01, "");
    for (int i = 1; i < WEBSOCKET_MAX_FRAGMENTS + 1; i++)
        say_masked(fd, 0x00, "");
    CHECK_EQ(1008, close_code(fd));
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 5));
    CHECK_EQ(1, atomic_load(&echo.messages));
    web_stop(&web);
}

static void reader_that_is_too_slow_is_reset(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    say_masked(fd, 0x81, "big");
    CHECK(web_wait(&web, &echo.closed, 1));
    CHECK(web_is_closed(fd));
    close(fd);
    web_stop(&web);
}

static void pings_are_answered_once_a_second(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    say_masked(fd, 0x89, "1");
    say_masked(fd, 0x89, "2");
    say_masked(fd, 0x89, "3");
    say_masked(fd, 0x81, "end");
    CHECK_EQ(WEBSOCKET_PONG, hear(fd).opcode);
    CHECK_EQ(WEBSOCKET_TEXT, hear(fd).opcode);
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    web_stop(&web);
}

static void silent_peers_are_pinged_and_cut(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.ping_us = 300000;
    start(&web);
    int fd = open_echo(&web);
    for (int i = 0; i < 4; i++) { /* one that answers stays */
        struct heard heard = hear(fd);
        CHECK_EQ(WEBSOCKET_PING, heard.opcode);
        CHECK_EQ(8, heard.len);
        say_masked(fd, 0x8a, "");
    }
    unsigned pings = 0;
    while (hear(fd).opcode == WEBSOCKET_PING)
        pings++;
    CHECK(pings >= 1 && pings <= 3);
    CHECK(web_wait(&web, &echo.closed, 1));
    CHECK_EQ(WEBSOCKET_CLOSE_ABNORMAL, atomic_load(&echo.code));
    CHECK_EQ(0, atomic_load(&echo.messages));
    close(fd);
    web_stop(&web);
}

static void protocol_is_not_made_up(void)
{
    struct web web = {0};
    start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    struct web_answer answer = web_read_answer(fd, true);
    CHECK_EQ(101, answer.status);
    CHECK(web_header(&answer, "sec-websocket-protocol") == NULL);
    CHECK(strcmp("nosniff", web_header(&answer, "x-content-type-options")) == 0);
    CHECK_EQ(13, strlen(web_header(&answer, "x-request-id")));
    web_forget(&answer);
    close(fd);
    CHECK(web_wait(&web, &echo.closed, 1));
    web_stop(&web);
}

static void drain_resets(void)
{
    struct web web = {0};
    start(&web);
    int fd = open_echo(&web);
    int64_t over_us = 100000;
    web_on_loop(&web, web_drain, &over_us);
    CHECK_EQ(1000, hear(fd).opcode); /* no close frame: stock clients would stay away */
    CHECK(web_wait(&web, &echo.closed, 1));
    CHECK(web_wait(&web, &web.drained, 1));
    close(fd);
    web_stop(&web);
}

int main(void)
{
    RUN(messages_go_both_ways);
    RUN(messages_may_come_with_the_handshake);
    RUN(handshake_may_be_answered_later);
    RUN(other_requests_are_no_handshake);
    RUN(close_is_answered_with_its_code);
    RUN(server_closes_with_a_code_or_resets);
    RUN(bad_frames_close_with_their_code);
    RUN(reader_that_is_too_slow_is_reset);
    RUN(pings_are_answered_once_a_second);
    RUN(silent_peers_are_pinged_and_cut);
    RUN(protocol_is_not_made_up);
    RUN(drain_resets);
    return check_report();
}
