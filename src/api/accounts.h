/* Accounts, sign-in sessions, passwords (API contract §2.2). */
#pragma once

#include "api/passwords.h"
#include "api/provision.h"
#include "api/routes.h"
#include "domain/accounts/registration.h"
#include "mail/mail.h"

struct accounts_limit {
    int64_t count, seconds; /* count 0: no limit */
};

/* Outlives the routes. */
struct accounts_api {
    struct store *store;
    struct auth *auth;
    struct limiter *limiter;
    struct passwords *passwords;
    struct mail *mail;
    struct random *random;
    struct account_rules rules;
    bool is_auto_verified; /* accounts are active at once, no mail */
    struct provision_site provision;
    const char *region, *account_id; /* of ARNs */
    int64_t refresh_life_us, session_life_us, confirm_life_us, reset_life_us;
    int64_t max_code_attempts; /* wrong ones that kill a code; 0: any number */
    struct accounts_limit
        failures;                /* of sign-ins of an account, then a lock as long as the window */
    struct accounts_limit mails; /* to an account, of each kind */
};

void accounts_add_routes(struct routes *, const struct accounts_api *);
