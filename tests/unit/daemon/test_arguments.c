#include "daemon/arguments.h"

#include "check.h"

#include <string.h>

static struct arguments arguments;
static struct buf why;

static enum err read_line(const char *line)
{
    static char text[1024];
    char *argv[ARGUMENTS_MAX_SETTINGS * 2 + 8] = {text};
    int argc = 1;
    (void)snprintf(text, sizeof(text), "klieg %s", line);
    for (char *at = text; (at = strchr(at, ' ')) != NULL;) {
        *at++ = '\0';
        argv[argc++] = at;
    }
    buf_clear(&why);
    return arguments_read(argc, argv, &arguments, &why);
}

static void words_and_options_may_be_mixed(void)
{
    CHECK_EQ(ERR_OK, read_line("--config a.json channel --stage=prod create --set a.b=c cats"));
    CHECK(strcmp("a.json", arguments.config) == 0);
    CHECK(strcmp("prod", arguments.stage) == 0);
    CHECK_EQ(1, arguments.setting_count);
    CHECK(strcmp("a.b=c", arguments.settings[0]) == 0);
    CHECK_EQ(3, arguments.word_count);
    CHECK(strcmp("channel", arguments.words[0]) == 0);
    CHECK(strcmp("cats", arguments.words[2]) == 0);
    CHECK(arguments.roles == NULL && !arguments.wants_help && !arguments.wants_version);
}

static void flags_are_known(void)
{
    CHECK_EQ(ERR_OK, read_line("serve --help"));
    CHECK(arguments.wants_help);
    CHECK_EQ(ERR_OK, read_line("-h"));
    CHECK(arguments.wants_help);
    CHECK_EQ(ERR_OK, read_line("--version"));
    CHECK(arguments.wants_version);
    CHECK_EQ(ERR_OK, read_line("serve --roles=api,chat"));
    CHECK(strcmp("api,chat", arguments.roles) == 0);
}

static void what_is_unknown_or_lacks_its_value_is_refused(void)
{
    static const char *const bad[] = {"--confi x",   "-x",         "--config",
                                      "serve --set", "--stages=x", "--helpme"};
    CHECK_EQ(ERR_OK, read_line("serve"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        CHECK_EQ(ERR_MALFORMED, read_line(bad[i]));
        CHECK(why.len > 0);
        CHECK_EQ(1, arguments.word_count); /* untouched */
    }
}

static void there_is_a_most_of_words_and_settings(void)
{
    CHECK_EQ(ERR_OK, read_line("1 2 3 4 5 6 7 8"));
    CHECK_EQ(ERR_MALFORMED, read_line("1 2 3 4 5 6 7 8 9"));

    char line[1024] = "x";
    for (int i = 0; i < ARGUMENTS_MAX_SETTINGS; i++)
        (void)strncat(line, " --set a=b", sizeof(line) - strlen(line) - 1);
    CHECK_EQ(ERR_OK, read_line(line));
    CHECK_EQ(ARGUMENTS_MAX_SETTINGS, arguments.setting_count);
    (void)strncat(line, " --set a=b", sizeof(line) - strlen(line) - 1);
    CHECK_EQ(ERR_MALFORMED, read_line(line));
}

static void after_two_dashes_all_are_words(void)
{
    CHECK_EQ(ERR_OK, read_line("metadata put cats -- --text"));
    CHECK_EQ(4, arguments.word_count);
    CHECK(strcmp("--text", arguments.words[3]) == 0);
    CHECK_EQ(ERR_OK, read_line("metadata put cats -"));
    CHECK(strcmp("-", arguments.words[3]) == 0);
}

int main(void)
{
    buf_init(&why, 1024);
    RUN(words_and_options_may_be_mixed);
    RUN(flags_are_known);
    RUN(what_is_unknown_or_lacks_its_value_is_refused);
    RUN(there_is_a_most_of_words_and_settings);
    RUN(after_two_dashes_all_are_words);
    buf_finish(&why);
    return check_report();
}
