/* `klieg config …`: what the table of options yields for people. */
#include "base/mem.h"
#include "base/text.h"
#include "daemon/command.h"
#include "daemon/options_value.h"

#include <stdio.h>

/* Puts a value where its path says, making the objects on the way. */
static void put_at_path(json_t *root, const char *path, json_t *value)
{
    struct str rest = str_of(path);
    json_t *object = root;
    for (;;) {
        struct str key = text_cut(rest, '.', &rest);
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", (int)key.len, key.at); /* paths are ours */
        if (rest.len == 0) {
            (void)json_object_set_new(object, name, value); /* aborts or succeeds */
            return;
        }
        if (json_object_get(object, name) == NULL)
            (void)json_object_set_new(object, name, json_object());
        object = json_object_get(object, name);
    }
}

static json_t *block_of(const struct options *options)
{
    json_t *block = json_object();
    for (size_t i = 0; i < options_table_len; i++)
        put_at_path(block, options_table[i].path, options_get(&options_table[i], options));
    return block;
}

/* scheme://user:password@host: the password goes. */
static void mask_password(json_t *block, const char *section, const char *key)
{
    json_t *object = json_object_get(block, section);
    const char *url = json_string_value(json_object_get(object, key));
    const char *scheme = strstr(url, "://");
    const char *at = strrchr(url, '@');
    const char *colon = scheme != NULL && at != NULL ? strchr(scheme + 3, ':') : NULL;
    if (colon == NULL || colon > at)
        return;
    json_t *masked = json_sprintf("%.*s:***%s", (int)(colon - url), url, at);
    (void)json_object_set_new(object, key, masked); /* aborts or succeeds */
}

static int print_json(json_t *root)
{
    int failed = json_dumpf(root, stdout, JSON_INDENT(2));
    (void)putchar('\n'); /* fails with the dump */
    json_decref(root);
    return failed == 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

static void print_warning(const char *text, void *arg)
{
    (void)arg;
    (void)fprintf(stderr, "klieg: warning: %s\n", text);
}

int command_config_check(const struct arguments *arguments, char *const *environment)
{
    struct config config;
    if (command_load_config(arguments, environment, &config) != ERR_OK)
        return EXIT_CONFIG;
    config_warn(&config, print_warning, NULL);
    json_t *block = block_of(&config.options);
    mask_password(block, "store", "url");
    mask_password(block, "bus", "url");
    json_t *root = json_pack("{s{so}}", "resourceConfig", config.options.stage, block);
    int status = print_json(root);
    config_finish(&config);
    return status;
}

int command_config_example(const struct arguments *arguments, char *const *environment)
{
    (void)arguments;
    (void)environment;
    struct config dev;
    struct config prod;
    config_init(&dev, "dev", "");
    config_init(&prod, "prod", "");
    int status = print_json(json_pack("{s{so so}}", "resourceConfig", "dev", block_of(&dev.options),
                                      "prod", block_of(&prod.options)));
    config_finish(&dev);
    config_finish(&prod);
    return status;
}

static const char *default_of(const char *text)
{
    return text[0] != '\0' ? text : "\"\"";
}

static const char *default_in(const struct option *option, bool is_dev)
{
    if (option->type == OPTION_CATEGORIES)
        return "those built in";
    return default_of(is_dev || option->prod == NULL ? option->dev : option->prod);
}

void command_print_options(void)
{
    struct buf allowed;
    buf_init(&allowed, 1024);
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        buf_clear(&allowed);
        options_describe(option, &allowed);
        bool is_same = option->prod == NULL || strcmp(option->dev, option->prod) == 0;
        (void)printf("  %s = %s%s%s", option->path, default_in(option, true), is_same ? "" : " | ",
                     is_same ? "" : default_in(option, false));
        (void)printf("\n      %s%s\n      %.*s\n", option->help,
                     option->reloads ? " (reloads)" : "", (int)allowed.len,
                     (const char *)allowed.at);
    }
    buf_finish(&allowed);
}

/* A bar would end the cell of a table. */
static void print_cell(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        (void)printf("%s%c", text.at[i] == '|' ? "\\" : "", text.at[i]);
}

static void print_row(const struct option *option, struct buf *scratch)
{
    (void)printf("| `%s`%s | `%s` | `%s` | ", option->path, option->reloads ? " ⟳" : "",
                 default_in(option, true), default_in(option, false));
    buf_clear(scratch);
    options_describe(option, scratch);
    print_cell(buf_str(scratch));
    buf_clear(scratch);
    config_put_variable(str_of(option->path), scratch);
    (void)printf(" | %s | `%.*s` |\n", option->help, (int)scratch->len, (const char *)scratch->at);
}

int command_config_docs(const struct arguments *arguments, char *const *environment)
{
    (void)arguments;
    (void)environment;
    (void)puts("# Options\n\n"
               "<!-- Written by `klieg config docs`; the tests compare. -->\n\n"
               "Klieg reads `klieg.json` (`--config`, `KLIEG_CONFIG`): one block of options for "
               "each stage, as in\n`conf/example.json`. The stage is chosen by `--stage` or "
               "`KLIEG_STAGE`, default `dev`. Later sources win:\ndefaults, file, environment, "
               "`--set section.key=value`. Anything unknown or out of range stops the start\nwith "
               "exit status 78 and one line for each problem; `klieg config check` only checks. "
               "SIGHUP reads the\nfile again; options marked ⟳ change at once.\n\n"
               "In paths, `<data>` is `dataDir`, `<stage>` the stage, `<ui>` the web UI that "
               "belongs to the binary.\n\n"
               "| option | default in dev | in other stages | allowed | meaning | variable "
               "|\n|---|---|---|---|---|---|");
    struct buf scratch;
    buf_init(&scratch, 1024);
    for (size_t i = 0; i < options_table_len; i++)
        print_row(&options_table[i], &scratch);
    buf_finish(&scratch);
    return EXIT_OK;
}
