/*
 * Limits per channel type (media spec §1.13): bitrate over a sliding window, picture size, frame
 * rate. Pure; called once a second.
 */
#pragma once

#include "base/str.h"
#include "domain/streams/event.h"
#include "domain/streams/intake.h"
#include "domain/streams/session.h"

#include <stdbool.h>
#include <stddef.h>
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

/* Video and audio together, in bits per second. A picture that is not known yet: 0 x 0. */
uint64_t limits_bitrate(enum limits_type, uint32_t width, uint32_t height);

enum { LIMITS_WINDOW_S = 10, LIMITS_REASON_LEN = 96 };

/* From an event until it may come again: 60 s below the limit. */
struct limits_excursion {
    bool is_on;
    int64_t over_since_us; /* 0: not over */
    int64_t under_since_us;
    int64_t told_us;
};

struct limits {
    enum limits_type type;
    bool disconnects; /* media.limitAction */
    struct limits_excursion bitrate, framerate;
    uint32_t width, height; /* told last */
    uint64_t starts;        /* of the intake, when the keyframe distances began */
    uint64_t keys;
    int64_t usual_distance;
    int64_t advised_us;                                              /* 0: never */
    size_t seconds;                                                  /* in the window, so far */
    uint64_t bytes[LIMITS_WINDOW_S + 1], units[LIMITS_WINDOW_S + 1]; /* totals, by second */
};

void limits_init(struct limits *, enum limits_type, bool disconnects);

/**
 * A second has passed.
 *
 * @param reason  when true is returned: a sentence for the encoder, else untouched
 * @return whether the session must end (code IngestLimit)
 */
bool limits_step(struct limits *, const struct intake *, struct session_now, struct event_batch *,
                 char reason[LIMITS_REASON_LEN]);
