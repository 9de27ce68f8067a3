#include "ingest/ingest.h"

#include "base/mem.h"
#include "base/text.h"
#include "ingest/broadcast.h"
#include "ingest/inside.h"
#include "ingest/publisher.h"

#include <string.h>

/* How often a drain looks whether the last connection is gone. */
static const int64_t drain_look_us = 10000;

struct ingest_loop *ingest_loop_of(struct ingest *ingest, const struct loop *loop)
{
    struct ingest_loop *found = &ingest->loops[0];
    while (found->loop != loop)
        found++;
    return found;
}

/* FNV-1a: ids are ours, so nobody chooses them to collide, and all nodes agree. */
static size_t home_index(const struct ingest *ingest, struct str channel_id)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < channel_id.len; i++)
        hash = (hash ^ (uint8_t)channel_id.at[i]) * 16777619U;
    return hash % ingest->options.loop_count;
}

struct loop *ingest_home_loop(const struct ingest *ingest, struct str channel_id)
{
    return ingest->loops[home_index(ingest, channel_id)].loop;
}

static struct ingest_loop *home_of(struct ingest *ingest, struct str channel_id)
{
    return &ingest->loops[home_index(ingest, channel_id)];
}

/* --- Life --- */

struct ingest *ingest_create(const struct ingest_options *options)
{
    struct ingest *ingest = mem_zalloc(1, sizeof(*ingest));
    ingest->options = *options;
    ingest->loops = mem_zalloc(options->loop_count, sizeof(*ingest->loops));
    for (size_t i = 0; i < options->loop_count; i++) {
        struct ingest_loop *home = &ingest->loops[i];
        home->ingest = ingest;
        home->loop = options->loops[i];
        home->metrics = options->metrics != NULL ? options->metrics[i] : NULL;
        list_init(&home->publishers);
        map_init(&home->broadcasts);
    }
    gate_init(&ingest->gate, options->loops[0]);
    ingest->metadata_rate = rate_start(RATE_METADATA_NODE_A_SECOND, 0);
    return ingest;
}

void ingest_destroy(struct ingest *ingest)
{
    if (ingest == NULL)
        return;
    for (size_t i = 0; i < ingest->options.loop_count; i++)
        map_finish(&ingest->loops[i].broadcasts);
    gate_finish(&ingest->gate);
    mem_free(ingest->loops);
    mem_free(ingest);
}

void ingest_accept_with(struct ingest *ingest, struct conn *conn, const uint8_t *bytes, size_t len)
{
    if (atomic_load_explicit(&ingest->is_draining, memory_order_relaxed)) {
        conn_close(conn, 0);
        return;
    }
    publisher_accept(ingest_loop_of(ingest, conn_loop(conn)), conn, bytes, len);
}

void ingest_accept(struct ingest *ingest, struct conn *conn)
{
    ingest_accept_with(ingest, conn, NULL, 0);
}

/* --- What the packager and health tell, on the home loop --- */

static struct broadcast *find_stream(struct ingest *ingest, struct str channel_id,
                                     struct str stream_id)
{
    struct broadcast *broadcast = broadcast_find(home_of(ingest, channel_id), channel_id);
    bool is_it = broadcast != NULL && str_equal(str_of(broadcast->stream.id), stream_id);
    return is_it ? broadcast : NULL;
}

void ingest_set_playable(struct ingest *ingest, struct str channel_id, struct str stream_id)
{
    struct broadcast *broadcast = find_stream(ingest, channel_id, stream_id);
    if (broadcast != NULL)
        broadcast_on_playable(broadcast);
}

void ingest_report(struct ingest *ingest, struct str channel_id, struct str stream_id,
                   const struct event_batch *batch)
{
    struct broadcast *broadcast = find_stream(ingest, channel_id, stream_id);
    if (broadcast != NULL)
        broadcast_report(broadcast, batch);
}

/* --- From any loop --- */

struct stop {
    struct ingest *ingest;
    struct channel_id channel;
    enum ingest_stop why;
    char *reason;
};

static struct channel_id copy_id(struct str id)
{
    struct channel_id copy = {0};
    if (id.len < sizeof(copy.at))
        memcpy(copy.at, id.at, id.len); /* a longer one is nobody's */
    return copy;
}

static void run_stop(struct loop *loop, void *arg)
{
    static const enum session_end ends[] = {
        [INGEST_STOPPED] = SESSION_END_STOPPED,
        [INGEST_KEY_RESET] = SESSION_END_KEY_RESET,
        [INGEST_LIMIT] = SESSION_END_INGEST_LIMIT,
    };
    struct stop *stop = arg;
    struct str id = str_of(stop->channel.at);
    (void)loop;
    struct broadcast *broadcast = broadcast_find(home_of(stop->ingest, id), id);
    if (broadcast != NULL)
        broadcast_stop(broadcast, ends[stop->why], str_of(stop->reason));
    mem_free(stop->reason);
    mem_free(stop);
}

void ingest_stop(struct ingest *ingest, struct str channel_id, enum ingest_stop why,
                 struct str reason)
{
    struct stop *stop = mem_zalloc(1, sizeof(*stop));
    *stop = (struct stop){.ingest = ingest,
                          .channel = copy_id(channel_id),
                          .why = why,
                          .reason = mem_copy_str(reason.at, reason.len)};
    loop_post(ingest_home_loop(ingest, str_of(stop->channel.at)), run_stop, stop);
}

/* A payload on its way: to the first loop for the node's rate, home for the channel's, and back. */
struct put {
    struct ingest *ingest;
    struct channel_id channel;
    struct chunk *payload;
    struct loop *from;
    ingest_metadata_fn reply;
    void *arg;
    enum err err;
};

static void reply_put(struct loop *loop, void *arg)
{
    struct put *put = arg;
    (void)loop;
    put->reply(put->arg, put->err);
    chunk_unref(&put->payload);
    mem_free(put);
}

static void put_at_home(struct loop *loop, void *arg)
{
    struct put *put = arg;
    struct str id = str_of(put->channel.at);
    (void)loop;
    struct broadcast *broadcast = broadcast_find(home_of(put->ingest, id), id);
    put->err = broadcast != NULL ? broadcast_put_metadata(broadcast, put->payload) : ERR_NOT_FOUND;
    loop_post(put->from, reply_put, put);
}

static void put_at_node(struct loop *loop, void *arg)
{
    struct put *put = arg;
    if (rate_take(&put->ingest->metadata_rate, loop_now_us(loop))) {
        loop_post(ingest_home_loop(put->ingest, str_of(put->channel.at)), put_at_home, put);
        return;
    }
    put->err = ERR_LIMIT;
    loop_post(put->from, reply_put, put);
}

void ingest_put_metadata(struct ingest *ingest, struct loop *from, struct str channel_id,
                         struct str text, ingest_metadata_fn reply, void *reply_arg)
{
    struct put *put = mem_zalloc(1, sizeof(*put));
    *put = (struct put){.ingest = ingest,
                        .channel = copy_id(channel_id),
                        .from = from,
                        .reply = reply,
                        .arg = reply_arg};
    bool is_valid = text.len > 0 && text.len <= FEED_MAX_METADATA && text_is_utf8(text) &&
                    memchr(text.at, '\0', text.len) == NULL;
    if (!is_valid) {
        put->err = ERR_MALFORMED;
        loop_post(from, reply_put, put);
        return;
    }
    put->payload = chunk_copy(text.at, text.len);
    loop_post(ingest->loops[0].loop, put_at_node, put);
}

/* --- Drain --- */

static void drain_loop(struct loop *loop, void *arg)
{
    struct ingest *ingest = arg;
    struct ingest_loop *home = ingest_loop_of(ingest, loop);
    struct map_entry entry;
    for (size_t at = 0; map_next(&home->broadcasts, &at, &entry);) {
        broadcast_drain(entry.value);
        broadcast_destroy(entry.value);
    }
    LIST_FOR_EACH(node, &home->publishers)
    {
        publisher_drain(LIST_ENTRY(node, struct publisher, link));
    }
    atomic_fetch_sub_explicit(&ingest->undrained, 1, memory_order_release);
}

static void reply_drained(struct loop *loop, void *arg)
{
    struct ingest *ingest = arg;
    (void)loop;
    ingest->drain_reply(ingest->drain_arg);
}

static void look_whether_drained(struct loop *loop, void *arg)
{
    struct ingest *ingest = arg;
    if (atomic_load_explicit(&ingest->undrained, memory_order_acquire) > 0 ||
        atomic_load_explicit(&ingest->publishers, memory_order_acquire) > 0) {
        loop_timer_start(loop, &ingest->drain_timer, drain_look_us, look_whether_drained, ingest);
        return;
    }
    loop_post(loop, reply_drained, ingest); /* behind what they told the gate as they went */
}

static void start_drain(struct loop *loop, void *arg)
{
    struct ingest *ingest = arg;
    for (size_t i = 0; i < ingest->options.loop_count; i++)
        loop_post(ingest->loops[i].loop, drain_loop, ingest);
    loop_timer_start(loop, &ingest->drain_timer, drain_look_us, look_whether_drained, ingest);
}

void ingest_drain(struct ingest *ingest, void (*reply)(void *reply_arg), void *reply_arg)
{
    ingest->drain_reply = reply;
    ingest->drain_arg = reply_arg;
    atomic_store_explicit(&ingest->undrained, (unsigned)ingest->options.loop_count,
                          memory_order_relaxed);
    atomic_store_explicit(&ingest->is_draining, true, memory_order_relaxed);
    loop_post(ingest->loops[0].loop, start_drain, ingest);
}
