/* What only a server can do: refuse, and go away. Runs beside one; see tools/with-postgres. */
#include "fixture.h"

#include <poll.h>

static struct fixture f;
static struct sql_place *place;
static struct sql *sql;

static enum err run(const char *literal)
{
    struct sql_query query = sql_query(sql, literal);
    return sql_run(&query);
}

static int64_t number(const char *literal)
{
    struct sql_query query = sql_query(sql, literal);
    int64_t value = sql_step(&query) == ERR_OK ? sql_int(&query, 0) : -1;
    sql_end(&query);
    return value;
}

static const char *socket_folder(void)
{
    return strstr(fixture_server(), "host=") + 5;
}

static void put_link(const struct fixture *fixture, char link_path[96])
{
    char target[96];
    (void)snprintf(target, sizeof(target), "%s/.s.PGSQL.5432", socket_folder());
    (void)snprintf(link_path, 96, "%s/.s.PGSQL.5432", fixture->folder);
    CHECK_EQ(0, symlink(target, link_path));
}

/* A connection through a link to the server's socket, which a test can take away. */
static void start(char link_path[96])
{
    char url[256];
    fixture_start_empty(&f);
    put_link(&f, link_path);
    (void)snprintf(url, sizeof(url), "postgres://klieg@/postgres?host=%s%s", f.folder,
                   strchr(f.url, '&'));
    place = sql_place_postgres(url, fixture_password());
    CHECK_EQ(ERR_OK, sql_open(place, SQL_WRITER, &sql));
    CHECK_EQ(ERR_OK, sql_define(sql, "CREATE TABLE things (n {int}) {table}"));
}

static void finish(const char *link_path)
{
    sql_close(sql);
    sql_place_destroy(place);
    CHECK_EQ(0, unlink(link_path));
    fixture_finish(&f);
}

/* Ends our connection at the server, and waits for that. */
static void cut(int64_t pid)
{
    char text[80];
    (void)snprintf(text, sizeof(text), "SELECT pg_terminate_backend(%d, 5000)", (int)pid);
    CHECK_EQ(1, fixture_number(&f, text));
}

static void a_connection_cut_while_idle_is_made_anew_unnoticed(void)
{
    char link_path[96];
    start(link_path);
    int64_t before = number("SELECT pg_backend_pid()");
    CHECK_EQ(ERR_OK, run("INSERT INTO things VALUES (1)"));
    cut(before);
    CHECK_EQ(ERR_OK, run("INSERT INTO things VALUES (1)")); /* prepared once more */
    int64_t after = number("SELECT pg_backend_pid()");
    CHECK(after > 0 && after != before);
    cut(after);
    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(2, number("SELECT count(*) FROM things"));
    CHECK_EQ(ERR_OK, sql_finish(sql, ERR_OK));
    finish(link_path);
}

static void a_transaction_that_is_cut_fails_and_wrote_nothing(void)
{
    char link_path[96];
    start(link_path);
    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(ERR_OK, run("INSERT INTO things VALUES (1)"));
    cut(number("SELECT pg_backend_pid()"));
    CHECK_EQ(ERR_IO, run("INSERT INTO things VALUES (2)"));
    CHECK_EQ(ERR_IO, sql_finish(sql, ERR_IO));
    CHECK_EQ(0, number("SELECT count(*) FROM things"));

    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(ERR_OK, run("INSERT INTO things VALUES (3)"));
    cut(number("SELECT pg_backend_pid()"));
    CHECK_EQ(ERR_IO, sql_finish(sql, ERR_OK));
    CHECK_EQ(0, number("SELECT count(*) FROM things"));
    finish(link_path);
}

static void while_the_server_is_away_uses_fail_and_then_work_again(void)
{
    char link_path[96];
    start(link_path);
    int64_t pid = number("SELECT pg_backend_pid()");
    CHECK_EQ(0, unlink(link_path));
    cut(pid);
    for (unsigned i = 0; i < 20; i++)
        CHECK_EQ(ERR_IO, run("INSERT INTO things VALUES (1)"));
    CHECK_EQ(ERR_IO, sql_begin(sql));
    put_link(&f, link_path);
    CHECK_EQ(ERR_IO, sql_begin(sql)); /* not its time yet */
    enum err err = ERR_IO;
    for (unsigned i = 0; err && i < 400; i++) {
        (void)poll(NULL, 0, 10);
        err = run("INSERT INTO things VALUES (1)");
    }
    CHECK_EQ(ERR_OK, err);
    CHECK_EQ(1, number("SELECT count(*) FROM things"));
    finish(link_path);
}

static void who_may_not_connect_does_not(void)
{
    static const struct secret wrong = {{"wrong", 5}};
    static const struct secret none = {{"", 0}};
    const struct {
        const char *url;
        struct secret password;
    } cases[] = {
        {fixture_server(), wrong},
        {fixture_server(), none},
        {"postgres://klieg@/postgres?host=/nowhere", fixture_password()},
        {"postgres://klieg@/postgres?nonsense=1", fixture_password()},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct sql *refused = NULL;
        struct sql_place *other = sql_place_postgres(cases[i].url, cases[i].password);
        CHECK_EQ(ERR_IO, sql_open(other, SQL_WRITER, &refused));
        CHECK(refused == NULL);
        sql_place_destroy(other);
    }
}

static void settings_follow_the_use(void)
{
    char link_path[96];
    start(link_path);
    struct sql *sampler = NULL;
    CHECK_EQ(ERR_OK, sql_open(place, SQL_SAMPLER, &sampler));
    struct sql *both[] = {sql, sampler};
    for (unsigned i = 0; i < 2; i++) {
        struct sql_query query =
            sql_query(both[i], "SELECT current_setting('synchronous_commit') = 'on',"
                               " current_setting('statement_timeout') = '30s',"
                               " current_setting('lock_timeout') = '10s',"
                               " current_setting('application_name') = 'klieg'");
        CHECK_EQ(ERR_OK, sql_step(&query));
        CHECK_EQ(i == 0, sql_int(&query, 0));
        CHECK(sql_int(&query, 1) && sql_int(&query, 2) && sql_int(&query, 3));
        sql_end(&query);
    }
    sql_close(sampler);
    finish(link_path);
}

int main(void)
{
    if (fixture_server() != NULL) {
        RUN(a_connection_cut_while_idle_is_made_anew_unnoticed);
        RUN(a_transaction_that_is_cut_fails_and_wrote_nothing);
        RUN(while_the_server_is_away_uses_fail_and_then_work_again);
        RUN(who_may_not_connect_does_not);
        RUN(settings_follow_the_use);
    }
    return check_report();
}
