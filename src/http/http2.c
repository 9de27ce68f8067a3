/*
 * One HTTP/2 connection (RFC 9113), on nghttp2. What nghttp2 does not do: requests as the rest of
 * the server sees them, bodies sent by reference, time limits, and an end to floods.
 *
 * nghttp2 is pumped after every read, and once at the end of a turn in which late replies came.
 */
#include "base/mem.h"
#include "http/http2_block.h"
#include "http/http2_guard.h"
#include "http/http2_out.h"
#include "http/inside.h"
#include "log/log.h"

#include <assert.h>
#include <nghttp2/nghttp2.h>

enum {
    MAX_STREAMS = 128,
    MAX_CONTINUATIONS = 2, /* of 16 KiB at most: the 32 KiB of media rule SE-24 */
    FEED = 4 << 10,        /* read between two looks for a flood */
    FRAME_HEAD = 9,
    FEW_SLICES = 2,
};

enum stream_state { RECEIVING, HANDLING, LATE, REPLYING };

struct http2 {
    struct inside_peer peer; /* first */
    nghttp2_session *session;
    struct list streams;
    struct http2_block *block; /* being received */
    struct http2_guard guard;
    int64_t idle_since_us; /* when the last stream ended */
    int64_t moved_us;      /* when the peer last took bytes */
    bool is_flooded;
    bool is_closing;
    bool pump_is_deferred;
    bool is_busy; /* nghttp2 is at work: not to be pumped now */

    struct http2_out out;
};

struct http2_stream {
    struct request request;
    struct list node;
    struct http2 *http2; /* NULL when the stream is gone and a handler still holds the request */
    int32_t id;
    uint8_t state;             /* enum stream_state */
    bool is_complete;          /* all of the request came */
    int64_t since_us;          /* in this state */
    struct http2_block *block; /* until the body has come */
    struct buf body;

    struct slice *slices;         /* what is left of the reply */
    struct slice few[FEW_SLICES]; /* where they stand if they are few */
    size_t slice_at;
    size_t slice_count;
    size_t left;
    size_t left_before; /* at the last look */
};

static const struct request_transport transport;

static int64_t now_of(const struct http2 *http2)
{
    return loop_now_us(http2->peer.server->loop);
}

static struct http1_limits limits_of(const struct http2 *http2)
{
    const struct http_limits *limits = &http2->peer.server->options.limits;
    return (struct http1_limits){.max_url = limits->max_url, .max_head = limits->max_head};
}

/* --- Sending --- */

static void begin_closing(struct http2 *http2)
{
    if (http2->is_closing)
        return;
    http2->is_closing = true;
    server_close_peer(&http2->peer);
}

static void pump(struct http2 *http2)
{
    if (http2->is_closing)
        return;
    size_t queued = conn_queued(http2->peer.conn);
    http2->is_busy = true;
    while (queued + http2->out.len < INSIDE_HIGH_QUEUE) {
        const uint8_t *bytes = NULL;
        ssize_t len = nghttp2_session_mem_send(http2->session, &bytes);
        if (len <= 0)
            break; /* nothing more now; what is fatal shows in the next read */
        http2_out_put_bytes(&http2->out, bytes, (size_t)len);
    }
    http2->is_busy = false;
    http2_out_flush(&http2->out);
    if (!nghttp2_session_want_read(http2->session) && !nghttp2_session_want_write(http2->session))
        begin_closing(http2);
}

static void pump_deferred(struct loop *loop, void *arg)
{
    (void)loop;
    struct http2 *http2 = arg;
    http2->pump_is_deferred = false;
    if (http2->peer.conn == NULL)
        mem_free(http2); /* it went meanwhile */
    else
        pump(http2);
}

static void pump_later(struct http2 *http2)
{
    if (http2->pump_is_deferred || http2->is_busy || http2->peer.conn == NULL)
        return;
    http2->pump_is_deferred = true;
    loop_defer(http2->peer.server->loop, pump_deferred, http2);
}

/* Takes the next `len` bytes off the reply: copied to `to`, or by reference if that is NULL. */
static void take_body(struct http2_stream *stream, size_t len, uint8_t *to)
{
    stream->left -= len;
    while (len > 0) {
        struct slice *slice = &stream->slices[stream->slice_at];
        struct slice piece = *slice;
        if (piece.len > len)
            piece.len = len;
        if (to == NULL) {
            http2_out_put(&stream->http2->out, piece);
        } else {
            memcpy(to, piece.at, piece.len);
            to += piece.len;
        }
        slice->at += piece.len;
        slice->len -= piece.len;
        len -= piece.len;
        if (slice->len == 0) {
            slice_unref(slice);
            stream->slice_at++;
        }
    }
}

/* NOLINTNEXTLINE(readability-function-size): nghttp2's signature */
static ssize_t on_body_wanted(nghttp2_session *session, int32_t id, uint8_t *buf, size_t length,
                              uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    (void)session;
    (void)id;
    (void)arg;
    struct http2_stream *stream = source->ptr;
    size_t len = stream->left < length ? stream->left : length;
    if (len == stream->left)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (len <= INSIDE_COPY_MAX)
        take_body(stream, len, buf); /* cheaper than a piece of its own */
    else
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return (ssize_t)len;
}

static int on_body_due(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
                       size_t length, nghttp2_data_source *source, void *arg)
{
    (void)session;
    (void)frame;
    struct http2 *http2 = arg;
    http2_out_put_bytes(&http2->out, head, FRAME_HEAD); /* no padding is ever asked for */
    take_body(source->ptr, length, NULL);
    return 0;
}

static nghttp2_nv nv_of(const struct http_header *header)
{
    /* Values that differ from one answer to the next only push others out of HPACK's table. */
    bool is_unique = str_equal(header->name, STR("x-request-id")) ||
                     str_equal(header->name, STR("etag")) ||
                     str_equal(header->name, STR("content-length"));
    return (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)header->name.at, /* a literal in lower case */
        .namelen = header->name.len,
        .value = (uint8_t *)(uintptr_t)header->value.at, /* copied */
        .valuelen = header->value.len,
        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME |
                 (is_unique ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE),
    };
}

static void submit(struct http2_stream *stream, const struct request_answer *answer)
{
    const char status[3] = {(char)('0' + answer->status / 100),
                            (char)('0' + answer->status / 10 % 10),
                            (char)('0' + answer->status % 10)};
    nghttp2_nv fields[REQUEST_MAX_HEADERS_OUT + 1];
    fields[0] = nv_of(&(struct http_header){STR(":status"), {status, sizeof(status)}});
    for (size_t i = 0; i < answer->header_count; i++)
        fields[i + 1] = nv_of(&answer->headers[i]);

    stream->slices = stream->few;
    if (answer->slice_count > FEW_SLICES)
        stream->slices = mem_alloc(answer->slice_count * sizeof(*stream->slices));
    for (size_t i = 0; i < answer->slice_count; i++)
        if (answer->slices[i].len > 0)
            stream->slices[stream->slice_count++] = slice_ref(answer->slices[i]);
    stream->left = stream->left_before = answer->body_len;

    const nghttp2_data_provider body = {.source.ptr = stream, .read_callback = on_body_wanted};
    /* It fails for want of memory, which mem_ would not have, and on streams that are closing. */
    (void)nghttp2_submit_response(stream->http2->session, stream->id, fields,
                                  answer->header_count + 1, answer->body_len > 0 ? &body : NULL);
}

static void free_stream(struct http2_stream *stream)
{
    list_remove(&stream->node);
    while (stream->slice_at < stream->slice_count)
        slice_unref(&stream->slices[stream->slice_at++]);
    if (stream->slices != stream->few)
        mem_free(stream->slices);
    buf_finish(&stream->body);
    http2_block_destroy(stream->block);
    mem_free(stream);
}

static void send_answer(struct request *request, const struct request_answer *answer)
{
    struct http2_stream *stream = LIST_ENTRY(request, struct http2_stream, request);
    struct http2 *http2 = stream->http2;
    if (http2 == NULL) { /* the client has left, and now the handler knows */
        struct http_server *server = request->server;
        free_stream(stream);
        server->detached--;
        server_check_drained(server);
        return;
    }
    bool was_late = stream->state == LATE;
    stream->state = REPLYING;
    stream->since_us = now_of(http2);
    if (was_late)
        return; /* 500 was sent */
    submit(stream, answer);
    pump_later(http2);
}

/* WebSocket over HTTP/2 (RFC 8441) is not offered. */
static struct conn *detach(struct request *request, struct buf *out_early)
{
    (void)request;
    (void)out_early;
    return NULL;
}

static const struct request_transport transport = {.send = send_answer, .detach = detach};

/* --- Requests --- */

static void set_state(struct http2_stream *stream, enum stream_state state)
{
    stream->state = (uint8_t)state;
    stream->since_us = now_of(stream->http2);
}

static void dispatch(struct http2_stream *stream, const struct http2_block *block, unsigned status)
{
    struct http2 *http2 = stream->http2;
    set_state(stream, HANDLING);
    http2_block_head(block, &http2->peer.server->head);
    request_begin(&stream->request, &transport, &http2->peer);
    stream->request.is_http2 = true;
    request_dispatch(&stream->request, status, buf_str(&stream->body));
    if (stream->state == HANDLING)
        request_settle(&stream->request);
    buf_finish(&stream->body);
}

/* Blocks are large and short-lived: one is kept for the next request. */
static void drop_block(struct http_server *server, struct http2_block *block)
{
    if (server->spare_block == NULL)
        server->spare_block = block;
    else
        http2_block_destroy(block);
}

static void end_body(struct http2_stream *stream)
{
    struct http2_block *block = stream->block;
    stream->block = NULL;
    dispatch(stream, block, 0);
    drop_block(stream->http2->peer.server, block);
}

static void refuse_body(struct http2_stream *stream, unsigned status)
{
    struct http2_block *block = stream->block;
    stream->block = NULL;
    buf_finish(&stream->body);
    dispatch(stream, block, status);
    drop_block(stream->http2->peer.server, block);
}

static void go_on(struct http2_stream *stream)
{
    const nghttp2_nv field = nv_of(&(struct http_header){STR(":status"), STR("100")});
    /* It fails as in submit(). */
    (void)nghttp2_submit_headers(stream->http2->session, NGHTTP2_FLAG_NONE, stream->id, NULL,
                                 &field, 1, NULL);
}

static void end_head(struct http2 *http2, struct http2_stream *stream, bool is_last)
{
    struct http2_block *block = http2->block;
    size_t max_body = http2->peer.server->options.limits.max_body;
    http2->block = NULL;
    stream->is_complete = is_last;
    if (block->status == 0 && block->content_length > max_body)
        block->status = 413;
    if (is_last || block->status != 0) {
        dispatch(stream, block, block->status);
        drop_block(http2->peer.server, block);
        return;
    }
    stream->block = block;
    buf_init(&stream->body, max_body);
    set_state(stream, RECEIVING);
    if (block->expects_continue)
        go_on(stream);
}

/* --- What nghttp2 tells --- */

static void flooded(struct http2 *http2, const char *by)
{
    if (!http2->is_flooded) {
        metrics_add(http2->peer.server->options.metrics, METRIC_HTTP_REFUSED, 1);
        log_debug("http", "flood stopped", "frames=%s", by);
    }
    http2->is_flooded = true;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *http2 = arg;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0; /* trailers: skipped */
    /* Not mem_zalloc(), which for glibc is the slow way to get a block that was just freed. */
    struct http2_stream *stream = mem_alloc(sizeof(*stream));
    *stream =
        (struct http2_stream){.http2 = http2, .id = frame->hd.stream_id, .since_us = now_of(http2)};
    list_append(&http2->streams, &stream->node);
    const struct http1_limits limits = limits_of(http2);
    struct http_server *server = http2->peer.server;
    drop_block(server, http2->block);
    http2->block = http2_block_create(&limits, now_of(http2), server->spare_block);
    server->spare_block = NULL;
    /* The stream is there: this is about it. */
    (void)nghttp2_session_set_stream_user_data(session, stream->id, stream);
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): nghttp2's signature */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *arg)
{
    (void)session;
    (void)flags;
    struct http2 *http2 = arg;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST || http2->block == NULL)
        return 0;
    const struct http1_limits limits = limits_of(http2);
    http2_block_put(http2->block, &limits, (struct str){(const char *)name, name_len},
                    (struct str){(const char *)value, value_len});
    if (http2->block->size > 4 * (limits.max_url + limits.max_head))
        flooded(http2, "HEADERS");
    return 0;
}

/* Also of frames that nghttp2 then ignores. */
static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *head, void *arg)
{
    (void)session;
    struct http2 *http2 = arg;
    bool is_useful = head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_WINDOW_UPDATE ||
                     (head->type == NGHTTP2_DATA && head->length > 0);
    bool is_counted = head->type == NGHTTP2_RST_STREAM || head->type == NGHTTP2_SETTINGS ||
                      head->type == NGHTTP2_PING; /* in on_frame() */
    if (!is_useful && !is_counted && !http2_guard_idler(&http2->guard, now_of(http2)))
        flooded(http2, "empty");
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *http2 = arg;
    int64_t now_us = now_of(http2);
    bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    bool is_ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    struct http2_stream *stream =
        nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        if (stream != NULL && frame->headers.cat == NGHTTP2_HCAT_REQUEST && http2->block != NULL) {
            end_head(http2, stream, is_last);
            break;
        }
        /* fall through: trailers may end a body */
        __attribute__((fallthrough));
    case NGHTTP2_DATA:
        if (stream == NULL || !is_last)
            break;
        stream->is_complete = true;
        if (stream->state == RECEIVING)
            end_body(stream);
        break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PING:
        if (!is_ack && !http2_guard_control(&http2->guard, now_us))
            flooded(http2, "SETTINGS or PING");
        break;
    case NGHTTP2_RST_STREAM:
        if (!http2_guard_reset(&http2->guard, now_us))
            flooded(http2, "RST_STREAM");
        break;
    default:
        break;
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t len, void *arg)
{
    (void)flags;
    (void)arg;
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    if (stream == NULL || stream->state != RECEIVING)
        return 0;
    buf_put(&stream->body, bytes, len);
    if (stream->body.failed)
        refuse_body(stream, 413);
    return 0;
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct http2 *http2 = arg;
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
        !http2_guard_reset(&http2->guard, now_of(http2)))
        flooded(http2, "errors"); /* frames that make us reset streams are resets all the same */

    bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    bool ends_stream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!ends_stream || !is_last)
        return 0;
    const struct http2_stream *stream =
        nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream != NULL && !stream->is_complete) /* RFC 9113 §8.1: answered early */
        (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    return 0;
}

/* The stream is gone; the request may be held by its handler. */
static void leave_stream(struct http2_stream *stream)
{
    bool is_held = stream->state == LATE;
    if (stream->state == HANDLING)
        is_held = !request_gone(&stream->request);
    if (!is_held) {
        free_stream(stream);
        return;
    }
    list_remove(&stream->node);
    stream->request.server->detached++;
    stream->http2 = NULL;
}

static int on_stream_closed(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
    struct http2 *http2 = arg;
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    if (stream == NULL)
        return 0;
    if (error == NGHTTP2_NO_ERROR)
        http2_guard_completed(&http2->guard, now_of(http2));
    http2->idle_since_us = now_of(http2);
    leave_stream(stream);
    return 0;
}

/* --- The connection --- */

static void end_flood(struct http2 *http2)
{
    /* Fails for want of memory only. */
    (void)nghttp2_session_terminate_session(http2->session, NGHTTP2_ENHANCE_YOUR_CALM);
    pump(http2);
    begin_closing(http2);
}

static void on_read(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    struct http2 *http2 = owner;
    if (conn_queued(conn) > INSIDE_HIGH_QUEUE)
        conn_pause(conn); /* until on_drained: it does not read our answers */

    while (len > 0 && !http2->is_flooded) {
        size_t fed = len < FEED ? len : FEED;
        http2->is_busy = true;
        ssize_t used = nghttp2_session_mem_recv(http2->session, bytes, fed);
        http2->is_busy = false;
        if (used == NGHTTP2_ERR_BAD_CLIENT_MAGIC) {
            begin_closing(http2);
            return;
        }
        if (used < 0) /* it has limits of its own, on CONTINUATION frames for one */
            flooded(http2, "limits");
        bytes += fed;
        len -= fed;
        pump(http2);
    }
    if (http2->is_flooded)
        end_flood(http2);
}

static void on_drained(struct conn *conn, void *owner)
{
    struct http2 *http2 = owner;
    http2->moved_us = now_of(http2);
    conn_resume(conn);
    pump(http2);
}

static void on_close(struct conn *conn, void *owner, enum err why)
{
    (void)conn;
    (void)why;
    struct http2 *http2 = owner;
    server_remove_peer(&http2->peer);
    LIST_FOR_EACH(node, &http2->streams)
    leave_stream(LIST_ENTRY(node, struct http2_stream, node));
    nghttp2_session_del(http2->session);
    http2_block_destroy(http2->block);
    if (!http2->pump_is_deferred)
        mem_free(http2);
}

static const struct conn_ops conn_ops = {
    .on_read = on_read,
    .on_drained = on_drained,
    .on_close = on_close,
};

static void miss_handler_deadline(struct http2_stream *stream)
{
    struct request *request = &stream->request;
    log_error("http", "handler deadline missed", "request=%s", request->id);
    bool is_held = !request_gone(request);
    struct arena *own = request->own;
    request->own = NULL;
    request_refuse(request, 500);
    if (is_held) {
        request->own = request->arena = own; /* the handler's, until it replies */
        stream->state = LATE;
    }
}

static void look_at_stream(struct http2_stream *stream, int64_t now_us)
{
    struct http2 *http2 = stream->http2;
    const struct http_limits *limits = &http2->peer.server->options.limits;
    int64_t age_us = now_us - stream->since_us;
    switch (stream->state) {
    case RECEIVING:
        if (stream->block != NULL && age_us > limits->body_timeout_us)
            refuse_body(stream, 408);
        break;
    case HANDLING:
        if (age_us > limits->handler_timeout_us)
            miss_handler_deadline(stream);
        break;
    case REPLYING:
        if (stream->left != stream->left_before) {
            stream->left_before = stream->left;
            stream->since_us = now_us;
        } else if (stream->left > 0 && age_us > limits->stall_timeout_us) {
            /* Its window stays shut. Fails for want of memory only. */
            (void)nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, stream->id,
                                            NGHTTP2_CANCEL);
        }
        break;
    default:
        break;
    }
}

static bool is_dead(struct http2 *http2, int64_t now_us)
{
    const struct http_limits *limits = &http2->peer.server->options.limits;
    if (!server_is_stuck(&http2->peer))
        http2->moved_us = now_us;
    if (now_us - http2->moved_us > limits->stall_timeout_us)
        return true;
    if (http2->block != NULL && now_us - http2->block->since_us > limits->header_timeout_us)
        return true;
    return list_is_empty(&http2->streams) &&
           now_us - http2->idle_since_us > limits->idle_timeout_us;
}

static void on_deadline(struct inside_peer *peer)
{
    struct http2 *http2 = (struct http2 *)peer;
    int64_t now_us = now_of(http2);
    if (is_dead(http2, now_us)) {
        (void)nghttp2_session_terminate_session(http2->session, NGHTTP2_NO_ERROR);
        pump(http2);
        begin_closing(http2);
        return;
    }
    LIST_FOR_EACH(node, &http2->streams)
    look_at_stream(LIST_ENTRY(node, struct http2_stream, node), now_us);
    pump(http2);
    if (!http2->is_closing)
        server_wait(peer, WAIT_HTTP2);
}

static void on_drain(struct inside_peer *peer)
{
    struct http2 *http2 = (struct http2 *)peer;
    if (http2->is_closing)
        return;
    /* Streams that are open are answered; nghttp2 then wants nothing more, and pump() closes. */
    int32_t last = nghttp2_session_get_last_proc_stream_id(http2->session);
    (void)nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL, 0);
    pump(http2);
}

static const struct inside_peer_ops peer_ops = {
    .on_deadline = on_deadline,
    .on_drain = on_drain,
};

static int make_session(struct http2 *http2)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *options = NULL;
    int failure = nghttp2_session_callbacks_new(&callbacks);
    if (failure == 0)
        failure = nghttp2_option_new(&options);
    if (failure == 0) {
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_closed);
        nghttp2_session_callbacks_set_send_data_callback(callbacks, on_body_due);
        nghttp2_option_set_no_closed_streams(options, 1);
        nghttp2_option_set_max_continuations(options, MAX_CONTINUATIONS);
        failure = nghttp2_session_server_new2(&http2->session, callbacks, http2, options);
    }
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    return failure;
}

void http2_accept(struct http_server *server, struct conn *conn, struct str early)
{
    struct http2 *http2 = mem_zalloc(1, sizeof(*http2));
    http2->peer.ops = &peer_ops;
    list_init(&http2->streams);
    if (make_session(http2) != 0) {
        mem_free(http2);
        conn_set_owner(conn, NULL, NULL);
        conn_close(conn, 0);
        return;
    }
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MAX_STREAMS},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)server->options.limits.max_head},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    (void)nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE, settings, 3);
    server_add_peer(server, &http2->peer, conn);
    http2_out_init(&http2->out, server, conn);
    http2->idle_since_us = http2->moved_us = loop_now_us(server->loop);
    server_wait(&http2->peer, WAIT_HTTP2);
    conn_set_owner(conn, &conn_ops, http2);
    if (early.len > 0)
        on_read(conn, http2, (const uint8_t *)early.at, early.len);
    else
        pump(http2);
}
