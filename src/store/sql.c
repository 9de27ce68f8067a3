#include "store/sql.h"

#include "base/mem.h"
#include "log/log.h"
#include "store/dialect.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>

enum {
    MAX_STATEMENTS = 512, /* more than there are queries in this folder */
    MAX_DEFINITION = 64 << 10,
    BUSY_MS = 5000,
};

struct sql {
    sqlite3 *db;
    const char *texts[MAX_STATEMENTS];
    sqlite3_stmt *statements[MAX_STATEMENTS];
    size_t count;
};

static enum err fail(struct sql *sql, const char *what)
{
    log_error("store", what, "code=%d reason=%s", sqlite3_extended_errcode(sql->db),
              log_quote(str_of(sqlite3_errmsg(sql->db))).at);
    return ERR_IO;
}

static const char *settings_for(enum sql_use use)
{
    switch (use) {
    case SQL_WRITER:
        return "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
    case SQL_SAMPLER:
        return "PRAGMA synchronous = NORMAL;";
    case SQL_READER:
        break;
    }
    return "PRAGMA query_only = ON;";
}

enum err sql_open(const char *path, enum sql_use use, struct sql **out)
{
    struct sql *sql = mem_zalloc(1, sizeof(*sql));
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    enum err err = ERR_OK;
    if (sqlite3_open_v2(path, &sql->db, flags, NULL) != SQLITE_OK)
        err = fail(sql, "cannot open the database");
    if (!err)
        err = sqlite3_busy_timeout(sql->db, BUSY_MS) == SQLITE_OK ? ERR_OK : ERR_IO;
    if (!err)
        err = sql_execute(sql, settings_for(use));
    if (!err)
        err = sql_execute(sql, "PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;");
    if (err) {
        sql_close(sql);
        return err;
    }
    *out = sql;
    return ERR_OK;
}

void sql_close(struct sql *sql)
{
    if (sql == NULL)
        return;
    for (size_t i = 0; i < sql->count; i++)
        (void)sqlite3_finalize(sql->statements[i]); /* repeats an error told before */
    (void)sqlite3_close(sql->db);                   /* no statement is left to prevent it */
    mem_free(sql);
}

enum err sql_execute(struct sql *sql, const char *text)
{
    if (sqlite3_exec(sql->db, text, NULL, NULL, NULL) != SQLITE_OK)
        return fail(sql, "cannot execute");
    return ERR_OK;
}

static const struct dialect_word words[] = {
    {"text", "TEXT"},
    {"uuid", "TEXT"},
    {"int", "INTEGER"},
    {"ts", "INTEGER"},
    {"real", "REAL"},
    {"bool", "INTEGER CHECK (%s IN (0, 1))"},
    {"json", "TEXT CHECK (%s IS NULL OR json_valid(%s))"},
    {"bytes", "BLOB"},
    {"serial", "INTEGER PRIMARY KEY"},
    {"table", "STRICT"},
    {"keyed", "STRICT, WITHOUT ROWID"},
    {NULL, NULL},
};

enum err sql_define(struct sql *sql, const char *text)
{
    struct buf buf;
    buf_init(&buf, MAX_DEFINITION);
    dialect_define(words, text, &buf);
    buf_put(&buf, "", 1);
    assert(!buf.failed);
    enum err err = sql_execute(sql, (const char *)buf.at);
    buf_finish(&buf);
    return err;
}

struct sql_query sql_query(struct sql *sql, const char *literal)
{
    struct sql_query query = {.sql = sql};
    for (size_t i = 0; i < sql->count; i++)
        if (sql->texts[i] == literal) {
            query.stmt = sql->statements[i];
            return query;
        }
    assert(sql->count < MAX_STATEMENTS);
    if (sqlite3_prepare_v3(sql->db, literal, -1, SQLITE_PREPARE_PERSISTENT, &query.stmt, NULL) !=
        SQLITE_OK) {
        (void)fail(sql, "cannot prepare"); /* sql_step() returns it */
        return query;
    }
    sql->texts[sql->count] = literal;
    sql->statements[sql->count++] = query.stmt;
    return query;
}

static void check_bound(struct sql_query *query, int result)
{
    /* Only a wrong index, a statement in use or a text over 1 GB can fail: our faults. */
    assert(query->stmt == NULL || result == SQLITE_OK);
    (void)query;
    (void)result;
}

void sql_put_int(struct sql_query *query, int64_t value)
{
    check_bound(query, sqlite3_bind_int64(query->stmt, ++query->bound, value));
}

void sql_put_bool(struct sql_query *query, bool value)
{
    sql_put_int(query, value);
}

void sql_put_real(struct sql_query *query, double value)
{
    check_bound(query, sqlite3_bind_double(query->stmt, ++query->bound, value));
}

void sql_put_text(struct sql_query *query, const char *text)
{
    check_bound(query, sqlite3_bind_text(query->stmt, ++query->bound, text, -1, SQLITE_STATIC));
}

void sql_put_str(struct sql_query *query, struct str text)
{
    check_bound(query, sqlite3_bind_text(query->stmt, ++query->bound, text.at, (int)text.len,
                                         SQLITE_STATIC));
}

void sql_put_bytes(struct sql_query *query, const void *bytes, size_t len)
{
    check_bound(query,
                sqlite3_bind_blob(query->stmt, ++query->bound, bytes, (int)len, SQLITE_STATIC));
}

void sql_put_null(struct sql_query *query)
{
    check_bound(query, sqlite3_bind_null(query->stmt, ++query->bound));
}

enum err sql_step(struct sql_query *query)
{
    if (query->stmt == NULL)
        return ERR_IO;
    int result = sqlite3_step(query->stmt);
    switch (result) {
    case SQLITE_ROW:
        return ERR_OK;
    case SQLITE_DONE:
        return ERR_END;
    case SQLITE_BUSY:
    case SQLITE_BUSY_SNAPSHOT:
        return ERR_AGAIN;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return ERR_NOT_FOUND;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return ERR_CONFLICT;
    default:
        return fail(query->sql, "cannot run a query");
    }
}

void sql_end(struct sql_query *query)
{
    if (query->stmt == NULL)
        return;                                /* it could not be prepared */
    (void)sqlite3_reset(query->stmt);          /* repeats the error that sql_step() returned */
    (void)sqlite3_clear_bindings(query->stmt); /* cannot fail */
    query->bound = 0;
}

enum err sql_run(struct sql_query *query)
{
    enum err err = ERR_OK;
    while (!err)
        err = sql_step(query);
    sql_end(query);
    return err == ERR_END ? ERR_OK : err;
}

int64_t sql_int(const struct sql_query *query, int column)
{
    return sqlite3_column_int64(query->stmt, column);
}

bool sql_is_null(const struct sql_query *query, int column)
{
    return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

struct str sql_bytes(const struct sql_query *query, int column)
{
    const void *at = sqlite3_column_blob(query->stmt, column);
    return (struct str){.at = at, .len = (size_t)sqlite3_column_bytes(query->stmt, column)};
}

const char *sql_text(const struct sql_query *query, int column, struct arena *arena)
{
    if (sql_is_null(query, column))
        return NULL;
    return arena_copy(arena, sql_bytes(query, column)).at;
}

void sql_copy_text(const struct sql_query *query, int column, char *out, size_t size)
{
    struct str text = sql_bytes(query, column);
    (void)snprintf(out, size, "%.*s", (int)text.len, text.len > 0 ? text.at : ""); /* as it fits */
}

enum err sql_begin(struct sql *sql)
{
    int result = sqlite3_exec(sql->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (result == SQLITE_BUSY)
        return ERR_AGAIN;
    return result == SQLITE_OK ? ERR_OK : fail(sql, "cannot begin a transaction");
}

enum err sql_finish(struct sql *sql, enum err so_far)
{
    enum err err = so_far;
    if (!err)
        err = sql_execute(sql, "COMMIT");
    if (err && !sqlite3_get_autocommit(sql->db) &&
        sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        (void)fail(sql, "cannot roll back"); /* the error that led here is the one to return */
    return err;
}
