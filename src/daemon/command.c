#include "daemon/command.h"

#include "daemon/options_value.h"

#include <sodium.h>
#include <stdio.h>

static int run_help(const struct arguments *, char *const *environment);

static int run_version(const struct arguments *arguments, char *const *environment)
{
    (void)arguments;
    (void)environment;
    (void)printf("klieg %s\n", KLIEG_VERSION); /* nobody to tell that it failed */
    return EXIT_OK;
}

static const struct command commands[] = {
    {"serve", "", 1, 1, "run the daemon", command_serve},
    {"channel create", "NAME", 3, 3, "create a channel; prints its stream key and addresses",
     command_channel_create},
    {"channel show", "NAME", 3, 3, "print a channel's stream key and addresses again",
     command_channel_show},
    {"channel list", "", 2, 2, "list the channels", command_channel_list},
    {"user create", "NAME EMAIL", 4, 4, "create an account; prints its password",
     command_user_create},
    {"user list", "", 2, 2, "list the accounts", command_user_list},
    {"user reset-password", "NAME", 3, 3, "give an account a new password and print it",
     command_user_reset_password},
    {"user delete", "NAME", 3, 3, "delete an account with all that is its own",
     command_user_delete},
    {"metadata put", "NAME TEXT", 4, 4, "send timed metadata into a live channel",
     command_metadata_put},
    {"config check", "", 2, 2, "check the configuration and print it, secrets masked",
     command_config_check},
    {"config example", "", 2, 2, "print a configuration file with every default",
     command_config_example},
    {"config docs", "", 2, 2, "print the page about the options", command_config_docs},
    {"migrate", "", 1, 1, "bring the database up to date", command_migrate},
    {"version", "", 1, 1, "print the version", run_version},
    {"help", "", 1, 1, "print this, and all options", run_help},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static int run_help(const struct arguments *arguments, char *const *environment)
{
    (void)arguments;
    (void)environment;
    (void)puts("klieg - live video for everybody\n\n"
               "Usage: klieg [--config FILE] [--stage NAME] [--set section.key=value]... VERB\n\n"
               "Verbs:");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  %-19s %-10s %s\n", commands[i].verb, commands[i].arguments,
                     commands[i].help);
    (void)puts("\n  --config FILE    configuration, default klieg.json (KLIEG_CONFIG)\n"
               "  --stage NAME     its block to use, default dev (KLIEG_STAGE)\n"
               "  --set KEY=VALUE  set one option; wins over file and environment\n"
               "  --roles LIST     the same as --set roles=LIST\n\n"
               "Options, with their defaults in dev and, behind |, in other stages:");
    command_print_options();
    return EXIT_OK;
}

static bool has_verb(const struct arguments *arguments, const char *verb)
{
    char words[64];
    const char *second = arguments->word_count > 1 ? arguments->words[1] : "";
    bool is_two = strchr(verb, ' ') != NULL;
    (void)snprintf(words, sizeof(words), is_two ? "%s %s" : "%s%.0s", arguments->words[0], second);
    return strcmp(words, verb) == 0;
}

static int refuse_usage(const char *what, const char *rest)
{
    (void)fprintf(stderr, "klieg: %s%s\nklieg: try `klieg help`\n", what, rest);
    return EXIT_USAGE;
}

static int run(const struct arguments *arguments, char *const *environment)
{
    if (arguments->wants_help)
        return run_help(arguments, environment);
    if (arguments->wants_version)
        return run_version(arguments, environment);
    if (arguments->word_count == 0)
        return refuse_usage("what shall I do?", "");
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *command = &commands[i];
        if (!has_verb(arguments, command->verb))
            continue;
        if (arguments->word_count < command->min_words ||
            arguments->word_count > command->max_words) {
            (void)fprintf(stderr, "klieg: usage: klieg %s %s\n", command->verb, command->arguments);
            return EXIT_USAGE;
        }
        return command->run(arguments, environment);
    }
    return refuse_usage(arguments->words[0], ": unknown verb");
}

int command_main(int argc, char *const *argv, char *const *environment)
{
    if (sodium_init() < 0)
        return EXIT_FAILED;
    struct arguments arguments;
    struct buf why;
    buf_init(&why, 8192);
    int status;
    if (arguments_read(argc, argv, &arguments, &why) == ERR_OK) {
        status = run(&arguments, environment);
    } else {
        buf_put(&why, "", 1);
        status = refuse_usage((const char *)why.at, "");
    }
    buf_finish(&why);
    return status;
}
