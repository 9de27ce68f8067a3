#include "proto/rtmp/rtmp_publish_name_reader.h"

#include "check.h"

static struct rtmp_publish read_name(struct str name)
{
    return rtmp_publish_name_read((struct secret){.value = name});
}

static void names_are_taken_apart(void)
{
    static const struct {
        const char *name, *key;
        uint32_t priority;
    } cases[] = {
        {"abc", "abc", 0},
        {"/abc", "abc", 0},
        {"//abc", "/abc", 0}, /* one slash only */
        {"", "", 0},
        {"/", "", 0},
        {"?priority=1", "", 1},
        {"abc?", "abc", 0},
        {"abc?priority=7", "abc", 7},
        {"abc?priority=2147483647", "abc", 2147483647},
        {"abc?priority=2147483648", "abc", 0},
        {"abc?priority=0", "abc", 0},
        {"abc?priority=-1", "abc", 0},
        {"abc?priority=1x", "abc", 0},
        {"abc?priority=", "abc", 0},
        {"abc?priority", "abc", 0},
        {"abc?Priority=3", "abc", 0},
        {"abc?xpriority=3", "abc", 0},
        {"abc?bandwidthtest=true&priority=3&x=9", "abc", 3},
        {"abc?priority=3&priority=4", "abc", 4},
        {"abc?priority=3?priority=4", "abc", 0},
        {"abc?&&priority=5", "abc", 5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rtmp_publish publish = read_name(str_of(cases[i].name));
        CHECK(str_equal(str_of(cases[i].key), publish.key.value));
        CHECK_EQ(cases[i].priority, publish.priority);
    }
}

/* Security rule SE-4: names of any length. */
static void a_name_that_is_too_long_has_no_key(void)
{
    static char name[65536];
    memset(name, 'a', sizeof(name));
    static const size_t lens[] = {255, 256, 257, 1023, 1024, 1025, 65536};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct rtmp_publish publish = read_name((struct str){.at = name, .len = lens[i]});
        CHECK_EQ(lens[i] <= RTMP_MAX_STREAM_NAME ? lens[i] : 0, publish.key.value.len);
        CHECK_EQ(0, publish.priority);
    }
}

int main(void)
{
    RUN(names_are_taken_apart);
    RUN(a_name_that_is_too_long_has_no_key);
    return check_report();
}
