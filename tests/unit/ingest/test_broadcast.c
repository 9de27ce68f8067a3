#include "client.h"

static struct site site;

/* As if the first segment had been published, on the channel's loop. */
static void set_playable(struct loop *loop, void *arg)
{
    char *channel_id = arg;
    (void)loop;
    pthread_mutex_lock(&site.lock);
    char stream_id[INGEST_STREAM_ID_LEN + 1];
    memcpy(stream_id, site.stream_id, sizeof(stream_id));
    pthread_mutex_unlock(&site.lock);
    ingest_set_playable(site.ingest, str_of(channel_id), str_of(stream_id));
    mem_free(channel_id);
}

static void play(const char *channel_id)
{
    loop_post(ingest_home_loop(site.ingest, str_of(channel_id)), set_playable,
              mem_copy_str(channel_id, strlen(channel_id)));
    CHECK_EQ(1, site_wait(&site, "Stream Start", 1));
}

#define CHANNEL_A "channelAA012"

/* Channel A is LIVE; priority by the name's query. */
static struct client go_live(const char *name)
{
    struct client client = client_go_live(&site, name);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    play(CHANNEL_A);
    site_forget(&site);
    return client;
}

static void a_clean_stream_has_its_events(void)
{
    struct client client = client_go_live(&site, KEY_A);
    CHECK(client_send_chunk(&client, 8, 41, sound()));
    CHECK_EQ(1, site_wait(&site, "frame:AA:a g0", 1));
    play(CHANNEL_A);
    CHECK(client_command(&client, "FCUnpublish", 6, NULL, KEY_A));
    CHECK(client_wait_closed(&client));
    CHECK(strstr(client.got, "onFCUnpublish") != NULL);
    CHECK(strstr(client.got, "NetStream.Unpublish.Success") != NULL);
    client_close(&client);
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
    CHECK(strstr(site.record, "event:AA:Session Created/\nopen:AA\n") != NULL);
    CHECK(strstr(site.record, "event:AA:Stream End/\nevent:AA:Session Ended/\nended:AA error=0\n"
                              "last:AA\nclosed:AA\n") != NULL);
    CHECK_EQ(0, site_count(&site, "lost:"));
}

static void a_lost_publisher_may_return(void)
{
    struct client client = go_live(KEY_A);
    client_reset(&client);
    CHECK_EQ(1, site_wait(&site, "break:AA\nlost:AA\n", 1));
    CHECK_EQ(0, site_metric(&site, METRIC_INGEST_PUBLISHERS));
    client = client_go_live(&site, KEY_A "?priority=1"); /* always resumes */
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g1", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    CHECK_EQ(0, site_count(&site, "open:"));
    CHECK_EQ(1, site_metric(&site, METRIC_INGEST_PUBLISHERS));
    CHECK_EQ(1, site_metric(&site, METRIC_INGEST_RESUMED));
    CHECK_EQ(2, site_metric(&site, METRIC_INGEST_ACCEPTED));
    client_close(&client);
    CHECK_EQ(2, site_wait(&site, "lost:AA", 2));
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1)); /* the window is over */
    CHECK(strstr(site.record, "event:AA:Stream End/\nevent:AA:Session Ended/\n") != NULL);
}

static void a_publisher_lost_before_anything_played_ends_it(void)
{
    struct client client = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    client_reset(&client);
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
    CHECK_EQ(0, site_count(&site, "Stream End"));
    CHECK_EQ(1, site_count(&site, "event:AA:Session Ended/\n"));
    CHECK_EQ(0, site_count(&site, "lost:"));
}

static void return_with_another_format_is_a_generation(void)
{
    struct client client = go_live(KEY_A);
    client_reset(&client);
    CHECK_EQ(1, site_wait(&site, "lost:AA", 1));
    client = client_publish(&site, KEY_A);
    CHECK(client_configure(&client, large_avcc, sizeof(large_avcc), false));
    CHECK(client_picture(&client, IDR));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g1", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    client_close(&client);
}

/* Takeover: the newcomer's keyframe decides. */
static void the_newest_takes_over(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_picture(&old, INTER)); /* still on */
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    CHECK(client_configure(&newcomer, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&newcomer, INTER));
    CHECK(client_picture(&newcomer, IDR));
    CHECK(client_picture(&newcomer, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g1", 1));
    CHECK(client_wait_closed(&old));
    CHECK(strstr(old.got, "NetStream.Publish.Rejected") != NULL);
    CHECK_EQ(1, site_count(&site, "break:AA\nevent:AA:Stream Takeover/\nframe:AA:K g1\n"));
    CHECK_EQ(0, site_count(&site, "open:"));
    CHECK_EQ(0, site_count(&site, "lost:"));
    CHECK_EQ(1, site_metric(&site, METRIC_INGEST_PUBLISHERS));
    CHECK_EQ(1, site_metric(&site, METRIC_INGEST_TAKEOVERS));
    client_close(&old);
    client_close(&newcomer);
}

static void another_format_without_priority_is_another_session(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_configure(&newcomer, large_avcc, sizeof(large_avcc), true));
    CHECK(client_picture(&newcomer, IDR));
    CHECK_EQ(1, site_wait(&site, "open:AA", 1));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g0", 1));
    CHECK_EQ(1, site_count(&site, "event:AA:Stream End/\nevent:AA:Session Ended/\n"));
    CHECK(client_wait_closed(&old));
    CHECK(client_picture(&newcomer, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    client_close(&old);
    client_close(&newcomer);
}

static void another_format_with_priority_is_refused(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A "?priority=5");
    CHECK(client_configure(&newcomer, large_avcc, sizeof(large_avcc), true));
    CHECK(client_picture(&newcomer, IDR));
    CHECK(client_wait_closed(&newcomer));
    CHECK(strstr(newcomer.got, "NetStream.Publish.Rejected") != NULL);
    CHECK(strstr(newcomer.got, "codecs or resolution differ") != NULL);
    CHECK_EQ(1, site_wait(&site, "/StreamTakeoverMediaMismatch", 1));
    CHECK(client_picture(&old, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    client_close(&old);
    client_close(&newcomer);
}

/* Against a priority that is not lower. */
static void a_lower_priority_is_refused(void)
{
    static const char *const names[] = {KEY_A, KEY_A "?priority=4", KEY_A "?priority=5"};
    struct client old = go_live(KEY_A "?priority=5");
    for (size_t i = 0; i < 3; i++) {
        struct client newcomer = client_connect(&site);
        CHECK(client_ask(&newcomer, "app", names[i]));
        client_check_refused(&newcomer, "NetStream.Publish.BadName",
                             "This channel is already live.");
        CHECK_EQ(i + 1, site_wait(&site, "/StreamTakeoverInvalidPriority", i + 1));
    }
    struct client newcomer = client_go_live(&site, KEY_A "?priority=6");
    CHECK_EQ(1, site_wait(&site, "event:AA:Stream Takeover/", 1));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g1", 1));
    CHECK(client_wait_closed(&old));
    client_close(&old);
    client_close(&newcomer);
}

static void a_probe_has_its_rank_too(void)
{
    struct client old = go_live(KEY_A);
    struct client probed = client_publish(&site, KEY_A "?priority=5");
    struct client lower = client_connect(&site);
    CHECK(client_ask(&lower, "app", KEY_A "?priority=5"));
    client_check_refused(&lower, "NetStream.Publish.BadName", "This channel is already live.");
    struct client higher = client_publish(&site, KEY_A "?priority=6");
    CHECK(client_wait_closed(&probed));
    CHECK(client_configure(&higher, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&higher, IDR));
    CHECK_EQ(1, site_wait(&site, "event:AA:Stream Takeover/", 1));
    client_close(&old);
    client_close(&probed);
    client_close(&higher);
}

static void the_fourth_takeover_in_a_minute_is_refused(void)
{
    struct client clients[4];
    clients[0] = go_live(KEY_A);
    for (size_t i = 1; i < 4; i++) {
        clients[i] = client_go_live(&site, KEY_A);
        CHECK_EQ(i, site_wait(&site, "Stream Takeover", i));
    }
    struct client newcomer = client_connect(&site);
    CHECK(client_ask(&newcomer, "app", KEY_A));
    client_check_refused(&newcomer, "NetStream.Publish.BadName", "This channel is already live.");
    for (size_t i = 0; i < 4; i++)
        client_close(&clients[i]);
}

static void a_silent_publisher_loses_against_anybody(void)
{
    struct client old = go_live(KEY_A "?priority=9");
    struct timespec nap = {.tv_sec = 3, .tv_nsec = 100000000}; /* the rule is in seconds */
    nanosleep(&nap, NULL);
    struct client newcomer = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "event:AA:Stream Takeover/", 1));
    client_close(&old);
    client_close(&newcomer);
}

static void a_probe_takes_the_place_of_who_is_lost(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    client_reset(&old);
    CHECK_EQ(1, site_wait(&site, "lost:AA", 1));
    CHECK(client_configure(&newcomer, large_avcc, sizeof(large_avcc), true));
    CHECK(client_picture(&newcomer, IDR));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g1", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    client_close(&newcomer);
}

static void a_probe_begins_anew_when_the_other_stops(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_command(&old, "deleteStream", 6, NULL, NULL));
    CHECK_EQ(1, site_wait(&site, "open:AA", 1));
    CHECK(client_configure(&newcomer, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&newcomer, IDR));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g0", 1));
    client_close(&old);
    client_close(&newcomer);
}

static void a_probe_begins_anew_when_the_other_fails(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_message(&old, 8, 50, "\x2f\1\2", 3)); /* MP3 */
    CHECK_EQ(1, site_wait(&site, "open:AA", 1));
    CHECK(client_configure(&newcomer, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&newcomer, IDR));
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g0", 1));
    client_close(&old);
    client_close(&newcomer);
}

static void a_probe_that_leaves_changes_nothing(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_command(&newcomer, "deleteStream", 6, NULL, NULL));
    CHECK(client_wait_closed(&newcomer));
    client_close(&newcomer);
    newcomer = client_publish(&site, KEY_A);
    client_reset(&newcomer);
    CHECK(client_picture(&old, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    client_close(&old);
}

static void a_probe_without_a_keyframe_is_refused_after_five_seconds(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_configure(&newcomer, small_avcc, sizeof(small_avcc), true));
    CHECK(client_wait_closed(&newcomer));
    CHECK(strstr(newcomer.got, "No keyframe arrived within 5 seconds.") != NULL);
    CHECK(client_picture(&old, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    client_close(&old);
    client_close(&newcomer);
}

/* A keyframe, and audio that the other has: it may still come. */
static void a_probe_waits_for_its_audio(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_configure(&newcomer, small_avcc, sizeof(small_avcc), false));
    CHECK(client_picture(&newcomer, IDR));
    CHECK(client_send_chunk(&newcomer, 8, 0, audio_config(stereo_48k, 2)));
    CHECK(client_picture(&newcomer, IDR));
    CHECK_EQ(1, site_wait(&site, "event:AA:Stream Takeover/", 1));
    CHECK_EQ(0, site_count(&site, "open:"));
    client_close(&old);
    client_close(&newcomer);
}

static void media_that_cannot_be_served_end_and_cool_down(void)
{
    struct client client = go_live(KEY_A);
    CHECK(client_message(&client, 8, 50, "\x2f\1\2", 3)); /* MP3 */
    CHECK(client_wait_closed(&client));
    CHECK(strstr(client.got, "NetStream.Publish.Rejected") != NULL);
    CHECK(strstr(client.got, "Audio must be AAC.") != NULL);
    client_close(&client);
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
    CHECK_EQ(1, site_count(&site, "event:AA:Stream Failure/UnsupportedMedia"));
    CHECK_EQ(1, site_count(&site, "ended:AA error=1"));
    client = client_connect(&site);
    CHECK(client_ask(&client, "app", KEY_A));
    client_check_refused(&client, "NetStream.Publish.BadName", "Audio must be AAC.");
    client = client_go_live(&site, KEY_B); /* others are not concerned */
    CHECK_EQ(1, site_wait(&site, "frame:BB:K", 1));
    client_close(&client);
}

static void a_probe_that_cannot_be_served_goes_alone(void)
{
    struct client old = go_live(KEY_A);
    struct client newcomer = client_publish(&site, KEY_A);
    CHECK(client_message(&newcomer, 9, 50, "\x12\1\0\0\0", 5));
    CHECK(client_wait_closed(&newcomer));
    CHECK(strstr(newcomer.got, "Video must be H.264.") != NULL);
    CHECK(client_picture(&old, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    CHECK_EQ(0, site_count(&site, "event:"));
    client_close(&old);
    client_close(&newcomer);
}

static void channels_do_not_know_each_other(void)
{
    struct client a = client_go_live(&site, KEY_A);
    struct client b = client_go_live(&site, KEY_B);
    struct client c = client_go_live(&site, KEY_C);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K g0", 1));
    CHECK_EQ(1, site_wait(&site, "frame:BB:K g0", 1));
    CHECK_EQ(1, site_wait(&site, "frame:CC:K g0", 1));
    client_reset(&b);
    CHECK_EQ(1, site_wait(&site, "closed:BB", 1));
    CHECK(client_picture(&a, INTER));
    CHECK(client_picture(&c, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:AA:f g0", 1));
    CHECK_EQ(1, site_wait(&site, "frame:CC:f g0", 1));
    client_close(&a);
    client_close(&c);
}

static void two_streams_at_most(struct ingest_options *options)
{
    options->max_live_streams = 2;
}

static void the_server_has_a_limit_of_streams(void)
{
    struct client a = client_go_live(&site, KEY_A);
    struct client b = client_go_live(&site, KEY_B);
    struct client c = client_connect(&site);
    CHECK(client_ask(&c, "app", KEY_C));
    client_check_refused(&c, "NetStream.Publish.BadName",
                         "This server has reached its limit of live streams.");
    CHECK_EQ(1, site_wait(&site,
                          "notice:CC:Concurrent Broadcasts/ {\"limit_value\":2,"
                          "\"exceeded_by\":1,\"limit_unit\":\"broadcasts\"}",
                          1));
    client_reset(&b);
    CHECK_EQ(1, site_wait(&site, "closed:BB", 1));
    c = client_go_live(&site, KEY_C);
    CHECK_EQ(1, site_wait(&site, "frame:CC:K", 1));
    client_close(&a);
    client_close(&c);
}

static void short_sessions(struct ingest_options *options)
{
    options->max_session_us = 1500000;
}

static void the_longest_session_ends_with_a_reason(void)
{
    struct client client = go_live(KEY_A);
    CHECK(client_wait_closed(&client));
    CHECK(strstr(client.got, "The stream reached the longest time allowed.") != NULL);
    CHECK_EQ(1, site_wait(&site, "event:AA:Session Ended/MaxDuration", 1));
    client_close(&client);
}

static void in_a_site(void (*test)(void), void (*change)(struct ingest_options *))
{
    site_open(&site, change);
    test();
    site_close(&site);
}

static void sessions(void)
{
    in_a_site(a_clean_stream_has_its_events, NULL);
    in_a_site(a_lost_publisher_may_return, NULL);
    in_a_site(a_publisher_lost_before_anything_played_ends_it, NULL);
    in_a_site(return_with_another_format_is_a_generation, NULL);
    in_a_site(channels_do_not_know_each_other, NULL);
}

static void takeovers(void)
{
    in_a_site(the_newest_takes_over, NULL);
    in_a_site(another_format_without_priority_is_another_session, NULL);
    in_a_site(another_format_with_priority_is_refused, NULL);
    in_a_site(a_lower_priority_is_refused, NULL);
    in_a_site(the_fourth_takeover_in_a_minute_is_refused, NULL);
    in_a_site(a_silent_publisher_loses_against_anybody, NULL);
}

static void probes(void)
{
    in_a_site(a_probe_has_its_rank_too, NULL);
    in_a_site(a_probe_takes_the_place_of_who_is_lost, NULL);
    in_a_site(a_probe_begins_anew_when_the_other_stops, NULL);
    in_a_site(a_probe_begins_anew_when_the_other_fails, NULL);
    in_a_site(a_probe_that_leaves_changes_nothing, NULL);
    in_a_site(a_probe_without_a_keyframe_is_refused_after_five_seconds, NULL);
    in_a_site(a_probe_waits_for_its_audio, NULL);
}

static void failures_and_limits(void)
{
    in_a_site(media_that_cannot_be_served_end_and_cool_down, NULL);
    in_a_site(a_probe_that_cannot_be_served_goes_alone, NULL);
    in_a_site(the_server_has_a_limit_of_streams, two_streams_at_most);
    in_a_site(the_longest_session_ends_with_a_reason, short_sessions);
}

int main(void)
{
    RUN(sessions);
    RUN(takeovers);
    RUN(probes);
    RUN(failures_and_limits);
    return check_report();
}
