/*
 * A channel on its home loop: its session, the publisher that feeds it, one that is being probed,
 * and what must be remembered when none is there. The rules are in domain/streams; this acts on
 * them.
 */
#pragma once

#include "domain/streams/rate.h"
#include "domain/streams/session.h"
#include "domain/streams/takeover.h"
#include "ingest/feed.h"
#include "ingest/inside.h"
#include "ingest/publisher.h"

struct broadcast {
    struct ingest_loop *home;
    struct ingest_channel channel;
    struct takeover takeover;
    char cool_reason[LIMITS_REASON_LEN + 32];
    struct loop_timer due;   /* of the session, or of forgetting the channel */
    struct loop_timer probe; /* of the publisher that is being probed */
    struct publisher *publisher, *prober;
    struct rate metadata_rate;

    bool is_open; /* the rest is a session's */
    struct ingest_stream stream;
    struct session session;
    struct feed feed;
    struct loop_timer measure;
    int64_t media_since_us; /* monotonic: first picture of the session; 0: none yet */
    struct intake measured; /* as it was then */
    char *config;           /* JSON, or NULL while it is not known */
};

/* A publisher with the right key: start it, probe it or refuse it. */
void broadcast_arrive(struct ingest_loop *, struct publisher *);

/* From a publisher that belongs to it. It may be closed inside. */
void broadcast_on_message(struct broadcast *, struct publisher *, const struct assembler_message *);
void broadcast_on_hints(struct broadcast *, struct publisher *);
void broadcast_on_stop(struct broadcast *, struct publisher *); /* it stopped cleanly */
void broadcast_on_gone(struct broadcast *, struct publisher *); /* its connection broke */

/* NULL when that channel has no session now. */
struct broadcast *broadcast_find(struct ingest_loop *, struct str channel_id);

void broadcast_on_playable(struct broadcast *);
void broadcast_report(struct broadcast *, const struct event_batch *);
MUST_USE enum err broadcast_put_metadata(struct broadcast *, struct chunk *payload);

/* Ends the session; the key, unless it was reset, is refused for 10 s with `reason`. */
void broadcast_stop(struct broadcast *, enum session_end, struct str reason);

/* Ends the session, code ServerRestart, and closes its publishers without a word. */
void broadcast_drain(struct broadcast *);
void broadcast_destroy(struct broadcast *);
