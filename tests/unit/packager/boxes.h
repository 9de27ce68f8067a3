/* Reads parts back: a small, trusting parser of what fmp4 writes. */
#pragma once

#include "base/reader.h"
#include "check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct boxes_track {
    size_t samples;
    int64_t tfdt;
    int64_t duration; /* sum over samples */
    int64_t cts_sum;
    size_t bytes;
    bool first_is_key;
    uint8_t first_bytes[5]; /* of the first sample */
    uint32_t first_duration;
};

struct boxes_part {
    uint32_t sequence;
    struct boxes_track tracks[2]; /* video, audio */
    size_t events;
    uint64_t event_times[8];
    uint32_t event_ids[8];
};

struct boxes_box {
    char type[5];
    struct reader body;
    const uint8_t *at;
};

static inline bool boxes_next(struct reader *r, struct boxes_box *box)
{
    if (r->left == 0)
        return false;
    box->at = r->at;
    size_t len = (size_t)reader_uint(r, 4);
    const uint8_t *type = reader_take(r, 4);
    const uint8_t *body = len >= 8 ? reader_take(r, len - 8) : NULL;
    CHECK(body != NULL);
    if (type == NULL || body == NULL)
        return false;
    memcpy(box->type, type, 4);
    box->type[4] = 0;
    box->body = reader_over(body, len - 8);
    return true;
}

static inline void boxes_trun(struct reader r, struct boxes_track *track, int64_t default_duration,
                              const uint8_t *moof)
{
    uint32_t flags = (uint32_t)reader_uint(&r, 4) & 0xffffff;
    size_t count = (size_t)reader_uint(&r, 4);
    const uint8_t *data = moof + reader_uint(&r, 4);
    for (size_t i = 0; i < count; i++) {
        int64_t duration = flags & 0x100 ? (int64_t)reader_uint(&r, 4) : default_duration;
        uint32_t size = (uint32_t)reader_uint(&r, 4);
        uint32_t sample_flags = flags & 0x400 ? (uint32_t)reader_uint(&r, 4) : 0;
        track->cts_sum += flags & 0x800 ? (int32_t)reader_uint(&r, 4) : 0;
        if (i == 0) {
            track->first_is_key = sample_flags == 0x02000000;
            memcpy(track->first_bytes, data, size < 5 ? size : 5);
            track->first_duration = (uint32_t)duration;
        }
        track->bytes += size;
        track->duration += duration;
    }
    track->samples = count;
    CHECK(!r.failed && r.left == 0);
}

static inline void boxes_traf(struct reader r, struct boxes_part *part, const uint8_t *moof)
{
    struct boxes_box box;
    struct boxes_track *track = &part->tracks[0];
    int64_t default_duration = 0;
    while (boxes_next(&r, &box)) {
        if (strcmp(box.type, "tfhd") == 0) {
            uint32_t flags = (uint32_t)reader_uint(&box.body, 4);
            track = &part->tracks[reader_uint(&box.body, 4) - 1];
            default_duration = flags & 8 ? (int64_t)reader_uint(&box.body, 4) : 0;
        } else if (strcmp(box.type, "tfdt") == 0) {
            (void)reader_uint(&box.body, 4); /* version */
            track->tfdt = (int64_t)reader_uint(&box.body, 8);
        } else if (strcmp(box.type, "trun") == 0) {
            boxes_trun(box.body, track, default_duration, moof);
        }
    }
}

static inline void boxes_event(struct reader r, struct boxes_part *part)
{
    (void)reader_uint(&r, 8); /* version, timescale */
    if (part->events < 8) {
        part->event_times[part->events] = reader_uint(&r, 8);
        (void)reader_uint(&r, 4); /* duration */
        part->event_ids[part->events] = (uint32_t)reader_uint(&r, 4);
    }
    part->events++;
}

static inline void boxes_moof(struct boxes_box *moof, struct boxes_part *part)
{
    CHECK(strcmp(moof->type, "moof") == 0);
    struct boxes_box inner;
    while (boxes_next(&moof->body, &inner)) {
        if (strcmp(inner.type, "mfhd") == 0) {
            (void)reader_uint(&inner.body, 4);
            part->sequence = (uint32_t)reader_uint(&inner.body, 4);
        }
        if (strcmp(inner.type, "traf") == 0)
            boxes_traf(inner.body, part, moof->at);
    }
}

static inline struct boxes_part boxes_read(const uint8_t *bytes, size_t len)
{
    struct boxes_part part = {0};
    struct reader r = reader_over(bytes, len);
    struct boxes_box box;
    size_t media = 0;
    while (boxes_next(&r, &box)) {
        if (strcmp(box.type, "emsg") == 0)
            boxes_event(box.body, &part);
        else if (strcmp(box.type, "mdat") == 0)
            media += box.body.left;
        else
            boxes_moof(&box, &part);
    }
    CHECK_EQ(media, part.tracks[0].bytes + part.tracks[1].bytes);
    return part;
}
