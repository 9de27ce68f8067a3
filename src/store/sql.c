#include "store/sql.h"

#include "base/mem.h"
#include "base/text.h"
#include "log/log.h"
#include "store/sql_driver.h"

#include <assert.h>
#include <stdio.h>

enum { MAX_DEFINITION = 64 << 10 };

void sql_place_destroy(struct sql_place *place)
{
    if (place != NULL)
        place->driver->forget(place);
}

bool sql_has_one_writer(const struct sql_place *place)
{
    return place->driver->has_one_writer;
}

enum err sql_open(struct sql_place *place, enum sql_use use, struct sql **out)
{
    struct sql *sql = NULL;
    enum err err = place->driver->open(place, use, &sql);
    if (err)
        return err;
    sql->driver = place->driver;
    *out = sql;
    return ERR_OK;
}

void sql_close(struct sql *sql)
{
    if (sql == NULL)
        return;
    for (size_t i = 0; i < SQL_SLOTS; i++)
        if (sql->statements[i] != NULL)
            sql->driver->release(sql->statements[i]);
    sql->driver->close(sql);
}

/* What happened ends a transaction, which all that follows would be part of. */
static enum err note(struct sql *sql, enum err err)
{
    if (err && err != ERR_END)
        sql->has_failed = sql->is_in_transaction;
    return err;
}

static enum err make_ready(struct sql *sql)
{
    assert(!sql->has_failed); /* a failed transaction can only be finished */
    return sql->is_in_transaction ? ERR_OK : sql->driver->make_ready(sql);
}

enum err sql_execute(struct sql *sql, const char *text)
{
    enum err err = make_ready(sql);
    return err ? err : note(sql, sql->driver->execute(sql, text));
}

enum err sql_define(struct sql *sql, const char *text)
{
    struct buf buf;
    buf_init(&buf, MAX_DEFINITION);
    dialect_define(sql->driver->words, text, &buf);
    buf_put(&buf, "", 1);
    assert(!buf.failed);
    enum err err = sql_execute(sql, (const char *)buf.at);
    buf_finish(&buf);
    return err;
}

/* Where the statement of the literal is, or belongs. */
static struct sql_statement **find_slot(struct sql *sql, const char *literal)
{
    uint64_t hash = (uint64_t)(uintptr_t)literal * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(hash >> 32) % SQL_SLOTS;
    while (sql->statements[slot] != NULL && sql->statements[slot]->literal != literal)
        slot = (slot + 1) % SQL_SLOTS;
    return &sql->statements[slot];
}

struct sql_query sql_query(struct sql *sql, const char *literal)
{
    struct sql_query query = {.sql = sql};
    struct sql_statement **slot = find_slot(sql, literal);
    if (*slot == NULL) {
        assert(sql->statement_count < SQL_SLOTS / 2);
        struct sql_statement *statement = NULL;
        if (note(sql, sql->driver->prepare(sql, literal, &statement)) != ERR_OK)
            return query; /* sql_step() tells */
        statement->literal = literal;
        sql->statement_count++;
        *slot = statement;
    }
    query.statement = *slot;
    return query;
}

void sql_put_int(struct sql_query *query, int64_t value)
{
    if (query->statement != NULL)
        query->sql->driver->put_int(query->statement, query->bound++, value);
}

void sql_put_bool(struct sql_query *query, bool value)
{
    if (query->statement != NULL)
        query->sql->driver->put_bool(query->statement, query->bound++, value);
}

void sql_put_real(struct sql_query *query, double value)
{
    if (query->statement != NULL)
        query->sql->driver->put_real(query->statement, query->bound++, value);
}

void sql_put_text(struct sql_query *query, const char *text)
{
    if (text == NULL)
        sql_put_null(query);
    else
        sql_put_str(query, str_of(text));
}

void sql_put_str(struct sql_query *query, struct str text)
{
    if (query->statement == NULL)
        return;
    query->has_unstorable |=
        !text_is_utf8(text) || (text.len > 0 && memchr(text.at, '\0', text.len) != NULL);
    query->sql->driver->put_text(query->statement, query->bound++, text);
}

void sql_put_bytes(struct sql_query *query, const void *bytes, size_t len)
{
    if (query->statement != NULL)
        query->sql->driver->put_bytes(query->statement, query->bound++, (struct str){bytes, len});
}

void sql_put_null(struct sql_query *query)
{
    if (query->statement != NULL)
        query->sql->driver->put_null(query->statement, query->bound++);
}

enum err sql_step(struct sql_query *query)
{
    struct sql *sql = query->sql;
    if (query->statement == NULL)
        return ERR_IO;
    if (query->has_unstorable)
        return note(sql, ERR_NOT_FOUND);
    if (!query->statement->is_running) {
        enum err err = make_ready(sql);
        if (err)
            return err;
        query->statement->is_running = true;
    }
    return note(sql, sql->driver->step(sql, query->statement));
}

void sql_end(struct sql_query *query)
{
    if (query->statement != NULL) {
        query->sql->driver->reset(query->statement);
        query->statement->is_running = false;
    }
    query->bound = 0;
    query->has_unstorable = false;
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
    return query->sql->driver->get_int(query->statement, column);
}

bool sql_is_null(const struct sql_query *query, int column)
{
    return query->sql->driver->is_null(query->statement, column);
}

struct str sql_bytes(const struct sql_query *query, int column)
{
    return query->sql->driver->get_bytes(query->statement, column);
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
    assert(!sql->is_in_transaction);
    enum err err = sql_execute(sql, sql->driver->begin);
    sql->is_in_transaction = !err;
    return err;
}

enum err sql_finish(struct sql *sql, enum err so_far)
{
    assert(sql->is_in_transaction);
    assert(so_far || !sql->has_failed); /* an error was passed over */
    enum err err = so_far;
    if (!err)
        err = sql->driver->execute(sql, "COMMIT");
    if (err)
        sql->driver->roll_back(sql);
    sql->is_in_transaction = false;
    sql->has_failed = false;
    return err;
}

enum err sql_lock_schema(struct sql *sql)
{
    return note(sql, sql->driver->lock_schema(sql));
}
