/*
 * Starvation (media spec §1.14): does media come in as fast as it plays? Pure; called every 100 ms,
 * `now` monotonic and wall clock.
 */
#pragma once

#include "domain/streams/event.h"
#include "domain/streams/intake.h"
#include "domain/streams/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STARVATION_STEP_US = 100000,
    STARVATION_HISTORY = 101, /* steps: 10 s and both ends */
};

struct starvation {
    bool is_starving;
    bool has_started; /* ever: last_start_us is valid */
    int64_t last_start_us;
    int64_t good_since_us; /* 0: not good */
    uint64_t starts;       /* of the intake, when the history began */
    size_t count;          /* steps in the history since then */
    struct {
        int64_t at_us;
        int64_t media;             /* 90 kHz received since the (re)start */
    } history[STARVATION_HISTORY]; /* by count modulo */
};

void starvation_init(struct starvation *);

/* Adds Starvation Start or Starvation End when it is due; code AudioMissing or VideoMissing when
 * only one track stays away. */
void starvation_step(struct starvation *, const struct intake *, struct session_now,
                     struct event_batch *);
