#include "domain/streams/starvation.h"

#include "check.h"

#include <string.h>

static const int64_t wall_zero_us = 1770000000000000;

static struct starvation starvation;
static struct intake intake;
static int64_t now_us;      /* monotonic */
static double video, audio; /* media time, ticks */

struct found {
    char name;        /* S, E, or 0: nothing */
    int64_t after_ms; /* since the run began */
    const char *code;
};

static void begin(bool has_audio)
{
    starvation_init(&starvation);
    now_us = 1000000000;
    video = audio = 900000;
    intake = (struct intake){.has_audio = has_audio,
                             .is_connected = true,
                             .starts = 1,
                             .started_us = now_us,
                             .started_time = 900000,
                             .video_time = 900000,
                             .audio_time = 900000,
                             .video_at_us = now_us,
                             .audio_at_us = now_us};
}

/* Media comes at these rates until an event comes, or for `for_ms`. */
static struct found run(double video_rate, double audio_rate, int64_t for_ms)
{
    for (int64_t ms = 100; ms <= for_ms; ms += 100) {
        now_us += STARVATION_STEP_US;
        video += 9000 * video_rate;
        audio += 9000 * audio_rate;
        intake.video_time = (int64_t)video;
        intake.audio_time = (int64_t)audio;
        if (video_rate > 0)
            intake.video_at_us = now_us;
        if (audio_rate > 0)
            intake.audio_at_us = now_us;
        struct event_batch batch = {0};
        starvation_step(&starvation, &intake, (struct session_now){now_us, wall_zero_us + now_us},
                        &batch);
        if (batch.count == 0)
            continue;
        CHECK_EQ(1, batch.count);
        CHECK_EQ(0, strcmp(EVENT_HEALTH, batch.items[0].type));
        CHECK_EQ(wall_zero_us + now_us, batch.items[0].time_us);
        bool starts = strcmp(batch.items[0].name, "Starvation Start") == 0;
        CHECK(starts || strcmp(batch.items[0].name, "Starvation End") == 0);
        return (struct found){starts ? 'S' : 'E', ms, batch.items[0].code};
    }
    return (struct found){0};
}

#define CHECK_FOUND(want_name, want_ms, got) check_found(want_name, want_ms, got, __LINE__)

static void check_found(char name, int64_t after_ms, struct found got, int line)
{
    if (got.name != name || got.after_ms != after_ms)
        printf("line %d: got '%c' after %d ms\n", line, got.name, (int)got.after_ms);
    CHECK_EQ(name, got.name);
    CHECK_EQ(after_ms, got.after_ms);
}

static void an_even_stream_does_not_starve(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 60000));
    begin(false);
    CHECK_FOUND(0, 0, run(1, 0, 60000));
}

static void nothing_happens_before_the_first_media(void)
{
    begin(true);
    intake.starts = 0;
    CHECK_FOUND(0, 0, run(0, 0, 20000));
}

static void below_eighty_percent_for_ten_seconds_starves(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(0.81, 0.81, 60000));
    begin(true);
    CHECK_FOUND('S', 10100, run(0.79, 0.79, 60000));
    begin(false);
    CHECK_FOUND('S', 10100, run(0.79, 0, 60000));
    begin(true);
    CHECK_FOUND('S', 10100, run(1, 0.79, 60000)); /* the smaller one counts */
    begin(true);
    CHECK_FOUND('S', 10100, run(0.79, 1, 60000));
}

static void a_gap_of_three_seconds_starves(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 5000));
    CHECK_FOUND(0, 0, run(0, 0, 2900));
    CHECK_FOUND(0, 0, run(30, 30, 100)); /* what was held up arrives */
    CHECK_FOUND(0, 0, run(1, 1, 60000));
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 5000));
    struct found gap = run(0, 0, 3100);
    CHECK_FOUND('S', 3000, gap);
    CHECK(gap.code == NULL);
}

static void one_track_missing_has_its_code(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    struct found found = run(1, 0, 10000);
    CHECK_FOUND('S', 3000, found);
    CHECK(found.code != NULL && strcmp("AudioMissing", found.code) == 0);
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 5000));
    found = run(0, 1, 10000);
    CHECK_FOUND('S', 3000, found);
    CHECK(found.code != NULL && strcmp("VideoMissing", found.code) == 0);
    begin(false);
    CHECK_FOUND(0, 0, run(1, 0, 30000)); /* there is no audio to miss */
}

static void it_ends_after_five_good_seconds(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    CHECK_FOUND('S', 2100, run(0, 0, 10000));
    CHECK_FOUND('E', 9800, run(1, 1, 60000)); /* 95 % over 5 s, then 5 s */
    CHECK_FOUND(0, 0, run(1, 1, 60000));
}

static void a_burst_ends_it_no_earlier_than_the_rule(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    CHECK_FOUND('S', 2100, run(0, 0, 10000));
    CHECK_FOUND(0, 0, run(22, 22, 100));
    CHECK_FOUND('E', 5000, run(1, 1, 60000));
}

static void a_relapse_starts_the_five_seconds_anew(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    CHECK_FOUND('S', 2100, run(0, 0, 10000));
    CHECK_FOUND(0, 0, run(1, 1, 9000));
    CHECK_FOUND(0, 0, run(0, 0, 400));
    CHECK_FOUND(0, 0, run(1, 1, 9700));
    CHECK_FOUND('E', 100, run(1, 1, 60000));
}

static void ninety_four_percent_does_not_end_it(void)
{
    begin(true);
    CHECK_FOUND('S', 10100, run(0.5, 0.5, 20000));
    CHECK_FOUND(0, 0, run(0.94, 0.94, 60000));
    CHECK_FOUND('E', 7500, run(0.96, 0.96, 60000));
}

static void starts_are_ten_seconds_apart(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    CHECK_FOUND('S', 2100, run(0, 0, 10000));
    CHECK_FOUND(0, 0, run(22, 22, 100));
    CHECK_FOUND('E', 5000, run(1, 1, 60000));
    CHECK_FOUND('S', 4900, run(0, 0, 10000)); /* the gap is 3 s after 3 s */
}

static void grace_is_starvation(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 5000));
    intake.is_connected = false;
    CHECK_FOUND('S', 100, run(0, 0, 10000));
    CHECK_FOUND(0, 0, run(0, 0, 20000));
    /* It returns, as a new generation. */
    intake.is_connected = true;
    intake.starts++;
    intake.started_us = now_us;
    intake.started_time = (int64_t)video;
    CHECK_FOUND('E', 6100, run(1, 1, 60000)); /* a second of history, then 5 s */
}

/* Media time leaps with a generation; that is no media received. */
static void a_new_generation_begins_a_new_history(void)
{
    begin(true);
    CHECK_FOUND(0, 0, run(1, 1, 20000));
    CHECK_FOUND(0, 0, run(0, 0, 1500));
    video += 90000 * 60;
    audio += 90000 * 60;
    intake.starts++;
    intake.started_us = now_us;
    intake.started_time = (int64_t)video;
    CHECK_FOUND('S', 10100, run(0.79, 0.79, 20000));
}

int main(void)
{
    RUN(an_even_stream_does_not_starve);
    RUN(nothing_happens_before_the_first_media);
    RUN(below_eighty_percent_for_ten_seconds_starves);
    RUN(a_gap_of_three_seconds_starves);
    RUN(one_track_missing_has_its_code);
    RUN(it_ends_after_five_good_seconds);
    RUN(a_burst_ends_it_no_earlier_than_the_rule);
    RUN(a_relapse_starts_the_five_seconds_anew);
    RUN(ninety_four_percent_does_not_end_it);
    RUN(starts_are_ten_seconds_apart);
    RUN(grace_is_starvation);
    RUN(a_new_generation_begins_a_new_history);
    return check_report();
}
