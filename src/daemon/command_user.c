/* `klieg user …`: accounts, from the command line; also while the daemon runs. */
#include "api/passwords.h"
#include "base/clock.h"
#include "daemon/command.h"
#include "domain/accounts/registration.h"
#include "store/accounts.h"

#include <sodium.h>
#include <stdio.h>

enum { PASSWORD_PART = 6, PASSWORD_LEN = 3 * PASSWORD_PART + 2 };

struct new_password {
    char text[PASSWORD_LEN + 1];
    char hash[PASSWORDS_HASH_MAX];
};

/* One that every policy takes, however the options set it. */
static enum err make_password(const struct command_session *session, struct new_password *out)
{
    const struct options_auth *options = &session->config.options.auth;
    const struct account_rules rules = {.password_min = PASSWORD_PART};
    struct secret password;
    do {
        char parts[3][PASSWORD_PART + 1];
        for (size_t i = 0; i < 3; i++)
            random_alnum(random_system(), parts[i], PASSWORD_PART);
        (void)snprintf(out->text, sizeof(out->text), "%s-%s-%s", parts[0], parts[1], parts[2]);
        password = (struct secret){str_of(out->text)};
    } while (!account_password_is_strong(&rules, password));
    struct passwords_options hashing = {.ops_limit = (unsigned)options->argon2_ops_limit,
                                        .memory_mib = (unsigned)options->argon2_mem_mib};
    enum err err = passwords_hash(&hashing, password, out->hash);
    if (err)
        (void)fputs("klieg: not enough memory to hash a password\n", stderr);
    return err;
}

/* One `Name: value` a line, which scripts read: names do not change. */
static void print_password(const char *name, struct new_password *password)
{
    (void)printf("Name:     %s\nPassword: %s\n", name, password->text);
    sodium_memzero(password, sizeof(*password));
}

static enum err create(struct command_session *session, const char *name, const char *email,
                       struct new_password *password)
{
    struct random *random = random_system();
    struct store_new_account wish = {.name = str_of(name),
                                     .email = str_of(email),
                                     .password_hash = password->hash,
                                     .avatar =
                                         channel_avatars[random_below(random, CHANNEL_AVATARS)],
                                     .color = channel_colors[random_below(random, CHANNEL_COLORS)],
                                     .address = "command line",
                                     .random = random,
                                     .now_us = clock_wall_us()};
    enum store_taken taken = STORE_TAKEN_NAME;
    enum err err = store_account_create(session->store, &wish, &taken);
    if (err == ERR_CONFLICT)
        (void)fprintf(stderr, "klieg: the %s is taken\n",
                      taken == STORE_TAKEN_NAME ? "name" : "e-mail address");
    return err;
}

int command_user_create(const struct arguments *arguments, char *const *environment)
{
    const char *name = arguments->words[2];
    const char *email = arguments->words[3];
    enum channel_name_verdict verdict = channel_name_check(str_of(name));
    bool is_email = account_email_is_valid(str_of(email));
    if (verdict != CHANNEL_NAME_OK || !is_email) {
        (void)fprintf(stderr, "klieg: %s\n",
                      verdict != CHANNEL_NAME_OK ? channel_name_reason(verdict)
                                                 : account_reason(ACCOUNT_EMAIL_INVALID));
        return EXIT_FAILED;
    }
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct new_password password;
    enum err err = make_password(&session, &password);
    if (!err)
        err = create(&session, name, email, &password);
    if (!err)
        print_password(name, &password);
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

static enum err find(struct command_session *session, const char *name, struct store_account *out)
{
    enum err err = store_account_find(session->store, str_of(name), &session->arena, out);
    if (err == ERR_NOT_FOUND)
        (void)fprintf(stderr, "klieg: there is no account %s\n", name);
    return err;
}

int command_user_reset_password(const struct arguments *arguments, char *const *environment)
{
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct store_account account;
    struct new_password password;
    enum err err = find(&session, arguments->words[2], &account);
    if (!err)
        err = make_password(&session, &password);
    if (!err)
        err = store_account_set_password(session.store, account.id, password.hash, clock_wall_us());
    if (!err)
        print_password(account.name, &password);
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

int command_user_delete(const struct arguments *arguments, char *const *environment)
{
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct store_account account;
    enum err err = find(&session, arguments->words[2], &account);
    if (!err)
        err = store_account_delete(session.store, account.id);
    if (!err)
        (void)printf("Deleted: %s\n", account.name);
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}

int command_user_list(const struct arguments *arguments, char *const *environment)
{
    struct command_session session;
    int status = command_start(arguments, environment, &session);
    if (status != EXIT_OK)
        return status;
    struct store_account *accounts = NULL;
    size_t count = 0;
    enum err err = store_account_list(session.store, &session.arena, &accounts, &count);
    for (size_t i = 0; !err && i < count; i++)
        (void)printf("%s\t%s\t%s\t%s\n", accounts[i].name, accounts[i].email,
                     accounts[i].is_active ? "active" : "unconfirmed",
                     accounts[i].channel_id.at[0] != '\0' ? accounts[i].channel_id.at : "-");
    return command_finish(&session, err ? EXIT_FAILED : EXIT_OK);
}
