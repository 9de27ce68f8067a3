#include "loop/conn.h"

#include "base/mem.h"
#include "loop/conn_inside.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Per turn, so that one fast peer cannot keep the others waiting. */
enum { WRITE_BUDGET = 2 << 20, MAX_PIECES = 64 };

void conn_set_owner(struct conn *conn, const struct conn_ops *ops, void *owner)
{
    conn->ops = ops;
    conn->owner = owner;
}

struct loop *conn_loop(const struct conn *conn)
{
    return conn->loop;
}

const struct conn_address *conn_peer(const struct conn *conn)
{
    return &conn->peer;
}

bool conn_is_tls(const struct conn *conn)
{
    return conn->tls != NULL;
}

const char *conn_alpn(const struct conn *conn)
{
    return conn->tls != NULL ? conn_tls_alpn(conn->tls) : "";
}

size_t conn_queued(const struct conn *conn)
{
    return conn->queue.len + (conn->tls != NULL ? conn_tls_queued(conn->tls) : 0);
}

void conn_quota_leave(struct conn_quota *quota)
{
    if (atomic_fetch_sub_explicit(&quota->holders, 1, memory_order_acq_rel) == 1)
        mem_free(quota);
}

/* --- The end --- */

static void free_conn(struct loop *loop, void *arg)
{
    (void)loop;
    struct conn *conn = arg;
    list_remove(&conn->node);
    conn_tls_destroy(conn->tls);
    send_queue_clear(&conn->queue);
    conn_quota_leave(conn->quota);
    mem_free(conn);
}

static void report_closed(struct loop *loop, void *arg)
{
    struct conn *conn = arg;
    if (conn->ops != NULL && conn->ops->on_close != NULL)
        conn->ops->on_close(conn, conn->owner, conn->why);
    loop_watch(loop, "close");
    loop_defer(loop, free_conn, conn); /* behind a flush that may be deferred */
}

static void on_poll_closed(uv_handle_t *poll)
{
    struct conn *conn = (struct conn *)poll;
    report_closed(conn->loop, conn);
}

void conn_abandon(struct conn *conn, enum err why)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_MOVING)
        return; /* what is wrong with one that moves is found where it arrives */
    conn->state = CONN_CLOSED;
    conn->why = (uint8_t)why;
    loop_timer_stop(&conn->timer);
    send_queue_clear(&conn->queue);
    if (conn->has_poll)
        uv_close((uv_handle_t *)&conn->poll, on_poll_closed);
    else
        loop_defer(conn->loop, report_closed, conn);
    (void)close(conn->fd); /* whatever it says, the descriptor is gone */
    conn->fd = -1;
}

void conn_abandon_all(struct loop *loop)
{
    LIST_FOR_EACH(node, &loop->conns)
    conn_abandon(LIST_ENTRY(node, struct conn, node), ERR_CLOSED);
}

void conn_abandon_handshakes(struct loop *loop, const struct listener *listener)
{
    LIST_FOR_EACH(node, &loop->conns)
    {
        struct conn *conn = LIST_ENTRY(node, struct conn, node);
        if (conn->state == CONN_HANDSHAKE && conn->listener == listener)
            conn_abandon(conn, ERR_CLOSED);
    }
}

/* --- Events --- */

static bool is_reading(const struct conn *conn)
{
    if (conn->ended || conn->state == CONN_CLOSED || conn->state == CONN_MOVING)
        return false;
    return conn->state != CONN_OPEN || !conn->paused; /* what comes while closing is discarded */
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void update_events(struct conn *conn)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_MOVING)
        return;
    int events = (is_reading(conn) ? UV_READABLE : 0) | (conn->blocked ? UV_WRITABLE : 0);
    if (events == conn->events)
        return;
    conn->events = (uint8_t)events;
    if (events != 0)
        (void)uv_poll_start(&conn->poll, events, on_poll); /* fails only while closing */
    else
        (void)uv_poll_stop(&conn->poll); /* never fails */
}

/* --- Writing --- */

ssize_t conn_send(struct conn *conn, struct iovec *pieces, size_t count)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += pieces[i].iov_len;
    const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t sent = 0;
    do {
        sent = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) {
        conn_abandon(conn, ERR_CLOSED);
        return -1;
    }
    conn->blocked = sent < (ssize_t)wanted;
    return sent < 0 ? 0 : sent;
}

static void flush_plain(struct conn *conn)
{
    size_t budget = WRITE_BUDGET;
    while (conn->queue.len > 0 && budget > 0 && !conn->blocked) {
        struct iovec pieces[MAX_PIECES];
        size_t count = send_queue_gather(&conn->queue, pieces, MAX_PIECES);
        ssize_t sent = conn_send(conn, pieces, count);
        if (sent < 0)
            return;
        send_queue_consume(&conn->queue, (size_t)sent);
        budget -= (size_t)sent < budget ? (size_t)sent : budget;
    }
}

static void flush(struct conn *conn);

static void flush_deferred(struct loop *loop, void *arg)
{
    struct conn *conn = arg;
    assert(conn->loop == loop);
    (void)loop;
    conn->flush_is_deferred = false;
    if (!conn->blocked)
        flush(conn);
}

static void flush_later(struct conn *conn)
{
    if (conn->flush_is_deferred)
        return;
    conn->flush_is_deferred = true;
    loop_defer(conn->loop, flush_deferred, conn);
}

/* Closing outright would make the system answer late bytes with a reset, on which the peer may drop
 * what we sent last. So we close our direction, and wait for the peer's. */
static void linger(struct conn *conn)
{
    if (conn->ended || shutdown(conn->fd, SHUT_WR) != 0) {
        conn_abandon(conn, ERR_CLOSED);
        return;
    }
    conn->state = CONN_LINGERING;
}

static void flush(struct conn *conn)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_MOVING)
        return;
    if (conn->tls != NULL)
        conn_tls_flush(conn);
    else
        flush_plain(conn);
    if (conn->state != CONN_OPEN && conn->state != CONN_DRAINING)
        return;
    if (conn_queued(conn) > 0) {
        if (!conn->blocked)
            flush_later(conn); /* the budget is used up */
    } else if (conn->state == CONN_DRAINING) {
        linger(conn);
    } else if (conn->drained_is_due) {
        conn->drained_is_due = false;
        if (conn->ops->on_drained != NULL)
            conn->ops->on_drained(conn, conn->owner);
    }
    update_events(conn);
}

void conn_write(struct conn *conn, const struct slice *slices, size_t count)
{
    if (conn->state != CONN_OPEN)
        return;
    send_queue_put(&conn->queue, slices, count);
    conn->drained_is_due = true;
    if (!conn->blocked)
        flush_later(conn);
}

/* --- Reading --- */

bool conn_deliver(struct conn *conn, const uint8_t *bytes, size_t len)
{
    conn->ops->on_read(conn, conn->owner, bytes, len);
    return conn->state == CONN_OPEN && !conn->paused;
}

void conn_end(struct conn *conn)
{
    conn->ended = true;
    if (conn->state == CONN_OPEN && conn->ops->on_end != NULL)
        conn->ops->on_end(conn, conn->owner);
    else if (conn->state != CONN_DRAINING)
        conn_abandon(conn, ERR_CLOSED);
}

static void take(struct conn *conn, const uint8_t *bytes, size_t len)
{
    if (conn->state != CONN_OPEN && conn->state != CONN_HANDSHAKE)
        return; /* closing */
    if (conn->tls != NULL)
        conn_tls_read(conn, bytes, len);
    else
        (void)conn_deliver(conn, bytes, len); /* the caller looks at the state anyway */
}

static void read_some(struct conn *conn)
{
    size_t len = INSIDE_READ_SIZE;
    for (size_t budget = CONN_READ_BUDGET; budget >= INSIDE_READ_SIZE && len == INSIDE_READ_SIZE;
         budget -= INSIDE_READ_SIZE) {
        if (!is_reading(conn))
            return;
        ssize_t got = recv(conn->fd, conn->loop->read, INSIDE_READ_SIZE, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) {
            conn_abandon(conn, ERR_CLOSED);
            return;
        }
        if (got == 0) {
            conn_end(conn);
            return;
        }
        len = (size_t)got;
        take(conn, conn->loop->read, len);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct conn *conn = (struct conn *)poll;
    if (status < 0) {
        conn->events = 0; /* libuv stopped the poll; reading finds out why, or ends it */
        if (!is_reading(conn)) {
            conn_abandon(conn, ERR_CLOSED);
            return;
        }
        events = UV_READABLE;
    }
    if ((events & UV_WRITABLE) != 0) {
        conn->blocked = false;
        flush(conn);
    }
    if ((events & UV_READABLE) != 0)
        read_some(conn);
    update_events(conn);
    loop_watch(conn->loop, "i/o");
}

void conn_pause(struct conn *conn)
{
    conn->paused = true;
    update_events(conn);
}

static void resume_tls(struct loop *loop, void *arg)
{
    (void)loop;
    struct conn *conn = arg;
    conn->resume_is_deferred = false;
    if (conn->state == CONN_OPEN && !conn->paused)
        conn_tls_read(conn, NULL, 0);
    update_events(conn);
}

void conn_resume(struct conn *conn)
{
    if (!conn->paused)
        return;
    conn->paused = false;
    update_events(conn);
    if (conn->tls != NULL && !conn->resume_is_deferred) {
        conn->resume_is_deferred = true;
        loop_defer(conn->loop, resume_tls, conn); /* bytes that came before the pause */
    }
}

/* --- Birth, moving, closing --- */

static void on_time_out(struct loop *loop, void *arg)
{
    (void)loop;
    struct conn *conn = arg;
    conn_abandon(conn, conn->state == CONN_HANDSHAKE ? ERR_TIMEOUT : ERR_CLOSED);
}

enum err conn_create(struct loop *loop, const struct conn_birth *birth, struct conn **out)
{
    struct conn *conn = mem_zalloc(1, sizeof(*conn));
    conn->loop = loop;
    conn->fd = birth->fd;
    conn->peer = birth->peer;
    if (uv_poll_init(&loop->uv, &conn->poll, conn->fd) != 0) {
        (void)close(conn->fd); /* whatever it says, the descriptor is gone */
        conn_quota_leave(birth->quota);
        mem_free(conn);
        return ERR_IO;
    }
    conn->has_poll = true;
    conn->quota = birth->quota;
    conn->state = CONN_OPEN;
    list_append(&loop->conns, &conn->node);
    if (birth->tls != NULL) {
        conn->state = CONN_HANDSHAKE;
        conn->listener = birth->listener;
        conn->tls = conn_tls_create(conn, birth->tls);
        loop_timer_start(loop, &conn->timer, birth->handshake_us, on_time_out, conn);
        if (conn->tls == NULL)
            conn_abandon(conn, ERR_IO);
    }
    update_events(conn);
    *out = conn;
    return ERR_OK;
}

void conn_close(struct conn *conn, int64_t linger_us)
{
    if (conn->state == CONN_CLOSED || conn->state == CONN_MOVING)
        return;
    bool is_first = conn->state == CONN_OPEN;
    if (is_first)
        conn->state = CONN_DRAINING;
    if (is_first || conn->timer.due_us > loop_now_us(conn->loop) + linger_us)
        loop_timer_start(conn->loop, &conn->timer, linger_us, on_time_out, conn);
    if (is_first && !conn->blocked)
        flush_later(conn);
    update_events(conn);
}

static void arrive(struct loop *loop, void *arg)
{
    struct conn *conn = arg;
    conn->loop = loop;
    conn->has_poll = uv_poll_init(&loop->uv, &conn->poll, conn->fd) == 0;
    conn->state = CONN_OPEN;
    conn->events = 0;
    list_append(&loop->conns, &conn->node);
    if (!conn->has_poll)
        conn_abandon(conn, ERR_IO); /* on_close follows on_moved */
    conn->on_moved(conn, conn->move_arg);
    if (conn->tls != NULL && is_reading(conn) && conn->state == CONN_OPEN)
        conn_tls_read(conn, NULL, 0); /* bytes that came before the move */
    if (conn->state == CONN_OPEN && !conn->blocked && conn_queued(conn) > 0)
        flush_later(conn);
    update_events(conn);
}

static void send_off(struct loop *loop, void *arg)
{
    (void)loop;
    struct conn *conn = arg;
    list_remove(&conn->node);
    loop_post(conn->move_to, arrive, conn);
}

static void on_detached(uv_handle_t *poll)
{
    struct conn *conn = (struct conn *)poll;
    loop_defer(conn->loop, send_off, conn); /* behind a flush that may be deferred */
}

void conn_move(struct conn *conn, struct loop *to, void (*on_moved)(struct conn *, void *arg),
               void *arg)
{
    assert(loop_is_current(conn->loop));
    if (conn->state != CONN_OPEN) {
        assert(conn->state != CONN_MOVING);
        return; /* its on_close is on the way */
    }
    conn->state = CONN_MOVING;
    conn->move_to = to;
    conn->on_moved = on_moved;
    conn->move_arg = arg;
    uv_close((uv_handle_t *)&conn->poll, on_detached);
}
