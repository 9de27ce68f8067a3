/* The inside of a connection, for the files of this folder only. */
#pragma once

#include "loop/conn.h"
#include "loop/inside.h"
#include "loop/send_queue.h"
#include "loop/tls.h"

#include <openssl/bio.h>
#include <uv.h>

struct listener;

/* Connections of one listener, on whatever loop they are. Frees itself with the last holder. */
struct conn_quota {
    atomic_uint holders; /* the listener, and each connection */
};

enum conn_state {
    CONN_HANDSHAKE, /* TLS; nobody was told of it yet */
    CONN_OPEN,
    CONN_MOVING,    /* between two loops */
    CONN_DRAINING,  /* conn_close() was called; bytes are left */
    CONN_LINGERING, /* all is sent, so is our end; wait for the peer's, or it may lose our bytes */
    CONN_CLOSED,
};

struct conn {
    uv_poll_t poll;   /* first: the handle is the connection */
    struct list node; /* among the loop's */
    struct loop *loop;
    const struct conn_ops *ops;
    void *owner;
    struct listener *listener; /* while state is CONN_HANDSHAKE */
    struct conn_quota *quota;
    struct conn_tls *tls; /* NULL: plain */
    struct send_queue queue;
    struct loop_timer timer; /* of the handshake, or of lingering */
    struct loop *move_to;
    void (*on_moved)(struct conn *, void *arg);
    void *move_arg;
    int fd;
    uint8_t state;  /* enum conn_state */
    uint8_t why;    /* enum err, for on_close */
    uint8_t events; /* what poll waits for */
    bool has_poll : 1;
    bool paused : 1;
    bool ended : 1;   /* the peer's direction */
    bool blocked : 1; /* the system's send buffer is full */
    bool flush_is_deferred : 1;
    bool resume_is_deferred : 1;
    bool drained_is_due : 1;
    struct conn_address peer;
};

/* What the listener knows of a new connection. */
struct conn_birth {
    int fd; /* non-blocking; the connection's from here on */
    struct conn_address peer;
    struct conn_quota *quota; /* takes over one holder */
    struct tls_context *tls;
    int64_t handshake_us;
    struct listener *listener;
};

MUST_USE enum err conn_create(struct loop *, const struct conn_birth *, struct conn **out);

/* Closes at once, whatever is queued; on_close follows at the end of the turn. */
void conn_abandon(struct conn *, enum err why);
void conn_abandon_all(struct loop *);
void conn_abandon_handshakes(struct loop *, const struct listener *);

void conn_quota_leave(struct conn_quota *);

/* Hands bytes to the owner. False when it may get no more now: paused, closing or moving. */
bool conn_deliver(struct conn *, const uint8_t *bytes, size_t len);

/* The peer's direction is closed. */
void conn_end(struct conn *);

/* As send(), but 0 where the system's buffer is full and -1 after it closed the connection. */
ssize_t conn_send(struct conn *, struct iovec *, size_t count);

/* --- TLS, in conn_tls.c --- */

BIO_METHOD *conn_tls_bio(void); /* for the context; freed with BIO_meth_free() */

struct conn_tls *conn_tls_create(struct conn *, struct tls_context *);
void conn_tls_destroy(struct conn_tls *); /* NULL is fine */
const char *conn_tls_alpn(const struct conn_tls *);
size_t conn_tls_queued(const struct conn_tls *); /* encrypted, not yet sent */

/* Bytes from the peer; keeps what the owner cannot take now. With none: goes on with those. */
void conn_tls_read(struct conn *, const uint8_t *bytes, size_t len);

/* Encrypts and sends what is queued, until the system's buffer is full. */
void conn_tls_flush(struct conn *);

/* --- listener.c --- */

/* The connection is ready for its owner. */
void listener_accepted(struct listener *, struct conn *);
/* A peer on a TLS port did not speak TLS. */
void listener_mixed_up(struct listener *, const struct conn *, uint8_t first_byte);
