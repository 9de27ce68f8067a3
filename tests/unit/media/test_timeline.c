#include "media/timeline.h"

#include "check.h"

#include <stdlib.h>

static const int64_t ms_us = 1000;
enum { RATE = 48000, SAMPLES = 1024, AAC_RATE_CD = 44100 };

static struct timeline timeline;
static struct timeline_stamp stamp;

static void begin(void)
{
    timeline_init(&timeline);
    stamp = (struct timeline_stamp){0};
}

/* `at_ms` is the time of arrival; 0: as the stamp says. */
static enum timeline_verdict video(uint32_t ms, int32_t cts, bool is_idr, int64_t at_ms)
{
    return timeline_put_video(
        &timeline, &(struct timeline_video){.timestamp_ms = ms, .cts_ms = cts, .is_idr = is_idr},
        (at_ms == 0 ? ms : at_ms) * ms_us, &stamp);
}

static enum timeline_verdict audio(uint32_t ms, int64_t at_ms)
{
    return timeline_put_audio(
        &timeline,
        &(struct timeline_audio){.timestamp_ms = ms, .sample_rate = RATE, .samples = SAMPLES},
        (at_ms == 0 ? ms : at_ms) * ms_us, &stamp);
}

static void a_session_starts_at_ten_seconds_with_an_idr(void)
{
    begin();
    CHECK_EQ(TIMELINE_DROP, video(5000, 0, false, 0));
    CHECK_EQ(TIMELINE_DROP, audio(5010, 0));
    CHECK_EQ(TIMELINE_START, video(5040, 80, true, 0));
    CHECK_EQ(MEDIA_START, stamp.dts);
    CHECK_EQ(7200, stamp.cts);
    CHECK_EQ(TIMELINE_KEEP, video(5080, -40, false, 0));
    CHECK_EQ(MEDIA_START + 3600, stamp.dts);
    CHECK_EQ(-3600, stamp.cts);
    CHECK_EQ(2, timeline.counters.dropped);
}

static void stamps_wrap_at_32_bits(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(UINT32_MAX - 39, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, audio(UINT32_MAX - 39, 1000));
    CHECK_EQ(TIMELINE_KEEP, video(0, 0, false, 1040));
    CHECK_EQ(MEDIA_START + 3600, stamp.dts);
    CHECK_EQ(TIMELINE_KEEP, video(40, 0, false, 1080));
    CHECK_EQ(MEDIA_START + 7200, stamp.dts);
    CHECK_EQ(TIMELINE_KEEP, audio(0, 1040));
    CHECK_EQ(480000 + 1920, timeline.audio_next - SAMPLES + (1920 - SAMPLES));
    CHECK_EQ(0, timeline.counters.jumps);
}

static void a_late_stamp_may_lie_before_the_wrap(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(5, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, video(UINT32_MAX - 30, 0, false, 1010)); /* 36 ms back */
    CHECK_EQ(MEDIA_START + 90, stamp.dts);
    CHECK_EQ(-90 - 36 * 90, stamp.cts);
}

static void senders_that_keep_24_bits_wrap_too(void)
{
    static const struct {
        uint32_t from, to;
        int64_t step; /* ms */
    } cases[] = {{16777200, 24, 40}, {16777200, 2984, 3000}, {16777215, 0, 1}, {16777100, 0, 116}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(cases[i].from, 0, true, 1000));
        CHECK_EQ(TIMELINE_KEEP, video(cases[i].to, 0, false, 1040));
        CHECK_EQ(MEDIA_START + cases[i].step * 90, stamp.dts);
    }
    begin();
    CHECK_EQ(TIMELINE_START, video(16777200, 0, true, 1000));
    CHECK_EQ(TIMELINE_JUMP, video(5000, 0, false, 1040)); /* that is 5.016 s on */
    begin();
    CHECK_EQ(TIMELINE_START, video(16777216 + 5001, 0, true, 1000));
    CHECK_EQ(TIMELINE_JUMP, video(0, 0, false, 1040)); /* not near 2^24 */
}

/* Steps on video, from 10 s on: what becomes of the second frame. */
static void steps_are_kept_repaired_or_jumps(void)
{
    static const struct {
        int64_t step; /* ms */
        enum timeline_verdict verdict;
        int64_t dts, pts; /* relative to the first frame, ticks */
        unsigned repaired;
    } cases[] = {
        {40, TIMELINE_KEEP, 3600, 3600, 0}, {1, TIMELINE_KEEP, 90, 90, 0},
        {0, TIMELINE_KEEP, 90, 0, 1},       {-1, TIMELINE_KEEP, 90, -90, 1},
        {-99, TIMELINE_KEEP, 90, -8910, 1}, {-100, TIMELINE_JUMP, 0, 0, 0},
        {-5000, TIMELINE_JUMP, 0, 0, 0},    {3000, TIMELINE_KEEP, 270000, 270000, 0},
        {3001, TIMELINE_JUMP, 0, 0, 0},     {3100, TIMELINE_JUMP, 0, 0, 0},
        {86400000, TIMELINE_JUMP, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(10000, 0, true, 0));
        CHECK_EQ(cases[i].verdict, video((uint32_t)(10000 + cases[i].step), 0, false, 10040));
        CHECK_EQ(cases[i].repaired, timeline.counters.dts_repaired);
        CHECK_EQ(cases[i].verdict == TIMELINE_JUMP, timeline.counters.jumps);
        if (cases[i].verdict != TIMELINE_KEEP)
            continue;
        CHECK_EQ(MEDIA_START + cases[i].dts, stamp.dts);
        CHECK_EQ(MEDIA_START + cases[i].pts, stamp.dts + stamp.cts);
    }
}

static void composition_offsets_end_at_five_seconds(void)
{
    static const int32_t cases[][2] = {{5000, 450000}, {5001, 0},      {-5000, -450000},
                                       {-5001, 0},     {8388607, 0},   {-8388608, 0},
                                       {-1, -90},      {INT32_MIN, 0}, {INT32_MAX, 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(1000, cases[i][0], true, 0));
        CHECK_EQ(cases[i][1], stamp.cts);
        CHECK_EQ(cases[i][1] == 0, timeline.counters.cts_refused);
    }
}

static void presentation_times_sent_as_decoding_times_are_repaired(void)
{
    static const int order[] = {0, 4, 2, 1, 3}; /* a pyramid at 50 fps */
    begin();
    int64_t last = 0;
    unsigned wrong = 0;
    for (int n = 0; n < 1000; n++) {
        int64_t shown = n == 0 ? 0 : (n - 1) / 4 * 4 + order[1 + (n - 1) % 4];
        enum timeline_verdict want = n == 0 ? TIMELINE_START : TIMELINE_KEEP;
        wrong += want != video((uint32_t)(10000 + shown * 20), 0, n == 0, 10000 + n * 20LL);
        wrong += stamp.dts <= last;
        wrong += stamp.dts + stamp.cts != MEDIA_START + shown * 1800;
        last = stamp.dts;
    }
    CHECK_EQ(0, wrong);
    CHECK(timeline.counters.dts_repaired > 400);
    CHECK_EQ(0, timeline.counters.jumps);
}

static void falls_that_never_end_are_a_jump(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000000, 0, true, 0));
    uint32_t ms = 1000000;
    unsigned kept = 0;
    while (video(ms -= 50, 0, false, 1000040) == TIMELINE_KEEP && kept < 1000)
        kept++;
    CHECK(kept > 90 && kept < 100);
    CHECK_EQ(TIMELINE_START, video(ms - 50, 0, true, 1000080));
}

static void a_jump_goes_on_after_the_wall_time_that_passed(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, video(1040, 0, false, 1040));
    CHECK_EQ(TIMELINE_JUMP, video(600000, 0, false, 1500));
    CHECK_EQ(TIMELINE_DROP, audio(600000, 1510));
    CHECK_EQ(TIMELINE_DROP, video(600040, 0, false, 1520));
    CHECK_EQ(TIMELINE_START, video(600080, 0, true, 2041)); /* 1001 ms after the last one kept */
    CHECK_EQ(MEDIA_START + 3600 + 92400, stamp.dts + 0);    /* 90090, rounded up to n x 3000 */
    CHECK_EQ(0, stamp.dts % 3000);
    CHECK_EQ(TIMELINE_KEEP, video(600120, 0, false, 2080));
    CHECK_EQ(1, timeline.counters.jumps);
}

static void a_jump_on_a_keyframe_loses_nothing(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 1000));
    CHECK_EQ(TIMELINE_START, video(60000, 0, true, 1040));
    CHECK_EQ(MEDIA_START + 6000, stamp.dts);
    CHECK_EQ(0, timeline.counters.dropped);
    CHECK_EQ(1, timeline.counters.jumps);
}

/* What was put out reaches to its last frame's end, whatever the wall clock says. */
static void a_generation_begins_after_the_end_of_the_last(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, video(1100, 0, false, 1001));
    CHECK_EQ(TIMELINE_KEEP, video(1140, 0, false, 1002));
    timeline_arm(&timeline);
    CHECK_EQ(TIMELINE_DROP, video(1180, 0, false, 1003));
    CHECK_EQ(TIMELINE_START, video(1220, 0, true, 1004));
    CHECK_EQ(MEDIA_START + 12600 + 9000 + 2400, stamp.dts); /* the longest step was 100 ms */

    CHECK_EQ(TIMELINE_KEEP, audio(1220, 1005));
    CHECK_EQ(TIMELINE_KEEP, audio(1241, 1006));
    for (uint32_t n = 2; n < 20; n++)
        CHECK_EQ(TIMELINE_KEEP, audio(1220 + n * 1024 / 48, 1007));
    timeline_arm(&timeline);
    int64_t start = timeline.start;
    CHECK_EQ(TIMELINE_START, video(1260, 0, true, 1008));
    CHECK(stamp.dts >= start + 20LL * 1920);
    CHECK(stamp.dts < start + 20LL * 1920 + 3000);
}

/* The access unit that came last counts, of whatever track. */
static void elapsed_time_counts_from_the_newest_audio_too(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, audio(1400, 1010)); /* ahead */
    timeline_arm(&timeline);
    CHECK_EQ(TIMELINE_START, video(1040, 0, true, 1050));
    CHECK_EQ(MEDIA_START + 42000, stamp.dts); /* 400 + 40 ms, rounded up */
}

static void another_sender_has_another_clock(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 1000));
    CHECK_EQ(TIMELINE_KEEP, audio(1000, 1000));
    timeline_change_sender(&timeline);
    CHECK_EQ(TIMELINE_DROP, video(0, 0, false, 11000));
    CHECK_EQ(TIMELINE_START, video(40, 0, true, 11000));
    CHECK_EQ(MEDIA_START + 900000, stamp.dts);
    CHECK_EQ(TIMELINE_KEEP, audio(40, 11000));
    CHECK_EQ((MEDIA_START + 900000) / 90 * 48, stamp.dts);
    CHECK_EQ(0, timeline.counters.jumps);
}

static void audio_is_counted_in_samples(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
    unsigned wrong = 0;
    for (uint32_t n = 0; n < 10000; n++) {
        uint32_t jitter = n % 7 * 6; /* up to 36 ms */
        wrong += audio(1000 + n * 1024 / 48 + jitter, 0) != TIMELINE_KEEP;
        wrong += stamp.dts != 480000 + (int64_t)n * SAMPLES;
        wrong += video(1001 + n * 1024 / 48, 0, false, 0) != TIMELINE_KEEP;
    }
    CHECK_EQ(0, wrong);
    CHECK_EQ(0, timeline.counters.audio_gap_ms);
}

static void audio_gaps_are_whole_frames(void)
{
    static const struct {
        int64_t late_ms, frames;
    } cases[] = {{0, 0}, {40, 0}, {41, 2}, {52, 2}, {54, 3}, {1000, 47}, {2900, 136}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
        CHECK_EQ(TIMELINE_KEEP, audio(1000, 0));
        CHECK_EQ(TIMELINE_KEEP, audio((uint32_t)(1000 + 1024 / 48 + cases[i].late_ms), 0));
        CHECK_EQ(480000 + SAMPLES + cases[i].frames * SAMPLES, stamp.dts);
        CHECK_EQ(cases[i].frames * SAMPLES / 48, timeline.counters.audio_gap_ms);
    }
}

static void audio_overlaps_are_dropped_until_the_tags_caught_up(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
    for (uint32_t n = 0; n < 10; n++)
        CHECK_EQ(TIMELINE_KEEP, audio(1000 + n * 1024 / 48, 0));
    CHECK_EQ(480000 + 9LL * SAMPLES, stamp.dts);
    uint32_t back = 1000 + 10 * 1024 / 48 - 100;
    unsigned dropped = 0;
    while (audio(back, 0) == TIMELINE_DROP && dropped < 20) {
        dropped++;
        back += 21;
    }
    CHECK_EQ(5, dropped); /* until 10 ms are left, not 40 */
    CHECK_EQ(480000 + 10LL * SAMPLES, stamp.dts);
    CHECK_EQ(TIMELINE_KEEP, audio(back + 21, 0));
}

static void audio_steps_over_three_seconds_are_jumps(void)
{
    static const struct {
        int64_t step;
        enum timeline_verdict verdict;
    } cases[] = {{3000, TIMELINE_KEEP},
                 {3001, TIMELINE_JUMP},
                 {-3001, TIMELINE_JUMP},
                 {-3000, TIMELINE_DROP}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(10000, 0, true, 0));
        CHECK_EQ(TIMELINE_KEEP, audio(10000, 0));
        CHECK_EQ(cases[i].verdict, audio((uint32_t)(10000 + cases[i].step), 10021));
        bool jumped = cases[i].verdict == TIMELINE_JUMP;
        CHECK_EQ(jumped ? TIMELINE_DROP : TIMELINE_KEEP, video(10040, 0, false, 0));
        CHECK_EQ(jumped, timeline.counters.jumps);
    }
}

static void audio_before_the_first_picture_is_left_out(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(5000, 0, true, 0));
    CHECK_EQ(TIMELINE_DROP, audio(4600, 5001));
    CHECK_EQ(TIMELINE_DROP, audio(4999, 5002));
    CHECK_EQ(TIMELINE_KEEP, audio(5002, 5003));
    CHECK_EQ(480096, stamp.dts);
}

static void tracks_on_different_clocks_are_put_by_their_arrival(void)
{
    static const struct {
        uint32_t audio_ms;
        int64_t dts; /* samples after the start, audio arriving 500 ms after the first picture */
    } cases[] = {
        {10500, 24000}, {13040, 3040LL * 48}, /* 3 s ahead of the newest picture */
        {13041, 24000}, {0, 24000},           {UINT32_MAX, 24000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(10000, 0, true, 0));
        CHECK_EQ(TIMELINE_KEEP, video(10040, 0, false, 0));
        CHECK_EQ(TIMELINE_KEEP, audio(cases[i].audio_ms, 10500));
        CHECK_EQ(480000 + cases[i].dts, stamp.dts);
        CHECK_EQ(TIMELINE_KEEP, audio(cases[i].audio_ms + 21, 10521));
        CHECK_EQ(480000 + cases[i].dts + SAMPLES, stamp.dts);
    }
    begin(); /* 3001 ms before the first picture, and 3000 */
    CHECK_EQ(TIMELINE_START, video(10000, 0, true, 0));
    CHECK_EQ(TIMELINE_KEEP, audio(6999, 10500));
    begin();
    CHECK_EQ(TIMELINE_START, video(10000, 0, true, 0));
    CHECK_EQ(TIMELINE_DROP, audio(7000, 10500));
}

static void audio_that_comes_late_is_where_it_belongs(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
    for (uint32_t ms = 1040; ms < 21000; ms += 40)
        CHECK_EQ(TIMELINE_KEEP, video(ms, 0, false, 0));
    CHECK_EQ(TIMELINE_KEEP, audio(21000, 21400)); /* 20 s after the first picture */
    CHECK_EQ(480000 + 20LL * RATE, stamp.dts);
}

static void audio_of_another_rate_waits_for_its_generation(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
    CHECK_EQ(TIMELINE_KEEP, audio(1000, 0));
    static const struct timeline_audio odd[] = {
        {.timestamp_ms = 1021, .sample_rate = AAC_RATE_CD, .samples = SAMPLES},
        {.timestamp_ms = 1021, .sample_rate = 0, .samples = SAMPLES},
        {.timestamp_ms = 1021, .sample_rate = RATE, .samples = 0}};
    for (size_t i = 0; i < 3; i++)
        CHECK_EQ(TIMELINE_DROP, timeline_put_audio(&timeline, &odd[i], 1021 * ms_us, &stamp));
}

static void even_stamps_are_regular(void)
{
    begin();
    for (int n = 0; n < 300; n++) {
        enum timeline_verdict want = n == 0 ? TIMELINE_START : TIMELINE_KEEP;
        uint32_t ms = (uint32_t)((n * 1000 + 15) / 30);
        CHECK_EQ(want, timeline_put_video(&timeline,
                                          &(struct timeline_video){.timestamp_ms = ms,
                                                                   .cts_ms = 67,
                                                                   .is_idr = n == 0,
                                                                   .fps_num = 30,
                                                                   .fps_den = 1},
                                          ms * ms_us, &stamp));
        CHECK_EQ(MEDIA_START + n * 3000LL, stamp.dts);
        CHECK_EQ(MEDIA_START + ms * 90LL + 6030, stamp.dts + stamp.cts);
    }
    CHECK_EQ(0, timeline.counters.dts_repaired);
}

static void odd_stamps_are_complained_about_once_a_minute(void)
{
    begin();
    CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
    for (int n = 0; n < 1000; n++)
        CHECK_EQ(TIMELINE_KEEP, video(1000, 0, false, 2000));
    CHECK(!timeline_complains(&timeline, 2000 * ms_us));
    CHECK_EQ(TIMELINE_KEEP, video(1000, 0, false, 2000));
    CHECK(timeline_complains(&timeline, 2000 * ms_us));
    CHECK(!timeline_complains(&timeline, 2000 * ms_us));
    CHECK_EQ(TIMELINE_KEEP, video(1000, 0, false, 2000));
    CHECK(!timeline_complains(&timeline, 61999 * ms_us));
    CHECK(timeline_complains(&timeline, 62000 * ms_us));
    CHECK_EQ(TIMELINE_KEEP, video(3900, 0, false, 70000)); /* a new minute of repairs */
    CHECK(!timeline_complains(&timeline, 170000 * ms_us));
}

static void deep_reordering_is_complained_about(void)
{
    for (int depth = 16; depth <= 17; depth++) {
        begin();
        CHECK_EQ(TIMELINE_START, video(1000, 0, true, 0));
        for (int n = 1; n <= depth; n++)
            CHECK_EQ(TIMELINE_KEEP, video((uint32_t)(1000 + n * 10), 1000, false, 0));
        CHECK_EQ(TIMELINE_KEEP, video((uint32_t)(1010 + depth * 10), 0, false, 0));
        CHECK_EQ(depth > 16, timeline_complains(&timeline, 5000 * ms_us));
        CHECK_EQ(TIMELINE_KEEP, video((uint32_t)(1020 + depth * 10), 0, true, 0));
        CHECK_EQ(TIMELINE_KEEP, video((uint32_t)(1030 + depth * 10), 0, false, 0));
        CHECK(!timeline_complains(&timeline, 500000 * ms_us)); /* an IDR ends the old order */
    }
}

/* Nothing in a source's stamps may abort, loop or run backward (IN-37, SE-33). */
static void random_stamps_come_out_rising(void)
{
    uint64_t state = 88172645463325252ULL;
    int64_t last[2] = {0};
    int64_t now = 1;
    unsigned wrong = 0;
    begin();
    for (int n = 0; n < 300000; n++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint32_t ms = (uint32_t)(state >> 32) >> (state & 31);
        bool is_audio = state >> 8 & 1;
        now += (int64_t)(state >> 16 & 0xffff);
        enum timeline_verdict verdict =
            is_audio ? audio(ms, now / ms_us)
                     : video(ms, (int32_t)state, state >> 9 & 1, now / ms_us);
        if (verdict == TIMELINE_DROP || verdict == TIMELINE_JUMP)
            continue;
        wrong += stamp.dts <= last[is_audio];
        wrong += !is_audio && stamp.dts + stamp.cts < 0;
        last[is_audio] = stamp.dts;
    }
    CHECK_EQ(0, wrong);
    CHECK(last[0] > MEDIA_START && last[1] > 480000);
}

int main(void)
{
    RUN(a_session_starts_at_ten_seconds_with_an_idr);
    RUN(stamps_wrap_at_32_bits);
    RUN(a_late_stamp_may_lie_before_the_wrap);
    RUN(senders_that_keep_24_bits_wrap_too);
    RUN(steps_are_kept_repaired_or_jumps);
    RUN(composition_offsets_end_at_five_seconds);
    RUN(presentation_times_sent_as_decoding_times_are_repaired);
    RUN(falls_that_never_end_are_a_jump);
    RUN(a_jump_goes_on_after_the_wall_time_that_passed);
    RUN(a_jump_on_a_keyframe_loses_nothing);
    RUN(a_generation_begins_after_the_end_of_the_last);
    RUN(elapsed_time_counts_from_the_newest_audio_too);
    RUN(another_sender_has_another_clock);
    RUN(audio_is_counted_in_samples);
    RUN(audio_gaps_are_whole_frames);
    RUN(audio_overlaps_are_dropped_until_the_tags_caught_up);
    RUN(audio_steps_over_three_seconds_are_jumps);
    RUN(audio_before_the_first_picture_is_left_out);
    RUN(tracks_on_different_clocks_are_put_by_their_arrival);
    RUN(audio_that_comes_late_is_where_it_belongs);
    RUN(audio_of_another_rate_waits_for_its_generation);
    RUN(even_stamps_are_regular);
    RUN(odd_stamps_are_complained_about_once_a_minute);
    RUN(deep_reordering_is_complained_about);
    RUN(random_stamps_come_out_rising);
    return check_report();
}
