#include "packager/bandwidth.h"

#include "check.h"

#define SECOND INT64_C(90000)
#define MBIT   UINT64_C(125000) /* bytes a second */

/* `count` segments of 2 s at `bytes` a second. */
static void add(struct bandwidth *bandwidth, size_t count, uint64_t bytes)
{
    for (size_t i = 0; i < count; i++)
        bandwidth_add(bandwidth, 2 * bytes, 2 * SECOND);
}

static void a_steady_stream_has_a_tenth_of_headroom(void)
{
    struct bandwidth bandwidth = {0};
    add(&bandwidth, 5, 2 * MBIT);
    struct bandwidth_values got = bandwidth_get(&bandwidth, 0, 0, 2);
    CHECK_EQ(2000000, got.average);
    CHECK_EQ(2200000, got.peak);
}

static void values_are_rounded_up(void)
{
    struct bandwidth bandwidth = {0};
    bandwidth_add(&bandwidth, 250001, SECOND);
    struct bandwidth_values got = bandwidth_get(&bandwidth, 0, 0, 2);
    CHECK_EQ(2010000, got.average); /* 2000008 */
    CHECK_EQ(2210000, got.peak);    /* 2200008 */
}

static void what_is_declared_counts_if_it_is_more(void)
{
    struct bandwidth bandwidth = {0};
    add(&bandwidth, 5, 2 * MBIT);
    struct bandwidth_values got = bandwidth_get(&bandwidth, 3000000, 0, 2);
    CHECK_EQ(3000000, got.average);
    CHECK_EQ(3300000, got.peak);
    CHECK_EQ(2000000, bandwidth_get(&bandwidth, 1000000, 0, 2).average);
}

static void the_average_is_of_30_seconds_and_the_peak_of_60(void)
{
    struct bandwidth bandwidth = {0};
    add(&bandwidth, 1, 9 * MBIT);
    add(&bandwidth, 14, MBIT);
    CHECK_EQ(1540000, bandwidth_get(&bandwidth, 0, 0, 2).average); /* the burst is in */
    add(&bandwidth, 1, MBIT);
    CHECK_EQ(1000000, bandwidth_get(&bandwidth, 0, 0, 2).average);
    add(&bandwidth, 14, MBIT);
    CHECK_EQ(9000000, bandwidth_get(&bandwidth, 0, 0, 2).peak);
    add(&bandwidth, 1, MBIT);
    CHECK_EQ(1100000, bandwidth_get(&bandwidth, 0, 0, 2).peak);
}

static void short_segments_make_no_peak(void)
{
    struct bandwidth bandwidth = {0};
    add(&bandwidth, 10, MBIT);
    bandwidth_add(&bandwidth, 100000, SECOND / 10);
    CHECK_EQ(1140000, bandwidth_get(&bandwidth, 0, 0, 2).peak); /* 1.1 x the average, rounded */
    bandwidth_add(&bandwidth, 5 * MBIT, SECOND - 1);
    CHECK(bandwidth_get(&bandwidth, 0, 0, 2).peak < 2000000);
    bandwidth_add(&bandwidth, 10 * MBIT, SECOND);
    CHECK_EQ(10000000, bandwidth_get(&bandwidth, 0, 0, 2).peak);
}

static void the_cap_holds_both(void)
{
    struct bandwidth bandwidth = {0};
    add(&bandwidth, 5, 4 * MBIT);
    struct bandwidth_values got = bandwidth_get(&bandwidth, 0, 3500000, 2);
    CHECK_EQ(3850000, got.average);
    CHECK_EQ(3850000, got.peak);
    /* But the measured peak stays below 125 % of BANDWIDTH. */
    add(&bandwidth, 5, 9 * MBIT);
    got = bandwidth_get(&bandwidth, 0, 3500000, 2);
    CHECK_EQ(3850000, got.average);
    CHECK_EQ(7500000, got.peak);
}

static void nothing_measured_is_not_nothing(void)
{
    struct bandwidth bandwidth = {0};
    bandwidth_add(&bandwidth, 5, 0);
    bandwidth_add(&bandwidth, 5, -1);
    CHECK_EQ(0, bandwidth.count);
    CHECK_EQ(10000, bandwidth_get(&bandwidth, 0, 0, 2).average);
    CHECK_EQ(10000, bandwidth_get(&bandwidth, 0, 0, 2).peak);
}

static void old_segments_are_forgotten(void)
{
    struct bandwidth bandwidth = {0};
    for (size_t i = 0; i < 200; i++)
        bandwidth_add(&bandwidth, i, 9); /* far less than 30 s in all */
    CHECK_EQ(BANDWIDTH_MAX_SEGMENTS, bandwidth.count);
    /* 136 to 199: 167.5 bytes each 0.1 ms */
    CHECK_EQ(13400000, bandwidth_get(&bandwidth, 0, 0, 2).average);
}

int main(void)
{
    RUN(a_steady_stream_has_a_tenth_of_headroom);
    RUN(values_are_rounded_up);
    RUN(what_is_declared_counts_if_it_is_more);
    RUN(the_average_is_of_30_seconds_and_the_peak_of_60);
    RUN(short_segments_make_no_peak);
    RUN(the_cap_holds_both);
    RUN(nothing_measured_is_not_nothing);
    RUN(old_segments_are_forgotten);
    return check_report();
}
