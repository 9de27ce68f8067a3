#include "packager/rendition.h"

#include "base/mem.h"
#include "check.h"
#include "packager/boundary.h"
#include "unit/packager/boxes.h"
#include "unit/packager/frames.h"

#define FRAME     INT64_C(3000)
#define SECOND    INT64_C(90000)
#define SECOND_US INT64_C(1000000)

struct fixture {
    struct rendition rendition;
    struct boundary boundary;
    struct generation *generation;
    int64_t dts;
    int64_t now_us;
    unsigned gop, sent;
};

static void start(struct fixture *fixture, bool has_audio)
{
    uint32_t number = fixture->generation != NULL ? fixture->generation->number + 1 : 0;
    generation_unref(&fixture->generation);
    fixture->generation = frames_generation(number, has_audio);
    rendition_start(&fixture->rendition, fixture->generation);
    boundary_break(&fixture->boundary);
    fixture->sent = 0;
}

static struct fixture *opened(uint32_t window, bool has_audio)
{
    struct fixture *fixture = mem_zalloc(1, sizeof(*fixture));
    fixture->dts = MEDIA_START;
    fixture->gop = 60;
    fixture->now_us = 1000 * (int64_t)SECOND_US;
    rendition_init(&fixture->rendition, window, NULL);
    boundary_init(&fixture->boundary, 2000);
    start(fixture, has_audio);
    return fixture;
}

static void close_all(struct fixture *fixture)
{
    rendition_finish(&fixture->rendition);
    CHECK_EQ(0, fixture->rendition.video.bytes + fixture->rendition.audio.bytes);
    generation_unref(&fixture->generation);
    mem_free(fixture);
}

/* Video alone, in real time. */
static void send(struct fixture *fixture, unsigned count)
{
    struct rendition *rendition = &fixture->rendition;
    for (; count > 0; count--) {
        struct frame *frame =
            frames_video(fixture->generation, fixture->dts, fixture->sent++ % fixture->gop == 0);
        unsigned cut = boundary_next(&fixture->boundary, frame->dts, frame->is_key, FRAME);
        rendition_video(rendition, frame, cut);
        if (cut && !rendition->is_fixed)
            rendition_fix(rendition, fixture->boundary.target_duration, 333, cut);
        frame_unref(&frame);
        (void)rendition_write(rendition, false, fixture->now_us);
        fixture->dts += FRAME;
        fixture->now_us += SECOND_US / 30;
    }
}

static void frames_pile_up_until_the_targets_are_fixed(void)
{
    struct fixture *fixture = opened(14, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 60);
    CHECK_EQ(60, rendition->video.count);
    CHECK_EQ(0, rendition->segment_count);
    size_t init = rendition->inits[0].bytes->len;
    CHECK_EQ(2400 + init, rendition_memory(rendition));
    send(fixture, 1);
    CHECK_EQ(1, rendition->video.count);
    CHECK_EQ(1, rendition->segment_count);
    CHECK_EQ(6, rendition->segments[0].segment->slice_count);
    CHECK_EQ(338, rendition->part_target_ms);
    CHECK_EQ(30000, rendition->frame_rate_milli);
    CHECK_EQ(0, strcmp("720p30", rendition->id));
    CHECK_EQ(40 + init + rendition->segments[0].segment->len, rendition_memory(rendition));
    close_all(fixture);
}

static void names_tell_short_edge_and_rate(void)
{
    struct fixture *fixture = opened(14, false);
    fixture->generation->video.info.width = 608; /* upright */
    fixture->generation->video.info.height = 1080;
    send(fixture, 61);
    CHECK_EQ(0, strcmp("608p30", fixture->rendition.id));
    close_all(fixture);

    fixture = opened(14, false);
    fixture->gop = 1;
    for (unsigned i = 0; i < 80; i++) { /* 32.14 fps */
        fixture->dts -= 200;
        send(fixture, 1);
    }
    CHECK_EQ(0, strcmp("720p60", fixture->rendition.id));
    close_all(fixture);
}

/* How long a segment stays after it left the list: as long as the list was, and a target. */
static void segments_expire(void)
{
    struct fixture *fixture = opened(6, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 60 * 6 + 1);
    CHECK_EQ(6, rendition->segment_count);
    CHECK_EQ(0, rendition->first_listed);
    send(fixture, 60);
    CHECK_EQ(7, rendition->segment_count);
    CHECK_EQ(1, rendition->first_listed);
    CHECK_EQ(12 * SECOND, rendition_list_duration(rendition));
    int64_t left_us = rendition->segments[0].expires_us;
    CHECK(left_us >= fixture->now_us + 13 * (int64_t)SECOND_US);
    CHECK(left_us <= fixture->now_us + 14 * (int64_t)SECOND_US);
    send(fixture, 60 * 7);
    CHECK_EQ(14, rendition->segment_count); /* 14 s later: all are there */
    send(fixture, 60 * 10);
    CHECK_EQ(14, rendition->segment_count); /* 6 listed, 8 on their way out */
    CHECK_EQ(8, rendition->first_listed);
    CHECK_EQ(11, rendition->segments[0].segment->entry.msn);
    close_all(fixture);
}

static void bytes_are_counted(void)
{
    struct fixture *fixture = opened(6, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 60 * 40 + 1);
    size_t parts = 0;
    for (size_t i = 0; i < rendition->segment_count; i++)
        parts += rendition->segments[i].segment->len;
    CHECK_EQ(parts + rendition->inits[0].bytes->len, rendition->part_bytes);

    struct published_segment *first = rendition->segments[0].segment;
    struct published_segment *stored = published_segment_ref(first); /* stands for its file */
    rendition_set_stored(rendition, stored);
    CHECK_EQ(first->len, rendition->file_bytes);
    CHECK_EQ(parts - first->len + rendition->inits[0].bytes->len, rendition->part_bytes);
    CHECK(rendition->segments[0].is_stored);
    rendition_set_stored(rendition, published_segment_ref(first)); /* twice changes nothing */
    CHECK_EQ(first->len, rendition->file_bytes);
    struct published_segment *gone = published_segment_create(1);
    rendition_set_stored(rendition, gone); /* MSN 0: it expired */
    CHECK_EQ(first->len, rendition->file_bytes);
    CHECK(!rendition->segments[1].is_stored);
    send(fixture, 60 * 20);
    CHECK_EQ(0, rendition->file_bytes);
    close_all(fixture);
}

static void only_segments_without_parts_can_be_stored(void)
{
    struct fixture *fixture = opened(14, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 60 * 3 + 1);
    CHECK_EQ(0, rendition_storable(rendition)); /* 6 s: all list their parts */
    send(fixture, 10);
    CHECK_EQ(1, rendition_storable(rendition));
    send(fixture, 60 * 17);
    CHECK_EQ(18, rendition_storable(rendition)); /* those that left the list too */
    close_all(fixture);
}

static void a_list_is_never_shorter_than_three_targets(void)
{
    struct fixture *fixture = opened(6, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 61);
    for (int i = 0; i < 30; i++) { /* an encoder that returns twice a second */
        rendition_flush(rendition, 0);
        (void)rendition_write(rendition, true, fixture->now_us);
        start(fixture, false);
        send(fixture, 15);
    }
    CHECK(rendition_list_duration(rendition) >= 6 * SECOND);
    CHECK(rendition_list_duration(rendition) < 7 * SECOND);
    CHECK(rendition->segment_count - rendition->first_listed > 6);
    size_t discontinuities = 0;
    for (size_t i = 0; i < rendition->segment_count; i++)
        discontinuities += rendition->segments[i].segment->entry.discontinuity;
    CHECK_EQ(29, discontinuities);
    for (size_t i = rendition->first_listed; i < rendition->segment_count; i++)
        discontinuities -= rendition->segments[i].segment->entry.discontinuity;
    CHECK_EQ(discontinuities, rendition->discontinuity_sequence);
    close_all(fixture);
}

static void audio_that_never_comes_does_not_pile_parts_up(void)
{
    struct fixture *fixture = opened(14, true);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 61);
    CHECK_EQ(0, rendition->segment_count); /* the last part waits 150 ms */
    send(fixture, 4);
    CHECK_EQ(0, rendition->segment_count);
    send(fixture, 1);
    CHECK_EQ(1, rendition->segment_count);
    send(fixture, 600);
    CHECK_EQ(11, rendition->segment_count);
    CHECK(rendition->closed_count <= 1);
    close_all(fixture);
}

static void add_audio(struct fixture *fixture, int64_t dts)
{
    struct frame *frame = frames_audio(fixture->generation, dts);
    rendition_audio(&fixture->rendition, frame);
    frame_unref(&frame);
}

static void audio_is_bounded_and_rises(void)
{
    struct fixture *fixture = opened(14, true);
    struct rendition *rendition = &fixture->rendition;
    for (int64_t i = 0; i < RENDITION_MAX_EARLY_AUDIO + 50; i++)
        add_audio(fixture, 480000 + i * 1024);
    CHECK_EQ(RENDITION_MAX_EARLY_AUDIO, rendition->audio.count);
    CHECK_EQ((size_t)3 * RENDITION_MAX_EARLY_AUDIO + rendition->inits[0].bytes->len,
             rendition_memory(rendition));
    CHECK_EQ(480000 + 50 * 1024, frame_queue_all(&rendition->audio)[0]->dts);
    add_audio(fixture, 480000);                                           /* runs backward */
    add_audio(fixture, 480000 + (RENDITION_MAX_EARLY_AUDIO + 49) * 1024); /* again the same */
    CHECK_EQ(480000 + 50 * 1024, frame_queue_all(&rendition->audio)[0]->dts);
    close_all(fixture);
}

static void audio_before_the_first_picture_is_dropped(void)
{
    struct fixture *fixture = opened(14, true);
    struct rendition *rendition = &fixture->rendition;
    for (int64_t i = -20; i < 100; i++)
        add_audio(fixture, 480000 + i * 1024);
    send(fixture, 61);
    const struct published_segment *first = rendition->segments[0].segment;
    struct boxes_part part = boxes_read(first->slices[0].at, first->slices[0].len);
    CHECK_EQ(480000, part.tracks[1].tfdt);
    CHECK_EQ(16, part.tracks[1].samples);

    /* And what the last generation had beyond its last part is not heard in the next. */
    rendition_flush(rendition, 0);
    (void)rendition_write(rendition, true, fixture->now_us);
    CHECK(rendition->audio.count > 0);
    start(fixture, true);
    CHECK_EQ(0, rendition->audio.count);
    close_all(fixture);
}

static void metadata_is_bounded(void)
{
    struct fixture *fixture = opened(14, false);
    struct rendition *rendition = &fixture->rendition;
    for (uint32_t id = 1; id <= RENDITION_MAX_EVENTS + 10; id++)
        rendition_event(rendition, id, MEDIA_START, slice_static("x", 1));
    CHECK_EQ(RENDITION_MAX_EVENTS, rendition->event_count);
    CHECK_EQ(11, rendition->events[0].id);
    close_all(fixture);
}

static void what_cannot_be_played_yet_is_dropped_by_a_flush(void)
{
    struct fixture *fixture = opened(14, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 30);
    rendition_flush(rendition, 0);
    CHECK_EQ(0, rendition_write(rendition, true, fixture->now_us));
    CHECK_EQ(0, rendition_memory(rendition));
    CHECK_EQ(0, rendition->init_count);
    close_all(fixture);
}

static void a_flush_knows_what_comes_next(void)
{
    struct fixture *fixture = opened(14, false);
    struct rendition *rendition = &fixture->rendition;
    send(fixture, 61 + 12);
    rendition_flush(rendition, fixture->dts - FRAME + 1000);
    CHECK_EQ(1, rendition_write(rendition, true, fixture->now_us));
    CHECK_EQ(fixture->dts - FRAME + 1000, rendition->segments[1].segment->entry.end);
    CHECK(rendition->open == NULL);
    close_all(fixture);
}

static void segments_take_the_wall_clock_of_their_generation(void)
{
    struct fixture *fixture = opened(14, false);
    send(fixture, 121);
    CHECK_EQ(fixture->generation->wall_epoch_us,
             fixture->rendition.segments[1].segment->entry.wall_epoch_us);
    close_all(fixture);
}

int main(void)
{
    RUN(frames_pile_up_until_the_targets_are_fixed);
    RUN(names_tell_short_edge_and_rate);
    RUN(segments_expire);
    RUN(bytes_are_counted);
    RUN(only_segments_without_parts_can_be_stored);
    RUN(a_list_is_never_shorter_than_three_targets);
    RUN(audio_that_never_comes_does_not_pile_parts_up);
    RUN(audio_is_bounded_and_rises);
    RUN(audio_before_the_first_picture_is_dropped);
    RUN(metadata_is_bounded);
    RUN(what_cannot_be_played_yet_is_dropped_by_a_flush);
    RUN(a_flush_knows_what_comes_next);
    RUN(segments_take_the_wall_clock_of_their_generation);
    return check_report();
}
