/*
 * What the tests of ingest's adapters share: ingest on two real loops with recording hooks, and a
 * scripted RTMP client that blocks in the test's thread. Nothing sleeps: the test waits for bytes,
 * or for a line in the record.
 */
#pragma once

#include "base/mem.h"
#include "check.h"
#include "ingest/ingest.h"
#include "loop/listener.h"
#include "media.h"
#include "proto/rtmp/rtmp_chunk_writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 20, SITE_LOOPS = 2, RECORD_MAX = 65536 };

/* Any key of 16 or more characters that begins with "good" belongs to the channel named after its
 * next two: goodAA… and goodBB… */
#define KEY_A "goodAA0123456789"
#define KEY_B "goodBB0123456789"
#define KEY_C "goodCC0123456789"

struct site {
    struct loop *loops[SITE_LOOPS];
    pthread_t threads[SITE_LOOPS];
    struct listener *listener; /* on the first */
    uint16_t port;
    struct ingest *ingest;
    struct metrics *metrics[SITE_LOOPS];
    atomic_bool fails_to_look; /* the next keys cannot be looked up */
    atomic_bool takes_c0;      /* connections come with it, as if it had been read */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    char record[RECORD_MAX]; /* what the hooks were told, a line each */
    size_t record_len;
    char stream_id[INGEST_STREAM_ID_LEN + 1]; /* of the newest session */
};

/* --- The record --- */

static inline void site_note(struct site *site, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void site_note(struct site *site, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&site->lock);
    char *at = site->record + site->record_len;
    size_t room = RECORD_MAX - site->record_len;
    int len = vsnprintf(at, room, format, arguments);
    if (len > 0 && (size_t)len < room)
        site->record_len += (size_t)len;
    pthread_cond_broadcast(&site->changed);
    pthread_mutex_unlock(&site->lock);
    va_end(arguments);
}

static inline size_t count_in(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* How often `part` stands in the record, once that is at least `want`. */
static inline size_t site_wait(struct site *site, const char *part, size_t want)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&site->lock);
    int err = 0;
    while (count_in(site->record, part) < want && err == 0)
        err = pthread_cond_timedwait(&site->changed, &site->lock, &until);
    size_t count = count_in(site->record, part);
    if (err != 0)
        printf("waited in vain for \"%s\" in:\n%s", part, site->record);
    pthread_mutex_unlock(&site->lock);
    return count;
}

static inline size_t site_count(struct site *site, const char *part)
{
    pthread_mutex_lock(&site->lock);
    size_t count = count_in(site->record, part);
    pthread_mutex_unlock(&site->lock);
    return count;
}

static inline void site_forget(struct site *site)
{
    pthread_mutex_lock(&site->lock);
    site->record_len = 0;
    site->record[0] = '\0';
    pthread_mutex_unlock(&site->lock);
}

/* --- Hooks --- */

struct lookup {
    struct site *site;
    char key[64];
    ingest_key_fn reply;
    void *arg;
};

static inline void site_answer(struct loop *loop, void *arg)
{
    struct lookup *lookup = arg;
    struct ingest_channel channel = {.type = LIMITS_STANDARD};
    (void)loop;
    bool is_good = strncmp(lookup->key, "good", 4) == 0 && strlen(lookup->key) >= 16;
    (void)snprintf(channel.id.at, sizeof(channel.id.at), "channel%.5s", lookup->key + 4);
    (void)snprintf(channel.name, sizeof(channel.name), "%.2s", lookup->key + 4);
    enum err err = is_good ? ERR_OK : ERR_NOT_FOUND;
    if (lookup->site->fails_to_look)
        err = ERR_IO;
    lookup->reply(lookup->arg, err, is_good ? &channel : NULL);
    mem_free(lookup);
}

static inline void site_find_key(void *arg, struct loop *loop, struct secret key,
                                 ingest_key_fn reply, void *reply_arg)
{
    struct lookup *lookup = mem_zalloc(1, sizeof(*lookup));
    *lookup = (struct lookup){.site = arg, .reply = reply, .arg = reply_arg};
    if (key.value.len > 0 && key.value.len < sizeof(lookup->key))
        memcpy(lookup->key, key.value.at, key.value.len);
    loop_post(loop, site_answer, lookup);
}

struct viewer {
    struct subscriber subscriber;
    struct site *site;
    char name[3];
};

/* By the first letter of the channel's name. */
static struct viewer viewers[4];

/* Notes each item: frame:AA:K is a keyframe of channel AA's source. */
static inline void site_on_ready(struct subscriber *subscriber)
{
    struct source_item item;
    const struct viewer *viewer = (const void *)subscriber;
    while (source_take(subscriber, &item) == ERR_OK) {
        if (item.kind == SOURCE_FRAME)
            site_note(viewer->site, "frame:%s:%s g%u\n", viewer->name,
                      item.frame->kind == TRACK_AUDIO ? "a"
                      : item.frame->is_key            ? "K"
                                                      : "f",
                      item.frame->generation->number);
        else if (item.kind == SOURCE_METADATA)
            site_note(viewer->site, "metadata:%s:%u:%.*s\n", viewer->name, item.metadata_id,
                      (int)item.metadata.len, (const char *)item.metadata.at);
        else
            site_note(viewer->site, "%s:%s\n", item.kind == SOURCE_BREAK ? "break" : "last",
                      viewer->name);
        source_item_finish(&item);
    }
}

static inline struct viewer *viewer_of(const struct ingest_stream *stream)
{
    return &viewers[(stream->channel.name[0] - 'A') & 3];
}

static inline void site_on_open(void *arg, const struct ingest_stream *stream)
{
    struct site *site = arg;
    struct viewer *viewer = viewer_of(stream);
    CHECK(loop_is_current(stream->loop));
    *viewer = (struct viewer){
        .subscriber = {.on_ready = site_on_ready, .max_items = 1000, .max_bytes = 1 << 24},
        .site = site};
    memcpy(viewer->name, stream->channel.name, 3);
    source_subscribe(stream->source, &viewer->subscriber);
    pthread_mutex_lock(&site->lock);
    memcpy(site->stream_id, stream->id, sizeof(stream->id));
    pthread_mutex_unlock(&site->lock);
    site_note(site, "open:%s\n", stream->channel.name);
}

static inline void site_on_change(void *arg, const struct ingest_change *change)
{
    for (size_t i = 0; i < change->event_count; i++)
        site_note(arg, "event:%s:%s/%s\n", change->stream->channel.name, change->events[i].name,
                  change->events[i].code != NULL ? change->events[i].code : "");
    if (change->ended_at_us != 0)
        site_note(arg, "ended:%s error=%d\n", change->stream->channel.name,
                  change->has_error_event);
    if (change->ingest_config != NULL && change->event_count == 0)
        site_note(arg, "config:%s:%s\n", change->stream->channel.name, change->ingest_config);
}

static inline void site_on_lost(void *arg, const struct ingest_stream *stream)
{
    site_note(arg, "lost:%s\n", stream->channel.name);
}

static inline void site_on_bitrate(void *arg, const struct ingest_stream *stream, uint64_t bps)
{
    site_note(arg, "bitrate:%s:%d\n", stream->channel.name, (int)bps);
}

static inline void site_on_end(void *arg, const struct ingest_stream *stream)
{
    source_unsubscribe(&viewer_of(stream)->subscriber);
    site_note(arg, "closed:%s\n", stream->channel.name);
}

static inline void site_on_notice(void *arg, const struct ingest_channel *channel,
                                  const struct event *event)
{
    site_note(arg, "notice:%s:%s/%s %s\n", channel->name, event->name,
              event->code != NULL ? event->code : "", event->detail);
}

/* --- Life --- */

static inline void *site_thread(void *arg)
{
    loop_run(arg);
    return NULL;
}

static inline void site_accept(struct conn *conn, void *arg)
{
    struct site *site = arg;
    if (site->takes_c0)
        ingest_accept_with(site->ingest, conn, (const uint8_t *)"\x03", 1);
    else
        ingest_accept(site->ingest, conn);
}

/* Window of 600 ms and 100 streams unless `change` says otherwise. */
static inline void site_open(struct site *site, void (*change)(struct ingest_options *))
{
    *site = (struct site){0};
    pthread_mutex_init(&site->lock, NULL);
    pthread_cond_init(&site->changed, NULL);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        CHECK_EQ(ERR_OK, loop_create(i, &site->loops[i]));
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        site->metrics[i] = metrics_create();
    struct ingest_options options = {
        .loops = site->loops,
        .metrics = site->metrics,
        .loop_count = SITE_LOOPS,
        .insecure_ingest = true,
        .public_url = "rtmps://live.example/app/",
        .reconnect_window_us = 600000,
        .max_session_us = 3600000000,
        .max_live_streams = 100,
        .random = random_system(),
        .hooks = {.find_key = site_find_key,
                  .on_open = site_on_open,
                  .on_change = site_on_change,
                  .on_lost = site_on_lost,
                  .on_bitrate = site_on_bitrate,
                  .on_end = site_on_end,
                  .on_notice = site_on_notice,
                  .arg = site},
    };
    if (change != NULL)
        change(&options);
    site->ingest = ingest_create(&options);
    const struct listener_options listener = {.host = "0.0.0.0",
                                              .max_connections = 1000,
                                              .protocol = "rtmp",
                                              .on_accept = site_accept,
                                              .arg = site};
    CHECK_EQ(ERR_OK, listener_create(site->loops[0], &listener, &site->listener));
    site->port = listener_port(site->listener);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        pthread_create(&site->threads[i], NULL, site_thread, site->loops[i]);
}

static inline void site_drained(void *arg)
{
    site_note(arg, "drained\n");
}

static inline int64_t site_metric(const struct site *site, enum metric metric)
{
    return metrics_sum(site->metrics, SITE_LOOPS, metric);
}

/* Once ingest was told to drain. */
static inline void site_stop(struct site *site)
{
    CHECK_EQ(1, site_wait(site, "drained", 1));
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        loop_stop(site->loops[i]);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        pthread_join(site->threads[i], NULL);
    listener_destroy(site->listener);
    ingest_destroy(site->ingest);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        loop_destroy(site->loops[i]);
    /* Whatever came is gone. */
    CHECK_EQ(0, site_metric(site, METRIC_INGEST_CONNECTIONS));
    CHECK_EQ(0, site_metric(site, METRIC_INGEST_PUBLISHERS));
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        metrics_destroy(site->metrics[i]);
    pthread_cond_destroy(&site->changed);
    pthread_mutex_destroy(&site->lock);
}

static inline void site_close(struct site *site)
{
    ingest_drain(site->ingest, site_drained, site);
    site_stop(site);
}
