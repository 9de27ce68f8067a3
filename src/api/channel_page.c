#include "api/channel_page.h"

#include "base/buf.h"
#include "base/clock.h"

enum { MAX_TEXT = 4200, PARTS = 3 };

static json_t *time_or_null(int64_t wall_us)
{
    char text[CLOCK_ISO_LEN + 1];
    if (wall_us == 0)
        return json_null();
    clock_format_iso(wall_us, text);
    return json_string(text);
}

static json_t *take_text(struct buf *text)
{
    json_t *value = json_stringn((const char *)text->at, text->len);
    buf_finish(text);
    return value;
}

static json_t *build_arn(const struct channel_page_site *site, const struct store_channel *channel)
{
    struct buf arn;
    buf_init(&arn, MAX_TEXT);
    channel_put_arn(&arn, str_of(site->region), str_of(site->account_id), str_of(channel->id.at));
    return take_text(&arn);
}

static json_t *build_playback_url(const struct channel_page_site *site,
                                  const struct store_channel *channel)
{
    struct buf url;
    buf_init(&url, MAX_TEXT);
    buf_printf(&url, "%s/live/%s/master.m3u8", site->public_url, channel->id.at);
    return take_text(&url);
}

/* A text from the store that is JSON; it was when it was written. */
static json_t *parse(const char *text, json_t *otherwise)
{
    json_t *value = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (value == NULL)
        return otherwise;
    json_decref(otherwise);
    return value;
}

static json_t *build_identity(const struct channel_page_site *site,
                              const struct store_channel *channel)
{
    return json_pack("{ss ss ss s{} ss so ss}", "username", channel->name, "avatar",
                     channel->avatar, "color", channel->color, "channelAssetUrls", "channelId",
                     channel->id.at, "channelArn", build_arn(site, channel), "trackingId",
                     channel->tracking_id);
}

static json_t *build_viewer(void)
{
    return json_pack("{sb sb sb ss sn}", "isViewerBanned", 0, "isChannelBanned", 0,
                     "isViewerFollowing", 0, "viewerRole", "anonymous", "viewerTimeoutExpiresAt");
}

static json_t *build_about(const struct channel_page_site *site,
                           const struct store_channel *channel)
{
    return json_pack(
        "{sn sn sI ss sn so ss? sb ss so sn sn s{si sn sn sI}}", "stageId", "stageCreationDate",
        "followerCount", (json_int_t)channel->follower_count, "title", channel->title, "category",
        "tags", parse(channel->tags, json_array()), "language", channel->language, "mature",
        channel->mature, "bio", channel->bio, "playbackUrl", build_playback_url(site, channel),
        "activeAction", "activePoll", "chatSettings", "slowModeSeconds", 0, "followersOnlyMinutes",
        "accountAgeMinutes", "maximumMessageLength", (json_int_t)site->maximum_message_length);
}

static json_t *build_stream(const struct store_session *session, unsigned viewers)
{
    bool is_live = session != NULL && session->live_at_us != 0 && session->ended_at_us == 0;
    json_t *stream = json_pack("{sb}", "isLive", is_live);
    if (is_live) {
        (void)json_object_set_new(stream, "startTime", time_or_null(session->started_at_us));
        (void)json_object_set_new(stream, "viewerCount", json_integer(viewers));
        if (session->ingest_config != NULL)
            (void)json_object_set_new(stream, "ingestConfiguration",
                                      parse(session->ingest_config, json_object()));
    } else {
        int64_t ended_us = session != NULL ? session->ended_at_us : 0;
        (void)json_object_set_new(stream, "lastLiveAt", time_or_null(ended_us));
    }
    return stream; /* setting aborts or succeeds */
}

json_t *channel_page_build(const struct channel_page_site *site,
                           const struct store_channel *channel, const struct store_session *session,
                           unsigned viewers)
{
    json_t *page = build_identity(site, channel);
    json_t *parts[PARTS] = {build_viewer(), build_stream(session, viewers),
                            build_about(site, channel)};
    for (size_t i = 0; i < PARTS; i++) {
        (void)json_object_update(page, parts[i]); /* aborts or succeeds */
        json_decref(parts[i]);
    }
    return page;
}
