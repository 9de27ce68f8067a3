#include "media/cadence.h"

#include "check.h"

#include <stdlib.h>

/* Frame `n` of a source at num:den, in ticks, rounded to ms as RTMP does (`down`: cut off). */
static int64_t stamp(int64_t n, int64_t num, int64_t den, bool down)
{
    int64_t us = n * 1000000 * den / num;
    return (down ? us / 1000 : (us + 500) / 1000) * 90;
}

/* How many of 5000 frames are off the grid or moved too far. */
static int64_t count_wrong(uint32_t num, uint32_t den, int64_t twice_period, bool down)
{
    struct cadence cadence;
    cadence_start(&cadence, num, den);
    int64_t wrong = 0;
    for (int64_t n = 0; n < 5000; n++) {
        int64_t sent = 900017 + stamp(n, num, den, down);
        int64_t got = cadence_snap(&cadence, sent);
        wrong += twice_period != 0 && llabs(2 * got - 1800034 - n * twice_period) > 1;
        wrong += llabs(got - sent) > 270;
    }
    return wrong;
}

static void a_told_rate_is_snapped_from_the_first_frame(void)
{
    static const struct {
        uint32_t num, den;
        int64_t twice_period; /* ticks; 0: not a whole number */
    } cases[] = {{30, 1, 6000},
                 {60, 1, 3000},
                 {25, 1, 7200},
                 {50, 1, 3600},
                 {24, 1, 7500},
                 {15, 1, 12000},
                 {10, 1, 18000},
                 {30000, 1001, 6006},
                 {60000, 1001, 3003},
                 {90, 3, 6000},
                 {4000000000U, 133333333, 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(0, count_wrong(cases[i].num, cases[i].den, cases[i].twice_period, false));
        CHECK_EQ(0, count_wrong(cases[i].num, cases[i].den, cases[i].twice_period, true));
    }
}

static void an_untold_rate_is_found_in_sixty_frames(void)
{
    static const int64_t rates[][2] = {{30, 1},       {25, 1}, {24000, 1001}, {60, 1},
                                       {30000, 1001}, {17, 1}, {120, 1},      {50, 1}};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct cadence cadence;
        cadence_start(&cadence, 0, 0);
        int64_t uneven = 0;
        int64_t last = 0;
        for (int64_t n = 0; n < 3000; n++) {
            int64_t sent = 900017 + stamp(n, rates[i][0], rates[i][1], false);
            int64_t got = cadence_snap(&cadence, sent);
            int64_t off = (got - last) * rates[i][0] - 90000 * rates[i][1];
            uneven += n < 60 && got != sent;
            uneven += n > 61 && llabs(off) > rates[i][0]; /* a tick */
            uneven += llabs(got - sent) > 90;             /* never more than RTMP rounded */
            last = got;
        }
        CHECK_EQ(0, uneven);
        CHECK_EQ(90000 * rates[i][1] * cadence.period_den, rates[i][0] * cadence.period_num);
    }
}

/* A rate that is none of the usual ones has the period that was measured. */
static void odd_rates_are_snapped_to_what_was_measured(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 0, 0);
    for (int64_t n = 0; n < 600; n++)
        CHECK_EQ(n * 6030, cadence_snap(&cadence, n * 6030)); /* 14.925 fps */
    CHECK_EQ(6030, cadence.period_num / cadence.period_den);
    CHECK_EQ(0, cadence.period_num % cadence.period_den);
}

/* The grid lies amid the stamps, not at the first one. */
static void one_late_frame_does_not_move_the_grid(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 0, 0);
    for (int64_t n = 0; n <= 60; n++)
        (void)cadence_snap(&cadence, 900000 + n * 3000 + (n == 0 ? 170 : 0));
    for (int64_t n = 61; n < 100; n++)
        CHECK(llabs(cadence_snap(&cadence, 900000 + n * 3000) - 900000 - n * 3000) <= 5);
}

static void an_uneven_source_is_left_alone(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 0, 0);
    int64_t dts = 0;
    for (int n = 0; n < 2000; n++) {
        dts += n % 2 == 0 ? 2700 : 3330; /* 3.5 ms to either side */
        CHECK_EQ(dts, cadence_snap(&cadence, dts));
    }
}

static void a_wrong_promise_is_given_up(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30, 1);
    int64_t far = 0;
    for (int64_t n = 0; n < 60; n++) /* 37 fps */
        far += llabs(cadence_snap(&cadence, stamp(n, 37, 1, false)) - stamp(n, 37, 1, false)) > 270;
    CHECK_EQ(0, far);
    CHECK_EQ(0, cadence.period_num);
    CHECK(!cadence.is_told);
}

/* Negative DTS cut to 0 (GStreamer): 0, 0, 5, 38, 72 ms. */
static void a_told_rate_survives_an_odd_beginning(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30000, 1001);
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(450, cadence_snap(&cadence, 450));
    CHECK_EQ(3453, cadence_snap(&cadence, 3420));
    CHECK_EQ(6456, cadence_snap(&cadence, 6480));
}

static void a_told_rate_may_be_off_now_and_then(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30, 1);
    int64_t dts = 0;
    for (int n = 0; n < 6000; n++) { /* once in a window it slips by 5 ms */
        dts += n % 70 == 69 ? 3450 : 3000;
        CHECK_EQ(dts, cadence_snap(&cadence, dts));
    }
    CHECK(cadence.is_told);
    for (int n = 0; n < 9 && cadence.is_told; n++) {
        dts += 3450;
        CHECK_EQ(dts, cadence_snap(&cadence, dts));
    }
    CHECK(!cadence.is_told);
    CHECK_EQ(1, cadence.count); /* measuring began with the last one */

    cadence_start(&cadence, 30, 1);
    for (int n = 0; n < 330; n++) { /* too often */
        dts += n % 33 == 32 ? 3450 : 3000;
        CHECK_EQ(dts, cadence_snap(&cadence, dts));
    }
    CHECK(!cadence.is_told);
}

static void missing_frames_do_not_unlock(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30, 1);
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(3000, cadence_snap(&cadence, 2970));
    CHECK_EQ(12000, cadence_snap(&cadence, 11970));
    CHECK_EQ(15000, cadence_snap(&cadence, 15030));
}

static void corrections_end_at_three_milliseconds(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30, 1);
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(3000, cadence_snap(&cadence, 3270));
    CHECK_EQ(6000, cadence_snap(&cadence, 5730));
    CHECK_EQ(9271, cadence_snap(&cadence, 9271));
    cadence_start(&cadence, 30, 1);
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(2729, cadence_snap(&cadence, 2729));
}

static void a_repeated_stamp_is_not_moved(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 30, 1);
    CHECK_EQ(0, cadence_snap(&cadence, 0));
    CHECK_EQ(3000, cadence_snap(&cadence, 3000));
    CHECK_EQ(3000, cadence_snap(&cadence, 3000)); /* the caller's to repair */
}

static void silly_rates_are_not_believed(void)
{
    static const uint32_t rates[][2] = {
        {0, 0}, {0, 1}, {30, 0}, {121, 1}, {1, 2}, {UINT32_MAX, 1}, {999999937, 33333331}};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct cadence cadence;
        cadence_start(&cadence, rates[i][0], rates[i][1]);
        CHECK_EQ(0, cadence.period_num);
    }
}

static void a_grid_stays_exact_for_days(void)
{
    struct cadence cadence;
    cadence_start(&cadence, 60000, 1001);
    int64_t wrong = 0;
    for (int64_t n = 0; n < 60LL * 3600 * 60; n++) {
        int64_t exact = (n * 3003 + 1) / 2; /* halves rounded up */
        int64_t got = cadence_snap(&cadence, (exact + 45) / 90 * 90);
        wrong += llabs(got - exact) > 1;
    }
    CHECK_EQ(0, wrong);
    CHECK(cadence.index < 60000);
}

int main(void)
{
    RUN(a_told_rate_is_snapped_from_the_first_frame);
    RUN(an_untold_rate_is_found_in_sixty_frames);
    RUN(odd_rates_are_snapped_to_what_was_measured);
    RUN(one_late_frame_does_not_move_the_grid);
    RUN(an_uneven_source_is_left_alone);
    RUN(a_wrong_promise_is_given_up);
    RUN(a_told_rate_survives_an_odd_beginning);
    RUN(a_told_rate_may_be_off_now_and_then);
    RUN(missing_frames_do_not_unlock);
    RUN(corrections_end_at_three_milliseconds);
    RUN(a_repeated_stamp_is_not_moved);
    RUN(silly_rates_are_not_believed);
    RUN(a_grid_stays_exact_for_days);
    return check_report();
}
