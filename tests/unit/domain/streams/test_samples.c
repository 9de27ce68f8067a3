#include "domain/streams/samples.h"

#include "check.h"

static const int64_t second_us = 1000000;

static struct samples samples;
static struct intake intake;
static struct samples_row row;

static void begin(void)
{
    samples_init(&samples);
    intake = (struct intake){0};
    row = (struct samples_row){0};
}

/* The second that ends at `end_s`. */
static bool step(int64_t end_s, uint64_t bytes, uint64_t units, int64_t key_ms, unsigned viewers)
{
    intake.video_bytes += bytes;
    intake.audio_bytes += bytes / 10;
    intake.video_units += units;
    intake.keys += key_ms != 0;
    intake.key_distance = key_ms != 0 ? key_ms * 90 : intake.key_distance;
    return samples_step(&samples, &intake, viewers, end_s * second_us, &row);
}

static void five_seconds_make_a_row(void)
{
    begin();
    CHECK(!step(1001, 1000, 30, 0, 1));
    CHECK(!step(1002, 2000, 29, 2000, 2));
    CHECK(!step(1003, 3000, 31, 0, 3));
    CHECK(!step(1004, 4000, 30, 1500, 4));
    CHECK(!step(1005, 5000, 30, 0, 5)); /* ends with the slot */
    CHECK(step(1006, 0, 0, 0, 0));
    CHECK_EQ(1000 * second_us, row.slot_us);
    CHECK_EQ(8 * 15000, row.bitrate.sum);
    CHECK_EQ(8 * 1000, row.bitrate.min);
    CHECK_EQ(8 * 5000, row.bitrate.max);
    CHECK_EQ(5, row.bitrate.count);
    CHECK_EQ(150, row.framerate.sum);
    CHECK_EQ(29, row.framerate.min);
    CHECK_EQ(31, row.framerate.max);
    CHECK_EQ(2, row.keyframe_interval.count);
    CHECK(row.keyframe_interval.sum > 3.49 && row.keyframe_interval.sum < 3.51);
    CHECK(row.keyframe_interval.min > 1.49 && row.keyframe_interval.min < 1.51);
    CHECK_EQ(15, row.viewers.sum);
    CHECK_EQ(5, row.viewers.count);
}

static void silence_gives_real_zeros(void)
{
    begin();
    for (int64_t s = 1001; s <= 1005; s++)
        CHECK(!step(s, 0, 0, 0, 0));
    CHECK(samples_finish(&samples, &row));
    CHECK_EQ(5, row.bitrate.count);
    CHECK_EQ(0, row.bitrate.sum);
    CHECK_EQ(0, row.bitrate.max);
    CHECK_EQ(5, row.framerate.count);
    CHECK_EQ(0, row.keyframe_interval.count);
    CHECK(!samples_finish(&samples, &row)); /* once */
}

static void a_row_may_be_partial(void)
{
    begin();
    CHECK(!step(1004, 1000, 30, 0, 0));
    CHECK(!step(1005, 1000, 30, 0, 0));
    CHECK(step(1011, 1000, 30, 0, 0)); /* seconds were missed */
    CHECK_EQ(1000 * second_us, row.slot_us);
    CHECK_EQ(2, row.bitrate.count);
    CHECK(samples_finish(&samples, &row));
    CHECK_EQ(1010 * second_us, row.slot_us);
    CHECK_EQ(1, row.bitrate.count);
}

static void the_last_second_can_be_asked_for(void)
{
    begin();
    CHECK(!step(1001, 1000, 30, 2000, 7));
    CHECK_EQ(8000, samples.last.video_bps);
    CHECK_EQ(800, samples.last.audio_bps);
    CHECK_EQ(30, samples.last.framerate);
    CHECK_EQ(2, samples.last.keyframe_interval);
    CHECK_EQ(7, samples.last.viewers);
    CHECK(!step(1002, 500, 15, 0, 7));
    CHECK_EQ(4000, samples.last.video_bps);
    CHECK_EQ(400, samples.last.audio_bps);
    CHECK_EQ(0, samples.last.keyframe_interval);
}

int main(void)
{
    RUN(five_seconds_make_a_row);
    RUN(silence_gives_real_zeros);
    RUN(a_row_may_be_partial);
    RUN(the_last_second_can_be_asked_for);
    return check_report();
}
