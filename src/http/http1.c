/*
 * One HTTP/1.1 connection. Requests are handled one after the other; what was pipelined behind one
 * that waits is kept, up to MAX_PIPELINED. Reading goes on meanwhile, to see the client leave.
 *
 *     HEAD -> [BODY] -> HANDLING -> HEAD ...    or, from anywhere, -> CLOSING
 *     HANDLING -> LATE       the handler was too slow and 500 was sent; it still holds the request
 *     HANDLING -> DETACHED   the connection went to another protocol
 */
#include "base/mem.h"
#include "base/text.h"
#include "http/inside.h"
#include "log/log.h"
#include "proto/http/chunked_reader.h"
#include "proto/http/http1_head_writer.h"

#include <assert.h>

enum {
    MAX_PIPELINED = 32 << 10, /* bytes behind a request that waits */
    RTMP_VERSION = 0x03,
};

enum http1_state { HEAD, BODY, HANDLING, LATE, DETACHED, CLOSING };

struct http1 {
    struct inside_peer peer; /* first */
    struct request request;
    struct buf input;    /* an unfinished head, or what was pipelined */
    struct str *current; /* what is being processed, while it is */
    struct http1_head_reader reader;
    struct str saved_head; /* ours, of a request whose body is coming */
    struct buf body;
    struct http_chunked chunked;
    uint64_t body_left; /* without chunks */
    uint8_t state;      /* enum http1_state */
    bool is_fresh : 1;  /* nothing came yet */
    bool is_chunked : 1;
    bool is_persistent : 1;
    bool is_http10 : 1;
    bool has_ended : 1; /* the client's direction */
    bool is_resuming : 1;
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static const struct conn_ops http1_conn_ops;

static void destroy(struct http1 *http1)
{
    buf_finish(&http1->input);
    buf_finish(&http1->body);
    mem_free((void *)(uintptr_t)http1->saved_head.at);
    mem_free(http1);
}

static void begin_closing(struct http1 *http1)
{
    http1->state = CLOSING;
    server_stop_waiting(&http1->peer);
    server_close_peer(&http1->peer);
}

/* --- Replies --- */

static void process(struct http1 *http1, struct str *bytes);

/* All of the input was processed but the last `left` bytes. Idle connections hold no memory. */
static void use_input(struct http1 *http1, size_t left)
{
    buf_consume(&http1->input, http1->input.len - left);
    if (left == 0)
        buf_finish(&http1->input);
}

static void resume(struct loop *loop, void *arg)
{
    (void)loop;
    struct http1 *http1 = arg;
    http1->is_resuming = false;
    if (http1->peer.conn == NULL) {
        destroy(http1);
        return;
    }
    struct str bytes = buf_str(&http1->input);
    process(http1, &bytes);
    if (http1->state == DETACHED) {
        destroy(http1);
        return;
    }
    use_input(http1, bytes.len);
}

/* A late reply: what was pipelined goes on later, as we may stand in another request's handler. */
static void resume_later(struct http1 *http1)
{
    if (http1->is_resuming)
        return;
    http1->is_resuming = true;
    loop_defer(http1->peer.server->loop, resume, http1);
}

static void write_answer(struct http1 *http1, const struct request_answer *answer)
{
    size_t count = answer->header_count;
    if (!http1->is_persistent)
        answer->headers[count++] = (struct http_header){STR("connection"), STR("close")};
    else if (http1->is_http10)
        answer->headers[count++] = (struct http_header){STR("connection"), STR("keep-alive")};

    /* A small body goes behind its head, and both in one piece. */
    bool is_small = answer->body_len <= INSIDE_COPY_MAX;
    size_t head_len = http1_head_len(answer->status, answer->headers, count);
    struct slice out[REQUEST_MAX_SLICES + 1];
    uint8_t *at = server_reserve_out(http1->peer.server,
                                     head_len + (is_small ? answer->body_len : 0), &out[0]);
    at = http1_head_write(at, answer->status, answer->headers, count);
    size_t slice_count = 1;
    for (size_t i = 0; i < answer->slice_count; i++) {
        if (is_small) {
            memcpy(at, answer->slices[i].at, answer->slices[i].len);
            at += answer->slices[i].len;
        } else {
            out[slice_count++] = answer->slices[i];
        }
    }
    conn_write(http1->peer.conn, out, slice_count);
}

static void send_answer(struct request *request, const struct request_answer *answer)
{
    struct http1 *http1 = LIST_ENTRY(request, struct http1, request);
    if (http1->peer.conn == NULL) { /* the client has left, and now the handler knows */
        http1->peer.server->detached--;
        server_check_drained(http1->peer.server);
        if (!http1->is_resuming)
            destroy(http1);
        return;
    }
    if (http1->state == LATE) {
        http1->state = CLOSING;
        return;
    }
    if (http1->peer.server->is_draining)
        http1->is_persistent = false;
    write_answer(http1, answer);
    memset(&http1->request, 0, sizeof(http1->request));
    if (!http1->is_persistent) {
        begin_closing(http1);
        return;
    }
    http1->state = HEAD;
    http1->reader = (struct http1_head_reader){0};
    if (http1->current == NULL) {
        server_wait(&http1->peer, WAIT_IDLE);
        if (http1->input.len > 0 || http1->has_ended)
            resume_later(http1);
    }
}

/* Everything of ours goes when process() has returned, or now if we are not in it. */
static struct conn *detach(struct request *request, struct buf *out_early)
{
    struct http1 *http1 = LIST_ENTRY(request, struct http1, request);
    struct conn *conn = http1->peer.conn;
    if (conn == NULL || http1->state != HANDLING)
        return NULL;
    struct str early = http1->current != NULL ? *http1->current : buf_str(&http1->input);
    if (early.len > 0)
        buf_put_str(out_early, early);
    http1->state = DETACHED;
    server_remove_peer(&http1->peer);
    conn_resume(conn); /* in case it was slow to read */
    if (http1->current == NULL && !http1->is_resuming)
        destroy(http1);
    return conn;
}

static const struct request_transport transport = {.send = send_answer, .detach = detach};

/* Refuses what cannot be read on; the connection ends with that. */
static void refuse(struct http1 *http1, unsigned status)
{
    http1->is_persistent = false;
    http1->state = HANDLING;
    if (http1->request.id[0] == '\0')
        request_begin(&http1->request, &transport, &http1->peer);
    request_refuse(&http1->request, status);
}

/* --- Requests --- */

static void dispatch(struct http1 *http1, unsigned status, struct str body)
{
    http1->state = HANDLING;
    request_begin(&http1->request, &transport, &http1->peer);
    request_dispatch(&http1->request, status, body);
    if (http1->state == HANDLING) {
        request_settle(&http1->request);
        if (http1->state == HANDLING)
            server_wait(&http1->peer, WAIT_HANDLER);
    }
}

static void end_body(struct http1 *http1)
{
    /* Read once more, from the copy: what it says is known, where it stands is not. */
    struct http_server *server = http1->peer.server;
    const struct http1_limits limits = {server->options.limits.max_url,
                                        server->options.limits.max_head};
    struct http1_head_reader reader = {0};
    struct str saved = http1->saved_head;
    http1->saved_head = (struct str){0};
    struct buf body = http1->body;
    buf_init(&http1->body, 0);

    enum err err = http1_head_read(&reader, &limits, saved, &server->head);
    assert(err == ERR_OK);
    if (err == ERR_OK)
        dispatch(http1, 0, buf_str(&body));
    mem_free((void *)(uintptr_t)saved.at);
    buf_finish(&body);
}

static bool take_body(struct http1 *http1, struct str piece)
{
    if (piece.len > http1->body.max - http1->body.len) {
        refuse(http1, 413);
        return false;
    }
    buf_put_str(&http1->body, piece);
    return true;
}

static void read_plain_body(struct http1 *http1, struct str *bytes)
{
    size_t len = http1->body_left < bytes->len ? (size_t)http1->body_left : bytes->len;
    buf_put(&http1->body, bytes->at, len); /* fits: the length was checked */
    bytes->at += len;
    bytes->len -= len;
    http1->body_left -= len;
    if (http1->body_left == 0)
        end_body(http1);
}

static void read_chunks(struct http1 *http1, struct str *bytes)
{
    struct str piece = {0};
    enum err err = http_chunked_read(&http1->chunked, bytes, &piece);
    while (err == ERR_OK && take_body(http1, piece))
        err = http_chunked_read(&http1->chunked, bytes, &piece);
    if (err == ERR_END)
        end_body(http1);
    else if (err == ERR_MALFORMED)
        refuse(http1, 400);
}

static void begin_body(struct http1 *http1, struct str head_bytes, bool is_all_there)
{
    struct http_server *server = http1->peer.server;
    const struct http1_head *head = &server->head;
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (head->expects_continue && !is_all_there) {
        struct slice slice = slice_static(go_on, sizeof(go_on) - 1);
        conn_write(http1->peer.conn, &slice, 1);
    }
    http1->saved_head = (struct str){mem_copy_str(head_bytes.at, head_bytes.len), head_bytes.len};
    buf_init(&http1->body, server->options.limits.max_body);
    http1->chunked = (struct http_chunked){0};
    http1->is_chunked = head->is_chunked;
    http1->body_left = head->content_length;
    http1->state = BODY;
    server_wait(&http1->peer, WAIT_BODY);
}

static void end_head(struct http1 *http1, struct str *bytes)
{
    struct http_server *server = http1->peer.server;
    const struct http1_head *head = &server->head;
    struct str head_bytes = {bytes->at, head->len};
    bytes->at += head->len;
    bytes->len -= head->len;
    http1->is_http10 = head->is_http10;
    http1->is_persistent = head->is_persistent;
    if (head->content_length > server->options.limits.max_body) {
        http1->is_persistent = false;
        dispatch(http1, 413, (struct str){0});
    } else if (head->is_chunked || head->content_length > 0) {
        begin_body(http1, head_bytes, !head->is_chunked && bytes->len >= head->content_length);
    } else {
        dispatch(http1, 0, (struct str){0});
    }
}

/* False when more must come first. */
static bool read_head(struct http1 *http1, struct str *bytes)
{
    struct http_server *server = http1->peer.server;
    const struct http1_limits limits = {server->options.limits.max_url,
                                        server->options.limits.max_head};
    enum err err = http1_head_read(&http1->reader, &limits, *bytes, &server->head);
    if (err == ERR_AGAIN)
        return false;
    if (err == ERR_OK)
        end_head(http1, bytes);
    else
        refuse(http1, http1->reader.status);
    return true;
}

static void process(struct http1 *http1, struct str *bytes)
{
    http1->current = bytes;
    while (bytes->len > 0 && (http1->state == HEAD || http1->state == BODY)) {
        if (http1->state == HEAD && !read_head(http1, bytes))
            break;
        if (http1->state != BODY)
            continue;
        if (http1->is_chunked)
            read_chunks(http1, bytes);
        else
            read_plain_body(http1, bytes);
    }
    http1->current = NULL;
    if (http1->state == CLOSING || http1->state == DETACHED)
        bytes->len = 0;
    if (http1->state != HEAD)
        return;
    if (http1->has_ended)
        begin_closing(http1);
    else if (bytes->len == 0)
        server_wait(&http1->peer, WAIT_IDLE);
    else if (http1->peer.wait != WAIT_HEAD || list_is_empty(&http1->peer.wait_node))
        server_wait(&http1->peer, WAIT_HEAD); /* from the first byte of this head */
}

static void keep_rest(struct http1 *http1, struct str rest)
{
    if (rest.len == 0)
        return;
    if (http1->input.max == 0) {
        const struct http_limits *limits = &http1->peer.server->options.limits;
        size_t head = limits->max_url + limits->max_head + 1024;
        buf_init(&http1->input, head > MAX_PIPELINED ? head : MAX_PIPELINED);
    }
    buf_put_str(&http1->input, rest);
    if (http1->input.failed) /* nobody pipelines so much behind one request */
        conn_close(http1->peer.conn, 0);
}

/* --- What is not HTTP/1.1 --- */

static bool is_foreign(const struct http1 *http1, const uint8_t *bytes)
{
    struct conn *conn = http1->peer.conn;
    return http1->peer.server->options.on_foreign != NULL && conn_is_tls(conn) &&
           conn_alpn(conn)[0] == '\0' && bytes[0] == RTMP_VERSION;
}

enum first { FIRST_IS_OURS, FIRST_IS_GONE, FIRST_IS_SHORT };

/* The first bytes may send the connection to another protocol; it must not be touched then. Or
 * they may be too few to tell. */
static enum first read_first(struct http1 *http1, struct str bytes)
{
    struct http_server *server = http1->peer.server;
    struct conn *conn = http1->peer.conn;
    if (is_foreign(http1, (const uint8_t *)bytes.at)) {
        server_remove_peer(&http1->peer);
        server->options.on_foreign(conn, (const uint8_t *)bytes.at, bytes.len, server->options.arg);
        destroy(http1);
        return FIRST_IS_GONE;
    }
    size_t len = bytes.len < sizeof(preface) - 1 ? bytes.len : sizeof(preface) - 1;
    if (conn_is_tls(conn) || memcmp(bytes.at, preface, len) != 0) {
        http1->is_fresh = false;
        return FIRST_IS_OURS;
    }
    if (len < sizeof(preface) - 1)
        return FIRST_IS_SHORT;
    server_remove_peer(&http1->peer);
    http2_accept(server, conn, bytes);
    destroy(http1);
    return FIRST_IS_GONE;
}

/* --- The connection --- */

/* What came, behind what was kept. */
static void read_on(struct http1 *http1, struct str bytes)
{
    struct str fresh = http1->input.len > 0 ? buf_str(&http1->input) : bytes;
    enum first first = http1->is_fresh ? read_first(http1, fresh) : FIRST_IS_OURS;
    if (first == FIRST_IS_GONE)
        return;
    if (first == FIRST_IS_OURS)
        process(http1, &fresh);
    else if (http1->peer.wait != WAIT_HEAD)
        server_wait(&http1->peer, WAIT_HEAD);

    if (http1->state == DETACHED)
        destroy(http1);
    else if (http1->input.len == 0)
        keep_rest(http1, fresh);
    else
        use_input(http1, fresh.len);
}

static void on_read(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    struct http1 *http1 = owner;
    struct str fresh = {(const char *)bytes, len};
    if (conn_queued(conn) > INSIDE_HIGH_QUEUE)
        conn_pause(conn); /* until on_drained: it does not read our answers */

    bool is_waiting = (http1->state != HEAD && http1->state != BODY) || http1->is_resuming;
    if (is_waiting || http1->input.len > 0)
        keep_rest(http1, fresh);
    if (!is_waiting && !http1->input.failed)
        read_on(http1, fresh);
}

static void on_drained(struct conn *conn, void *owner)
{
    struct http1 *http1 = owner;
    if (http1->state == HEAD || http1->state == BODY)
        conn_resume(conn);
}

static void on_end(struct conn *conn, void *owner)
{
    (void)conn;
    struct http1 *http1 = owner;
    http1->has_ended = true;
    if (http1->is_resuming)
        return;
    if (http1->state == HANDLING && !request_gone(&http1->request))
        return; /* it wants to finish, and the client may still read */
    if (http1->state != CLOSING)
        begin_closing(http1);
}

static void on_close(struct conn *conn, void *owner, enum err why)
{
    (void)conn;
    (void)why;
    struct http1 *http1 = owner;
    bool is_held = http1->state == LATE;
    server_remove_peer(&http1->peer);
    if (http1->state == HANDLING)
        is_held = !request_gone(&http1->request);
    if (is_held)
        http1->peer.server->detached++;
    else if (!http1->is_resuming)
        destroy(http1);
}

static const struct conn_ops http1_conn_ops = {
    .on_read = on_read,
    .on_drained = on_drained,
    .on_end = on_end,
    .on_close = on_close,
};

static void miss_handler_deadline(struct http1 *http1)
{
    struct request *request = &http1->request;
    log_error("http", "handler deadline missed", "request=%s", request->id);
    bool is_held = !request_gone(request);
    struct request copy = *request;
    if (is_held)
        request->own = NULL;
    refuse(http1, 500);
    if (is_held) {
        http1->request = copy; /* the handler's, until it replies */
        http1->state = LATE;
    }
}

static void on_deadline(struct inside_peer *peer)
{
    struct http1 *http1 = (struct http1 *)peer;
    switch (http1->state) {
    case HEAD:
        if (peer->wait == WAIT_HEAD)
            refuse(http1, 408);
        else if (conn_queued(peer->conn) == 0 || server_is_stuck(peer))
            begin_closing(http1);
        else
            server_wait(peer, WAIT_IDLE); /* it is still reading the last answer */
        break;
    case BODY:
        refuse(http1, 408);
        break;
    case HANDLING:
        miss_handler_deadline(http1);
        break;
    default:
        break;
    }
}

static void on_drain(struct inside_peer *peer)
{
    struct http1 *http1 = (struct http1 *)peer;
    http1->is_persistent = false;
    if (http1->state == HEAD && http1->input.len == 0)
        begin_closing(http1);
}

static const struct inside_peer_ops http1_peer_ops = {
    .on_deadline = on_deadline,
    .on_drain = on_drain,
};

void http1_accept(struct http_server *server, struct conn *conn)
{
    struct http1 *http1 = mem_zalloc(1, sizeof(*http1));
    http1->peer.ops = &http1_peer_ops;
    http1->is_fresh = true;
    http1->is_persistent = true;
    server_add_peer(server, &http1->peer, conn);
    server_wait(&http1->peer, WAIT_IDLE);
    conn_set_owner(conn, &http1_conn_ops, http1);
}
