/*
 * Limits per channel type (media spec §1.13): bitrate over a sliding window, picture size, frame
 * rate. Pure; `now_us` is monotonic, events carry wall clock.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum limits_type {
    LIMITS_BASIC,
    LIMITS_STANDARD,
    LIMITS_ADVANCED_SD,
    LIMITS_ADVANCED_HD,
};

/* BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD; others count as BASIC. */
enum limits_type limits_type_find(struct str name);
const char *limits_type_name(enum limits_type);
