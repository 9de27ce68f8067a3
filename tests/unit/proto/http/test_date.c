#include "proto/http/date.h"

#include "check.h"

#include <string.h>

static bool writes(int64_t wall_s, const char *want)
{
    char date[HTTP_DATE_LEN + 1];
    http_date_write(wall_s * 1000000, date);
    if (strcmp(want, date) != 0)
        printf("%s\n", date);
    return strcmp(want, date) == 0;
}

static void dates_are_written_as_the_rfc_shows(void)
{
    CHECK(writes(784111777, "Sun, 06 Nov 1994 08:49:37 GMT"));
    CHECK(writes(0, "Thu, 01 Jan 1970 00:00:00 GMT"));
    CHECK(writes(1709251199, "Thu, 29 Feb 2024 23:59:59 GMT"));
    CHECK(writes(1798761599, "Thu, 31 Dec 2026 23:59:59 GMT"));
}

static void years_are_clamped(void)
{
    CHECK(writes(-1, "Thu, 01 Jan 1970 00:00:00 GMT"));
    CHECK(writes(253402300800, "Fri, 31 Dec 9999 23:59:59 GMT"));
}

int main(void)
{
    RUN(dates_are_written_as_the_rfc_shows);
    RUN(years_are_clamped);
    return check_report();
}
