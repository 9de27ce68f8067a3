#include "fixture.h"

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
    RUN(a_newer_schema_is_refused);
    RUN(what_was_written_is_there_after_opening_again);
    if (fixture_server() == NULL)
        RUN(the_file_is_private_and_the_settings_are_those_we_want);
    RUN(what_is_no_database_is_refused);
    return check_report();
}
