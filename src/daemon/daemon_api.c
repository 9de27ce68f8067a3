/* What the routes of /api stand on. It depends on the ports in use, so the listeners come first. */
#include "api/config.h"
#include "daemon/daemon.h"
#include "log/log.h"

#include <sodium.h>

enum {
    SECONDS_A_DAY = 86400,
    MAX_HASHING_QUEUE = 64, /* API contract 7.9 */
};
static const int64_t hour_us = INT64_C(3600) * 1000000;

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
}

/* `now` is what may have been reloaded; the rest is as at the start. */
static void publish_config(struct daemon *daemon, const struct options *now)
{
    const struct options *o = &daemon->config.options;
    json_t *config = config_build(&(struct config_facts){
        .version = KLIEG_VERSION,
        .stage_name = o->stage_name,
        .region = o->region,
        .public_url = daemon->addresses.public_url,
        .client_base_url = daemon->addresses.client_base_url,
        .ingest_url = daemon->addresses.ingest_url,
        .channel_type = now->channel_type,
        .auto_verify = now->user_auto_verify,
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
    struct str *published = arena_alloc(&daemon->arena, sizeof(*published));
    *published = (struct str){.at = text, .len = len};
    daemon->config_json = published;
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
        .trust_us = AUTH_TRUST_US,
        .loops = (unsigned)daemon->loop_count,
    });
}

static void create_passwords(struct daemon *daemon)
{
    const struct options_auth *o = &daemon->config.options.auth;
    daemon->passwords =
        passwords_create(&(struct passwords_options){.home = daemon->loops[0],
                                                     .ops_limit = (unsigned)o->argon2_ops_limit,
                                                     .memory_mib = (unsigned)o->argon2_mem_mib,
                                                     .concurrency = (unsigned)o->argon2_concurrency,
                                                     .max_queue = MAX_HASHING_QUEUE});
}

static void create_mail(struct daemon *daemon)
{
    const struct options *o = &daemon->config.options;
    daemon->mail = mail_create(
        &(struct mail_options){.folder = arena_printf(&daemon->arena, "%s/mail", o->data_dir).at,
                               .from = o->mail.from,
                               .client_base_url = daemon->addresses.client_base_url,
                               .logs_links = strcmp(o->mail.driver, "file") == 0});
    if (strcmp(o->mail.driver, "smtp") == 0)
        log_warn("daemon", "this version writes mail to files only", "mail.driver=smtp");
}

static struct accounts_limit limit_of(const struct option_limit *limit)
{
    return (struct accounts_limit){.count = limit->count, .seconds = limit->seconds};
}

static struct provision_site provision_of(struct daemon *daemon, const struct options *now)
{
    return (struct provision_site){.store = daemon->store,
                                   .auth = daemon->auth,
                                   .random = random_system(),
                                   .region = daemon->config.options.region,
                                   .channel_type =
                                       arena_copy(&daemon->arena, str_of(now->channel_type)).at};
}

static void publish_own_channel(struct daemon *daemon, const struct options *now)
{
    struct own_channel_api *api = arena_alloc(&daemon->arena, sizeof(*api));
    *api = (struct own_channel_api){.provision = provision_of(daemon, now),
                                    .public_url = daemon->addresses.public_url,
                                    .ingest_url = daemon->addresses.ingest_url,
                                    .account_id = daemon->config.options.account_id};
    daemon->own_channel = api;
}

static struct account_rules rules_of(struct daemon *daemon, const struct options *now)
{
    const struct option_list *list = &now->sign_up_allowed_domains;
    const char **domains = arena_alloc(&daemon->arena, (list->count + 1) * sizeof(*domains));
    for (size_t i = 0; i < list->count; i++)
        domains[i] = arena_copy(&daemon->arena, str_of(list->items[i])).at;
    return (struct account_rules){.domains = domains,
                                  .domain_count = list->count,
                                  .password_min = daemon->config.options.auth.password_min};
}

static void publish_accounts(struct daemon *daemon, const struct options *now)
{
    const struct options *o = &daemon->config.options;
    struct accounts_api *api = arena_alloc(&daemon->arena, sizeof(*api));
    *api = (struct accounts_api){
        .store = daemon->store,
        .auth = daemon->auth,
        .limiter = daemon->limiter,
        .passwords = daemon->passwords,
        .mail = daemon->mail,
        .random = random_system(),
        .rules = rules_of(daemon, now),
        .is_auto_verified = now->user_auto_verify,
        .provision = provision_of(daemon, now),
        .region = o->region,
        .account_id = o->account_id,
        .refresh_life_us = o->auth.refresh_token_days * 24 * hour_us,
        .session_life_us = o->auth.session_max_days * 24 * hour_us,
        .confirm_life_us = o->auth.confirm_code_hours * hour_us,
        .reset_life_us = o->auth.reset_code_hours * hour_us,
        .max_code_attempts = now->limits.code_per_code,
        .failures = limit_of(&now->limits.sign_in_per_account),
        .mails = limit_of(&now->limits.mail_per_account),
    };
    daemon->accounts = api;
}

void daemon_publish(struct daemon *daemon, const struct options *now)
{
    publish_config(daemon, now);
    publish_own_channel(daemon, now);
    publish_accounts(daemon, now);
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
    create_passwords(daemon);
    create_mail(daemon);
    daemon_publish(daemon, &daemon->config.options);
    for (size_t i = 0; i < daemon->loop_count; i++)
        daemon->nodes[i].routes =
            node_create_routes(&daemon->nodes[i], &daemon->config.options.allowed_origins);
}

void daemon_destroy_api(struct daemon *daemon)
{
    auth_destroy(daemon->auth);
    limiter_destroy(daemon->limiter);
    passwords_destroy(daemon->passwords);
    mail_destroy(daemon->mail);
}
