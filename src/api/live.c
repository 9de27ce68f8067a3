#include "api/live.h"

#include "api/errors.h"
#include "base/mem.h"
#include "proto/http/query_reader.h"
#include "proto/m3u8/directives_reader.h"
#include "proto/m3u8/uri_reader.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    VID_LEN = 22, /* base64url characters of a playback id (media 2.12) */
    CACHE_TARGETS = 6,
    ETAG_LEN = 1 + PUBLISHED_STREAM_MAX + 1 + PUBLISHED_RENDITION_MAX + 2 * 21 + 8,
    MAX_CACHE_CONTROL = 48,
};

#define PLAYLIST_TYPE STR("application/vnd.apple.mpegurl")
#define BRIEFLY       STR("public, max-age=1")
#define FOR_EVER      STR("public, max-age=31536000, immutable")

/* A request that waits for a playlist state or a part. */
struct live_request {
    struct live_waiter waiter; /* first: on_wake finds the rest by it */
    struct request *request;
    enum published_text text;
};

/* --- Errors --- */

static void reply_not_found(struct request *request)
{
    errors_reply_status(request, 404);
}

/* Why a request is not answered now, whether it waited or may not wait. */
static void reply_failure(struct request *request, enum err why)
{
    switch (why) {
    case ERR_LIMIT:
        errors_reply(request, &(struct api_error){.status = 429,
                                                  .message = "Too many requests wait already.",
                                                  .retry_after_s = 1});
        break;
    case ERR_NOT_FOUND:
        reply_not_found(request);
        break;
    default:
        errors_reply(request, &(struct api_error){.status = 503,
                                                  .message = "Nothing new was published in time.",
                                                  .retry_after_s = 1});
        break;
    }
}

/* --- Who watches --- */

static bool is_vid(struct str vid)
{
    for (size_t i = 0; i < vid.len; i++) {
        char c = vid.at[i];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return vid.len == VID_LEN;
}

/* Empty when there is none, or it is malformed. */
static struct str vid_of(const struct request *request)
{
    struct str vid;
    if (http_query_find(request->query, STR("vid"), request->arena, &vid) != ERR_OK || !is_vid(vid))
        return STR("");
    return vid;
}

static void see_viewer(struct live_index *index, struct published *published,
                       const struct request *request, struct str vid)
{
    struct live_sighting seen = {
        .address = request_client_key(request),
        .user_agent = request_header(request, STR("user-agent")),
        .vid = vid,
    };
    live_saw_viewer(index, published, &seen);
}

static void on_beat(struct request *request, void *arg)
{
    struct live_index *index = arg;
    struct str vid = vid_of(request);
    if (vid.len == 0) {
        errors_reply(request, &(struct api_error){.status = 400,
                                                  .message = "vid must be 22 base64url characters.",
                                                  .field = "vid"});
        return;
    }
    struct published *published = live_find_channel(index, routes_param(request, "channel"));
    if (published != NULL && published->state != PUBLISHED_ENDED)
        see_viewer(index, published, request, vid);
    request_reply(request, &(struct reply){.status = 204, .cache_control = STR("no-store")});
}

/* --- Multivariant playlist --- */

static void reply_text(struct request *request, struct chunk *text, bool gzip,
                       struct str cache_control)
{
    static const struct http_header headers[] = {
        {{"vary", 4}, {"Accept-Encoding", 15}},
        {{"accept-ranges", 13}, {"none", 4}},
    };
    struct slice body = slice_of(text);
    request_reply(request, &(struct reply){
                               .status = 200,
                               .content_type = PLAYLIST_TYPE,
                               .cache_control = cache_control,
                               .content_encoding = gzip ? STR("gzip") : STR(""),
                               .headers = headers,
                               .header_count = sizeof(headers) / sizeof(headers[0]),
                               .slices = &body,
                               .slice_count = 1,
                               .is_unqualified = true,
                           });
}

static bool accepts_gzip(const struct request *request)
{
    return (request->codings & HTTP_GZIP) != 0;
}

static bool has_sign_in(const struct request *request)
{
    return request_header(request, STR("authorization")).len > 0 ||
           request_header(request, STR("cookie")).len > 0;
}

static void on_master(struct request *request, void *arg)
{
    struct live_index *index = arg;
    struct published *published = live_find_channel(index, routes_param(request, "channel"));
    bool is_live = published != NULL && published->state != PUBLISHED_ENDED;
    if (!is_live || published->master == NULL) {
        errors_reply(request, &(struct api_error){.status = 404,
                                                  .type = "ChannelNotBroadcasting",
                                                  .message = "The channel is not live.",
                                                  .retry_after_s = is_live ? 1 : 0,
                                                  .cache_control = "public, max-age=1"});
        return;
    }
    struct str vid = vid_of(request);
    if (vid.len > 0)
        see_viewer(index, published, request, vid);
    bool gzip = accepts_gzip(request);
    reply_text(request, published_master(published, gzip), gzip,
               has_sign_in(request) ? STR("private, no-store") : BRIEFLY);
}

/* --- Media: init sections, segments, parts --- */

static void reply_media(struct request *request, const struct published_rendition *rendition,
                        const char *etag, const struct slice *slices, size_t count)
{
    request_reply(
        request, &(struct reply){
                     .status = 200,
                     .content_type = rendition->is_audio_only ? STR("audio/mp4") : STR("video/mp4"),
                     .cache_control = FOR_EVER,
                     .etag = str_of(etag),
                     .slices = slices,
                     .slice_count = count,
                     .has_ranges = true,
                 });
}

static void reply_part(struct request *request, const struct published *published,
                       const struct published_rendition *rendition, const struct m3u8_uri *uri,
                       const struct slice *part)
{
    char etag[ETAG_LEN];
    (void)snprintf(etag, sizeof(etag), "\"%s-%s-%" PRIu64 "-%" PRIu64 "\"", published->stream_id,
                   rendition->id, uri->number, uri->part); /* fits */
    reply_media(request, rendition, etag, part, 1);
}

/* The parts of a segment that went to a file lie side by side in it: one slice. */
static size_t join_slices(const struct published_segment *segment, struct slice *out)
{
    size_t count = 0;
    for (size_t i = 0; i < segment->slice_count; i++) {
        const struct slice *slice = &segment->slices[i];
        struct slice *last = count > 0 ? &out[count - 1] : NULL;
        if (last != NULL && last->chunk == slice->chunk && last->at + last->len == slice->at)
            last->len += slice->len;
        else
            out[count++] = *slice;
    }
    return count;
}

static void reply_segment(struct request *request, const struct published *published,
                          const struct published_rendition *rendition, uint64_t msn)
{
    const struct published_segment *segment = published_find_segment(rendition, msn);
    if (segment == NULL || segment->slice_count > REQUEST_MAX_SLICES) {
        reply_not_found(request);
        return;
    }
    struct slice slices[REQUEST_MAX_SLICES];
    char etag[ETAG_LEN];
    (void)snprintf(etag, sizeof(etag), "\"%s-%s-%" PRIu64 "\"", published->stream_id, rendition->id,
                   msn); /* fits */
    reply_media(request, rendition, etag, slices, join_slices(segment, slices));
}

static void reply_init(struct request *request, const struct published *published,
                       const struct published_rendition *rendition, uint64_t number)
{
    struct chunk *init = published_find_init(rendition, number);
    if (init == NULL) {
        reply_not_found(request);
        return;
    }
    struct slice slice = slice_of(init);
    char etag[ETAG_LEN];
    (void)snprintf(etag, sizeof(etag), "\"%s-%s-init-%" PRIu64 "\"", published->stream_id,
                   rendition->id, number); /* fits */
    reply_media(request, rendition, etag, &slice, 1);
}

/* --- Media playlists --- */

/* An answer that many will ask for may be kept by caches for as long as it can be of use. */
static void reply_playlist(struct request *request, struct published *published,
                           struct published_rendition *rendition, enum published_text text,
                           bool is_newest)
{
    char cache_control[MAX_CACHE_CONTROL];
    (void)snprintf(cache_control, sizeof(cache_control), "public, max-age=%u",
                   is_newest ? CACHE_TARGETS * rendition->target_duration : 1); /* fits */
    bool gzip = accepts_gzip(request);
    reply_text(request, published_playlist(published, rendition, text, gzip), gzip,
               str_of(cache_control));
}

/* --- Waiting --- */

static void answer_part(struct live_request *waiting, const struct published *published,
                        const struct published_rendition *rendition)
{
    const struct reload_query *query = &waiting->waiter.query;
    const struct slice *part = published_find_part(rendition, query->msn, query->part);
    struct m3u8_uri uri = {.kind = M3U8_PART, .number = query->msn, .part = query->part};
    if (part != NULL)
        reply_part(waiting->request, published, rendition, &uri, part);
    else
        reply_not_found(waiting->request);
}

static void on_wake(struct live_waiter *waiter, enum err why, struct published *published,
                    struct published_rendition *rendition)
{
    struct live_request *waiting = (struct live_request *)(void *)waiter;
    if (why)
        reply_failure(waiting->request, why);
    else if (waiter->wanted == LIVE_PART)
        answer_part(waiting, published, rendition);
    else
        reply_playlist(waiting->request, published, rendition, waiting->text, true);
    mem_free(waiting);
}

static void on_gone(struct request *request, void *arg)
{
    struct live_request *waiting = arg;
    (void)request; /* it ends by itself */
    live_cancel(&waiting->waiter);
    mem_free(waiting);
}

struct wanted {
    enum live_wanted what;
    struct reload_query query;
    enum published_text text;
};

static void wait_for(struct live_index *index, struct request *request, struct published *published,
                     const struct published_rendition *rendition, const struct wanted *wanted)
{
    struct live_request *waiting = mem_zalloc(1, sizeof(*waiting));
    waiting->waiter.wanted = wanted->what;
    waiting->waiter.query = wanted->query;
    waiting->waiter.on_wake = on_wake;
    waiting->request = request;
    waiting->text = wanted->text;
    struct live_peer peer = {.address = request_client_key(request),
                             .is_trusted = request->is_from_proxy};
    enum err err = live_wait(index, &waiting->waiter, published, rendition, &peer);
    if (err) {
        mem_free(waiting);
        reply_failure(request, err);
        return;
    }
    request_keep(request, on_gone, waiting);
}

/* --- A rendition's folder --- */

static void get_part(struct live_index *index, struct request *request, struct published *published,
                     const struct published_rendition *rendition, const struct m3u8_uri *uri)
{
    const struct slice *part = published_find_part(rendition, uri->number, uri->part);
    if (part != NULL) {
        reply_part(request, published, rendition, uri, part);
        return;
    }
    struct reload_state state = published_reload_state(published, rendition);
    if (reload_part(&state, uri->number, uri->part) != RELOAD_WAIT) {
        reply_not_found(request);
        return;
    }
    struct wanted wanted = {
        .what = LIVE_PART,
        .query = {.has_msn = true, .has_part = true, .msn = uri->number, .part = uri->part},
    };
    wait_for(index, request, published, rendition, &wanted);
}

static void reply_bad_directives(struct request *request, const char *message)
{
    errors_reply(request, &(struct api_error){.status = 400, .message = message});
}

static void get_playlist(struct live_index *index, struct request *request,
                         struct published *published, struct published_rendition *rendition)
{
    struct m3u8_directives directives;
    if (m3u8_read_directives(request->query, &directives) != ERR_OK) {
        reply_bad_directives(request, "_HLS_msn and _HLS_part must be decimal numbers, given once, "
                                      "and a part needs a msn.");
        return;
    }
    see_viewer(index, published, request, STR(""));
    struct wanted wanted = {
        .what = LIVE_PLAYLIST,
        .query = {.has_msn = directives.has_msn,
                  .has_part = directives.has_part,
                  .msn = directives.msn,
                  .part = directives.part},
        .text = directives.skip ? PUBLISHED_DELTA : PUBLISHED_FULL,
    };
    struct reload_state state = published_reload_state(published, rendition);
    enum reload_verdict verdict = reload_playlist(&state, &wanted.query);
    if (verdict == RELOAD_WAIT)
        wait_for(index, request, published, rendition, &wanted);
    else if (verdict == RELOAD_BAD)
        reply_bad_directives(request, "That part of the stream is too far ahead.");
    else
        reply_playlist(request, published, rendition, wanted.text, verdict == RELOAD_NEWEST);
}

static void on_file(struct request *request, void *arg)
{
    struct live_index *index = arg;
    struct m3u8_uri uri;
    struct published *published =
        live_find_stream(index, routes_param(request, "channel"), routes_param(request, "stream"));
    struct published_rendition *rendition =
        published != NULL ? published_find_rendition(published, routes_param(request, "rendition"))
                          : NULL;
    if (rendition == NULL || m3u8_read_uri(routes_param(request, "file"), &uri) != ERR_OK) {
        reply_not_found(request);
        return;
    }
    switch (uri.kind) {
    case M3U8_PLAYLIST:
        get_playlist(index, request, published, rendition);
        break;
    case M3U8_INIT:
        reply_init(request, published, rendition, uri.number);
        break;
    case M3U8_SEGMENT:
        reply_segment(request, published, rendition, uri.number);
        break;
    case M3U8_PART:
        get_part(index, request, published, rendition, &uri);
        break;
    }
}

void live_add_routes(struct routes *routes, struct live_index *index)
{
    static const struct route table[] = {
        {HTTP_GET, "/live/:channel/master.m3u8", on_master, .cors = ROUTE_CORS_ANY},
        {HTTP_GET, "/live/:channel/beat", on_beat, .cors = ROUTE_CORS_ANY},
        {HTTP_GET, "/live/:channel/:stream/:rendition/:file", on_file, .cors = ROUTE_CORS_ANY},
    };
    routes_add(routes, table, sizeof(table) / sizeof(table[0]), index);
}
