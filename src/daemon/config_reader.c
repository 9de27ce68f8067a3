/* The file klieg.json: {"resourceConfig":{"dev":{…},"prod":{…}}} (api 7.1). */
#include "daemon/config.h"
#include "daemon/json_lines.h"
#include "daemon/options_value.h"

#include <stdio.h>

enum { MAX_PATH_TEXT = 256 };

/* "klieg.json:14: resourceConfig.dev.http.lsten" */
static void put_where(const struct config_object *target, const char *path, char *out, size_t size)
{
    char whole[MAX_PATH_TEXT];
    (void)snprintf(whole, sizeof(whole), "%s%s", target->prefix, path); /* cut when too long */
    unsigned line = target->text.len > 0 ? json_line_of(target->text, str_of(whole)) : 0;
    if (line > 0)
        (void)snprintf(out, size, "%s:%u: %s", target->source, line, whole);
    else
        (void)snprintf(out, size, "%s: %s", target->source, whole);
}

static void apply_value(const struct config_object *target, const struct option *option,
                        const json_t *value)
{
    struct buf why;
    buf_init(&why, CONFIG_MAX_PROBLEM_BYTES);
    if (options_set(option, value, &target->config->arena, target->options, &why) != ERR_OK) {
        char where[2 * MAX_PATH_TEXT];
        put_where(target, option->path, where, sizeof(where));
        config_add_problem(target->problems, where, "%.*s", (int)why.len, (const char *)why.at);
    } else if (target->is_used) {
        struct config_origin origin = target->origin;
        char whole[MAX_PATH_TEXT];
        (void)snprintf(whole, sizeof(whole), "%s%s", target->prefix, option->path);
        origin.line = target->text.len > 0 ? json_line_of(target->text, str_of(whole)) : 0;
        target->config->origins[option - options_table] = origin;
    }
    buf_finish(&why);
}

static void refuse_key(const struct config_object *target, struct str group, const char *key,
                       const char *path)
{
    struct buf hint;
    buf_init(&hint, CONFIG_MAX_PROBLEM_BYTES);
    config_suggest(group, str_of(key), &hint);
    char where[2 * MAX_PATH_TEXT];
    put_where(target, path, where, sizeof(where));
    config_add_problem(target->problems, where, "unknown key%.*s", (int)hint.len,
                       (const char *)hint.at);
    buf_finish(&hint);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the paths in options_table */
void config_apply_object(const struct config_object *target, struct str group, const json_t *object)
{
    const char *key;
    json_t *value;
    /* jansson asks for a pointer it can iterate with; nothing is changed. */
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char path[MAX_PATH_TEXT];
        (void)snprintf(path, sizeof(path), "%.*s%s%s", (int)group.len, group.at,
                       group.len > 0 ? "." : "", key); /* one that is cut is no option */
        /* A dotted key is a mistake, not a path. */
        bool is_plain = key[0] != '\0' && strchr(key, '.') == NULL;
        const struct option *option = is_plain ? options_find(str_of(path)) : NULL;
        if (option != NULL) {
            apply_value(target, option, value);
        } else if (!is_plain || !config_is_group(str_of(path))) {
            refuse_key(target, group, key, path);
        } else if (json_is_object(value)) {
            config_apply_object(target, str_of(path), value);
        } else {
            char where[2 * MAX_PATH_TEXT];
            put_where(target, path, where, sizeof(where));
            config_add_problem(target->problems, where, "must be an object of options");
        }
    }
}

/* The blocks of other stages are checked in a configuration that is thrown away. */
static void apply_block(struct config *config, struct str text, const char *stage,
                        const json_t *block, struct config_problems *problems)
{
    bool is_used = strcmp(stage, config->options.stage) == 0;
    char prefix[MAX_PATH_TEXT / 2];
    (void)snprintf(prefix, sizeof(prefix), "resourceConfig.%s.", stage); /* for messages */
    struct config_object target = {.config = config,
                                   .options = &config->options,
                                   .is_used = is_used,
                                   .text = text,
                                   .source = config->file,
                                   .prefix = prefix,
                                   .origin = {.place = CONFIG_FILE},
                                   .problems = problems};
    struct options others;
    if (!is_used) {
        others = config->options;
        target.options = &others;
    }
    if (json_is_object(block))
        config_apply_object(&target, (struct str){0}, block);
    else
        config_add_problem(problems, config->file,
                           "resourceConfig.%s: must be an object of options", stage);
}

static void refuse_other_members(const struct config *config, struct str text, const json_t *root,
                                 struct config_problems *problems)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)root, key, value)
    {
        (void)value;
        if (strcmp(key, "resourceConfig") == 0)
            continue;
        char where[MAX_PATH_TEXT];
        (void)snprintf(where, sizeof(where), "%s:%u: %s", config->file,
                       json_line_of(text, str_of(key)), key);
        config_add_problem(problems, where, "unknown key; only \"resourceConfig\" is known here");
    }
}

static void read_blocks(struct config *config, struct str text, const json_t *blocks,
                        struct config_problems *problems)
{
    bool has_block = false;
    const char *stage;
    json_t *block;
    json_object_foreach((json_t *)(uintptr_t)blocks, stage, block)
    {
        has_block = has_block || strcmp(stage, config->options.stage) == 0;
        apply_block(config, text, stage, block, problems);
    }
    bool is_built_in =
        strcmp(config->options.stage, "dev") == 0 || strcmp(config->options.stage, "prod") == 0;
    if (!has_block && !is_built_in)
        config_add_problem(problems, config->file, "resourceConfig: has no block for stage \"%s\"",
                           config->options.stage);
}

void config_read(struct config *config, struct str text, struct config_problems *problems)
{
    json_error_t error;
    json_t *root = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        char where[MAX_PATH_TEXT];
        (void)snprintf(where, sizeof(where), "%s:%d", config->file, error.line);
        config_add_problem(problems, where, "not valid JSON: %s", error.text);
        return;
    }
    const json_t *blocks = json_object_get(root, "resourceConfig");
    refuse_other_members(config, text, root, problems);
    if (json_is_object(blocks))
        read_blocks(config, text, blocks, problems);
    else
        config_add_problem(problems, config->file,
                           "must be {\"resourceConfig\":{\"dev\":{...},\"prod\":{...}}}");
    json_decref(root);
}
