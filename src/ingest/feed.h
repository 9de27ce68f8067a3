/*
 * A session's media: puts access units on its clock, groups them into generations, and sends them
 * and timed metadata to its source. On the session's home loop.
 */
#pragma once

#include "domain/streams/intake.h"
#include "domain/streams/session.h"
#include "ingest/assembler.h"
#include "media/source.h"
#include "media/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FEED_MAX_METADATA = 1024, /* bytes of one payload (media spec §3.1) */
    FEED_MAX_WAITING = 64,    /* payloads that wait for media to resume; the oldest is lost */
};

struct feed {
    struct source *source;
    struct timeline timeline;
    struct generation *generation; /* NULL before the first */
    uint32_t generations;
    bool is_broken; /* SOURCE_BREAK was sent, no frame since */
    struct intake intake;
    uint32_t metadata_count;
    struct chunk *waiting[FEED_MAX_WAITING]; /* oldest first */
    size_t waiting_count;
};

void feed_init(struct feed *);

/* Sends SOURCE_END. */
void feed_end(struct feed *);
void feed_finish(struct feed *);

/* A message came: counted as received, whatever becomes of it. */
void feed_note_received(struct feed *, enum track_kind, size_t body_len, int64_t now_us);

/* Takes over the unit's reference. `assembler` is its publisher's. True: a generation began. */
bool feed_put(struct feed *, const struct assembler *, struct assembler_unit *,
              struct session_now now);

/* The publisher is lost, or another one follows: what comes next is a new generation. */
void feed_break(struct feed *);

/* Gets the time of the newest picture, or, when none is coming in, of the next one. */
void feed_put_metadata(struct feed *, struct chunk *payload, int64_t now_us);
