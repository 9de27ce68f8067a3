#include "proto/http/range_reader.h"

#include "check.h"

static uint64_t first, len;

static bool resolve(const char *value, uint64_t size)
{
    struct http_range range = http_range_read(str_of(value));
    if (range.kind == HTTP_RANGE_NONE)
        return false;
    first = len = 0;
    return http_range_resolve(&range, size, &first, &len);
}

static bool is_ignored(const char *value)
{
    return http_range_read(str_of(value)).kind == HTTP_RANGE_NONE;
}

static void ranges_are_resolved(void)
{
    static const struct {
        const char *value;
        uint64_t first, len;
    } rows[] = {
        {"bytes=0-0", 0, 1},     {"bytes=0-99", 0, 100}, {"bytes=0-1000", 0, 100},
        {"bytes=10-19", 10, 10}, {"bytes=99-", 99, 1},   {"bytes=0-", 0, 100},
        {"bytes=-1", 99, 1},     {"bytes=-100", 0, 100}, {"bytes=-101", 0, 100},
        {"Bytes= 5-5 ", 5, 1},   {"bytes=98-99", 98, 2}, {"bytes=98-100", 98, 2},
        {"bytes=99-99", 99, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK(resolve(rows[i].value, 100));
        CHECK_EQ(rows[i].first, first);
        CHECK_EQ(rows[i].len, len);
    }
}

static void ranges_outside_are_not_satisfiable(void)
{
    static const char *const rows[] = {"bytes=100-", "bytes=100-100", "bytes=-0",
                                       "bytes=9223372036854775807-"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK(!is_ignored(rows[i]));
        CHECK(!resolve(rows[i], 100));
    }
    CHECK(!resolve("bytes=0-", 0));
    CHECK(!resolve("bytes=-1", 0));
}

static void others_are_ignored(void)
{
    static const char *const rows[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=1-2,",
        "bytes=1-2,3",
        "bytes=0-1,4-5",
        "lines=1-2",
        "bytes=1--2",
        "bytes=--2",
        "bytes=1",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes= 1 - 2",
        "=1-2",
        "bytes=9223372036854775808-",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(is_ignored(rows[i]));
}

int main(void)
{
    RUN(ranges_are_resolved);
    RUN(ranges_outside_are_not_satisfiable);
    RUN(others_are_ignored);
    return check_report();
}
