#include "ingest/feed.h"

#include "check.h"
#include "media.h"
#include "media/epoch.h"

static const int64_t wall_zero_us = 1770000000000000;

static struct feed feed;
static struct assembler assembler;
static struct subscriber viewer;
static int64_t now_ms;

static void on_ready(struct subscriber *subscriber)
{
    (void)subscriber;
}

static void begin(void)
{
    feed_init(&feed);
    assembler_init(&assembler);
    viewer = (struct subscriber){.on_ready = on_ready, .max_items = 1000, .max_bytes = 1 << 20};
    source_subscribe(feed.source, &viewer);
    now_ms = 100000;
}

static void finish(void)
{
    source_unsubscribe(&viewer);
    feed_finish(&feed);
    assembler_finish(&assembler);
}

static struct session_now now(void)
{
    return (struct session_now){now_ms * 1000, wall_zero_us + now_ms * 1000};
}

/* A message with the time as its stamp. True: a generation began. */
static bool put_at(enum track_kind kind, struct chunk *body, uint32_t stamp_ms)
{
    const struct assembler_message message = {
        .kind = kind, .timestamp_ms = stamp_ms, .body = slice_of(body)};
    struct assembler_unit unit;
    const char *reason = NULL;
    feed_note_received(&feed, kind, body->len, now().mono_us);
    bool starts =
        assembler_put(&assembler, &message, now().mono_us, &unit, &reason) == ASSEMBLER_UNIT &&
        feed_put(&feed, &assembler, &unit, now());
    chunk_unref(&body);
    return starts;
}

static bool put(enum track_kind kind, struct chunk *body)
{
    return put_at(kind, body, (uint32_t)now_ms);
}

static void configure(bool with_audio)
{
    CHECK(!put(TRACK_VIDEO, video_config(small_avcc, sizeof(small_avcc))));
    if (with_audio)
        CHECK(!put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
}

/* What came out: K, f, a with ticks or samples after the start; M, B, E. */
static const char *drain(void)
{
    static char text[512];
    size_t len = 0;
    struct source_item item;
    text[0] = '\0';
    while (source_take(&viewer, &item) == ERR_OK) {
        int at = 0;
        static const char kinds[] = {
            [SOURCE_METADATA] = 'M', [SOURCE_BREAK] = 'B', [SOURCE_END] = 'E'};
        char kind = kinds[item.kind];
        if (item.kind == SOURCE_METADATA)
            at = (int)(item.time - MEDIA_START);
        if (item.kind == SOURCE_FRAME && item.frame->kind == TRACK_AUDIO) {
            kind = 'a';
            at = (int)(item.frame->dts - 480000);
        } else if (item.kind == SOURCE_FRAME) {
            static const char pictures[] = {'f', 'K'};
            kind = pictures[item.frame->is_key];
            at = (int)(item.frame->dts - MEDIA_START);
        }
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%d ", kind, at);
        source_item_finish(&item);
    }
    return text;
}

#define CHECK_TEXT(want) check_text(want, __LINE__)

static void check_text(const char *want, int line)
{
    const char *got = drain();
    if (strcmp(want, got) != 0)
        printf("line %d: want \"%s\", got \"%s\"\n", line, want, got);
    CHECK(strcmp(want, got) == 0);
}

static void frames_share_the_payload_and_their_generation(void)
{
    begin();
    configure(true);
    CHECK(put(TRACK_VIDEO, picture(IDR, 80)));
    now_ms += 21;
    CHECK(!put(TRACK_AUDIO, sound()));
    struct source_item video;
    struct source_item audio;
    CHECK_EQ(ERR_OK, source_take(&viewer, &video));
    CHECK_EQ(ERR_OK, source_take(&viewer, &audio));
    const struct frame *frame = video.frame;
    CHECK_EQ(MEDIA_START, frame->dts);
    CHECK_EQ(7200, frame->cts);
    CHECK(frame->is_key);
    CHECK_EQ(104, frame->payload.len);
    CHECK_EQ(100000000, frame->arrived_us);
    const struct generation *generation = frame->generation;
    CHECK(generation == audio.frame->generation);
    CHECK_EQ(0, generation->number);
    CHECK_EQ(MEDIA_START, generation->start);
    CHECK_EQ(epoch_at(wall_zero_us + 100000000, MEDIA_START), generation->wall_epoch_us);
    CHECK(generation->has_audio);
    CHECK_EQ(320, generation->video.info.width);
    CHECK_EQ(sizeof(small_avcc), generation->video.avcc->len);
    CHECK_EQ(2, generation->audio.config->len);
    CHECK_EQ(480000 + 1008, audio.frame->dts);
    CHECK_EQ(1024, audio.frame->samples);
    CHECK(audio.frame->is_key);
    source_item_finish(&video);
    source_item_finish(&audio);
    finish();
}

static void a_new_configuration_is_a_new_generation(void)
{
    begin();
    configure(false);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    now_ms += 40;
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK(!put(TRACK_VIDEO, video_config(large_avcc, sizeof(large_avcc))));
    now_ms += 40;
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    now_ms += 40;
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK_EQ(1, feed.generation->number);
    CHECK_EQ(640, feed.generation->video.info.width);
    CHECK_EQ(640, feed.intake.width);
    CHECK_EQ(360, feed.intake.height);
    CHECK_TEXT("K0 f3600 B0 K12000 ");
    finish();
}

static void audio_that_comes_late_begins_a_generation(void)
{
    begin();
    configure(false);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(!feed.generation->has_audio);
    CHECK(!feed.intake.has_audio);
    CHECK(!put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    CHECK(!put(TRACK_AUDIO, sound()));
    now_ms += 40;
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    now_ms += 40;
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(feed.generation->has_audio && feed.intake.has_audio);
    CHECK(!put(TRACK_AUDIO, sound()));
    CHECK_TEXT("K0 f3600 B0 K9000 a4800 ");
    finish();
}

static void a_jump_breaks_at_once_and_once(void)
{
    begin();
    configure(true);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(!put(TRACK_AUDIO, sound()));
    now_ms += 40;
    CHECK(!put_at(TRACK_VIDEO, picture(INTER, 0), 5));
    CHECK_TEXT("K0 a0 B0 ");
    CHECK(!put_at(TRACK_AUDIO, sound(), 25));
    CHECK(!put_at(TRACK_VIDEO, picture(INTER, 0), 45));
    now_ms += 40;
    CHECK(put_at(TRACK_VIDEO, picture(IDR, 0), 85));
    CHECK_TEXT("K9000 "); /* 80 ms of wall time, rounded up */
    CHECK_EQ(1, feed.intake.jumps);
    now_ms += 40;
    CHECK(put_at(TRACK_VIDEO, picture(IDR, 0), 900085)); /* on a keyframe */
    CHECK_TEXT("B0 K15000 ");
    finish();
}

static void a_lost_publisher_is_one_break(void)
{
    begin();
    feed_break(&feed);
    CHECK_TEXT(""); /* nothing to break */
    configure(false);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    feed_break(&feed);
    feed_break(&feed);
    CHECK_TEXT("K0 B0 ");
    now_ms += 10000;
    CHECK(put_at(TRACK_VIDEO, picture(IDR, 0), 7));
    CHECK_TEXT("K900000 ");
    CHECK_EQ(1, feed.generation->number);
    feed_end(&feed);
    CHECK_TEXT("E0 ");
    finish();
}

static void metadata_gets_the_time_of_the_newest_picture(void)
{
    struct chunk *note = chunk_copy("hello", 5);
    begin();
    feed_put_metadata(&feed, note, now().mono_us);
    CHECK_TEXT("");
    configure(false);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK_TEXT("K0 M0 ");
    now_ms += 40;
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    now_ms += 20;
    feed_put_metadata(&feed, note, now().mono_us);
    CHECK_TEXT("f3600 M3600 ");
    now_ms += 980; /* a second after the picture: it starves */
    feed_put_metadata(&feed, note, now().mono_us);
    CHECK_TEXT("");
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK_TEXT("f93600 M93600 ");
    feed_break(&feed);
    feed_put_metadata(&feed, note, now().mono_us);
    CHECK_TEXT("B0 ");
    now_ms += 1000;
    CHECK(put_at(TRACK_VIDEO, picture(IDR, 0), 3));
    CHECK_TEXT("K186000 M186000 "); /* 1 s later, rounded up to n x 3000 */
    CHECK_EQ(4, feed.metadata_count);
    finish();
    CHECK_EQ(1, note->refs);
    chunk_unref(&note);
}

static void waiting_metadata_is_bounded(void)
{
    struct chunk *note = chunk_copy("hello", 5);
    begin();
    for (int i = 0; i < FEED_MAX_WAITING + 10; i++)
        feed_put_metadata(&feed, note, now().mono_us);
    CHECK_EQ(FEED_MAX_WAITING, feed.waiting_count);
    CHECK_EQ(FEED_MAX_WAITING + 1, note->refs);
    finish();
    CHECK_EQ(1, note->refs);
    chunk_unref(&note);
}

static void intake_is_counted(void)
{
    begin();
    configure(true);
    CHECK_EQ(0, feed.intake.starts);
    CHECK(put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(!put(TRACK_AUDIO, sound()));
    for (int i = 1; i <= 50; i++) {
        now_ms += 40;
        CHECK(!put(TRACK_VIDEO, picture(i == 50 ? IDR : INTER, 0)));
    }
    const struct intake *intake = &feed.intake;
    CHECK_EQ(1, intake->starts);
    CHECK_EQ(51, intake->video_units);
    CHECK_EQ(1, intake->audio_units);
    CHECK_EQ(51 * 109 + 5 + sizeof(small_avcc), intake->video_bytes);
    CHECK_EQ(8 + 4, intake->audio_bytes);
    CHECK_EQ(MEDIA_START + 50 * 3600, intake->video_time);
    CHECK_EQ(MEDIA_START, intake->audio_time);
    CHECK_EQ(102000000, intake->video_at_us);
    CHECK_EQ(100000000, intake->audio_at_us);
    for (int i = 1; i <= 6; i++) {
        now_ms += 21;
        CHECK(!put(TRACK_AUDIO, sound())); /* the first after a gap of 2 s */
    }
    CHECK_EQ(MEDIA_START + 100LL * 1920, intake->audio_time); /* 1 frame, 94 lost, 5 more */
    CHECK_EQ(2005, intake->audio_gap_ms);
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK(!put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK_EQ(1, intake->dts_repaired);
    CHECK_EQ(1, intake->keys);
    CHECK_EQ(180000, intake->key_distance);
    CHECK_EQ(MEDIA_START, intake->started_time);
    CHECK_EQ(100000000, intake->started_us);
    CHECK(intake->is_connected && intake->has_audio);
    finish();
}

int main(void)
{
    RUN(frames_share_the_payload_and_their_generation);
    RUN(a_new_configuration_is_a_new_generation);
    RUN(audio_that_comes_late_begins_a_generation);
    RUN(a_jump_breaks_at_once_and_once);
    RUN(a_lost_publisher_is_one_break);
    RUN(metadata_gets_the_time_of_the_newest_picture);
    RUN(waiting_metadata_is_bounded);
    RUN(intake_is_counted);
    return check_report();
}
