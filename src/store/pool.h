/*
 * The store's connections: one that writes, one that writes what may be lost, some that read.
 * Whoever takes one gives it back. SQLite has one writer at a time, so the two share a lock.
 */
#pragma once

#include "store/sql.h"
#include "store/store.h"
#include "store/vault.h"

#include <pthread.h>

enum { STORE_MAX_READERS = 64 };

struct store {
    pthread_mutex_t writing;
    struct sql *writer;
    struct sql *sampler;

    pthread_mutex_t reading;
    pthread_cond_t reader_free;
    struct sql *readers[STORE_MAX_READERS]; /* the idle ones */
    unsigned idle_readers;

    struct vault vault;
    char *node;
};

struct sql *pool_take_writer(struct store *);
void pool_give_writer(struct store *);

struct sql *pool_take_sampler(struct store *);
void pool_give_sampler(struct store *);

struct sql *pool_take_reader(struct store *);
void pool_give_reader(struct store *, struct sql *);
