#include "packager/part_builder.h"

#include "check.h"
#include "unit/packager/boxes.h"
#include "unit/packager/frames.h"

enum { MAX_FRAMES = 400 };

struct fixture {
    struct part_builder builder;
    struct generation *generation;
    struct frame *video[MAX_FRAMES];
    struct frame *audio[MAX_FRAMES];
    struct part_input input;
};

static struct fixture opened(void)
{
    struct fixture fixture = {.generation = frames_generation(0, true)};
    part_builder_init(&fixture.builder, NULL);
    return fixture;
}

static void add_video(struct fixture *fixture, int64_t dts)
{
    size_t i = fixture->input.video_count++;
    fixture->video[i] = frames_video(fixture->generation, dts, i == 0);
}

static void add_audio(struct fixture *fixture, int64_t dts)
{
    fixture->audio[fixture->input.audio_count++] = frames_audio(fixture->generation, dts);
}

static struct boxes_part built(struct fixture *fixture, int64_t end)
{
    fixture->input.end = end;
    fixture->input.video = fixture->video;
    fixture->input.audio = fixture->audio;
    fixture->input.sequence++;
    struct chunk *chunk = part_build(&fixture->builder, &fixture->input);
    struct boxes_part part = boxes_read(chunk->at, chunk->len);
    chunk_unref(&chunk);
    return part;
}

static void close_all(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->input.video_count; i++)
        frame_unref(&fixture->video[i]);
    for (size_t i = 0; i < fixture->input.audio_count; i++)
        frame_unref(&fixture->audio[i]);
    generation_unref(&fixture->generation);
    part_builder_finish(&fixture->builder);
}

static void a_frame_lasts_until_the_next(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    add_video(&fixture, 903000);
    add_video(&fixture, 907000);
    add_audio(&fixture, 480000);
    add_audio(&fixture, 481024);
    struct boxes_part part = built(&fixture, 909000);
    CHECK_EQ(1, part.sequence);
    CHECK_EQ(3, part.tracks[0].samples);
    CHECK_EQ(900000, part.tracks[0].tfdt);
    CHECK_EQ(9000, part.tracks[0].duration);
    CHECK_EQ(3000, part.tracks[0].first_duration);
    CHECK(part.tracks[0].first_is_key);
    CHECK_EQ(0x65, part.tracks[0].first_bytes[4]);
    CHECK_EQ(2, part.tracks[1].samples);
    CHECK_EQ(480000, part.tracks[1].tfdt);
    CHECK_EQ(2048, part.tracks[1].duration);
    CHECK_EQ(0x21, part.tracks[1].first_bytes[0]);
    close_all(&fixture);
}

static void audio_after_a_gap_keeps_its_time(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    add_audio(&fixture, 480000);
    add_audio(&fixture, 481024 + 2048); /* two frames were lost */
    add_audio(&fixture, 482048 + 2048);
    struct boxes_part part = built(&fixture, 930000);
    CHECK_EQ(3072, part.tracks[1].first_duration);
    CHECK_EQ(3072 + 1024 + 1024, part.tracks[1].duration);
    close_all(&fixture);
}

static void a_part_may_be_without_audio(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    struct boxes_part part = built(&fixture, 903000);
    CHECK_EQ(0, part.tracks[1].samples);
    CHECK_EQ(1, part.tracks[0].samples);
    close_all(&fixture);
}

static void events_stand_in_order_and_never_before_the_part(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    struct part_event events[3] = {{.id = 7, .time = 5, .payload = slice_static("early", 5)},
                                   {.id = 8, .time = 900000, .payload = slice_static("a", 1)},
                                   {.id = 9, .time = 901500, .payload = slice_static("b", 1)}};
    fixture.input.events = events;
    fixture.input.event_count = 3;
    struct boxes_part part = built(&fixture, 903000);
    CHECK_EQ(3, part.events);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQ(7 + i, part.event_ids[i]);
    CHECK_EQ(900000, part.event_times[0]);
    CHECK_EQ(900000, part.event_times[1]);
    CHECK_EQ(901500, part.event_times[2]);
    fixture.input.event_count = 0;
    CHECK_EQ(0, built(&fixture, 903000).events);
    close_all(&fixture);
}

static bool holds(const struct chunk *chunk, const char *text, size_t len)
{
    return memmem(chunk->at, chunk->len, text, len) != NULL;
}

static void each_event_has_its_own_text(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    struct part_event events[2] = {{.id = 1, .payload = slice_static("first", 5)},
                                   {.id = 2, .payload = slice_static("second one", 10)}};
    fixture.input.events = events;
    fixture.input.event_count = 2;
    fixture.input.video = fixture.video;
    fixture.input.end = 903000;
    struct chunk *chunk = part_build(&fixture.builder, &fixture.input);
    CHECK(holds(chunk, "metadata.live-video.net\0first\0\0\0\0", 33)); /* then the next box */
    CHECK(holds(chunk, "metadata.live-video.net\0second one\0\0\0\0", 38));
    chunk_unref(&chunk);
    close_all(&fixture);
}

static void a_builder_serves_small_and_large_parts(void)
{
    struct fixture fixture = opened();
    add_video(&fixture, 900000);
    CHECK_EQ(1, built(&fixture, 903000).tracks[0].samples);
    for (int64_t i = 1; i < MAX_FRAMES; i++)
        add_video(&fixture, 900000 + i * 3000);
    struct boxes_part part = built(&fixture, 900000 + MAX_FRAMES * 3000);
    CHECK_EQ(MAX_FRAMES, part.tracks[0].samples);
    CHECK_EQ(MAX_FRAMES * 3000, part.tracks[0].duration);
    CHECK_EQ(2, part.sequence);
    close_all(&fixture);
}

int main(void)
{
    RUN(a_frame_lasts_until_the_next);
    RUN(audio_after_a_gap_keeps_its_time);
    RUN(a_part_may_be_without_audio);
    RUN(events_stand_in_order_and_never_before_the_part);
    RUN(each_event_has_its_own_text);
    RUN(a_builder_serves_small_and_large_parts);
    return check_report();
}
