#include "store/pool.h"

#include "base/mem.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RERUNS = 5 };

/* SQLite gives its other files the mode of the main one. */
static enum err make_private_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("store", "cannot open the database", "path=%s reason=%s",
                  log_quote(str_of(path)).at, log_quote(str_of(strerror(errno))).at);
        return ERR_IO;
    }
    (void)close(fd); /* nothing was written */
    return ERR_OK;
}

static enum err open_connections(struct store *store, const struct store_options *options)
{
    bool has_one_writer = sql_has_one_writer(store->place);
    enum err err = ERR_OK;
    if (has_one_writer)
        err = sql_open(store->place, SQL_WRITER, &store->writer);
    if (!err)
        err = sql_open(store->place, SQL_SAMPLER, &store->sampler);
    enum sql_use use = has_one_writer ? SQL_READER : SQL_WRITER;
    for (unsigned i = 0; !err && i < options->connections && i < STORE_MAX_CONNECTIONS; i++) {
        err = sql_open(store->place, use, &store->idle[i]);
        store->idle_count += !err;
    }
    return err;
}

static enum err find_place(const struct store_options *options, struct sql_place **out)
{
    if (options->url != NULL) {
        *out = sql_place_postgres(options->url, options->password);
        return ERR_OK;
    }
    *out = sql_place_sqlite(options->path);
    return make_private_file(options->path);
}

enum err store_open(const struct store_options *options, struct store **out)
{
    struct store *store = mem_zalloc(1, sizeof(*store));
    (void)pthread_mutex_init(&store->writing, NULL); /* these three cannot fail on Linux */
    (void)pthread_mutex_init(&store->reading, NULL);
    (void)pthread_cond_init(&store->is_free, NULL);
    store->node = mem_copy_str(options->node, strlen(options->node));
    vault_init(&store->vault, options->key);

    enum err err = find_place(options, &store->place);
    if (!err)
        err = open_connections(store, options);
    if (err) {
        store_close(store);
        return err;
    }
    *out = store;
    return ERR_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (unsigned i = 0; i < store->idle_count; i++)
        sql_close(store->idle[i]);
    sql_close(store->sampler);
    sql_close(store->writer); /* last, so that it tidies the log of SQLite up */
    sql_place_destroy(store->place);
    vault_finish(&store->vault);
    (void)pthread_cond_destroy(&store->is_free); /* nobody waits */
    (void)pthread_mutex_destroy(&store->reading);
    (void)pthread_mutex_destroy(&store->writing);
    mem_free(store->node);
    mem_free(store);
}

struct sql *pool_take_reader(struct store *store)
{
    (void)pthread_mutex_lock(&store->reading); /* fails on misuse only, here and below */
    while (store->idle_count == 0)
        (void)pthread_cond_wait(&store->is_free, &store->reading);
    struct sql *reader = store->idle[--store->idle_count];
    (void)pthread_mutex_unlock(&store->reading);
    return reader;
}

void pool_give_reader(struct store *store, struct sql *reader)
{
    (void)pthread_mutex_lock(&store->reading);
    store->idle[store->idle_count++] = reader;
    (void)pthread_cond_signal(&store->is_free);
    (void)pthread_mutex_unlock(&store->reading);
}

static enum err run_once(struct sql *sql, pool_job_fn job, void *arg)
{
    enum err err = sql_begin(sql);
    return err ? err : sql_finish(sql, job(sql, arg));
}

/* Of random length, so that two who met do not meet again; up to 10 ms, then twice that, … */
static void wait_a_moment(unsigned rerun)
{
    enum { FIRST_NS = 10 * 1000 * 1000 };
    long limit_ns = (long)FIRST_NS << rerun;
    struct timespec time = {.tv_nsec = random_below(random_system(), (uint32_t)limit_ns)};
    (void)nanosleep(&time, NULL); /* shorter is fine too */
}

static enum err run(struct sql *sql, pool_job_fn job, void *arg)
{
    enum err err = run_once(sql, job, arg);
    for (unsigned i = 0; err == ERR_AGAIN && i < MAX_RERUNS; i++) {
        wait_a_moment(i);
        err = run_once(sql, job, arg);
    }
    if (err != ERR_AGAIN)
        return err;
    log_error("store", "gave up a transaction that others kept out", NULL);
    return ERR_IO;
}

static enum err run_alone(struct store *store, struct sql *sql, pool_job_fn job, void *arg)
{
    (void)pthread_mutex_lock(&store->writing);
    enum err err = run(sql, job, arg);
    (void)pthread_mutex_unlock(&store->writing);
    return err;
}

enum err pool_write(struct store *store, pool_job_fn job, void *arg)
{
    if (store->writer != NULL)
        return run_alone(store, store->writer, job, arg);
    struct sql *sql = pool_take_reader(store);
    enum err err = run(sql, job, arg);
    pool_give_reader(store, sql);
    return err;
}

enum err pool_write_loosely(struct store *store, pool_job_fn job, void *arg)
{
    return run_alone(store, store->sampler, job, arg);
}
