#include "packager/packager.h"

#include "check.h"
#include "packager/part_memory.h"
#include "unit/packager/boxes.h"
#include "unit/packager/frames.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME  INT64_C(3000)
#define SECOND INT64_C(90000)

static char folder[] = "/tmp/klieg-packager-XXXXXX";

/* A session whose source the test feeds; it keeps the newest snapshot. */
struct session {
    struct loop *loop;
    struct source *source;
    struct packager *packager;
    struct published *newest;
    unsigned snapshots, playable, failed;
    struct generation *generation;
    int64_t video, audio; /* the next frames' times: ticks, samples */
    int64_t frame;        /* ticks between frames */
    unsigned frames;      /* sent in the generation */
    unsigned gop;
};

static void on_publish(void *arg, struct published *published)
{
    struct session *session = arg;
    published_unref(&session->newest);
    session->newest = published_ref(published);
    session->snapshots++;
}

static void on_playable(void *arg)
{
    ((struct session *)arg)->playable++;
}

static void on_failed(void *arg, enum err why)
{
    CHECK_EQ(ERR_LIMIT, why);
    ((struct session *)arg)->failed++;
}

static void begin_generation(struct session *session, bool has_audio, int64_t start)
{
    uint32_t number = session->generation != NULL ? session->generation->number + 1 : 0;
    generation_unref(&session->generation);
    session->generation = frames_generation(number, has_audio);
    session->video = start;
    session->audio = start * FRAMES_RATE / SECOND;
    session->frames = 0;
}

static struct metrics *session_metrics; /* of the next session */

static void open_session(struct session *session, bool has_audio)
{
    *session = (struct session){.frame = FRAME, .gop = 60};
    CHECK_EQ(ERR_OK, loop_create(0, &session->loop));
    session->source = source_create();
    struct packager_options options = {.loop = session->loop,
                                       .metrics = session_metrics,
                                       .channel_id = "4WpFQIDqX0pV",
                                       .stream_id = "st-12345678901234567890123",
                                       .segment_ms = 2000,
                                       .part_ms = 333,
                                       .window_segments = 14,
                                       .cap_bps = 8500000,
                                       .store_dir = folder,
                                       .publish = on_publish,
                                       .on_playable = on_playable,
                                       .on_failed = on_failed,
                                       .arg = session};
    session->packager = packager_create(&options, session->source);
    begin_generation(session, has_audio, MEDIA_START);
}

static void close_session(struct session *session)
{
    packager_destroy(session->packager);
    source_destroy(session->source);
    published_unref(&session->newest);
    generation_unref(&session->generation);
    loop_destroy(session->loop);
}

static void send_video(struct session *session)
{
    struct frame *frame =
        frames_video(session->generation, session->video, session->frames++ % session->gop == 0);
    source_send_frame(session->source, frame);
    frame_unref(&frame);
    session->video += session->frame;
}

static void send_audio_until(struct session *session, int64_t time)
{
    while (session->audio * SECOND / FRAMES_RATE <= time) {
        struct frame *frame = frames_audio(session->generation, session->audio);
        source_send_frame(session->source, frame);
        frame_unref(&frame);
        session->audio += 1024;
    }
}

/* `count` frames, and the audio that belongs to them. */
static void send(struct session *session, unsigned count)
{
    for (; count > 0; count--) {
        send_video(session);
        if (session->generation->has_audio)
            send_audio_until(session, session->video);
    }
}

static struct published_rendition *rendition_of(const struct session *session)
{
    CHECK_EQ(1, session->newest->rendition_count);
    return &session->newest->renditions[0];
}

static bool playlist_says(const struct session *session, const char *what)
{
    struct chunk *text =
        published_playlist(session->newest, rendition_of(session), PUBLISHED_FULL, false);
    return memmem(text->at, text->len, what, strlen(what)) != NULL;
}

static bool master_says(const struct session *session, const char *what)
{
    struct chunk *text = session->newest->master;
    return memmem(text->at, text->len, what, strlen(what)) != NULL;
}

static struct boxes_part part_at(const struct session *session, uint64_t msn, uint64_t part)
{
    const struct slice *slice = published_find_part(rendition_of(session), msn, part);
    CHECK(slice != NULL);
    return slice != NULL ? boxes_read(slice->at, slice->len) : (struct boxes_part){0};
}

static void nothing_can_be_played_before_the_first_segment_closed(void)
{
    struct session session;
    open_session(&session, true);
    CHECK_EQ(1, session.snapshots);
    CHECK_EQ(PUBLISHED_OPEN, session.newest->state);
    CHECK_EQ(0, session.newest->rendition_count);
    CHECK(session.newest->audience == packager_audience(session.packager));
    send(&session, 60);
    CHECK_EQ(1, session.snapshots);
    CHECK_EQ(0, session.playable);
    send(&session, 1);
    CHECK_EQ(1, session.playable);
    CHECK_EQ(PUBLISHED_LIVE, session.newest->state);
    CHECK(playlist_says(&session, "#EXT-X-TARGETDURATION:2\n"));
    CHECK(playlist_says(&session, "PART-TARGET=0.338\n"));
    CHECK(playlist_says(&session, "#EXT-X-MEDIA-SEQUENCE:1\n"));
    CHECK(playlist_says(&session, "#EXTINF:2.00000,\ns1.m4s\n"));
    CHECK(playlist_says(&session, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s2.p0.m4s\"\n"));
    CHECK(playlist_says(&session, "#EXT-X-PROGRAM-DATE-TIME:2026-02-03T10:40:10.000Z\n"));
    CHECK(!playlist_says(&session, "DISCONTINUITY\n"));
    CHECK(master_says(&session, "CODECS=\"avc1.42C01E,mp4a.40.2\",RESOLUTION=1280x720,"
                                "FRAME-RATE=30.000,STABLE-VARIANT-ID=\"720p30\"\n"
                                "st-12345678901234567890123/720p30/index.m3u8\n"));
    close_session(&session);
}

/* Where the part before ended; -1: not known. */
struct continuity {
    uint32_t sequence;
    int64_t video, audio;
};

static void check_next_part(struct continuity *last, const struct boxes_part *part)
{
    if (last->sequence > 0)
        CHECK_EQ(last->sequence + 1, part->sequence);
    if (last->video >= 0)
        CHECK_EQ(last->video, part->tracks[0].tfdt);
    last->sequence = part->sequence;
    last->video = part->tracks[0].tfdt + part->tracks[0].duration;
    if (part->tracks[1].samples == 0)
        return;
    if (last->audio >= 0)
        CHECK_EQ(last->audio, part->tracks[1].tfdt);
    last->audio = part->tracks[1].tfdt + part->tracks[1].duration;
}

/* Every part from the segment on follows the one before it without a gap, in both tracks. */
static void check_continuity(const struct session *session, uint64_t first_msn, bool has_audio)
{
    const struct published_rendition *rendition = rendition_of(session);
    struct continuity last = {.video = -1, .audio = -1};
    const struct published_segment *segment = published_find_segment(rendition, first_msn);
    for (uint64_t msn = first_msn; segment != NULL;
         segment = published_find_segment(rendition, ++msn)) {
        for (size_t i = 0; i < segment->slice_count; i++) {
            struct boxes_part part = part_at(session, msn, i);
            check_next_part(&last, &part);
            CHECK(has_audio || part.tracks[1].samples == 0);
            CHECK_EQ(last.video, segment->parts[i].end);
            CHECK_EQ(i == 0, segment->parts[i].independent);
            CHECK_EQ(i == 0, part.tracks[0].first_is_key);
        }
    }
}

static void parts_appear_one_by_one(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 61);
    unsigned before = session.snapshots;
    send(&session, 9);
    CHECK_EQ(before, session.snapshots);
    send(&session, 1); /* the 11th frame of the segment ends the part of ten */
    CHECK_EQ(before + 1, session.snapshots);
    CHECK(playlist_says(&session, "URI=\"s2.p0.m4s\",INDEPENDENT=YES\n"
                                  "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s2.p1.m4s\"\n"));
    struct boxes_part part = part_at(&session, 2, 0);
    CHECK_EQ(7, part.sequence);
    CHECK_EQ(10, part.tracks[0].samples);
    CHECK_EQ(MEDIA_START + 2 * SECOND, part.tracks[0].tfdt);
    CHECK(part.tracks[1].samples >= 15 && part.tracks[1].samples <= 16);
    send(&session, 230);
    check_continuity(&session, 1, true);
    CHECK_EQ(6, part_at(&session, 1, 0).sequence + 5);
    close_session(&session);
}

static void short_gops_do_not_make_short_segments(void)
{
    struct session session;
    open_session(&session, false);
    session.gop = 15;
    send(&session, 121);
    CHECK(playlist_says(&session, "#EXTINF:2.00000,\ns1.m4s\n"));
    CHECK(playlist_says(&session, "#EXTINF:2.00000,\ns2.m4s\n"));
    CHECK(playlist_says(&session, "URI=\"s2.p3.m4s\",INDEPENDENT=YES\n") ==
          playlist_says(&session, "URI=\"s1.p3.m4s\",INDEPENDENT=YES\n"));
    close_session(&session);
}

static void a_source_without_audio_is_packaged_at_once(void)
{
    struct session session;
    open_session(&session, false);
    send(&session, 61);
    CHECK_EQ(1, session.playable);
    CHECK(master_says(&session, "CODECS=\"avc1.42C01E\","));
    send(&session, 10);
    CHECK_EQ(0, part_at(&session, 2, 0).tracks[1].samples);
    send(&session, 230);
    check_continuity(&session, 1, false);
    close_session(&session);
}

static void a_part_waits_for_its_audio_but_not_for_ever(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 66);
    for (int i = 0; i < 5; i++)
        send_video(&session); /* the last ends s2.p0, of which some audio is missing */
    CHECK(published_find_part(rendition_of(&session), 2, 0) == NULL);
    for (int i = 0; i < 4; i++)
        send_video(&session);
    CHECK(published_find_part(rendition_of(&session), 2, 0) == NULL); /* 133 ms beyond its end */
    send_video(&session);
    CHECK(published_find_part(rendition_of(&session), 2, 0) != NULL); /* 167 ms */
    /* The audio that comes now is in the next part, with its own time. */
    int64_t late = session.audio;
    CHECK(late * SECOND / FRAMES_RATE < session.video - 6 * FRAME);
    send_audio_until(&session, session.video - FRAME);
    send(&session, 6);
    CHECK_EQ(late, part_at(&session, 2, 1).tracks[1].tfdt);
    send(&session, 200);
    check_continuity(&session, 1, true);
    close_session(&session);
}

static void a_part_is_complete_when_the_next_audio_frame_cannot_belong_to_it(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 70); /* the last audio frame ends 13 ms after s2.p0, and starts in it */
    CHECK(published_find_part(rendition_of(&session), 2, 0) == NULL);
    send_video(&session);
    CHECK_EQ(16, part_at(&session, 2, 0).tracks[1].samples);
    close_session(&session);
}

/* HL-p12: 400 ms early or late, and 2 s missing. */
static void audio_out_of_step_does_not_stop_the_stream(void)
{
    struct session session;
    open_session(&session, true);
    for (unsigned i = 0; i < 300; i++) {
        send_audio_until(&session, session.video + SECOND * 4 / 10);
        send_video(&session);
    }
    check_continuity(&session, 1, true);
    CHECK_EQ(4, rendition_of(&session)->segment_count);
    close_session(&session);

    open_session(&session, true);
    for (unsigned i = 0; i < 300; i++) {
        send_video(&session);
        send_audio_until(&session, session.video - SECOND * 4 / 10);
    }
    CHECK_EQ(4, rendition_of(&session)->segment_count);
    check_continuity(&session, 2, true);
    close_session(&session);

    open_session(&session, true);
    send(&session, 130);
    for (unsigned i = 0; i < 60; i++)
        send_video(&session);
    session.audio += INT64_C(2) * FRAMES_RATE / 1024 * 1024;
    send(&session, 110);
    CHECK_EQ(4, rendition_of(&session)->segment_count);
    CHECK_EQ(0, part_at(&session, 3, 3).tracks[1].samples);
    CHECK(part_at(&session, 4, 4).tracks[1].samples >= 15);
    close_session(&session);
}

static void the_publisher_returns_with_a_discontinuity(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 61 + 15); /* five frames are pending in s2.p1 */
    source_send_break(session.source);
    packager_set_grace(session.packager);
    CHECK_EQ(PUBLISHED_GRACE, session.newest->state);
    CHECK(playlist_says(&session, "#EXTINF:0.53333,\ns2.m4s\n"));
    CHECK(playlist_says(&session, "URI=\"s3.p0.m4s\"\n")); /* the hint */
    struct chunk *first_init = published_find_init(rendition_of(&session), 0);
    CHECK(first_init != NULL);

    begin_generation(&session, true, session.video + 17 * SECOND);
    send(&session, 1);
    CHECK_EQ(PUBLISHED_LIVE, session.newest->state);
    send(&session, 11);
    CHECK(playlist_says(&session, "s2.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-1.mp4\"\n"
                                  "#EXT-X-PROGRAM-DATE-TIME:"));
    CHECK(playlist_says(&session, "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"));
    CHECK(published_find_init(rendition_of(&session), 0) == first_init);
    CHECK(published_find_init(rendition_of(&session), 1) != NULL);
    CHECK_EQ(1, session.playable);
    close_session(&session);
}

static void another_configuration_starts_a_generation_without_a_break(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 61 + 15);
    int64_t next = session.video;
    begin_generation(&session, false, next);
    session.generation->video.info.width = 640;
    session.generation->video.info.height = 360;
    session.generation->video.info.fps_num = 60;
    session.generation->video.info.fps_den = 1;
    session.frame = FRAME / 2;
    session.gop = 120;
    send(&session, 300);
    CHECK(playlist_says(&session, "#EXTINF:0.53333,\ns2.m4s\n#EXT-X-DISCONTINUITY\n"
                                  "#EXT-X-MAP:URI=\"init-1.mp4\"\n"));
    CHECK_EQ(next, part_at(&session, 3, 0).tracks[0].tfdt);
    CHECK(playlist_says(&session, "#EXTINF:2.00000,\ns3.m4s\n"));
    /* Name and targets stay as they were (HL-p1); codecs and size are the newest. */
    CHECK(playlist_says(&session, "PART-TARGET=0.338\n"));
    CHECK(master_says(&session, "CODECS=\"avc1.42C01E\",RESOLUTION=640x360,FRAME-RATE=60.000,"));
    CHECK(master_says(&session, "/720p30/index.m3u8\n"));
    close_session(&session);
}

static void the_last_frame_gives_way_to_a_generation_that_comes_sooner(void)
{
    struct session session;
    open_session(&session, false);
    send(&session, 61 + 15);
    begin_generation(&session, false, session.video - FRAME / 2);
    send(&session, 1);
    CHECK(playlist_says(&session, "#EXTINF:0.51667,\ns2.m4s\n"));
    close_session(&session);
}

static bool is_told(uint32_t fps_num, uint32_t fps_den, const char *what)
{
    struct session session;
    open_session(&session, false);
    session.generation->video.info.fps_num = fps_num;
    session.generation->video.info.fps_den = fps_den;
    send(&session, 61);
    bool said = master_says(&session, what);
    close_session(&session);
    return said;
}

static void the_frame_rate_is_what_the_encoder_tells_if_it_is_true(void)
{
    CHECK(is_told(30000, 1001, ",FRAME-RATE=29.970,"));
    CHECK(is_told(25, 1, ",FRAME-RATE=30.000,"));
    CHECK(is_told(60, 1, ",FRAME-RATE=30.000,"));
    CHECK(is_told(0, 0, ",FRAME-RATE=30.000,"));
    CHECK(is_told(1, 0, ",FRAME-RATE=30.000,"));
}

static void late_frames_of_the_last_generation_are_dropped(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 65);
    struct frame *late = frames_audio(session.generation, session.audio);
    begin_generation(&session, true, session.video + SECOND);
    send(&session, 5);
    source_send_frame(session.source, late);
    frame_unref(&late);
    send(&session, 100);
    check_continuity(&session, 3, true);
    CHECK_EQ(2, rendition_of(&session)->init_count);
    close_session(&session);
}

static void a_break_in_the_first_segment_starts_anew(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 40);
    source_send_break(session.source);
    begin_generation(&session, true, session.video + SECOND);
    send(&session, 60);
    CHECK_EQ(0, session.playable);
    send(&session, 1);
    CHECK_EQ(1, session.playable);
    CHECK(playlist_says(&session, "#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
                                  "#EXT-X-MAP:URI=\"init-1.mp4\"\n#EXT-X-PROGRAM"));
    CHECK_EQ(1, rendition_of(&session)->init_count);
    CHECK_EQ(1, part_at(&session, 1, 0).sequence);
    close_session(&session);
}

static void the_end_is_published(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 61 + 15);
    source_send_end(session.source);
    CHECK_EQ(PUBLISHED_ENDED, session.newest->state);
    CHECK(playlist_says(&session, "#EXTINF:0.53333,\ns2.m4s\n#EXT-X-ENDLIST\n"));
    CHECK(!playlist_says(&session, "HINT"));
    CHECK_EQ(60000000, session.newest->keep_us - loop_now_us(session.loop));
    unsigned before = session.snapshots;
    packager_destroy(session.packager);
    session.packager = NULL;
    CHECK_EQ(before, session.snapshots); /* once is enough */
    close_session(&session);

    open_session(&session, true);
    send(&session, 61 + 15);
    packager_destroy(session.packager);
    session.packager = NULL;
    CHECK_EQ(PUBLISHED_ENDED, session.newest->state);
    CHECK(playlist_says(&session, "s2.m4s\n#EXT-X-ENDLIST\n"));
    close_session(&session);
}

static void what_is_counted_ends_with_the_session(void)
{
    struct session session;
    struct metrics *metrics = metrics_create();
    session_metrics = metrics;
    open_session(&session, true);
    session_metrics = NULL;
    CHECK_EQ(1, metrics_sum(&metrics, 1, METRIC_PACKAGER_STREAMS));
    send(&session, 61 + 11);
    CHECK_EQ(1, metrics_sum(&metrics, 1, METRIC_PACKAGER_SEGMENTS));
    CHECK_EQ(7, metrics_sum(&metrics, 1, METRIC_PACKAGER_PARTS));
    CHECK(metrics_sum(&metrics, 1, METRIC_PACKAGER_MEMORY_BYTES) > 2800);
    CHECK(metrics_sum(&metrics, 1, METRIC_PACKAGER_HELD_BYTES) > 2000);
    CHECK_EQ(0, part_memory_stale(&metrics, 1));
    close_session(&session);
    CHECK_EQ(0, metrics_sum(&metrics, 1, METRIC_PACKAGER_STREAMS));
    CHECK_EQ(0, metrics_sum(&metrics, 1, METRIC_PACKAGER_MEMORY_BYTES));
    CHECK_EQ(0, metrics_sum(&metrics, 1, METRIC_PACKAGER_DISK_BYTES));
    CHECK_EQ(0, metrics_sum(&metrics, 1, METRIC_PACKAGER_HELD_BYTES));
    metrics_destroy(metrics);
}

static void a_session_that_never_played_leaves_nothing(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 30);
    source_send_end(session.source);
    CHECK_EQ(PUBLISHED_ENDED, session.newest->state);
    CHECK_EQ(0, session.newest->rendition_count);
    CHECK_EQ(0, session.newest->keep_us);
    close_session(&session);
}

static void put(struct session *session, uint32_t id, int64_t time)
{
    source_send_metadata(session->source, slice_static("hello", 5), id, time);
}

static void metadata_is_in_the_part_that_contains_it(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 60 + 15);
    put(&session, 1, session.video - FRAME); /* the newest frame: in s2.p1 */
    put(&session, 2, session.video - FRAME);
    send(&session, 5);
    put(&session, 3, session.video - FRAME); /* the last frame of s2.p1 */
    send(&session, 1);                       /* the first frame of s2.p2 */
    put(&session, 4, session.video - FRAME);
    send(&session, 20);
    CHECK_EQ(0, part_at(&session, 2, 0).events);
    struct boxes_part part = part_at(&session, 2, 1);
    CHECK_EQ(3, part.events);
    CHECK_EQ(MEDIA_START + 2 * SECOND + 14 * FRAME, part.event_times[0]);
    CHECK_EQ(1, part.event_ids[0]);
    CHECK_EQ(2, part.event_ids[1]);
    CHECK_EQ(3, part.event_ids[2]);
    part = part_at(&session, 2, 2);
    CHECK_EQ(1, part.events);
    CHECK_EQ(4, part.event_ids[0]);
    close_session(&session);
}

static void metadata_that_came_while_nothing_did_is_in_the_next_part(void)
{
    struct session session;
    open_session(&session, true);
    put(&session, 1, MEDIA_START); /* before anything */
    send(&session, 61 + 15);
    CHECK_EQ(1, part_at(&session, 1, 0).events);
    int64_t last = session.video - FRAME;
    source_send_break(session.source);
    put(&session, 2, last);
    begin_generation(&session, true, session.video + 9 * SECOND);
    send(&session, 12);
    struct boxes_part part = part_at(&session, 3, 0);
    CHECK_EQ(1, part.events);
    CHECK_EQ(2, part.event_ids[0]);
    CHECK_EQ(part.tracks[0].tfdt, part.event_times[0]);
    close_session(&session);
}

static void slow_sources_have_no_parts(void)
{
    struct session session;
    open_session(&session, false);
    session.frame = SECOND;
    session.gop = 2;
    send(&session, 7);
    CHECK(playlist_says(&session, "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0\n"));
    CHECK(!playlist_says(&session, "PART"));
    CHECK_EQ(3, rendition_of(&session)->segment_count);
    CHECK_EQ(1, rendition_of(&session)->segments[0]->slice_count);
    close_session(&session);
}

static void the_window_moves_and_old_segments_stay_fetchable(void)
{
    struct session session;
    open_session(&session, false);
    send(&session, 60 * 4 + 10);
    begin_generation(&session, false, session.video + SECOND); /* s5 ends early, s6 is new */
    send(&session, 60 * 20 + 1);
    const struct published_rendition *rendition = rendition_of(&session);
    CHECK_EQ(25, rendition->segment_count);
    CHECK_EQ(11, rendition->first_listed);
    CHECK(playlist_says(&session, "#EXT-X-MEDIA-SEQUENCE:12\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"
                                  "#EXT-X-MAP:URI=\"init-1.mp4\"\n"));
    CHECK(published_find_segment(rendition, 1) != NULL);
    CHECK_EQ(2, rendition->init_count);
    close_session(&session);
}

static void too_much_memory_ends_it(void)
{
    struct session session;
    open_session(&session, false);
    struct chunk *big = chunk_create(4 << 20);
    memset(big->at, 0, big->len);
    for (int64_t i = 0; i < 20 && session.failed == 0; i++) {
        struct frame *frame = frame_create(&(struct frame){.kind = TRACK_VIDEO,
                                                           .is_key = i == 0,
                                                           .dts = MEDIA_START + i * FRAME,
                                                           .payload = slice_of(big),
                                                           .generation = session.generation});
        source_send_frame(session.source, frame);
        frame_unref(&frame);
        CHECK_EQ(i >= 15, session.failed); /* 16 x 4 MiB, and the init section */
    }
    chunk_unref(&big);
    CHECK_EQ(1, session.failed);
    unsigned before = session.snapshots;
    send(&session, 100);
    CHECK_EQ(1, session.failed);
    CHECK_EQ(before, session.snapshots);
    close_session(&session);
}

/* --- Files, with a loop that runs --- */

struct storing {
    struct session *session;
    struct loop_timer timer;
    int turns;
};

static bool are_stored(const struct published_rendition *rendition, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct published_segment *segment = rendition->segments[i];
        if (segment->slices[0].chunk != segment->slices[segment->slice_count - 1].chunk)
            return false;
    }
    return true;
}

static void until_stored(struct loop *loop, void *arg)
{
    struct storing *storing = arg;
    send(storing->session, 30); /* so that there is a new snapshot */
    if (are_stored(rendition_of(storing->session), 8) || storing->turns++ > 200)
        loop_stop(loop);
    else
        loop_timer_start(loop, &storing->timer, 1000, until_stored, storing);
}

static void segments_without_parts_go_to_files(void)
{
    struct session session;
    open_session(&session, true);
    send(&session, 60 * 12 + 1);
    struct storing storing = {.session = &session};
    struct chunk *kept = chunk_ref(rendition_of(&session)->segments[0]->slices[1].chunk);
    loop_post(session.loop, until_stored, &storing);
    loop_run(session.loop);
    struct published_rendition *rendition = rendition_of(&session);
    CHECK(are_stored(rendition, 8));
    check_continuity(&session, 1, true); /* the same bytes, by the same names */
    const struct slice *part = published_find_part(rendition, 1, 1);
    CHECK_EQ(kept->len, part->len);
    CHECK_EQ(0, memcmp(kept->at, part->at, kept->len));
    chunk_unref(&kept);
    size_t last = rendition->segment_count - 1; /* those that list parts stay in memory */
    CHECK(rendition->segments[last]->slices[0].chunk != rendition->segments[last]->slices[1].chunk);
    close_session(&session);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(nothing_can_be_played_before_the_first_segment_closed);
    RUN(parts_appear_one_by_one);
    RUN(short_gops_do_not_make_short_segments);
    RUN(a_source_without_audio_is_packaged_at_once);
    RUN(a_part_waits_for_its_audio_but_not_for_ever);
    RUN(a_part_is_complete_when_the_next_audio_frame_cannot_belong_to_it);
    RUN(audio_out_of_step_does_not_stop_the_stream);
    RUN(the_publisher_returns_with_a_discontinuity);
    RUN(another_configuration_starts_a_generation_without_a_break);
    RUN(the_last_frame_gives_way_to_a_generation_that_comes_sooner);
    RUN(the_frame_rate_is_what_the_encoder_tells_if_it_is_true);
    RUN(late_frames_of_the_last_generation_are_dropped);
    RUN(a_break_in_the_first_segment_starts_anew);
    RUN(the_end_is_published);
    RUN(what_is_counted_ends_with_the_session);
    RUN(a_session_that_never_played_leaves_nothing);
    RUN(metadata_is_in_the_part_that_contains_it);
    RUN(metadata_that_came_while_nothing_did_is_in_the_next_part);
    RUN(slow_sources_have_no_parts);
    RUN(the_window_moves_and_old_segments_stay_fetchable);
    RUN(too_much_memory_ends_it);
    RUN(segments_without_parts_go_to_files);
    rmdir(folder); /* nothing is left in it */
    CHECK_EQ(-1, access(folder, F_OK));
    return check_report();
}
