#include "store/accounts.h"

#include "fixture.h"

static struct fixture f;

static const int64_t second = 1000000;

static struct store_new_account wish_of(const char *name, const char *email)
{
    return (struct store_new_account){.name = str_of(name),
                                      .email = str_of(email),
                                      .password_hash = "hash",
                                      .avatar = "bear",
                                      .color = "blue",
                                      .random = &f.random,
                                      .now_us = FIXTURE_NOW_US};
}

static enum err create(const char *name, const char *email, enum store_taken *taken)
{
    struct store_new_account wish = wish_of(name, email);
    return store_account_create(f.store, &wish, taken);
}

static struct store_account find(const char *wanted)
{
    struct store_account account = {0};
    CHECK_EQ(ERR_OK, store_account_find(f.store, str_of(wanted), &f.arena, &account));
    return account;
}

static void an_account_is_found_by_name_and_address_in_any_case(void)
{
    enum store_taken taken;
    CHECK_EQ(ERR_OK, create("J.Doe_1", "J.Doe@Example.org", &taken));
    struct store_account account = find("j.dOE_1");
    CHECK(strcmp("J.Doe_1", account.name) == 0);
    CHECK(strcmp("J.Doe@Example.org", account.email) == 0);
    CHECK(strcmp("hash", account.password_hash) == 0);
    CHECK(strcmp("bear", account.avatar) == 0 && strcmp("blue", account.color) == 0);
    CHECK(account.is_active);
    CHECK_EQ(FIXTURE_NOW_US, account.created_at_us);
    CHECK(account.channel_id.at[0] == '\0' && account.tracking_id == NULL);
    CHECK(strcmp(account.id, find("j.doe@eXample.ORG").id) == 0);
    struct store_account by_id;
    CHECK_EQ(ERR_OK, store_account_find_by_id(f.store, account.id, &f.arena, &by_id));
    CHECK(strcmp("J.Doe_1", by_id.name) == 0);

    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, STR("j.doe"), &f.arena, &account));
    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, STR(""), &f.arena, &account));
    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, STR("j.doe_1\0"), &f.arena, &account));
    char long_name[1000];
    memset(long_name, 'a', sizeof(long_name));
    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, (struct str){long_name, sizeof(long_name)},
                                               &f.arena, &account));
}

static void what_is_taken_is_told_and_leaves_nothing_behind(void)
{
    enum store_taken taken;
    CHECK_EQ(ERR_OK, create("taken", "taken@example.org", &taken));
    int64_t before = fixture_number(&f, "SELECT count(*) FROM users");
    CHECK_EQ(ERR_CONFLICT, create("TAKEN", "free@example.org", &taken));
    CHECK_EQ(STORE_TAKEN_NAME, taken);
    CHECK_EQ(ERR_CONFLICT, create("free", "TAKEN@example.org", &taken));
    CHECK_EQ(STORE_TAKEN_EMAIL, taken);
    CHECK_EQ(ERR_CONFLICT, create("taken", "taken@example.org", &taken));
    CHECK_EQ(STORE_TAKEN_NAME, taken);
    CHECK_EQ(before, fixture_number(&f, "SELECT count(*) FROM users"));
    CHECK_EQ(ERR_OK, create("free", "free@example.org", &taken));
    CHECK_EQ(ERR_CONFLICT, store_name_check(f.store, STR("FREE"), FIXTURE_NOW_US));
    CHECK_EQ(ERR_OK, store_name_check(f.store, STR("other"), FIXTURE_NOW_US));
}

static void hold(const char *name, int64_t until_us)
{
    char text[200];
    (void)snprintf(text, sizeof(text),
                   "UPDATE usernames SET held_until = %lld WHERE name_ci = '%s'",
                   (long long)(until_us / 1000), name);
    fixture_execute(&f, text);
}

static void a_held_name_is_taken_until_the_hold_ends(void)
{
    enum store_taken taken;
    struct store_account account;
    CHECK_EQ(ERR_OK, create("holder", "holder@example.org", &taken));
    hold("holder", FIXTURE_NOW_US + second);
    CHECK_EQ(ERR_CONFLICT, store_name_check(f.store, STR("holder"), FIXTURE_NOW_US));
    CHECK_EQ(ERR_CONFLICT, create("holder", "second@example.org", &taken));
    CHECK_EQ(STORE_TAKEN_NAME, taken);
    /* Nobody signs in by an old name. */
    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, STR("holder"), &f.arena, &account));
    hold("holder", FIXTURE_NOW_US);
    CHECK_EQ(ERR_OK, store_name_check(f.store, STR("holder"), FIXTURE_NOW_US));
    CHECK_EQ(ERR_OK, create("holder", "second@example.org", &taken));
    CHECK(strcmp("second@example.org", find("holder").email) == 0);
}

static const struct store_new_code code = {.hash = {1, 2, 3},
                                           .expires_at_us = FIXTURE_NOW_US + 10000000};

static void create_unconfirmed(const char *name, const char *email, uint8_t first)
{
    enum store_taken taken;
    struct store_new_code own = code;
    own.hash[0] = first;
    struct store_new_account wish = wish_of(name, email);
    wish.code = &own;
    CHECK_EQ(ERR_OK, store_account_create(f.store, &wish, &taken));
}

static enum account_code_verdict use(const char *name, enum account_purpose purpose, uint8_t first,
                                     int64_t now_us, struct store_account *out)
{
    struct store_code_use wish = {.name = str_of(name),
                                  .purpose = purpose,
                                  .hash = {first, 2, 3},
                                  .max_attempts = 5,
                                  .password_hash = "new hash",
                                  .now_us = now_us};
    enum account_code_verdict verdict = ACCOUNT_CODE_WRONG;
    CHECK_EQ(ERR_OK, store_code_use(f.store, &wish, &f.arena, &verdict, out));
    return verdict;
}

static void a_code_confirms_the_account(void)
{
    struct store_account account;
    create_unconfirmed("confirm", "confirm@example.org", 10);
    CHECK(!find("confirm").is_active);
    CHECK_EQ(ACCOUNT_CODE_WRONG, use("confirm", ACCOUNT_CONFIRM, 11, FIXTURE_NOW_US, &account));
    CHECK_EQ(ACCOUNT_CODE_WRONG, use("nobody", ACCOUNT_CONFIRM, 10, FIXTURE_NOW_US, &account));
    CHECK_EQ(ACCOUNT_CODE_WRONG, use("confirm", ACCOUNT_RESET, 10, FIXTURE_NOW_US, &account));
    CHECK(!find("confirm").is_active);
    CHECK_EQ(ACCOUNT_CODE_OK, use("CONFIRM", ACCOUNT_CONFIRM, 10, FIXTURE_NOW_US, &account));
    CHECK(strcmp("confirm", account.name) == 0);
    CHECK(find("confirm").is_active);
    CHECK_EQ(ACCOUNT_CODE_REPEATED, use("confirm", ACCOUNT_CONFIRM, 10, FIXTURE_NOW_US, &account));
    CHECK(strcmp("hash", find("confirm").password_hash) == 0);
}

static void wrong_tries_are_counted_and_kill_the_code(void)
{
    struct store_account account;
    create_unconfirmed("tries", "tries@example.org", 20);
    for (unsigned i = 0; i < 5; i++)
        CHECK_EQ(ACCOUNT_CODE_WRONG, use("tries", ACCOUNT_CONFIRM, 21, FIXTURE_NOW_US, &account));
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, use("tries", ACCOUNT_CONFIRM, 20, FIXTURE_NOW_US, &account));
    CHECK(!find("tries").is_active);
    /* A new one takes its place, with all its tries. */
    struct store_new_code next = code;
    next.hash[0] = 22;
    CHECK_EQ(ERR_OK,
             store_code_put(f.store, find("tries").id, ACCOUNT_CONFIRM, &next, FIXTURE_NOW_US));
    CHECK_EQ(ACCOUNT_CODE_WRONG, use("tries", ACCOUNT_CONFIRM, 20, FIXTURE_NOW_US, &account));
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, use("tries", ACCOUNT_CONFIRM, 22, code.expires_at_us, &account));
    CHECK_EQ(ACCOUNT_CODE_OK,
             use("tries", ACCOUNT_CONFIRM, 22, code.expires_at_us - 1000, &account));
}

static void a_reset_sets_the_password_once(void)
{
    struct store_account account;
    enum store_taken taken;
    CHECK_EQ(ERR_OK, create("resets", "resets@example.org", &taken));
    struct store_new_code next = code;
    next.hash[0] = 30;
    CHECK_EQ(ERR_OK,
             store_code_put(f.store, find("resets").id, ACCOUNT_RESET, &next, FIXTURE_NOW_US));
    CHECK_EQ(ACCOUNT_CODE_WRONG, use("resets", ACCOUNT_CONFIRM, 30, FIXTURE_NOW_US, &account));
    CHECK(strcmp("hash", find("resets").password_hash) == 0);
    CHECK_EQ(ACCOUNT_CODE_OK,
             use("resets@example.org", ACCOUNT_RESET, 30, FIXTURE_NOW_US, &account));
    CHECK(strcmp("new hash", find("resets").password_hash) == 0);
    CHECK_EQ(ACCOUNT_CODE_EXPIRED, use("resets", ACCOUNT_RESET, 30, FIXTURE_NOW_US, &account));
    /* The next one is as good as the first. */
    next.hash[0] = 31;
    CHECK_EQ(ERR_OK,
             store_code_put(f.store, find("resets").id, ACCOUNT_RESET, &next, FIXTURE_NOW_US));
    CHECK_EQ(ACCOUNT_CODE_OK, use("resets", ACCOUNT_RESET, 31, FIXTURE_NOW_US, &account));
}

static void old_unconfirmed_accounts_go_with_their_names(void)
{
    unsigned count = 0;
    CHECK_EQ(ERR_OK, store_accounts_delete_unconfirmed(f.store, FIXTURE_NOW_US + second, &count));
    create_unconfirmed("forgotten", "forgotten@example.org", 40);
    CHECK_EQ(ERR_OK, store_accounts_delete_unconfirmed(f.store, FIXTURE_NOW_US, &count));
    CHECK_EQ(0, count);
    int64_t active = fixture_number(&f, "SELECT count(*) FROM users WHERE status = 'active'");
    CHECK_EQ(ERR_OK, store_accounts_delete_unconfirmed(f.store, FIXTURE_NOW_US + second, &count));
    CHECK_EQ(1, count);
    CHECK(active > 0);
    CHECK_EQ(active, fixture_number(&f, "SELECT count(*) FROM users"));
    CHECK_EQ(ERR_OK, store_name_check(f.store, STR("forgotten"), FIXTURE_NOW_US));
}

static void a_deleted_account_is_gone_and_its_name_free(void)
{
    enum store_taken taken;
    struct store_account account;
    CHECK_EQ(ERR_OK, create("leaves", "leaves@example.org", &taken));
    account = find("leaves");
    CHECK_EQ(ERR_OK, store_account_delete(f.store, account.id));
    CHECK_EQ(ERR_NOT_FOUND, store_account_delete(f.store, account.id));
    CHECK_EQ(ERR_NOT_FOUND, store_account_find(f.store, STR("leaves"), &f.arena, &account));
    CHECK_EQ(ERR_OK, create("leaves", "leaves@example.org", &taken));
}

static void what_a_deleted_account_left_with_others_is_made_anonymous(void)
{
    enum store_taken taken;
    struct channel_key key;
    char text[512];
    struct store_channel followed = fixture_channel(&f, "followed", &key);
    CHECK_EQ(ERR_OK, create("follower", "follower@example.org", &taken));
    struct store_account account = find("follower");
    (void)snprintf(
        text, sizeof(text),
        "INSERT INTO follows (follower_id, channel_id, created_at) VALUES ('%s', '%s', 0);"
        "UPDATE channels SET follower_count = 2 WHERE id = '%s'",
        account.id, followed.id.at, followed.id.at);
    fixture_execute(&f, text);
    (void)snprintf(
        text, sizeof(text),
        "INSERT INTO chat_messages (id, channel_id, user_id, sender, content, attributes,"
        " sent_at) VALUES ('m1', '%s', '%s', '{\"a\":1}', 'hello', '{}', 0)",
        followed.id.at, account.id);
    fixture_execute(&f, text);
    CHECK_EQ(ERR_OK, store_account_delete(f.store, account.id));
    CHECK_EQ(ERR_OK, store_channel_find(f.store, STR("followed"), &f.arena, &followed));
    CHECK_EQ(1, followed.follower_count);
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM chat_messages WHERE id = 'm1'"
                                   " AND user_id IS NULL AND content = ''"));
}

static void a_channel_is_provisioned_once(void)
{
    enum store_taken taken;
    CHECK_EQ(ERR_OK, create("streamer", "streamer@example.org", &taken));
    struct store_account account = find("streamer");
    struct store_provision wish = {.user_id = account.id,
                                   .region = STR("us-west-2"),
                                   .type = "STANDARD",
                                   .random = &f.random,
                                   .now_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_channel_provision(f.store, &wish));
    CHECK_EQ(ERR_CONFLICT, store_channel_provision(f.store, &wish));
    account = find("streamer");
    CHECK(channel_id_is_valid(str_of(account.channel_id.at)));
    CHECK(account.tracking_id != NULL && strlen(account.tracking_id) == CHANNEL_ID_LEN);
    struct store_channel channel;
    CHECK_EQ(ERR_OK, store_channel_find(f.store, STR("streamer"), &f.arena, &channel));
    CHECK(strcmp("STANDARD", channel.type) == 0);
    struct channel_key key;
    CHECK_EQ(ERR_OK, store_channel_show_key(f.store, &account.channel_id, &key));
    wish.user_id = "00000000-0000-4000-8000-000000000000";
    CHECK_EQ(ERR_NOT_FOUND, store_channel_provision(f.store, &wish));
}

static void accounts_are_listed_in_the_order_of_creation(void)
{
    struct store_account *accounts = NULL;
    size_t count = 0;
    CHECK_EQ(ERR_OK, store_account_list(f.store, &f.arena, &accounts, &count));
    CHECK_EQ(fixture_number(&f, "SELECT count(*) FROM users"), count);
    for (size_t i = 1; i < count; i++)
        CHECK(accounts[i - 1].created_at_us <= accounts[i].created_at_us);
}

int main(void)
{
    fixture_start(&f);
    RUN(an_account_is_found_by_name_and_address_in_any_case);
    RUN(what_is_taken_is_told_and_leaves_nothing_behind);
    RUN(a_held_name_is_taken_until_the_hold_ends);
    RUN(a_code_confirms_the_account);
    RUN(wrong_tries_are_counted_and_kill_the_code);
    RUN(a_reset_sets_the_password_once);
    RUN(old_unconfirmed_accounts_go_with_their_names);
    RUN(a_deleted_account_is_gone_and_its_name_free);
    RUN(what_a_deleted_account_left_with_others_is_made_anonymous);
    RUN(a_channel_is_provisioned_once);
    RUN(accounts_are_listed_in_the_order_of_creation);
    fixture_finish(&f);
    return check_report();
}
