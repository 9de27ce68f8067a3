/*
 * What came in from a publisher, as running totals: ingest adds, health reads. Both on the
 * channel's home loop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct intake {
    uint64_t video_bytes, audio_bytes; /* of tag bodies */
    uint64_t video_units, audio_units; /* access units kept */
    int64_t video_time, audio_time;    /* media time of the newest kept one, 90 kHz */
    int64_t video_at_us, audio_at_us;  /* when the newest one came, monotonic; 0: none yet */
    int64_t key_time;                  /* media time of the last keyframe */
    int64_t key_distance;              /* between the last two within a generation, 90 kHz */
    uint64_t keys;                     /* keyframes that have a distance */
    int64_t started_us;                /* monotonic: first media since the last (re)start */
    int64_t started_time;              /* its media time */
    uint64_t starts;                   /* generations begun */
    bool has_audio;
    bool is_connected; /* false in GRACE */
    uint32_t width, height;
    /* Counted per session (media rule 1.15). */
    uint64_t dts_repaired, jumps, dropped_units, audio_gap_ms;
    uint32_t chunk_streams;
};
