/*
 * TLS of a connection. SSL reads and writes through a BIO that is no socket: it takes what conn.c
 * received from `in`, and adds records to the loop's cipher buffer, which goes out in one piece
 * when it is full or all is encrypted. So a small answer costs one system call, and an idle
 * connection has no buffer.
 *
 * Bytes are encrypted only as the system takes them: what a slow peer holds up is references to
 * plain bytes, and at most one cipher buffer of its own.
 */
#include "base/mem.h"
#include "log/log.h"
#include "loop/conn_inside.h"
#include "loop/tls_inside.h"

#include <openssl/err.h>
#include <string.h>

enum {
    RECORD_PLAIN = 16384,             /* RFC 8446 §5.1 */
    RECORD_ROOM = RECORD_PLAIN + 256, /* encrypted, §5.2 */
    WRITE_BUDGET = 2 << 20,
    /* Records in one read that carry no data. Each key update costs some 10 us, so a read full of
     * them would hold up the loop; an honest peer sends one in a great while. */
    MAX_CONTROL_RECORDS = 16,
    /* A peer can make us answer, with alerts and key updates, without reading the answers. */
    MAX_UNSENT = INSIDE_CIPHER_SIZE + (64 << 10),
};

struct conn_tls {
    SSL *ssl;
    const uint8_t *in; /* during conn_tls_read() */
    size_t in_len;
    uint8_t *held; /* encrypted bytes that came before a pause or move */
    size_t held_len;
    uint8_t *unsent; /* records that the system did not take yet */
    size_t unsent_at;
    size_t unsent_len;
    bool is_greeted; /* the first byte was seen */
    bool end_is_sent;
    char alpn[16];
};

/* --- The BIO --- */

static int bio_read(BIO *bio, char *out, int len)
{
    struct conn_tls *tls = ((struct conn *)BIO_get_data(bio))->tls;
    BIO_clear_retry_flags(bio);
    if (tls->in_len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t taken = (size_t)len < tls->in_len ? (size_t)len : tls->in_len;
    memcpy(out, tls->in, taken);
    tls->in += taken;
    tls->in_len -= taken;
    return (int)taken;
}

static int bio_write(BIO *bio, const char *bytes, int len)
{
    struct loop *loop = ((struct conn *)BIO_get_data(bio))->loop;
    BIO_clear_retry_flags(bio);
    size_t room = INSIDE_CIPHER_SIZE - loop->cipher_len;
    if (room == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    size_t taken = (size_t)len < room ? (size_t)len : room;
    memcpy(loop->cipher + loop->cipher_len, bytes, taken);
    loop->cipher_len += taken;
    return (int)taken;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *conn_tls_bio(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "conn");
    if (method == NULL)
        return NULL;
    /* Setters of fields; they cannot fail. */
    (void)BIO_meth_set_read(method, bio_read);
    (void)BIO_meth_set_write(method, bio_write);
    (void)BIO_meth_set_ctrl(method, bio_control);
    return method;
}

struct conn_tls *conn_tls_create(struct conn *conn, struct tls_context *context)
{
    SSL *ssl = SSL_new(context->ssl);
    BIO *bio = ssl != NULL ? BIO_new(context->bio) : NULL;
    if (bio == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, conn);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio); /* takes over the one reference */
    SSL_set_accept_state(ssl);
    struct conn_tls *tls = mem_zalloc(1, sizeof(*tls));
    tls->ssl = ssl;
    return tls;
}

void conn_tls_destroy(struct conn_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    mem_free(tls->held);
    mem_free(tls->unsent);
    mem_free(tls);
}

const char *conn_tls_alpn(const struct conn_tls *tls)
{
    return tls->alpn;
}

size_t conn_tls_queued(const struct conn_tls *tls)
{
    return tls->unsent_len;
}

/* --- Writing --- */

static void keep_unsent(struct conn *conn, const uint8_t *records, size_t len)
{
    struct conn_tls *tls = conn->tls;
    if (tls->unsent_len + len > MAX_UNSENT) {
        conn_abandon(conn, ERR_LIMIT);
        return;
    }
    if (tls->unsent_at > 0)
        memmove(tls->unsent, tls->unsent + tls->unsent_at, tls->unsent_len);
    tls->unsent_at = 0;
    tls->unsent = mem_grow(tls->unsent, tls->unsent_len + len, 1);
    memcpy(tls->unsent + tls->unsent_len, records, len);
    tls->unsent_len += len;
}

static void send_unsent(struct conn *conn)
{
    struct conn_tls *tls = conn->tls;
    if (tls->unsent_len == 0)
        return;
    struct iovec piece = {.iov_base = tls->unsent + tls->unsent_at, .iov_len = tls->unsent_len};
    ssize_t sent = conn_send(conn, &piece, 1);
    if (sent < 0)
        return;
    tls->unsent_at += (size_t)sent;
    tls->unsent_len -= (size_t)sent;
    if (tls->unsent_len > 0)
        return;
    mem_free(tls->unsent);
    tls->unsent = NULL;
    tls->unsent_at = 0;
}

/* Sends the records in the loop's buffer, which another connection may need next. */
static void send_records(struct conn *conn)
{
    struct loop *loop = conn->loop;
    size_t len = loop->cipher_len;
    loop->cipher_len = 0;
    if (len == 0 || conn->state == CONN_CLOSED)
        return;
    ssize_t sent = 0;
    if (conn->tls->unsent_len == 0) {
        struct iovec piece = {.iov_base = loop->cipher, .iov_len = len};
        sent = conn_send(conn, &piece, 1);
    }
    if (sent >= 0 && (size_t)sent < len)
        keep_unsent(conn, loop->cipher + sent, len - (size_t)sent);
}

/* The next plain bytes, at most a record full. Small slices are copied together: a record costs
 * more than a copy. */
static struct iovec next_record(const struct conn *conn)
{
    struct iovec pieces[16];
    size_t count = send_queue_gather(&conn->queue, pieces, sizeof(pieces) / sizeof(pieces[0]));
    if (count == 1 || pieces[0].iov_len >= RECORD_PLAIN) {
        if (pieces[0].iov_len > RECORD_PLAIN)
            pieces[0].iov_len = RECORD_PLAIN;
        return pieces[0];
    }
    struct iovec record = {.iov_base = conn->loop->plain, .iov_len = 0};
    for (size_t i = 0; i < count && record.iov_len < RECORD_PLAIN; i++) {
        size_t room = RECORD_PLAIN - record.iov_len;
        size_t len = pieces[i].iov_len < room ? pieces[i].iov_len : room;
        memcpy(conn->loop->plain + record.iov_len, pieces[i].iov_base, len);
        record.iov_len += len;
    }
    return record;
}

static void encrypt_some(struct conn *conn)
{
    const struct loop *loop = conn->loop;
    ERR_clear_error(); /* SSL_get_error() looks at the thread's queue */
    while (conn->queue.len > 0 && loop->cipher_len + RECORD_ROOM <= INSIDE_CIPHER_SIZE) {
        struct iovec record = next_record(conn);
        int written = SSL_write(conn->tls->ssl, record.iov_base, (int)record.iov_len);
        if (written <= 0) { /* there is room, so it cannot be for want of it */
            conn_abandon(conn, ERR_IO);
            return;
        }
        send_queue_consume(&conn->queue, (size_t)written);
    }
}

void conn_tls_flush(struct conn *conn)
{
    struct conn_tls *tls = conn->tls;
    send_unsent(conn);
    size_t budget = WRITE_BUDGET;
    while (conn->state != CONN_CLOSED && conn->queue.len > 0 && !conn->blocked && budget > 0) {
        size_t before = conn->queue.len;
        encrypt_some(conn);
        size_t done = before - conn->queue.len;
        budget -= done < budget ? done : budget;
        send_records(conn);
    }
    if (conn->state == CONN_DRAINING && conn->queue.len == 0 && !tls->end_is_sent) {
        tls->end_is_sent = true;
        ERR_clear_error();
        (void)SSL_shutdown(tls->ssl); /* the peer's answer is not waited for */
        send_records(conn);
    }
}

/* --- Reading --- */

static void fail(struct conn *conn)
{
    char reason[LOG_QUOTE_MAX] = "";
    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
    char network[CONN_NETWORK_LEN];
    conn_network(&conn->peer, network);
    log_debug("tls", "connection failed", "peer=%s reason=%s", network,
              log_quote(str_of(reason)).at);
    ERR_clear_error();
    send_records(conn); /* the alert */
    conn_abandon(conn, ERR_MALFORMED);
}

static void shake_hands(struct conn *conn)
{
    struct conn_tls *tls = conn->tls;
    if (!tls->is_greeted) {
        tls->is_greeted = true;
        if (tls->in[0] != SSL3_RT_HANDSHAKE) {
            listener_mixed_up(conn->listener, conn, tls->in[0]);
            conn_abandon(conn, ERR_MALFORMED);
            return;
        }
    }
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);
    if (result != 1) {
        if (SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ)
            fail(conn);
        return;
    }
    const uint8_t *alpn = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(tls->ssl, &alpn, &len);
    if (len < sizeof(tls->alpn) && len > 0)
        memcpy(tls->alpn, alpn, len);
    send_records(conn); /* before the owner's */
    if (conn->state == CONN_CLOSED)
        return;
    struct listener *listener = conn->listener;
    loop_timer_stop(&conn->timer);
    conn->listener = NULL;
    conn->state = CONN_OPEN;
    listener_accepted(listener, conn);
}

/* What a read without data means; false when there is nothing more to read. */
static bool go_on(struct conn *conn, int result, unsigned *control_records)
{
    switch (SSL_get_error(conn->tls->ssl, result)) {
    case SSL_ERROR_WANT_READ: /* part of a record, or one without data */
        if (++*control_records <= MAX_CONTROL_RECORDS)
            return true;
        conn_abandon(conn, ERR_LIMIT);
        return false;
    case SSL_ERROR_ZERO_RETURN:
        conn->tls->in_len = 0;
        conn_end(conn);
        return false;
    default:
        fail(conn);
        return false;
    }
}

static void decrypt(struct conn *conn)
{
    struct conn_tls *tls = conn->tls;
    unsigned control_records = 0;
    bool wants_more = conn->state == CONN_OPEN && !conn->paused;
    while (wants_more && tls->in_len > 0) {
        ERR_clear_error();
        int len = SSL_read(tls->ssl, conn->loop->plain, INSIDE_PLAIN_SIZE);
        if (len > 0)
            wants_more = conn_deliver(conn, conn->loop->plain, (size_t)len);
        else
            wants_more = go_on(conn, len, &control_records);
    }
}

/* Puts `bytes` behind those held. */
static void hold(struct conn_tls *tls, const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return;
    tls->held = mem_grow(tls->held, tls->held_len + len, 1);
    memcpy(tls->held + tls->held_len, bytes, len);
    tls->held_len += len;
}

void conn_tls_read(struct conn *conn, const uint8_t *bytes, size_t len)
{
    struct conn_tls *tls = conn->tls;
    uint8_t *held = NULL;
    if (tls->held_len > 0) {
        hold(tls, bytes, len);
        held = tls->held;
        bytes = held;
        len = tls->held_len;
        tls->held = NULL;
        tls->held_len = 0;
    }
    tls->in = bytes;
    tls->in_len = len;
    if (conn->state == CONN_HANDSHAKE && len > 0)
        shake_hands(conn);
    if (conn->state != CONN_HANDSHAKE)
        decrypt(conn);
    send_records(conn); /* of the handshake, or what answers a key update */
    if (conn->state == CONN_OPEN || conn->state == CONN_MOVING)
        hold(tls, tls->in, tls->in_len); /* the owner paused it */
    tls->in_len = 0;
    mem_free(held);
}
