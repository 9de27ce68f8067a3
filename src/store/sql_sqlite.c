/* SQLite behind sql.h. */
#include "base/mem.h"
#include "log/log.h"
#include "store/sql_driver.h"

#include <assert.h>
#include <sqlite3.h>

enum { BUSY_MS = 5000 };

struct sqlite_place {
    struct sql_place place;
    char *path;
};

struct sqlite {
    struct sql sql;
    sqlite3 *db;
};

struct statement {
    struct sql_statement statement;
    sqlite3_stmt *stmt;
};

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

static struct sqlite *sqlite_of(struct sql *sql)
{
    return (struct sqlite *)sql;
}

static sqlite3_stmt *stmt_of(const struct sql_statement *statement)
{
    return ((const struct statement *)statement)->stmt;
}

static void forget(struct sql_place *place)
{
    mem_free(((struct sqlite_place *)place)->path);
    mem_free(place);
}

static enum err fail(struct sqlite *sqlite, const char *what)
{
    log_error("store", what, "code=%d reason=%s", sqlite3_extended_errcode(sqlite->db),
              log_quote(str_of(sqlite3_errmsg(sqlite->db))).at);
    return ERR_IO;
}

static enum err judge(struct sqlite *sqlite, int result, const char *what)
{
    switch (result) {
    case SQLITE_OK:
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
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_CONFLICT;
    default:
        return fail(sqlite, what);
    }
}

static enum err execute(struct sql *sql, const char *text)
{
    struct sqlite *sqlite = sqlite_of(sql);
    return judge(sqlite, sqlite3_exec(sqlite->db, text, NULL, NULL, NULL), "cannot execute");
}

static void roll_back(struct sql *sql)
{
    struct sqlite *sqlite = sqlite_of(sql);
    /* Some errors have rolled back already. */
    if (!sqlite3_get_autocommit(sqlite->db))
        (void)judge(sqlite, sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL),
                    "cannot roll back");
}

/* Whether `a` is the one to keep of the two. */
static bool is_better(sqlite3_value *a, sqlite3_value *b, bool is_greatest)
{
    if (sqlite3_value_type(a) == SQLITE_INTEGER && sqlite3_value_type(b) == SQLITE_INTEGER)
        return is_greatest ? sqlite3_value_int64(a) > sqlite3_value_int64(b)
                           : sqlite3_value_int64(a) < sqlite3_value_int64(b);
    return is_greatest ? sqlite3_value_double(a) > sqlite3_value_double(b)
                       : sqlite3_value_double(a) < sqlite3_value_double(b);
}

/* GREATEST and LEAST of numbers, which SQLite calls max and min and makes NULL when one is. */
static void choose(sqlite3_context *context, int count, sqlite3_value **values)
{
    bool is_greatest = sqlite3_user_data(context) != NULL;
    sqlite3_value *best = NULL;
    for (int i = 0; i < count; i++)
        if (sqlite3_value_type(values[i]) != SQLITE_NULL &&
            (best == NULL || is_better(values[i], best, is_greatest)))
            best = values[i];
    if (best != NULL)
        sqlite3_result_value(context, best);
}

static enum err add_functions(struct sqlite *sqlite)
{
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC };
    int result =
        sqlite3_create_function(sqlite->db, "greatest", -1, FLAGS, sqlite, choose, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_create_function(sqlite->db, "least", -1, FLAGS, NULL, choose, NULL, NULL);
    return judge(sqlite, result, "cannot add functions");
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

static enum err set_up(struct sqlite *sqlite, const char *path, enum sql_use use)
{
    enum {
        FLAGS =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    };
    enum err err =
        judge(sqlite, sqlite3_open_v2(path, &sqlite->db, FLAGS, NULL), "cannot open the database");
    if (!err)
        err = judge(sqlite, sqlite3_busy_timeout(sqlite->db, BUSY_MS), "cannot set a timeout");
    if (!err)
        err = execute(&sqlite->sql, settings_for(use));
    if (!err)
        err = execute(&sqlite->sql, "PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;"
                                    "PRAGMA case_sensitive_like = ON;");
    return err ? err : add_functions(sqlite);
}

static void close_db(struct sql *sql)
{
    (void)sqlite3_close(sqlite_of(sql)->db); /* no statement is left to prevent it */
    mem_free(sql);
}

static enum err open_db(struct sql_place *place, enum sql_use use, struct sql **out)
{
    struct sqlite *sqlite = mem_zalloc(1, sizeof(*sqlite));
    enum err err = set_up(sqlite, ((struct sqlite_place *)place)->path, use);
    if (err) {
        close_db(&sqlite->sql);
        return err;
    }
    *out = &sqlite->sql;
    return ERR_OK;
}

static enum err make_ready(struct sql *sql)
{
    (void)sql;
    return ERR_OK;
}

/* A transaction that may write is alone already. */
static enum err lock_schema(struct sql *sql)
{
    (void)sql;
    return ERR_OK;
}

static enum err prepare(struct sql *sql, const char *text, struct sql_statement **out)
{
    struct sqlite *sqlite = sqlite_of(sql);
    struct statement *statement = mem_zalloc(1, sizeof(*statement));
    /* Not its words, and not needed: a transaction has no others beside it that write. */
    const char *lock = strstr(text, " FOR UPDATE");
    int len = lock != NULL ? (int)(lock - text) : -1;
    if (sqlite3_prepare_v3(sqlite->db, text, len, SQLITE_PREPARE_PERSISTENT, &statement->stmt,
                           NULL) != SQLITE_OK) {
        mem_free(statement);
        return fail(sqlite, "cannot prepare");
    }
    *out = &statement->statement;
    return ERR_OK;
}

static void release(struct sql_statement *statement)
{
    (void)sqlite3_finalize(stmt_of(statement)); /* repeats an error told before */
    mem_free(statement);
}

/* Only a wrong index, a statement in use or a text over 1 GB can fail: our faults. */
static void check_bound(int result)
{
    assert(result == SQLITE_OK);
    (void)result;
}

static void put_int(struct sql_statement *statement, unsigned index, int64_t value)
{
    check_bound(sqlite3_bind_int64(stmt_of(statement), (int)index + 1, value));
}

static void put_bool(struct sql_statement *statement, unsigned index, bool value)
{
    put_int(statement, index, value);
}

static void put_real(struct sql_statement *statement, unsigned index, double value)
{
    check_bound(sqlite3_bind_double(stmt_of(statement), (int)index + 1, value));
}

static void put_text(struct sql_statement *statement, unsigned index, struct str text)
{
    check_bound(sqlite3_bind_text(stmt_of(statement), (int)index + 1, text.len > 0 ? text.at : "",
                                  (int)text.len, SQLITE_STATIC));
}

static void put_bytes(struct sql_statement *statement, unsigned index, struct str bytes)
{
    check_bound(sqlite3_bind_blob(stmt_of(statement), (int)index + 1, bytes.len > 0 ? bytes.at : "",
                                  (int)bytes.len, SQLITE_STATIC));
}

static void put_null(struct sql_statement *statement, unsigned index)
{
    check_bound(sqlite3_bind_null(stmt_of(statement), (int)index + 1));
}

static enum err step(struct sql *sql, struct sql_statement *statement)
{
    return judge(sqlite_of(sql), sqlite3_step(stmt_of(statement)), "cannot run a query");
}

static void reset(struct sql_statement *statement)
{
    (void)sqlite3_reset(stmt_of(statement));          /* repeats the error that step() returned */
    (void)sqlite3_clear_bindings(stmt_of(statement)); /* cannot fail */
}

static bool is_null(const struct sql_statement *statement, int column)
{
    return sqlite3_column_type(stmt_of(statement), column) == SQLITE_NULL;
}

static int64_t get_int(const struct sql_statement *statement, int column)
{
    return sqlite3_column_int64(stmt_of(statement), column);
}

static struct str get_bytes(struct sql_statement *statement, int column)
{
    const void *at = sqlite3_column_blob(stmt_of(statement), column);
    return (struct str){.at = at, .len = (size_t)sqlite3_column_bytes(stmt_of(statement), column)};
}

static const struct sql_driver driver = {
    .words = words,
    .begin = "BEGIN IMMEDIATE", /* a lock that a first write takes can come too late */
    .has_one_writer = true,
    .open = open_db,
    .close = close_db,
    .forget = forget,
    .make_ready = make_ready,
    .execute = execute,
    .roll_back = roll_back,
    .lock_schema = lock_schema,
    .prepare = prepare,
    .release = release,
    .put_int = put_int,
    .put_bool = put_bool,
    .put_real = put_real,
    .put_text = put_text,
    .put_bytes = put_bytes,
    .put_null = put_null,
    .step = step,
    .reset = reset,
    .is_null = is_null,
    .get_int = get_int,
    .get_bytes = get_bytes,
};

struct sql_place *sql_place_sqlite(const char *path)
{
    struct sqlite_place *place = mem_zalloc(1, sizeof(*place));
    place->place.driver = &driver;
    place->path = mem_copy_str(path, strlen(path));
    return &place->place;
}
