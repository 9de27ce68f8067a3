/*
 * A session's packager: subscribes to its source and publishes LL-HLS (media.md section 2).
 *
 * It lives on the source's home loop. Boundaries and part ends are decided by boundary.h and
 * part_cutter.h; a part is written as one chunk when it closes, and every part makes a new snapshot
 * (published.h), handed to `publish`, which carries it to all loops.
 */
#pragma once

#include "base/err.h"
#include "loop/loop.h"
#include "media/source.h"
#include "metrics/metrics.h"
#include "packager/published.h"

#include <stdbool.h>
#include <stdint.h>

enum { PACKAGER_MAX_MEMORY = 64 << 20 }; /* bytes of parts in memory, per rendition (media 2.8) */

struct packager_options {
    struct loop *loop;
    struct metrics *metrics; /* may be NULL */
    const char *channel_id;  /* copied, as all strings here but store_dir */
    const char *stream_id;
    uint32_t segment_ms, part_ms, window_segments; /* media.* of the configuration */
    uint64_t cap_bps;      /* bitrate cap of the channel's type: bounds BANDWIDTH */
    const char *store_dir; /* must outlive the packager; made by packager_sweep_store() */

    /* A new snapshot; borrowed, take a reference to keep it. */
    void (*publish)(void *arg, struct published *);
    /* The first playlist can be played: LIVE. Once. */
    void (*on_playable)(void *arg);
    /* It cannot go on: ERR_LIMIT, too much memory (MemoryLimit). Nothing more is published until
     * packager_destroy(), which must not be called inside. Once. */
    void (*on_failed)(void *arg, enum err why);
    void *arg;
};

struct packager;

/* Publishes the OPEN snapshot and subscribes. */
struct packager *packager_create(const struct packager_options *, struct source *);

/* Bit rate the encoder declares (onMetaData), in bits per second; 0: none. */
void packager_declare_bitrate(struct packager *, uint64_t bps);

/* The publisher is lost: the snapshot says GRACE until the next frame. Send SOURCE_BREAK before. */
void packager_set_grace(struct packager *);

/* Who watches, for samples and lists; lives as long as the packager. */
struct audience *packager_audience(struct packager *);

/* Takes what the source still holds for it, publishes the end (ENDLIST) unless SOURCE_END did, and
 * frees. What was published stays available on the loops' indexes for its time (HL-27). */
void packager_destroy(struct packager *);

/* At start, before any packager: makes the folder (0700) and removes what an earlier run left. */
MUST_USE enum err packager_sweep_store(const char *store_dir);
