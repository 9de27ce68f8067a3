#include "loop/conn_inside.h"

#include "tls_client.h"

#include <errno.h>
#include <signal.h>

#define MEGABYTE ((size_t)1 << 20)
enum { LINGER_US = WAIT_S * 1000000 };

static const struct conn_ops echo = {.on_read = site_echo, .on_close = site_on_close};
static const struct conn_ops swallow = {.on_read = site_swallow, .on_close = site_on_close};
static const struct conn_ops swallow_past_end = {
    .on_read = site_swallow, .on_end = site_on_end, .on_close = site_on_close};
static const struct conn_ops swallow_with_drained = {
    .on_read = site_swallow, .on_drained = site_on_drained, .on_close = site_on_close};

static struct tls_context *context; /* one for all tests: making keys takes time */

static struct chunk *body; /* 8 megabytes of pattern, likewise */

static void nothing(struct loop *loop, void *arg)
{
    (void)loop;
    (void)arg;
}

static void check_tls(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    CHECK(conn_is_tls(site->conn));
    CHECK_EQ(0, conn_queued(site->conn));
}

static void bytes_come_back_in_order(void)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct site site;
    site_open_tls(&site, &echo, context);
    for (unsigned i = 0; i < 2; i++) {
        struct client client = client_connect(&site, versions[i]);
        char answer[5] = "";
        for (int k = 0; k < 3; k++) {
            CHECK(client_send(&client, "hello", 5));
            CHECK_EQ(5, client_receive(&client, answer, 5));
            CHECK_EQ(0, memcmp(answer, "hello", 5));
        }
        site_on(site.loops[0], check_tls, &site);
        client_close(&client);
        CHECK(site_wait(&site, &site.closed, i + 1));
        CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    }
    site_close(&site);
}

/* In slices of all sizes, so that records hold one, several, and parts of them. */
static void write_8_megabytes(struct site *site, struct conn *conn)
{
    (void)site;
    size_t at = 0;
    for (size_t len = 1; at < body->len; len = len * 3 % 50021 + 1) {
        if (len > body->len - at)
            len = body->len - at;
        struct slice slice = {.chunk = body, .at = body->at + at, .len = len};
        conn_write(conn, &slice, 1);
        at += len;
    }
    CHECK_EQ(8 * MEGABYTE, conn_queued(conn));
}

static void check_unsent_is_bounded(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    CHECK(conn_queued(site->conn) > 0);
    CHECK(conn_tls_queued(site->conn->tls) <= INSIDE_CIPHER_SIZE);
}

static void a_slow_reader_gets_a_large_write_whole(void)
{
    struct site site;
    site_open_tls(&site, &swallow_with_drained, context);
    site.on_accept = write_8_megabytes;
    struct client client = client_connect(&site, 0);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], nothing, NULL);
    site_on(site.loops[0], check_unsent_is_bounded, &site);
    CHECK_EQ(0, atomic_load(&site.drained));

    uint8_t *bytes = mem_alloc(8 * MEGABYTE);
    CHECK_EQ(8 * MEGABYTE, client_receive(&client, bytes, 8 * MEGABYTE));
    CHECK_EQ(8 * MEGABYTE, pattern_matches(bytes, 8 * MEGABYTE));
    mem_free(bytes);
    CHECK(site_wait(&site, &site.drained, 1));
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void write_three_slices(struct site *site, struct conn *conn)
{
    (void)site;
    const struct slice slices[] = {slice_static("head", 4), slice_static(" and ", 5),
                                   slice_static("body", 4)};
    conn_write(conn, slices, 3);
}

static void small_slices_share_a_record(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = write_three_slices;
    struct client client = client_connect(&site, 0);
    char answer[64];
    CHECK_EQ(13, SSL_read(client.ssl, answer, sizeof(answer))); /* gives one record */
    CHECK_EQ(0, memcmp(answer, "head and body", 13));
    client_close(&client);
    site_close(&site);
}

static void a_large_read_arrives_whole(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    struct client client = client_connect(&site, 0);
    struct chunk *chunk = pattern_chunk(4 * MEGABYTE);
    CHECK(client_send(&client, chunk->at, chunk->len));
    CHECK(site_wait_bytes(&site, chunk->len));
    CHECK_EQ(chunk->len, atomic_load(&site.got));
    chunk_unref(&chunk);
    client_close(&client);
    site_close(&site);
}

/* --- The handshake --- */

/* What a client sends first. */
static size_t client_hello(uint8_t *out, size_t len)
{
    SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(client_context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    (void)SSL_connect(ssl); /* has no peer */
    int hello_len = BIO_read(SSL_get_wbio(ssl), out, (int)len);
    CHECK(hello_len > 100);
    SSL_free(ssl);
    SSL_CTX_free(client_context);
    ERR_clear_error();
    return (size_t)hello_len;
}

static void refused_clients_are_never_accepted(struct site *site)
{
    struct client client = client_connect(site, 0); /* after it, the others are long gone */
    CHECK(site_wait(site, &site->accepted, 1));
    CHECK_EQ(1, atomic_load(&site->accepted));
    client_close(&client);
    CHECK(site_wait(site, &site->closed, 1));
    CHECK_EQ(1, atomic_load(&site->closed));
    site_close(site);
}

static void peers_may_go_at_any_step_of_the_handshake(void)
{
    uint8_t hello[2048];
    size_t len = client_hello(hello, sizeof(hello));
    struct site site;
    site_open_tls(&site, &echo, context);
    for (size_t sent = 0; sent <= len; sent += sent < 8 ? 1 : 61) {
        int fd = site_connect(&site);
        CHECK(send_all(fd, hello, sent));
        if (sent % 2 == 0)
            close(fd);
        else
            reset(fd);
    }
    int fd = site_connect(&site);
    CHECK(send_all(fd, hello, len));
    CHECK_EQ(5, receive(fd, hello, 5)); /* the server's hello; then nothing more from us */
    reset(fd);
    refused_clients_are_never_accepted(&site);
}

static void a_handshake_may_come_byte_by_byte(void)
{
    struct site site;
    site_open_tls(&site, &echo, context);
    struct client client = client_prepare(&site, 0);
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(client.ssl, in, out);
    while (SSL_connect(client.ssl) != 1) {
        uint8_t bytes[8192];
        int len = BIO_read(out, bytes, sizeof(bytes));
        for (int i = 0; i < len; i++)
            CHECK(send_all(client.fd, bytes + i, 1));
        ssize_t got = recv(client.fd, bytes, 7, 0);
        CHECK(got > 0);
        if (got <= 0)
            break;
        (void)BIO_write(in, bytes, (int)got); /* memory takes all */
    }
    uint8_t bytes[8192];
    CHECK_EQ(5, SSL_write(client.ssl, "hello", 5));
    int len = BIO_read(out, bytes, sizeof(bytes)); /* with the end of the handshake */
    for (int i = 0; i < len; i++)
        CHECK(send_all(client.fd, bytes + i, 1));
    CHECK(site_wait_bytes(&site, 5));
    client_drop(&client);
    site_close(&site);
}

/* A site that gives a handshake so much time that this cannot be what ends it. */
static void site_open_patient(struct site *site)
{
    site_open(site, &echo,
              &(struct listener_options){.tls = context, .handshake_us = 2LL * WAIT_S * 1000000});
}

/* No byte, and no time-out either. */
static bool is_at_end_or_reset(int fd)
{
    char byte = 0;
    ssize_t got = recv(fd, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

static void what_is_not_tls_is_closed(void)
{
    static const char *const first_words[] = {"GET / HTTP/1.1\r\n\r\n", "\3", "\200\2\1"};
    struct site site;
    /* So much time that it cannot be what closes them. */
    const struct listener_options options = {.tls = context,
                                             .handshake_us = 2LL * WAIT_S * 1000000};
    site_open(&site, &echo, &options);
    for (size_t i = 0; i < 3; i++) {
        int fd = site_connect(&site);
        CHECK(send_all(fd, first_words[i], strlen(first_words[i])));
        CHECK(is_at_end_or_reset(fd));
        close(fd);
    }
    refused_clients_are_never_accepted(&site);
}

static void garbage_in_a_handshake_is_refused(void)
{
    struct site site;
    site_open_tls(&site, &echo, context);
    for (size_t at = 1; at < 60; at += 3) {
        uint8_t hello[2048];
        size_t len = client_hello(hello, sizeof(hello));
        memset(hello + at, 0xff, 5);
        int fd = site_connect(&site);
        CHECK(send_all(fd, hello, len));
        (void)shutdown(fd, SHUT_WR);
        (void)receive(fd, hello, sizeof(hello)); /* an alert perhaps; it ends */
        close(fd);
    }
    refused_clients_are_never_accepted(&site);
}

static void a_silent_client_is_closed_after_a_while(void)
{
    struct site site;
    site_open(&site, &echo, &(struct listener_options){.tls = context, .handshake_us = 20000});
    uint8_t hello[2048];
    size_t len = client_hello(hello, sizeof(hello));
    int silent = site_connect(&site);
    CHECK(is_at_end(silent));
    int stuck = site_connect(&site);
    CHECK(send_all(stuck, hello, len / 2));
    char answer = 0;
    CHECK_EQ(0, receive(stuck, &answer, 1));
    close(silent);
    close(stuck);
    CHECK_EQ(0, atomic_load(&site.accepted));
    site_close(&site);
}

/* The time is for the handshake only. */
static void a_silent_client_may_stay_after_the_handshake(void)
{
    struct site site;
    site_open(&site, &echo, &(struct listener_options){.tls = context, .handshake_us = 200000});
    struct client client = client_prepare(&site, 0);
    for (int i = 0; i < 20 && SSL_connect(client.ssl) != 1; i++) { /* on a busy machine */
        client_drop(&client);
        client = client_prepare(&site, 0);
    }
    CHECK(site_wait(&site, &site.accepted, 1));
    int silent = site_connect(&site);
    CHECK(is_at_end(silent)); /* it connected later, so the time of the first is up */
    close(silent);
    char answer[5];
    CHECK(client_send(&client, "hello", 5));
    CHECK_EQ(5, client_receive(&client, answer, 5));
    client_close(&client);
    site_close(&site);
}

static void destroy_listener(struct loop *loop, void *arg)
{
    (void)loop;
    struct site *site = arg;
    listener_destroy(site->listener);
    site->listener = NULL;
}

static void handshakes_end_with_their_listener(void)
{
    struct site site;
    site_open_patient(&site);
    struct client client = client_connect(&site, 0);
    CHECK(site_wait(&site, &site.accepted, 1));
    uint8_t hello[2048];
    size_t len = client_hello(hello, sizeof(hello));
    int fd = site_connect(&site);
    CHECK(send_all(fd, hello, len));
    CHECK_EQ(1, receive(fd, hello, 1));
    site_on(site.loops[0], destroy_listener, &site);
    errno = 0;
    while (recv(fd, hello, sizeof(hello), 0) > 0) {
    }
    CHECK(errno != EAGAIN); /* it ended */
    close(fd);
    char answer[5];
    CHECK(client_send(&client, "hello", 5)); /* the other one lives */
    CHECK_EQ(5, client_receive(&client, answer, 5));
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

/* --- The end --- */

static void write_and_close(struct site *site, struct conn *conn)
{
    write_three_slices(site, conn);
    conn_close(conn, LINGER_US);
}

static void closing_says_so_after_the_last_byte(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = write_and_close;
    struct client client = client_connect(&site, 0);
    char answer[13];
    CHECK_EQ(13, client_receive(&client, answer, 13));
    CHECK(client_is_at_end(&client));
    CHECK_EQ(0, atomic_load(&site.closed));
    client_drop(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void write_8_megabytes_and_close(struct site *site, struct conn *conn)
{
    write_8_megabytes(site, conn);
    conn_close(conn, LINGER_US);
}

static void closing_sends_what_is_queued_first(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = write_8_megabytes_and_close;
    struct client client = client_connect(&site, 0);
    uint8_t *bytes = mem_alloc(8 * MEGABYTE);
    CHECK_EQ(8 * MEGABYTE, client_receive(&client, bytes, 8 * MEGABYTE));
    CHECK_EQ(8 * MEGABYTE, pattern_matches(bytes, 8 * MEGABYTE));
    mem_free(bytes);
    CHECK(client_is_at_end(&client));
    client_drop(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void a_client_may_end_with_or_without_saying_so(void)
{
    struct site site;
    site_open_tls(&site, &swallow_past_end, context);
    struct client polite = client_connect(&site, 0);
    CHECK_EQ(0, SSL_shutdown(polite.ssl)); /* sent, not yet answered */
    CHECK(site_wait(&site, &site.ended, 1));
    struct client curt = client_connect(&site, 0);
    CHECK_EQ(0, shutdown(curt.fd, SHUT_WR));
    CHECK(site_wait(&site, &site.ended, 2));
    CHECK_EQ(0, atomic_load(&site.closed));
    client_drop(&polite);
    client_drop(&curt);
    site_close(&site);
}

static void a_broken_record_ends_the_connection(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    struct client client = client_connect(&site, 0);
    CHECK(client_send(&client, "hello", 5));
    CHECK(site_wait_bytes(&site, 5));
    static const uint8_t broken[] = {23, 3,  3,  0,  20, 1,  2,  3,  4,  5,  6,  7, 8,
                                     9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    CHECK(send_all(client.fd, broken, sizeof(broken)));
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_MALFORMED, atomic_load(&site.why));
    CHECK_EQ(5, atomic_load(&site.got));
    client_drop(&client);
    site_close(&site);
}

/* --- Pausing and moving, with records that have come already --- */

static void swallow_and_pause(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    conn_pause(conn);
    site_swallow(conn, owner, bytes, len);
}

static void resume(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    conn_resume(site->conn);
}

static void pause_at_once(struct site *site, struct conn *conn)
{
    (void)site;
    conn_pause(conn);
}

/* Ten records of ten bytes in one segment. */
static void send_ten_records(struct client *client)
{
    BIO *socket_bio = SSL_get_wbio(client->ssl);
    BIO_up_ref(socket_bio);
    BIO *memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(client->ssl, memory);
    for (int i = 0; i < 10; i++)
        CHECK(client_send(client, "0123456789", 10));
    uint8_t bytes[4096];
    int len = BIO_read(memory, bytes, sizeof(bytes));
    SSL_set0_wbio(client->ssl, socket_bio);
    CHECK(len > 100 && send_all(client->fd, bytes, (size_t)len));
}

static void pausing_holds_records_that_have_come(void)
{
    static const struct conn_ops ops = {.on_read = swallow_and_pause, .on_close = site_on_close};
    struct site site;
    site_open_tls(&site, &ops, context);
    struct client client = client_connect(&site, 0);
    send_ten_records(&client);
    for (size_t i = 1; i <= 10; i++) {
        CHECK(site_wait_bytes(&site, i * 10));
        site_on(site.loops[0], nothing, NULL);
        site_on(site.loops[0], nothing, NULL);
        CHECK_EQ(i * 10, atomic_load(&site.got));
        site_on(site.loops[0], resume, &site);
    }
    send_ten_records(&client);
    CHECK(site_wait_bytes(&site, 110));
    client_drop(&client);
    site_on(site.loops[0], nothing, NULL);
    site_close(&site); /* with records held */
}

static bool may_flow; /* on the loop */

static void echo_and_pause_once(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    if (!may_flow)
        conn_pause(conn);
    may_flow = true;
    site_echo(conn, owner, bytes, len);
}

static void defer_resume(struct loop *loop, void *arg)
{
    loop_defer(loop, resume, arg);
}

/* A call deferred by a deferred call runs after the next poll: so new bytes are read before those
 * held are looked at. */
static void records_held_come_before_new_ones(void)
{
    static const struct conn_ops ops = {.on_read = echo_and_pause_once, .on_close = site_on_close};
    struct site site;
    site_open_tls(&site, &ops, context);
    may_flow = false;
    struct client client = client_connect(&site, 0);
    send_ten_records(&client);
    CHECK(site_wait_bytes(&site, 10));
    send_ten_records(&client);
    site_on(site.loops[0], defer_resume, &site);
    char answer[200];
    CHECK_EQ(200, client_receive(&client, answer, 200));
    for (size_t i = 0; i < 200; i++)
        CHECK_EQ('0' + (char)(i % 10), answer[i]);
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void on_moved(struct conn *conn, void *arg)
{
    struct site *site = arg;
    CHECK(loop_is_current(conn_loop(conn)));
    site->conn = conn;
    site_count(site, &site->moved);
}

static void echo_and_move(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    struct site *site = owner;
    CHECK(loop_is_current(conn_loop(conn)));
    site_echo(conn, owner, bytes, len);
    conn_move(conn, site->loops[loop_index(conn_loop(conn)) == 0], on_moved, site);
}

static void records_that_have_come_move_too(void)
{
    static const struct conn_ops ops = {.on_read = echo_and_move, .on_close = site_on_close};
    struct site site;
    site_open_tls(&site, &ops, context);
    struct client client = client_connect(&site, 0);
    send_ten_records(&client);
    char answer[100];
    CHECK_EQ(100, client_receive(&client, answer, 100));
    for (size_t i = 0; i < 100; i++)
        CHECK_EQ('0' + (char)(i % 10), answer[i]);
    CHECK(site_wait(&site, &site.moved, 10));

    struct chunk *chunk = pattern_chunk(100000);
    uint8_t *bytes = mem_alloc(chunk->len);
    CHECK(client_send(&client, chunk->at, chunk->len));
    CHECK_EQ(chunk->len, client_receive(&client, bytes, chunk->len));
    CHECK_EQ(chunk->len, pattern_matches(bytes, chunk->len));
    mem_free(bytes);
    chunk_unref(&chunk);
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void move_to_1(struct loop *loop, void *arg)
{
    (void)loop;
    struct site *site = arg;
    conn_move(site->conn, site->loops[1], on_moved, site);
}

static void a_blocked_write_goes_on_after_the_move(void)
{
    struct site site;
    site_open_tls(&site, &swallow_with_drained, context);
    site.on_accept = write_8_megabytes;
    struct client client = client_connect(&site, 0);
    uint8_t *bytes = mem_alloc(8 * MEGABYTE);
    CHECK_EQ(1, client_receive(&client, bytes, 1));
    site_on(site.loops[0], move_to_1, &site);
    CHECK_EQ(8 * MEGABYTE - 1, client_receive(&client, bytes + 1, 8 * MEGABYTE - 1));
    CHECK_EQ(8 * MEGABYTE, pattern_matches(bytes, 8 * MEGABYTE));
    mem_free(bytes);
    CHECK(site_wait(&site, &site.drained, 1));
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

/* --- Hostile clients --- */

static void write_key_updates(struct client *client, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (SSL_key_update(client->ssl, SSL_KEY_UPDATE_REQUESTED) != 1 ||
            SSL_do_handshake(client->ssl) != 1)
            return; /* the server had enough */
    }
}

static void a_key_update_now_and_then_is_fine(void)
{
    struct site site;
    site_open_tls(&site, &echo, context);
    struct client client = client_connect(&site, TLS1_3_VERSION);
    for (int i = 0; i < 50; i++) {
        char answer[5];
        write_key_updates(&client, 1);
        CHECK(client_send(&client, "hello", 5));
        CHECK_EQ(5, client_receive(&client, answer, 5));
        CHECK_EQ(0, memcmp(answer, "hello", 5));
    }
    client_close(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    site_close(&site);
}

/* Each makes the server derive keys. */
static void key_updates_without_end_close_the_connection(void)
{
    struct site site;
    site_open_tls(&site, &swallow, context);
    site.on_accept = pause_at_once;
    struct client client = client_connect(&site, TLS1_3_VERSION);
    CHECK(site_wait(&site, &site.accepted, 1));
    write_key_updates(&client, 2000); /* so many wait to be read at once */
    site_on(site.loops[0], resume, &site);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_LIMIT, atomic_load(&site.why));
    client_drop(&client);
    site_close(&site);
}

static void renegotiation_is_refused(void)
{
    struct site site;
    site_open_tls(&site, &echo, context);
    struct client client = client_connect(&site, TLS1_2_VERSION);
    CHECK_EQ(1, SSL_renegotiate(client.ssl));
    CHECK(SSL_do_handshake(client.ssl) != 1 || !client_send(&client, "hello", 5));
    client_drop(&client);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* clients write to connections that were closed */
    context = make_context(NULL);
    body = pattern_chunk(8 * MEGABYTE);
    RUN(bytes_come_back_in_order);
    RUN(a_slow_reader_gets_a_large_write_whole);
    RUN(small_slices_share_a_record);
    RUN(a_large_read_arrives_whole);
    RUN(peers_may_go_at_any_step_of_the_handshake);
    RUN(a_handshake_may_come_byte_by_byte);
    RUN(what_is_not_tls_is_closed);
    RUN(garbage_in_a_handshake_is_refused);
    RUN(a_silent_client_is_closed_after_a_while);
    RUN(a_silent_client_may_stay_after_the_handshake);
    RUN(handshakes_end_with_their_listener);
    RUN(closing_says_so_after_the_last_byte);
    RUN(closing_sends_what_is_queued_first);
    RUN(a_client_may_end_with_or_without_saying_so);
    RUN(a_broken_record_ends_the_connection);
    RUN(pausing_holds_records_that_have_come);
    RUN(records_held_come_before_new_ones);
    RUN(records_that_have_come_move_too);
    RUN(a_blocked_write_goes_on_after_the_move);
    RUN(a_key_update_now_and_then_is_fine);
    RUN(key_updates_without_end_close_the_connection);
    RUN(renegotiation_is_refused);
    tls_context_destroy(context);
    CHECK_EQ(1, atomic_load(&body->refs)); /* every connection let go of it */
    chunk_unref(&body);
    return check_report();
}
