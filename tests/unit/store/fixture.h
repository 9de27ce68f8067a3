/*
 * A real database for the tests of the store: an SQLite file in a folder of its own, or a schema of
 * its own on the PostgreSQL server that KLIEG_TEST_POSTGRES_URL names (tools/with-postgres).
 */
#pragma once

#include "check.h"
#include "store/sql.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIXTURE_NOW_S = 1790000000 };
#define FIXTURE_NOW_US ((int64_t)FIXTURE_NOW_S * 1000000)

struct fixture {
    char folder[32];
    char path[64];
    char url[256]; /* empty: SQLite */
    struct store *store;
    struct arena arena;
    struct random random;
};

static inline const char *fixture_server(void)
{
    return getenv("KLIEG_TEST_POSTGRES_URL");
}

static inline struct secret fixture_password(void)
{
    const char *password = getenv("KLIEG_SECRET_DATABASE_PASSWORD");
    return (struct secret){str_of(password != NULL ? password : "")};
}

static inline struct store *fixture_open_store(const struct fixture *f, uint8_t key_byte)
{
    struct store_options options = {.path = f->path,
                                    .url = f->url[0] != '\0' ? f->url : NULL,
                                    .password = fixture_password(),
                                    .node = "node-a",
                                    .connections = 2};
    memset(options.key, key_byte, sizeof(options.key));
    struct store *store = NULL;
    CHECK_EQ(ERR_OK, store_open(&options, &store));
    return store;
}

static inline struct sql_place *fixture_place(const struct fixture *f)
{
    return f->url[0] != '\0' ? sql_place_postgres(f->url, fixture_password())
                             : sql_place_sqlite(f->path);
}

/* Through a connection of our own. */
static inline void fixture_execute(const struct fixture *f, const char *text)
{
    struct sql_place *place = fixture_place(f);
    struct sql *sql = NULL;
    CHECK_EQ(ERR_OK, sql_open(place, SQL_WRITER, &sql));
    if (sql != NULL)
        CHECK_EQ(ERR_OK, sql_execute(sql, text));
    sql_close(sql);
    sql_place_destroy(place);
}

/* An empty database. The folder is there for PostgreSQL too, and its name is the schema's. */
static inline void fixture_start_empty(struct fixture *f)
{
    *f = (struct fixture){.folder = "/tmp/test_store_XXXXXX", .random = random_seeded(7)};
    CHECK(mkdtemp(f->folder) != NULL);
    (void)snprintf(f->path, sizeof(f->path), "%s/klieg.db", f->folder);
    arena_init(&f->arena, 4096);
    if (fixture_server() != NULL) {
        char text[64];
        (void)snprintf(f->url, sizeof(f->url), "%s&options=-csearch_path%%3D\"%s\"",
                       fixture_server(), f->folder + 5);
        (void)snprintf(text, sizeof(text), "CREATE SCHEMA \"%s\"", f->folder + 5);
        fixture_execute(f, text);
    }
    f->store = fixture_open_store(f, 1);
}

static inline void fixture_start(struct fixture *f)
{
    fixture_start_empty(f);
    CHECK_EQ(ERR_OK, store_migrate(f->store, FIXTURE_NOW_US, NULL));
}

static inline void fixture_finish(struct fixture *f)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    store_close(f->store);
    arena_finish(&f->arena);
    if (f->url[0] != '\0') {
        char text[64];
        (void)snprintf(text, sizeof(text), "DROP SCHEMA \"%s\" CASCADE", f->folder + 5);
        fixture_execute(f, text);
    }
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        char path[80];
        (void)snprintf(path, sizeof(path), "%s%s", f->path, endings[i]);
        (void)unlink(path);
    }
    CHECK_EQ(0, rmdir(f->folder));
}

static inline struct store_channel fixture_channel(struct fixture *f, const char *name,
                                                   struct channel_key *out_key)
{
    struct store_new_channel wish = {.name = str_of(name),
                                     .region = STR("us-west-2"),
                                     .type = "BASIC",
                                     .random = &f->random,
                                     .now_us = FIXTURE_NOW_US};
    struct store_channel channel = {0};
    CHECK_EQ(ERR_OK, store_channel_create(f->store, &wish, &f->arena, &channel, out_key));
    return channel;
}

/* Databases may put blanks into JSON. */
static inline bool fixture_is_json(const char *expected, const char *json)
{
    for (; *json != '\0'; json++) {
        if (*json == ' ')
            continue;
        if (*json != *expected)
            return false;
        expected++;
    }
    return *expected == '\0';
}

/* The first column of the first row, through a connection of our own; -1 for none or NULL. */
static inline int64_t fixture_number(const struct fixture *f, const char *text)
{
    struct sql_place *place = fixture_place(f);
    struct sql *sql = NULL;
    int64_t number = -1;
    CHECK_EQ(ERR_OK, sql_open(place, SQL_WRITER, &sql));
    if (sql != NULL) {
        struct sql_query query = sql_query(sql, text);
        if (sql_step(&query) == ERR_OK && !sql_is_null(&query, 0))
            number = sql_int(&query, 0);
        sql_end(&query);
    }
    sql_close(sql);
    sql_place_destroy(place);
    return number;
}
