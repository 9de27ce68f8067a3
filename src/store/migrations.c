/* Takes a database from the schema it has to the one of this version. */
#include "log/log.h"
#include "store/pool.h"
#include "store/schema.h"

/* Not "main.": the version of the file decides before anything else is touched. */
static const char *const version_table =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " version {int} PRIMARY KEY, applied_at {ts} NOT NULL) {table}";

static enum err read_version(struct sql *sql, int64_t *out)
{
    struct sql_query query = sql_query(sql, "SELECT coalesce(max(version), 0)"
                                            " FROM schema_migrations");
    enum err err = sql_step(&query);
    if (!err)
        *out = sql_int(&query, 0);
    sql_end(&query);
    return err;
}

static enum err apply(struct sql *sql, int64_t version, int64_t now_us)
{
    enum err err = sql_define(sql, schema_steps[version - 1]);
    if (err)
        return err;
    struct sql_query query = sql_query(sql, "INSERT INTO schema_migrations (version, applied_at)"
                                            " VALUES (?, ?)");
    sql_put_int(&query, version);
    sql_put_int(&query, now_us / 1000);
    return sql_run(&query);
}

struct step {
    int64_t now_us;
    bool is_done;
};

/* One step, or none: the version is read under the lock, since two processes may start at once. */
static enum err apply_next(struct sql *sql, void *arg)
{
    struct step *step = arg;
    int64_t version = 0;
    enum err err = sql_lock_schema(sql);
    if (!err)
        err = read_version(sql, &version);
    if (!err && version > schema_step_count)
        err = ERR_UNSUPPORTED;
    bool is_done = version >= schema_step_count;
    if (!err && !is_done)
        err = apply(sql, version + 1, step->now_us);
    if (!err)
        step->is_done = is_done;
    return err;
}

static enum err create_version_table(struct sql *sql, void *arg)
{
    (void)arg;
    enum err err = sql_lock_schema(sql);
    return err ? err : sql_define(sql, version_table);
}

enum err store_migrate(struct store *store, int64_t now_us, unsigned *out_applied)
{
    unsigned applied = 0;
    struct step step = {.now_us = now_us};
    enum err err = pool_write(store, create_version_table, NULL);
    while (!err && !step.is_done) {
        err = pool_write(store, apply_next, &step);
        applied += !err && !step.is_done;
    }
    if (err == ERR_UNSUPPORTED)
        log_error("store", "the database was written by a newer version of klieg", NULL);
    if (!err && out_applied != NULL)
        *out_applied = applied;
    return err;
}
