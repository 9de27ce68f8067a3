/*
 * What a session has published: an immutable snapshot, made by its packager on the home loop after
 * each part and read on every loop.
 *
 * Everything in it is counted by reference and never changes, with one exception that nobody can
 * see: the texts of its playlists are written when they are first asked for, once for all loops.
 */
#pragma once

#include "base/chunk.h"
#include "base/slice.h"
#include "base/str.h"
#include "packager/audience.h"
#include "packager/reload.h"
#include "proto/m3u8/media_playlist_writer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PUBLISHED_CHANNEL_MAX = 31, /* characters of a channel id */
    PUBLISHED_STREAM_MAX = 31,
    PUBLISHED_RENDITION_MAX = 23,
};

enum published_state {
    PUBLISHED_OPEN,  /* a publisher is there, nothing can be played yet */
    PUBLISHED_LIVE,  /* parts appear */
    PUBLISHED_GRACE, /* the publisher is lost and may come back */
    PUBLISHED_ENDED, /* playlists are complete; they stay until `keep_us` */
};

/* A segment, complete or open: one slice a part, in order. Its bytes are theirs (HL-10). */
struct published_segment {
    atomic_uint refs;
    struct m3u8_segment entry; /* its parts are those below */
    struct m3u8_part *parts;
    size_t slice_count;   /* = entry.part_count */
    struct slice *slices; /* hold references; of one mapped file, or of a chunk each */
    size_t len;           /* of all slices */
};

enum published_text { PUBLISHED_FULL, PUBLISHED_DELTA };
enum { PUBLISHED_TEXTS = 2, PUBLISHED_ENCODINGS = 2 /* plain, gzip */ };

struct published_init {
    uint32_t number;
    struct chunk *bytes;
};

struct published_rendition {
    char id[PUBLISHED_RENDITION_MAX + 1];
    uint32_t target_duration; /* seconds */
    uint32_t part_target_ms;  /* 0: no parts */
    bool is_audio_only;
    uint64_t discontinuity_sequence;
    struct published_segment **segments; /* complete ones, oldest first */
    size_t segment_count;
    size_t first_listed;            /* those before it left the list, and can still be fetched */
    struct published_segment *open; /* parts after the last complete segment; NULL: none yet */
    struct published_init *inits;
    size_t init_count;
    _Atomic(struct chunk *) texts[PUBLISHED_TEXTS][PUBLISHED_ENCODINGS];
};

struct published {
    atomic_uint refs;
    enum published_state state;
    char channel_id[PUBLISHED_CHANNEL_MAX + 1];
    char stream_id[PUBLISHED_STREAM_MAX + 1];
    int64_t keep_us;           /* ENDED: monotonic time until which it can be fetched */
    struct audience *audience; /* shared by all snapshots of the session */
    struct chunk *master;      /* multivariant playlist; NULL while OPEN */
    _Atomic(struct chunk *) master_gzip;
    size_t rendition_count; /* 0 while OPEN */
    struct published_rendition renditions[];
};

/* Zeroed but for one reference and the ids. The creator fills it in before it shares it. */
struct published *published_create(struct str channel_id, struct str stream_id,
                                   size_t rendition_count);
struct published *published_ref(struct published *);
void published_unref(struct published **);

/* Zeroed but for one reference and room for `part_count` parts and slices, which it owns. */
struct published_segment *published_segment_create(size_t part_count);
struct published_segment *published_segment_ref(struct published_segment *);
void published_segment_unref(struct published_segment **);

/* By the names in a URL; NULL when there is no such thing. They live as long as the snapshot. */
struct published_rendition *published_find_rendition(struct published *, struct str id);
const struct published_segment *published_find_segment(const struct published_rendition *,
                                                       uint64_t msn);
/* Of a complete or the open segment; NULL too when the session has no parts. */
const struct slice *published_find_part(const struct published_rendition *, uint64_t msn,
                                        uint64_t part);
struct chunk *published_find_init(const struct published_rendition *, uint64_t number);

/* What delivery directives are judged by. */
struct reload_state published_reload_state(const struct published *,
                                           const struct published_rendition *);

/* A playlist's text, gzip-encoded if asked for; borrowed from the snapshot. Any thread: whoever
 * comes first writes it. */
struct chunk *published_playlist(struct published *, struct published_rendition *,
                                 enum published_text, bool gzip);
struct chunk *published_master(struct published *, bool gzip); /* NULL while OPEN */
