#include "loop/conn.h"

#include "loop/conn_inside.h"
#include "site.h"

#define MEGABYTE ((size_t)1 << 20)
enum { LINGER_US = 2 * WAIT_S * 1000000 };

static const struct conn_ops echo = {.on_read = site_echo, .on_close = site_on_close};
static const struct conn_ops swallow = {.on_read = site_swallow, .on_close = site_on_close};
static const struct conn_ops swallow_past_end = {
    .on_read = site_swallow, .on_end = site_on_end, .on_close = site_on_close};
static const struct conn_ops swallow_with_drained = {
    .on_read = site_swallow, .on_drained = site_on_drained, .on_close = site_on_close};

static struct chunk *body; /* 16 megabytes of pattern, made before any loop runs */

static void nothing(struct loop *loop, void *arg)
{
    (void)loop;
    (void)arg;
}

static void write_text(struct conn *conn, const char *text)
{
    struct slice slice = slice_static(text, strlen(text));
    conn_write(conn, &slice, 1);
}

/* --- Reading and writing --- */

static void bytes_come_back_in_order(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    int fd = site_connect(&site);
    char answer[16] = "";
    for (int i = 0; i < 3; i++) {
        CHECK(send_all(fd, "hello", 5));
        CHECK_EQ(5, receive(fd, answer, 5));
        CHECK_EQ(0, memcmp(answer, "hello", 5));
    }
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    site_close(&site);
}

static void write_16_megabytes(struct site *site, struct conn *conn)
{
    (void)site;
    struct slice slices[300];
    for (size_t i = 0; i < 300; i++) /* more than one call takes */
        slices[i] = (struct slice){.chunk = body, .at = body->at + i * 100, .len = 100};
    conn_write(conn, slices, 300);
    struct slice rest = {.chunk = body, .at = body->at + 30000, .len = body->len - 30000};
    conn_write(conn, &rest, 1);
    CHECK_EQ(16 * MEGABYTE, conn_queued(conn));
}

static void check_queue_is_empty(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    CHECK_EQ(0, conn_queued(site->conn));
}

static void a_slow_reader_gets_a_large_write_whole(void)
{
    struct site site;
    site_open(&site, &swallow_with_drained, NULL);
    site.on_accept = write_16_megabytes;
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], nothing, NULL); /* nobody reads, so it cannot be drained */
    CHECK_EQ(0, atomic_load(&site.drained));

    uint8_t *bytes = mem_alloc(16 * MEGABYTE);
    CHECK_EQ(16 * MEGABYTE, receive(fd, bytes, 16 * MEGABYTE));
    CHECK_EQ(16 * MEGABYTE, pattern_matches(bytes, 16 * MEGABYTE));
    mem_free(bytes);
    CHECK(site_wait(&site, &site.drained, 1));
    site_on(site.loops[0], check_queue_is_empty, &site);
    CHECK_EQ(1, atomic_load(&site.drained));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void write_ten_times(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    for (int i = 0; i < 10; i++)
        write_text(site->conn, "0123456789");
    CHECK_EQ(100, conn_queued(site->conn));
}

static void writes_wait_for_the_end_of_the_turn(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], write_ten_times, &site);
    char answer[100];
    CHECK_EQ(100, receive(fd, answer, 100));
    site_on(site.loops[0], check_queue_is_empty, &site);
    close(fd);
    site_close(&site);
}

/* --- Holding back --- */

static void pause_at_once(struct site *site, struct conn *conn)
{
    (void)site;
    conn_pause(conn);
}

static void resume(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    conn_resume(site->conn);
    conn_resume(site->conn);
}

static void a_paused_connection_reads_nothing(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    site.on_accept = pause_at_once;
    int fd = site_connect(&site);
    CHECK(send_all(fd, "hello", 5));
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], nothing, NULL);
    site_on(site.loops[0], nothing, NULL);
    CHECK_EQ(0, atomic_load(&site.got));
    site_on(site.loops[0], resume, &site);
    char answer[5];
    CHECK_EQ(5, receive(fd, answer, 5));
    close(fd);
    site_close(&site);
}

static void swallow_and_pause(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    site_swallow(conn, owner, bytes, len);
    conn_pause(conn);
}

/* So much that it would be read in several pieces if pausing did not stop that. */
static void pausing_while_reading_stops_it(void)
{
    static const struct conn_ops ops = {.on_read = swallow_and_pause, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    site.on_accept = pause_at_once;
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    struct chunk *chunk = pattern_chunk((size_t)INSIDE_READ_SIZE * 2);
    CHECK(send_all(fd, chunk->at, chunk->len));
    site_on(site.loops[0], resume, &site);
    CHECK(site_wait_bytes(&site, 1));
    site_on(site.loops[0], nothing, NULL);
    CHECK(atomic_load(&site.got) <= INSIDE_READ_SIZE);
    while (atomic_load(&site.got) < chunk->len) {
        size_t before = atomic_load(&site.got);
        site_on(site.loops[0], resume, &site);
        if (!site_wait_bytes(&site, before + 1)) {
            CHECK(false);
            break;
        }
    }
    chunk_unref(&chunk);
    close(fd);
    site_close(&site);
}

struct turns {
    size_t this_turn;
    size_t most;
    bool is_counting;
};

static void end_turn(struct loop *loop, void *arg)
{
    (void)loop;
    struct turns *turns = arg;
    if (turns->this_turn > turns->most)
        turns->most = turns->this_turn;
    turns->this_turn = 0;
    turns->is_counting = false;
}

static struct turns turns; /* of the one connection that counts them, on its loop */

static void count_turn(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    turns.this_turn += len;
    if (!turns.is_counting) {
        turns.is_counting = true;
        loop_defer(conn_loop(conn), end_turn, &turns);
    }
    site_swallow(conn, owner, bytes, len);
}

static void pause_with_a_large_window(struct site *site, struct conn *conn)
{
    int size = 4 * MEGABYTE;
    CHECK_EQ(0, setsockopt(conn->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
    pause_at_once(site, conn);
}

static void reading_keeps_to_its_budget(void)
{
    static const struct conn_ops ops = {.on_read = count_turn, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    site.on_accept = pause_with_a_large_window;
    turns = (struct turns){0};
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    struct chunk *chunk = pattern_chunk((size_t)2 * CONN_READ_BUDGET);
    CHECK(send_all(fd, chunk->at, chunk->len)); /* waits in the system */
    site_on(site.loops[0], resume, &site);
    CHECK(site_wait_bytes(&site, chunk->len));
    chunk_unref(&chunk);
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK(turns.most <= CONN_READ_BUDGET);
    CHECK(turns.most > INSIDE_READ_SIZE);
    site_close(&site);
}

/* --- Peers that go --- */

static void peers_may_go_at_any_time(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    unsigned gone = 0;
    for (int step = 0; step < 8; step++) {
        int fd = site_connect(&site);
        if (step >= 2)
            CHECK(send_all(fd, "hello", 5));
        char answer[5];
        if (step >= 4)
            CHECK(receive(fd, answer, step >= 6 ? 5 : 1) > 0);
        if (step % 2 == 0)
            close(fd);
        else
            reset(fd);
        CHECK(site_wait(&site, &site.closed, ++gone));
        CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    }
    site_close(&site);
}

static void a_reset_ends_a_blocked_write(void)
{
    struct site site;
    site_open(&site, &swallow_with_drained, NULL);
    site.on_accept = write_16_megabytes;
    int fd = site_connect(&site);
    uint8_t byte = 0;
    CHECK_EQ(1, receive(fd, &byte, 1));
    reset(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(0, atomic_load(&site.drained));
    site_close(&site);
}

static void pause_and_write_16_megabytes(struct site *site, struct conn *conn)
{
    conn_pause(conn);
    write_16_megabytes(site, conn);
}

static void a_reset_ends_a_blocked_write_while_paused(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    site.on_accept = pause_and_write_16_megabytes;
    int fd = site_connect(&site);
    uint8_t byte = 0;
    CHECK_EQ(1, receive(fd, &byte, 1));
    reset(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void answer_the_end(struct conn *conn, void *owner)
{
    write_text(conn, "bye");
    conn_close(conn, LINGER_US);
    site_on_end(conn, owner);
}

static void a_peer_that_closed_its_direction_is_still_answered(void)
{
    static const struct conn_ops ops = {
        .on_read = site_swallow, .on_end = answer_the_end, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    int fd = site_connect(&site);
    CHECK(send_all(fd, "hello", 5));
    CHECK_EQ(0, shutdown(fd, SHUT_WR));
    char answer[4];
    CHECK_EQ(3, receive(fd, answer, 4));
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(1, atomic_load(&site.ended));
    CHECK_EQ(5, atomic_load(&site.got));
    close(fd);
    site_close(&site);
}

static void write_hello(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    write_text(site->conn, "hello");
}

static void an_ended_connection_stays_open_for_writing(void)
{
    struct site site;
    site_open(&site, &swallow_past_end, NULL);
    int fd = site_connect(&site);
    CHECK_EQ(0, shutdown(fd, SHUT_WR));
    CHECK(site_wait(&site, &site.ended, 1));
    site_on(site.loops[0], nothing, NULL);
    CHECK_EQ(1, atomic_load(&site.ended));
    CHECK_EQ(0, atomic_load(&site.closed));
    site_on(site.loops[0], write_hello, &site);
    char answer[5];
    CHECK_EQ(5, receive(fd, answer, 5));
    close(fd);
    site_close(&site);
}

static void without_on_end_the_connection_is_closed(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    int fd = site_connect(&site);
    CHECK_EQ(0, shutdown(fd, SHUT_WR));
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK(is_at_end(fd));
    close(fd);
    site_close(&site);
}

/* --- Closing --- */

static void write_a_megabyte_and_close(struct site *site, struct conn *conn)
{
    struct slice slice = {.chunk = body, .at = body->at, .len = MEGABYTE};
    conn_write(conn, &slice, 1);
    conn_close(conn, LINGER_US);
    write_text(conn, "too late");
    CHECK_EQ(0, atomic_load(&site->closed)); /* never inside the call */
}

static void closing_sends_what_is_queued_first(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    site.on_accept = write_a_megabyte_and_close;
    int fd = site_connect(&site);
    uint8_t *bytes = mem_alloc(MEGABYTE + 1);
    CHECK_EQ(MEGABYTE, receive(fd, bytes, MEGABYTE + 1));
    CHECK_EQ(MEGABYTE, pattern_matches(bytes, MEGABYTE));
    mem_free(bytes);
    CHECK_EQ(0, atomic_load(&site.closed)); /* it waits for our end */
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    site_close(&site);
}

static void write_16_megabytes_and_close(struct site *site, struct conn *conn)
{
    write_16_megabytes(site, conn);
    conn_close(conn, LINGER_US);
}

static void the_peers_end_does_not_cut_short_what_is_queued(void)
{
    struct site site;
    site_open(&site, &swallow_past_end, NULL);
    site.on_accept = write_16_megabytes_and_close;
    int fd = site_connect(&site);
    CHECK_EQ(0, shutdown(fd, SHUT_WR));
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], nothing, NULL);
    site_on(site.loops[0], nothing, NULL); /* it knows by now */
    uint8_t *bytes = mem_alloc(16 * MEGABYTE + 1);
    CHECK_EQ(16 * MEGABYTE, receive(fd, bytes, 16 * MEGABYTE + 1));
    mem_free(bytes);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(0, atomic_load(&site.ended)); /* no news for one who closed */
    close(fd);
    site_close(&site);
}

static void refuse(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    site_swallow(conn, owner, bytes, len);
    write_text(conn, "refused");
    conn_close(conn, LINGER_US);
}

/* Else the system would answer them with a reset, and the client would lose the answer. */
static void bytes_that_come_while_closing_are_discarded(void)
{
    static const struct conn_ops ops = {.on_read = refuse, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    int fd = site_connect(&site);
    struct chunk *chunk = pattern_chunk(8 * MEGABYTE);
    CHECK(send_all(fd, chunk->at, chunk->len));
    chunk_unref(&chunk);
    CHECK(atomic_load(&site.got) <= INSIDE_READ_SIZE);
    char answer[7];
    CHECK_EQ(7, receive(fd, answer, 7));
    CHECK(is_at_end(fd));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void close_now(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    conn_close(site->conn, 0);
}

static void close_late(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    conn_close(site->conn, LINGER_US);
}

static void close_now_and_late(struct loop *loop, void *arg)
{
    close_now(loop, arg);
    close_late(loop, arg); /* longer: changes nothing */
}

static void closing_waits_no_longer_than_told(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    site.on_accept = write_16_megabytes;
    int blocked = site_connect(&site); /* reads nothing */
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], close_now, &site);
    CHECK(site_wait(&site, &site.closed, 1));

    int again = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 2));
    site_on(site.loops[0], close_late, &site);
    site_on(site.loops[0], nothing, NULL);
    CHECK_EQ(1, atomic_load(&site.closed));
    site_on(site.loops[0], close_now, &site); /* shorter than before */
    CHECK(site_wait(&site, &site.closed, 2));
    close(blocked);
    close(again);
    site_close(&site);
}

static void a_lingering_connection_ends_with_its_time(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    int fd = site_connect(&site); /* never closes */
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], close_late, &site);
    CHECK(is_at_end(fd));
    CHECK_EQ(0, atomic_load(&site.closed));
    site_on(site.loops[0], close_now_and_late, &site);
    CHECK(site_wait(&site, &site.closed, 1));
    close(fd);
    site_close(&site);
}

static void echo_and_close(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    site_echo(conn, owner, bytes, len);
    conn_close(conn, LINGER_US);
    conn_pause(conn);
    conn_resume(conn);
}

static void an_owner_may_close_while_reading(void)
{
    static const struct conn_ops ops = {.on_read = echo_and_close, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    int fd = site_connect(&site);
    CHECK(send_all(fd, "hello", 5));
    char answer[5];
    CHECK_EQ(5, receive(fd, answer, 5));
    CHECK(is_at_end(fd));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void connections_end_with_their_loop(void)
{
    struct site site;
    site_open(&site, &swallow_past_end, NULL);
    int fds[5];
    for (unsigned i = 0; i < 5; i++) {
        fds[i] = site_connect(&site);
        CHECK(site_wait(&site, &site.accepted, i + 1));
    }
    site_close(&site); /* checks that each had its on_close */
    CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    for (unsigned i = 0; i < 5; i++)
        close(fds[i]);
}

/* --- Moving --- */

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

static void *send_pattern(void *arg)
{
    struct chunk *chunk = pattern_chunk(4 * MEGABYTE);
    CHECK(send_all(*(int *)arg, chunk->at, chunk->len));
    chunk_unref(&chunk);
    return NULL;
}

/* Each read moves it to the other loop, with what it has just written still queued. */
static void nothing_is_lost_or_swapped_by_moving(void)
{
    static const struct conn_ops ops = {.on_read = echo_and_move, .on_close = site_on_close};
    struct site site;
    site_open(&site, &ops, NULL);
    int fd = site_connect(&site);
    pthread_t sender;
    pthread_create(&sender, NULL, send_pattern, &fd);
    uint8_t *bytes = mem_alloc(4 * MEGABYTE);
    CHECK_EQ(4 * MEGABYTE, receive(fd, bytes, 4 * MEGABYTE));
    CHECK_EQ(4 * MEGABYTE, pattern_matches(bytes, 4 * MEGABYTE));
    mem_free(bytes);
    pthread_join(sender, NULL);
    CHECK(atomic_load(&site.moved) > 10);
    close(fd);
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
    site_open(&site, &swallow_with_drained, NULL);
    site.on_accept = write_16_megabytes;
    int fd = site_connect(&site);
    uint8_t *bytes = mem_alloc(16 * MEGABYTE);
    CHECK_EQ(1, receive(fd, bytes, 1));
    site_on(site.loops[0], move_to_1, &site);
    CHECK(site_wait(&site, &site.moved, 1));
    CHECK_EQ(16 * MEGABYTE - 1, receive(fd, bytes + 1, 16 * MEGABYTE - 1));
    CHECK_EQ(16 * MEGABYTE, pattern_matches(bytes, 16 * MEGABYTE));
    mem_free(bytes);
    CHECK(site_wait(&site, &site.drained, 1));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

static void write_and_move(struct loop *loop, void *arg)
{
    write_hello(loop, arg);
    move_to_1(loop, arg);
}

static void defer_write_and_move(struct loop *loop, void *arg)
{
    loop_defer(loop, write_and_move, arg);
}

/* Its flush is put off to a time at which, if nobody took care, it would be on the other loop. */
static void a_deferred_call_may_write_and_move(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], defer_write_and_move, &site);
    char answer[5];
    CHECK_EQ(5, receive(fd, answer, 5));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(1, atomic_load(&site.moved));
    site_close(&site);
}

static void reset_and_move(struct loop *loop, void *arg)
{
    struct site *site = arg;
    reset(site->client);
    move_to_1(loop, site);
}

static void a_peer_that_went_before_the_move_is_found_after_it(void)
{
    struct site site;
    site_open(&site, &swallow, NULL);
    site.client = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], reset_and_move, &site);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(1, atomic_load(&site.moved));
    site_close(&site);
}

static void check_it_is_idle(struct loop *loop, void *arg)
{
    const struct site *site = arg;
    CHECK(conn_loop(site->conn) == loop);
    CHECK(site->conn->queue.at == NULL);
    CHECK(!conn_is_tls(site->conn));
    CHECK_EQ('\0', conn_alpn(site->conn)[0]);
}

/* A waiting viewer costs a connection and a request: 4 KiB in all. */
static void an_idle_connection_is_small(void)
{
    CHECK(sizeof(struct conn) <= 512);
    struct site site;
    site_open(&site, &echo, NULL);
    int fd = site_connect(&site);
    char answer[5];
    CHECK(send_all(fd, "hello", 5));
    CHECK_EQ(5, receive(fd, answer, 5));
    site_on(site.loops[0], check_it_is_idle, &site);
    close(fd);
    site_close(&site);
}

int main(void)
{
    body = pattern_chunk(16 * MEGABYTE);
    RUN(bytes_come_back_in_order);
    RUN(a_slow_reader_gets_a_large_write_whole);
    RUN(writes_wait_for_the_end_of_the_turn);
    RUN(a_paused_connection_reads_nothing);
    RUN(pausing_while_reading_stops_it);
    RUN(reading_keeps_to_its_budget);
    RUN(peers_may_go_at_any_time);
    RUN(a_reset_ends_a_blocked_write);
    RUN(a_reset_ends_a_blocked_write_while_paused);
    RUN(a_peer_that_closed_its_direction_is_still_answered);
    RUN(an_ended_connection_stays_open_for_writing);
    RUN(without_on_end_the_connection_is_closed);
    RUN(closing_sends_what_is_queued_first);
    RUN(the_peers_end_does_not_cut_short_what_is_queued);
    RUN(bytes_that_come_while_closing_are_discarded);
    RUN(closing_waits_no_longer_than_told);
    RUN(a_lingering_connection_ends_with_its_time);
    RUN(an_owner_may_close_while_reading);
    RUN(connections_end_with_their_loop);
    RUN(nothing_is_lost_or_swapped_by_moving);
    RUN(a_blocked_write_goes_on_after_the_move);
    RUN(a_deferred_call_may_write_and_move);
    RUN(a_peer_that_went_before_the_move_is_found_after_it);
    RUN(an_idle_connection_is_small);
    CHECK_EQ(1, atomic_load(&body->refs)); /* every connection let go of it */
    chunk_unref(&body);
    return check_report();
}
