#include "packager/boundary.h"

#include <stddef.h>

enum {
    TICKS_PER_MS = BOUNDARY_TIMESCALE / 1000,
    FIRST_SEGMENT_MAX = 4 * BOUNDARY_TIMESCALE, /* HL-2 */
    OVER_TARGET_MAX = 499 * TICKS_PER_MS,       /* HL-4: it still rounds to the target */
    MIN_TARGET_DURATION = 2,                    /* HL-3 */
    TARGET_DURATION_AFTER_CUT = 10,             /* HL-3 */
};

void boundary_init(struct boundary *boundary, uint32_t segment_ms)
{
    *boundary = (struct boundary){.segment_ms = segment_ms};
}

void boundary_break(struct boundary *boundary)
{
    boundary->has_segment = false;
}

/* Time stamps come from a peer in the end: differences saturate instead of overflowing (SE-33). */
static int64_t distance(int64_t from, int64_t to)
{
    int64_t difference;
    if (__builtin_sub_overflow(to, from, &difference))
        return to > from ? INT64_MAX : INT64_MIN;
    return difference;
}

/* 0.875 of the goal: an IDR from here on closes the segment (HL-1). */
static int64_t shortest(const struct boundary *boundary)
{
    return (int64_t)boundary->segment_ms * TICKS_PER_MS * 7 / 8;
}

static int64_t longest(const struct boundary *boundary)
{
    return (int64_t)boundary->target_duration * BOUNDARY_TIMESCALE + OVER_TARGET_MAX;
}

/* How long the segments will be, going by the IDRs of the first; there were at least two. */
static int64_t predicted(const struct boundary *boundary)
{
    int64_t gap = boundary->longest_gap;
    return (shortest(boundary) + gap - 1) / gap * gap;
}

static void fix_target_duration(struct boundary *boundary, int64_t len, bool is_key)
{
    if (!is_key) {
        boundary->target_duration = TARGET_DURATION_AFTER_CUT;
        return;
    }
    int64_t longer = predicted(boundary) > len ? predicted(boundary) : len;
    int64_t seconds = (longer + BOUNDARY_TIMESCALE / 2) / BOUNDARY_TIMESCALE;
    boundary->target_duration =
        seconds > MIN_TARGET_DURATION ? (uint32_t)seconds : MIN_TARGET_DURATION;
}

static void start_segment(struct boundary *boundary, int64_t dts, bool is_key)
{
    boundary->has_segment = true;
    boundary->is_remainder = !is_key;
    boundary->start = dts;
    boundary->last_key = dts; /* is one, but for the remainder of a forced cut */
}

/* How long to wait for an IDR in the first segment: the time of HL-2 if none came yet, else at
 * least until one can be expected. */
static int64_t first_segment_max(const struct boundary *boundary)
{
    if (boundary->longest_gap == 0 || predicted(boundary) < FIRST_SEGMENT_MAX)
        return FIRST_SEGMENT_MAX;
    return predicted(boundary) + OVER_TARGET_MAX;
}

static unsigned first_segment_next(struct boundary *boundary, int64_t dts, bool is_key)
{
    int64_t len = distance(boundary->start, dts);
    if (is_key) {
        int64_t gap = distance(boundary->last_key, dts);
        if (gap > boundary->longest_gap)
            boundary->longest_gap = gap;
        boundary->last_key = dts;
    }
    if (len < (is_key ? shortest(boundary) : first_segment_max(boundary)))
        return BOUNDARY_NONE;
    fix_target_duration(boundary, len, is_key);
    start_segment(boundary, dts, is_key);
    return BOUNDARY_HERE;
}

static unsigned later_segment_next(struct boundary *boundary, int64_t dts, bool is_key,
                                   int64_t period)
{
    unsigned cut = BOUNDARY_NONE;
    int64_t len = distance(boundary->start, dts);
    if (len > longest(boundary) && boundary->last > boundary->start) {
        /* The frame before lasted longer than it looked when it came. */
        cut = BOUNDARY_BEFORE_LAST;
        start_segment(boundary, boundary->last, false);
        len = distance(boundary->start, dts);
    }
    bool is_due = is_key && (boundary->is_remainder || len >= shortest(boundary));
    if (is_due || len > longest(boundary) - period) {
        cut |= BOUNDARY_HERE;
        start_segment(boundary, dts, is_key);
    }
    return cut;
}

unsigned boundary_next(struct boundary *boundary, int64_t dts, bool is_key, int64_t period)
{
    unsigned cut = BOUNDARY_NONE;
    if (!boundary->has_segment)
        start_segment(boundary, dts, is_key);
    else if (boundary->target_duration == 0)
        cut = first_segment_next(boundary, dts, is_key);
    else
        cut = later_segment_next(boundary, dts, is_key, period);
    boundary->last = dts;
    return cut;
}
