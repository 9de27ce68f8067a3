#include "metrics/metrics.h"

#include "check.h"

#include <string.h>

static char written[32768];

static const char *write_text(struct metrics *const *tables, size_t count)
{
    struct buf out;
    buf_init(&out, sizeof(written) - 1);
    metrics_write(tables, count, &out);
    CHECK(!out.failed);
    memcpy(written, out.at, out.len);
    written[out.len] = '\0';
    buf_finish(&out);
    return written;
}

static void tables_are_summed(void)
{
    struct metrics *tables[] = {metrics_create(), metrics_create()};
    metrics_add(tables[0], METRIC_HTTP_REQUESTS, 2);
    metrics_add(tables[1], METRIC_HTTP_REQUESTS, 3);
    metrics_add(tables[0], METRIC_HTTP_CONNECTIONS, 1);
    metrics_add(tables[1], METRIC_HTTP_CONNECTIONS, 1);
    metrics_add(tables[1], METRIC_HTTP_CONNECTIONS, -1);
    CHECK_EQ(5, metrics_sum(tables, 2, METRIC_HTTP_REQUESTS));
    const char *text = write_text(tables, 2);
    CHECK(strstr(text, "\nklieg_http_requests_total 5\n") != NULL);
    CHECK(strstr(text, "\nklieg_http_connections 1\n") != NULL);
    metrics_destroy(tables[0]);
    metrics_destroy(tables[1]);
}

static void each_name_is_described_once_and_has_its_type(void)
{
    struct metrics *table = metrics_create();
    const char *text = write_text(&table, 1);
    const char *first = strstr(text, "# TYPE klieg_http_responses_total counter\n");
    CHECK(first != NULL);
    CHECK(first != NULL && strstr(first + 1, "# TYPE klieg_http_responses_total") == NULL);
    CHECK(strstr(text, "klieg_http_responses_total{class=\"5xx\"} 0\n") != NULL);
    CHECK(strstr(text, "# TYPE klieg_ingest_publishers gauge\n") != NULL);
    CHECK(strstr(text, "(null)") == NULL);
    metrics_destroy(table);
}

static void histograms_are_cumulative_in_seconds(void)
{
    struct metrics *table = metrics_create();
    metrics_observe(table, METRIC_STORE_WRITE_TIME, 100);
    metrics_observe(table, METRIC_STORE_WRITE_TIME, 101);
    metrics_observe(table, METRIC_STORE_WRITE_TIME, 20000000);
    const char *text = write_text(&table, 1);
    CHECK(strstr(text, "# TYPE klieg_store_write_seconds histogram\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_bucket{le=\"0.000100\"} 1\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_bucket{le=\"0.000250\"} 2\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_bucket{le=\"10.000000\"} 2\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_bucket{le=\"+Inf\"} 3\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_sum 20.000201\n") != NULL);
    CHECK(strstr(text, "klieg_store_write_seconds_count 3\n") != NULL);
    metrics_destroy(table);
}

static void counting_nowhere_is_fine(void)
{
    metrics_add(NULL, METRIC_HTTP_REQUESTS, 1);
    metrics_observe(NULL, METRIC_HTTP_REQUEST_TIME, 1);
    metrics_destroy(NULL);
}

int main(void)
{
    RUN(tables_are_summed);
    RUN(each_name_is_described_once_and_has_its_type);
    RUN(histograms_are_cumulative_in_seconds);
    RUN(counting_nowhere_is_fine);
    return check_report();
}
