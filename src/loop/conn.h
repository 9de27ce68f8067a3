/*
 * Stream connections: a TCP socket, plain or under TLS. listener.h accepts them.
 *
 * A connection belongs to the loop that accepted it until conn_move(). Reads go into a buffer of
 * the loop's, so an idle connection holds none; writes are references to chunks, gathered and sent
 * once per loop turn. At most CONN_READ_BUDGET bytes are read from one connection in a turn.
 */
#pragma once

#include "base/err.h"
#include "base/slice.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONN_READ_BUDGET = 256 << 10,
    CONN_TLS_HANDSHAKE_US = 10000000,
    CONN_ADDRESS_LEN = 46, /* an IPv6 address as text, with its NUL */
    CONN_NETWORK_LEN = CONN_ADDRESS_LEN + 4,
};

struct conn;

struct conn_address {
    char text[CONN_ADDRESS_LEN]; /* 198.51.100.7 or 2001:db8::1; v4-mapped ones as v4 */
    uint16_t port;
    bool is_loopback;
};

/*
 * What the owner is told, always on the connection's loop. `owner` is what conn_set_owner() was
 * given.
 */
struct conn_ops {
    /* Bytes came. They are valid during the call only. */
    void (*on_read)(struct conn *, void *owner, const uint8_t *bytes, size_t len);
    /* The send queue fell to zero after conn_write(). May be NULL. */
    void (*on_drained)(struct conn *, void *owner);
    /* The peer closed its direction. NULL: the connection is closed. */
    void (*on_end)(struct conn *, void *owner);
    /* The last call: the connection is gone when it returns. ERR_CLOSED: by the peer or by
     * conn_close(); ERR_IO; ERR_TIMEOUT (TLS handshake), ERR_MALFORMED (TLS),
     * ERR_LIMIT (TLS records that carry no data, without end). */
    void (*on_close)(struct conn *, void *owner, enum err why);
};

void conn_set_owner(struct conn *, const struct conn_ops *, void *owner);
struct loop *conn_loop(const struct conn *);
const struct conn_address *conn_peer(const struct conn *);

/* What a log shows of a peer, its network: 198.51.100.0/24, 2001:db8:1::/48 (security rule SE-35).
 */
void conn_network(const struct conn_address *, char out[CONN_NETWORK_LEN]);

bool conn_is_tls(const struct conn *);
const char *conn_alpn(const struct conn *); /* "" when none was negotiated */

/* Queue bytes; takes its own references. Sent at the end of the turn. Ignored once closing. */
void conn_write(struct conn *, const struct slice *slices, size_t count);

size_t conn_queued(const struct conn *); /* bytes not yet taken by the system */

/* Stop and go on reading: a peer that sends faster than we can use is held back by TCP. */
void conn_pause(struct conn *);
void conn_resume(struct conn *);

/* Sends what is queued (for at most `linger_us`), then closes. on_close follows, never inside this
 * call. May be called again with a shorter time. */
void conn_close(struct conn *, int64_t linger_us);

/**
 * Give the connection to another loop.
 *
 * Call it outside on_read's nested calls or as the last thing in on_read. From here on the owner
 * must not touch the connection on the old loop; `on_moved(new loop, conn, arg)` runs on the new
 * one, and no other callback comes before it. Queued bytes and TLS state move too.
 */
void conn_move(struct conn *, struct loop *to, void (*on_moved)(struct conn *, void *arg),
               void *arg);
