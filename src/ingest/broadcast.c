#include "ingest/broadcast.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ingest/broadcast_config.h"
#include "log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char module[] = "ingest";

static const char already_live[] = "This channel is already live.";
static const char too_many[] = "This server has reached its limit of live streams.";
static const char no_keyframe[] = "No keyframe arrived within 5 seconds.";
static const char other_format[] = "The other encoder's codecs or resolution differ.";
static const char replaced[] = "Another encoder took over.";

static struct session_now now_on(const struct broadcast *broadcast)
{
    return (struct session_now){.mono_us = loop_now_us(broadcast->home->loop),
                                .wall_us = clock_wall_us()};
}

static const struct ingest_hooks *hooks_of(const struct broadcast *broadcast)
{
    return &broadcast->home->ingest->options.hooks;
}

static void count(const struct broadcast *broadcast, enum metric metric, int64_t by)
{
    metrics_add(broadcast->home->metrics, metric, by);
}

/* --- Events --- */

void broadcast_report(struct broadcast *broadcast, const struct event_batch *batch)
{
    const struct ingest_hooks *hooks = hooks_of(broadcast);
    struct session *session = &broadcast->session;
    session_note_events(session, batch);
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->items[i];
        log_info(module, "stream event", "channel=%s stream=%s name=\"%s\" code=%s",
                 broadcast->channel.name, broadcast->stream.id, event->name,
                 event->code != NULL ? event->code : "-");
    }
    hooks->on_change(hooks->arg, &(struct ingest_change){
                                     .stream = &broadcast->stream,
                                     .started_at_us = session->started_at_us,
                                     .live_at_us = session->live_at_us,
                                     .ended_at_us = session->ended_at_us,
                                     .is_healthy = session->is_healthy,
                                     .has_error_event = session->has_error_event,
                                     .ingest_config = broadcast->config,
                                     .events = batch->items,
                                     .event_count = batch->count,
                                 });
}

/* To the owner, about something that is not part of a session. */
static void notify(const struct broadcast *broadcast, const char *type, const char *name,
                   const char *code, const char *detail)
{
    const struct ingest_hooks *hooks = hooks_of(broadcast);
    struct event_batch batch = {0};
    struct event *event = event_add(&batch, now_on(broadcast).wall_us, type, name, code);
    (void)snprintf(event->detail, sizeof(event->detail), "%s", detail);
    if (hooks->on_notice != NULL)
        hooks->on_notice(hooks->arg, &broadcast->channel, event);
}

/* --- Time --- */

static void promote(struct broadcast *);
static void on_due(struct loop *, void *arg);

static void arm(struct broadcast *broadcast)
{
    int64_t left_us = session_due_us(&broadcast->session) - loop_now_us(broadcast->home->loop);
    loop_timer_start(broadcast->home->loop, &broadcast->due, left_us > 0 ? left_us : 0, on_due,
                     broadcast);
}

static void on_idle(struct loop *loop, void *arg);

static void arm_idle(struct broadcast *broadcast)
{
    static const int64_t look_us = 60000000;
    loop_timer_start(broadcast->home->loop, &broadcast->due, look_us, on_idle, broadcast);
}

/* Nobody has published for a while: forget the channel, unless it has something to remember. */
static void on_idle(struct loop *loop, void *arg)
{
    struct broadcast *broadcast = arg;
    if (takeover_is_idle(&broadcast->takeover, loop_now_us(loop)))
        broadcast_destroy(broadcast);
    else
        arm_idle(broadcast);
}

/* --- A session's beginning and end --- */

static void open_session(struct broadcast *broadcast)
{
    const struct ingest_options *options = &broadcast->home->ingest->options;
    struct ingest_stream *stream = &broadcast->stream;
    struct event_batch batch = {0};
    const struct session_limits limits = {.reconnect_window_us = options->reconnect_window_us,
                                          .max_session_us = options->max_session_us};
    feed_init(&broadcast->feed);
    *stream = (struct ingest_stream){.channel = broadcast->channel,
                                     .loop = broadcast->home->loop,
                                     .source = broadcast->feed.source,
                                     .intake = &broadcast->feed.intake};
    memcpy(stream->id, "st-", 3);
    random_alnum(options->random, stream->id + 3, INGEST_STREAM_ID_LEN - 3);
    broadcast->session = session_open(&limits, now_on(broadcast), &batch);
    broadcast->media_since_us = 0;
    broadcast->metadata_rate =
        rate_start(RATE_METADATA_A_SECOND, loop_now_us(broadcast->home->loop));
    broadcast->is_open = true;
    takeover_start_session(&broadcast->takeover);
    broadcast_report(broadcast, &batch);
    options->hooks.on_open(options->hooks.arg, stream);
    arm(broadcast);
}

/* After its last events were reported. */
static void close_session(struct broadcast *broadcast)
{
    const struct ingest_hooks *hooks = hooks_of(broadcast);
    loop_timer_stop(&broadcast->measure);
    feed_end(&broadcast->feed);
    hooks->on_end(hooks->arg, &broadcast->stream);
    count(broadcast, METRIC_INGEST_REPAIRED_TIMES, (int64_t)broadcast->feed.intake.dts_repaired);
    count(broadcast, METRIC_INGEST_DROPPED_UNITS, (int64_t)broadcast->feed.intake.dropped_units);
    feed_finish(&broadcast->feed);
    mem_free(broadcast->config);
    broadcast->config = NULL;
    broadcast->is_open = false;
    atomic_fetch_sub_explicit(&broadcast->home->ingest->live, 1, memory_order_relaxed);
    arm_idle(broadcast);
}

static struct publisher *detach(struct publisher **place)
{
    struct publisher *publisher = *place;
    *place = NULL;
    if (publisher != NULL)
        publisher->broadcast = NULL;
    return publisher;
}

static struct publisher *detach_publisher(struct broadcast *broadcast)
{
    struct publisher *publisher = detach(&broadcast->publisher);
    if (publisher == NULL)
        return NULL;
    broadcast->feed.intake.dropped_units += publisher->assembler.dropped;
    count(broadcast, METRIC_INGEST_PUBLISHERS, -1);
    return publisher;
}

/* `reason` for the encoder; empty: it is closed without a word. */
static void end_session(struct broadcast *broadcast, enum session_end why, struct str reason)
{
    struct event_batch batch = {0};
    if (!broadcast->is_open)
        return;
    struct publisher *publisher = detach_publisher(broadcast);
    session_finish(&broadcast->session, why, now_on(broadcast), &batch);
    broadcast_report(broadcast, &batch);
    close_session(broadcast);
    if (publisher != NULL && reason.len > 0)
        publisher_refuse(publisher, reason);
    else if (publisher != NULL)
        publisher_close(publisher);
}

static void on_due(struct loop *loop, void *arg)
{
    struct broadcast *broadcast = arg;
    struct event_batch batch = {0};
    (void)loop;
    if (!session_tick(&broadcast->session, now_on(broadcast), &batch)) {
        arm(broadcast);
        return;
    }
    const char *code = batch.items[0].code;
    struct publisher *publisher = detach_publisher(broadcast);
    broadcast_report(broadcast, &batch);
    close_session(broadcast);
    if (publisher != NULL)
        publisher_refuse(publisher,
                         str_of(session_end_reason(code != NULL && strcmp(code, "Timeout") == 0
                                                       ? SESSION_END_TIMEOUT
                                                       : SESSION_END_MAX_DURATION)));
    promote(broadcast);
}

/* --- Publishers --- */

static void attach(struct broadcast *broadcast, struct publisher *publisher)
{
    broadcast->publisher = publisher;
    publisher->broadcast = broadcast;
    count(broadcast, METRIC_INGEST_PUBLISHERS, 1);
    broadcast->feed.intake.is_connected = true;
    session_resume(&broadcast->session, now_on(broadcast));
    arm(broadcast);
}

/* One that was started as a probe finds its place free: in GRACE, or with a session of its own. */
static void promote(struct broadcast *broadcast)
{
    struct publisher *publisher = broadcast->prober;
    if (publisher == NULL || broadcast->publisher != NULL)
        return;
    loop_timer_stop(&broadcast->probe);
    broadcast->prober = NULL;
    if (!broadcast->is_open) {
        atomic_fetch_add_explicit(&broadcast->home->ingest->live, 1, memory_order_relaxed);
        open_session(broadcast);
    }
    attach(broadcast, publisher);
}

static void on_probe_over(struct loop *loop, void *arg);

/* Lets the newcomer in beside the publisher that is there. */
static void start_probe(struct broadcast *broadcast, struct publisher *newcomer)
{
    struct publisher *earlier = detach(&broadcast->prober);
    if (earlier != NULL)
        publisher_refuse(earlier, str_of(replaced));
    broadcast->prober = newcomer;
    newcomer->broadcast = broadcast;
    loop_timer_start(broadcast->home->loop, &broadcast->probe, TAKEOVER_PROBE_US, on_probe_over,
                     broadcast);
    publisher_start(newcomer);
}

static void challenge(struct broadcast *broadcast, struct publisher *newcomer)
{
    static const char *const codes[] = {
        [TAKEOVER_REFUSED_PRIORITY] = "StreamTakeoverInvalidPriority",
        [TAKEOVER_REFUSED_COUNT] = "StreamTakeoverLimitBreached",
    };
    int64_t now_us = loop_now_us(broadcast->home->loop);
    const struct session *session = &broadcast->session;
    int64_t heard_us = session->has_media ? session->media_us : session->publisher_since_us;
    struct takeover_current current = {.priority = broadcast->publisher->priority,
                                       .silent_us = now_us - heard_us};
    enum takeover_verdict verdict = TAKEOVER_PROBE;
    /* One that is being let in already is as good as in. */
    uint32_t rival = broadcast->prober != NULL ? broadcast->prober->priority : 0;
    if (rival > 0 && newcomer->priority <= rival)
        verdict = TAKEOVER_REFUSED_PRIORITY;
    else
        verdict = takeover_decide(&broadcast->takeover, &current, newcomer->priority, now_us);
    if (verdict == TAKEOVER_PROBE) {
        start_probe(broadcast, newcomer);
        return;
    }
    if (verdict != TAKEOVER_REFUSED_FIGHT)
        notify(broadcast, EVENT_STATE, "Stream Takeover Failure", codes[verdict], "");
    publisher_refuse(newcomer, str_of(already_live));
}

/* False: the server is full. */
static bool take_place(struct broadcast *broadcast)
{
    struct ingest *ingest = broadcast->home->ingest;
    unsigned most = ingest->options.max_live_streams;
    if (atomic_fetch_add_explicit(&ingest->live, 1, memory_order_relaxed) < most)
        return true;
    atomic_fetch_sub_explicit(&ingest->live, 1, memory_order_relaxed);
    char detail[EVENT_DETAIL_LEN];
    (void)snprintf(detail, sizeof(detail),
                   "{\"limit_value\":%u,\"exceeded_by\":1,\"limit_unit\":\"broadcasts\"}", most);
    notify(broadcast, EVENT_LIMIT, "Concurrent Broadcasts", NULL, detail);
    return false;
}

static struct broadcast *find_or_create(struct ingest_loop *home,
                                        const struct ingest_channel *channel)
{
    struct broadcast *broadcast = map_find(&home->broadcasts, str_of(channel->id.at));
    if (broadcast == NULL) {
        broadcast = mem_zalloc(1, sizeof(*broadcast));
        broadcast->home = home;
        (void)map_put(&home->broadcasts, str_of(channel->id.at), broadcast); /* it is new */
        broadcast->channel = *channel;
        arm_idle(broadcast);
    }
    if (!broadcast->is_open)
        broadcast->channel = *channel; /* name and type may have changed */
    return broadcast;
}

void broadcast_arrive(struct ingest_loop *home, struct publisher *publisher)
{
    struct broadcast *broadcast = find_or_create(home, &publisher->channel);
    const char *cooling = takeover_cooling(&broadcast->takeover, loop_now_us(home->loop));
    if (cooling != NULL) {
        publisher_refuse(publisher, str_of(cooling));
        return;
    }
    if (broadcast->publisher != NULL) {
        challenge(broadcast, publisher);
        return;
    }
    if (!broadcast->is_open && !take_place(broadcast)) {
        publisher_refuse(publisher, str_of(too_many));
        return;
    }
    if (broadcast->is_open)
        count(broadcast, METRIC_INGEST_RESUMED, 1);
    else
        open_session(broadcast);
    attach(broadcast, publisher);
    publisher_start(publisher);
}

/* --- Takeover --- */

static struct takeover_format format_of(const struct video_track *video,
                                        const struct audio_track *audio)
{
    struct takeover_format format = {
        .video_profile = video->info.profile_idc,
        .width = video->info.width,
        .height = video->info.height,
        .has_audio = audio != NULL && audio->config != NULL,
    };
    if (format.has_audio) {
        format.audio_object_type = audio->info.object_type;
        format.audio_channels = audio->info.channels;
        format.audio_rate = audio->info.sample_rate;
    }
    return format;
}

static enum takeover_outcome compare(const struct broadcast *broadcast)
{
    const struct generation *generation = broadcast->feed.generation;
    const struct publisher *prober = broadcast->prober;
    if (generation == NULL)
        return TAKEOVER_SWITCH; /* nobody has seen anything yet */
    struct takeover_format current = format_of(&generation->video, &generation->audio);
    struct takeover_format newcomer = format_of(&prober->assembler.video, &prober->assembler.audio);
    return takeover_compare(&current, &newcomer, prober->priority > 0);
}

/* The newcomer's keyframe is there and fits. */
static void take_over(struct broadcast *broadcast)
{
    struct publisher *old = detach_publisher(broadcast);
    struct publisher *newcomer = broadcast->prober;
    struct event_batch batch = {0};
    broadcast->prober = NULL;
    loop_timer_stop(&broadcast->probe);
    feed_break(&broadcast->feed);
    attach(broadcast, newcomer);
    count(broadcast, METRIC_INGEST_TAKEOVERS, 1);
    event_add(&batch, now_on(broadcast).wall_us, EVENT_STATE, "Stream Takeover", NULL);
    broadcast_report(broadcast, &batch);
    publisher_refuse(old, str_of(replaced));
}

/* It does not fit: the channel begins anew with it. */
static void replace(struct broadcast *broadcast)
{
    struct publisher *newcomer = detach(&broadcast->prober); /* end_session() must not see it */
    loop_timer_stop(&broadcast->probe);
    end_session(broadcast, SESSION_END_CLEAN, str_of(replaced));
    atomic_fetch_add_explicit(&broadcast->home->ingest->live, 1, memory_order_relaxed);
    open_session(broadcast);
    attach(broadcast, newcomer);
}

static void refuse_prober(struct broadcast *broadcast, const char *reason)
{
    struct publisher *prober = detach(&broadcast->prober);
    loop_timer_stop(&broadcast->probe);
    publisher_refuse(prober, str_of(reason));
}

static void settle_probe(struct broadcast *broadcast, enum takeover_outcome outcome)
{
    if (outcome == TAKEOVER_SWITCH) {
        take_over(broadcast);
    } else if (outcome == TAKEOVER_NEW_SESSION) {
        replace(broadcast);
    } else {
        notify(broadcast, EVENT_STATE, "Stream Takeover Failure", "StreamTakeoverMediaMismatch",
               "");
        refuse_prober(broadcast, other_format);
    }
}

static void on_probe_over(struct loop *loop, void *arg)
{
    struct broadcast *broadcast = arg;
    (void)loop;
    if (!broadcast->prober->assembler.has_video)
        refuse_prober(broadcast, no_keyframe);
    else
        settle_probe(broadcast, compare(broadcast));
}

/* A unit of the one that is probed. True: it is the publisher now, beginning with this unit. */
static bool probe(struct broadcast *broadcast, const struct assembler_unit *unit)
{
    if (unit->kind != TRACK_VIDEO || !unit->is_idr)
        return false;
    struct publisher *prober = broadcast->prober;
    bool awaits_audio = broadcast->feed.generation != NULL &&
                        broadcast->feed.generation->has_audio &&
                        prober->assembler.audio.config == NULL;
    if (awaits_audio) /* its audio may still come: look again at the next keyframe */
        return false;
    settle_probe(broadcast, compare(broadcast));
    return broadcast->publisher == prober;
}

/* --- Media --- */

static void on_generation(struct broadcast *broadcast)
{
    struct publisher *publisher = broadcast->publisher;
    broadcast->feed.intake.chunk_streams = rtmp_session_counters(publisher->rtmp).chunk_streams;
    broadcast_config_on_generation(broadcast);
}

static void put_unit(struct broadcast *broadcast, struct publisher *publisher,
                     struct assembler_unit *unit)
{
    struct session_now now = now_on(broadcast);
    count(broadcast, METRIC_INGEST_FRAMES, 1);
    if (feed_put(&broadcast->feed, &publisher->assembler, unit, now))
        on_generation(broadcast);
    if (!timeline_complains(&broadcast->feed.timeline, now.mono_us))
        return;
    struct event_batch batch = {0};
    event_add(&batch, now.wall_us, EVENT_ADVICE, "Timestamps", NULL);
    broadcast_report(broadcast, &batch);
}

/* What this encoder sends cannot be served. */
static void fail(struct broadcast *broadcast, struct publisher *publisher, const char *reason)
{
    if (publisher == broadcast->prober) {
        refuse_prober(broadcast, reason);
        return;
    }
    struct event_batch batch = {0};
    event_add(&batch, now_on(broadcast).wall_us, EVENT_STATE, "Stream Failure", "UnsupportedMedia");
    broadcast_report(broadcast, &batch);
    takeover_cool_down(&broadcast->takeover, reason, loop_now_us(broadcast->home->loop));
    end_session(broadcast, SESSION_END_CLEAN, str_of(reason));
    promote(broadcast);
}

void broadcast_on_message(struct broadcast *broadcast, struct publisher *publisher,
                          const struct assembler_message *message)
{
    struct session_now now = now_on(broadcast);
    bool is_publisher = publisher == broadcast->publisher;
    if (is_publisher) {
        session_note_media(&broadcast->session, now);
        feed_note_received(&broadcast->feed, message->kind, message->body.len, now.mono_us);
    }
    struct assembler_unit unit;
    const char *reason = NULL;
    enum assembler_result result =
        assembler_put(&publisher->assembler, message, now.mono_us, &unit, &reason);
    if (result == ASSEMBLER_FATAL)
        fail(broadcast, publisher, reason);
    if (result != ASSEMBLER_UNIT)
        return;
    if (is_publisher || probe(broadcast, &unit))
        put_unit(broadcast, publisher, &unit);
    else
        slice_unref(&unit.payload);
}

void broadcast_on_hints(struct broadcast *broadcast, struct publisher *publisher)
{
    const struct ingest_hooks *hooks = hooks_of(broadcast);
    uint64_t bps = (uint64_t)publisher->hints.video_bps + publisher->hints.audio_bps;
    if (publisher == broadcast->publisher && publisher->hints.video_bps > 0)
        hooks->on_bitrate(hooks->arg, &broadcast->stream, bps);
}

/* --- The publisher goes --- */

void broadcast_on_stop(struct broadcast *broadcast, struct publisher *publisher)
{
    if (publisher == broadcast->prober) {
        broadcast->prober = NULL;
        loop_timer_stop(&broadcast->probe);
        return;
    }
    (void)detach_publisher(broadcast); /* its connection says goodbye by itself */
    end_session(broadcast, SESSION_END_CLEAN, (struct str){0});
    promote(broadcast);
}

void broadcast_on_gone(struct broadcast *broadcast, struct publisher *publisher)
{
    struct event_batch batch = {0};
    if (publisher == broadcast->prober) {
        broadcast->prober = NULL;
        loop_timer_stop(&broadcast->probe);
        return;
    }
    const struct ingest_hooks *hooks = hooks_of(broadcast);
    broadcast->feed.intake.is_connected = false;
    (void)detach_publisher(broadcast); /* it is the one that is gone */
    session_lose(&broadcast->session, now_on(broadcast), &batch);
    if (broadcast->session.state == SESSION_ENDED) {
        broadcast_report(broadcast, &batch);
        close_session(broadcast);
    } else {
        feed_break(&broadcast->feed);
        hooks->on_lost(hooks->arg, &broadcast->stream);
        log_info(module, "publisher lost", "channel=%s stream=%s", broadcast->channel.name,
                 broadcast->stream.id);
        arm(broadcast);
    }
    promote(broadcast);
}

/* --- From outside --- */

struct broadcast *broadcast_find(struct ingest_loop *home, struct str channel_id)
{
    struct broadcast *broadcast = map_find(&home->broadcasts, channel_id);
    return broadcast != NULL && broadcast->is_open ? broadcast : NULL;
}

void broadcast_on_playable(struct broadcast *broadcast)
{
    struct event_batch batch = {0};
    session_note_playable(&broadcast->session, now_on(broadcast), &batch);
    if (batch.count > 0)
        broadcast_report(broadcast, &batch);
}

enum err broadcast_put_metadata(struct broadcast *broadcast, struct chunk *payload)
{
    int64_t now_us = loop_now_us(broadcast->home->loop);
    if (!rate_take(&broadcast->metadata_rate, now_us))
        return ERR_LIMIT;
    feed_put_metadata(&broadcast->feed, payload, now_us);
    return ERR_OK;
}

void broadcast_stop(struct broadcast *broadcast, enum session_end why, struct str reason)
{
    (void)snprintf(broadcast->cool_reason, sizeof(broadcast->cool_reason), "%.*s", (int)reason.len,
                   reason.at);
    if (why != SESSION_END_KEY_RESET) /* then the old key is nobody's, and the new one may come */
        takeover_cool_down(&broadcast->takeover, broadcast->cool_reason,
                           loop_now_us(broadcast->home->loop));
    if (broadcast->prober != NULL)
        refuse_prober(broadcast, broadcast->cool_reason);
    end_session(broadcast, why, str_of(broadcast->cool_reason));
}

void broadcast_drain(struct broadcast *broadcast)
{
    struct publisher *prober = detach(&broadcast->prober);
    loop_timer_stop(&broadcast->probe);
    if (prober != NULL)
        publisher_close(prober);
    end_session(broadcast, SESSION_END_SERVER_RESTART, (struct str){0});
}

void broadcast_destroy(struct broadcast *broadcast)
{
    loop_timer_stop(&broadcast->due);
    loop_timer_stop(&broadcast->probe);
    loop_timer_stop(&broadcast->measure);
    (void)map_remove(&broadcast->home->broadcasts, str_of(broadcast->channel.id.at));
    mem_free(broadcast->config);
    mem_free(broadcast);
}
