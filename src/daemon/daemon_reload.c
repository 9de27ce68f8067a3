/*
 * SIGHUP: what may change while the daemon runs. The configuration it started with stays as it is,
 * since others borrow its texts; what a reload brings is applied from here. Runs on the main
 * thread.
 */
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/options_value.h"
#include "log/log.h"

struct new_routes {
    struct node *node;
    struct routes *routes;
};

enum err daemon_open_log(const struct options_log *options, const char *level_name)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    enum log_level level = LOG_LEVEL_ERROR;
    while (level < LOG_LEVEL_DEBUG && strcmp(levels[level], level_name) != 0)
        level++;
    return log_open(&(struct log_options){
        .level = level, .json = strcmp(options->format, "json") == 0, .file = options->file});
}

static void swap_routes(struct loop *loop, void *arg)
{
    (void)loop;
    struct new_routes *new_routes = arg;
    node_replace_routes(new_routes->node, new_routes->routes);
    mem_free(new_routes);
}

static void replace_routes(struct daemon *daemon, const struct option_list *origins)
{
    for (size_t i = 0; i < daemon->loop_count; i++) {
        struct new_routes *new_routes = mem_zalloc(1, sizeof(*new_routes));
        new_routes->node = &daemon->nodes[i];
        new_routes->routes = node_create_routes(&daemon->nodes[i], origins);
        loop_post(daemon->loops[i], swap_routes, new_routes);
    }
}

static void log_problems(const struct config_problems *problems)
{
    struct str rest = buf_str(&problems->text);
    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.at) : rest.len;
        log_error("config", "not reloaded", "problem=%s",
                  log_quote((struct str){.at = rest.at, .len = len}).at);
        rest = (struct str){.at = rest.at + len + 1, .len = rest.len - len - (end != NULL)};
    }
}

static bool has_changed(const struct config *before, const struct config *after, const char *path)
{
    return !options_equal(options_find(str_of(path)), &before->options, &after->options);
}

/* What routes are made from. */
static bool have_routes_changed(const struct config *before, const struct config *after)
{
    static const char *const paths[] = {
        "allowedOrigins",          "enableUserAutoVerify",  "signUpAllowedDomains",
        "ivsChannelType",          "limits.mailPerAccount", "limits.codePerCode",
        "limits.signInPerAccount",
    };
    bool have_changed = false;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        have_changed |= has_changed(before, after, paths[i]);
    return have_changed;
}

static void apply(struct daemon *daemon, const struct config *before, const struct config *after)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        if (!option->reloads && !options_equal(option, &before->options, &after->options))
            log_warn("config", "needs a restart to change", "option=%s", option->path);
    }
    const struct options *options = &after->options;
    if (has_changed(before, after, "log.level") &&
        daemon_open_log(&daemon->config.options.log, options->log.level) != ERR_OK)
        log_error("config", "cannot open the log file again", NULL);
    if (have_routes_changed(before, after)) {
        daemon_publish(daemon, options);
        replace_routes(daemon, &options->allowed_origins);
    }
    daemon_set_limits(daemon, &options->limits);
}

void daemon_reload(struct daemon *daemon)
{
    struct config *config = mem_zalloc(1, sizeof(*config));
    struct config_problems problems;
    config_problems_init(&problems);
    if (command_read_config(daemon->arguments, daemon->environment, config, &problems) == ERR_OK) {
        apply(daemon, daemon->reloaded != NULL ? daemon->reloaded : &daemon->config, config);
        daemon_forget_reload(daemon);
        daemon->reloaded = config;
        log_info("config", "reloaded", NULL);
    } else {
        log_problems(&problems);
        mem_free(config);
    }
    config_problems_finish(&problems);
}

void daemon_forget_reload(struct daemon *daemon)
{
    if (daemon->reloaded != NULL)
        config_finish(daemon->reloaded);
    mem_free(daemon->reloaded);
    daemon->reloaded = NULL;
}
