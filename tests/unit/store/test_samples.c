#include "fixture.h"

#define SESSION "st-00000000000000000000001"
#define SLOT    (FIXTURE_NOW_US / 5000000 * 5000000)

static struct fixture f;

static struct store_series series(double sum, int64_t count, double min, double max)
{
    return (struct store_series){.sum = sum, .count = count, .min = min, .max = max};
}

static void a_slot_is_written_and_its_metrics_without_samples_are_empty(void)
{
    struct store_sample sample = {.session_id = SESSION,
                                  .slot_us = SLOT,
                                  .bitrate = series(10e6, 4, 2e6, 3e6),
                                  .framerate = series(120, 4, 29, 31),
                                  .viewers = series(8, 4, 2, 2),
                                  .viewers_now = 2};
    CHECK_EQ(ERR_OK, store_samples_write(f.store, &sample, 1, FIXTURE_NOW_US + 5000000));
    CHECK_EQ(SLOT / 1000, fixture_number(&f, "SELECT slot FROM metric_points WHERE period = 5"));
    CHECK_EQ(10000000, fixture_number(&f, "SELECT bitrate_sum FROM metric_points"));
    CHECK_EQ(29, fixture_number(&f, "SELECT fps_min FROM metric_points"));
    CHECK_EQ(0, fixture_number(&f, "SELECT keyint_n FROM metric_points"));
    CHECK_EQ(-1, fixture_number(&f, "SELECT keyint_min FROM metric_points"));
    CHECK_EQ(2, fixture_number(&f, "SELECT viewer_count FROM stream_sessions"));
    CHECK_EQ((FIXTURE_NOW_US + 5000000) / 1000,
             fixture_number(&f, "SELECT updated_at FROM stream_sessions"));
}

static void a_slot_written_twice_is_the_union(void)
{
    struct store_sample sample = {.session_id = SESSION,
                                  .slot_us = SLOT,
                                  .bitrate = series(1e6, 1, 1e6, 1e6),
                                  .framerate = series(32, 1, 32, 32),
                                  .keyframe_interval = series(2, 1, 2, 2),
                                  .viewers_now = 1};
    CHECK_EQ(ERR_OK, store_samples_write(f.store, &sample, 1, FIXTURE_NOW_US + 6000000));
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM metric_points"));
    CHECK_EQ(11000000, fixture_number(&f, "SELECT bitrate_sum FROM metric_points"));
    CHECK_EQ(5, fixture_number(&f, "SELECT bitrate_n FROM metric_points"));
    CHECK_EQ(1000000, fixture_number(&f, "SELECT bitrate_min FROM metric_points"));
    CHECK_EQ(3000000, fixture_number(&f, "SELECT bitrate_max FROM metric_points"));
    CHECK_EQ(32, fixture_number(&f, "SELECT fps_max FROM metric_points"));
    CHECK_EQ(2, fixture_number(&f, "SELECT keyint_min FROM metric_points"));
    CHECK_EQ(2, fixture_number(&f, "SELECT views_max FROM metric_points"));
    CHECK_EQ(1, fixture_number(&f, "SELECT viewer_count FROM stream_sessions"));
    CHECK_EQ(2, fixture_number(&f, "SELECT peak_viewers FROM stream_sessions"));
}

static void an_unknown_session_is_passed_over(void)
{
    struct store_sample samples[] = {
        {.session_id = "st-99999999999999999999999", .slot_us = SLOT},
        {.session_id = SESSION, .slot_us = SLOT + 5000000},
    };
    CHECK_EQ(ERR_OK, store_samples_write(f.store, samples, 2, FIXTURE_NOW_US));
    CHECK_EQ(2, fixture_number(&f, "SELECT count(*) FROM metric_points"));
    CHECK_EQ(ERR_OK, store_samples_write(f.store, NULL, 0, FIXTURE_NOW_US));
}

static void samples_do_not_keep_an_ended_session_alive(void)
{
    CHECK_EQ(1, fixture_number(&f, "UPDATE stream_sessions SET is_open = false, ended_at = 1,"
                                   " viewer_count = 0, updated_at = 1 RETURNING 1"));
    struct store_sample sample = {.session_id = SESSION, .slot_us = SLOT, .viewers_now = 9};
    CHECK_EQ(ERR_OK, store_samples_write(f.store, &sample, 1, FIXTURE_NOW_US));
    CHECK_EQ(0, fixture_number(&f, "SELECT viewer_count FROM stream_sessions"));
    CHECK_EQ(1, fixture_number(&f, "SELECT updated_at FROM stream_sessions"));
}

int main(void)
{
    fixture_start(&f);
    struct channel_key key;
    struct store_channel channel = fixture_channel(&f, "samples_", &key);
    struct store_session_change change = {.session_id = SESSION,
                                          .channel_id = channel.id.at,
                                          .channel_type = "BASIC",
                                          .started_at_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_sessions_write(f.store, &change, 1, FIXTURE_NOW_US));
    RUN(a_slot_is_written_and_its_metrics_without_samples_are_empty);
    RUN(a_slot_written_twice_is_the_union);
    RUN(an_unknown_session_is_passed_over);
    RUN(samples_do_not_keep_an_ended_session_alive);
    fixture_finish(&f);
    return check_report();
}
