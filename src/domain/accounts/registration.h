/*
 * What an account may be called and how it may be kept: names, e-mail addresses, passwords. Pure;
 * what is taken already is the store's to know.
 *
 * Contract: api 2.2.1 (order of the checks), 2.2.5 (names, passwords).
 */
#pragma once

#include "base/secret.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACCOUNT_EMAIL_MAX = 254,    /* bytes */
    ACCOUNT_PASSWORD_MAX = 256, /* characters */
    ACCOUNT_PASSWORD_MAX_BYTES = 4 * ACCOUNT_PASSWORD_MAX,
};

enum account_verdict {
    ACCOUNT_OK,
    ACCOUNT_DOMAIN_REFUSED,
    ACCOUNT_NAME_RESERVED,
    ACCOUNT_NAME_INVALID,
    ACCOUNT_EMAIL_INVALID,
    ACCOUNT_PASSWORD_WEAK,
    ACCOUNT_AVATAR_UNKNOWN,
    ACCOUNT_COLOR_UNKNOWN,
};

struct account_rules {
    const char *const *domains; /* of the e-mail addresses that may register */
    size_t domain_count;        /* 0: any */
    int64_t password_min;       /* characters */
};

struct account_wish {
    struct str name, email;
    struct secret password;
    struct str avatar, color; /* empty: any will do */
};

/* The first rule that the wish breaks, in the contract's order. */
enum account_verdict account_check(const struct account_rules *, const struct account_wish *);

bool account_email_is_valid(struct str);
bool account_password_is_strong(const struct account_rules *, struct secret);

/* A sentence for people. */
const char *account_reason(enum account_verdict);
