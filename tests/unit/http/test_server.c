#include "http/server.h"

#include "loop/tls.h"
#include "web.h"

#include <openssl/ssl.h>

static const char get_hello[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

static void drain_closes_what_is_idle(void)
{
    struct web web = {0};
    web_start(&web);
    int fds[20];
    for (int i = 0; i < 20; i++) {
        fds[i] = web_connect(&web);
        CHECK_EQ(200, web_status(fds[i], get_hello));
    }
    int64_t over_us = 400000;
    web_on_loop(&web, web_drain, &over_us);
    for (int i = 0; i < 20; i++) {
        CHECK(web_is_closed(fds[i]));
        close(fds[i]);
    }
    CHECK(web_wait(&web, &web.drained, 1));
    web_stop(&web);
}

static void drain_refuses_new_requests_and_answers_old_ones(void)
{
    struct web web = {0};
    web_start(&web);
    int waiting = web_connect(&web);
    int idle = web_connect(&web);
    CHECK_EQ(200, web_status(idle, get_hello));
    web_say(waiting, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    int64_t over_us = 60000000;
    web_on_loop(&web, web_drain, &over_us);
    web_say(idle, get_hello);
    struct web_answer answer = web_read_answer(idle, false);
    CHECK(answer.status == 503 || answer.status == 0); /* it may have been closed already */
    if (answer.status == 503)
        CHECK(strcmp("close", web_header(&answer, "connection")) == 0);
    web_forget(&answer);
    CHECK(web_is_closed(idle));
    web_on_loop(&web, web_release_all, NULL);
    answer = web_read_answer(waiting, false);
    CHECK_EQ(200, answer.status);
    CHECK(strcmp("close", web_header(&answer, "connection")) == 0);
    web_forget(&answer);
    CHECK(web_is_closed(waiting));
    close(idle);
    close(waiting);
    CHECK(web_wait(&web, &web.drained, 1));
    CHECK_EQ(0, http_server_connections(web.server));
    web_stop(&web);
}

static void drain_cuts_the_rest_at_its_end(void)
{
    struct web web = {0};
    web_start(&web);
    int fd = web_connect(&web);
    web_say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(web_wait(&web, &web.kept_count, 1));
    int64_t over_us = 200000;
    web_on_loop(&web, web_drain, &over_us);
    CHECK(web_is_closed(fd));
    CHECK(web_wait(&web, &web.gone, 1));
    CHECK(web_wait(&web, &web.drained, 1));
    close(fd);
    web_stop(&web);
}

static void all_waiting_requests_are_released_by_one_event(void)
{
    enum { CLIENTS = 1000 }; /* descriptors are scarce in tests; bench/ has the 5,000 */
    struct web web = {0};
    web_start(&web);
    static int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = web_connect(&web);
        web_say(fds[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    CHECK(web_wait(&web, &web.kept_count, CLIENTS));
    web_on_loop(&web, web_release_all, NULL);
    unsigned released = 0;
    for (int i = 0; i < CLIENTS; i++) {
        struct web_answer answer = web_read_answer(fds[i], false);
        released += answer.status == 200 && strcmp("released", answer.body) == 0;
        web_forget(&answer);
        close(fds[i]);
    }
    CHECK_EQ(CLIENTS, released);
    web_stop(&web);
}

/* --- TLS: which protocol is spoken --- */

static const char *const alpn[] = {"h2", "http/1.1", NULL};
static atomic_uint foreign;
static char foreign_bytes[16];

static void on_foreign_closed(struct conn *conn, void *owner, enum err why)
{
    (void)conn;
    (void)owner;
    (void)why;
}

static void on_foreign_read(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    (void)conn;
    (void)owner;
    (void)bytes;
    (void)len;
}

static const struct conn_ops foreign_ops = {.on_read = on_foreign_read,
                                            .on_close = on_foreign_closed};

static void on_foreign(struct conn *conn, const uint8_t *bytes, size_t len, void *arg)
{
    memcpy(foreign_bytes, bytes, len < sizeof(foreign_bytes) ? len : sizeof(foreign_bytes));
    conn_set_owner(conn, &foreign_ops, NULL);
    conn_close(conn, 0);
    web_raise(arg, &foreign);
}

static void start_tls(struct web *web)
{
    char folder[] = "/tmp/klieg-test-XXXXXX";
    char cert[64];
    char key[64];
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(cert, sizeof(cert), "%s/cert.pem", folder);
    (void)snprintf(key, sizeof(key), "%s/key.pem", folder);
    CHECK_EQ(ERR_OK, tls_write_development_certificate(cert, key));
    const struct tls_options options = {.cert_file = cert, .key_file = key, .alpn = alpn};
    CHECK_EQ(ERR_OK, tls_context_create(&options, &web->tls));
    unlink(cert);
    unlink(key);
    rmdir(folder);
    web->options.on_foreign = on_foreign;
    web_start(web);
}

struct tls_client {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
};

static struct tls_client connect_tls(struct web *web, const char *protocols)
{
    struct tls_client client = {.fd = web_connect(web),
                                .context = SSL_CTX_new(TLS_client_method())};
    client.ssl = SSL_new(client.context);
    if (protocols != NULL)
        SSL_set_alpn_protos(client.ssl, (const uint8_t *)protocols, (unsigned)strlen(protocols));
    SSL_set_fd(client.ssl, client.fd);
    CHECK_EQ(1, SSL_connect(client.ssl));
    return client;
}

static void end_tls(struct tls_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
}

static unsigned tls_status(struct tls_client *client)
{
    char answer[2048] = {0};
    SSL_write(client->ssl, get_hello, sizeof(get_hello) - 1);
    int got = SSL_read(client->ssl, answer, sizeof(answer) - 1);
    return got > 12 && memcmp(answer, "HTTP/1.1 ", 9) == 0 ? (unsigned)strtoul(answer + 9, NULL, 10)
                                                           : 0;
}

static void shed_on_loop(struct web *web, void *arg)
{
    *(unsigned *)arg += http_server_shed(web->server, 1);
}

static void readers_that_are_stuck_can_be_cut(void)
{
    struct web web = {0};
    web_start(&web);
    unsigned cut = 0;
    int idle = web_connect(&web);
    CHECK_EQ(200, web_status(idle, get_hello));
    web_on_loop(&web, shed_on_loop, &cut);
    web_on_loop(&web, shed_on_loop, &cut);
    CHECK_EQ(0, cut); /* it owes nothing */
    int stuck = web_connect(&web);
    for (int i = 0; i < 10; i++) /* more than the system takes on its own */
        web_say(stuck, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 1000000 && cut == 0; i++)
        web_on_loop(&web, shed_on_loop, &cut);
    CHECK_EQ(1, cut);
    CHECK(web_is_closed(stuck));
    CHECK_EQ(200, web_status(idle, get_hello));
    close(stuck);
    close(idle);
    web_stop(&web);
}

static void alpn_decides_what_tls_speaks(void)
{
    struct web web = {0};
    start_tls(&web);
    struct tls_client client = connect_tls(&web, "\x08http/1.1");
    CHECK_EQ(200, tls_status(&client));
    end_tls(&client);
    client = connect_tls(&web, NULL);
    CHECK_EQ(200, tls_status(&client));
    end_tls(&client);

    client = connect_tls(&web, "\x02h2\x08http/1.1");
    uint8_t settings[9];
    CHECK_EQ(9, SSL_read(client.ssl, settings, 9)); /* the server's SETTINGS come unasked */
    CHECK_EQ(4, settings[3]);
    end_tls(&client);

    client = connect_tls(&web, NULL); /* HTTP/2 over TLS is chosen by ALPN and nothing else */
    SSL_write(client.ssl, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    char answer[64] = {0};
    CHECK(SSL_read(client.ssl, answer, sizeof(answer) - 1) > 12);
    CHECK(memcmp(answer, "HTTP/1.1 ", 9) == 0);
    end_tls(&client);
    web_stop(&web);
    tls_context_destroy(web.tls);
}

/* Media rule IN-2. */
static void rtmp_without_alpn_is_handed_over(void)
{
    struct web web = {0};
    atomic_store(&foreign, 0);
    start_tls(&web);
    struct tls_client client = connect_tls(&web, NULL);
    SSL_write(client.ssl, "\x03rtmp", 5);
    CHECK(web_wait(&web, &foreign, 1));
    CHECK(memcmp("\x03rtmp", foreign_bytes, 5) == 0);
    CHECK_EQ(0, http_server_connections(web.server));
    end_tls(&client);

    client = connect_tls(&web, "\x08http/1.1"); /* it has said what it is */
    SSL_write(client.ssl, "\x03rtmp", 5);
    char answer[64] = {0};
    CHECK(SSL_read(client.ssl, answer, sizeof(answer) - 1) > 12);
    CHECK(memcmp(answer, "HTTP/1.1 400", 12) == 0);
    end_tls(&client);
    CHECK_EQ(1, atomic_load(&foreign));
    web_stop(&web);
    tls_context_destroy(web.tls);
}

static void rtmp_without_tls_is_refused(void)
{
    struct web web = {.options.on_foreign = on_foreign};
    atomic_store(&foreign, 0);
    web_start(&web);
    int fd = web_connect(&web);
    web_send(fd, "\x03", 1);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(400, answer.status);
    web_forget(&answer);
    close(fd);
    CHECK_EQ(0, atomic_load(&foreign));
    web_stop(&web);
}

int main(void)
{
    RUN(drain_closes_what_is_idle);
    RUN(drain_refuses_new_requests_and_answers_old_ones);
    RUN(drain_cuts_the_rest_at_its_end);
    RUN(all_waiting_requests_are_released_by_one_event);
    RUN(readers_that_are_stuck_can_be_cut);
    RUN(alpn_decides_what_tls_speaks);
    RUN(rtmp_without_alpn_is_handed_over);
    RUN(rtmp_without_tls_is_refused);
    return check_report();
}
