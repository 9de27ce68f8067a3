#include "domain/streams/limits.h"

#include "check.h"

#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t wall_zero_us = 1770000000000000;

static struct limits limits;
static struct intake intake;
static int64_t second; /* of the session */
static char reason[LIMITS_REASON_LEN];
static struct event last; /* event found */

static void begin(enum limits_type type, bool disconnects)
{
    limits_init(&limits, type, disconnects);
    intake = (struct intake){.width = 1280, .height = 720, .starts = 1};
    second = 0;
    reason[0] = '\0';
    last = (struct event){0};
}

/* A second with so many kbit of media; 'E': an event, 'D': disconnect, 'B': both, 0. */
static char step(uint64_t kbit, uint64_t units)
{
    struct event_batch batch = {0};
    second++;
    intake.video_bytes += kbit * 100;
    intake.audio_bytes += kbit * 25;
    intake.video_units += units;
    bool ends =
        limits_step(&limits, &intake,
                    (struct session_now){second * second_us, wall_zero_us + second * second_us},
                    &batch, reason);
    if (batch.count > 0)
        last = batch.items[0];
    static const char what[2][2] = {{0, 'D'}, {'E', 'B'}};
    return what[batch.count > 0][ends];
}

/* Seconds until something happens, or 0. */
static int64_t run(uint64_t kbit, int64_t most, char *out_what)
{
    int64_t from = second;
    *out_what = 0;
    while (*out_what == 0 && second - from < most)
        *out_what = step(kbit, 30);
    return *out_what == 0 ? 0 : second - from;
}

static void types_have_names(void)
{
    static const char *const names[] = {"BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"};
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(i, limits_type_find(str_of(names[i])));
        CHECK_EQ(0, strcmp(names[i], limits_type_name((enum limits_type)i)));
    }
    CHECK_EQ(LIMITS_BASIC, limits_type_find(STR("basic")));
    CHECK_EQ(LIMITS_BASIC, limits_type_find(STR("")));
}

static void caps_follow_type_and_picture(void)
{
    static const struct {
        enum limits_type type;
        uint32_t width, height;
        uint64_t cap;
    } cases[] = {
        {LIMITS_BASIC, 852, 480, 1500000},       {LIMITS_BASIC, 480, 852, 1500000},
        {LIMITS_BASIC, 854, 481, 3500000},       {LIMITS_BASIC, 1920, 1080, 3500000},
        {LIMITS_BASIC, 0, 0, 3500000},           {LIMITS_STANDARD, 640, 360, 8500000},
        {LIMITS_ADVANCED_SD, 640, 360, 8500000}, {LIMITS_ADVANCED_HD, 1920, 1080, 8500000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_EQ(cases[i].cap, limits_bitrate(cases[i].type, cases[i].width, cases[i].height));
}

static void at_the_cap_nothing_happens(void)
{
    char what;
    begin(LIMITS_BASIC, true);
    CHECK_EQ(0, run(3500, 600, &what));
}

/* Over the sliding window from its 10th second on, and for 10 s. */
static void above_the_cap_for_ten_seconds_is_told_once(void)
{
    char what;
    begin(LIMITS_BASIC, false);
    CHECK_EQ(0, run(3500, 20, &what));
    CHECK_EQ(11, run(3510, 100, &what));
    CHECK_EQ('E', what);
    CHECK_EQ(0, strcmp(EVENT_LIMIT, last.type));
    CHECK_EQ(0, strcmp("Ingest Bitrate", last.name));
    CHECK_EQ(0, strcmp("{\"limit_value\":3500000,\"exceeded_by\":10000,"
                       "\"limit_unit\":\"bits/second\"}",
                       last.detail));
    CHECK_EQ(wall_zero_us + second * second_us, last.time_us);
    CHECK_EQ(0, run(3510, 600, &what)); /* once, and warn never disconnects */
}

static void a_short_burst_is_not_told(void)
{
    char what;
    begin(LIMITS_BASIC, true);
    CHECK_EQ(0, run(3500, 20, &what));
    CHECK_EQ(0, run(3510, 10, &what)); /* above for 10 steps, that is 9 s and a bit */
    CHECK_EQ(0, run(1000, 100, &what));
}

static void it_is_armed_again_after_a_minute_below(void)
{
    char what;
    begin(LIMITS_BASIC, false);
    CHECK_EQ(20, run(3510, 100, &what));
    CHECK_EQ(0, run(0, 51, &what)); /* and 9 s until the window is full: 59 s below */
    CHECK_EQ(0, run(3600, 60, &what));
    CHECK_EQ(0, run(0, 52, &what));
    CHECK(run(3600, 60, &what) > 0);
    CHECK_EQ('E', what);
}

static void disconnect_comes_thirty_seconds_after_the_event(void)
{
    char what;
    begin(LIMITS_BASIC, true);
    CHECK_EQ(0, run(3500, 20, &what));
    CHECK_EQ(11, run(3600, 100, &what));
    CHECK_EQ('E', what);
    CHECK_EQ(30, run(3600, 100, &what));
    CHECK_EQ('D', what);
    CHECK_EQ(0, strcmp("The bitrate is 3600 kbit/s; the limit is 3500 kbit/s.", reason));
}

static void an_encoder_that_slows_down_stays(void)
{
    char what;
    begin(LIMITS_BASIC, true);
    CHECK_EQ(0, run(3500, 20, &what));
    CHECK_EQ(11, run(3600, 100, &what));
    CHECK_EQ(0, run(3600, 20, &what));
    CHECK_EQ(0, run(3000, 100, &what));
}

static void three_times_the_cap_over_five_seconds_always_disconnects(void)
{
    char what;
    begin(LIMITS_BASIC, false);
    CHECK_EQ(0, run(3500, 20, &what));
    int64_t after = run(10500, 4, &what);
    CHECK_EQ(0, after);
    CHECK_EQ(0, step(10500, 30)); /* exactly three times over 5 s */
    CHECK_EQ('D', step(10510, 30));
    CHECK(strstr(reason, "the limit is 3500 kbit/s.") != NULL);
}

static void pictures_have_edges_and_pixels(void)
{
    static const struct {
        uint32_t width, height;
        const char *detail, *reason; /* NULL: fine */
    } cases[] = {
        {1920, 1080, NULL, NULL},
        {1080, 1920, NULL, NULL},
        {1920, 1093, NULL, NULL},
        {1920, 1094,
         "{\"limit_value\":2100000,\"exceeded_by\":480,\"limit_unit\":\"total pixels\"}",
         "Video is 1920x1094; the limit is 2.1 million pixels in all."},
        {1921, 1080, "{\"limit_value\":1920,\"exceeded_by\":1,\"limit_unit\":\"pixels per edge\"}",
         "Video is 1921x1080; the limit is 1920 on each side."},
        {2560, 1440,
         "{\"limit_value\":1920,\"exceeded_by\":640,\"limit_unit\":\"pixels per edge\"}",
         "Video is 2560x1440; the limit is 1920 on each side."},
        {720, 2000, "{\"limit_value\":1920,\"exceeded_by\":80,\"limit_unit\":\"pixels per edge\"}",
         "Video is 720x2000; the limit is 1920 on each side."},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int disconnects = 0; disconnects < 2; disconnects++) {
            begin(LIMITS_STANDARD, disconnects);
            intake.width = cases[i].width;
            intake.height = cases[i].height;
            static const char what[] = {'E', 'B'};
            CHECK_EQ(cases[i].detail == NULL ? 0 : what[disconnects], step(1000, 30));
            CHECK_EQ(0, step(1000, 30)); /* told once */
            if (cases[i].detail == NULL)
                continue;
            CHECK_EQ(0, strcmp("Ingest Resolution", last.name));
            CHECK_EQ(0, strcmp(cases[i].detail, last.detail));
            CHECK_EQ(0, strcmp(disconnects ? cases[i].reason : "", reason));
        }
    }
}

static void frame_rates_end_at_sixty_and_a_half(void)
{
    begin(LIMITS_STANDARD, false);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(0, step(1000, i % 2 == 0 ? 60 : 61));
    begin(LIMITS_STANDARD, false);
    for (int i = 0; i < 9; i++)
        CHECK_EQ(0, step(1000, 61));
    CHECK_EQ('E', step(1000, 61));
    CHECK_EQ(0, strcmp("Ingest Framerate", last.name));
    CHECK_EQ(0, strcmp(EVENT_LIMIT, last.type));
    CHECK_EQ(0, strcmp("{\"limit_value\":60,\"exceeded_by\":1,\"limit_unit\":\"frames/second\"}",
                       last.detail));
    CHECK_EQ(0, step(1000, 61));
    begin(LIMITS_STANDARD, true);
    for (int i = 0; i < 9; i++)
        CHECK_EQ(0, step(1000, 120));
    CHECK_EQ('B', step(1000, 120));
    CHECK_EQ(0, strcmp("The frame rate is 120; the limit is 60 frames a second.", reason));
}

static char keyframe(int64_t distance_ms)
{
    intake.keys++;
    intake.key_distance = distance_ms * 90;
    return step(1000, 30);
}

static void keyframes_far_apart_or_uneven_get_advice(void)
{
    begin(LIMITS_STANDARD, true);
    CHECK_EQ(0, keyframe(2000));
    CHECK_EQ(0, keyframe(2500));
    CHECK_EQ(0, keyframe(1900));
    CHECK_EQ('E', keyframe(2400)); /* 26 % more */
    CHECK_EQ(0, strcmp(EVENT_ADVICE, last.type));
    CHECK_EQ(0, strcmp("Keyframe Interval", last.name));
    for (int i = 0; i < 59; i++)
        CHECK_EQ(0, keyframe(i % 2 == 0 ? 1000 : 3000)); /* once a minute */
    CHECK_EQ('E', keyframe(3000));
    begin(LIMITS_STANDARD, true);
    CHECK_EQ(0, keyframe(5000));
    CHECK_EQ('E', keyframe(5001));
    for (int i = 0; i < 100; i++)
        CHECK_EQ(0, step(1000, 30)); /* no keyframe, no advice */
}

static void a_new_generation_has_a_distance_of_its_own(void)
{
    begin(LIMITS_STANDARD, true);
    CHECK_EQ(0, keyframe(2000));
    intake.starts++;
    CHECK_EQ(0, keyframe(4000));
    CHECK_EQ(0, keyframe(4000));
}

int main(void)
{
    RUN(types_have_names);
    RUN(caps_follow_type_and_picture);
    RUN(at_the_cap_nothing_happens);
    RUN(above_the_cap_for_ten_seconds_is_told_once);
    RUN(a_short_burst_is_not_told);
    RUN(it_is_armed_again_after_a_minute_below);
    RUN(disconnect_comes_thirty_seconds_after_the_event);
    RUN(an_encoder_that_slows_down_stays);
    RUN(three_times_the_cap_over_five_seconds_always_disconnects);
    RUN(pictures_have_edges_and_pixels);
    RUN(frame_rates_end_at_sixty_and_a_half);
    RUN(keyframes_far_apart_or_uneven_get_advice);
    RUN(a_new_generation_has_a_distance_of_its_own);
    return check_report();
}
