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
    if (text[len] != '\0' || *at + 1 >= argc)
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

enum err arguments_read(int argc, char *const *argv, struct arguments *out, struct buf *why)
{
    struct arguments arguments = {0};
    bool has_ended = false; /* by -- */
    for (int at = 1; at < argc; at++) {
        const char *text = argv[at];
        if (!has_ended && strcmp(text, "--") == 0) {
            has_ended = true;
        } else if (!has_ended && text[0] == '-' && text[1] != '\0') {
            if (!take_option(argc, argv, &at, &arguments)) {
                buf_printf(why, "%s: unknown option, or its value is missing", text);
                return ERR_MALFORMED;
            }
        } else if (arguments.word_count < ARGUMENTS_MAX_WORDS) {
            arguments.words[arguments.word_count++] = text;
        } else {
            buf_printf(why, "%s: too many arguments", text);
            return ERR_MALFORMED;
        }
    }
    *out = arguments;
    return ERR_OK;
}
