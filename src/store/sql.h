/*
 * One connection to a database with its prepared statements, and the few things we do with them.
 * SQLite and PostgreSQL are behind it; who uses it cannot tell which.
 *
 * A query is prepared at its first use and kept, found by the address of its text: pass literals.
 * A connection serves one thread at a time.
 *
 * The text of a query is SQL that both databases take:
 * - INSERT … ON CONFLICT, RETURNING, common table expressions, GREATEST and LEAST (which pass over
 *   NULL), IS [NOT] DISTINCT FROM, true and false; nothing that only one of them has;
 * - parameters are "?", or "?3" for the third; one whose type does not follow from where it stands,
 *   or that stands in places of several types, says it: CAST(? AS TEXT), CAST(? AS BIGINT);
 * - in ON CONFLICT DO UPDATE the columns of the table carry its name: `count = t.count + 1`;
 * - texts compare by their bytes, LIKE regards letter case;
 * - transactions may run side by side: what one reads and then writes by, it reads with FOR UPDATE
 *   [OF table] at the end of the SELECT, or others may have changed it in between.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sql;
struct sql_statement;
struct sql_place;

struct sql_query {
    struct sql *sql;
    struct sql_statement *statement; /* NULL: preparing failed, and so will sql_step() */
    unsigned bound;
    bool has_unstorable; /* a text that no row can hold */
};

enum sql_use {
    SQL_WRITER,  /* every commit reaches the disk */
    SQL_SAMPLER, /* writes, but the last commits may be lost in a power cut */
    SQL_READER,
};

/* Where a database is. Outlives the connections to it, which share what they know about its
 * state. The password is copied, and wiped at the end; it may be empty. */
struct sql_place *sql_place_sqlite(const char *path);
struct sql_place *sql_place_postgres(const char *url, struct secret password);
void sql_place_destroy(struct sql_place *);

/* One connection at a time can write there, so whoever writes waits for the one before. */
bool sql_has_one_writer(const struct sql_place *);

/* Logs failures. */
MUST_USE enum err sql_open(struct sql_place *, enum sql_use, struct sql **out);
void sql_close(struct sql *);

/* Statements without parameters or results, apart by semicolons. */
MUST_USE enum err sql_execute(struct sql *, const char *text);

/*
 * The same for statements that define tables, with what the databases call differently in braces:
 * the types {text} {uuid} {int} {ts} {real} {bool} {json} {bytes}; {serial}, an integer primary key
 * that counts by itself; behind the closing parenthesis {table}, or {keyed} for rows that lie in
 * the order of the primary key.
 */
MUST_USE enum err sql_define(struct sql *, const char *text);

struct sql_query sql_query(struct sql *, const char *literal);

/* Parameters, in their order. Bytes are borrowed until sql_end(). */
void sql_put_int(struct sql_query *, int64_t);
void sql_put_bool(struct sql_query *, bool);
void sql_put_real(struct sql_query *, double);
void sql_put_text(struct sql_query *, const char *text); /* NULL: NULL */
void sql_put_str(struct sql_query *, struct str);
void sql_put_bytes(struct sql_query *, const void *bytes, size_t len);
void sql_put_null(struct sql_query *);

/*
 * The next row: ERR_OK, or ERR_END after the last; ERR_CONFLICT: a unique key is taken;
 * ERR_NOT_FOUND: what a foreign key names is not there, or a parameter holds what no text can, a
 * NUL or broken UTF-8; ERR_AGAIN: the database wants the transaction run again, and pool_write()
 * does so; ERR_IO, logged. After an error a transaction can only be finished.
 */
MUST_USE enum err sql_step(struct sql_query *);
void sql_end(struct sql_query *);

/* Steps to the end and ends: for what returns no rows. */
MUST_USE enum err sql_run(struct sql_query *);

/* Columns of the row, from 0. */
int64_t sql_int(const struct sql_query *, int column); /* booleans are 0 and 1 */
bool sql_is_null(const struct sql_query *, int column);
const char *sql_text(const struct sql_query *, int column, struct arena *); /* NULL for NULL */
struct str sql_bytes(const struct sql_query *, int column); /* until the next step */
void sql_copy_text(const struct sql_query *, int column, char *out, size_t size);

/* Transactions are for pool_write() to begin. */
MUST_USE enum err sql_begin(struct sql *);

/* Commits when `so_far` is ERR_OK, else rolls back and returns it. */
MUST_USE enum err sql_finish(struct sql *, enum err so_far);

/* Inside a transaction: nobody else changes the schema until it ends. */
MUST_USE enum err sql_lock_schema(struct sql *);
