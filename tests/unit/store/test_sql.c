#include "store/sql.h"

#include "fixture.h"

static struct fixture f;
static struct sql_place *place;
static struct sql *sql;

static void start(void)
{
    fixture_start_empty(&f);
    place = fixture_place(&f);
    CHECK_EQ(ERR_OK, sql_open(place, SQL_WRITER, &sql));
    CHECK_EQ(ERR_OK, sql_define(sql, "CREATE TABLE things (id {serial}, n {int} UNIQUE, b {bool},"
                                     " r {real}, t {text}, j {json}, y {bytes}, u {uuid}) {table};"
                                     "CREATE TABLE parts (thing {int} NOT NULL REFERENCES things,"
                                     " name {text} NOT NULL, PRIMARY KEY (thing, name)) {keyed}"));
}

static void finish(void)
{
    sql_close(sql);
    sql_place_destroy(place);
    fixture_finish(&f);
}

static enum err run(const char *literal)
{
    struct sql_query query = sql_query(sql, literal);
    return sql_run(&query);
}

/* The first column of the first row; -1 for none, NULL or an error. */
static int64_t number(const char *literal)
{
    struct sql_query query = sql_query(sql, literal);
    int64_t value = sql_step(&query) == ERR_OK && !sql_is_null(&query, 0) ? sql_int(&query, 0) : -1;
    sql_end(&query);
    return value;
}

static const char insert_thing[] =
    "INSERT INTO things (n, b, r, t, j, y, u) VALUES (?, ?, ?, ?, ?, ?, ?)";

static void what_is_put_comes_back(void)
{
    start();
    struct sql_query query = sql_query(sql, insert_thing);
    sql_put_int(&query, INT64_MIN);
    sql_put_bool(&query, true);
    sql_put_real(&query, 0.1);
    sql_put_str(&query, (struct str){"na\xc3\xafve 'quoted' ?1xyz", 19});
    sql_put_text(&query, "{\"a\": [1]}");
    sql_put_bytes(&query, "\0\xff'\\x", 5);
    sql_put_text(&query, "01234567-89ab-cdef-0123-456789abcdef");
    CHECK_EQ(ERR_OK, sql_run(&query));

    query = sql_query(sql, "SELECT n, b, r = 0.1, t, j, y, u, y FROM things");
    CHECK_EQ(ERR_OK, sql_step(&query));
    CHECK(sql_int(&query, 0) == INT64_MIN);
    CHECK_EQ(1, sql_int(&query, 1));
    CHECK_EQ(1, sql_int(&query, 2));
    CHECK(strcmp("na\xc3\xafve 'quoted' ?1x", sql_text(&query, 3, &f.arena)) == 0);
    CHECK(fixture_is_json("{\"a\":[1]}", sql_text(&query, 4, &f.arena)));
    struct str bytes = sql_bytes(&query, 5);
    struct str again = sql_bytes(&query, 7);
    CHECK(str_equal(bytes, (struct str){"\0\xff'\\x", 5}) && str_equal(bytes, again));
    CHECK(strcmp("01234567-89ab-cdef-0123-456789abcdef", sql_text(&query, 6, &f.arena)) == 0);
    char cut[4];
    sql_copy_text(&query, 6, cut, sizeof(cut));
    CHECK(strcmp("012", cut) == 0);
    CHECK_EQ(ERR_END, sql_step(&query));
    sql_end(&query);
    finish();
}

static void null_and_empty_differ(void)
{
    start();
    struct sql_query query = sql_query(sql, insert_thing);
    for (unsigned i = 0; i < 7; i++)
        sql_put_null(&query);
    CHECK_EQ(ERR_OK, sql_run(&query));
    sql_put_int(&query, INT64_MAX); /* the same statement, first run with other types */
    sql_put_bool(&query, false);
    sql_put_real(&query, -1e300);
    sql_put_str(&query, (struct str){0});
    sql_put_text(&query, NULL);
    sql_put_bytes(&query, NULL, 0);
    sql_put_text(&query, NULL);
    CHECK_EQ(ERR_OK, sql_run(&query));

    query = sql_query(sql, "SELECT n, b, r, t, j, y, u FROM things ORDER BY id");
    CHECK_EQ(ERR_OK, sql_step(&query));
    for (int i = 0; i < 7; i++) {
        CHECK(sql_is_null(&query, i));
        CHECK(sql_text(&query, i, &f.arena) == NULL);
        CHECK_EQ(0, sql_int(&query, i));
        CHECK_EQ(0, sql_bytes(&query, i).len);
    }
    CHECK_EQ(ERR_OK, sql_step(&query));
    CHECK(sql_int(&query, 0) == INT64_MAX);
    CHECK(!sql_is_null(&query, 1) && sql_int(&query, 1) == 0);
    CHECK(!sql_is_null(&query, 3) && strcmp("", sql_text(&query, 3, &f.arena)) == 0);
    CHECK(!sql_is_null(&query, 5) && sql_bytes(&query, 5).len == 0);
    sql_end(&query);
    CHECK_EQ(1, number("SELECT count(*) FROM things WHERE r < -9e299"));
    finish();
}

static void rules_of_the_tables_have_their_errors(void)
{
    start();
    CHECK_EQ(ERR_OK, run("INSERT INTO things (n) VALUES (1)"));
    CHECK_EQ(ERR_CONFLICT, run("INSERT INTO things (n) VALUES (1)"));
    CHECK_EQ(ERR_OK, run("INSERT INTO parts VALUES (1, 'a')"));
    CHECK_EQ(ERR_CONFLICT, run("INSERT INTO parts VALUES (1, 'a')"));
    CHECK_EQ(ERR_NOT_FOUND, run("INSERT INTO parts VALUES (99, 'a')"));
    CHECK_EQ(ERR_IO, run("INSERT INTO things (j) VALUES ('{')"));
    CHECK_EQ(ERR_IO, run("INSERT INTO parts VALUES (1, NULL)"));
    CHECK_EQ(ERR_IO, run("SELECT nothing FROM nowhere"));
    CHECK_EQ(1, number("SELECT count(*) FROM parts"));
    finish();
}

static void ids_count_by_themselves(void)
{
    start();
    CHECK_EQ(1, number("INSERT INTO things (n) VALUES (7) RETURNING id"));
    CHECK_EQ(2, number("INSERT INTO things (n) VALUES (8) RETURNING id"));
    finish();
}

static void a_text_that_cannot_be_stored_is_nowhere(void)
{
    static const struct str bad[] = {{"a\0b", 3}, {"\0", 1}, {"\xff", 1}, {"a\xc3", 2}};
    start();
    CHECK_EQ(ERR_OK, run("INSERT INTO things (t) VALUES ('a')"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct sql_query query = sql_query(sql, "SELECT 1 FROM things WHERE t = ?");
        sql_put_str(&query, bad[i]);
        CHECK_EQ(ERR_NOT_FOUND, sql_step(&query));
        sql_end(&query);
        sql_put_str(&query, STR("a"));
        CHECK_EQ(ERR_OK, sql_step(&query));
        sql_end(&query);
    }
    finish();
}

static void texts_compare_by_their_bytes(void)
{
    static const char *const sorted[] = {"", "A", "Z", "_", "a", "a b", "ab", "\xc3\xa4"};
    enum { COUNT = sizeof(sorted) / sizeof(*sorted) };
    start();
    for (unsigned i = 0; i < COUNT; i++) {
        struct sql_query query = sql_query(sql, "INSERT INTO things (t) VALUES (?)");
        sql_put_text(&query, sorted[COUNT - 1 - i]);
        CHECK_EQ(ERR_OK, sql_run(&query));
    }
    struct sql_query query = sql_query(sql, "SELECT t FROM things ORDER BY t");
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_EQ(ERR_OK, sql_step(&query));
        CHECK(strcmp(sorted[i], sql_text(&query, 0, &f.arena)) == 0);
    }
    sql_end(&query);
    CHECK_EQ(3, number("SELECT count(*) FROM things WHERE t >= 'a' AND t < 'b'"));
    CHECK_EQ(3, number("SELECT count(*) FROM things WHERE t LIKE 'a%'"));
    CHECK_EQ(1, number("SELECT count(*) FROM things WHERE lower(t) = 'z'"));
    finish();
}

static void both_know_these_words(void)
{
    start();
    CHECK_EQ(3, number("SELECT greatest(1, 3, NULL, 2)"));
    CHECK_EQ(1, number("SELECT least(3, NULL, 1, 2)"));
    CHECK_EQ(-1, number("SELECT greatest(CAST(NULL AS BIGINT), NULL)"));
    CHECK_EQ(1, number("SELECT greatest(1.5, 1) > 1.4 AND least(-0.5, 1) < 0"));
    CHECK_EQ(1, number("SELECT NULL IS NOT DISTINCT FROM NULL AND 1 IS DISTINCT FROM NULL"));
    CHECK_EQ(0, number("SELECT true AND false"));
    CHECK_EQ(7, number("INSERT INTO things (n) VALUES (7) ON CONFLICT (n) DO UPDATE SET b = true"
                       " RETURNING n"));
    CHECK_EQ(7, number("WITH a AS (SELECT 7 AS x) SELECT x FROM a"));
    CHECK_EQ(7, number("SELECT n FROM things WHERE b IS NULL FOR UPDATE"));
    CHECK_EQ(7, number("SELECT t.n FROM things t LEFT JOIN parts p ON p.thing = t.id"
                       " FOR UPDATE OF t"));
    finish();
}

static void a_parameter_may_stand_in_many_places(void)
{
    start();
    struct sql_query query = sql_query(sql, "SELECT ?2 - ?1 - 5, '?' || CAST(?3 AS TEXT), ?1");
    sql_put_int(&query, 5);
    sql_put_int(&query, 1790000000000);
    sql_put_text(&query, "!");
    CHECK_EQ(ERR_OK, sql_step(&query));
    CHECK_EQ(1789999999990, sql_int(&query, 0));
    CHECK(strcmp("?!", sql_text(&query, 1, &f.arena)) == 0);
    CHECK_EQ(5, sql_int(&query, 2));
    sql_end(&query);
    finish();
}

static void a_transaction_is_all_or_nothing(void)
{
    start();
    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(ERR_OK, run("INSERT INTO things (n) VALUES (1)"));
    CHECK_EQ(ERR_DENIED, sql_finish(sql, ERR_DENIED));
    CHECK_EQ(0, number("SELECT count(*) FROM things"));

    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(ERR_OK, run("INSERT INTO things (n) VALUES (2)"));
    CHECK_EQ(ERR_CONFLICT, run("INSERT INTO things (n) VALUES (2)"));
    CHECK_EQ(ERR_CONFLICT, sql_finish(sql, ERR_CONFLICT));
    CHECK_EQ(0, number("SELECT count(*) FROM things"));

    CHECK_EQ(ERR_OK, sql_begin(sql));
    CHECK_EQ(ERR_OK, run("INSERT INTO things (n) VALUES (3)"));
    CHECK_EQ(ERR_OK, sql_finish(sql, ERR_OK));
    CHECK_EQ(3, fixture_number(&f, "SELECT n FROM things"));
    finish();
}

static void more_statements_are_kept_than_share_a_slot(void)
{
    enum { COUNT = 300 };
    static char texts[COUNT][16];
    start();
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < COUNT; i++) {
            (void)snprintf(texts[i], sizeof(texts[i]), "SELECT %u", i);
            CHECK_EQ(i, number(texts[i]));
        }
    finish();
}

int main(void)
{
    RUN(what_is_put_comes_back);
    RUN(null_and_empty_differ);
    RUN(rules_of_the_tables_have_their_errors);
    RUN(ids_count_by_themselves);
    RUN(a_text_that_cannot_be_stored_is_nowhere);
    RUN(texts_compare_by_their_bytes);
    RUN(both_know_these_words);
    RUN(a_parameter_may_stand_in_many_places);
    RUN(a_transaction_is_all_or_nothing);
    RUN(more_statements_are_kept_than_share_a_slot);
    return check_report();
}
