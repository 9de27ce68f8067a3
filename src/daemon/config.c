#include "daemon/config.h"

#include "daemon/options_value.h"

#include <stdarg.h>
#include <stdio.h>

void config_problems_init(struct config_problems *problems)
{
    *problems = (struct config_problems){0};
    buf_init(&problems->text, CONFIG_MAX_PROBLEM_BYTES);
}

void config_problems_finish(struct config_problems *problems)
{
    buf_finish(&problems->text);
}

void config_add_problem(struct config_problems *problems, const char *where, const char *format,
                        ...)
{
    char what[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args); /* cut when too long */
    va_end(args);
    buf_printf(&problems->text, "klieg: %s%s%s\n", where != NULL ? where : "",
               where != NULL ? ": " : "", what);
    problems->count++;
}

void config_init(struct config *config, const char *stage, const char *file)
{
    *config = (struct config){0};
    arena_init(&config->arena, 16384);
    config->file = file;
    config->options.stage = arena_copy(&config->arena, str_of(stage)).at;
    config->origins = arena_alloc(&config->arena, options_table_len * sizeof(*config->origins));
    for (size_t i = 0; i < options_table_len; i++)
        options_set_default(&options_table[i], str_of(stage), &config->arena, &config->options);
}

void config_finish(struct config *config)
{
    arena_finish(&config->arena);
}

bool config_is_group(struct str path)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const char *name = options_table[i].path;
        if (strncmp(name, path.at, path.len) == 0 && name[path.len] == '.')
            return true;
    }
    return false;
}

void config_put_variable(struct str path, struct buf *out)
{
    buf_put_cstr(out, "KLIEG_");
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        if (c >= 'A' && c <= 'Z')
            buf_put_cstr(out, "_");
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if (c == '.')
            c = '_';
        buf_put(out, &c, 1);
    }
}

/* The whole text must be one JSON object; for groups given by environment or command line. */
static void apply_group_text(const struct config_object *target, struct str group, struct str text)
{
    json_t *value = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value))
        config_apply_object(target, group, value);
    else
        config_add_problem(target->problems, target->source, "must be a JSON object of options");
    json_decref(value);
}

static void apply_text(const struct config_object *target, const struct option *option,
                       struct str text)
{
    struct buf why;
    buf_init(&why, CONFIG_MAX_PROBLEM_BYTES);
    if (options_set_text(option, text, &target->config->arena, target->options, &why) != ERR_OK)
        config_add_problem(target->problems, target->source, "%.*s", (int)why.len, why.at);
    else
        target->config->origins[option - options_table] = target->origin;
    buf_finish(&why);
}

static bool is_variable(struct str path, struct str name)
{
    struct buf variable;
    buf_init(&variable, 256);
    config_put_variable(path, &variable);
    bool is_same = str_equal(name, buf_str(&variable));
    buf_finish(&variable);
    return is_same;
}

/* The longest path of `option` that names a group whose variable this is: KLIEG_HTTP_TLS. */
static struct str find_group_of(const struct option *option, struct str name)
{
    for (const char *dot = strchr(option->path, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        struct str group = {.at = option->path, .len = (size_t)(dot - option->path)};
        if (is_variable(group, name))
            return group;
    }
    return (struct str){0};
}

static void apply_variable(struct config *config, struct str name, struct str value,
                           struct config_problems *problems)
{
    char source[128];
    (void)snprintf(source, sizeof(source), "%.*s", (int)name.len, name.at); /* for messages */
    struct config_object target = {.config = config,
                                   .options = &config->options,
                                   .is_used = true,
                                   .source = source,
                                   .prefix = "",
                                   .origin = {.place = CONFIG_ENVIRONMENT},
                                   .problems = problems};
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        if (is_variable(str_of(option->path), name)) {
            apply_text(&target, option, value);
            return;
        }
        struct str group = find_group_of(option, name);
        if (group.len > 0) {
            apply_group_text(&target, group, value);
            return;
        }
    }
    struct buf hint;
    buf_init(&hint, 1024);
    config_suggest_variable(name, &hint);
    config_add_problem(problems, source, "unknown variable%.*s", (int)hint.len,
                       hint.len > 0 ? (const char *)hint.at : "");
    buf_finish(&hint);
}

static bool is_for_others(struct str name)
{
    static const char *const others[] = {"KLIEG_CONFIG", "KLIEG_STAGE", "KLIEG_SLOW_OK",
                                         "KLIEG_TEST_POSTGRES_URL"};
    static const struct str secret = {"KLIEG_SECRET_", 13};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (str_equal(name, str_of(others[i])))
            return true;
    return name.len >= secret.len && memcmp(name.at, secret.at, secret.len) == 0;
}

void config_apply_environment(struct config *config, char *const *environment,
                              struct config_problems *problems)
{
    for (; *environment != NULL; environment++) {
        const char *equals = strchr(*environment, '=');
        if (strncmp(*environment, "KLIEG_", 6) != 0 || equals == NULL)
            continue;
        struct str name = {.at = *environment, .len = (size_t)(equals - *environment)};
        if (!is_for_others(name))
            apply_variable(config, name, str_of(equals + 1), problems);
    }
}

void config_apply_setting(struct config *config, const char *setting,
                          struct config_problems *problems)
{
    const char *equals = strchr(setting, '=');
    if (equals == NULL) {
        config_add_problem(problems, "--set", "wants section.key=value");
        return;
    }
    struct str path = {.at = setting, .len = (size_t)(equals - setting)};
    char source[128];
    (void)snprintf(source, sizeof(source), "--set %.*s", (int)path.len, path.at);
    struct config_object target = {.config = config,
                                   .options = &config->options,
                                   .is_used = true,
                                   .source = source,
                                   .prefix = "",
                                   .origin = {.place = CONFIG_COMMAND_LINE},
                                   .problems = problems};
    const struct option *option = options_find(path);
    if (option != NULL) {
        apply_text(&target, option, str_of(equals + 1));
    } else if (path.len > 0 && config_is_group(path)) {
        apply_group_text(&target, path, str_of(equals + 1));
    } else {
        struct buf hint;
        buf_init(&hint, 8192);
        config_suggest((struct str){0}, path, &hint);
        config_add_problem(problems, source, "unknown option%.*s", (int)hint.len, hint.at);
        buf_finish(&hint);
    }
}
