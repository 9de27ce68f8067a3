#include "api/config.h"

#include "api/reply.h"
#include "domain/channels/channel.h"

#include <stdio.h>

enum { MAX_URL = 4200, PASSWORD_MAX = 256, STAGE_PUBLISHERS = 12 };

/* The web socket beside an http(s) URL. */
static json_t *socket_url(const char *public_url, const char *path)
{
    const char *rest = strchr(public_url, ':');
    bool is_secure = strncmp(public_url, "https", 5) == 0;
    char url[MAX_URL];
    (void)snprintf(url, sizeof(url), "%s%s%s", is_secure ? "wss" : "ws", rest != NULL ? rest : "",
                   path); /* options are shorter */
    return json_string(url);
}

static json_t *plain_url(const char *public_url, const char *path)
{
    char url[MAX_URL];
    (void)snprintf(url, sizeof(url), "%s%s", public_url, path);
    return json_string(url);
}

static json_t *texts(const char *const *at, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, json_string(at[i])); /* aborts or succeeds */
    return array;
}

static json_t *build_limits(const struct config_facts *facts)
{
    return json_pack(
        "{s[ii] s[Ii] sI si sI sI s{si s[ii] si s[iii]} s{si s[ii] si s[iii]} s{si si si si}"
        " s{si si s[iii]} s{si} si}",
        "username", CHANNEL_NAME_MIN, CHANNEL_NAME_MAX, "password", (json_int_t)facts->password_min,
        PASSWORD_MAX, "chatMessage", (json_int_t)facts->chat_message, "title", 140, "avatarBytes",
        (json_int_t)facts->avatar_bytes, "bannerBytes", (json_int_t)facts->banner_bytes, "quiz",
        "question", 256, "answers", 3, 5, "answer", 128, "duration", 5, 30, 15, "poll", "question",
        256, "options", 2, 5, "option", 40, "duration", 10, 120, 15, "product", "title", 32,
        "price", 10, "imageUrl", 256, "description", 256, "notice", "title", 24, "message", 256,
        "duration", 5, 30, 15, "celebration", "duration", 10, "stagePublishers", STAGE_PUBLISHERS);
}

json_t *config_build(const struct config_facts *facts)
{
    /* Sign-up is told as off until the account endpoints are served. */
    return json_pack("{ss ss ss ss ss so so so s[s] ss s{sb sb sb sb sb} so so so}", "version",
                     facts->version, "stageName", facts->stage_name, "region", facts->region,
                     "clientBaseUrl", facts->client_base_url, "ingestServerUrl", facts->ingest_url,
                     "chatUrl", socket_url(facts->public_url, "/chat"), "eventsUrl",
                     socket_url(facts->public_url, "/api/events"), "whipUrl",
                     plain_url(facts->public_url, "/whip"), "mediaOrigins", facts->public_url,
                     "channelType", facts->channel_type, "features", "signUp", 0, "autoVerify",
                     facts->auto_verify, "anonymousChat", facts->anonymous_chat, "amazonProducts",
                     facts->amazon_products, "stages", facts->stages, "avatars",
                     texts(channel_avatars, CHANNEL_AVATARS), "colors",
                     texts(channel_colors, CHANNEL_COLORS), "limits", build_limits(facts));
}

static void on_config(struct request *request, void *arg)
{
    const struct str *text = arg;
    reply_json_text(request, *text, STR("public, max-age=60"), STR("Origin"));
}

void config_add_routes(struct routes *routes, const struct str *text)
{
    static const struct route table[] = {
        {HTTP_GET, "/api/config", on_config, .cors = ROUTE_CORS_ALLOWED}};
    routes_add(routes, table, 1, (void *)(uintptr_t)text); /* read only */
}
