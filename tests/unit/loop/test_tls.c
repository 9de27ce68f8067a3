#include "loop/tls.h"

#include "loop/tls_inside.h"
#include "tls_client.h"

#include <signal.h>

static const struct conn_ops swallow = {.on_read = site_swallow, .on_close = site_on_close};

/* Greets, so that the client reads, and with that gets its session ticket. */
static void greet(struct site *site, struct conn *conn)
{
    (void)site;
    const struct slice slice = slice_static("hi", 2);
    conn_write(conn, &slice, 1);
}

/* --- ALPN --- */

static void check_alpn(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    CHECK(strcmp(site->alpn, conn_alpn(site->conn)) == 0);
}

/* `offered` as on the wire; "" for no ALPN at all. */
static void try_alpn(struct site *site, const char *offered, const char *chosen)
{
    unsigned accepted = atomic_load(&site->accepted);
    struct client client = client_prepare(site, 0);
    if (offered[0] != '\0')
        CHECK_EQ(0, SSL_set_alpn_protos(client.ssl, (const uint8_t *)offered,
                                        (unsigned)strlen(offered)));
    CHECK_EQ(1, SSL_connect(client.ssl));
    const uint8_t *protocol = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(client.ssl, &protocol, &len);
    CHECK_EQ(strlen(chosen), len);
    CHECK(len == 0 || memcmp(chosen, protocol, len) == 0);
    CHECK(site_wait(site, &site->accepted, accepted + 1));
    site->alpn = chosen;
    site_on(site->loops[0], check_alpn, site);
    client_close(&client);
}

static void alpn_is_our_first_that_the_client_offers(void)
{
    static const char *const ours[] = {"h2", "http/1.1", NULL};
    struct tls_context *context = make_context(ours);
    struct site site;
    site_open_tls(&site, &swallow, context);
    try_alpn(&site, "\2h2\10http/1.1", "h2");
    try_alpn(&site, "\10http/1.1\2h2", "h2");
    try_alpn(&site, "\10http/1.1", "http/1.1");
    try_alpn(&site, "\6spdy/1\3foo", "");
    try_alpn(&site, "", "");
    site_close(&site);
    tls_context_destroy(context);
}

static void without_protocols_of_ours_there_is_no_alpn(void)
{
    struct tls_context *context = make_context(NULL);
    struct site site;
    site_open_tls(&site, &swallow, context);
    try_alpn(&site, "\2h2\10http/1.1", "");
    site_close(&site);
    tls_context_destroy(context);
}

/* --- Versions and ciphers --- */

/* Whether a client that offers no more than this gets through. */
static bool is_served(const struct site *site, int version, const char *ciphers, const char *groups)
{
    struct client client = client_prepare(site, version);
    SSL_set_security_level(client.ssl, 0);
    if (ciphers != NULL)
        CHECK_EQ(1, SSL_set_cipher_list(client.ssl, ciphers));
    if (groups != NULL) {
        char *list = mem_copy_str(groups, strlen(groups));
        CHECK_EQ(1, SSL_set1_groups_list(client.ssl, list));
        mem_free(list);
    }
    bool served = SSL_connect(client.ssl) == 1;
    client_drop(&client);
    return served;
}

static void only_forward_secret_tls_1_2_and_1_3_is_served(void)
{
    struct tls_context *context = make_context(NULL);
    struct site site;
    site_open_tls(&site, &swallow, context);
    CHECK(is_served(&site, TLS1_3_VERSION, NULL, NULL));
    CHECK(is_served(&site, TLS1_2_VERSION, NULL, NULL));
    CHECK(is_served(&site, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", NULL));
    CHECK(is_served(&site, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", "P-256"));
    CHECK(!is_served(&site, TLS1_1_VERSION, NULL, NULL));
    CHECK(!is_served(&site, TLS1_VERSION, NULL, NULL));
    CHECK(!is_served(&site, TLS1_2_VERSION, "AES128-GCM-SHA256", NULL)); /* no forward secrecy */
    CHECK(!is_served(&site, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", NULL)); /* CBC */
    site_close(&site);
    tls_context_destroy(context);
}

/* --- Sessions --- */

static SSL_SESSION *session_of(const struct site *site, int version)
{
    struct client client = client_connect(site, version);
    char answer[2];
    CHECK_EQ(2, client_receive(&client, answer, 2));
    SSL_SESSION *session = SSL_get1_session(client.ssl);
    client_close(&client);
    return session;
}

/* What the client got to use next time, or NULL when the server did not take the session. */
static SSL_SESSION *resume(const struct site *site, SSL_SESSION *session)
{
    struct client client = client_prepare(site, SSL_SESSION_get_protocol_version(session));
    CHECK_EQ(1, SSL_set_session(client.ssl, session));
    CHECK_EQ(1, SSL_connect(client.ssl));
    char answer[2];
    CHECK_EQ(2, client_receive(&client, answer, 2));
    SSL_SESSION *next = SSL_session_reused(client.ssl) ? SSL_get1_session(client.ssl) : NULL;
    client_close(&client);
    return next;
}

static void sessions_are_resumed_by_ticket(void)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_context *context = make_context(NULL);
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = greet;
    for (size_t i = 0; i < 2; i++) {
        SSL_SESSION *session = session_of(&site, versions[i]);
        CHECK(SSL_SESSION_has_ticket(session));
        CHECK_EQ(0, SSL_SESSION_get_max_early_data(session));
        SSL_SESSION *next = resume(&site, session);
        CHECK(next != NULL);
        SSL_SESSION *after = next != NULL ? resume(&site, next) : NULL;
        CHECK(after != NULL);
        SSL_SESSION_free(session);
        SSL_SESSION_free(next);
        SSL_SESSION_free(after);
    }
    site_close(&site);
    tls_context_destroy(context);
}

static void another_context_does_not_know_the_ticket(void)
{
    struct tls_context *contexts[] = {make_context(NULL), make_context(NULL)};
    struct site sites[2];
    for (size_t i = 0; i < 2; i++) {
        site_open_tls(&sites[i], &swallow, contexts[i]);
        sites[i].on_accept = greet;
    }
    SSL_SESSION *session = session_of(&sites[0], TLS1_3_VERSION);
    CHECK(resume(&sites[1], session) == NULL);
    SSL_SESSION_free(session);
    for (size_t i = 0; i < 2; i++) {
        site_close(&sites[i]);
        tls_context_destroy(contexts[i]);
    }
}

static const int64_t hour_us = 3600000000;

/* As if the keys had been made that long ago. */
static void age_keys(struct tls_context *context, int64_t by_us)
{
    context->tickets[0].made_us -= by_us;
    context->tickets[1].made_us -= by_us;
}

static void ticket_keys_change_daily_and_are_forgotten(void)
{
    struct tls_context *context = make_context(NULL);
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = greet;
    SSL_SESSION *session = session_of(&site, TLS1_2_VERSION);
    struct tls_ticket_key first = context->tickets[0];

    age_keys(context, 23 * hour_us);
    SSL_SESSION *next = resume(&site, session);
    CHECK(next != NULL);
    SSL_SESSION_free(next);
    CHECK_EQ(0, memcmp(first.name, context->tickets[0].name, sizeof(first.name)));

    age_keys(context, 2 * hour_us); /* taken, but replaced by a ticket of the new key */
    next = resume(&site, session);
    CHECK(next != NULL);
    SSL_SESSION_free(next);
    CHECK(memcmp(first.name, context->tickets[0].name, sizeof(first.name)) != 0);
    CHECK_EQ(0, memcmp(first.name, context->tickets[1].name, sizeof(first.name)));
    CHECK(memcmp(first.aes, context->tickets[0].aes, sizeof(first.aes)) != 0);

    age_keys(context, 24 * hour_us); /* two days and more */
    CHECK(resume(&site, session) == NULL);
    SSL_SESSION_free(session);
    site_close(&site);
    tls_context_destroy(context);
}

/* --- Files --- */

static void files_must_be_there_and_match(void)
{
    struct credentials ours;
    struct credentials others;
    credentials_make(&ours);
    credentials_make(&others);
    struct tls_context *context = NULL;
    const struct tls_options wrong[] = {
        {.cert_file = "/nowhere/cert.pem", .key_file = ours.key},
        {.cert_file = ours.cert, .key_file = "/nowhere/key.pem"},
        {.cert_file = ours.cert, .key_file = others.key},
        {.cert_file = ours.key, .key_file = ours.key},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_EQ(ERR_MALFORMED, tls_context_create(&wrong[i], &context));
        CHECK(context == NULL);
    }
    credentials_remove(&ours);
    credentials_remove(&others);
    tls_context_destroy(NULL);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* clients write to connections that were closed */
    RUN(alpn_is_our_first_that_the_client_offers);
    RUN(without_protocols_of_ours_there_is_no_alpn);
    RUN(only_forward_secret_tls_1_2_and_1_3_is_served);
    RUN(sessions_are_resumed_by_ticket);
    RUN(another_context_does_not_know_the_ticket);
    RUN(ticket_keys_change_daily_and_are_forgotten);
    RUN(files_must_be_there_and_match);
    return check_report();
}
