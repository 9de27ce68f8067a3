#include "loop/tls.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "log/log.h"
#include "loop/conn_inside.h"
#include "loop/tls_inside.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

/* Forward secrecy, authenticated encryption. TLS 1.3 has nothing else. */
#define TLS_1_2_CIPHERS                                          \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define TLS_1_3_CIPHERS "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

/* Media rule SE-34. A ticket lives as long as its key is kept: one to two days. */
static const int64_t ticket_key_us = 86400LL * 1000000;

static const unsigned char session_context[] = "klieg"; /* sessions are of this program */

static void log_failure(const char *what, const char *file)
{
    char reason[LOG_QUOTE_MAX] = "";
    ERR_error_string_n(ERR_peek_error(), reason, sizeof(reason));
    log_error("tls", what, "file=%s reason=%s", file, log_quote(str_of(reason)).at);
    ERR_clear_error();
}

/* --- Session tickets --- */

static void make_ticket_key(struct tls_ticket_key *key)
{
    random_fill(random_system(), key->name, sizeof(key->name));
    random_fill(random_system(), key->aes, sizeof(key->aes));
    random_fill(random_system(), key->hmac, sizeof(key->hmac));
    key->made_us = clock_monotonic_us();
}

static bool is_old(const struct tls_ticket_key *key, int64_t now_us)
{
    return now_us - key->made_us >= ticket_key_us;
}

static struct tls_ticket_key newest_ticket_key(struct tls_context *context)
{
    (void)pthread_mutex_lock(&context->ticket_lock); /* fails only for locks made otherwise */
    if (is_old(&context->tickets[0], clock_monotonic_us())) {
        context->tickets[1] = context->tickets[0];
        make_ticket_key(&context->tickets[0]);
    }
    struct tls_ticket_key key = context->tickets[0];
    (void)pthread_mutex_unlock(&context->ticket_lock); /* likewise */
    return key;
}

static bool find_ticket_key(struct tls_context *context, const uint8_t *name,
                            struct tls_ticket_key *out)
{
    bool found = false;
    int64_t now_us = clock_monotonic_us();
    (void)pthread_mutex_lock(&context->ticket_lock); /* fails only for locks made otherwise */
    for (size_t i = 0; i < 2 && !found; i++) {
        const struct tls_ticket_key *key = &context->tickets[i];
        found = memcmp(key->name, name, sizeof(key->name)) == 0 &&
                now_us - key->made_us < 2 * ticket_key_us;
        if (found)
            *out = *key;
    }
    (void)pthread_mutex_unlock(&context->ticket_lock); /* likewise */
    return found;
}

static bool set_ticket_hmac(EVP_MAC_CTX *hmac, struct tls_ticket_key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->hmac, sizeof(key->hmac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(hmac, params) == 1;
}

/* SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1 goes on, 2 also sends a new ticket, 0 ignores the
 * ticket, -1 fails. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *hmac, int encrypt)
{
    struct tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct tls_ticket_key key;
    int result = 1;
    if (encrypt) {
        key = newest_ticket_key(context);
        memcpy(name, key.name, sizeof(key.name));
        random_fill(random_system(), iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()));
    } else {
        if (!find_ticket_key(context, name, &key))
            return 0;
        /* In TLS 1.3 a ticket is used once, so its user needs the next. */
        bool renew = SSL_version(ssl) >= TLS1_3_VERSION || is_old(&key, clock_monotonic_us());
        result = renew ? 2 : 1;
    }
    bool is_set = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.aes, iv, encrypt) == 1 &&
                  set_ticket_hmac(hmac, &key);
    OPENSSL_cleanse(&key, sizeof(key));
    return is_set ? result : -1;
}

/* --- ALPN --- */

static void write_alpn(struct tls_context *context, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        size_t len = strlen(*names);
        if (context->alpn_len + 1 + len > sizeof(context->alpn))
            return;
        context->alpn[context->alpn_len] = (uint8_t)len;
        memcpy(context->alpn + context->alpn_len + 1, *names, len);
        context->alpn_len += 1 + len;
    }
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *offered, unsigned offered_len, void *arg)
{
    (void)ssl;
    const struct tls_context *context = arg;
    unsigned char *chosen = NULL;
    int result = SSL_select_next_proto(&chosen, out_len, context->alpn, (unsigned)context->alpn_len,
                                       offered, offered_len);
    if (result != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* --- The context --- */

static bool set_up(struct tls_context *context)
{
    SSL_CTX *ssl = context->ssl;
    char groups[] = "X25519:P-256:P-384";
    SSL_CTX_set_app_data(ssl, context);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS); /* none while idle: 34 KiB less */
    SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);    /* conn_tls.c counts records without data */
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF); /* tickets carry the sessions */
    SSL_CTX_set_timeout(ssl, ticket_key_us / 1000000);
    if (context->alpn_len > 0)
        SSL_CTX_set_alpn_select_cb(ssl, on_alpn, context);
    return SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ssl, TLS_1_2_CIPHERS) == 1 &&
           SSL_CTX_set_ciphersuites(ssl, TLS_1_3_CIPHERS) == 1 &&
           SSL_CTX_set1_groups_list(ssl, groups) == 1 &&
           SSL_CTX_set_num_tickets(ssl, 1) == 1 && /* HTTP/2 opens one connection */
           SSL_CTX_set_max_early_data(ssl, 0) == 1 &&
           SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, on_ticket) == 1 &&
           SSL_CTX_set_session_id_context(ssl, session_context, sizeof(session_context) - 1) == 1;
}

static enum err load_files(SSL_CTX *ssl, const struct tls_options *options)
{
    if (SSL_CTX_use_certificate_chain_file(ssl, options->cert_file) != 1) {
        log_failure("cannot use the certificate", options->cert_file);
        return ERR_MALFORMED;
    }
    if (SSL_CTX_use_PrivateKey_file(ssl, options->key_file, SSL_FILETYPE_PEM) != 1) {
        log_failure("cannot use the private key", options->key_file);
        return ERR_MALFORMED;
    }
    return ERR_OK;
}

enum err tls_context_create(const struct tls_options *options, struct tls_context **out)
{
    struct tls_context *context = mem_zalloc(1, sizeof(*context));
    (void)pthread_mutex_init(&context->ticket_lock, NULL); /* cannot fail on Linux */
    make_ticket_key(&context->tickets[0]);
    make_ticket_key(&context->tickets[1]); /* nobody has a ticket of it */
    write_alpn(context, options->alpn);
    context->bio = conn_tls_bio();
    context->ssl = SSL_CTX_new(TLS_server_method());
    if (context->bio == NULL || context->ssl == NULL || !set_up(context)) {
        log_failure("cannot set up TLS", options->cert_file);
        tls_context_destroy(context);
        return ERR_IO;
    }
    enum err err = load_files(context->ssl, options);
    if (err) {
        tls_context_destroy(context);
        return err;
    }
    *out = context;
    return ERR_OK;
}

void tls_context_destroy(struct tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->bio);
    (void)pthread_mutex_destroy(&context->ticket_lock); /* nobody holds it */
    OPENSSL_cleanse(context->tickets, sizeof(context->tickets));
    mem_free(context);
}
