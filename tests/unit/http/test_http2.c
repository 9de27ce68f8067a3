#include "web.h"

#include <nghttp2/nghttp2.h>

/* --- A client that writes frames itself, the bad ones too --- */

enum frame_type { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONT };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, ENHANCE_YOUR_CALM = 11 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct frame {
    size_t len;
    unsigned type;
    unsigned flags;
    uint32_t stream;
    uint8_t payload[20000];
};

static size_t put_frame(uint8_t *at, unsigned type, unsigned flags, uint32_t stream,
                        const void *payload, size_t len)
{
    const uint8_t head[9] = {
        (uint8_t)(len >> 16),    (uint8_t)(len >> 8),    (uint8_t)len,
        (uint8_t)type,           (uint8_t)flags,         (uint8_t)(stream >> 24),
        (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    memcpy(at, head, 9);
    if (len > 0)
        memcpy(at + 9, payload, len);
    return 9 + len;
}

static bool say_frame(int fd, unsigned type, unsigned flags, uint32_t stream, const void *payload,
                      size_t len)
{
    uint8_t *bytes = malloc(len + 9);
    size_t size = put_frame(bytes, type, flags, stream, payload, len);
    bool sent = web_send(fd, bytes, size);
    free(bytes);
    return sent;
}

/* A header block without the dynamic table: literals that are not indexed. */
static size_t put_field(uint8_t *at, const char *name, const char *value)
{
    size_t len = 0;
    const char *texts[2] = {name, value};
    at[len++] = 0x00;
    for (int i = 0; i < 2; i++) {
        size_t text_len = strlen(texts[i]);
        if (text_len < 127) {
            at[len++] = (uint8_t)text_len;
        } else { /* RFC 7541 §5.1 */
            size_t rest = text_len - 127;
            at[len++] = 127;
            for (; rest >= 128; rest /= 128)
                at[len++] = (uint8_t)(rest % 128 + 128);
            at[len++] = (uint8_t)rest;
        }
        memcpy(at + len, texts[i], text_len);
        len += text_len;
    }
    return len;
}

static size_t put_head(uint8_t *at, const char *method, const char *path)
{
    size_t len = put_field(at, ":method", method);
    len += put_field(at + len, ":scheme", "http");
    len += put_field(at + len, ":authority", "a");
    return len + put_field(at + len, ":path", path);
}

static bool ask(int fd, uint32_t stream, const char *method, const char *path, unsigned flags)
{
    static uint8_t block[32 << 10];
    return say_frame(fd, HEADERS, END_HEADERS | flags, stream, block,
                     put_head(block, method, path));
}

static bool get(int fd, uint32_t stream, const char *path)
{
    return ask(fd, stream, "GET", path, END_STREAM);
}

static nghttp2_hd_inflater *inflater; /* of the connection at hand */

static void renew_inflater(void)
{
    if (inflater != NULL)
        nghttp2_hd_inflate_del(inflater);
    CHECK_EQ(0, nghttp2_hd_inflate_new(&inflater));
}

/* A connection with its preface said. */
static int open_http2(struct web *web)
{
    int fd = web_connect(web);
    renew_inflater();
    web_send(fd, preface, sizeof(preface) - 1);
    say_frame(fd, SETTINGS, 0, 0, NULL, 0);
    return fd;
}

static bool recv_all(int fd, uint8_t *out, size_t len)
{
    size_t have = 0;
    while (have < len) {
        ssize_t got = recv(fd, out + have, len - have, 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static bool read_frame(int fd, struct frame *out)
{
    uint8_t head[9];
    if (!recv_all(fd, head, sizeof(head)))
        return false;
    out->len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    out->type = head[3];
    out->flags = head[4];
    out->stream =
        (uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 | head[8];
    return out->len <= sizeof(out->payload) && recv_all(fd, out->payload, out->len);
}

/* The next frame of this type; false when the connection ends before it. */
static bool read_until(int fd, unsigned type, struct frame *out)
{
    while (read_frame(fd, out))
        if (out->type == type)
            return true;
    return false;
}

struct reply2 {
    unsigned status;
    size_t body_len;
    char body[64];  /* its start */
    unsigned reset; /* error code + 1 */
};

static void inflate_status(const struct frame *frame, struct reply2 *out)
{
    const uint8_t *at = frame->payload;
    size_t left = frame->len;
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, at, left, 1);
        if (used < 0)
            return;
        at += used;
        left -= (size_t)used;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && field.namelen == 7 &&
            memcmp(field.name, ":status", 7) == 0)
            out->status = (unsigned)strtoul((const char *)field.value, NULL, 10);
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0)
            break;
    }
    nghttp2_hd_inflate_end_headers(inflater);
}

static void take_data(int fd, const struct frame *frame, struct reply2 *out)
{
    size_t len = frame->len < sizeof(out->body) - 1 ? frame->len : sizeof(out->body) - 1;
    if (out->body_len == 0)
        memcpy(out->body, frame->payload, len);
    out->body_len += frame->len;
    if (frame->len == 0)
        return;
    const uint8_t increment[4] = {0, 0, (uint8_t)(frame->len >> 8), (uint8_t)frame->len};
    say_frame(fd, WINDOW, 0, 0, increment, 4);
    if ((frame->flags & END_STREAM) == 0)
        say_frame(fd, WINDOW, 0, frame->stream, increment, 4);
}

/* Reads the answer of one stream; frames of others are skipped, but for their headers. */
static struct reply2 read_reply(int fd, uint32_t stream)
{
    static struct frame frame;
    struct reply2 reply = {0};
    bool is_over = false;
    while (!is_over && read_frame(fd, &frame)) {
        struct reply2 other = {0};
        bool is_ours = frame.stream == stream;
        struct reply2 *to = is_ours ? &reply : &other;
        if (frame.type == HEADERS)
            inflate_status(&frame, to);
        else if (frame.type == DATA)
            take_data(fd, &frame, to);
        else if (frame.type == RST_STREAM)
            to->reset = frame.payload[3] + 1U;
        bool has_end = frame.type <= HEADERS && (frame.flags & END_STREAM) != 0;
        is_over = is_ours && (has_end || reply.reset != 0);
    }
    return reply;
}

/* The error code of the GOAWAY that ends the connection; 1000 when it ends without. */
static unsigned goaway_code(int fd)
{
    static struct frame frame;
    unsigned code = 1000;
    while (read_frame(fd, &frame))
        if (frame.type == GOAWAY)
            code = frame.payload[7];
    return code;
}

/* --- Tests --- */

static void requests_are_answered_by_prior_knowledge(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    get(fd, 1, "/");
    struct reply2 reply = read_reply(fd, 1);
    CHECK_EQ(200, reply.status);
    CHECK(strcmp("hello", reply.body) == 0);
    get(fd, 3, "/%zz");
    CHECK_EQ(400, read_reply(fd, 3).status);
    ask(fd, 5, "HEAD", "/", END_STREAM);
    reply = read_reply(fd, 5);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(0, reply.body_len);
    close(fd);
    web_stop(&web);
}

static void preface_may_come_in_pieces(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    renew_inflater();
    for (size_t i = 0; i < sizeof(preface) - 1; i++)
        web_send(fd, preface + i, 1);
    say_frame(fd, SETTINGS, 0, 0, NULL, 0);
    get(fd, 1, "/");
    CHECK_EQ(200, read_reply(fd, 1).status);
    close(fd);

    fd = web_connect(&web); /* what only begins like it is HTTP/1.1 */
    web_say(fd, "PR");
    CHECK_EQ(200, web_status(fd, "OPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"));
    close(fd);
    web_stop(&web);
}

static void many_streams_are_answered_at_once(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    for (uint32_t i = 0; i < 100; i++)
        get(fd, 2 * i + 1, "/wait");
    CHECK(web_wait(&web, &web.kept_count, 100));
    web_on_loop(&web, web_release_all, NULL);
    static struct frame frame;
    unsigned good = 0;
    unsigned ended = 0;
    while (ended < 100 && read_frame(fd, &frame)) { /* in whatever order */
        struct reply2 reply = {0};
        if (frame.type == HEADERS)
            inflate_status(&frame, &reply);
        good += reply.status == 200;
        ended += frame.type == DATA && (frame.flags & END_STREAM) != 0;
    }
    CHECK_EQ(100, good);
    CHECK_EQ(100, ended);
    close(fd);
    web_stop(&web);
}

static void large_body_goes_through_the_window(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    get(fd, 1, "/big");
    struct reply2 reply = read_reply(fd, 1);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(WEB_BIG, reply.body_len);
    close(fd);
    web_stop(&web);
}

static void bodies_are_taken_up_to_their_limit(void)
{
    struct web web = {0};
    web.options.limits = http_default_limits;
    web.options.limits.max_body = 10000;
    web_start(&web);
    int fd = open_http2(&web);
    static uint8_t body[10001];
    memset(body, 'x', sizeof(body));
    ask(fd, 1, "POST", "/echo", 0);
    say_frame(fd, DATA, 0, 1, body, 5000);
    say_frame(fd, DATA, END_STREAM, 1, body, 5000);
    struct reply2 reply = read_reply(fd, 1);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(10000, reply.body_len);

    ask(fd, 3, "POST", "/echo", 0);
    say_frame(fd, DATA, 0, 3, body, 10001);
    reply = read_reply(fd, 3);
    CHECK_EQ(413, reply.status);

    uint8_t block[512];
    size_t len = put_head(block, "POST", "/echo");
    len += put_field(block + len, "content-length", "10001");
    say_frame(fd, HEADERS, END_HEADERS, 5, block, len);
    CHECK_EQ(413, read_reply(fd, 5).status);

    len = put_head(block, "POST", "/echo"); /* and just as much as may be */
    len += put_field(block + len, "content-length", "10000");
    say_frame(fd, HEADERS, END_HEADERS, 9, block, len);
    say_frame(fd, DATA, END_STREAM, 9, body, 10000);
    reply = read_reply(fd, 9);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(10000, reply.body_len);

    ask(fd, 11, "POST", "/echo", 0);
    say_frame(fd, DATA, END_STREAM, 11, body, 1);
    reply = read_reply(fd, 11);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(1, reply.body_len);

    ask(fd, 13, "POST", "/echo", 0); /* trailers end a body too */
    say_frame(fd, DATA, 0, 13, body, 3);
    len = put_field(block, "x-trailer", "1");
    say_frame(fd, HEADERS, END_HEADERS | END_STREAM, 13, block, len);
    reply = read_reply(fd, 13);
    CHECK_EQ(200, reply.status);
    CHECK_EQ(3, reply.body_len);
    close(fd);
    web_stop(&web);
}

static void continue_is_sent_when_asked_for(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    uint8_t block[512];
    size_t len = put_head(block, "POST", "/echo");
    len += put_field(block + len, "expect", "100-continue");
    say_frame(fd, HEADERS, END_HEADERS, 1, block, len);
    static struct frame frame;
    struct reply2 reply = {0};
    CHECK(read_until(fd, HEADERS, &frame));
    inflate_status(&frame, &reply);
    CHECK_EQ(100, reply.status);
    say_frame(fd, DATA, END_STREAM, 1, "hi", 2);
    reply = read_reply(fd, 1);
    CHECK_EQ(200, reply.status);
    CHECK(strcmp("hi", reply.body) == 0);
    close(fd);
    web_stop(&web);
}

static void heads_have_limits(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    static char text[17000];
    static uint8_t block[32 << 10];
    memset(text, 'a', 4096);
    text[0] = '/';
    get(fd, 1, text);
    CHECK_EQ(200, read_reply(fd, 1).status);
    text[4096] = 'a';
    get(fd, 3, text);
    CHECK_EQ(414, read_reply(fd, 3).status);

    size_t len = put_head(block, "GET", "/");
    memset(text, 'a', 8000);
    text[8000] = '\0';
    len += put_field(block + len, "a", text);
    len += put_field(block + len, "b", text);
    text[5000] = '\0';
    size_t over = len + put_field(block + len, "c", text);
    CHECK(len < 16384);
    say_frame(fd, HEADERS, END_HEADERS | END_STREAM, 5, block, len);
    CHECK_EQ(200, read_reply(fd, 5).status);
    /* Too long for one frame, and too large. */
    say_frame(fd, HEADERS, END_STREAM, 7, block, len);
    say_frame(fd, CONT, END_HEADERS, 7, block + len, over - len);
    CHECK_EQ(431, read_reply(fd, 7).status);

    len = put_head(block, "GET", "/");
    for (int i = 0; i < HTTP_MAX_HEADERS - 1; i++)
        len += put_field(block + len, "a", "");
    say_frame(fd, HEADERS, END_HEADERS | END_STREAM, 9, block, len);
    CHECK_EQ(200, read_reply(fd, 9).status);
    len += put_field(block + len, "a", "");
    say_frame(fd, HEADERS, END_HEADERS | END_STREAM, 11, block, len);
    CHECK_EQ(431, read_reply(fd, 11).status);
    close(fd);
    web_stop(&web);
}

static void stream_that_is_reset_is_told_to_the_handler(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    static const uint8_t cancel[4] = {0, 0, 0, 8};
    get(fd, 1, "/wait");
    get(fd, 3, "/late");
    CHECK(web_wait(&web, &web.kept_count, 2));
    say_frame(fd, RST_STREAM, 0, 1, cancel, 4);
    say_frame(fd, RST_STREAM, 0, 3, cancel, 4);
    CHECK(web_wait(&web, &web.gone, 1));
    get(fd, 5, "/");
    CHECK_EQ(200, read_reply(fd, 5).status);
    web_on_loop(&web, web_release_all, NULL); /* the late one, to nobody */
    get(fd, 7, "/own/parts?gone");
    get(fd, 9, "/own/parts");
    CHECK(web_wait(&web, &web.kept_count, 2));
    close(fd);
    CHECK(web_wait(&web, &web.gone, 2));
    web_on_loop(&web, web_release_all, NULL);
    web_stop(&web);
}

static void slow_handlers_are_answered_for(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.handler_timeout_us = 300000;
    web_start(&web);
    int fd = open_http2(&web);
    get(fd, 1, "/wait");
    get(fd, 3, "/own/parts");
    CHECK_EQ(500, read_reply(fd, 1).status);
    get(fd, 5, "/");
    CHECK_EQ(200, read_reply(fd, 5).status);
    CHECK_EQ(1, atomic_load(&web.gone));
    web_on_loop(&web, web_release_all, NULL);
    close(fd);
    web_stop(&web);
}

static void slow_peers_are_cut(void)
{
    struct web web = {.options.limits = http_default_limits};
    web.options.limits.header_timeout_us = web.options.limits.body_timeout_us = 300000;
    web.options.limits.stall_timeout_us = 600000;
    web.options.limits.idle_timeout_us = 300000;
    web_start(&web);
    int fd = open_http2(&web);
    uint8_t block[128];
    say_frame(fd, HEADERS, 0, 1, block, put_head(block, "GET", "/")); /* and no CONTINUATION */
    CHECK_EQ(0, goaway_code(fd));
    close(fd);

    fd = open_http2(&web);
    ask(fd, 1, "POST", "/echo", 0);
    CHECK_EQ(408, read_reply(fd, 1).status);
    CHECK_EQ(0, goaway_code(fd)); /* idle */
    close(fd);

    renew_inflater();
    fd = web_connect(&web); /* a window that stays shut */
    static const uint8_t no_window[6] = {0, 4, 0, 0, 0, 0};
    web_send(fd, preface, sizeof(preface) - 1);
    say_frame(fd, SETTINGS, 0, 0, no_window, 6);
    get(fd, 1, "/big");
    struct reply2 reply = read_reply(fd, 1);
    CHECK_EQ(8 + 1, reply.reset);
    close(fd);
    web_stop(&web);
}

static void rapid_resets_end_the_connection(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    static const uint8_t cancel[4] = {0, 0, 0, 8};
    static uint8_t bytes[1 << 20];
    uint8_t block[128];
    size_t block_len = put_head(block, "GET", "/wait");
    size_t len = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        len +=
            put_frame(bytes + len, HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, block, block_len);
        len += put_frame(bytes + len, RST_STREAM, 0, 2 * i + 1, cancel, 4);
    }
    web_send(fd, bytes, len);
    CHECK_EQ(ENHANCE_YOUR_CALM, goaway_code(fd));
    unsigned handled = atomic_load(&web.handled);
    CHECK(handled >= 100 && handled < 300);
    close(fd);
    CHECK(web_wait(&web, &web.gone, handled));
    web_stop(&web);
}

static void resets_beside_completed_streams_are_no_flood(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    static const uint8_t cancel[4] = {0, 0, 0, 8};
    for (uint32_t i = 0; i < 200; i++) {
        get(fd, 4 * i + 1, "/");
        CHECK_EQ(200, read_reply(fd, 4 * i + 1).status);
        get(fd, 4 * i + 3, "/wait");
        say_frame(fd, RST_STREAM, 0, 4 * i + 3, cancel, 4);
    }
    get(fd, 1001, "/");
    CHECK_EQ(200, read_reply(fd, 1001).status);
    close(fd);
    CHECK(web_wait(&web, &web.gone, 200));
    web_stop(&web);
}

static void resets_that_we_are_made_to_send_count_too(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    static const uint8_t too_much[4] = {0x7f, 0xff, 0xff, 0xff};
    bool is_open = true;
    for (uint32_t i = 0; i < 2000 && is_open; i++) {
        is_open = get(fd, 2 * i + 1, "/wait");
        is_open = is_open && say_frame(fd, WINDOW, 0, 2 * i + 1, too_much, 4); /* RFC 9113 §6.9.1 */
    }
    CHECK_EQ(ENHANCE_YOUR_CALM, goaway_code(fd));
    CHECK(atomic_load(&web.handled) < 400);
    close(fd);
    CHECK(web_wait(&web, &web.gone, atomic_load(&web.handled)));
    web_stop(&web);
}

static unsigned flood(struct web *web, unsigned type, unsigned flags, uint32_t stream,
                      const void *payload, size_t len)
{
    int fd = open_http2(web);
    if (stream != 0)
        ask(fd, stream, "POST", "/echo", 0);
    static uint8_t bytes[64 << 10];
    size_t size = 0;
    while (size + 9 + len < sizeof(bytes))
        size += put_frame(bytes + size, type, flags, stream, payload, len);
    bool is_open = true;
    for (int i = 0; i < 4 && is_open; i++)
        is_open = web_send(fd, bytes, size);
    unsigned code = goaway_code(fd);
    close(fd);
    return code;
}

static void floods_of_control_frames_end_the_connection(void)
{
    struct web web = {0};
    web_start(&web);
    static const uint8_t zeros[8];
    CHECK_EQ(ENHANCE_YOUR_CALM, flood(&web, SETTINGS, 0, 0, NULL, 0));
    CHECK_EQ(ENHANCE_YOUR_CALM, flood(&web, PING, 0, 0, zeros, 8));
    CHECK_EQ(ENHANCE_YOUR_CALM, flood(&web, DATA, 0, 1, NULL, 0));
    CHECK_EQ(ENHANCE_YOUR_CALM, flood(&web, PRIORITY, 0, 1, "\0\0\0\3\0", 5));
    int fd = open_http2(&web); /* a few are fine */
    for (int i = 0; i < 8; i++)
        say_frame(fd, PING, 0, 0, zeros, 8);
    get(fd, 1, "/");
    CHECK_EQ(200, read_reply(fd, 1).status);
    close(fd);
    web_stop(&web);
}

static void floods_of_continuations_end_the_connection(void)
{
    struct web web = {0};
    web_start(&web);
    uint8_t block[128];
    size_t len = put_head(block, "GET", "/");
    static uint8_t more[8 << 10];
    static char text[7000];
    memset(text, 'a', sizeof(text) - 1);
    size_t more_len = put_field(more, "x", text);
    int few = open_http2(&web); /* two are fine, a third is one too many */
    say_frame(few, HEADERS, END_STREAM, 1, block, len);
    say_frame(few, CONT, 0, 1, more, more_len);
    say_frame(few, CONT, END_HEADERS, 1, more, more_len);
    CHECK_EQ(200, read_reply(few, 1).status);
    say_frame(few, HEADERS, END_STREAM, 3, block, len);
    say_frame(few, CONT, 0, 3, NULL, 0);
    say_frame(few, CONT, 0, 3, NULL, 0);
    say_frame(few, CONT, END_HEADERS, 3, NULL, 0);
    CHECK_EQ(ENHANCE_YOUR_CALM, goaway_code(few));
    close(few);

    for (int kind = 0; kind < 2; kind++) { /* empty ones, and full ones */
        int fd = open_http2(&web);
        say_frame(fd, HEADERS, END_STREAM, 1, block, len);
        bool is_open = true;
        for (int i = 0; i < 10000 && is_open; i++)
            is_open = say_frame(fd, CONT, 0, 1, more, kind == 0 ? 0 : more_len);
        CHECK_EQ(ENHANCE_YOUR_CALM, goaway_code(fd));
        close(fd);
    }
    CHECK_EQ(1, atomic_load(&web.handled));
    web_stop(&web);
}

static void bad_frames_end_the_connection(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    say_frame(fd, DATA, 0, 0, "x", 1);
    CHECK_EQ(1, goaway_code(fd)); /* PROTOCOL_ERROR */
    close(fd);
    fd = web_connect(&web);
    web_send(fd, preface, sizeof(preface) - 1);
    get(fd, 1, "/"); /* before SETTINGS */
    CHECK_EQ(1, goaway_code(fd));
    close(fd);
    web_stop(&web);
}

static void drain_answers_what_is_open(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = open_http2(&web);
    get(fd, 1, "/wait");
    CHECK(web_wait(&web, &web.kept_count, 1));
    int64_t over_us = 60000000;
    web_on_loop(&web, web_drain, &over_us);
    get(fd, 3, "/");
    CHECK_EQ(503, read_reply(fd, 3).status);
    web_on_loop(&web, web_release_all, NULL);
    CHECK_EQ(200, read_reply(fd, 1).status);
    over_us = 400000; /* hurry */
    web_on_loop(&web, web_drain, &over_us);
    CHECK_EQ(0, goaway_code(fd));
    close(fd);
    web_stop(&web);
}

int main(void)
{
    RUN(requests_are_answered_by_prior_knowledge);
    RUN(preface_may_come_in_pieces);
    RUN(many_streams_are_answered_at_once);
    RUN(large_body_goes_through_the_window);
    RUN(bodies_are_taken_up_to_their_limit);
    RUN(continue_is_sent_when_asked_for);
    RUN(heads_have_limits);
    RUN(stream_that_is_reset_is_told_to_the_handler);
    RUN(slow_handlers_are_answered_for);
    RUN(slow_peers_are_cut);
    RUN(rapid_resets_end_the_connection);
    RUN(resets_beside_completed_streams_are_no_flood);
    RUN(resets_that_we_are_made_to_send_count_too);
    RUN(floods_of_control_frames_end_the_connection);
    RUN(floods_of_continuations_end_the_connection);
    RUN(bad_frames_end_the_connection);
    RUN(drain_answers_what_is_open);
    if (inflater != NULL)
        nghttp2_hd_inflate_del(inflater);
    return check_report();
}
