#include "packager/part_cutter.h"

#include "base/random.h"
#include "check.h"
#include "packager/boundary.h"

#define MS    INT64_C(90)
#define START INT64_C(900000)

enum { MAX_FRAMES = 4096 };

/* Time stamps as FLV carries them: whole milliseconds. */
static int64_t rounded(int64_t frame, int64_t fps_milli)
{
    return START + (frame * 1000000 + fps_milli / 2) / fps_milli * MS;
}

static uint32_t target_of(int64_t fps_milli, size_t frames, uint32_t part_ms)
{
    int64_t steps[MAX_FRAMES];
    for (size_t i = 0; i < frames; i++)
        steps[i] = rounded((int64_t)i + 1, fps_milli) - rounded((int64_t)i, fps_milli);
    return part_target_ms(steps, frames, part_ms);
}

static void part_targets_of_hl_5(void)
{
    CHECK_EQ(338, target_of(30000, 60, 333));
    CHECK_EQ(338, target_of(60000, 120, 333));
    CHECK_EQ(338, target_of(24000, 48, 333));
    CHECK_EQ(338, target_of(29970, 60, 333));
    CHECK_EQ(364, target_of(25000, 50, 333));
    CHECK_EQ(344, target_of(50000, 100, 333));
    CHECK_EQ(354, target_of(20000, 40, 333));
    CHECK_EQ(338, target_of(15000, 30, 333));
    CHECK_EQ(404, target_of(10000, 20, 333));
    CHECK_EQ(504, target_of(2000, 4, 333));
    CHECK_EQ(0, target_of(1999, 4, 333)); /* more than half a second a frame */
    CHECK_EQ(0, target_of(500, 1, 333));
    CHECK_EQ(1004, target_of(30000, 60, 1000));
    CHECK_EQ(204, target_of(30000, 60, 200));
}

static void lost_frames_do_not_change_the_target(void)
{
    int64_t steps[59];
    for (size_t i = 0; i < 59; i++)
        steps[i] = i == 20 ? 6000 : 3000;
    CHECK_EQ(338, part_target_ms(steps, 59, 333));
    CHECK_EQ(30000, part_frame_rate_milli(steps, 59));
    const int64_t none[1] = {0};
    CHECK_EQ(0, part_target_ms(none, 1, 333));
    CHECK_EQ(0, part_frame_rate_milli(none, 1));
    const int64_t pause_in_the_middle[5] = {3000, 3000, 9000, 3000, 3000};
    CHECK_EQ(30000, part_frame_rate_milli(pause_in_the_middle, 5));
    const int64_t two_short_ones[5] = {1000, 3000, 3000, 3000, 1000};
    CHECK_EQ(30000, part_frame_rate_milli(two_short_ones, 5));
    const int64_t within_a_quarter[4] = {4000, 3000, 4000, 5000};
    CHECK_EQ(22500, part_frame_rate_milli(within_a_quarter, 4));
    const int64_t beyond_it[4] = {4000, 2999, 4000, 5001};
    CHECK_EQ(22500, part_frame_rate_milli(beyond_it, 4));
    const int64_t ntsc[3] = {33 * MS, 33 * MS, 34 * MS};
    CHECK_EQ(30000, part_frame_rate_milli(ntsc, 3));
}

/* Runs a whole source through decider and cutter, and checks what must hold of every part. */
struct run {
    struct boundary boundary;
    struct part_cutter cutter;
    uint32_t target_ms;
    int64_t parts_ms[64];
    size_t part_count;
    size_t over, under; /* parts longer than the target, shorter than 0.85 of it */
    size_t frames_in, frames_out;
    size_t segments;
    int64_t part_start;
    bool last_was_over, last_was_under;
};

static void run_init(struct run *run, uint32_t target_ms)
{
    *run = (struct run){.target_ms = target_ms};
    boundary_init(&run->boundary, 2000);
    run->boundary.target_duration = 2;
    part_cutter_init(&run->cutter, target_ms);
}

static void run_ends(struct run *run, const struct part_end *ends, size_t count)
{
    int64_t target = (int64_t)run->target_ms * MS;
    for (size_t i = 0; i < count; i++) {
        int64_t duration = ends[i].end - run->part_start;
        run->over += duration > target;
        run->under += !ends[i].closes_segment && duration * 100 < target * 85;
        run->frames_out += ends[i].frames;
        run->segments += ends[i].closes_segment;
        if (run->part_count < 64)
            run->parts_ms[run->part_count++] = duration / MS;
        run->part_start = ends[i].end;
    }
}

static void run_frame(struct run *run, int64_t dts, bool is_key)
{
    struct part_end ends[PART_MAX_ENDS];
    unsigned cut = boundary_next(&run->boundary, dts, is_key, period_median(&run->cutter.period));
    if (run->frames_in++ == 0)
        run->part_start = dts;
    run_ends(run, ends, part_cutter_next(&run->cutter, dts, cut, ends));
}

static void run_flush(struct run *run, int64_t next)
{
    struct part_end ends[PART_MAX_ENDS];
    run_ends(run, ends, part_cutter_flush(&run->cutter, next, ends));
}

static void check_v8(int64_t fps_milli, uint32_t target_ms, int64_t gop, const int64_t *want,
                     size_t count)
{
    struct run run;
    run_init(&run, target_ms);
    for (int64_t i = 0; i <= gop; i++)
        run_frame(&run, rounded(i, fps_milli), i % gop == 0);
    CHECK_EQ(count, run.part_count);
    for (size_t i = 0; i < count; i++)
        CHECK_EQ(want[i], run.parts_ms[i]);
    CHECK_EQ(1, run.segments);
    CHECK_EQ(gop, run.frames_out);
}

static void golden_vectors_v8(void)
{
    check_v8(30000, 338, 60, (const int64_t[]){333, 334, 333, 333, 334, 333}, 6);
    check_v8(25000, 364, 50, (const int64_t[]){360, 360, 360, 360, 360, 200}, 6);
    check_v8(29970, 338, 60, (const int64_t[]){334, 333, 334, 334, 333, 334}, 6);
    check_v8(10000, 404, 20, (const int64_t[]){400, 400, 400, 400, 400}, 5);
}

/* HL-p2, HL-p3: over frame rates, part goals, GOPs and jitter, no part is longer than the target
 * and only last parts are shorter than 0.85 of it. */
static void check_rate(int64_t fps_milli, uint32_t part_ms, int64_t gop_ms, struct random *random)
{
    int64_t gop = (gop_ms * fps_milli + 500000) / 1000000;
    int64_t first[MAX_FRAMES + 1], steps[MAX_FRAMES];
    size_t first_count = 0;
    struct run run = {0};
    for (int64_t i = 0; i < gop * 12; i++) {
        int64_t jitter = (int64_t)random_below(random, 2 * MS + 1) - MS;
        int64_t dts = rounded(i, fps_milli) + (gop_ms % 2 ? jitter / MS * MS : jitter);
        bool is_key = i % gop == 0;
        if (run.target_ms > 0) {
            run_frame(&run, dts, is_key);
            continue;
        }
        first[first_count++] = dts; /* the target is fixed by the first segment */
        if (!is_key || dts - first[0] < 1750 * MS)
            continue;
        for (size_t k = 0; k + 1 < first_count; k++)
            steps[k] = first[k + 1] - first[k];
        run_init(&run, part_target_ms(steps, first_count - 1, part_ms));
        run.boundary.target_duration = 10;
        for (size_t k = 0; k < first_count; k++)
            run_frame(&run, first[k], (int64_t)k % gop == 0);
    }
    if (run.over + run.under > 0)
        printf("%d fps/1000, part %u, gop %d: %zu over, %zu under\n", (int)fps_milli, part_ms,
               (int)gop_ms, run.over, run.under);
    CHECK_EQ(0, run.over);
    CHECK_EQ(0, run.under);
    CHECK(run.part_count > 10);
    CHECK_EQ(run.frames_in, run.frames_out + run.cutter.pending);
}

static void parts_keep_their_length_at_any_rate_and_jitter(void)
{
    static const int64_t rates[] = {10000, 12000, 12500, 14985, 15000, 20000, 23976, 24000,
                                    25000, 29970, 30000, 48000, 50000, 59940, 60000};
    static const uint32_t goals[] = {200, 250, 333, 400, 500};
    static const int64_t gops[] = {1000, 1999, 2000, 3000, 2500};
    struct random random = random_seeded(7);
    for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
        for (size_t p = 0; p < sizeof(goals) / sizeof(goals[0]); p++) {
            for (size_t g = 0; g < sizeof(gops) / sizeof(gops[0]); g++)
                check_rate(rates[r], goals[p], gops[g], &random);
        }
    }
}

/* A cutter at 30 fps with `count` frames pending from START on. */
static struct run pending(size_t count)
{
    struct run run;
    run_init(&run, 338);
    for (size_t i = 0; i < count; i++)
        run_frame(&run, START + (int64_t)i * 3000, i == 0);
    CHECK_EQ(0, run.part_count);
    return run;
}

static void a_late_frame_leaves_its_predecessor_to_the_next_part(void)
{
    struct run run = pending(8); /* the last one at 233 ms */
    run_frame(&run, START + 400 * MS, false);
    CHECK_EQ(1, run.part_count);
    CHECK_EQ(233, run.parts_ms[0]);
    CHECK_EQ(7, run.frames_out);
    CHECK_EQ(2, run.cutter.pending);
    CHECK_EQ(START + 21000, run.cutter.start);
    CHECK_EQ(0, run.over);
}

static void a_single_long_frame_is_a_part_of_its_own(void)
{
    struct run run = pending(5);
    run_frame(&run, START + 900 * MS, false); /* the one before lasts 767 ms */
    CHECK_EQ(2, run.part_count);
    CHECK_EQ(12000 / MS, run.parts_ms[0]);
    CHECK_EQ(766, run.parts_ms[1]);
    CHECK_EQ(5, run.frames_out);
    CHECK_EQ(1, run.cutter.pending);
    CHECK_EQ(0, run.segments);

    struct part_end ends[PART_MAX_ENDS];
    run = pending(1); /* also when it is the only one */
    CHECK_EQ(1, part_cutter_next(&run.cutter, START + 900 * MS, BOUNDARY_NONE, ends));
    CHECK_EQ(1, ends[0].frames);
    CHECK_EQ(START + 900 * MS, ends[0].end);
}

static void a_boundary_after_an_overrun_closes_the_segment_with_it(void)
{
    struct part_end ends[PART_MAX_ENDS];
    struct run run = pending(5);
    CHECK_EQ(2, part_cutter_next(&run.cutter, START + 900 * MS, BOUNDARY_HERE, ends));
    CHECK(!ends[0].closes_segment && ends[1].closes_segment);
    CHECK_EQ(1, ends[1].frames);

    run = pending(5);
    CHECK_EQ(2, part_cutter_next(&run.cutter, START + 400 * MS, BOUNDARY_HERE, ends));
    CHECK_EQ(4, ends[0].frames);
    CHECK_EQ(1, ends[1].frames);
    CHECK(!ends[0].closes_segment && ends[1].closes_segment);
    CHECK_EQ(START + 400 * MS, ends[1].end);
}

static void a_cut_before_the_last_frame_closes_the_segment_there(void)
{
    struct part_end ends[PART_MAX_ENDS];
    struct run run = pending(5);
    CHECK_EQ(1, part_cutter_next(&run.cutter, START + 200 * MS, BOUNDARY_BEFORE_LAST, ends));
    CHECK(ends[0].closes_segment);
    CHECK_EQ(4, ends[0].frames);
    CHECK_EQ(START + 12000, ends[0].end);
    CHECK_EQ(2, run.cutter.pending);

    run = pending(1); /* it was alone in its part: the part before it was the last */
    CHECK_EQ(1, part_cutter_next(&run.cutter, START + 100 * MS, BOUNDARY_BEFORE_LAST, ends));
    CHECK(ends[0].closes_segment);
    CHECK_EQ(0, ends[0].frames);
    CHECK_EQ(START, ends[0].end);
    CHECK_EQ(2, run.cutter.pending);

    run = pending(5);
    CHECK_EQ(2, part_cutter_next(&run.cutter, START + 200 * MS,
                                 BOUNDARY_BEFORE_LAST | BOUNDARY_HERE, ends));
    CHECK(ends[0].closes_segment && ends[1].closes_segment);
    CHECK_EQ(4, ends[0].frames);
    CHECK_EQ(1, ends[1].frames);
    CHECK_EQ(1, run.cutter.pending);
}

static void a_flush_ends_everything(void)
{
    struct part_end ends[PART_MAX_ENDS];
    struct run run = pending(4);
    run_flush(&run, 0);
    CHECK_EQ(1, run.part_count);
    CHECK_EQ(133, run.parts_ms[0]); /* the last frame lasts a period */
    CHECK_EQ(1, run.segments);
    CHECK_EQ(4, run.frames_out);
    CHECK_EQ(0, part_cutter_flush(&run.cutter, 0, ends)); /* nothing is pending now */

    run = pending(4);
    run_flush(&run, START + 9000 + 1500); /* or less, if something comes sooner */
    CHECK_EQ(10500 / MS, run.parts_ms[0]);

    run = pending(4);
    run_flush(&run, START + 9000 + 3001);
    CHECK_EQ(133, run.parts_ms[0]);

    run = pending(1);
    run_flush(&run, START); /* nonsense is ignored; the period of a lone frame is a guess */
    CHECK_EQ(33, run.parts_ms[0]);
    run_frame(&run, START + 9000000, true); /* and all starts anew */
    CHECK_EQ(1, run.part_count);
    CHECK_EQ(START + 9000000, run.cutter.start);
}

static void without_parts_only_segments_end(void)
{
    struct run run;
    run_init(&run, 0);
    run.boundary.target_duration = 10;
    for (int64_t i = 0; i <= 4; i++)
        run_frame(&run, START + i * 900 * MS, i % 4 == 0);
    CHECK_EQ(1, run.part_count);
    CHECK_EQ(3600, run.parts_ms[0]);
    CHECK_EQ(1, run.segments);
}

int main(void)
{
    RUN(part_targets_of_hl_5);
    RUN(lost_frames_do_not_change_the_target);
    RUN(golden_vectors_v8);
    RUN(parts_keep_their_length_at_any_rate_and_jitter);
    RUN(a_late_frame_leaves_its_predecessor_to_the_next_part);
    RUN(a_single_long_frame_is_a_part_of_its_own);
    RUN(a_boundary_after_an_overrun_closes_the_segment_with_it);
    RUN(a_cut_before_the_last_frame_closes_the_segment_there);
    RUN(a_flush_ends_everything);
    RUN(without_parts_only_segments_end);
    return check_report();
}
