/*
 * Stream health: looks at what came in from each publisher of one loop, and tells of starvation,
 * limits and samples (media spec §1.13 to §1.15). The rules are in domain/streams; here is the
 * clock that drives them: every 100 ms, and once in each second of the wall clock.
 */
#pragma once

#include "domain/streams/event.h"
#include "domain/streams/intake.h"
#include "domain/streams/limits.h"
#include "domain/streams/samples.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct health;
struct health_watch;

/* Texts and intake are borrowed while it is watched. */
struct health_stream {
    const char *channel_id;
    const char *stream_id;
    enum limits_type type;
    const struct intake *intake;
};

struct health_row {
    const struct health_stream *stream;
    struct samples_row row;
};

/* Called from the timer; none may start or end a watch, or do so only by a later post. */
struct health_hooks {
    /* To be written with the session's row. */
    void (*on_events)(void *arg, const struct health_stream *, const struct event_batch *);
    /* Complete rows of 5 s, of all streams at once. */
    void (*on_rows)(void *arg, const struct health_row *rows, size_t count);
    /* The session must end (code IngestLimit); a sentence for the encoder, valid during the call.
     * Resolution and frame rate say it once. */
    void (*on_excess)(void *arg, const struct health_stream *, const char *reason);
    /* Who watches now. */
    unsigned (*count_viewers)(void *arg, const struct health_stream *);
    void *arg;
};

struct health_options {
    struct loop *loop;
    bool disconnects; /* media.limitAction */
    struct health_hooks hooks;
};

struct health *health_create(const struct health_options *);
void health_destroy(struct health *); /* drops what is watched still; before its loop */

struct health_watch *health_start(struct health *, const struct health_stream *);

/* Gives the row that was begun to on_rows. */
void health_stop(struct health_watch *);
