#include "store/callers.h"

#include "fixture.h"

#define USER "11111111-1111-4111-8111-111111111111"

static struct fixture f;

static void make_session(const char *id, int64_t expires_s, int64_t ends_s)
{
    char text[512];
    (void)snprintf(text, sizeof(text),
                   "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at,"
                   " absolute_expires_at, mode, user_agent, address) VALUES"
                   " ('%s', '" USER "', 1, 1, %" PRId64 ", %" PRId64 ", 'token', '', '')",
                   id, expires_s * 1000, ends_s * 1000);
    fixture_execute(&f, text);
}

static enum err find(const char *id, struct store_caller *out)
{
    return store_caller_find(f.store, str_of(id), FIXTURE_NOW_US, out);
}

static void a_session_leads_to_its_user(void)
{
    struct store_caller caller;
    make_session("good", FIXTURE_NOW_S + 1, FIXTURE_NOW_S + 1);
    CHECK_EQ(ERR_OK, find("good", &caller));
    CHECK(strcmp("good", caller.session_id) == 0);
    CHECK(strcmp(USER, caller.user_id) == 0);
    CHECK(strcmp("Anna", caller.username) == 0);
    CHECK(strcmp("", caller.channel_id.at) == 0);

    struct channel_key key;
    struct store_channel channel = fixture_channel(&f, "someone", &key);
    fixture_execute(&f, "UPDATE channels SET user_id = '" USER "'");
    CHECK_EQ(ERR_OK, find("good", &caller));
    CHECK(strcmp(channel.id.at, caller.channel_id.at) == 0);
}

static void sessions_that_are_over_are_not_found(void)
{
    struct store_caller caller = {.username = "untouched"};
    make_session("expired", FIXTURE_NOW_S, FIXTURE_NOW_S + 1);
    make_session("ended", FIXTURE_NOW_S + 1, FIXTURE_NOW_S);
    make_session("revoked", FIXTURE_NOW_S + 1, FIXTURE_NOW_S + 1);
    fixture_execute(&f, "UPDATE sessions SET revoked_at = 5 WHERE id = 'revoked'");
    CHECK_EQ(ERR_NOT_FOUND, find("expired", &caller));
    CHECK_EQ(ERR_NOT_FOUND, find("ended", &caller));
    CHECK_EQ(ERR_NOT_FOUND, find("revoked", &caller));
    CHECK_EQ(ERR_NOT_FOUND, find("", &caller));
    CHECK(strcmp("untouched", caller.username) == 0);
}

int main(void)
{
    fixture_start(&f);
    fixture_execute(&f, "INSERT INTO users (id, username, email, email_ci, password_hash, status,"
                        " avatar, color, created_at, password_changed_at) VALUES ('" USER "',"
                        " 'Anna', 'a@x.y', 'a@x.y', '', 'active', 'bear', 'blue', 1, 1)");
    RUN(a_session_leads_to_its_user);
    RUN(sessions_that_are_over_are_not_found);
    fixture_finish(&f);
    return check_report();
}
