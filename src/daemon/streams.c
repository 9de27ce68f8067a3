#include "daemon/streams.h"

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/session_log.h"
#include "health/health.h"
#include "log/log.h"
#include "packager/packager.h"

enum { CAP_WIDTH = 1920, CAP_HEIGHT = 1080 /* the largest picture that is accepted */ };

struct streams {
    struct node *node;
    struct session_log *log;
    struct health *health;
    struct list open; /* of struct stream */
};

/* What a session has on its home loop besides ingest. */
struct stream {
    struct list link;
    struct streams *streams;
    const struct ingest_stream *ingest;
    struct packager *packager;
    struct health_watch *watch;
};

static struct streams *home_of(struct daemon *daemon, const struct ingest_stream *ingest)
{
    return daemon->nodes[loop_index(ingest->loop)].streams;
}

static struct stream *find(struct daemon *daemon, const struct ingest_stream *ingest)
{
    struct streams *streams = home_of(daemon, ingest);
    LIST_FOR_EACH(link, &streams->open)
    {
        struct stream *stream = LIST_ENTRY(link, struct stream, link);
        if (stream->ingest == ingest)
            return stream;
    }
    return NULL;
}

/* --- Whose key is it? --- */

struct key_lookup {
    struct daemon *daemon;
    struct channel_key key;
    ingest_key_fn reply;
    void *reply_arg;
    struct arena arena;
    enum err err;
    struct store_channel channel;
};

static void look_up_key(void *arg)
{
    struct key_lookup *lookup = arg;
    lookup->err =
        store_channel_find_by_key(lookup->daemon->store, (struct secret){str_of(lookup->key.at)},
                                  &lookup->arena, &lookup->channel);
}

static void on_key_looked_up(struct loop *loop, void *arg)
{
    (void)loop;
    struct key_lookup *lookup = arg;
    struct ingest_channel channel = {.id = lookup->channel.id};
    if (!lookup->err) {
        memcpy(channel.name, lookup->channel.name, sizeof(channel.name));
        channel.type = limits_type_find(str_of(lookup->channel.type));
    }
    lookup->reply(lookup->reply_arg, lookup->err, &channel);
    arena_finish(&lookup->arena);
    lookup->key = (struct channel_key){0};
    mem_free(lookup);
}

static void fail_lookup(struct loop *loop, void *arg)
{
    struct key_lookup *lookup = arg;
    lookup->err = ERR_LIMIT;
    on_key_looked_up(loop, lookup);
}

static void find_key(void *arg, struct loop *loop, struct secret key, ingest_key_fn reply,
                     void *reply_arg)
{
    struct key_lookup *lookup = mem_zalloc(1, sizeof(*lookup));
    lookup->daemon = arg;
    lookup->reply = reply;
    lookup->reply_arg = reply_arg;
    /* One that is cut is malformed, and so refused like any other wrong key. */
    size_t len = key.value.len <= CHANNEL_KEY_MAX ? key.value.len : 0;
    memcpy(lookup->key.at, key.value.at, len);
    arena_init(&lookup->arena, 1024);
    if (loop_work(loop, look_up_key, on_key_looked_up, lookup) != ERR_OK)
        loop_defer(loop, fail_lookup, lookup);
}

/* --- Packaging --- */

static void on_publish(void *arg, struct published *published)
{
    struct stream *stream = arg;
    live_hub_publish(stream->streams->node->daemon->live, published);
}

static void on_playable(void *arg)
{
    struct stream *stream = arg;
    ingest_set_playable(stream->streams->node->daemon->ingest,
                        str_of(stream->ingest->channel.id.at), str_of(stream->ingest->id));
}

static void on_failed(void *arg, enum err why)
{
    struct stream *stream = arg;
    struct ingest *ingest = stream->streams->node->daemon->ingest;
    struct str channel_id = str_of(stream->ingest->channel.id.at);
    struct event_batch events = {0};
    (void)event_add(&events, clock_wall_us(), EVENT_STATE, "Stream Failure",
                    why == ERR_LIMIT ? "MemoryLimit" : "Packager"); /* it is the first */
    ingest_report(ingest, channel_id, str_of(stream->ingest->id), &events);
    ingest_stop(ingest, channel_id, INGEST_LIMIT,
                STR("The stream needs more memory than allowed."));
}

static struct packager *create_packager(struct stream *stream)
{
    const struct node *node = stream->streams->node;
    const struct options_media *media = &node->daemon->config.options.media;
    struct packager_options options = {
        .loop = node->loop,
        .metrics = node->metrics,
        .channel_id = stream->ingest->channel.id.at,
        .stream_id = stream->ingest->id,
        .segment_ms = (uint32_t)media->segment_ms,
        .part_ms = (uint32_t)media->part_ms,
        .window_segments = (uint32_t)media->window_segments,
        .cap_bps = limits_bitrate(stream->ingest->channel.type, CAP_WIDTH, CAP_HEIGHT),
        .store_dir = media->store_dir,
        .publish = on_publish,
        .on_playable = on_playable,
        .on_failed = on_failed,
        .arg = stream,
    };
    return packager_create(&options, stream->ingest->source);
}

/* --- Health --- */

static void on_events(void *arg, const struct health_stream *health,
                      const struct event_batch *events)
{
    struct streams *streams = arg;
    ingest_report(streams->node->daemon->ingest, str_of(health->channel_id),
                  str_of(health->stream_id), events);
}

static void on_excess(void *arg, const struct health_stream *health, const char *reason)
{
    struct streams *streams = arg;
    ingest_stop(streams->node->daemon->ingest, str_of(health->channel_id), INGEST_LIMIT,
                str_of(reason));
}

static unsigned count_viewers(void *arg, const struct health_stream *health)
{
    struct streams *streams = arg;
    LIST_FOR_EACH(link, &streams->open)
    {
        struct stream *stream = LIST_ENTRY(link, struct stream, link);
        if (strcmp(stream->ingest->id, health->stream_id) == 0)
            return audience_count(packager_audience(stream->packager));
    }
    return 0;
}

static void on_rows(void *arg, const struct health_row *rows, size_t count)
{
    struct streams *streams = arg;
    for (size_t i = 0; i < count; i++)
        session_log_add_sample(streams->log, rows[i].stream->stream_id, &rows[i].row,
                               count_viewers(arg, rows[i].stream));
}

static struct health *create_health(struct streams *streams)
{
    const struct options_media *media = &streams->node->daemon->config.options.media;
    return health_create(&(struct health_options){
        .loop = streams->node->loop,
        .disconnects = strcmp(media->limit_action, "disconnect") == 0,
        .hooks = {.on_events = on_events,
                  .on_rows = on_rows,
                  .on_excess = on_excess,
                  .count_viewers = count_viewers,
                  .arg = streams},
    });
}

/* --- Hooks of ingest, on the stream's home loop --- */

static void on_open(void *arg, const struct ingest_stream *ingest)
{
    struct streams *streams = home_of(arg, ingest);
    struct stream *stream = mem_zalloc(1, sizeof(*stream));
    stream->streams = streams;
    stream->ingest = ingest;
    list_append(&streams->open, &stream->link);
    stream->packager = create_packager(stream);
    stream->watch =
        health_start(streams->health, &(struct health_stream){.channel_id = ingest->channel.id.at,
                                                              .stream_id = ingest->id,
                                                              .type = ingest->channel.type,
                                                              .intake = ingest->intake});
}

static void on_change(void *arg, const struct ingest_change *change)
{
    struct streams *streams = home_of(arg, change->stream);
    session_log_add(streams->log, change);
}

static void on_lost(void *arg, const struct ingest_stream *ingest)
{
    struct stream *stream = find(arg, ingest);
    packager_set_grace(stream->packager);
}

static void on_bitrate(void *arg, const struct ingest_stream *ingest, uint64_t bps)
{
    struct stream *stream = find(arg, ingest);
    packager_declare_bitrate(stream->packager, bps);
}

static void on_end(void *arg, const struct ingest_stream *ingest)
{
    struct stream *stream = find(arg, ingest);
    health_stop(stream->watch); /* asks the packager's audience once more */
    packager_destroy(stream->packager);
    list_remove(&stream->link);
    mem_free(stream);
}

static void on_notice(void *arg, const struct ingest_channel *channel, const struct event *event)
{
    (void)arg;
    log_info("streams", "notice", "channel=%s name=%s code=%s", channel->name,
             log_quote(str_of(event->name)).at, event->code != NULL ? event->code : "none");
}

struct ingest_hooks streams_hooks(struct daemon *daemon)
{
    return (struct ingest_hooks){
        .find_key = find_key,
        .on_open = on_open,
        .on_change = on_change,
        .on_lost = on_lost,
        .on_bitrate = on_bitrate,
        .on_end = on_end,
        .on_notice = on_notice,
        .arg = daemon,
    };
}

struct streams *streams_create(struct node *node)
{
    struct streams *streams = mem_zalloc(1, sizeof(*streams));
    streams->node = node;
    streams->log = session_log_create(node->loop, node->daemon->store, node->metrics);
    streams->health = create_health(streams);
    list_init(&streams->open);
    return streams;
}

void streams_flush(struct streams *streams, void (*done)(void *arg), void *arg)
{
    session_log_flush(streams->log, done, arg);
}

void streams_destroy(struct streams *streams)
{
    if (streams == NULL)
        return;
    health_destroy(streams->health);
    session_log_destroy(streams->log);
    mem_free(streams);
}
