/*
 * The store's connections. Whoever takes one gives it back.
 *
 * Where one connection at a time can write, one does and the others read; else all of them do
 * both. One more writes what may be lost.
 */
#pragma once

#include "store/sql.h"
#include "store/store.h"
#include "store/vault.h"

#include <pthread.h>

enum { STORE_MAX_CONNECTIONS = 64 };

struct store {
    struct sql_place *place;
    pthread_mutex_t writing; /* held by whoever uses one of these two */
    struct sql *writer;      /* NULL: those that read write too */
    struct sql *sampler;

    pthread_mutex_t reading;
    pthread_cond_t is_free;
    struct sql *idle[STORE_MAX_CONNECTIONS];
    unsigned idle_count;

    struct vault vault;
    char *node;
};

/* What a transaction consists of. It may be run again from its start, so all it changes is the
 * database and what it only sets. The first error ends it: nothing of it can be run after that. */
typedef enum err (*pool_job_fn)(struct sql *, void *arg);

/* Runs the job in a transaction and commits if it returns ERR_OK; else nothing was written. Runs it
 * up to 5 times more when the database asks for that, as after a deadlock. Committed is on disk. */
MUST_USE enum err pool_write(struct store *, pool_job_fn job, void *arg);

/* The same for what may be lost in a power cut. */
MUST_USE enum err pool_write_loosely(struct store *, pool_job_fn job, void *arg);

struct sql *pool_take_reader(struct store *);
void pool_give_reader(struct store *, struct sql *);
