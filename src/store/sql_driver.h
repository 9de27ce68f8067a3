/*
 * What a database must be able to do to be behind sql.h. One table of functions a database; the
 * structs here are the first members of the database's own.
 */
#pragma once

#include "store/dialect.h"
#include "store/sql.h"

struct sql_driver {
    const struct dialect_word *words;
    const char *begin; /* the statement that begins a transaction */
    bool has_one_writer;

    enum err (*open)(struct sql_place *, enum sql_use, struct sql **out);
    void (*close)(struct sql *); /* its statements are released */
    void (*forget)(struct sql_place *);

    /* Called before what is not part of a transaction: a chance to connect again. */
    enum err (*make_ready)(struct sql *);
    /* Errors as sql_step() has them. */
    enum err (*execute)(struct sql *, const char *text);
    void (*roll_back)(struct sql *); /* what led to it is the error to return */
    enum err (*lock_schema)(struct sql *);

    /* `index` counts from 0. Texts end with NUL; bytes and texts are borrowed until reset(). */
    enum err (*prepare)(struct sql *, const char *text, struct sql_statement **out);
    void (*release)(struct sql_statement *);
    void (*put_int)(struct sql_statement *, unsigned index, int64_t);
    void (*put_bool)(struct sql_statement *, unsigned index, bool);
    void (*put_real)(struct sql_statement *, unsigned index, double);
    void (*put_text)(struct sql_statement *, unsigned index, struct str);
    void (*put_bytes)(struct sql_statement *, unsigned index, struct str);
    void (*put_null)(struct sql_statement *, unsigned index);
    enum err (*step)(struct sql *, struct sql_statement *);
    void (*reset)(struct sql_statement *); /* drops rows and parameters */

    bool (*is_null)(const struct sql_statement *, int column);
    int64_t (*get_int)(const struct sql_statement *, int column);
    struct str (*get_bytes)(struct sql_statement *, int column);
};

struct sql_place {
    const struct sql_driver *driver;
};

struct sql_statement {
    const char *literal; /* the query it was prepared from */
    bool is_running;     /* rows were asked for, and it was not reset since */
};

enum { SQL_SLOTS = 1024 }; /* a power of 2, well above the number of queries in this folder */

struct sql {
    const struct sql_driver *driver; /* set once it is open */
    bool is_in_transaction;
    bool has_failed; /* the transaction */
    unsigned statement_count;
    struct sql_statement *statements[SQL_SLOTS]; /* by a hash of the literal's address */
};
