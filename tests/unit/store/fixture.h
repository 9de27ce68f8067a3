/* A real database in a folder of its own, for the tests of the store. */
#pragma once

#include "check.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIXTURE_NOW_S = 1790000000 };
#define FIXTURE_NOW_US ((int64_t)FIXTURE_NOW_S * 1000000)

struct fixture {
    char folder[32];
    char path[64];
    struct store *store;
    struct arena arena;
    struct random random;
};

static inline struct store *fixture_open_store(const struct fixture *f, uint8_t key_byte)
{
    struct store_options options = {.path = f->path, .node = "node-a", .readers = 2};
    memset(options.key, key_byte, sizeof(options.key));
    struct store *store = NULL;
    CHECK_EQ(ERR_OK, store_open(&options, &store));
    return store;
}

static inline void fixture_start(struct fixture *f)
{
    *f = (struct fixture){.folder = "/tmp/test_store_XXXXXX", .random = random_seeded(7)};
    CHECK(mkdtemp(f->folder) != NULL);
    (void)snprintf(f->path, sizeof(f->path), "%s/klieg.db", f->folder);
    arena_init(&f->arena, 4096);
    f->store = fixture_open_store(f, 1);
    CHECK_EQ(ERR_OK, store_migrate(f->store, FIXTURE_NOW_US, NULL));
}

static inline void fixture_finish(struct fixture *f)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    store_close(f->store);
    arena_finish(&f->arena);
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

/* The first column of the first row, through a connection of our own; -1 for none or NULL. */
static inline int64_t fixture_number(const struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t number = -1;
    CHECK_EQ(SQLITE_OK, sqlite3_open(f->path, &db));
    CHECK_EQ(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &stmt, NULL));
    if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return number;
}
