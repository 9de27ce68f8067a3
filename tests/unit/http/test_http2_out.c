#include "http/http2_out.h"

#include "web.h"

static void ignore_bytes(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    (void)conn;
    (void)owner;
    (void)bytes;
    (void)len;
}

static void ignore_close(struct conn *conn, void *owner, enum err why)
{
    (void)conn;
    (void)owner;
    (void)why;
}

static const struct conn_ops ops = {.on_read = ignore_bytes, .on_close = ignore_close};

/* On a real connection: what is put comes out in order, however it is cut. */
static void put_all(struct request *request, void *arg)
{
    (void)arg;
    struct http_server *server = request->server;
    struct http2_out out;
    struct buf early;
    buf_init(&early, 1024);
    struct conn *conn = request->transport->detach(request, &early);
    conn_set_owner(conn, &ops, NULL);
    http2_out_init(&out, server, conn);

    struct chunk *chunk = chunk_copy("0123456789", 10);
    struct slice first = {chunk, chunk->at, 4};
    struct slice second = {chunk, chunk->at + 4, 6};
    http2_out_put(&out, first);
    http2_out_put(&out, second);
    CHECK_EQ(1, out.count); /* one behind the other: one piece */
    http2_out_put(&out, first);
    CHECK_EQ(2, out.count);
    http2_out_put_bytes(&out, (const uint8_t *)"ab", 2);
    http2_out_put_bytes(&out, (const uint8_t *)"cd", 2);
    CHECK_EQ(3, out.count);
    CHECK_EQ(18, out.len);
    for (size_t i = 0; i < HTTP2_OUT_PIECES; i++) { /* more than it holds */
        http2_out_put(&out, slice_static("-", 1));
        http2_out_put(&out, first);
    }
    CHECK_EQ(18 + 5 * HTTP2_OUT_PIECES, out.len);
    http2_out_flush(&out);
    CHECK_EQ(0, out.count);
    CHECK_EQ(0, out.len);
    chunk_unref(&chunk);
    conn_close(conn, 1000000);
}

static void what_is_put_comes_out_in_order(void)
{
    struct web web = {.options.on_request = put_all};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    char got[1024] = {0};
    size_t len = 0;
    ssize_t more = 0;
    while ((more = recv(fd, got + len, sizeof(got) - 1 - len, 0)) > 0)
        len += (size_t)more;
    CHECK_EQ(18 + 5 * HTTP2_OUT_PIECES, len);
    CHECK_EQ(0, memcmp(got, "01234567890123abcd-0123-0123", 28));
    close(fd);
    web_stop(&web);
}

int main(void)
{
    RUN(what_is_put_comes_out_in_order);
    return check_report();
}
