#include "ingest/publisher.h"

#include "base/mem.h"
#include "ingest/broadcast.h"
#include "log/log.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char module[] = "rtmp";

/* Media rule IN-5, all from accept. */
static const int64_t handshake_us = 5000000;
static const int64_t connect_us = 10000000;
static const int64_t publish_us = 15000000;
static const int64_t key_refusal_us = 1000000; /* from publish (media spec §1.6) */
static const int64_t drain_us = 1000000;       /* to be told that the server is restarting */
static const int64_t linger_us = 300000;       /* for last words (media spec §1.12) */

static const char unknown_app[] = "Unknown application. Use /app.";
static const char restarting[] = "The server is restarting. Try again in a moment.";
static const char bad_key[] = "Stream key not accepted.";

enum { MAX_EARLY = 256 << 10 };

static void count(const struct publisher *publisher, enum metric metric, int64_t by)
{
    metrics_add(publisher->home->metrics, metric, by);
}

static struct gate *gate_of(const struct publisher *publisher)
{
    return &publisher->home->ingest->gate;
}

static void leave_gate(struct publisher *publisher, enum gate_exit exit)
{
    if (!publisher->is_at_gate)
        return;
    publisher->is_at_gate = false;
    gate_leave(gate_of(publisher), &publisher->address, exit);
}

/* --- The end --- */

/* Once the connection is gone and no answer is on the way. */
static void free_if_done(struct publisher *publisher)
{
    if (publisher->conn != NULL || publisher->pending > 0)
        return;
    list_remove(&publisher->link);
    loop_timer_stop(&publisher->timer);
    rtmp_session_destroy(publisher->rtmp);
    assembler_finish(&publisher->assembler);
    buf_finish(&publisher->early);
    count(publisher, METRIC_INGEST_CONNECTIONS, -1);
    atomic_fetch_sub_explicit(&publisher->home->ingest->publishers, 1, memory_order_release);
    mem_free(publisher);
}

static void let_go(struct publisher *publisher)
{
    struct broadcast *broadcast = publisher->broadcast;
    publisher->broadcast = NULL;
    if (broadcast != NULL)
        broadcast_on_gone(broadcast, publisher);
}

static void on_close(struct conn *conn, void *owner, enum err why)
{
    struct publisher *publisher = owner;
    (void)conn;
    if (publisher->state == PUBLISHER_ARRIVED) /* before that, anybody can provoke it */
        log_info(module, "connection lost", "peer=%s channel=%s why=%s", publisher->peer,
                 publisher->channel.name, why == ERR_CLOSED ? "closed" : "failed");
    publisher->conn = NULL;
    publisher->state = PUBLISHER_CLOSING;
    loop_timer_stop(&publisher->timer);
    leave_gate(publisher, GATE_GONE);
    let_go(publisher);
    free_if_done(publisher);
}

static void close_after(struct publisher *publisher, int64_t most_us)
{
    publisher->state = PUBLISHER_CLOSING;
    loop_timer_stop(&publisher->timer);
    leave_gate(publisher, GATE_GONE);
    conn_close(publisher->conn, most_us);
    let_go(publisher);
}

/* --- Bytes --- */

static void flush(struct publisher *publisher)
{
    struct buf *output = rtmp_session_output(publisher->rtmp);
    if (output->len == 0 || publisher->conn == NULL)
        return;
    struct chunk *chunk = buf_take(output);
    struct slice slice = slice_of(chunk);
    conn_write(publisher->conn, &slice, 1);
    chunk_unref(&chunk);
}

static int64_t deadline_us(const struct publisher *publisher)
{
    switch (rtmp_session_phase(publisher->rtmp)) {
    case RTMP_AWAITS_C1:
    case RTMP_AWAITS_C2:
        return publisher->accepted_us + handshake_us;
    case RTMP_AWAITS_CONNECT:
        return publisher->accepted_us + connect_us;
    default:
        return publisher->accepted_us + publish_us;
    }
}

static void on_deadline(struct loop *loop, void *arg)
{
    struct publisher *publisher = arg;
    int64_t left_us = deadline_us(publisher) - loop_now_us(loop);
    if (left_us > 0) {
        loop_timer_start(loop, &publisher->timer, left_us, on_deadline, publisher);
        return;
    }
    log_info(module, "connection too slow", "peer=%s phase=%d", publisher->peer,
             (int)rtmp_session_phase(publisher->rtmp));
    count(publisher, METRIC_INGEST_REFUSED_OTHER, 1);
    close_after(publisher, 0);
}

/* After every call into the RTMP session. */
static void settle(struct publisher *publisher, enum err err)
{
    flush(publisher);
    if (publisher->state == PUBLISHER_CLOSING)
        return;
    bool is_stopped = rtmp_session_phase(publisher->rtmp) == RTMP_STOPPED;
    if (err == ERR_OK && !is_stopped)
        return;
    if (err != ERR_OK && err != ERR_END) {
        log_info(module, "protocol error", "peer=%s channel=%s reason=\"%s\"", publisher->peer,
                 publisher->channel.name, rtmp_session_reason(publisher->rtmp));
        count(publisher, METRIC_INGEST_REFUSED_OTHER, 1);
    }
    close_after(publisher, linger_us);
}

static void feed(struct publisher *publisher, const uint8_t *bytes, size_t len)
{
    count(publisher, METRIC_INGEST_RECEIVED_BYTES, (int64_t)len);
    publisher->is_feeding = true;
    enum err err =
        rtmp_session_feed(publisher->rtmp, bytes, len, loop_now_us(publisher->home->loop));
    publisher->is_feeding = false;
    settle(publisher, err);
}

static void on_read(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    (void)conn;
    feed(owner, bytes, len);
}

/* --- What the broadcast decides --- */

void publisher_close(struct publisher *publisher)
{
    publisher->broadcast = NULL;
    if (publisher->state == PUBLISHER_CLOSING)
        return;
    close_after(publisher, linger_us);
}

static void on_drained(struct loop *loop, void *arg)
{
    (void)loop;
    close_after(arg, 0);
}

void publisher_drain(struct publisher *publisher)
{
    bool awaits_connect = publisher->state == PUBLISHER_TALKS &&
                          rtmp_session_phase(publisher->rtmp) <= RTMP_AWAITS_CONNECT;
    if (awaits_connect)
        loop_timer_start(publisher->home->loop, &publisher->timer, drain_us, on_drained, publisher);
    else
        publisher_close(publisher);
}

void publisher_refuse(struct publisher *publisher, struct str reason)
{
    publisher->broadcast = NULL;
    if (publisher->state == PUBLISHER_CLOSING)
        return;
    bool is_pending = rtmp_session_phase(publisher->rtmp) == RTMP_PENDING;
    log_info(module, "publish refused", "peer=%s channel=%s reason=%s", publisher->peer,
             publisher->channel.name, log_quote(reason).at);
    count(publisher, METRIC_INGEST_REFUSED_OTHER, 1);
    rtmp_session_refuse(publisher->rtmp, is_pending ? RTMP_BAD_NAME : RTMP_REJECTED, reason);
    if (publisher->is_feeding)
        return; /* feed returns ERR_END, and settle() closes */
    flush(publisher);
    close_after(publisher, linger_us);
}

void publisher_start(struct publisher *publisher)
{
    count(publisher, METRIC_INGEST_ACCEPTED, 1);
    log_info(module, "publisher accepted", "peer=%s channel=%s tls=%s", publisher->peer,
             publisher->channel.name, conn_is_tls(publisher->conn) ? "yes" : "no");
    conn_resume(publisher->conn);
    publisher->is_feeding = true;
    enum err err = rtmp_session_accept_publish(publisher->rtmp, loop_now_us(publisher->home->loop));
    publisher->is_feeding = false;
    settle(publisher, err);
}

/* --- The way to the channel --- */

static void arrive(struct publisher *publisher)
{
    publisher->state = PUBLISHER_ARRIVED;
    if (atomic_load_explicit(&publisher->home->ingest->is_draining, memory_order_relaxed))
        publisher_close(publisher);
    else
        broadcast_arrive(publisher->home, publisher);
}

static void on_moved(struct conn *conn, void *arg)
{
    struct publisher *publisher = arg;
    publisher->home = ingest_loop_of(publisher->home->ingest, conn_loop(conn));
    list_append(&publisher->home->publishers, &publisher->link);
    arrive(publisher);
}

static void go_home(struct publisher *publisher)
{
    struct ingest *ingest = publisher->home->ingest;
    struct loop *to = ingest_home_loop(ingest, str_of(publisher->channel.id.at));
    if (to == publisher->home->loop) {
        arrive(publisher);
        return;
    }
    list_remove(&publisher->link);
    publisher->state = PUBLISHER_MOVES;
    conn_move(publisher->conn, to, on_moved, publisher);
}

static void on_refusal_due(struct loop *loop, void *arg)
{
    struct publisher *publisher = arg;
    (void)loop;
    leave_gate(publisher, GATE_REFUSED);
    count(publisher, METRIC_INGEST_REFUSED_KEY, 1);
    log_info(module, "publish refused", "peer=%s reason=key", publisher->peer);
    rtmp_session_refuse(publisher->rtmp, RTMP_BAD_NAME, str_of(bad_key));
    flush(publisher);
    close_after(publisher, linger_us);
}

static void on_key(void *arg, enum err err, const struct ingest_channel *channel)
{
    struct publisher *publisher = arg;
    struct loop *loop = publisher->home->loop;
    publisher->pending--;
    if (publisher->state == PUBLISHER_CLOSING) {
        free_if_done(publisher);
        return;
    }
    if (err == ERR_NOT_FOUND) {
        publisher->state = PUBLISHER_WAITS;
        int64_t left_us = publisher->publish_us + key_refusal_us - loop_now_us(loop);
        loop_timer_start(loop, &publisher->timer, left_us > 0 ? left_us : 0, on_refusal_due,
                         publisher);
        return;
    }
    if (err != ERR_OK) {
        log_warn(module, "stream key not looked up", "peer=%s", publisher->peer);
        publisher_close(publisher);
        return;
    }
    leave_gate(publisher, GATE_ACCEPTED);
    publisher->channel = *channel;
    go_home(publisher);
}

/* --- What the encoder says --- */

static const char *on_connect(void *arg, const struct rtmp_connect *connect)
{
    struct publisher *publisher = arg;
    if (!str_equal(connect->app, STR("app")) && !str_equal(connect->app, STR("live")))
        return unknown_app;
    if (atomic_load_explicit(&publisher->home->ingest->is_draining, memory_order_relaxed))
        return restarting;
    size_t len = connect->flash_ver.len < INGEST_CONFIG_ENCODER_LEN / 4
                     ? connect->flash_ver.len
                     : INGEST_CONFIG_ENCODER_LEN / 4;
    for (size_t i = 0; i < len; i++) {
        char c = connect->flash_ver.at[i];
        if (c < ' ' || c > '~')
            c = '?';
        publisher->hints.flash_ver[i] = c;
    }
    return NULL;
}

static void on_publish(void *arg, const struct rtmp_publish *publish)
{
    struct publisher *publisher = arg;
    const struct ingest_options *options = &publisher->home->ingest->options;
    loop_timer_stop(&publisher->timer);
    if (!conn_is_tls(publisher->conn) && !options->insecure_ingest &&
        !publisher->address.is_loopback) {
        char reason[256];
        (void)snprintf(reason, sizeof(reason), "Use RTMPS: %s", options->public_url);
        publisher_refuse(publisher, str_of(reason));
        return;
    }
    publisher->state = PUBLISHER_LOOKS;
    publisher->publish_us = loop_now_us(publisher->home->loop);
    publisher->priority = publish->priority;
    publisher->pending++;
    conn_pause(publisher->conn); /* TCP holds back what follows */
    options->hooks.find_key(options->hooks.arg, publisher->home->loop, publish->key, on_key,
                            publisher);
}

static void on_media(void *arg, const struct rtmp_media *media)
{
    struct publisher *publisher = arg;
    if (publisher->broadcast == NULL)
        return;
    const struct assembler_message message = {
        .kind = media->kind == RTMP_VIDEO ? TRACK_VIDEO : TRACK_AUDIO,
        .timestamp_ms = media->timestamp,
        .body = media->body,
    };
    broadcast_on_message(publisher->broadcast, publisher, &message);
}

static void on_metadata(void *arg, const struct rtmp_metadata *metadata)
{
    struct publisher *publisher = arg;
    struct ingest_config_hints *hints = &publisher->hints;
    hints->width = metadata->width;
    hints->height = metadata->height;
    hints->framerate = metadata->framerate;
    hints->video_bps = metadata->video_bps;
    hints->audio_bps = metadata->audio_bps;
    hints->audio_sample_rate = metadata->audio_sample_rate;
    hints->audio_channels = metadata->audio_channels;
    memcpy(hints->encoder, metadata->encoder, sizeof(metadata->encoder));
    if (publisher->broadcast != NULL)
        broadcast_on_hints(publisher->broadcast, publisher);
}

static void on_stop(void *arg)
{
    struct publisher *publisher = arg;
    struct broadcast *broadcast = publisher->broadcast;
    publisher->broadcast = NULL;
    if (broadcast != NULL)
        broadcast_on_stop(broadcast, publisher);
}

_Static_assert(sizeof(((struct rtmp_metadata *)0)->encoder) <=
                   sizeof(((struct ingest_config_hints *)0)->encoder),
               "an encoder's name fits");

static const struct rtmp_callbacks callbacks = {
    .on_connect = on_connect,
    .on_publish = on_publish,
    .on_media = on_media,
    .on_metadata = on_metadata,
    .on_stop = on_stop,
};

static const struct conn_ops ops = {.on_read = on_read, .on_close = on_close};

/* --- The beginning --- */

static void on_entered(void *arg, enum address_verdict verdict)
{
    struct publisher *publisher = arg;
    struct loop *loop = publisher->home->loop;
    publisher->pending--;
    publisher->is_at_gate = verdict == ADDRESS_ADMITTED;
    if (publisher->state == PUBLISHER_CLOSING) {
        leave_gate(publisher, GATE_GONE);
        free_if_done(publisher);
        return;
    }
    if (verdict != ADDRESS_ADMITTED) {
        static const char *const reasons[] = {[ADDRESS_BANNED] = "wrong keys",
                                              [ADDRESS_TOO_MANY] = "connections of its address",
                                              [ADDRESS_FULL] = "connections"};
        log_debug(module, "connection closed", "peer=%s too_many=\"%s\"", publisher->peer,
                  reasons[verdict]);
        count(publisher, METRIC_INGEST_REFUSED_OTHER, 1);
        close_after(publisher, 0);
        return;
    }
    publisher->state = PUBLISHER_TALKS;
    publisher->rtmp =
        rtmp_session_create(&callbacks, publisher, publisher->home->ingest->options.random);
    loop_timer_start(loop, &publisher->timer, deadline_us(publisher) - loop_now_us(loop),
                     on_deadline, publisher);
    conn_resume(publisher->conn);
    if (publisher->early.len == 0)
        return;
    feed(publisher, publisher->early.at, publisher->early.len);
    buf_finish(&publisher->early);
}

void publisher_accept(struct ingest_loop *home, struct conn *conn, const uint8_t *early, size_t len)
{
    struct publisher *publisher = mem_zalloc(1, sizeof(*publisher));
    publisher->home = home;
    publisher->conn = conn;
    publisher->accepted_us = loop_now_us(home->loop);
    publisher->address = *conn_peer(conn);
    publisher->pending = 1;
    conn_network(&publisher->address, publisher->peer);
    buf_init(&publisher->early, MAX_EARLY);
    buf_put(&publisher->early, early, len);
    assembler_init(&publisher->assembler);
    list_append(&home->publishers, &publisher->link);
    atomic_fetch_add_explicit(&home->ingest->publishers, 1, memory_order_relaxed);
    count(publisher, METRIC_INGEST_CONNECTIONS, 1);
    conn_set_owner(conn, &ops, publisher);
    conn_pause(conn);
    gate_enter(gate_of(publisher), home->loop, &publisher->address, on_entered, publisher);
}
