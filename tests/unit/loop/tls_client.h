/* What the tests of TLS share: certificates in a folder of their own, and blocking TLS clients. */
#pragma once

#include "loop/tls.h"
#include "site.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

struct credentials {
    char folder[32];
    char cert[48];
    char key[48];
};

static inline void credentials_make(struct credentials *files)
{
    (void)snprintf(files->folder, sizeof(files->folder), "/tmp/klieg-tls-XXXXXX");
    CHECK(mkdtemp(files->folder) != NULL);
    (void)snprintf(files->cert, sizeof(files->cert), "%.31s/cert.pem", files->folder);
    (void)snprintf(files->key, sizeof(files->key), "%.31s/key.pem", files->folder);
    CHECK_EQ(ERR_OK, tls_write_development_certificate(files->cert, files->key));
}

static inline void credentials_remove(const struct credentials *files)
{
    (void)unlink(files->cert);
    (void)unlink(files->key);
    CHECK_EQ(0, rmdir(files->folder));
}

static inline struct tls_context *make_context(const char *const *alpn)
{
    struct credentials files;
    credentials_make(&files);
    struct tls_context *context = NULL;
    const struct tls_options options = {
        .cert_file = files.cert, .key_file = files.key, .alpn = alpn};
    CHECK_EQ(ERR_OK, tls_context_create(&options, &context));
    credentials_remove(&files);
    return context;
}

/* A site that speaks TLS. */
static inline void site_open_tls(struct site *site, const struct conn_ops *ops,
                                 struct tls_context *context)
{
    site_open(site, ops, &(struct listener_options){.tls = context});
}

struct client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

/* A client that has not spoken yet; a test may set it up further. */
static inline struct client client_prepare(const struct site *site, int version)
{
    struct client client = {.context = SSL_CTX_new(TLS_client_method())};
    if (version != 0) {
        SSL_CTX_set_min_proto_version(client.context, version);
        SSL_CTX_set_max_proto_version(client.context, version);
    }
    client.ssl = SSL_new(client.context);
    client.fd = site_connect(site);
    SSL_set_fd(client.ssl, client.fd);
    return client;
}

static inline struct client client_connect(const struct site *site, int version)
{
    struct client client = client_prepare(site, version);
    CHECK_EQ(1, SSL_connect(client.ssl));
    return client;
}

static inline bool client_send(struct client *client, const void *bytes, size_t len)
{
    return SSL_write(client->ssl, bytes, (int)len) == (int)len;
}

static inline size_t client_receive(struct client *client, void *out, size_t len)
{
    size_t got = 0;
    while (got < len) {
        int some = SSL_read(client->ssl, (uint8_t *)out + got, (int)(len - got));
        if (some <= 0)
            break;
        got += (size_t)some;
    }
    return got;
}

/* The server said that it has no more. */
static inline bool client_is_at_end(struct client *client)
{
    uint8_t byte = 0;
    int result = SSL_read(client->ssl, &byte, 1);
    return result <= 0 && SSL_get_error(client->ssl, result) == SSL_ERROR_ZERO_RETURN;
}

/* Without a word of TLS. */
static inline void client_drop(struct client *client)
{
    ERR_clear_error();
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
}

static inline void client_close(struct client *client)
{
    ERR_clear_error();
    (void)SSL_shutdown(client->ssl);
    client_drop(client);
}
