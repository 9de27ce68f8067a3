#include "proto/http/date.h"

#include <string.h>
#include <time.h>

static const time_t end_of_9999_s = 253402300799;

static void put_number(char *at, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
}

void http_date_write(int64_t wall_us, char out[HTTP_DATE_LEN + 1])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    time_t seconds = wall_us < 0 ? 0 : wall_us / 1000000;
    if (seconds > end_of_9999_s)
        seconds = end_of_9999_s;
    struct tm tm = {0};
    (void)gmtime_r(&seconds, &tm); /* fails only for years beyond int */

    memcpy(out, "Sun, 06 Nov 1994 08:49:37 GMT", HTTP_DATE_LEN + 1);
    memcpy(out, days + 3 * (size_t)tm.tm_wday, 3);
    put_number(out + 5, tm.tm_mday, 2);
    memcpy(out + 8, months + 3 * (size_t)tm.tm_mon, 3);
    put_number(out + 12, tm.tm_year + 1900, 4);
    put_number(out + 17, tm.tm_hour, 2);
    put_number(out + 20, tm.tm_min, 2);
    put_number(out + 23, tm.tm_sec, 2);
}
