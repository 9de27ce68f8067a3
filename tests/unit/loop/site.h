/*
 * What the tests of loop share: a server on real loops, each in a thread of its own, and blocking
 * clients in the test's thread. Nothing sleeps: the test waits for bytes, or for a counter that a
 * callback raises. A wait that takes WAIT_S has failed.
 */
#pragma once

#include "base/mem.h"
#include "check.h"
#include "loop/listener.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 20, SITE_LOOPS = 2 };

struct site {
    struct loop *loops[SITE_LOOPS]; /* a listener is on the first */
    pthread_t threads[SITE_LOOPS];
    struct listener *listener;
    struct listener *second; /* a test may add one; site_close() destroys it */
    uint16_t port;
    const struct conn_ops *ops; /* of accepted connections; their owner is the site */
    void (*on_accept)(struct site *, struct conn *); /* may be NULL */
    struct conn *conn; /* the last one accepted; touch it on its loop */
    const char *alpn;  /* for tests to hand on what they expect */
    int client;        /* for tests to hand one to a callback */
    sem_t changed;     /* raised with each counter */
    atomic_uint accepted, closed, ended, drained, moved;
    atomic_size_t got;
    atomic_int why; /* of the last on_close */
};

static inline void site_count(struct site *site, atomic_uint *counter)
{
    atomic_fetch_add(counter, 1);
    sem_post(&site->changed);
}

/* True once the counter has reached `value`. */
static inline bool site_wait(struct site *site, atomic_uint *counter, unsigned value)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (atomic_load(counter) < value) {
        if (sem_timedwait(&site->changed, &until) != 0)
            return false;
    }
    return true;
}

static inline bool site_wait_bytes(struct site *site, size_t len)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (atomic_load(&site->got) < len) {
        if (sem_timedwait(&site->changed, &until) != 0)
            return false;
    }
    return true;
}

struct site_call {
    loop_fn fn;
    void *arg;
    sem_t done;
};

static inline void site_run_call(struct loop *loop, void *arg)
{
    struct site_call *call = arg;
    call->fn(loop, call->arg);
    sem_post(&call->done);
}

/* Runs it on the loop and returns when it has. */
static inline void site_on(struct loop *loop, loop_fn fn, void *arg)
{
    struct site_call call = {.fn = fn, .arg = arg};
    sem_init(&call.done, 0, 0);
    loop_post(loop, site_run_call, &call);
    while (sem_wait(&call.done) != 0) {
    }
    sem_destroy(&call.done);
}

/* --- Ready-made callbacks --- */

static inline void site_echo(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    struct site *site = owner;
    struct chunk *chunk = chunk_copy(bytes, len);
    struct slice slice = slice_of(chunk);
    conn_write(conn, &slice, 1);
    chunk_unref(&chunk);
    atomic_fetch_add(&site->got, len);
    sem_post(&site->changed);
}

static inline void site_swallow(struct conn *conn, void *owner, const uint8_t *bytes, size_t len)
{
    struct site *site = owner;
    (void)conn;
    (void)bytes;
    atomic_fetch_add(&site->got, len);
    sem_post(&site->changed);
}

static inline void site_on_close(struct conn *conn, void *owner, enum err why)
{
    struct site *site = owner;
    (void)conn;
    atomic_store(&site->why, why);
    site_count(site, &site->closed);
}

static inline void site_on_end(struct conn *conn, void *owner)
{
    struct site *site = owner;
    (void)conn;
    site_count(site, &site->ended);
}

static inline void site_on_drained(struct conn *conn, void *owner)
{
    struct site *site = owner;
    (void)conn;
    site_count(site, &site->drained);
}

/* --- Life --- */

static inline void *site_thread(void *arg)
{
    loop_run(arg);
    return NULL;
}

static inline void site_accept(struct conn *conn, void *arg)
{
    struct site *site = arg;
    site->conn = conn;
    if (site->ops != NULL)
        conn_set_owner(conn, site->ops, site);
    if (site->on_accept != NULL)
        site->on_accept(site, conn);
    site_count(site, &site->accepted);
}

/* `options` may be NULL, or leave out what has a default. */
static inline void site_open(struct site *site, const struct conn_ops *ops,
                             const struct listener_options *options)
{
    *site = (struct site){.ops = ops};
    sem_init(&site->changed, 0, 0);
    struct listener_options full = options != NULL ? *options : (struct listener_options){0};
    full.host = full.host != NULL ? full.host : "127.0.0.1";
    full.max_connections = full.max_connections > 0 ? full.max_connections : 100;
    full.protocol = "test";
    full.on_accept = site_accept;
    full.arg = site;
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        CHECK_EQ(ERR_OK, loop_create(i, &site->loops[i]));
    CHECK_EQ(ERR_OK, listener_create(site->loops[0], &full, &site->listener));
    site->port = listener_port(site->listener);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        pthread_create(&site->threads[i], NULL, site_thread, site->loops[i]);
}

static inline void site_close(struct site *site)
{
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        loop_stop(site->loops[i]);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        pthread_join(site->threads[i], NULL);
    listener_destroy(site->listener);
    listener_destroy(site->second);
    for (unsigned i = 0; i < SITE_LOOPS; i++)
        loop_destroy(site->loops[i]);
    CHECK_EQ(atomic_load(&site->closed), atomic_load(&site->accepted));
    sem_destroy(&site->changed);
}

/* --- Clients --- */

/* Connected and blocking, with a limit on each call; -1 when refused. */
static inline int site_connect(const struct site *site)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval limit = {.tv_sec = WAIT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(site->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline bool send_all(int fd, const void *bytes, size_t len)
{
    for (const uint8_t *at = bytes; len > 0;) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* As many as came before the end, a reset, or `len`. */
static inline size_t receive(int fd, void *out, size_t len)
{
    size_t got = 0;
    while (got < len) {
        ssize_t some = recv(fd, (uint8_t *)out + got, len - got, 0);
        if (some <= 0)
            break;
        got += (size_t)some;
    }
    return got;
}

/* The peer closed in order: no byte, no reset, no time-out. */
static inline bool is_at_end(int fd)
{
    uint8_t byte = 0;
    return recv(fd, &byte, 1, 0) == 0;
}

/* Closes with a reset. */
static inline void reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

/* Bytes that differ from place to place, with a period that is no power of two. */
static inline uint8_t pattern(size_t at)
{
    return (uint8_t)(at % 251 + at / 65521);
}

static inline struct chunk *pattern_chunk(size_t len)
{
    struct chunk *chunk = chunk_create(len);
    for (size_t i = 0; i < len; i++)
        chunk->at[i] = pattern(i);
    return chunk;
}

static inline size_t pattern_matches(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && bytes[i] == pattern(i))
        i++;
    return i;
}
