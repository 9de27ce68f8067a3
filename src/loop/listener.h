/* Accepting connections: one listener per loop and address. */
#pragma once

#include "loop/conn.h"
#include "loop/tls.h"

struct listener;

struct listener_options {
    const char *host;         /* numeric */
    uint16_t port;            /* 0: the system chooses, see listener_port() */
    struct tls_context *tls;  /* NULL for plain; must outlive the listener */
    unsigned max_connections; /* of this listener; more are accepted and closed at once */
    /* Peek at the first byte on a TLS port: a peer that does not start with a TLS record (0x16) is
     * closed with one log line that names the mix-up. */
    const char *protocol; /* for log lines: "rtmp", "http" */
    /* A connection is ready: after accept, or after its TLS handshake. Set the owner here. */
    void (*on_accept)(struct conn *, void *arg);
    void *arg;
};

/* Listens with SO_REUSEPORT, so that every loop can have its own listener on one address.
 * ERR_CONFLICT: the address is in use; ERR_DENIED: privileges; ERR_MALFORMED: no such address. */
MUST_USE enum err listener_create(struct loop *, const struct listener_options *,
                                  struct listener **out);
uint16_t listener_port(const struct listener *);
void listener_destroy(struct listener *); /* its connections live on */
