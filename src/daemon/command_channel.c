/* `klieg channel …`, `klieg migrate`: work on the store, also while the daemon runs. */
#include "base/clock.h"
#include "daemon/addresses.h"
#include "daemon/command.h"
#include "daemon/control.h"

#include <jansson.h>
#include <stdio.h>

static uint16_t read_port(const json_t *ports, const char *name)
{
    return (uint16_t)json_integer_value(json_object_get(ports, name));
}

/* The ports of the running daemon, which may have been chosen by the system; else the options'. */
static struct addresses_ports find_ports(const struct options *options, struct arena *arena)
{
    struct addresses_ports ports = addresses_ports(options);
    struct buf answer;
    buf_init(&answer, CONTROL_MAX_ANSWER);
    unsigned status = 0;
    if (control_ask(control_path(options, arena).at, "GET", STR("/ports"), STR(""), &answer,
                    &status) == ERR_OK &&
        status == 200) {
        json_t *root = json_loadb((const char *)answer.at, answer.len, 0, NULL);
        ports = (struct addresses_ports){.http = read_port(root, "http"),
                                         .https = read_port(root, "https"),
                                         .rtmp = read_port(root, "rtmp"),
                                         .rtmps = read_port(root, "rtmps")};
        json_decref(root);
    }
    buf_finish(&answer);
    return ports;
}

static const char *or_none(const char *url)
{
    return url != NULL ? url : "none";
}

/* One `Name: value` a line, which scripts read: names do not change. */
static void print_channel(struct command_session *session, const struct store_channel *channel,
                          const struct channel_key *key)
{
    const struct options *options = &session->config.options;
    struct addresses_ports ports = find_ports(options, &session->arena);
    struct addresses urls = addresses_build(options, &ports, &session->arena);
    (void)printf("Name:         %s\n"
                 "Channel id:   %s\n"
                 "Stream key:   %s\n"
                 "RTMP URL:     %s\n"
                 "RTMPS URL:    %s\n"
                 "Playback URL: %s/live/%s/master.m3u8\n"
                 "Page URL:     %s/%s\n",
                 channel->name, channel->id.at, key->at, or_none(urls.rtmp_url),
                 or_none(urls.rtmps_url), urls.public_url, channel->id.at, urls.public_url,
                 channel->name);
}

int command_channel_create(const struct arguments *arguments, char *const *environment)
{
    const char *name = arguments->words[2];
    enum channel_name_verdict verdict = channel_name_check(str_of(name));
    if (verdict != CHANNEL_NAME_OK) {
        (void)fprintf(stderr, "klieg: %s\n", channel_name_reason(verdict));
        return EXIT_FAILED;
    }
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    const struct options *options = &session.config.options;
    struct store_new_channel wish = {.name = str_of(name),
                                     .region = str_of(options->region),
                                     .type = options->channel_type,
                                     .random = random_system(),
                                     .now_us = clock_wall_us()};
    struct store_channel channel;
    struct channel_key key;
    enum err err = store_channel_create(session.store, &wish, &session.arena, &channel, &key);
    if (err == ERR_CONFLICT)
        (void)fprintf(stderr, "klieg: the name %s is taken\n", name);
    else if (!err)
        print_channel(&session, &channel, &key);
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

int command_channel_show(const struct arguments *arguments, char *const *environment)
{
    const char *name = arguments->words[2];
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct store_channel channel;
    struct channel_key key;
    enum err err = store_channel_find(session.store, str_of(name), &session.arena, &channel);
    if (!err)
        err = store_channel_show_key(session.store, &channel.id, &key);
    if (err == ERR_NOT_FOUND)
        (void)fprintf(stderr, "klieg: there is no channel %s\n", name);
    else if (err == ERR_DENIED)
        (void)fprintf(stderr, "klieg: the key was stored under another storeKey\n");
    else if (!err)
        print_channel(&session, &channel, &key);
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

static const char *state_of(struct command_session *session, const struct store_channel *channel)
{
    struct store_session newest;
    if (store_session_find_newest(session->store, &channel->id, &session->arena, &newest) != ERR_OK)
        return "offline";
    return newest.live_at_us != 0 && newest.ended_at_us == 0 ? "live" : "offline";
}

int command_channel_list(const struct arguments *arguments, char *const *environment)
{
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct store_channel *channels = NULL;
    size_t count = 0;
    enum err err = store_channel_list(session.store, &session.arena, &channels, &count);
    for (size_t i = 0; !err && i < count; i++)
        (void)printf("%s\t%s\t%s\t%s\n", channels[i].name, channels[i].id.at, channels[i].type,
                     state_of(&session, &channels[i]));
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

int command_migrate(const struct arguments *arguments, char *const *environment)
{
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    (void)puts("The database is up to date.");
    return command_finish(&session, EXIT_OK);
}
