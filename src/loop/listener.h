/* Accepting connections: one listener per loop and address. */
#pragma once

#include "loop/conn.h"
#include "loop/tls.h"

struct listener;

struct listener_options {
    const char *host; /* numeric */
    uint16_t port;    /* 0: the system chooses, see listener_port() */
    /* Not NULL: a UNIX-domain socket of this name, mode 0600, instead of host and port. A file that
     * nobody listens on any more is replaced; it is removed with the listener. */
    const char *path;
    struct tls_context *tls;  /* NULL for plain; must outlive the listener and its connections */
    int64_t handshake_us;     /* time for the TLS handshake; 0: CONN_TLS_HANDSHAKE_US */
    unsigned max_connections; /* of this listener; more are accepted and closed at once */
    /* For log lines: "rtmp", "http"; must outlive the listener. A peer that does not start with a
     * TLS record (0x16) on a TLS port is closed with one line that names the mix-up. */
    const char *protocol;
    /* A connection is ready: after accept, or after its TLS handshake. Set the owner here; one that
     * has none afterwards is closed. */
    void (*on_accept)(struct conn *, void *arg);
    void *arg;
};

/**
 * Listen with SO_REUSEPORT, so that every loop can have its own listener on one address.
 *
 * The first one must be that of loop 0: it finds out whether another process listens there, which
 * SO_REUSEPORT would hide.
 *
 * @return ERR_CONFLICT: the address is in use; ERR_DENIED: privileges; ERR_MALFORMED: no such
 *         address
 */
MUST_USE enum err listener_create(struct loop *, const struct listener_options *,
                                  struct listener **out);
uint16_t listener_port(const struct listener *);

/* Its connections live on, but for those in their TLS handshake. On its loop, or after loop_run().
 * NULL is fine. */
void listener_destroy(struct listener *);
