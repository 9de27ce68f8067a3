#include "media/cadence.h"

#include "media/track.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    MAX_CORRECTION = 270, /* 3 ms */
    MAX_FPS = 120,
    MAX_FPS_NUM = 1000000, /* of a reduced fraction: keeps products within 64 bits */
    /* A window of stamps rounded to 1 ms tells its period to within 2 * 90 / 60 ticks. */
    PERIOD_ERROR = 3,
    /* Times a grid that was told is begun anew, per window of stamps that lay on it. GStreamer cuts
     * negative DTS to 0, so a stream with B-frames begins 0, 0, 5, 38, 72 ms. */
    TRIES = 8,
};

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void cadence_start(struct cadence *cadence, uint32_t fps_num, uint32_t fps_den)
{
    *cadence = (struct cadence){.index = -1};
    if (fps_den == 0 || fps_num < fps_den || (uint64_t)fps_num > (uint64_t)MAX_FPS * fps_den)
        return;
    uint32_t divisor = common_divisor(fps_num, fps_den);
    if (fps_num / divisor > MAX_FPS_NUM)
        return;
    cadence->period_num = (int64_t)MEDIA_TIMESCALE * (fps_den / divisor);
    cadence->period_den = fps_num / divisor;
    cadence->is_told = true;
    cadence->tries = TRIES;
}

static int64_t divide_round(int64_t value, int64_t by)
{
    return (value >= 0 ? value + by / 2 : value - by / 2) / by;
}

static int64_t grid(const struct cadence *cadence, int64_t index)
{
    return cadence->anchor + divide_round(index * cadence->period_num, cadence->period_den);
}

/* The nominal rate whose period is `mean` (ticks in CADENCE_WINDOW periods), if there is one. */
static void choose_period(struct cadence *cadence, int64_t total)
{
    int64_t best = (int64_t)PERIOD_ERROR * CADENCE_WINDOW + 1;
    cadence->period_num = total;
    cadence->period_den = CADENCE_WINDOW;
    for (int64_t fps = 1; fps <= MAX_FPS; fps++) {
        /* fps, and the NTSC rate beside it where there is one. */
        int64_t variants = fps % 24 == 0 || fps % 30 == 0 ? 2 : 1;
        for (int64_t ntsc = 0; ntsc < variants; ntsc++) {
            int64_t num = MEDIA_TIMESCALE * (ntsc ? 1001LL : 1LL);
            int64_t den = fps * (ntsc ? 1000LL : 1LL);
            int64_t error = llabs(divide_round(num * CADENCE_WINDOW, den) - total);
            if (error >= best)
                continue;
            best = error;
            cadence->period_num = num;
            cadence->period_den = den;
        }
    }
}

static bool is_even(const int64_t *window, int64_t total)
{
    for (size_t i = 1; i <= CADENCE_WINDOW; i++) {
        int64_t step = window[i] - window[i - 1];
        if (llabs(step * CADENCE_WINDOW - total) > (int64_t)MAX_CORRECTION * CADENCE_WINDOW)
            return false;
    }
    return true;
}

/* Puts the anchor where the window's stamps lie on both sides of the grid alike. */
static void centre(struct cadence *cadence)
{
    int64_t error = 0;
    cadence->anchor = cadence->window[0];
    for (int64_t i = 0; i <= CADENCE_WINDOW; i++)
        error += cadence->window[i] - grid(cadence, i);
    cadence->anchor += divide_round(error, CADENCE_WINDOW + 1);
    cadence->index = CADENCE_WINDOW - 1; /* the newest is snapped next */
}

static void measure(struct cadence *cadence, int64_t dts)
{
    cadence->window[cadence->count++] = dts;
    if (cadence->count <= CADENCE_WINDOW)
        return;
    int64_t total = dts - cadence->window[0];
    if (total > 0 && is_even(cadence->window, total)) {
        choose_period(cadence, total);
        centre(cadence);
    }
    cadence->window[0] = dts;
    cadence->count = 1;
}

static bool snap(struct cadence *cadence, int64_t dts, int64_t *out)
{
    int64_t index =
        divide_round((dts - cadence->anchor) * cadence->period_den, cadence->period_num);
    int64_t snapped = grid(cadence, index);
    if (index <= cadence->index || llabs(snapped - dts) > MAX_CORRECTION)
        return false;
    /* A whole number of periods that is a whole number of ticks: the grid stays exact and the
     * products small, however long it runs. */
    if (index >= cadence->period_den) {
        cadence->anchor += cadence->period_num;
        index -= cadence->period_den;
    }
    cadence->index = index;
    *out = snapped;
    return true;
}

/* The grid begins at this stamp. */
static void begin_at(struct cadence *cadence, int64_t dts)
{
    cadence->anchor = dts;
    cadence->index = 0;
    cadence->good = 0;
}

/* A stamp is off the grid. */
static void lose(struct cadence *cadence, int64_t dts)
{
    if (cadence->tries > 0) {
        cadence->tries--;
        begin_at(cadence, dts);
        return;
    }
    cadence_start(cadence, 0, 0);
    measure(cadence, dts);
}

int64_t cadence_snap(struct cadence *cadence, int64_t dts)
{
    if (cadence->period_num != 0 && cadence->index < 0) { /* a rate told in advance */
        begin_at(cadence, dts);
        return dts;
    }
    if (cadence->period_num == 0)
        measure(cadence, dts);
    if (cadence->period_num == 0)
        return dts;
    int64_t snapped = dts;
    if (!snap(cadence, dts, &snapped)) {
        lose(cadence, dts);
        return dts;
    }
    if (++cadence->good >= CADENCE_WINDOW && cadence->is_told)
        cadence->tries = TRIES;
    return snapped;
}
