#include "packager/boundary.h"

#include "check.h"

#define MS    INT64_C(90)
#define START INT64_C(900000)

/* Feeds frames every `step_ms` from `*at_ms` on, an IDR every `gop_ms`, until a cut; returns it and
 * leaves the frame's time in `*at_ms`. */
static unsigned next_cut(struct boundary *boundary, int64_t *at_ms, int64_t step_ms, int64_t gop_ms)
{
    for (;;) {
        *at_ms += step_ms;
        unsigned cut = boundary_next(boundary, START + *at_ms * MS,
                                     gop_ms > 0 && *at_ms % gop_ms == 0, step_ms * MS);
        if (cut || *at_ms > 100000)
            return cut;
    }
}

static struct boundary started(uint32_t segment_ms)
{
    struct boundary boundary;
    boundary_init(&boundary, segment_ms);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START, true, 0));
    CHECK_EQ(0, boundary.target_duration);
    return boundary;
}

static void segments_end_at_the_first_idr_that_is_late_enough(void)
{
    static const struct {
        uint32_t segment_ms;
        int64_t step_ms, gop_ms, first_ms, second_ms;
        uint32_t target_duration;
    } rows[] = {
        {2000, 40, 2000, 2000, 4000, 2}, /* the usual case */
        {2000, 40, 1000, 2000, 4000, 2},
        {2000, 50, 250, 1750, 3500, 2}, /* 0.875 of the goal is enough */
        {2000, 50, 1700, 3400, 6800, 3},
        {2000, 50, 3000, 3000, 6000, 3},
        {2000, 50, 2450, 2450, 4900, 2}, /* rounds down */
        {2000, 50, 2500, 2500, 5000, 3}, /* rounds half up */
        {2000, 50, 3950, 3950, 7900, 4},
        {2000, 50, 4000, 4000, 8000, 4},  /* an IDR just at 4 s is still in time */
        {1000, 50, 500, 1000, 2000, 2},   /* never below 2 */
        {6000, 50, 2000, 6000, 12000, 6}, /* there are IDRs: no cut at 4 s */
        {6000, 50, 3000, 6000, 12000, 6},
        {4000, 50, 1000, 4000, 8000, 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct boundary boundary = started(rows[i].segment_ms);
        int64_t at = 0;
        CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, rows[i].step_ms, rows[i].gop_ms));
        CHECK_EQ(rows[i].first_ms, at);
        CHECK_EQ(rows[i].target_duration, boundary.target_duration);
        CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, rows[i].step_ms, rows[i].gop_ms));
        CHECK_EQ(rows[i].second_ms, at);
        CHECK_EQ(rows[i].target_duration, boundary.target_duration);
    }
}

static void the_first_segment_is_cut_after_four_seconds(void)
{
    struct boundary boundary = started(2000);
    int64_t at = 0;
    CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, 30, 0));
    CHECK_EQ(4020, at);
    CHECK_EQ(10, boundary.target_duration);
    /* What follows is closed by the next IDR, however soon it comes. */
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 4050 * MS, false, 30 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 4080 * MS, true, 30 * MS));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 5800 * MS, true, 30 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 5830 * MS, true, 30 * MS));
    CHECK_EQ(10, boundary.target_duration);
}

static void idrs_that_stay_away_are_waited_for_no_longer_than_predicted(void)
{
    struct boundary boundary = started(6000);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 2000 * MS, true, 0));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 6498 * MS, false, 0));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 6499 * MS, false, 0));
    CHECK_EQ(10, boundary.target_duration);

    boundary = started(2000);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 1000 * MS, true, 0));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 3999 * MS, false, 0));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 4000 * MS, false, 0));
    CHECK_EQ(10, boundary.target_duration);
}

static void the_longest_distance_of_idrs_predicts_the_target(void)
{
    struct boundary boundary = started(2000);
    /* IDRs at 0, 0.3 and 1.9 s: by the first distance alone the target would be 2.1 s. */
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 300 * MS, true, 0));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 1900 * MS, true, 0));
    CHECK_EQ(3, boundary.target_duration); /* 1.6 x 2 = 3.2 s */
}

static struct boundary with_target_2(void)
{
    struct boundary boundary = started(2000);
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 2000 * MS, true, 0));
    CHECK_EQ(2, boundary.target_duration);
    return boundary;
}

static void a_segment_without_idr_is_cut_before_it_passes_the_target(void)
{
    struct boundary boundary = with_target_2();
    int64_t at = 2000;
    CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, 40, 0));
    CHECK_EQ(4480, at); /* with this frame it would be 2.52 s long */
    CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, 40, 0));
    CHECK_EQ(6960, at);
    /* Its successor ends at the next IDR whatever its length, and then all is as before. */
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 7000 * MS, true, 40 * MS));
    at = 7000;
    CHECK_EQ(BOUNDARY_HERE, next_cut(&boundary, &at, 40, 1000));
    CHECK_EQ(9000, at);
    CHECK_EQ(2, boundary.target_duration);
}

static void the_limit_is_exact(void)
{
    struct boundary boundary = with_target_2();
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 4459 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 4459 * MS + 1, false, 40 * MS));
}

static void a_frame_that_lasts_longer_than_it_looked_moves_to_the_next_segment(void)
{
    struct boundary boundary = with_target_2();
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 4400 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_BEFORE_LAST, boundary_next(&boundary, START + 4500 * MS, false, 40 * MS));
    CHECK_EQ(START + 4400 * MS, boundary.start);
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 4540 * MS, true, 40 * MS));

    /* And when an IDR comes after the pause, the late frame is alone. */
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 6990 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_BEFORE_LAST | BOUNDARY_HERE,
             boundary_next(&boundary, START + 7500 * MS, true, 40 * MS));
    CHECK_EQ(START + 7500 * MS, boundary.start);

    /* Just in time: 2.499 s still round to the target. */
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 9950 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 9999 * MS, true, 40 * MS));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 12400 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 12498 * MS, false, 40 * MS));
    CHECK_EQ(START + 12498 * MS, boundary.start); /* not the frame before it */
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 14990 * MS, false, 5 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 14997 * MS, false, 40 * MS));
}

static void a_lone_frame_is_never_split(void)
{
    struct boundary boundary = with_target_2();
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 9000 * MS, false, 40 * MS));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 9040 * MS, false, 40 * MS));
}

static void after_a_break_the_next_frame_starts_a_segment(void)
{
    struct boundary boundary = with_target_2();
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 3000 * MS, false, 40 * MS));
    boundary_break(&boundary);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 20000 * MS, true, 40 * MS));
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 21740 * MS, true, 40 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 21750 * MS, true, 40 * MS));
    CHECK_EQ(2, boundary.target_duration);

    /* In the first segment nothing is fixed yet, and the next one is the first. */
    boundary = started(2000);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 1000 * MS, false, 40 * MS));
    boundary_break(&boundary);
    CHECK_EQ(BOUNDARY_NONE, boundary_next(&boundary, START + 9000 * MS, true, 40 * MS));
    CHECK_EQ(BOUNDARY_HERE, boundary_next(&boundary, START + 12000 * MS, true, 40 * MS));
    CHECK_EQ(3, boundary.target_duration);
}

int main(void)
{
    RUN(segments_end_at_the_first_idr_that_is_late_enough);
    RUN(the_first_segment_is_cut_after_four_seconds);
    RUN(idrs_that_stay_away_are_waited_for_no_longer_than_predicted);
    RUN(the_longest_distance_of_idrs_predicts_the_target);
    RUN(a_segment_without_idr_is_cut_before_it_passes_the_target);
    RUN(the_limit_is_exact);
    RUN(a_frame_that_lasts_longer_than_it_looked_moves_to_the_next_segment);
    RUN(a_lone_frame_is_never_split);
    RUN(after_a_break_the_next_frame_starts_a_segment);
    return check_report();
}
