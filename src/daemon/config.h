/*
 * The configuration: defaults of the stage, file, environment, command line, each over the one
 * before; then the rules that tie options together. Every problem is reported, not the first only.
 * Contract: api 7.1.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/options.h"

#include <jansson.h>

enum {
    CONFIG_MAX_FILE = 1 << 20,
    CONFIG_STAGE_MAX = 32,
    CONFIG_MAX_PROBLEM_BYTES = 256 << 10,
};

enum config_place { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_COMMAND_LINE };

struct config_origin {
    enum config_place place;
    unsigned line; /* in the file */
};

struct config {
    struct arena arena; /* holds all texts */
    struct options options;
    struct config_origin *origins; /* one an option, in the order of options_table */
    const char *file;              /* its name, for messages */
};

/* One line each, "klieg: <where>: <what>\n". */
struct config_problems {
    struct buf text;
    unsigned count;
};

void config_problems_init(struct config_problems *);
void config_problems_finish(struct config_problems *);

/* `where` may be NULL. */
void config_add_problem(struct config_problems *, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Defaults of the stage. `file` is borrowed. */
void config_init(struct config *, const char *stage, const char *file);
void config_finish(struct config *);

/* --- Sources, in the order of precedence --- */

/* Every block is checked; the stage's is used. */
void config_read(struct config *, struct str text, struct config_problems *);

/* `environment` as in environ(7): variables that do not begin with KLIEG_ are passed over. */
void config_apply_environment(struct config *, char *const *environment, struct config_problems *);

/* "http.listen=127.0.0.1:0" */
void config_apply_setting(struct config *, const char *setting, struct config_problems *);

/* Last: fills in <data>, <stage> and <ui>, and checks what ties options together. */
void config_complete(struct config *, const char *ui_dir, struct config_problems *);

/* Lines for the log that are no problems. */
void config_warn(const struct config *, void (*warn)(const char *text, void *arg), void *arg);

/* --- For those above --- */

/* An object of options. `group` is the path to it, "" at the top. `prefix` and `name` go into
 * messages: where the object stands. */
struct config_object {
    struct config *config;
    struct options *options; /* where values go */
    bool is_used;            /* they are the stage's: note their origins */
    struct str text;         /* of the file, for lines; empty elsewhere */
    const char *source;      /* "klieg.json", "environment" */
    const char *prefix;      /* "resourceConfig.dev." */
    struct config_origin origin;
    struct config_problems *problems;
};

void config_apply_object(const struct config_object *, struct str group, const json_t *object);

bool config_is_group(struct str path);

/* ` (did you mean "listen"?); known here: …` for an unknown key of a group. */
void config_suggest(struct str group, struct str key, struct buf *out);

/* KLIEG_HTTP_PUBLIC_URL for http.publicUrl */
void config_put_variable(struct str path, struct buf *out);

/* ` (did you mean "KLIEG_HTTP_LISTEN"?)`, or nothing. */
void config_suggest_variable(struct str name, struct buf *out);
