/*
 * A source: the frames of one session, fanned out to whoever subscribed.
 *
 * Every subscriber has a bounded queue of its own, so one that is slow hurts nobody: when its queue
 * is full it loses what it has not taken, and goes on at the next keyframe. The source does not
 * know who subscribes. All calls on the source's home loop; a subscriber that lives elsewhere hands
 * frames on from its on_ready.
 */
#pragma once

#include "base/err.h"
#include "base/list.h"
#include "media/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum source_item_kind {
    SOURCE_FRAME,
    SOURCE_METADATA, /* timed metadata accepted at media time `time` */
    SOURCE_BREAK, /* the publisher is gone or the timeline jumped: flush; a new generation follows
                     (its frames carry it), or the end */
    SOURCE_END,   /* nothing follows */
};

struct source_item {
    enum source_item_kind kind;
    struct frame *frame;   /* SOURCE_FRAME */
    struct slice metadata; /* SOURCE_METADATA: the UTF-8 payload */
    uint32_t metadata_id;  /* counts from 1 in the session */
    int64_t time;          /* SOURCE_METADATA: media time, 90 kHz */
};

struct source;
struct subscriber;

struct subscriber {
    /* Something can be taken, where before nothing could. */
    void (*on_ready)(struct subscriber *);
    size_t max_items;
    size_t max_bytes; /* of payload */

    /* The source's own. */
    struct source *source;
    struct list link;
    struct source_item *items;
    size_t first, count, cap;
    size_t bytes;
    bool awaits_key;
    bool has_started; /* it got a keyframe once */
    bool is_waking;   /* on_ready is due */
    uint64_t skipped; /* frames lost by being slow */
};

struct source *source_create(void);

/* After SOURCE_END was sent; subscribers that are left are detached. */
void source_destroy(struct source *);

/* Set on_ready, max_items and max_bytes first; the rest zeroed. It starts at the next keyframe. */
void source_subscribe(struct source *, struct subscriber *);
void source_unsubscribe(struct subscriber *); /* drops what was queued; fine when not subscribed */

/* Takes its own references; on_ready may be called inside. */
void source_send_frame(struct source *, struct frame *);
void source_send_metadata(struct source *, struct slice payload, uint32_t id, int64_t time);
void source_send_break(struct source *);
void source_send_end(struct source *);

/* The oldest item; the caller owns its references (source_item_finish). ERR_AGAIN: nothing there.
 */
MUST_USE enum err source_take(struct subscriber *, struct source_item *out);
void source_item_finish(struct source_item *);
