#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now); /* cannot fail for these clocks */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_thread_cpu_us(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void clock_format_iso(int64_t wall_us, char out[CLOCK_ISO_LEN + 1])
{
    static const int64_t year_0_us = -62167219200LL * 1000000;
    static const int64_t year_10000_us = 253402300800LL * 1000000;
    if (wall_us < year_0_us)
        wall_us = year_0_us;
    if (wall_us >= year_10000_us)
        wall_us = year_10000_us - 1;

    int64_t ms = wall_us / 1000 - (wall_us % 1000 < 0);
    int64_t in_second = ms % 1000 < 0 ? ms % 1000 + 1000 : ms % 1000;
    time_t seconds = (time_t)((ms - in_second) / 1000);
    struct tm utc = {0};
    (void)gmtime_r(&seconds, &utc); /* the year is in range */
    char text[80];
    (void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                   (int)in_second);
    (void)snprintf(out, CLOCK_ISO_LEN + 1, "%.*s", CLOCK_ISO_LEN, text); /* 24 characters */
}
