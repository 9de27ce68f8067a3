/* What the verbs of the command line share. */
#pragma once

#include "daemon/arguments.h"
#include "daemon/config.h"
#include "daemon/secrets.h"
#include "store/store.h"

/* Exit statuses, of sysexits(3) where there is one. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_CONFIG = 78 };

struct command {
    const char *verb; /* "channel create" */
    const char *arguments;
    size_t min_words, max_words; /* of the whole, the verb included */
    const char *help;
    int (*run)(const struct arguments *, char *const *environment);
};

/* Runs what the command line asks for and returns the exit status. */
int command_main(int argc, char *const *argv, char *const *environment);

int command_config_check(const struct arguments *, char *const *environment);
int command_config_example(const struct arguments *, char *const *environment);
int command_config_docs(const struct arguments *, char *const *environment);
int command_migrate(const struct arguments *, char *const *environment);
int command_channel_create(const struct arguments *, char *const *environment);
int command_channel_show(const struct arguments *, char *const *environment);
int command_channel_list(const struct arguments *, char *const *environment);
int command_user_create(const struct arguments *, char *const *environment);
int command_user_list(const struct arguments *, char *const *environment);
int command_user_reset_password(const struct arguments *, char *const *environment);
int command_user_delete(const struct arguments *, char *const *environment);
int command_metadata_put(const struct arguments *, char *const *environment);
int command_serve(const struct arguments *, char *const *environment);

/* The words of an option's help for people: type, range, default. */
void command_print_options(void);

/* --- Loading --- */

/**
 * The configuration, from all its sources; what is wrong goes to standard error.
 *
 * @return ERR_OK, and the caller calls config_finish(); or ERR_DENIED
 */
MUST_USE enum err command_load_config(const struct arguments *, char *const *environment,
                                      struct config *out);

/* The same for a second reading while the daemon runs (SIGHUP): problems go to `problems`. */
MUST_USE enum err command_read_config(const struct arguments *, char *const *environment,
                                      struct config *out, struct config_problems *);

/* Makes the data folder, reads or makes the secrets and opens the store, migrated. Says on standard
 * error what is wrong. `*out_status` is the exit status on failure. `out_secrets` may be NULL; the
 * caller finishes them. */
MUST_USE enum err command_open_store(const struct config *, char *const *environment,
                                     struct store **out, struct secrets *out_secrets,
                                     int *out_status);

/* What a verb that works on the store stands on. */
struct command_session {
    struct config config;
    struct store *store;
    struct arena arena;
};

/* EXIT_OK, and the verb ends with command_finish(), which returns `status`; or another status, and
 * why was said. */
MUST_USE int command_start(const struct arguments *, char *const *environment,
                           struct command_session *out);
MUST_USE int command_finish(struct command_session *, int status);
