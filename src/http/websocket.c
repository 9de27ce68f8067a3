#include "http/websocket.h"

#include "base/mem.h"
#include "http/inside.h"
#include "proto/http/http1_head_writer.h"
#include "proto/websocket/frame_reader.h"
#include "proto/websocket/frame_writer.h"

enum {
    MIN_PONG_GAP_US = 1000000, /* pings that come faster are not answered */
    MAX_EARLY = 128 << 10,     /* what came behind the handshake: one read, at most */
    CLOSE_LINGER_US = 2000000,
    MAX_HANDSHAKE_HEADERS = 7,
};

struct websocket {
    struct inside_peer peer; /* first */
    struct websocket_reader reader;
    const struct websocket_ops *ops;
    void *owner;
    struct loop_timer ping;
    struct buf early; /* not read yet: the owner was not ready */
    int64_t heard_us;
    int64_t pong_us; /* when we last sent one */
    uint64_t pings;
    unsigned close_code;
    bool is_closing;
    bool early_is_deferred;
};

void websocket_close(struct websocket *websocket, unsigned code)
{
    if (websocket->is_closing)
        return;
    if (code != 0) {
        struct chunk *chunk = websocket_close_write(code);
        struct slice frame = slice_of(chunk);
        conn_write(websocket->peer.conn, &frame, 1);
        chunk_unref(&chunk);
    }
    websocket->is_closing = true;
    loop_timer_stop(&websocket->ping);
    conn_close(websocket->peer.conn, code != 0 ? CLOSE_LINGER_US : 0);
}

void websocket_send(struct websocket *websocket, struct slice frame)
{
    if (websocket->is_closing)
        return;
    if (conn_queued(websocket->peer.conn) + frame.len > WEBSOCKET_MAX_QUEUE)
        websocket_close(websocket, 0); /* too slow a reader */
    else
        conn_write(websocket->peer.conn, &frame, 1);
}

static void send_chunk(struct websocket *websocket, struct chunk *chunk)
{
    websocket_send(websocket, slice_of(chunk));
    chunk_unref(&chunk);
}

void websocket_send_text(struct websocket *websocket, struct str text)
{
    send_chunk(websocket, websocket_frame_write(WEBSOCKET_TEXT, text));
}

/* --- Reading --- */

static void answer_ping(struct websocket *websocket, struct str payload)
{
    int64_t now_us = loop_now_us(websocket->peer.server->loop);
    if (websocket->pong_us != 0 && now_us - websocket->pong_us < MIN_PONG_GAP_US)
        return;
    websocket->pong_us = now_us;
    send_chunk(websocket, websocket_frame_write(WEBSOCKET_PONG, payload));
}

static void handle(struct websocket *websocket, const struct websocket_message *message)
{
    switch (message->opcode) {
    case WEBSOCKET_PING:
        answer_ping(websocket, message->payload);
        break;
    case WEBSOCKET_PONG:
        break; /* that it came is all it says */
    case WEBSOCKET_CLOSE:
        websocket->close_code = message->close_code;
        websocket_close(websocket, message->close_code == WEBSOCKET_CLOSE_NO_STATUS
                                       ? WEBSOCKET_CLOSE_NORMAL
                                       : message->close_code);
        break;
    default:
        websocket->ops->on_message(websocket, websocket->owner, message->opcode == WEBSOCKET_TEXT,
                                   message->payload);
        break;
    }
}

static void feed(struct websocket *websocket, struct str bytes)
{
    struct websocket_message message;
    enum err err = ERR_OK;
    websocket->heard_us = loop_now_us(websocket->peer.server->loop);
    while (!websocket->is_closing && err == ERR_OK) {
        err = websocket_read(&websocket->reader, &bytes, &message);
        if (err == ERR_OK)
            handle(websocket, &message);
    }
    if (!websocket->is_closing && err != ERR_AGAIN)
        websocket_close(websocket, websocket->reader.close_code);
}

static void feed_early(struct websocket *websocket)
{
    if (websocket->early.len == 0)
        return;
    struct buf early = websocket->early;
    websocket->early = (struct buf){0};
    feed(websocket, buf_str(&early));
    buf_finish(&early);
}

static void destroy(struct websocket *websocket)
{
    websocket_reader_finish(&websocket->reader);
    buf_finish(&websocket->early);
    mem_free(websocket);
}

static void feed_deferred(struct loop *loop, void *arg)
{
    (void)loop;
    struct websocket *websocket = arg;
    websocket->early_is_deferred = false;
    if (websocket->peer.conn == NULL)
        destroy(websocket);
    else
        feed_early(websocket);
}

static void on_read(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    (void)conn;
    struct websocket *websocket = owner;
    feed_early(websocket);
    feed(websocket, (struct str){(const char *)bytes, len});
}

static void on_close(struct conn *conn, void *owner, enum err why)
{
    (void)conn;
    (void)why;
    struct websocket *websocket = owner;
    metrics_add(websocket->peer.server->options.metrics, METRIC_HTTP_WEBSOCKETS, -1);
    websocket->is_closing = true;
    loop_timer_stop(&websocket->ping);
    server_remove_peer(&websocket->peer);
    websocket->ops->on_close(websocket, websocket->owner, websocket->close_code);
    if (!websocket->early_is_deferred)
        destroy(websocket);
}

static const struct conn_ops conn_ops = {.on_read = on_read, .on_close = on_close};

/* --- Life --- */

static void start_ping(struct websocket *websocket);

static void on_ping_due(struct loop *loop, void *arg)
{
    struct websocket *websocket = arg;
    int64_t ping_us = websocket->peer.server->options.limits.ping_us;
    if (loop_now_us(loop) - websocket->heard_us >= 2 * ping_us) {
        websocket_close(websocket, 0);
        return;
    }
    websocket->pings++;
    struct str payload = {(const char *)&websocket->pings, sizeof(websocket->pings)};
    send_chunk(websocket, websocket_frame_write(WEBSOCKET_PING, payload));
    if (!websocket->is_closing)
        start_ping(websocket);
}

static void start_ping(struct websocket *websocket)
{
    struct http_server *server = websocket->peer.server;
    int64_t sixth_us =
        server->options.limits.ping_us / 6; /* so that they do not all come at once */
    int64_t delay_us =
        5 * sixth_us + (int64_t)random_below(random_system(), (uint32_t)(2 * sixth_us) + 1);
    loop_timer_start(server->loop, &websocket->ping, delay_us, on_ping_due, websocket);
}

static void on_deadline(struct inside_peer *peer)
{
    (void)peer; /* it waits in no list */
}

static void on_drain(struct inside_peer *peer)
{
    websocket_close((struct websocket *)peer, 0); /* clients come back after a reset only */
}

static const struct inside_peer_ops peer_ops = {.on_deadline = on_deadline, .on_drain = on_drain};

static void write_handshake(struct websocket *websocket, const struct request *request,
                            struct str protocol)
{
    const struct http_header headers[MAX_HANDSHAKE_HEADERS] = {
        {STR("upgrade"), STR("websocket")},
        {STR("connection"), STR("Upgrade")},
        {STR("sec-websocket-accept"), str_of(request->websocket_accept)},
        {STR("x-request-id"), str_of(request->id)},
        {STR("x-content-type-options"), STR("nosniff")},
        {STR("referrer-policy"), STR("strict-origin-when-cross-origin")},
        {STR("sec-websocket-protocol"), protocol},
    };
    size_t count = MAX_HANDSHAKE_HEADERS - (protocol.len == 0 ? 1 : 0);
    struct slice slice;
    size_t len = http1_head_len(101, headers, count);
    (void)http1_head_write(server_reserve_out(websocket->peer.server, len, &slice), 101, headers,
                           count); /* its end is known */
    conn_write(websocket->peer.conn, &slice, 1);
}

static void refuse(struct request *request)
{
    if (request->handshake != ERR_UNSUPPORTED) {
        request_refuse(request, 400);
        return;
    }
    const struct http_header headers[] = {
        {STR("upgrade"), STR("websocket")},
        {STR("sec-websocket-version"), STR("13")},
    };
    request_reply(request, &(struct reply){.status = 426,
                                           .cache_control = STR("no-store"),
                                           .headers = headers,
                                           .header_count = 2});
}

struct websocket *websocket_accept(struct request *request, struct str protocol,
                                   const struct websocket_ops *ops, void *owner)
{
    struct http_server *server = request->server;
    struct request copy = *request; /* detach() ends it */
    struct buf early;
    buf_init(&early, MAX_EARLY);
    struct conn *conn =
        request->handshake == ERR_OK ? request->transport->detach(request, &early) : NULL;
    if (conn == NULL) {
        refuse(request);
        return NULL;
    }
    struct websocket *websocket = mem_zalloc(1, sizeof(*websocket));
    websocket->peer.ops = &peer_ops;
    websocket->ops = ops;
    websocket->owner = owner;
    websocket->close_code = WEBSOCKET_CLOSE_ABNORMAL;
    websocket->heard_us = loop_now_us(server->loop);
    websocket->early = early;
    websocket_reader_init(&websocket->reader, WEBSOCKET_MAX_MESSAGE, WEBSOCKET_MAX_FRAGMENTS);
    server_add_peer(server, &websocket->peer, conn);
    metrics_add(server->options.metrics, METRIC_HTTP_WEBSOCKETS, 1);
    conn_set_owner(conn, &conn_ops, websocket);
    write_handshake(websocket, &copy, protocol);
    request_release(&copy);
    start_ping(websocket);
    if (early.len > 0) {
        websocket->early_is_deferred = true;
        loop_defer(server->loop, feed_deferred, websocket);
    }
    return websocket;
}
