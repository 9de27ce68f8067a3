#include "api/channel_page.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static const struct channel_page_site site = {.public_url = "https://klieg.example",
                                              .region = "us-west-2",
                                              .account_id = "000000000000",
                                              .maximum_message_length = 500};
static const struct store_channel channel = {.id = {"4WpFQIDqX0pV"},
                                             .name = "Cats",
                                             .type = "BASIC",
                                             .avatar = "bear",
                                             .color = "blue",
                                             .title = "Night \"ride\"",
                                             .bio = "",
                                             .tags = "[\"coast\"]",
                                             .tracking_id = "4wpfqidqx0pv",
                                             .follower_count = 12};
static json_t *page;

static void build(const struct store_session *session, unsigned viewers)
{
    json_decref(page);
    page = channel_page_build(&site, &channel, session, viewers);
    CHECK(page != NULL);
}

static bool has(const char *key, const char *json)
{
    json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);
    bool is_same = json_equal(wanted, json_object_get(page, key));
    if (!is_same)
        printf("%s\n", key);
    json_decref(wanted);
    return is_same;
}

static void a_channel_that_never_was_live(void)
{
    build(NULL, 7);
    CHECK(has("username", "\"Cats\""));
    CHECK(has("channelId", "\"4WpFQIDqX0pV\""));
    CHECK(has("channelArn", "\"arn:aws:ivs:us-west-2:000000000000:channel/4WpFQIDqX0pV\""));
    CHECK(has("playbackUrl", "\"https://klieg.example/live/4WpFQIDqX0pV/master.m3u8\""));
    CHECK(has("title", "\"Night \\\"ride\\\"\""));
    CHECK(has("tags", "[\"coast\"]"));
    CHECK(has("language", "null"));
    CHECK(has("followerCount", "12"));
    CHECK(has("isLive", "false"));
    CHECK(has("lastLiveAt", "null"));
    CHECK(has("activeAction", "null"));
    CHECK(has("channelAssetUrls", "{}"));
    CHECK(json_object_get(page, "viewerCount") == NULL);
    CHECK(json_object_get(page, "startTime") == NULL);
    CHECK(json_object_get(page, "ingestConfiguration") == NULL);
}

static void an_anonymous_viewer_has_no_rights_and_no_marks(void)
{
    build(NULL, 0);
    CHECK(has("viewerRole", "\"anonymous\""));
    CHECK(has("isViewerBanned", "false"));
    CHECK(has("isChannelBanned", "false"));
    CHECK(has("isViewerFollowing", "false"));
    CHECK(has("viewerTimeoutExpiresAt", "null"));
}

static void a_live_channel(void)
{
    build(&(struct store_session){.started_at_us = 1770112800000000,
                                  .live_at_us = 1770112802000000,
                                  .ingest_config = "{\"video\":{\"videoWidth\":1280}}",
                                  .viewers = 3},
          42);
    CHECK(has("isLive", "true"));
    CHECK(has("startTime", "\"2026-02-03T10:00:00.000Z\""));
    CHECK(has("viewerCount", "42"));
    CHECK(has("ingestConfiguration", "{\"video\":{\"videoWidth\":1280}}"));
    CHECK(json_object_get(page, "lastLiveAt") == NULL);
}

static void a_session_that_is_not_playable_yet_is_not_live(void)
{
    build(&(struct store_session){.started_at_us = 1770112800000000}, 0);
    CHECK(has("isLive", "false"));
    CHECK(has("lastLiveAt", "null"));
    CHECK(json_object_get(page, "startTime") == NULL);
}

static void an_ended_session_says_when(void)
{
    build(&(struct store_session){.started_at_us = 1770112800000000,
                                  .live_at_us = 1770112802000000,
                                  .ended_at_us = 1770112803500000,
                                  .ingest_config = "{}"},
          0);
    CHECK(has("isLive", "false"));
    CHECK(has("lastLiveAt", "\"2026-02-03T10:00:03.500Z\""));
    CHECK(json_object_get(page, "ingestConfiguration") == NULL);
}

static void no_key_is_on_the_page(void)
{
    build(NULL, 0);
    char *text = json_dumps(page, 0);
    CHECK(text != NULL && strstr(text, "sk_") == NULL);
    CHECK(text != NULL && strstr(text, "streamKey") == NULL);
    free(text);
}

int main(void)
{
    RUN(a_channel_that_never_was_live);
    RUN(an_anonymous_viewer_has_no_rights_and_no_marks);
    RUN(a_live_channel);
    RUN(a_session_that_is_not_playable_yet_is_not_live);
    RUN(an_ended_session_says_when);
    RUN(no_key_is_on_the_page);
    json_decref(page);
    return check_report();
}
