/*
 * The only place that asks the system for the time. Everything else takes `now` as a parameter.
 * All times are microseconds.
 */
#pragma once

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_ISO_LEN = sizeof("2026-02-03T10:00:00.000Z") - 1 };

int64_t clock_monotonic_us(void);
int64_t clock_wall_us(void); /* since the Unix epoch, UTC */

/* Processor time used by the calling thread: does not grow while it sleeps or is preempted. */
int64_t clock_thread_cpu_us(void);

/* ISO 8601 UTC with milliseconds and Z, NUL-terminated: 2026-02-03T10:00:00.000Z.
 * Times from year 0 to 9999; others are clamped. */
void clock_format_iso(int64_t wall_us, char out[CLOCK_ISO_LEN + 1]);
