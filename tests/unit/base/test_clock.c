#include "base/clock.h"

#include "check.h"

#include <poll.h>
#include <string.h>

static bool formats_as(int64_t wall_us, const char *expected)
{
    char text[CLOCK_ISO_LEN + 1];
    memset(text, 'x', sizeof(text));
    clock_format_iso(wall_us, text);
    if (strcmp(expected, text) != 0)
        printf("want %s, got %s\n", expected, text);
    return strcmp(expected, text) == 0;
}

static void times_are_written_as_utc_with_milliseconds(void)
{
    CHECK(formats_as(0, "1970-01-01T00:00:00.000Z"));
    CHECK(formats_as(1770112800000000, "2026-02-03T10:00:00.000Z"));
    CHECK(formats_as(1770112800123999, "2026-02-03T10:00:00.123Z"));
    CHECK(formats_as(1709251199999000, "2024-02-29T23:59:59.999Z"));
    CHECK(formats_as(999, "1970-01-01T00:00:00.000Z"));
}

static void times_before_1970_are_rounded_down_too(void)
{
    CHECK(formats_as(-1, "1969-12-31T23:59:59.999Z"));
    CHECK(formats_as(-1000, "1969-12-31T23:59:59.999Z"));
    CHECK(formats_as(-1000001, "1969-12-31T23:59:58.999Z"));
    CHECK(formats_as(-1000000, "1969-12-31T23:59:59.000Z"));
}

static void times_out_of_range_are_clamped(void)
{
    CHECK(formats_as(INT64_MIN, "0000-01-01T00:00:00.000Z"));
    CHECK(formats_as(-62167219200LL * 1000000, "0000-01-01T00:00:00.000Z"));
    CHECK(formats_as(INT64_MAX, "9999-12-31T23:59:59.999Z"));
    CHECK(formats_as(253402300800LL * 1000000, "9999-12-31T23:59:59.999Z"));
}

static void clocks_run(void)
{
    int64_t start_us = clock_monotonic_us();
    int64_t cpu_us = clock_thread_cpu_us();
    while (clock_thread_cpu_us() < cpu_us + 2000) {
    }
    CHECK(clock_monotonic_us() - start_us >= 1900); /* the two may differ by a tick */
    CHECK(clock_wall_us() > 1700000000000000);
}

static void waiting_uses_no_processor_time(void)
{
    int64_t start_us = clock_monotonic_us();
    int64_t cpu_us = clock_thread_cpu_us();
    CHECK_EQ(0, poll(NULL, 0, 20));
    CHECK(clock_monotonic_us() - start_us >= 19000);
    CHECK(clock_thread_cpu_us() - cpu_us < 10000);
}

int main(void)
{
    RUN(times_are_written_as_utc_with_milliseconds);
    RUN(times_before_1970_are_rounded_down_too);
    RUN(times_out_of_range_are_clamped);
    RUN(clocks_run);
    RUN(waiting_uses_no_processor_time);
    return check_report();
}
