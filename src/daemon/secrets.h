/*
 * Keys and passwords: a JSON file of mode 0600 beside the data, each member of which may come from
 * KLIEG_SECRET_<NAME> instead. Contract: api 7.11.
 *
 * No value ever goes into a message. Passwords of services that this version does not talk to are
 * checked for their form and not kept.
 */
#pragma once

#include "api/auth.h"
#include "base/buf.h"
#include "base/random.h"
#include "daemon/config.h"

#include <stdbool.h>
#include <stdint.h>

enum secrets_key { SECRETS_STORE, SECRETS_PAGINATION, SECRETS_UPLOAD, SECRETS_CHAT, SECRETS_KEYS };

enum { SECRETS_KEY_LEN = 32, SECRETS_MAX_FILE = 64 << 10, SECRETS_MAX_PASSWORD = 255 };

struct secrets {
    bool has[SECRETS_KEYS];
    uint8_t keys[SECRETS_KEYS][SECRETS_KEY_LEN];
    struct auth_key jwt_keys[AUTH_MAX_KEYS]; /* the first signs */
    size_t jwt_key_count;
    char database_password[SECRETS_MAX_PASSWORD + 1]; /* empty: none */
};

/* Wipes them. */
void secrets_finish(struct secrets *);

/* The file's text; `file` is its name, for messages. */
void secrets_read(struct str text, const char *file, struct secrets *, struct config_problems *);

/* Those in the environment replace those of the file. */
void secrets_apply_environment(char *const *environment, struct secrets *,
                               struct config_problems *);

/* Names what is missing. */
void secrets_require(const struct secrets *, const char *file, struct config_problems *);

/* The text of a new file with random keys. */
void secrets_write(struct random *, struct buf *out);

/**
 * Reads the file and the environment.
 *
 * @param may_create  make a file that is missing, unless the environment has all keys
 * @return ERR_OK, or ERR_DENIED with the reasons among the problems
 */
MUST_USE enum err secrets_load(const char *path, bool may_create, char *const *environment,
                               struct secrets *out, struct config_problems *);
