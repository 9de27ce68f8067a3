/* Snapshots as a packager would publish them, for tests. */
#pragma once

#include "base/mem.h"
#include "packager/published.h"

#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_PARTS = 3, SNAPSHOT_PART_TICKS = 60000 };

/* Segment `msn` of 2 s in parts that hold "<msn>.<part>". */
static inline struct published_segment *snapshot_segment(uint64_t msn, size_t parts)
{
    struct published_segment *segment = published_segment_create(parts);
    segment->entry.msn = msn;
    segment->entry.start = 900000 + (int64_t)msn * SNAPSHOT_PARTS * SNAPSHOT_PART_TICKS;
    segment->entry.end = segment->entry.start + (int64_t)parts * SNAPSHOT_PART_TICKS;
    for (size_t i = 0; i < parts; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "%d.%d", (int)msn, (int)i);
        segment->slices[i] = slice_of(chunk_copy(text, (size_t)len));
        segment->parts[i].end = segment->entry.start + (int64_t)(i + 1) * SNAPSHOT_PART_TICKS;
        segment->len += (size_t)len;
    }
    return segment;
}

/* s5 (out of the list), s6, s7, and `open_parts` of s8. */
static inline struct published *snapshot_of(enum published_state state, size_t open_parts)
{
    struct published *published =
        published_create(STR("4WpFQIDqX0pV"), STR("st-12345678901234567890123"), 2);
    published->state = state;
    published->audience = audience_create();
    published->master = chunk_copy("#EXTM3U\n", 8);
    for (size_t i = 0; i < 2; i++) {
        struct published_rendition *rendition = &published->renditions[i];
        memcpy(rendition->id, i == 0 ? "720p30" : "480p30", 6);
        rendition->target_duration = 2;
        rendition->part_target_ms = 671;
        rendition->segments = mem_zalloc(3, sizeof(void *));
        for (size_t k = 0; k < 3; k++)
            rendition->segments[rendition->segment_count++] =
                snapshot_segment(5 + k, SNAPSHOT_PARTS);
        rendition->first_listed = 1;
        if (open_parts > 0)
            rendition->open = snapshot_segment(8, open_parts);
        rendition->inits = mem_zalloc(1, sizeof(*rendition->inits));
        rendition->inits[rendition->init_count++] =
            (struct published_init){.number = 4, .bytes = chunk_copy("init", 4)};
    }
    return published;
}
