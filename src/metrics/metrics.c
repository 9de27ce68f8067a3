#include "metrics/metrics.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdatomic.h>

struct histogram {
    atomic_llong buckets[METRIC_BUCKETS];
    atomic_llong sum_us;
};

struct metrics {
    atomic_llong values[METRIC_COUNT];
    struct histogram histograms[METRIC_HISTOGRAM_COUNT];
};

struct row {
    const char *name;
    const char *labels; /* fixed, or NULL */
    const char *help;   /* on the first row of a name */
    bool is_gauge;
};

/* Rows of one name stand together, as the format asks. */
static const struct row rows[METRIC_COUNT] = {
    [METRIC_HTTP_CONNECTIONS] = {"klieg_http_connections", NULL, "Open HTTP connections.", true},
    [METRIC_HTTP_REQUESTS] = {"klieg_http_requests_total", NULL, "HTTP requests received.", false},
    [METRIC_HTTP_RESPONSES_2XX] = {"klieg_http_responses_total", "class=\"2xx\"",
                                   "HTTP responses by status class.", false},
    [METRIC_HTTP_RESPONSES_3XX] = {"klieg_http_responses_total", "class=\"3xx\"", NULL, false},
    [METRIC_HTTP_RESPONSES_4XX] = {"klieg_http_responses_total", "class=\"4xx\"", NULL, false},
    [METRIC_HTTP_RESPONSES_5XX] = {"klieg_http_responses_total", "class=\"5xx\"", NULL, false},
    [METRIC_HTTP_SENT_BYTES] = {"klieg_http_sent_bytes_total", NULL, "Body bytes sent by HTTP.",
                                false},
    [METRIC_HTTP_REFUSED] = {"klieg_http_refused_total", NULL,
                             "Requests and connections refused by a limit.", false},
    [METRIC_HTTP_WAITING_REQUESTS] = {"klieg_http_waiting_requests", NULL,
                                      "Requests held until a playlist or part exists.", true},
    [METRIC_HTTP_WEBSOCKETS] = {"klieg_http_websockets", NULL, "Open WebSocket connections.", true},

    [METRIC_INGEST_CONNECTIONS] = {"klieg_ingest_connections", NULL, "Open RTMP connections.",
                                   true},
    [METRIC_INGEST_PUBLISHERS] = {"klieg_ingest_publishers", NULL, "Accepted publishers.", true},
    [METRIC_INGEST_ACCEPTED] = {"klieg_ingest_publishes_total", "result=\"accepted\"",
                                "Publish attempts by result.", false},
    [METRIC_INGEST_REFUSED_KEY] = {"klieg_ingest_publishes_total", "result=\"key\"", NULL, false},
    [METRIC_INGEST_REFUSED_OTHER] = {"klieg_ingest_publishes_total", "result=\"refused\"", NULL,
                                     false},
    [METRIC_INGEST_TAKEOVERS] = {"klieg_ingest_takeovers_total", NULL,
                                 "Sessions taken over by another publisher.", false},
    [METRIC_INGEST_RESUMED] = {"klieg_ingest_resumed_total", NULL,
                               "Sessions resumed within the reconnect window.", false},
    [METRIC_INGEST_RECEIVED_BYTES] = {"klieg_ingest_received_bytes_total", NULL,
                                      "Bytes received from encoders.", false},
    [METRIC_INGEST_FRAMES] = {"klieg_ingest_frames_total", NULL, "Access units received.", false},
    [METRIC_INGEST_DROPPED_UNITS] = {"klieg_ingest_dropped_units_total", NULL,
                                     "Access units dropped as unusable.", false},
    [METRIC_INGEST_REPAIRED_TIMES] = {"klieg_ingest_repaired_timestamps_total", NULL,
                                      "Timestamps repaired.", false},

    [METRIC_PACKAGER_STREAMS] = {"klieg_packager_streams", NULL, "Streams being packaged.", true},
    [METRIC_PACKAGER_PARTS] = {"klieg_packager_parts_total", NULL, "Parts published.", false},
    [METRIC_PACKAGER_SEGMENTS] = {"klieg_packager_segments_total", NULL, "Segments published.",
                                  false},
    [METRIC_PACKAGER_MEMORY_BYTES] = {"klieg_packager_memory_bytes", NULL, "Media held in memory.",
                                      true},
    [METRIC_PACKAGER_DISK_BYTES] = {"klieg_packager_disk_bytes", NULL, "Media held in files.",
                                    true},
    [METRIC_PACKAGER_HELD_BYTES] = {"klieg_packager_held_bytes", NULL,
                                    "Parts in memory, in a list or held by slow readers.", true},

    [METRIC_STORE_FAILURES] = {"klieg_store_failures_total", NULL,
                               "Database operations that failed.", false},
    [METRIC_STORE_LOST_EVENTS] = {"klieg_store_lost_events_total", NULL,
                                  "Stream events given up after repeated failures.", false},
};

static const struct row histogram_rows[METRIC_HISTOGRAM_COUNT] = {
    [METRIC_HTTP_REQUEST_TIME] = {"klieg_http_request_seconds", NULL,
                                  "From the end of a request's head to the answer.", false},
    [METRIC_PACKAGER_PART_TIME] = {"klieg_packager_part_seconds", NULL,
                                   "From a part's last frame to its being published.", false},
    [METRIC_STORE_WRITE_TIME] = {"klieg_store_write_seconds", NULL,
                                 "Duration of a write transaction.", false},
};

/* Upper bounds; the last bucket has none. */
static const int64_t bounds_us[METRIC_BUCKETS - 1] = {
    100, 250, 1000, 2500, 10000, 25000, 50000, 100000, 250000, 1000000, 10000000,
};

struct metrics *metrics_create(void)
{
    return mem_zalloc(1, sizeof(struct metrics));
}

void metrics_destroy(struct metrics *metrics)
{
    mem_free(metrics);
}

void metrics_add(struct metrics *metrics, enum metric metric, int64_t by)
{
    if (metrics != NULL)
        atomic_fetch_add_explicit(&metrics->values[metric], by, memory_order_relaxed);
}

void metrics_observe(struct metrics *metrics, enum metric_histogram which, int64_t duration_us)
{
    if (metrics == NULL)
        return;
    struct histogram *histogram = &metrics->histograms[which];
    size_t bucket = 0;
    while (bucket < METRIC_BUCKETS - 1 && duration_us > bounds_us[bucket])
        bucket++;
    atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, duration_us, memory_order_relaxed);
}

int64_t metrics_sum(struct metrics *const *tables, size_t count, enum metric metric)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += atomic_load_explicit(&tables[i]->values[metric], memory_order_relaxed);
    return sum;
}

static void put_head(struct buf *out, const struct row *row, const char *type)
{
    if (row->help != NULL)
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, type);
}

static void put_seconds(struct buf *out, int64_t us)
{
    buf_printf(out, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

static void put_histogram(struct metrics *const *tables, size_t count, enum metric_histogram which,
                          struct buf *out)
{
    const char *name = histogram_rows[which].name;
    put_head(out, &histogram_rows[which], "histogram");
    int64_t total = 0;
    int64_t sum_us = 0;
    for (size_t i = 0; i < count; i++)
        sum_us += atomic_load(&tables[i]->histograms[which].sum_us);
    for (size_t bucket = 0; bucket < METRIC_BUCKETS; bucket++) {
        for (size_t i = 0; i < count; i++)
            total += atomic_load(&tables[i]->histograms[which].buckets[bucket]);
        buf_printf(out, "%s_bucket{le=\"", name);
        if (bucket < METRIC_BUCKETS - 1)
            put_seconds(out, bounds_us[bucket]);
        else
            buf_put_cstr(out, "+Inf");
        buf_printf(out, "\"} %" PRId64 "\n", total);
    }
    buf_printf(out, "%s_sum ", name);
    put_seconds(out, sum_us);
    buf_printf(out, "\n%s_count %" PRId64 "\n", name, total);
}

void metrics_write(struct metrics *const *tables, size_t count, struct buf *out)
{
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        const struct row *row = &rows[i];
        put_head(out, row, row->is_gauge ? "gauge" : "counter");
        buf_put_cstr(out, row->name);
        if (row->labels != NULL)
            buf_printf(out, "{%s}", row->labels);
        buf_printf(out, " %" PRId64 "\n", metrics_sum(tables, count, i));
    }
    for (enum metric_histogram i = 0; i < METRIC_HISTOGRAM_COUNT; i++)
        put_histogram(tables, count, i, out);
}
