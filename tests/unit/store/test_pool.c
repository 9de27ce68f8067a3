#include "store/pool.h"

#include "fixture.h"

static struct fixture f;

struct attempts {
    unsigned refused; /* how often to ask for another run */
    unsigned count;
};

static enum err write_late(struct sql *sql, void *arg)
{
    struct attempts *attempts = arg;
    struct sql_query query = sql_query(sql, "INSERT INTO categories (id, name, name_ci, position)"
                                            " VALUES ('a', 'A', 'a', 1)");
    enum err err = sql_run(&query);
    if (!err && attempts->count++ < attempts->refused)
        return ERR_AGAIN;
    return err;
}

static void a_transaction_is_run_again_5_times(void)
{
    fixture_start(&f);
    struct attempts too_many = {.refused = 6};
    CHECK_EQ(ERR_IO, pool_write(f.store, write_late, &too_many));
    CHECK_EQ(6, too_many.count);
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM categories"));
    struct attempts enough = {.refused = 5};
    CHECK_EQ(ERR_OK, pool_write(f.store, write_late, &enough));
    CHECK_EQ(6, enough.count);
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM categories"));
    struct attempts one = {0};
    CHECK_EQ(ERR_CONFLICT, pool_write_loosely(f.store, write_late, &one));
    CHECK_EQ(0, one.count);
    fixture_finish(&f);
}

/* Two writers that take the same rows in opposite order. */
struct crossing {
    pthread_barrier_t *both_have_one;
    int first, second;
    unsigned runs;
    enum err err;
};

static enum err add_1(struct sql *sql, int position)
{
    struct sql_query query =
        sql_query(sql, "UPDATE categories SET name = name || '+' WHERE position = ?");
    sql_put_int(&query, position);
    return sql_run(&query);
}

static enum err cross(struct sql *sql, void *arg)
{
    struct crossing *crossing = arg;
    enum err err = add_1(sql, crossing->first);
    /* Where one writes at a time, they cannot meet. */
    if (crossing->runs++ == 0 && f.store->writer == NULL)
        (void)pthread_barrier_wait(crossing->both_have_one); /* one of the two is told so */
    return err ? err : add_1(sql, crossing->second);
}

static void *run_crossing(void *arg)
{
    struct crossing *crossing = arg;
    crossing->err = pool_write(f.store, cross, crossing);
    return NULL;
}

static void a_deadlock_is_resolved(void)
{
    fixture_start(&f);
    fixture_execute(&f, "INSERT INTO categories (id, name, name_ci, position)"
                        " VALUES ('a', 'a', 'a', 1), ('b', 'b', 'b', 2)");
    pthread_barrier_t barrier;
    CHECK_EQ(0, pthread_barrier_init(&barrier, NULL, 2));
    struct crossing crossings[] = {{.both_have_one = &barrier, .first = 1, .second = 2},
                                   {.both_have_one = &barrier, .first = 2, .second = 1}};
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, run_crossing, &crossings[i]));
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
    CHECK_EQ(ERR_OK, crossings[0].err);
    CHECK_EQ(ERR_OK, crossings[1].err);
    CHECK_EQ(f.store->writer == NULL, crossings[0].runs + crossings[1].runs > 2);
    CHECK_EQ(2, fixture_number(&f, "SELECT count(*) FROM categories WHERE name LIKE '_++'"));
    (void)pthread_barrier_destroy(&barrier); /* nobody waits */
    fixture_finish(&f);
}

static enum err count_up(struct sql *sql, void *arg)
{
    (void)arg;
    struct sql_query query =
        sql_query(sql, "SELECT position FROM categories WHERE id = 'a' FOR UPDATE");
    enum err err = sql_step(&query);
    int64_t position = err ? 0 : sql_int(&query, 0);
    sql_end(&query);
    if (err)
        return err;
    query = sql_query(sql, "UPDATE categories SET position = ? WHERE id = 'a'");
    sql_put_int(&query, position + 1);
    return sql_run(&query);
}

static void *count_up_often(void *arg)
{
    for (unsigned i = 0; i < 25; i++)
        CHECK_EQ(ERR_OK, pool_write(f.store, count_up, NULL));
    return arg;
}

static void what_is_read_for_update_does_not_change_meanwhile(void)
{
    fixture_start(&f);
    fixture_execute(&f, "INSERT INTO categories (id, name, name_ci, position)"
                        " VALUES ('a', 'a', 'a', 0)");
    pthread_t threads[4]; /* more than there are connections */
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, count_up_often, NULL));
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
    CHECK_EQ(100, fixture_number(&f, "SELECT position FROM categories"));
    fixture_finish(&f);
}

int main(void)
{
    RUN(a_transaction_is_run_again_5_times);
    RUN(a_deadlock_is_resolved);
    RUN(what_is_read_for_update_does_not_change_meanwhile);
    return check_report();
}
