/*
 * What the daemon counts, in one table: counters, gauges and histograms by name.
 *
 * Each loop has a table of its own, so counting is a relaxed add to memory that no other core
 * writes; whoever reads sums the tables. A new number is a row in `enum metric` and one in
 * metrics.c. Labels are fixed text: nothing a peer sends becomes a label.
 */
#pragma once

#include "base/buf.h"

#include <stdint.h>

enum metric {
    METRIC_HTTP_CONNECTIONS, /* gauge */
    METRIC_HTTP_REQUESTS,
    METRIC_HTTP_RESPONSES_2XX,
    METRIC_HTTP_RESPONSES_3XX,
    METRIC_HTTP_RESPONSES_4XX,
    METRIC_HTTP_RESPONSES_5XX,
    METRIC_HTTP_SENT_BYTES,
    METRIC_HTTP_REFUSED,          /* by a limit: sizes, time-outs, floods, connections */
    METRIC_HTTP_WAITING_REQUESTS, /* gauge: blocked playlist and part requests */
    METRIC_HTTP_WEBSOCKETS,       /* gauge */

    METRIC_INGEST_CONNECTIONS, /* gauge */
    METRIC_INGEST_PUBLISHERS,  /* gauge */
    METRIC_INGEST_ACCEPTED,
    METRIC_INGEST_REFUSED_KEY,
    METRIC_INGEST_REFUSED_OTHER,
    METRIC_INGEST_TAKEOVERS,
    METRIC_INGEST_RESUMED,
    METRIC_INGEST_RECEIVED_BYTES,
    METRIC_INGEST_FRAMES,
    METRIC_INGEST_DROPPED_UNITS,
    METRIC_INGEST_REPAIRED_TIMES,

    METRIC_PACKAGER_STREAMS, /* gauge */
    METRIC_PACKAGER_PARTS,
    METRIC_PACKAGER_SEGMENTS,
    METRIC_PACKAGER_MEMORY_BYTES, /* gauge */
    METRIC_PACKAGER_DISK_BYTES,   /* gauge */
    METRIC_PACKAGER_HELD_BYTES,   /* gauge: of parts in memory, in a list or not */

    METRIC_STORE_FAILURES,
    METRIC_STORE_LOST_EVENTS,
    METRIC_COUNT
};

enum metric_histogram {
    METRIC_HTTP_REQUEST_TIME,  /* from the end of the head to the answer, waiting excluded */
    METRIC_PACKAGER_PART_TIME, /* from a part's last frame to its being published */
    METRIC_STORE_WRITE_TIME,   /* of one transaction */
    METRIC_HISTOGRAM_COUNT
};

enum { METRIC_BUCKETS = 12 }; /* the last has no upper bound */

struct metrics;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *);

/* Counters only grow; gauges go both ways. Any thread; NULL counts nothing (tests). */
void metrics_add(struct metrics *, enum metric, int64_t by);
void metrics_observe(struct metrics *, enum metric_histogram, int64_t duration_us);

/* Over all tables. */
int64_t metrics_sum(struct metrics *const *tables, size_t count, enum metric);

/* Prometheus text format 0.0.4, summed over all tables. */
void metrics_write(struct metrics *const *tables, size_t count, struct buf *out);
