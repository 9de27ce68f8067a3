#include "api/config.h"

#include "check.h"

#include <string.h>

static struct config_facts facts(const char *public_url)
{
    return (struct config_facts){.version = "1.0.0",
                                 .stage_name = "prod",
                                 .region = "us-west-2",
                                 .public_url = public_url,
                                 .client_base_url = "https://www.example",
                                 .ingest_url = "rtmps://klieg.example:1936/app/",
                                 .channel_type = "STANDARD",
                                 .auto_verify = true,
                                 .stages = true,
                                 .chat_message = 400,
                                 .avatar_bytes = 1000000,
                                 .banner_bytes = 5000000,
                                 .password_min = 9};
}

static bool is_text(const json_t *object, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && strcmp(text, wanted) == 0;
}

static void urls_follow_the_public_one(void)
{
    struct config_facts secure = facts("https://klieg.example");
    json_t *config = config_build(&secure);
    CHECK(is_text(config, "chatUrl", "wss://klieg.example/chat"));
    CHECK(is_text(config, "eventsUrl", "wss://klieg.example/api/events"));
    CHECK(is_text(config, "whipUrl", "https://klieg.example/whip"));
    CHECK(is_text(config, "clientBaseUrl", "https://www.example"));
    CHECK(is_text(config, "ingestServerUrl", "rtmps://klieg.example:1936/app/"));
    json_decref(config);

    struct config_facts plain = facts("http://localhost:8080");
    config = config_build(&plain);
    CHECK(is_text(config, "chatUrl", "ws://localhost:8080/chat"));
    json_decref(config);
}

static void every_member_of_the_contract_is_there(void)
{
    static const char *const keys[] = {"version",       "ingestServerUrl", "stageName",   "region",
                                       "clientBaseUrl", "chatUrl",         "eventsUrl",   "whipUrl",
                                       "mediaOrigins",  "features",        "channelType", "avatars",
                                       "colors",        "limits"};
    struct config_facts some = facts("https://klieg.example");
    json_t *config = config_build(&some);
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        CHECK(json_object_get(config, keys[i]) != NULL);
    CHECK_EQ(sizeof(keys) / sizeof(*keys), json_object_size(config));
    CHECK_EQ(14, json_array_size(json_object_get(config, "avatars")));
    CHECK_EQ(7, json_array_size(json_object_get(config, "colors")));

    json_t *features = json_object_get(config, "features");
    CHECK_EQ(5, json_object_size(features));
    CHECK(json_is_true(json_object_get(features, "autoVerify")));
    CHECK(json_is_false(json_object_get(features, "amazonProducts")));
    json_decref(config);
}

static void limits_are_those_of_the_options_and_the_contract(void)
{
    struct config_facts some = facts("https://klieg.example");
    json_t *config = config_build(&some);
    json_t *wanted = json_loads(
        "{\"username\":[4,20],\"password\":[9,256],\"chatMessage\":400,\"title\":140,"
        "\"avatarBytes\":1000000,\"bannerBytes\":5000000,"
        "\"quiz\":{\"question\":256,\"answers\":[3,5],\"answer\":128,\"duration\":[5,30,15]},"
        "\"poll\":{\"question\":256,\"options\":[2,5],\"option\":40,\"duration\":[10,120,15]},"
        "\"product\":{\"title\":32,\"price\":10,\"imageUrl\":256,\"description\":256},"
        "\"notice\":{\"title\":24,\"message\":256,\"duration\":[5,30,15]},"
        "\"celebration\":{\"duration\":10},\"stagePublishers\":12}",
        0, NULL);
    CHECK(wanted != NULL && json_equal(wanted, json_object_get(config, "limits")));
    json_decref(wanted);
    json_decref(config);
}

int main(void)
{
    RUN(urls_follow_the_public_one);
    RUN(every_member_of_the_contract_is_there);
    RUN(limits_are_those_of_the_options_and_the_contract);
    return check_report();
}
