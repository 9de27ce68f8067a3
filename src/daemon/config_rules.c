/* What ties options together: rules that no single row of the table can state (api 7.2-7.12). */
#include "base/text.h"
#include "daemon/config.h"

#include <stdio.h>

static bool is_set(const char *text)
{
    return text[0] != '\0';
}

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

/* Where an option got its value: the place to change. */
static void refuse(const struct config *config, struct config_problems *problems, const char *path,
                   const char *what)
{
    const struct option *option = options_find(str_of(path));
    struct config_origin origin = config->origins[option - options_table];
    struct buf where;
    buf_init(&where, 512);
    switch (origin.place) {
    case CONFIG_FILE:
        buf_printf(&where, "%s:%u: resourceConfig.%s.%s", config->file, origin.line,
                   config->options.stage, path);
        break;
    case CONFIG_ENVIRONMENT:
        config_put_variable(str_of(path), &where);
        break;
    case CONFIG_COMMAND_LINE:
        buf_printf(&where, "--set %s", path);
        break;
    case CONFIG_DEFAULT:
        buf_printf(&where, "default of %s", path);
        break;
    }
    buf_put(&where, "", 1);
    config_add_problem(problems, (const char *)where.at, "%s", what);
    buf_finish(&where);
}

struct rule {
    bool (*is_broken)(const struct options *);
    const char *path; /* the option to name */
    const char *what;
};

static bool is_dev(const struct options *o)
{
    return is(o->stage, "dev");
}

static bool is_public_url_open(const struct options *o)
{
    static const char localhost[] = "http://localhost";
    const char *url = o->http.public_url;
    if (is_dev(o) || !is_set(url) || strncmp(url, "https://", 8) == 0)
        return false;
    size_t len = sizeof(localhost) - 1;
    return strncmp(url, localhost, len) != 0 || (url[len] != '\0' && url[len] != ':');
}

static bool has_half_http_tls(const struct options *o)
{
    return is_set(o->http.tls.cert_file) != is_set(o->http.tls.key_file);
}

static bool has_half_rtmp_tls(const struct options *o)
{
    return is_set(o->rtmp.tls.cert_file) != is_set(o->rtmp.tls.key_file);
}

static bool lacks_http_certificate(const struct options *o)
{
    return !is_dev(o) && is_set(o->http.tls_listen) && !is_set(o->http.tls.cert_file);
}

static bool lacks_rtmp_certificate(const struct options *o)
{
    return !is_dev(o) && is_set(o->rtmp.tls_listen) && !is_set(o->rtmp.tls.cert_file) &&
           !is_set(o->http.tls.cert_file);
}

static bool has_no_listener(const struct options *o)
{
    return !is_set(o->http.listen) && !is_set(o->http.tls_listen);
}

static bool cannot_scale(const struct options *o)
{
    return !is(o->store.driver, "postgres") || !is(o->bus.driver, "nats");
}

static bool is_separate_alone(const struct options *o)
{
    return o->deploy_separate_containers && cannot_scale(o);
}

static bool is_scaled_alone(const struct options *o)
{
    return o->min_scaling_capacity > 1 && cannot_scale(o);
}

static bool has_idle_preset(const struct options *o)
{
    return is_set(o->transcode_preset) && strncmp(o->channel_type, "ADVANCED", 8) != 0;
}

static bool is_multitrack_not_standard(const struct options *o)
{
    return o->multitrack.enabled && !is(o->channel_type, "STANDARD");
}

static bool is_multitrack_without_resolution(const struct options *o)
{
    return o->multitrack.enabled && !is_set(o->multitrack.maximum_resolution);
}

static bool is_multitrack_without_policy(const struct options *o)
{
    return o->multitrack.enabled && !is_set(o->multitrack.policy);
}

static bool is_nats_on_sqlite(const struct options *o)
{
    return is(o->bus.driver, "nats") && !is(o->store.driver, "postgres");
}

static bool is_nats_without_url(const struct options *o)
{
    return is(o->bus.driver, "nats") && !is_set(o->bus.url);
}

static bool is_postgres_without_url(const struct options *o)
{
    return is(o->store.driver, "postgres") && !is_set(o->store.url);
}

static bool is_store_url_foreign(const struct options *o)
{
    const char *url = o->store.url;
    return is_set(url) && strncmp(url, "postgres://", 11) != 0 &&
           strncmp(url, "postgresql://", 13) != 0;
}

static bool has_store_url_password(const struct options *o)
{
    const char *authority = strstr(o->store.url, "://");
    if (authority == NULL)
        return false;
    authority += 3;
    const char *end = authority + strcspn(authority, "/?");
    const char *at = memchr(authority, '@', (size_t)(end - authority));
    return (at != NULL && memchr(authority, ':', (size_t)(at - authority)) != NULL) ||
           strstr(end, "password=") != NULL;
}

static bool is_s3_incomplete(const struct options *o)
{
    return is(o->objects.driver, "s3") &&
           (!is_set(o->objects.endpoint) || !is_set(o->objects.bucket) ||
            !is_set(o->objects.region));
}

static bool is_smtp_incomplete(const struct options *o)
{
    return is(o->mail.driver, "smtp") && (!is_set(o->mail.host) || !is_set(o->mail.from));
}

static bool is_mail_needed(const struct options *o)
{
    return is(o->mail.driver, "none") && !o->user_auto_verify;
}

static bool are_parts_too_long(const struct options *o)
{
    return o->media.part_ms * 2 > o->media.segment_ms;
}

static bool is_refresh_too_long(const struct options *o)
{
    return o->auth.refresh_token_days > o->auth.session_max_days;
}

static const struct rule rules[] = {
    {is_public_url_open, "http.publicUrl", "outside dev it must be https, or http://localhost"},
    {has_no_listener, "http.listen", "must be set, unless http.tlsListen is"},
    {has_half_http_tls, "http.tls.certFile", "http.tls wants certFile and keyFile, or neither"},
    {has_half_rtmp_tls, "rtmp.tls.certFile", "rtmp.tls wants certFile and keyFile, or neither"},
    {lacks_http_certificate, "http.tlsListen", "outside dev it needs http.tls.certFile"},
    {lacks_rtmp_certificate, "rtmp.tlsListen",
     "outside dev it needs rtmp.tls.certFile or http.tls.certFile"},
    {is_separate_alone, "deploySeparateContainers",
     "needs store.driver postgres and bus.driver nats"},
    {is_scaled_alone, "minScalingCapacity",
     "more than 1 needs store.driver postgres and bus.driver nats"},
    {has_idle_preset, "ivsAdvancedChannelTranscodePreset",
     "must be empty unless ivsChannelType is ADVANCED_SD or ADVANCED_HD"},
    {is_multitrack_not_standard, "multitrackInputConfiguration.enabled",
     "true needs ivsChannelType STANDARD"},
    {is_multitrack_without_resolution, "multitrackInputConfiguration.maximumResolution",
     "must be SD, HD or FULL_HD when multitrack input is enabled"},
    {is_multitrack_without_policy, "multitrackInputConfiguration.policy",
     "must be ALLOW or REQUIRE when multitrack input is enabled"},
    {is_nats_on_sqlite, "bus.driver", "nats needs store.driver postgres"},
    {is_nats_without_url, "bus.url", "must be set when bus.driver is nats"},
    {is_postgres_without_url, "store.url", "must be set when store.driver is postgres"},
    {is_store_url_foreign, "store.url", "must begin with postgres://"},
    {has_store_url_password, "store.url",
     "must not hold the password, which is databasePassword of the secrets"},
    {is_s3_incomplete, "objects.driver",
     "s3 needs objects.endpoint, objects.bucket and"
     " objects.region"},
    {is_smtp_incomplete, "mail.driver", "smtp needs mail.host and mail.from"},
    {is_mail_needed, "mail.driver", "none needs enableUserAutoVerify true: nobody could sign in"},
    {are_parts_too_long, "media.partMs", "must be at most half of media.segmentMs"},
    {is_refresh_too_long, "auth.refreshTokenDays", "must not be over auth.sessionMaxDays"},
};

/* Replaces one placeholder, wherever it stands first. */
static const char *fill_in(struct arena *arena, const char *text, const char *placeholder,
                           const char *value)
{
    const char *at = strstr(text, placeholder);
    if (at == NULL)
        return text;
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, value, at + strlen(placeholder))
        .at;
}

static void fill_in_all(struct config *config, const char *ui_dir)
{
    struct options *options = &config->options;
    struct arena *arena = &config->arena;
    options->data_dir = fill_in(arena, options->data_dir, "<stage>", options->stage);
    for (size_t i = 0; i < options_table_len; i++) {
        if (options_table[i].type != OPTION_STRING)
            continue;
        const char **text = (const char **)(void *)((char *)options + options_table[i].offset);
        *text = fill_in(arena, *text, "<data>", options->data_dir);
        *text = fill_in(arena, *text, "<stageName>", options->stage_name);
        *text = fill_in(arena, *text, "<ui>", ui_dir);
    }
}

/* D42: outside dev a certificate switches RTMPS on. */
static void default_rtmps(struct config *config)
{
    struct options *o = &config->options;
    const struct option *option = options_find(STR("rtmp.tlsListen"));
    bool is_default = config->origins[option - options_table].place == CONFIG_DEFAULT;
    if (is_default && !is_dev(o) &&
        (is_set(o->rtmp.tls.cert_file) || is_set(o->http.tls.cert_file)))
        o->rtmp.tls_listen = "0.0.0.0:1936";
}

void config_complete(struct config *config, const char *ui_dir, struct config_problems *problems)
{
    fill_in_all(config, ui_dir);
    default_rtmps(config);
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (rules[i].is_broken(&config->options))
            refuse(config, problems, rules[i].path, rules[i].what);
}

static bool is_from_somewhere(const struct config *config, const char *path)
{
    const struct option *option = options_find(str_of(path));
    return config->origins[option - options_table].place != CONFIG_DEFAULT;
}

void config_warn(const struct config *config, void (*warn)(const char *text, void *arg), void *arg)
{
    const struct options *o = &config->options;
    if (is_from_somewhere(config, "maxAzs") || is_from_somewhere(config, "natGateways"))
        warn("maxAzs and natGateways are accepted, but without effect", arg);
    if (!is_dev(o) && is(o->mail.driver, "file"))
        warn("mail.driver is file: mails are written to disk and reach nobody", arg);
    if (o->roles.count != 1 || !is(o->roles.items[0], "all"))
        warn("roles are not told apart yet: this process runs them all", arg);
    if (o->media.part_ms < 200 || o->media.part_ms > 500)
        warn("media.partMs should be 200 to 500", arg);
}
