#include "api/live.h"

#include "unit/http/web.h"
#include "unit/packager/snapshot.h"

#include <zlib.h>

#define CHANNEL "4WpFQIDqX0pV"
#define STREAM  "st-12345678901234567890123"
#define FOLDER  "/live/" CHANNEL "/" STREAM "/720p30/"

static struct web web;
static struct live_hub *hub;
static struct live_index *hub_index;

/* --- What is published; all of it on the server's loop. --- */

struct state {
    enum published_state state;
    size_t open_parts;
    unsigned target_duration; /* 0: holds last no time */
    bool is_gone;             /* ENDED, and its time is over */
};

/* As a segment is that went to a file: all parts side by side in one chunk. */
static void join_parts(struct published_segment *segment)
{
    struct chunk *all = chunk_create(segment->len);
    size_t offset = 0;
    for (size_t i = 0; i < segment->slice_count; i++) {
        size_t len = segment->slices[i].len;
        memcpy(all->at + offset, segment->slices[i].at, len);
        slice_unref(&segment->slices[i]);
        segment->slices[i] =
            slice_ref((struct slice){.chunk = all, .at = all->at + offset, .len = len});
        offset += len;
    }
    chunk_unref(&all);
}

static void publish_on_loop(struct web *site, void *arg)
{
    const struct state *wanted = arg;
    struct published *published = snapshot_of(wanted->state, wanted->open_parts);
    published->renditions[0].target_duration = wanted->target_duration;
    join_parts(published->renditions[0].segments[0]);
    if (!wanted->is_gone)
        published->keep_us = loop_now_us(site->loop) + 60000000;
    live_hub_publish(hub, published);
    published_unref(&published);
}

static void publish(enum published_state state, size_t open_parts)
{
    struct state wanted = {.state = state, .open_parts = open_parts, .target_duration = 2};
    web_on_loop(&web, publish_on_loop, &wanted);
}

static void publish_gone(void)
{
    struct state wanted = {.state = PUBLISHED_ENDED, .target_duration = 2, .is_gone = true};
    web_on_loop(&web, publish_on_loop, &wanted);
}

static void publish_opened_on_loop(struct web *site, void *arg)
{
    (void)site;
    (void)arg;
    struct published *opened = published_create(STR(CHANNEL), STR(STREAM), 0);
    opened->audience = audience_create();
    live_hub_publish(hub, opened);
    published_unref(&opened);
}

/* --- Asking --- */

static int ask(const char *method, const char *path, const char *headers)
{
    char text[2048];
    int fd = web_connect(&web);
    (void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, path,
                   headers);
    web_say(fd, text);
    return fd;
}

static struct web_answer get_with(const char *path, const char *headers)
{
    int fd = ask("GET", path, headers);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    return answer;
}

static bool is(const struct web_answer *answer, const char *name, const char *value)
{
    const char *got = web_header(answer, name);
    bool is_right = got != NULL && value != NULL ? strcmp(got, value) == 0 : got == value;
    if (!is_right)
        printf("%s: %s\n", name, got);
    return is_right;
}

/* Status and Cache-Control of one GET. */
static bool gives(const char *path, const char *headers, unsigned status, const char *cache)
{
    struct web_answer answer = get_with(path, headers);
    bool is_right = answer.status == status && is(&answer, "cache-control", cache);
    if (!is_right)
        printf("%s: %u %s\n", path, answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

/* --- */

static void masters_of_channels_that_are_not_live_are_not_found(void)
{
    CHECK(gives("/live/" CHANNEL "/master.m3u8", "", 404, "public, max-age=1"));
    struct web_answer answer = get_with("/live/" CHANNEL "/master.m3u8", "");
    CHECK(strstr(answer.body, "\"ChannelNotBroadcastingException\"") != NULL);
    CHECK(is(&answer, "retry-after", NULL));
    web_forget(&answer);

    web_on_loop(&web, publish_opened_on_loop, NULL);
    answer = get_with("/live/" CHANNEL "/master.m3u8", "");
    CHECK_EQ(404, answer.status);
    CHECK(is(&answer, "retry-after", "1"));
    CHECK(is(&answer, "cache-control", "public, max-age=1"));
    web_forget(&answer);

    publish(PUBLISHED_ENDED, 0);
    CHECK(gives("/live/" CHANNEL "/master.m3u8", "", 404, "public, max-age=1"));
    publish_gone();
}

static void a_master_is_served(void)
{
    publish(PUBLISHED_LIVE, 1);
    struct web_answer answer = get_with("/live/" CHANNEL "/master.m3u8", "");
    CHECK_EQ(200, answer.status);
    CHECK_EQ(0, strcmp("#EXTM3U\n", answer.body));
    CHECK(is(&answer, "content-type", "application/vnd.apple.mpegurl"));
    CHECK(is(&answer, "cache-control", "public, max-age=1"));
    CHECK(is(&answer, "vary", "Accept-Encoding"));
    CHECK(is(&answer, "accept-ranges", "none"));
    CHECK(is(&answer, "access-control-allow-origin", "*"));
    CHECK(is(&answer, "access-control-expose-headers",
             "Age, Date, ETag, Retry-After, Content-Length"));
    CHECK(is(&answer, "timing-allow-origin", "*"));
    CHECK(is(&answer, "cross-origin-resource-policy", "cross-origin"));
    CHECK(is(&answer, "x-content-type-options", "nosniff"));
    CHECK(is(&answer, "access-control-allow-credentials", NULL));
    web_forget(&answer);
    CHECK(
        gives("/live/" CHANNEL "/master.m3u8", "Cookie: klieg_at=x\r\n", 200, "private, no-store"));
    CHECK(gives("/live/" CHANNEL "/master.m3u8", "Authorization: Bearer x\r\n", 200,
                "private, no-store"));
    publish_gone();
}

static void playlists_are_cached_by_what_was_asked_for(void)
{
    static const struct {
        const char *query;
        unsigned status;
        const char *cache;
    } rows[] = {
        {"", 200, "public, max-age=1"},
        {"?x=1", 200, "public, max-age=1"},
        {"?_HLS_skip=YES", 200, "public, max-age=1"},
        {"?_HLS_msn=8&_HLS_part=1", 200, "public, max-age=12"}, /* the newest */
        {"?_HLS_msn=8&_HLS_part=0&_HLS_skip=v2", 200, "public, max-age=12"},
        {"?_HLS_msn=7&_HLS_part=2", 200, "public, max-age=1"}, /* two parts old */
        {"?_HLS_msn=7", 200, "public, max-age=1"},
        {"?_HLS_msn=1", 200, "public, max-age=1"},
        {"?_HLS_msn=10", 400, "no-store"},
        {"?_HLS_msn=8&_HLS_part=99", 400, "no-store"},
        {"?_HLS_part=1", 400, "no-store"},
        {"?_HLS_msn=x", 400, "no-store"},
        {"?_HLS_msn=7&_HLS_msn=7", 400, "no-store"},
    };
    publish(PUBLISHED_LIVE, 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), FOLDER "index.m3u8%s", rows[i].query);
        CHECK(gives(path, "", rows[i].status, rows[i].cache));
    }
    publish_gone();
}

static void playlists_are_packed_if_that_is_accepted(void)
{
    publish(PUBLISHED_LIVE, 2);
    struct web_answer plain = get_with(FOLDER "index.m3u8", "");
    struct web_answer packed = get_with(FOLDER "index.m3u8", "Accept-Encoding: br, gzip\r\n");
    CHECK(is(&plain, "content-encoding", NULL));
    CHECK(is(&packed, "content-encoding", "gzip"));
    CHECK(is(&packed, "vary", "Accept-Encoding"));
    char text[4096] = "";
    z_stream stream = {.next_in = (uint8_t *)packed.body,
                       .avail_in = (uInt)packed.body_len,
                       .next_out = (uint8_t *)text,
                       .avail_out = sizeof(text) - 1};
    CHECK_EQ(Z_OK, inflateInit2(&stream, 16 + MAX_WBITS));
    CHECK_EQ(Z_STREAM_END, inflate(&stream, Z_FINISH));
    CHECK_EQ(Z_OK, inflateEnd(&stream));
    CHECK_EQ(0, strcmp(plain.body, text));
    web_forget(&plain);
    web_forget(&packed);
    publish_gone();
}

static void media_is_for_ever(void)
{
    publish(PUBLISHED_LIVE, 2);
    struct web_answer answer = get_with(FOLDER "s8.p1.m4s", "");
    CHECK_EQ(200, answer.status);
    CHECK_EQ(0, strcmp("8.1", answer.body));
    CHECK(is(&answer, "content-type", "video/mp4"));
    CHECK(is(&answer, "cache-control", "public, max-age=31536000, immutable"));
    CHECK(is(&answer, "etag", "\"" STREAM "-720p30-8-1\""));
    CHECK(is(&answer, "accept-ranges", "bytes"));
    CHECK(is(&answer, "access-control-allow-origin", "*"));
    web_forget(&answer);

    answer = get_with(FOLDER "s7.m4s", "Accept-Encoding: gzip\r\n");
    CHECK_EQ(0, strcmp("7.07.17.2", answer.body)); /* its parts, and nothing else */
    CHECK(is(&answer, "etag", "\"" STREAM "-720p30-7\""));
    CHECK(is(&answer, "content-encoding", NULL));
    web_forget(&answer);

    answer = get_with(FOLDER "init-4.mp4", "");
    CHECK_EQ(0, strcmp("init", answer.body));
    CHECK(is(&answer, "etag", "\"" STREAM "-720p30-init-4\""));
    CHECK(is(&answer, "cache-control", "public, max-age=31536000, immutable"));
    web_forget(&answer);
    answer = get_with(FOLDER "s5.m4s", ""); /* no longer listed */
    CHECK_EQ(0, strcmp("5.05.15.2", answer.body));
    CHECK(is(&answer, "cache-control", "public, max-age=31536000, immutable"));
    web_forget(&answer);
    answer = get_with(FOLDER "s5.p1.m4s", "");
    CHECK_EQ(0, strcmp("5.1", answer.body));
    web_forget(&answer);
    publish_gone();
}

static void ranges_and_conditions_are_honoured(void)
{
    publish(PUBLISHED_LIVE, 2);
    struct web_answer answer = get_with(FOLDER "s7.m4s", "Range: bytes=2-4\r\n");
    CHECK_EQ(206, answer.status);
    CHECK_EQ(0, strcmp("07.", answer.body));
    CHECK(is(&answer, "content-range", "bytes 2-4/9"));
    web_forget(&answer);
    CHECK(gives(FOLDER "s7.m4s", "Range: bytes=9-\r\n", 416, "no-store"));
    CHECK(gives(FOLDER "s8.p1.m4s", "If-None-Match: \"" STREAM "-720p30-8-1\"\r\n", 304,
                "public, max-age=31536000, immutable"));
    CHECK(gives(FOLDER "index.m3u8", "Range: bytes=0-3\r\n", 200, "public, max-age=1"));
    publish_gone();
}

static void what_is_not_there_is_not_found(void)
{
    static const char *const paths[] = {
        (FOLDER "s4.m4s"),
        (FOLDER "s8.m4s"), /* still open: segments never block */
        (FOLDER "s7.p3.m4s"),
        (FOLDER "s8.p3.m4s"), /* two ahead */
        (FOLDER "s9.p0.m4s"),
        (FOLDER "init-0.mp4"),
        (FOLDER "s08.p1.m4s"),
        (FOLDER "thumb.jpg"),
        (FOLDER ""),
        /* another rendition, stream or channel; no file */
        ("/live/" CHANNEL "/" STREAM "/1080p30/index.m3u8"),
        ("/live/" CHANNEL "/st-unknown/720p30/index.m3u8"),
        ("/live/otherchannel/" STREAM "/720p30/index.m3u8"),
        ("/live/" CHANNEL "/" STREAM),
        ("/live/" CHANNEL),
        "/live",
    };
    publish(PUBLISHED_LIVE, 2);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        CHECK(gives(paths[i], "", 404, "no-store"));
    publish_gone();
}

static void other_methods_are_not_allowed(void)
{
    publish(PUBLISHED_LIVE, 2);
    int fd = web_connect(&web);
    CHECK_EQ(200, web_status(fd, "HEAD " FOLDER "index.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(200, web_status(fd, "HEAD " FOLDER "s7.m4s HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_EQ(405, web_status(fd, "POST " FOLDER "index.m3u8 HTTP/1.1\r\nHost: a\r\n"
                                 "Content-Length: 0\r\n\r\n"));
    CHECK_EQ(204, web_status(fd, "OPTIONS " FOLDER "index.m3u8 HTTP/1.1\r\nHost: a\r\n"
                                 "Origin: https://b\r\n"
                                 "Access-Control-Request-Method: GET\r\n\r\n"));
    close(fd);
    publish_gone();
}

static bool waits(unsigned count)
{
    for (int i = 0; i < 2000000; i++) {
        if (web_metric(&web, METRIC_HTTP_WAITING_REQUESTS) == (int64_t)count)
            return true;
        sched_yield();
    }
    return false;
}

static void blocked_requests_are_answered_by_what_they_wait_for(void)
{
    publish(PUBLISHED_LIVE, 1);
    int playlist = ask("GET", FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "If-None-Match: *\r\n");
    int delta = ask("GET", FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=2&_HLS_skip=YES", "");
    int part = ask("GET", FOLDER "s8.p1.m4s", "");
    int leaver = ask("GET", FOLDER "s8.p1.m4s", "");
    CHECK(waits(4));
    close(leaver);
    CHECK(waits(3));
    publish(PUBLISHED_LIVE, 2);
    struct web_answer answer = web_read_answer(playlist, false);
    CHECK_EQ(200, answer.status);
    CHECK(is(&answer, "cache-control", "public, max-age=12"));
    CHECK(strstr(answer.body, "s8.p1.m4s") != NULL);
    web_forget(&answer);
    answer = web_read_answer(part, false);
    CHECK_EQ(200, answer.status);
    CHECK_EQ(0, strcmp("8.1", answer.body));
    CHECK(is(&answer, "cache-control", "public, max-age=31536000, immutable"));
    CHECK(is(&answer, "etag", "\"" STREAM "-720p30-8-1\""));
    web_forget(&answer);
    CHECK(waits(1));
    publish(PUBLISHED_LIVE, 3);
    answer = web_read_answer(delta, false);
    CHECK_EQ(200, answer.status);
    web_forget(&answer);
    close(playlist);
    close(delta);
    close(part);
    publish_gone();
}

static void the_end_answers_all(void)
{
    publish(PUBLISHED_LIVE, 1);
    int playlist = ask("GET", FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "");
    int part = ask("GET", FOLDER "s8.p1.m4s", "");
    CHECK(waits(2));
    publish(PUBLISHED_ENDED, 0);
    struct web_answer answer = web_read_answer(playlist, false);
    CHECK_EQ(200, answer.status);
    CHECK(strstr(answer.body, "#EXT-X-ENDLIST") != NULL);
    web_forget(&answer);
    answer = web_read_answer(part, false);
    CHECK_EQ(404, answer.status); /* the hint lapsed */
    CHECK(is(&answer, "cache-control", "no-store"));
    web_forget(&answer);
    close(playlist);
    close(part);
    CHECK(gives(FOLDER "index.m3u8?_HLS_msn=99", "", 200, "public, max-age=1"));
    publish_gone();
}

static void a_hold_ends_with_503(void)
{
    struct state wanted = {.state = PUBLISHED_LIVE, .open_parts = 1};
    web_on_loop(&web, publish_on_loop, &wanted);
    struct web_answer answer = get_with(FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "");
    CHECK_EQ(503, answer.status);
    CHECK(is(&answer, "retry-after", "1"));
    CHECK(is(&answer, "cache-control", "no-store"));
    web_forget(&answer);
    CHECK(gives(FOLDER "s8.p1.m4s", "", 503, "no-store"));
    publish_gone();
}

static void vanished_streams_are_not_found(void)
{
    publish(PUBLISHED_LIVE, 1);
    int fd = ask("GET", FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "");
    CHECK(waits(1));
    publish_gone();
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(404, answer.status);
    web_forget(&answer);
    close(fd);
}

static struct live_waiter crowd[LIVE_MAX_WAITERS_PER_ADDRESS];

static void fill_on_loop(struct web *site, void *arg)
{
    (void)arg;
    struct request from_here = {.loop = site->loop};
    memcpy(from_here.client, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
    struct live_peer peer = {.address = request_client_key(&from_here)};
    struct published *published = live_find_channel(hub_index, STR(CHANNEL));
    for (size_t i = 0; i < LIVE_MAX_WAITERS_PER_ADDRESS; i++) {
        crowd[i].query = (struct reload_query){.has_msn = true, .msn = 8};
        CHECK_EQ(ERR_OK,
                 live_wait(hub_index, &crowd[i], published, &published->renditions[0], &peer));
    }
}

static void empty_on_loop(struct web *site, void *arg)
{
    (void)site;
    (void)arg;
    for (size_t i = 0; i < LIVE_MAX_WAITERS_PER_ADDRESS; i++)
        live_cancel(&crowd[i]);
}

static void too_many_waiters_are_told_so(void)
{
    publish(PUBLISHED_LIVE, 1);
    web_on_loop(&web, fill_on_loop, NULL);
    struct web_answer answer = get_with(FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "");
    CHECK_EQ(429, answer.status);
    CHECK(is(&answer, "retry-after", "1"));
    CHECK(is(&answer, "cache-control", "no-store"));
    web_forget(&answer);
    CHECK(gives(FOLDER "s8.p1.m4s", "", 429, "no-store"));
    CHECK(gives(FOLDER "index.m3u8", "", 200, "public, max-age=1"));
    web_on_loop(&web, empty_on_loop, NULL);
    publish_gone();
}

static void count_on_loop(struct web *site, void *arg)
{
    (void)site;
    *(unsigned *)arg = audience_count(live_find_channel(hub_index, STR(CHANNEL))->audience);
}

static unsigned viewers(void)
{
    unsigned count = 0;
    web_on_loop(&web, count_on_loop, &count);
    return count;
}

static void viewers_are_counted_by_id_or_by_address(void)
{
    publish(PUBLISHED_LIVE, 1);
    CHECK_EQ(0, viewers());
    CHECK(gives("/live/" CHANNEL "/beat?vid=abcdefghijklmnopqrstu_", "User-Agent: a\r\n", 204,
                "no-store"));
    CHECK_EQ(1, viewers());
    CHECK(gives("/live/" CHANNEL "/master.m3u8?vid=abcdefghijklmnopqrstu-", "User-Agent: a\r\n",
                200, "public, max-age=1"));
    CHECK_EQ(2, viewers());
    CHECK(gives("/live/" CHANNEL "/master.m3u8", "User-Agent: b\r\n", 200, "public, max-age=1"));
    CHECK_EQ(2, viewers());
    CHECK(gives(FOLDER "index.m3u8", "User-Agent: a\r\n", 200, "public, max-age=1"));
    CHECK_EQ(2, viewers()); /* has an id */
    CHECK(gives(FOLDER "index.m3u8", "User-Agent: b\r\n", 200, "public, max-age=1"));
    CHECK_EQ(3, viewers());
    CHECK(gives("/live/" CHANNEL "/beat", "", 400, "no-store"));
    CHECK(gives("/live/" CHANNEL "/beat?vid=abcdefghijklmnopqrstu", "", 400, "no-store"));
    CHECK(gives("/live/" CHANNEL "/beat?vid=abcdefghijklmnopqrstu%7e", "", 400, "no-store"));
    CHECK(gives("/live/" CHANNEL "/beat?vid=abcdefghijklmnopqrstuvw", "", 400, "no-store"));
    CHECK_EQ(3, viewers());
    CHECK(gives("/live/nochannel/beat?vid=abcdefghijklmnopqrstuv", "", 204, "no-store"));
    publish_gone();
}

static void drain_on_loop(struct web *site, void *arg)
{
    (void)site;
    (void)arg;
    live_hub_drain(hub);
}

static void draining_turns_waiters_away(void)
{
    publish(PUBLISHED_LIVE, 1);
    int fd = ask("GET", FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "");
    CHECK(waits(1));
    web_on_loop(&web, drain_on_loop, NULL);
    struct web_answer answer = web_read_answer(fd, false);
    CHECK_EQ(503, answer.status);
    CHECK(is(&answer, "retry-after", "1"));
    web_forget(&answer);
    close(fd);
    CHECK(gives(FOLDER "index.m3u8?_HLS_msn=8&_HLS_part=1", "", 503, "no-store"));
    CHECK(gives(FOLDER "index.m3u8", "", 200, "public, max-age=1"));
}

static void add_routes_on_loop(struct web *site, void *arg)
{
    hub = live_hub_create(&site->loop, &site->metrics, 1);
    hub_index = live_hub_index(hub, site->loop);
    live_add_routes(arg, hub_index);
}

int main(void)
{
    struct routes *routes = routes_create(&(struct routes_options){0});
    web.options.on_request = routes_on_request;
    web.options.on_refused = routes_on_refused;
    web.handler_arg = routes;
    web_start(&web);
    web_on_loop(&web, add_routes_on_loop, routes);
    RUN(masters_of_channels_that_are_not_live_are_not_found);
    RUN(a_master_is_served);
    RUN(playlists_are_cached_by_what_was_asked_for);
    RUN(playlists_are_packed_if_that_is_accepted);
    RUN(media_is_for_ever);
    RUN(ranges_and_conditions_are_honoured);
    RUN(what_is_not_there_is_not_found);
    RUN(other_methods_are_not_allowed);
    RUN(blocked_requests_are_answered_by_what_they_wait_for);
    RUN(the_end_answers_all);
    RUN(a_hold_ends_with_503);
    RUN(vanished_streams_are_not_found);
    RUN(too_many_waiters_are_told_so);
    RUN(viewers_are_counted_by_id_or_by_address);
    RUN(draining_turns_waiters_away);
    web_stop(&web);
    live_hub_destroy(hub);
    routes_destroy(routes);
    return check_report();
}
