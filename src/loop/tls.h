/*
 * TLS contexts (OpenSSL): certificate, versions, ALPN. The handshake and the records are conn.h's
 * affair.
 *
 * TLS 1.2 and 1.3, forward secrecy only, no renegotiation, no 0-RTT, no client certificates.
 */
#pragma once

#include "base/err.h"

struct tls_context;

struct tls_options {
    const char *cert_file; /* PEM chain */
    const char *key_file;  /* PEM */
    /* Protocols offered by ALPN in order of preference, NULL-terminated; NULL for none. A client
     * that offers none of them is served without ALPN. */
    const char *const *alpn;
};

/* Logs what is wrong with a file. Shared by all loops, read-only once made. */
MUST_USE enum err tls_context_create(const struct tls_options *, struct tls_context **out);
void tls_context_destroy(struct tls_context *);

/* Writes a self-signed P-256 certificate for localhost, 127.0.0.1 and ::1, valid for a year, to two
 * new files (mode 0600). For development. */
MUST_USE enum err tls_write_development_certificate(const char *cert_file, const char *key_file);
