#include "daemon/arguments.h"

#include <string.h>

/* The value of `--name VALUE` or `--name=VALUE`; NULL when this is another option. `*at` moves to
 * the last argument used. */
static const char *take_value(int argc, char *const *argv, int *at, const char *name)
{
    const char *text = argv[*at];
    size_t len = strlen(name);
    if (strncmp(text, name, len) != 0)
        return NULL;
    if (text[len] == '=')
        return text + len + 1;
    if (text[len] != '\0' || *at + 1 >= argc || argv[*at + 1] == NULL)
        return NULL;
    return argv[++*at];
}

static bool take_flag(const char *text, struct arguments *out)
{
    if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
        out->wants_help = true;
    else if (strcmp(text, "--version") == 0)
        out->wants_version = true;
    else
        return false;
    return true;
}

static bool add_setting(const char *value, struct arguments *out)
{
    if (out->setting_count == ARGUMENTS_MAX_SETTINGS)
        return false;
    out->settings[out->setting_count++] = value;
    return true;
}

static bool take_option(int argc, char *const *argv, int *at, struct arguments *out)
{
    const char *value = NULL;
    if (take_flag(argv[*at], out))
        return true;
    if ((value = take_value(argc, argv, at, "--config")) != NULL)
        out->config = value;
    else if ((value = take_value(argc, argv, at, "--stage")) != NULL)
        out->stage = value;
    else if ((value = take_value(argc, argv, at, "--roles")) != NULL)
        out->roles = value;
    else if ((value = take_value(argc, argv, at, "--set")) != NULL)
        return add_setting(value, out);
    return value != NULL;
}

/* The argument at `*at`, with its value if it has one. */
static enum err take(int argc, char *const *argv, int *at, struct arguments *out, struct buf *why)
{
    const char *text = argv[*at];
    bool is_option = !out->has_ended && text[0] == '-' && text[1] != '\0';
    if (is_option && strcmp(text, "--") == 0) {
        out->has_ended = true;
        return ERR_OK;
    }
    if (is_option) {
        if (take_option(argc, argv, at, out))
            return ERR_OK;
        buf_printf(why, "%s: unknown option, or its value is missing", text);
        return ERR_MALFORMED;
    }
    if (out->word_count == ARGUMENTS_MAX_WORDS) {
        buf_printf(why, "%s: too many arguments", text);
        return ERR_MALFORMED;
    }
    out->words[out->word_count++] = text;
    return ERR_OK;
}

enum err arguments_read(int argc, char *const *argv, struct arguments *out, struct buf *why)
{
    struct arguments arguments = {0};
    for (int at = 1; at < argc && argv[at] != NULL; at++) {
        enum err err = take(argc, argv, &at, &arguments, why);
        if (err)
            return err;
    }
    *out = arguments;
    return ERR_OK;
}
