#include "proto/http/query_reader.h"

#include "check.h"

static struct arena arena;
static struct str value;

static enum err find(const char *query, const char *key)
{
    return http_query_find(str_of(query), str_of(key), &arena, &value);
}

static void pairs_come_in_order(void)
{
    struct str query = STR("&a=b&&c&=d&e=f=g&");
    static const char *const want[][2] = {{"a", "b"}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    struct http_query_pair pair;
    for (size_t i = 0; i < 4; i++) {
        CHECK(http_query_next(&query, &pair));
        CHECK(str_equal(str_of(want[i][0]), pair.key));
        CHECK(str_equal(str_of(want[i][1]), pair.value));
    }
    CHECK(!http_query_next(&query, &pair));
    query = STR("");
    CHECK(!http_query_next(&query, &pair));
    query = STR("&&");
    CHECK(!http_query_next(&query, &pair));
}

static void value_is_found_and_decoded(void)
{
    CHECK_EQ(ERR_OK, find("x=1&_HLS%5fmsn=a+b%26&y", "_HLS_msn"));
    CHECK(str_equal(STR("a b&"), value));
    CHECK_EQ(ERR_OK, find("q=", "q"));
    CHECK_EQ(0, value.len);
    CHECK_EQ(ERR_OK, find("q", "q"));
    CHECK_EQ(0, value.len);
    CHECK_EQ(ERR_NOT_FOUND, find("Q=1&qq=1", "q"));
    CHECK_EQ(ERR_NOT_FOUND, find("", "q"));
}

static void doubled_and_undecodable_values_are_malformed(void)
{
    CHECK_EQ(ERR_OK, find("q=before", "q"));
    CHECK_EQ(ERR_MALFORMED, find("q=1&q=1", "q"));
    CHECK_EQ(ERR_MALFORMED, find("q=1&%71=2", "q"));
    CHECK_EQ(ERR_MALFORMED, find("q=%", "q"));
    CHECK_EQ(ERR_MALFORMED, find("q=%00", "q"));
    CHECK(str_equal(STR("before"), value));
    CHECK_EQ(ERR_OK, find("%=1&q=2&r=%", "q")); /* what is broken elsewhere is not asked for */
    CHECK(str_equal(STR("2"), value));
}

int main(void)
{
    arena_init(&arena, 1024);
    RUN(pairs_come_in_order);
    RUN(value_is_found_and_decoded);
    RUN(doubled_and_undecodable_values_are_malformed);
    arena_finish(&arena);
    return check_report();
}
