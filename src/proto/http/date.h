/* Dates as HTTP writes them (RFC 9110 §5.6.7). */
#pragma once

#include <stdint.h>

enum { HTTP_DATE_LEN = sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1 };

/* NUL-terminated. Years 1970 to 9999; others are clamped. */
void http_date_write(int64_t wall_us, char out[HTTP_DATE_LEN + 1]);
