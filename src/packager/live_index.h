/*
 * The streams that can be fetched, one index a loop, and the requests that wait for what comes
 * next (media rules HL-40 to HL-48).
 *
 * A packager publishes a snapshot through the hub, which posts it to every loop; each loop's index
 * keeps the newest one of each session, wakes its own waiters, and forgets an ended session when
 * its time is up. The hub itself only holds the list of loops and the process-wide counts.
 */
#pragma once

#include "base/err.h"
#include "base/list.h"
#include "base/str.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "packager/published.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIVE_MAX_WAITERS = 20000,           /* in the process (HL-46) */
    LIVE_MAX_WAITERS_PER_ADDRESS = 512, /* IPv4 /32, IPv6 /64 */
    LIVE_WAKES_A_TURN = 500,            /* so that waking thousands does not stop the loop */
};

struct live_hub;
struct live_index;

/* One index for each loop, found by loop_index(). `metrics` has one table a loop, or is NULL. */
struct live_hub *live_hub_create(struct loop *const *loops, struct metrics *const *metrics,
                                 size_t loop_count);
/* After loop_destroy() of them all, when nothing waits any more. */
void live_hub_destroy(struct live_hub *);

/* Any loop's thread: the snapshot replaces the one of the same session on every loop. */
void live_hub_publish(struct live_hub *, struct published *);

/* Any thread. Wakes all waiters with ERR_CLOSED; nothing can wait from here on. */
void live_hub_drain(struct live_hub *);

/* --- On the index's own loop --- */

struct live_index *live_hub_index(struct live_hub *, const struct loop *);

/* The newest session of a channel, also when it has ended; NULL: none. Borrowed until the callback
 * that asks returns. */
struct published *live_find_channel(struct live_index *, struct str channel_id);
struct published *live_find_stream(struct live_index *, struct str channel_id,
                                   struct str stream_id);

/* Forgets ended sessions whose time is up, and viewers who left. The index does so by itself every
 * two seconds; `now_us` is a parameter for tests. */
void live_sweep(struct live_index *, int64_t now_us);

enum live_wanted { LIVE_PLAYLIST, LIVE_PART };

/* Embedded in whatever waits. Fill in what is asked for; the rest is the index's own. */
struct live_waiter {
    enum live_wanted wanted;
    struct reload_query query; /* a part: msn and part */
    /**
     * It no longer waits, and may be freed.
     *
     * ERR_OK: in the newest snapshot (borrowed, as its rendition) stands the answer, be it that the
     * part will never come. ERR_TIMEOUT: the hold is over; ERR_CLOSED: the daemon drains;
     * ERR_NOT_FOUND: the session is gone; all without a snapshot.
     */
    void (*on_wake)(struct live_waiter *, enum err, struct published *,
                    struct published_rendition *);

    struct live_index *index;
    struct live_session *session;
    struct list link;
    struct loop_timer timer;
    int64_t since_us;
    int32_t address_slot; /* -1: not counted */
    char rendition[PUBLISHED_RENDITION_MAX + 1];
};

/* Who asks, for the limits. */
struct live_peer {
    uint64_t address; /* what counts as one: IPv4 whole, IPv6 by its /64 */
    bool is_trusted;  /* behind a trusted proxy: not limited by address */
};

/**
 * Wait for a state that has not come (RELOAD_WAIT) of this rendition of this session.
 *
 * @return ERR_OK: on_wake will be called, not inside; ERR_LIMIT: too many wait (429); ERR_CLOSED:
 *         draining (503)
 */
MUST_USE enum err live_wait(struct live_index *, struct live_waiter *, struct published *,
                            const struct published_rendition *, const struct live_peer *);

/* The client left: on_wake will not be called. */
void live_cancel(struct live_waiter *);

/* --- Who watches (media 2.12) --- */

struct live_sighting {
    uint64_t address;
    struct str user_agent;
    struct str vid; /* empty: counted by address and user agent */
};

void live_saw_viewer(struct live_index *, struct published *, const struct live_sighting *);
