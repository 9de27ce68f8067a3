/* The inside of a TLS context, for the files of this folder only. */
#pragma once

#include "loop/tls.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdint.h>

enum { TLS_MAX_ALPN = 64, TLS_TICKET_NAME_LEN = 16, TLS_TICKET_KEY_LEN = 32 };

/* Encrypts session tickets (RFC 5077 §4). */
struct tls_ticket_key {
    uint8_t name[TLS_TICKET_NAME_LEN];
    uint8_t aes[TLS_TICKET_KEY_LEN];
    uint8_t hmac[TLS_TICKET_KEY_LEN];
    int64_t made_us;
};

struct tls_context {
    SSL_CTX *ssl;
    BIO_METHOD *bio;            /* between SSL and struct conn */
    uint8_t alpn[TLS_MAX_ALPN]; /* as on the wire: length, name, … */
    size_t alpn_len;
    /* The one thing that loops share and that changes, once a day: keys must be forgotten, so they
     * cannot be derived from the date. Taken once a handshake. */
    pthread_mutex_t ticket_lock;
    struct tls_ticket_key tickets[2]; /* today's and yesterday's */
};
