#include "packager/bandwidth.h"

enum {
    TIMESCALE = 90000,
    AVERAGE_OVER = 30 * TIMESCALE,
    PEAK_OVER = 60 * TIMESCALE,
    STEP_BPS = 10000,
};

void bandwidth_add(struct bandwidth *bandwidth, uint64_t bytes, int64_t duration)
{
    if (duration <= 0)
        return;
    bandwidth->segments[bandwidth->next].bytes = bytes;
    bandwidth->segments[bandwidth->next].duration = duration;
    bandwidth->next = (bandwidth->next + 1) % BANDWIDTH_MAX_SEGMENTS;
    if (bandwidth->count < BANDWIDTH_MAX_SEGMENTS)
        bandwidth->count++;
}

static uint64_t bps(uint64_t bytes, int64_t duration)
{
    return duration > 0 ? bytes * 8 * TIMESCALE / (uint64_t)duration : 0;
}

struct measured {
    uint64_t average, peak;
};

/* Segments shorter than half the target are not rates but accidents: what is left before a
 * discontinuity, or an IDR after a forced cut (draft-pantos-hls-rfc8216bis §4.4.6.2, BANDWIDTH). */
static struct measured measure(const struct bandwidth *bandwidth, uint32_t target_duration)
{
    struct measured measured = {0};
    int64_t shortest = (int64_t)target_duration * TIMESCALE / 2;
    uint64_t bytes = 0;
    int64_t duration = 0;
    for (size_t i = 1; i <= bandwidth->count && duration < PEAK_OVER; i++) {
        size_t place = (bandwidth->next + BANDWIDTH_MAX_SEGMENTS - i) % BANDWIDTH_MAX_SEGMENTS;
        uint64_t rate = bps(bandwidth->segments[place].bytes, bandwidth->segments[place].duration);
        if (bandwidth->segments[place].duration >= shortest && rate > measured.peak)
            measured.peak = rate;
        if (duration < AVERAGE_OVER) {
            bytes += bandwidth->segments[place].bytes;
            measured.average = bps(bytes, duration + bandwidth->segments[place].duration);
        }
        duration += bandwidth->segments[place].duration;
    }
    return measured;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t step_up(uint64_t value)
{
    return (value + STEP_BPS - 1) / STEP_BPS * STEP_BPS;
}

static uint64_t capped(uint64_t value, uint64_t cap_bps)
{
    uint64_t most_bps = cap_bps * 11 / 10;
    return cap_bps > 0 && value > most_bps ? most_bps : value;
}

struct bandwidth_values bandwidth_get(const struct bandwidth *bandwidth, uint64_t declared_bps,
                                      uint64_t cap_bps, uint32_t target_duration)
{
    struct measured measured = measure(bandwidth, target_duration);
    uint64_t average = most(declared_bps, measured.average);
    uint64_t peak = most(average * 11 / 10, measured.peak);
    /* The cap gives way before the measured peak reaches 125 % of BANDWIDTH. */
    uint64_t least = measured.peak * 5 / 6;
    return (struct bandwidth_values){
        .average = most(capped(step_up(average), cap_bps), STEP_BPS),
        .peak = most(most(capped(step_up(peak), cap_bps), step_up(least)), STEP_BPS),
    };
}
