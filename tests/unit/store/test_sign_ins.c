#include "store/sign_ins.h"

#include "fixture.h"

static struct fixture f;
static struct store_account owner;

static const int64_t second = 1000000;
static const int64_t day = INT64_C(86400) * 1000000;

static void create_owner(void)
{
    enum store_taken taken;
    struct store_new_account wish = {.name = STR("owner"),
                                     .email = STR("owner@example.org"),
                                     .password_hash = "hash",
                                     .avatar = "bear",
                                     .color = "blue",
                                     .random = &f.random,
                                     .now_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_account_create(f.store, &wish, &taken));
    CHECK_EQ(ERR_OK, store_account_find(f.store, STR("owner"), &f.arena, &owner));
}

static struct account_session_id sign_in(uint8_t token, const char *mode)
{
    struct store_new_sign_in wish = {.account_id = owner.id,
                                     .id = account_session_id_create(&f.random),
                                     .token_hash = {token},
                                     .now_us = FIXTURE_NOW_US,
                                     .token_expires_at_us = FIXTURE_NOW_US + 30 * day,
                                     .ends_at_us = FIXTURE_NOW_US + 180 * day,
                                     .mode = mode,
                                     .user_agent = STR("test"),
                                     .address = "192.0.2.1"};
    CHECK_EQ(ERR_OK, store_sign_in_create(f.store, &wish));
    return wish.id;
}

static enum err refresh(uint8_t token, uint8_t next, int64_t now_us, struct store_refreshed *out)
{
    struct store_refresh wish = {.hash = {token},
                                 .new_hash = {next},
                                 .now_us = now_us,
                                 .token_life_us = 30 * day,
                                 .address = "192.0.2.1"};
    return store_sign_in_refresh(f.store, &wish, &f.arena, out);
}

static bool is_alive(const struct account_session_id *id, int64_t now_us)
{
    struct store_caller caller;
    return store_caller_find(f.store, str_of(id->at), now_us, &caller) == ERR_OK;
}

static void a_sign_in_renews_an_outdated_hash(void)
{
    struct store_new_sign_in wish = {.account_id = owner.id,
                                     .id = account_session_id_create(&f.random),
                                     .token_hash = {1},
                                     .now_us = FIXTURE_NOW_US,
                                     .token_expires_at_us = FIXTURE_NOW_US + day,
                                     .ends_at_us = FIXTURE_NOW_US + day,
                                     .mode = "token",
                                     .address = "192.0.2.1",
                                     .renewed_password_hash = "renewed"};
    CHECK_EQ(ERR_OK, store_sign_in_create(f.store, &wish));
    struct store_account account;
    CHECK_EQ(ERR_OK, store_account_find(f.store, STR("owner"), &f.arena, &account));
    CHECK(strcmp("renewed", account.password_hash) == 0);
    (void)sign_in(2, "token");
    CHECK_EQ(ERR_OK, store_account_find(f.store, STR("owner"), &f.arena, &account));
    CHECK(strcmp("renewed", account.password_hash) == 0);
    wish.account_id = "00000000-0000-4000-8000-000000000000";
    wish.id = account_session_id_create(&f.random);
    wish.token_hash[0] = 3;
    CHECK_EQ(ERR_NOT_FOUND, store_sign_in_create(f.store, &wish));
}

static void each_use_gives_a_new_token(void)
{
    struct store_refreshed out;
    struct account_session_id id = sign_in(10, "cookie");
    CHECK_EQ(ERR_OK, refresh(10, 11, FIXTURE_NOW_US, &out));
    CHECK(strcmp(id.at, out.session_id) == 0);
    CHECK(strcmp("owner", out.account.name) == 0);
    CHECK(out.is_cookie);
    CHECK_EQ(ERR_OK, refresh(11, 12, FIXTURE_NOW_US + 29 * day, &out));
    CHECK(is_alive(&id, FIXTURE_NOW_US + 58 * day));
    CHECK_EQ(ERR_DENIED, refresh(99, 13, FIXTURE_NOW_US, &out));
    CHECK(out.account.id[0] == '\0');
    CHECK_EQ(ERR_DENIED, refresh(12, 13, FIXTURE_NOW_US + 59 * day, &out));
}

static void a_used_token_gives_siblings_for_ten_seconds_then_ends_the_session(void)
{
    struct store_refreshed out;
    struct account_session_id id = sign_in(20, "token");
    CHECK_EQ(ERR_OK, refresh(20, 21, FIXTURE_NOW_US, &out));
    CHECK(!out.is_cookie);
    CHECK_EQ(ERR_OK, refresh(20, 22, FIXTURE_NOW_US + 10 * second, &out));
    CHECK(is_alive(&id, FIXTURE_NOW_US));
    int64_t before = fixture_number(&f, "SELECT count(*) FROM audit_log");
    CHECK_EQ(ERR_DENIED, refresh(20, 23, FIXTURE_NOW_US + 11 * second, &out));
    CHECK(strcmp(owner.id, out.account.id) == 0);
    CHECK(!is_alive(&id, FIXTURE_NOW_US));
    CHECK_EQ(before + 1, fixture_number(&f, "SELECT count(*) FROM audit_log"));
    CHECK_EQ(ERR_DENIED, refresh(21, 24, FIXTURE_NOW_US + 11 * second, &out));
    CHECK_EQ(ERR_DENIED, refresh(22, 25, FIXTURE_NOW_US + 11 * second, &out));
    CHECK_EQ(before + 1, fixture_number(&f, "SELECT count(*) FROM audit_log"));
}

static void a_session_is_found_by_a_token_that_is_good(void)
{
    struct store_caller caller;
    struct account_session_id id = sign_in(30, "token");
    static const uint8_t hash[ACCOUNT_HASH_LEN] = {30};
    static const uint8_t other[ACCOUNT_HASH_LEN] = {31};
    CHECK_EQ(ERR_OK, store_sign_in_find(f.store, hash, FIXTURE_NOW_US, &caller));
    CHECK(strcmp(id.at, caller.session_id) == 0);
    CHECK(strcmp(owner.id, caller.user_id) == 0);
    CHECK_EQ(ERR_NOT_FOUND, store_sign_in_find(f.store, other, FIXTURE_NOW_US, &caller));
    CHECK_EQ(ERR_NOT_FOUND, store_sign_in_find(f.store, hash, FIXTURE_NOW_US + 30 * day, &caller));
}

static void sign_out_ends_one_session_or_all(void)
{
    struct account_session_id one = sign_in(40, "token");
    struct account_session_id two = sign_in(41, "token");
    struct account_session_id three = sign_in(42, "token");
    struct store_sign_out end = {.account_id = owner.id,
                                 .session_id = one.at,
                                 .reason = "sign-out",
                                 .now_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_sign_in_end(f.store, &end));
    CHECK_EQ(ERR_OK, store_sign_in_end(f.store, &end));
    CHECK(!is_alive(&one, FIXTURE_NOW_US) && is_alive(&two, FIXTURE_NOW_US));
    /* Nobody ends another's. */
    end.account_id = "00000000-0000-4000-8000-000000000000";
    end.session_id = two.at;
    CHECK_EQ(ERR_OK, store_sign_in_end(f.store, &end));
    CHECK(is_alive(&two, FIXTURE_NOW_US));
    end.account_id = owner.id;
    end.session_id = NULL;
    CHECK_EQ(ERR_OK, store_sign_in_end(f.store, &end));
    CHECK(!is_alive(&two, FIXTURE_NOW_US) && !is_alive(&three, FIXTURE_NOW_US));
}

static void a_new_password_ends_all_sessions(void)
{
    struct account_session_id id = sign_in(50, "token");
    struct store_refreshed out;
    CHECK_EQ(ERR_OK, store_account_set_password(f.store, owner.id, "other", FIXTURE_NOW_US));
    CHECK(!is_alive(&id, FIXTURE_NOW_US));
    CHECK_EQ(ERR_DENIED, refresh(50, 51, FIXTURE_NOW_US, &out));
    CHECK_EQ(ERR_NOT_FOUND,
             store_account_set_password(f.store, "00000000-0000-4000-8000-000000000000", "other",
                                        FIXTURE_NOW_US));
}

static void what_has_ended_is_purged(void)
{
    unsigned count = 0;
    struct account_session_id id = sign_in(60, "token");
    CHECK_EQ(ERR_OK, store_credentials_purge(f.store, FIXTURE_NOW_US, &count));
    CHECK_EQ(0, count);
    struct store_sign_out end = {
        .account_id = owner.id, .session_id = id.at, .reason = "test", .now_us = FIXTURE_NOW_US};
    CHECK_EQ(ERR_OK, store_sign_in_end(f.store, &end));
    int64_t sessions = fixture_number(&f, "SELECT count(*) FROM sessions");
    int64_t week_us = 7 * day;
    CHECK_EQ(ERR_OK, store_credentials_purge(f.store, FIXTURE_NOW_US + week_us, &count));
    CHECK_EQ(sessions, fixture_number(&f, "SELECT count(*) FROM sessions"));
    CHECK_EQ(ERR_OK, store_credentials_purge(f.store, FIXTURE_NOW_US + week_us + 1000, &count));
    CHECK(fixture_number(&f, "SELECT count(*) FROM sessions") < sessions);
    (void)sign_in(61, "token");
    CHECK_EQ(ERR_OK, store_credentials_purge(f.store, FIXTURE_NOW_US + 36 * day, &count));
    CHECK(fixture_number(&f, "SELECT count(*) FROM sessions") > 0);
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM refresh_tokens"));
    CHECK_EQ(ERR_OK, store_credentials_purge(f.store, FIXTURE_NOW_US + 100 * day, &count));
    CHECK(count > 0);
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM sessions"));
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM refresh_tokens"));
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM usernames"));
}

int main(void)
{
    fixture_start(&f);
    create_owner();
    RUN(a_sign_in_renews_an_outdated_hash);
    RUN(each_use_gives_a_new_token);
    RUN(a_used_token_gives_siblings_for_ten_seconds_then_ends_the_session);
    RUN(a_session_is_found_by_a_token_that_is_good);
    RUN(sign_out_ends_one_session_or_all);
    RUN(a_new_password_ends_all_sessions);
    RUN(what_has_ended_is_purged);
    fixture_finish(&f);
    return check_report();
}
