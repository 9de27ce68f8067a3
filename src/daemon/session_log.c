#include "daemon/session_log.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "log/log.h"

enum {
    RETRY_US = 1000000,
    MAX_TRIES = 10,
    MAX_WAITING = 10000, /* changes; beyond, the newest is lost */
    SAMPLES_US = 1000000,
    MAX_SAMPLES = 10000,
};

/* A change with all its texts; those of events are static. */
struct entry {
    struct list link;
    char session_id[STORE_SESSION_ID_LEN + 1];
    struct channel_id channel_id;
    const char *channel_type;
    struct ingest_change change; /* without pointers that are not ours */
    char *ingest_config;
    struct event events[EVENT_BATCH_MAX];
    struct store_event store_events[EVENT_BATCH_MAX];
    unsigned tries;
    enum err err;
};

struct kept_sample {
    char session_id[STORE_SESSION_ID_LEN + 1];
    struct store_sample sample;
};

struct session_log {
    struct loop *loop;
    struct store *store;
    struct metrics *metrics;
    struct list waiting;
    size_t waiting_count;
    struct list writing; /* the job's, while there is one */
    bool is_writing;
    struct loop_timer retry;

    struct kept_sample *samples;
    size_t sample_count, sample_cap;
    struct loop_timer sample_timer;
    unsigned sample_jobs;

    void (*on_flushed)(void *arg);
    void *on_flushed_arg;
};

struct session_log *session_log_create(struct loop *loop, struct store *store,
                                       struct metrics *metrics)
{
    struct session_log *log = mem_zalloc(1, sizeof(*log));
    log->loop = loop;
    log->store = store;
    log->metrics = metrics;
    list_init(&log->waiting);
    list_init(&log->writing);
    return log;
}

static void entry_destroy(struct entry *entry)
{
    list_remove(&entry->link);
    mem_free(entry->ingest_config);
    mem_free(entry);
}

static void check_flushed(struct session_log *log)
{
    bool is_idle = !log->is_writing && list_is_empty(&log->waiting) && log->sample_jobs == 0 &&
                   log->sample_count == 0;
    if (!is_idle || log->on_flushed == NULL)
        return;
    void (*on_flushed)(void *arg) = log->on_flushed;
    log->on_flushed = NULL;
    on_flushed(log->on_flushed_arg);
}

/* --- The job: on the worker pool --- */

static struct store_session_change change_of(struct entry *entry)
{
    for (size_t i = 0; i < entry->change.event_count; i++) {
        const struct event *event = &entry->events[i];
        entry->store_events[i] =
            (struct store_event){.time_us = event->time_us,
                                 .type = event->type,
                                 .name = event->name,
                                 .code = event->code,
                                 .detail = event->detail[0] != '\0' ? event->detail : NULL};
    }
    return (struct store_session_change){
        .session_id = entry->session_id,
        .channel_id = entry->channel_id.at,
        .channel_type = entry->channel_type,
        .started_at_us = entry->change.started_at_us,
        .live_at_us = entry->change.live_at_us,
        .ended_at_us = entry->change.ended_at_us,
        .is_healthy = entry->change.is_healthy,
        .has_error_event = entry->change.has_error_event,
        .ingest_config = entry->ingest_config,
        .events = entry->store_events,
        .event_count = entry->change.event_count,
    };
}

static enum err write_timed(struct session_log *log, const struct store_session_change *changes,
                            size_t count)
{
    int64_t start_us = clock_monotonic_us();
    enum err err = store_sessions_write(log->store, changes, count, clock_wall_us());
    metrics_observe(log->metrics, METRIC_STORE_WRITE_TIME, clock_monotonic_us() - start_us);
    return err;
}

/* All in one commit; if one of them cannot be written, each by itself. */
static void write_changes(void *arg)
{
    struct session_log *log = arg;
    struct store_session_change *changes = NULL;
    size_t count = 0;
    LIST_FOR_EACH(link, &log->writing)
    {
        changes = mem_grow(changes, count + 1, sizeof(*changes));
        changes[count++] = change_of(LIST_ENTRY(link, struct entry, link));
    }
    enum err err = write_timed(log, changes, count);
    size_t at = 0;
    LIST_FOR_EACH(link, &log->writing)
    {
        struct entry *entry = LIST_ENTRY(link, struct entry, link);
        entry->err = err && count > 1 ? write_timed(log, &changes[at], 1) : err;
        at++;
    }
    mem_free(changes);
}

/* --- On the loop --- */

static void start_writing(struct session_log *log);

static void on_retry(struct loop *loop, void *arg)
{
    (void)loop;
    start_writing(arg);
}

/* A channel that is gone (ERR_NOT_FOUND) takes its sessions with it; the rest is tried again. */
static bool is_to_be_retried(struct session_log *log, struct entry *entry)
{
    if (!entry->err)
        return false;
    metrics_add(log->metrics, METRIC_STORE_FAILURES, 1);
    if (entry->err == ERR_IO && ++entry->tries < MAX_TRIES)
        return true;
    metrics_add(log->metrics, METRIC_STORE_LOST_EVENTS, (int64_t)entry->change.event_count);
    log_error("store", "events of a session are lost", "session=%s events=%zu", entry->session_id,
              entry->change.event_count);
    return false;
}

static void on_changes_written(struct loop *loop, void *arg)
{
    struct session_log *log = arg;
    struct list failed;
    list_init(&failed);
    LIST_FOR_EACH(link, &log->writing)
    {
        struct entry *entry = LIST_ENTRY(link, struct entry, link);
        log->waiting_count--;
        if (is_to_be_retried(log, entry)) {
            list_remove(link);
            list_append(&failed, link);
            log->waiting_count++;
        } else {
            entry_destroy(entry);
        }
    }
    log->is_writing = false;
    bool has_failed = !list_is_empty(&failed);
    /* Before those that came meanwhile, so that the order stays. */
    LIST_FOR_EACH(link, &log->waiting)
    {
        list_remove(link);
        list_append(&failed, link);
    }
    LIST_FOR_EACH(link, &failed)
    {
        list_remove(link);
        list_append(&log->waiting, link);
    }
    if (has_failed)
        loop_timer_start(loop, &log->retry, RETRY_US, on_retry, log);
    else
        start_writing(log);
    check_flushed(log);
}

static void start_writing(struct session_log *log)
{
    if (log->is_writing || log->retry.heap_place != 0 || list_is_empty(&log->waiting))
        return;
    LIST_FOR_EACH(link, &log->waiting)
    {
        list_remove(link);
        list_append(&log->writing, link);
    }
    log->is_writing = true;
    if (loop_work(log->loop, write_changes, on_changes_written, log) == ERR_OK)
        return;
    log->is_writing = false;
    LIST_FOR_EACH(link, &log->writing)
    {
        list_remove(link);
        list_append(&log->waiting, link);
    }
    loop_timer_start(log->loop, &log->retry, RETRY_US, on_retry, log);
}

void session_log_add(struct session_log *log, const struct ingest_change *change)
{
    if (log->waiting_count >= MAX_WAITING) {
        metrics_add(log->metrics, METRIC_STORE_LOST_EVENTS, (int64_t)change->event_count);
        log_error("store", "events of a session are lost: too many wait", "session=%s",
                  change->stream->id);
        return;
    }
    struct entry *entry = mem_zalloc(1, sizeof(*entry));
    memcpy(entry->session_id, change->stream->id, sizeof(entry->session_id));
    entry->channel_id = change->stream->channel.id;
    entry->channel_type = limits_type_name(change->stream->channel.type);
    entry->change = *change;
    entry->change.stream = NULL;
    if (change->ingest_config != NULL)
        entry->ingest_config = mem_copy_str(change->ingest_config, strlen(change->ingest_config));
    if (change->event_count > EVENT_BATCH_MAX)
        entry->change.event_count = EVENT_BATCH_MAX; /* no step has more */
    memcpy(entry->events, change->events, entry->change.event_count * sizeof(*entry->events));
    list_append(&log->waiting, &entry->link);
    log->waiting_count++;
    start_writing(log);
}

/* --- Samples --- */

struct sample_job {
    struct session_log *log;
    struct kept_sample *samples;
    size_t count;
    enum err err;
};

static void write_samples(void *arg)
{
    struct sample_job *job = arg;
    struct store_sample *samples = mem_zalloc(job->count, sizeof(*samples));
    for (size_t i = 0; i < job->count; i++) {
        samples[i] = job->samples[i].sample;
        samples[i].session_id = job->samples[i].session_id;
    }
    job->err = store_samples_write(job->log->store, samples, job->count, clock_wall_us());
    mem_free(samples);
}

static void on_samples_written(struct loop *loop, void *arg)
{
    (void)loop;
    struct sample_job *job = arg;
    struct session_log *log = job->log;
    log->sample_jobs--;
    if (job->err) {
        metrics_add(log->metrics, METRIC_STORE_FAILURES, 1);
        log_error("store", "health samples are lost", "count=%zu", job->count);
    }
    mem_free(job->samples);
    mem_free(job);
    check_flushed(log);
}

static void start_sample_job(struct session_log *log)
{
    if (log->sample_count == 0)
        return;
    struct sample_job *job = mem_zalloc(1, sizeof(*job));
    *job = (struct sample_job){.log = log, .samples = log->samples, .count = log->sample_count};
    log->samples = NULL;
    log->sample_count = log->sample_cap = 0;
    if (loop_work(log->loop, write_samples, on_samples_written, job) == ERR_OK) {
        log->sample_jobs++;
        return;
    }
    log_error("store", "health samples are lost", "count=%zu", job->count);
    mem_free(job->samples);
    mem_free(job);
}

static void on_sample_timer(struct loop *loop, void *arg)
{
    (void)loop;
    start_sample_job(arg);
}

static struct store_series series_of(const struct samples_series *series)
{
    return (struct store_series){
        .sum = series->sum, .min = series->min, .max = series->max, .count = series->count};
}

void session_log_add_sample(struct session_log *log, const char *session_id,
                            const struct samples_row *row, unsigned viewers_now)
{
    if (log->sample_count == MAX_SAMPLES)
        return; /* more than a second's worth of any number of streams */
    if (log->sample_count == log->sample_cap) {
        log->sample_cap = log->sample_cap > 0 ? 2 * log->sample_cap : 16;
        log->samples = mem_grow(log->samples, log->sample_cap, sizeof(*log->samples));
    }
    struct kept_sample *kept = &log->samples[log->sample_count++];
    *kept = (struct kept_sample){.sample = {.slot_us = row->slot_us,
                                            .bitrate = series_of(&row->bitrate),
                                            .framerate = series_of(&row->framerate),
                                            .keyframe_interval = series_of(&row->keyframe_interval),
                                            .viewers = series_of(&row->viewers),
                                            .viewers_now = viewers_now}};
    (void)memccpy(kept->session_id, session_id, '\0', sizeof(kept->session_id)); /* it fits */
    if (log->sample_timer.heap_place == 0)
        loop_timer_start(log->loop, &log->sample_timer, SAMPLES_US, on_sample_timer, log);
}

void session_log_flush(struct session_log *log, void (*done)(void *arg), void *arg)
{
    log->on_flushed = done;
    log->on_flushed_arg = arg;
    loop_timer_stop(&log->sample_timer);
    start_sample_job(log);
    check_flushed(log);
}

void session_log_destroy(struct session_log *log)
{
    if (log == NULL)
        return;
    LIST_FOR_EACH(link, &log->waiting)
    entry_destroy(LIST_ENTRY(link, struct entry, link));
    mem_free(log->samples);
    mem_free(log);
}
