#include "fixture.h"

#include "store/schema.h"

#include <pthread.h>
#include <sys/stat.h>

static void migrating_again_does_nothing(void)
{
    struct fixture f;
    fixture_start(&f);
    unsigned applied = 99;
    CHECK_EQ(ERR_OK, store_migrate(f.store, FIXTURE_NOW_US + 1000000, &applied));
    CHECK_EQ(0, applied);
    CHECK_EQ(FIXTURE_NOW_US / 1000,
             fixture_number(&f, "SELECT applied_at FROM schema_migrations WHERE version = 1"));
    fixture_finish(&f);
}

static const char older_user[] =
    "INSERT INTO users (id, username, email, email_ci, password_hash, status, avatar, color,"
    " created_at, password_changed_at) VALUES ('01234567-89ab-cdef-0123-456789abcdef', 'Old',"
    " 'O@x', 'o@x', '', 'active', 'a', 'c', 5, 5)";
static const char older_channel[] =
    "INSERT INTO channels (id, id_ci, user_id, room_id, room_id_ci, stream_key_id,"
    " stream_key_hash, stream_key_enc, tracking_id, asset_id, type, created_at) VALUES"
    " ('A', 'a', '01234567-89ab-cdef-0123-456789abcdef', 'R', 'r', 'k', ?1, ?1, 't',"
    " '01234567-89ab-cdef-0123-456789abcdef', 'BASIC', 7)";

static void what_older_versions_wrote_is_kept(void)
{
    for (unsigned version = 1; version < schema_step_count; version++) {
        struct fixture f;
        fixture_start_empty(&f);
        struct sql_place *place = fixture_place(&f);
        struct sql *sql = NULL;
        CHECK_EQ(ERR_OK, sql_open(place, SQL_WRITER, &sql));
        CHECK_EQ(ERR_OK,
                 sql_define(sql, "CREATE TABLE schema_migrations (version {int} PRIMARY KEY,"
                                 " applied_at {ts} NOT NULL) {table}"));
        for (unsigned i = 1; i <= version; i++) {
            struct sql_query query = sql_query(sql, "INSERT INTO schema_migrations VALUES (?, 0)");
            sql_put_int(&query, i);
            CHECK_EQ(ERR_OK, sql_run(&query));
            CHECK_EQ(ERR_OK, sql_define(sql, schema_steps[i - 1]));
        }
        CHECK_EQ(ERR_OK, sql_execute(sql, older_user));
        struct sql_query query = sql_query(sql, older_channel);
        sql_put_bytes(&query, "key", 3);
        CHECK_EQ(ERR_OK, sql_run(&query));
        sql_close(sql);
        sql_place_destroy(place);

        unsigned applied = 0;
        CHECK_EQ(ERR_OK, store_migrate(f.store, FIXTURE_NOW_US, &applied));
        CHECK_EQ(schema_step_count - version, applied);
        CHECK_EQ(12, fixture_number(&f, "SELECT c.created_at + u.created_at FROM channels c"
                                        " JOIN users u ON u.id = c.user_id"
                                        " WHERE c.id = 'A' AND u.username = 'Old'"));
        fixture_finish(&f);
    }
}

struct racer {
    struct store *store;
    unsigned applied;
    enum err err;
};

static void *migrate(void *arg)
{
    struct racer *racer = arg;
    racer->err = store_migrate(racer->store, FIXTURE_NOW_US, &racer->applied);
    return NULL;
}

static void of_several_that_start_at_once_each_step_is_done_by_one(void)
{
    enum { RACERS = 4 };
    struct fixture f;
    fixture_start_empty(&f);
    struct racer racers[RACERS] = {{.store = NULL}};
    pthread_t threads[RACERS];
    for (unsigned i = 0; i < RACERS; i++) {
        racers[i].store = fixture_open_store(&f, 1);
        CHECK_EQ(0, pthread_create(&threads[i], NULL, migrate, &racers[i]));
    }
    unsigned applied = 0;
    for (unsigned i = 0; i < RACERS; i++) {
        CHECK_EQ(0, pthread_join(threads[i], NULL));
        CHECK_EQ(ERR_OK, racers[i].err);
        applied += racers[i].applied;
        store_close(racers[i].store);
    }
    CHECK_EQ(schema_step_count, applied);
    CHECK_EQ(schema_step_count, fixture_number(&f, "SELECT count(*) FROM schema_migrations"));
    fixture_finish(&f);
}

static void a_newer_schema_is_refused(void)
{
    struct fixture f;
    fixture_start(&f);
    CHECK_EQ(1000, fixture_number(&f, "INSERT INTO schema_migrations VALUES (1000, 0)"
                                      " RETURNING version"));
    unsigned applied = 99;
    CHECK_EQ(ERR_UNSUPPORTED, store_migrate(f.store, FIXTURE_NOW_US, &applied));
    CHECK_EQ(99, applied);
    fixture_finish(&f);
}

static void what_was_written_is_there_after_opening_again(void)
{
    struct fixture f;
    fixture_start(&f);
    struct channel_key key;
    (void)fixture_channel(&f, "lasting", &key);
    store_close(f.store);
    f.store = fixture_open_store(&f, 1);
    CHECK_EQ(ERR_OK, store_migrate(f.store, FIXTURE_NOW_US, NULL));
    struct store_channel found;
    CHECK_EQ(ERR_OK,
             store_channel_find_by_key(f.store, (struct secret){str_of(key.at)}, &f.arena, &found));
    CHECK(strcmp("lasting", found.name) == 0);
    fixture_finish(&f);
}

static void the_file_is_private_and_the_settings_are_those_we_want(void)
{
    struct fixture f;
    fixture_start(&f);
    struct stat status = {0};
    CHECK_EQ(0, stat(f.path, &status));
    CHECK_EQ(0600, status.st_mode & 0777);
    CHECK_EQ(1, fixture_number(&f, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"));
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
                                   " AND sql NOT LIKE '%STRICT%'"));
    fixture_finish(&f);
}

static void what_is_no_database_is_refused(void)
{
    struct fixture f;
    fixture_start(&f);
    struct store_options options = {.node = "node-a", .connections = 1};
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/missing/klieg.db", f.folder);
    options.path = path;
    struct store *store = NULL;
    CHECK_EQ(ERR_IO, store_open(&options, &store));

    (void)snprintf(path, sizeof(path), "%s/other", f.folder);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("This is not an SQLite database, not at all.", file) >= 0);
    CHECK(file != NULL && fclose(file) == 0);
    CHECK_EQ(ERR_IO, store_open(&options, &store));
    CHECK(store == NULL);
    CHECK_EQ(0, unlink(path));
    fixture_finish(&f);
}

int main(void)
{
    RUN(migrating_again_does_nothing);
    RUN(what_older_versions_wrote_is_kept);
    RUN(of_several_that_start_at_once_each_step_is_done_by_one);
    RUN(a_newer_schema_is_refused);
    RUN(what_was_written_is_there_after_opening_again);
    if (fixture_server() == NULL)
        RUN(the_file_is_private_and_the_settings_are_those_we_want);
    RUN(what_is_no_database_is_refused);
    return check_report();
}
