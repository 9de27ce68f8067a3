/* What the routes of /api stand on. It depends on the ports in use, so the listeners come first. */
#include "api/config.h"
#include "daemon/daemon.h"

#include <sodium.h>

enum { SECONDS_A_DAY = 86400 };

static void publish_addresses(struct daemon *daemon)
{
    const struct options *o = &daemon->config.options;
    daemon->addresses = addresses_build(o, &daemon->ports, &daemon->arena);
    daemon->channels =
        (struct channels_api){.store = daemon->store,
                              .live = daemon->live,
                              .site = {.public_url = daemon->addresses.public_url,
                                       .region = o->region,
                                       .account_id = o->account_id,
                                       .maximum_message_length = o->chat.maximum_message_length}};
    json_t *config = config_build(&(struct config_facts){
        .version = KLIEG_VERSION,
        .stage_name = o->stage_name,
        .region = o->region,
        .public_url = daemon->addresses.public_url,
        .client_base_url = daemon->addresses.client_base_url,
        .ingest_url = daemon->addresses.ingest_url,
        .channel_type = o->channel_type,
        .auto_verify = o->user_auto_verify,
        .anonymous_chat = o->chat.anonymous_view,
        .amazon_products = o->amazon_products,
        .stages = o->stages.enabled,
        .chat_message = o->chat.maximum_message_length,
        .avatar_bytes = o->objects.avatar_max_bytes,
        .banner_bytes = o->objects.banner_max_bytes,
        .password_min = o->auth.password_min,
    });
    size_t len = json_dumpb(config, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(&daemon->arena, len + 1);
    (void)json_dumpb(config, text, len, JSON_COMPACT); /* as long as it just said */
    json_decref(config);
    daemon->config_json = (struct str){.at = text, .len = len};
}

static void create_auth(struct daemon *daemon)
{
    const struct options_auth *o = &daemon->config.options.auth;
    daemon->auth = auth_create(&(struct auth_options){
        .store = daemon->store,
        .public_url = daemon->addresses.public_url,
        .keys = daemon->secrets.jwt_keys,
        .key_count = daemon->secrets.jwt_key_count,
        .token_life_s = o->access_token_minutes * 60,
        .cookie_life_s = o->refresh_token_days * SECONDS_A_DAY,
        .loops = (unsigned)daemon->loop_count,
    });
}

void daemon_set_limits(struct daemon *daemon, const struct options_limits *limits)
{
    const struct {
        enum limiter_class class;
        const struct option_limit *limit;
    } rows[] = {
        {LIMITER_READ, &limits->read},
        {LIMITER_WRITE, &limits->write},
        {LIMITER_SIGN_IN, &limits->sign_in_per_address},
        {LIMITER_REGISTER, &limits->register_per_address},
        {LIMITER_MAIL, &limits->mail_per_address},
        {LIMITER_CODE, &limits->code_per_address},
        {LIMITER_REFRESH, &limits->refresh_per_session},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        limiter_set(daemon->limiter, rows[i].class,
                    &(struct limiter_limit){.count = rows[i].limit->count,
                                            .seconds = rows[i].limit->seconds,
                                            .burst = rows[i].limit->burst});
}

void daemon_create_api(struct daemon *daemon)
{
    publish_addresses(daemon);
    create_auth(daemon);
    daemon->limiter = limiter_create();
    daemon_set_limits(daemon, &daemon->config.options.limits);
    for (size_t i = 0; i < daemon->loop_count; i++)
        daemon->nodes[i].routes =
            node_create_routes(&daemon->nodes[i], &daemon->config.options.allowed_origins);
}

void daemon_destroy_api(struct daemon *daemon)
{
    auth_destroy(daemon->auth);
    limiter_destroy(daemon->limiter);
}
