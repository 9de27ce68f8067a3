#include "packager/part_cutter.h"

#include "base/mem.h"
#include "packager/boundary.h"

#include <assert.h>
#include <stdlib.h>

enum {
    TICKS_PER_MS = BOUNDARY_TIMESCALE / 1000,
    HEADROOM_MS = 4,                          /* for time stamps rounded by encoders (HL-5) */
    LONGEST_PERIOD = BOUNDARY_TIMESCALE / 2,  /* beyond it, no parts (HL-5) */
    DEFAULT_PERIOD = BOUNDARY_TIMESCALE / 30, /* of a lone frame */
};

static int compare(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static int64_t median(const int64_t *values, size_t count)
{
    int64_t *sorted = mem_copy(values, count * sizeof(*values));
    qsort(sorted, count, sizeof(*sorted), compare);
    int64_t middle = sorted[count / 2];
    mem_free(sorted);
    return middle;
}

/* The mean of the steps within a quarter of their median: as good as the median against pauses and
 * lost frames, and not fooled by time stamps rounded to milliseconds (33, 33, 34 ms). As a
 * fraction: `*sum` ticks in `*count` steps. */
static void typical_step(const int64_t *steps, size_t step_count, int64_t *sum, int64_t *count)
{
    int64_t middle = median(steps, step_count);
    *sum = 0;
    *count = 0;
    for (size_t i = 0; i < step_count; i++) {
        if (steps[i] >= middle - middle / 4 && steps[i] <= middle + middle / 4) {
            *sum += steps[i];
            ++*count;
        }
    }
}

uint32_t part_target_ms(const int64_t *steps, size_t count, uint32_t part_ms)
{
    int64_t sum, typical;
    typical_step(steps, count, &sum, &typical);
    if (sum <= 0 || sum > LONGEST_PERIOD * typical)
        return 0;
    int64_t segment = 0;
    for (size_t i = 0; i < count; i++)
        segment += steps[i];
    int64_t part = (int64_t)part_ms * TICKS_PER_MS;
    int64_t parts = (segment + part / 2) / part;
    if (parts < 1)
        parts = 1;
    int64_t frames = (segment * typical + sum / 2) / sum;
    int64_t frames_a_part = (frames + parts - 1) / parts;
    int64_t ticks_ms = typical * TICKS_PER_MS;
    return (uint32_t)((frames_a_part * sum + ticks_ms - 1) / ticks_ms + HEADROOM_MS);
}

uint32_t part_frame_rate_milli(const int64_t *steps, size_t count)
{
    int64_t sum, typical;
    typical_step(steps, count, &sum, &typical);
    if (sum <= 0)
        return 0;
    return (uint32_t)(((int64_t)BOUNDARY_TIMESCALE * 1000 * typical + sum / 2) / sum);
}

void part_cutter_init(struct part_cutter *cutter, uint32_t target_ms)
{
    *cutter = (struct part_cutter){.target = (int64_t)target_ms * TICKS_PER_MS};
}

struct ends {
    struct part_end *at;
    size_t count;
};

/* Ends a part with all pending frames but `keep`. */
static void end_part(struct part_cutter *cutter, struct ends *ends, int64_t end, size_t keep)
{
    assert(ends->count < PART_MAX_ENDS);
    ends->at[ends->count++] = (struct part_end){.frames = cutter->pending - keep, .end = end};
    cutter->pending = keep;
    cutter->start = end;
}

/* Ends the segment with the newest part, if that ends there too. */
static void end_segment(struct part_cutter *cutter, struct ends *ends, int64_t end, size_t keep)
{
    bool is_ended = cutter->pending == keep;
    if (!is_ended || ends->count == 0)
        end_part(cutter, ends, end, keep);
    ends->at[ends->count - 1].closes_segment = true;
}

static bool is_over(const struct part_cutter *cutter, int64_t end)
{
    return cutter->target > 0 && end - cutter->start > cutter->target;
}

/* Case (a) of HL-6. What is still too long after it is a single frame. */
static void end_before_overrun(struct part_cutter *cutter, struct ends *ends, int64_t end)
{
    if (is_over(cutter, end) && cutter->pending > 1)
        end_part(cutter, ends, cutter->last, 1);
    if (is_over(cutter, end) && cutter->pending > 0)
        end_part(cutter, ends, end, 0);
}

size_t part_cutter_next(struct part_cutter *cutter, int64_t dts, unsigned cut,
                        struct part_end ends_out[PART_MAX_ENDS])
{
    struct ends ends = {.at = ends_out};
    if (cutter->pending == 0) {
        cutter->start = dts;
    } else {
        period_add(&cutter->period, dts - cutter->last);
        if (cut & BOUNDARY_BEFORE_LAST)
            end_segment(cutter, &ends, cutter->last, 1);
        end_before_overrun(cutter, &ends, dts);
        if (cut & BOUNDARY_HERE)
            end_segment(cutter, &ends, dts, 0);
        else if (cutter->pending > 0 && is_over(cutter, dts + period_median(&cutter->period)))
            end_part(cutter, &ends, dts, 0);
    }
    cutter->pending++;
    cutter->last = dts;
    return ends.count;
}

size_t part_cutter_flush(struct part_cutter *cutter, int64_t next,
                         struct part_end ends_out[PART_MAX_ENDS])
{
    if (cutter->pending == 0)
        return 0;
    struct ends ends = {.at = ends_out};
    int64_t period = period_median(&cutter->period);
    int64_t end = cutter->last + (period > 0 ? period : DEFAULT_PERIOD);
    if (next > cutter->last && next < end)
        end = next;
    end_before_overrun(cutter, &ends, end);
    end_segment(cutter, &ends, end, 0);
    return ends.count;
}
