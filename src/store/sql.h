/*
 * One SQLite connection with its prepared statements, and the few things we do with them.
 *
 * A query is prepared at its first use and kept, found by the address of its text: pass literals.
 * A connection serves one thread at a time.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sql;
struct sqlite3_stmt;

struct sql_query {
    struct sql *sql;
    struct sqlite3_stmt *stmt; /* NULL: preparing failed, and so will sql_step() */
    int bound;
};

enum sql_use {
    SQL_WRITER,  /* every commit reaches the disk */
    SQL_SAMPLER, /* writes, but the last commits may be lost in a power cut */
    SQL_READER,
};

MUST_USE enum err sql_open(const char *path, enum sql_use, struct sql **out);
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

/* The next row: ERR_OK, or ERR_END after the last; ERR_CONFLICT: a unique key is taken;
 * ERR_NOT_FOUND: what a foreign key names is not there; ERR_AGAIN: the database wants the
 * transaction run again, and pool_write() does so; ERR_IO, logged. */
MUST_USE enum err sql_step(struct sql_query *);
void sql_end(struct sql_query *);

/* Steps to the end and ends: for what returns no rows. */
MUST_USE enum err sql_run(struct sql_query *);

/* Columns of the row, from 0. */
int64_t sql_int(const struct sql_query *, int column);
bool sql_is_null(const struct sql_query *, int column);
const char *sql_text(const struct sql_query *, int column, struct arena *); /* NULL for NULL */
struct str sql_bytes(const struct sql_query *, int column); /* until the next step */
void sql_copy_text(const struct sql_query *, int column, char *out, size_t size);

/* Transactions are for pool_write() to begin. BEGIN IMMEDIATE. Between it and sql_commit() nobody
 * else writes. */
MUST_USE enum err sql_begin(struct sql *);

/* Commits when `so_far` is ERR_OK, else rolls back and returns it. */
MUST_USE enum err sql_finish(struct sql *, enum err so_far);
