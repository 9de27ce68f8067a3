#include "daemon/options_value.h"

#include "check.h"

static struct arena arena;
static struct options options;
static struct buf why;

static enum err set_json(const char *path, const char *json)
{
    buf_clear(&why);
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    CHECK(value != NULL);
    enum err err = options_set(options_find(str_of(path)), value, &arena, &options, &why);
    json_decref(value);
    CHECK_EQ(err == ERR_OK, why.len == 0);
    return err;
}

static enum err set_text(const char *path, const char *text)
{
    buf_clear(&why);
    return options_set_text(options_find(str_of(path)), str_of(text), &arena, &options, &why);
}

static bool why_is(const char *text)
{
    bool is_same = str_equal(str_of(text), buf_str(&why));
    if (!is_same)
        printf("%.*s\n", (int)why.len, (const char *)why.at);
    return is_same;
}

static void numbers_keep_to_their_range(void)
{
    CHECK_EQ(ERR_OK, set_json("media.windowSegments", "6"));
    CHECK_EQ(6, options.media.window_segments);
    CHECK_EQ(ERR_OK, set_json("media.windowSegments", "60"));
    CHECK_EQ(ERR_MALFORMED, set_json("media.windowSegments", "61"));
    CHECK(why_is("must be a whole number from 6 to 60, not 61"));
    CHECK_EQ(ERR_MALFORMED, set_json("media.windowSegments", "5"));
    CHECK_EQ(ERR_MALFORMED, set_json("media.windowSegments", "14.0"));
    CHECK_EQ(ERR_MALFORMED, set_json("chat.history", "5.0"));
    CHECK_EQ(ERR_MALFORMED, set_json("media.windowSegments", "\"14\""));
    CHECK_EQ(ERR_MALFORMED, set_json("media.windowSegments", "null"));
    CHECK_EQ(60, options.media.window_segments);
    CHECK_EQ(ERR_OK, set_text("media.windowSegments", "7"));
    CHECK_EQ(7, options.media.window_segments);
    CHECK_EQ(ERR_MALFORMED, set_text("media.windowSegments", "7x"));
    CHECK_EQ(ERR_MALFORMED, set_text("media.windowSegments", ""));
}

static void booleans_are_true_or_false(void)
{
    CHECK_EQ(ERR_OK, set_json("rtmp.insecureIngest", "true"));
    CHECK(options.rtmp.insecure_ingest);
    CHECK_EQ(ERR_OK, set_text("rtmp.insecureIngest", "false"));
    CHECK(!options.rtmp.insecure_ingest);
    CHECK_EQ(ERR_MALFORMED, set_json("rtmp.insecureIngest", "1"));
    CHECK_EQ(ERR_MALFORMED, set_json("rtmp.insecureIngest", "\"true\""));
    CHECK_EQ(ERR_MALFORMED, set_text("rtmp.insecureIngest", "yes"));
    CHECK(why_is("must be true or false, not \"yes\""));
    CHECK_EQ(ERR_MALFORMED, set_text("rtmp.insecureIngest", "\xff"));
}

static void an_enum_takes_its_choices_only(void)
{
    CHECK_EQ(ERR_OK, set_json("store.driver", "\"postgres\""));
    CHECK(strcmp("postgres", options.store.driver) == 0);
    CHECK_EQ(ERR_MALFORMED, set_json("store.driver", "\"mysql\""));
    CHECK(why_is("must be one of \"sqlite\", \"postgres\", not \"mysql\""));
    CHECK_EQ(ERR_MALFORMED, set_json("store.driver", "\"sqlite|postgres\""));
    CHECK_EQ(ERR_MALFORMED, set_json("store.driver", "\"\""));
    CHECK_EQ(ERR_OK, set_json("multitrackInputConfiguration.policy", "\"\""));
    CHECK(strcmp("postgres", options.store.driver) == 0);
}

static void texts_are_checked_and_taken_literally_from_text(void)
{
    CHECK_EQ(ERR_OK, set_text("log.file", "12 \"x\""));
    CHECK(strcmp("12 \"x\"", options.log.file) == 0);
    CHECK_EQ(ERR_MALFORMED, set_text("http.listen", "localhost"));
    CHECK(why_is("must be host:port with a numeric host, [v6]:port, or empty, not \"localhost\""));
    CHECK_EQ(ERR_MALFORMED, set_json("http.listen", "8080"));
    CHECK_EQ(ERR_MALFORMED, set_text("log.file", "\xff"));
    static char long_text[5000];
    memset(long_text, 'a', sizeof(long_text) - 1);
    CHECK_EQ(ERR_MALFORMED, set_text("log.file", long_text));
    CHECK(why.len < 300);
    CHECK(strcmp("12 \"x\"", options.log.file) == 0);
}

static void lists_come_as_json_or_apart_by_commas(void)
{
    CHECK_EQ(ERR_OK, set_json("allowedOrigins", "[\"http://a\", \"http://b\"]"));
    CHECK_EQ(2, options.allowed_origins.count);
    CHECK(strcmp("http://b", options.allowed_origins.items[1]) == 0);
    CHECK_EQ(ERR_OK, set_text("allowedOrigins", "http://c, http://d ,http://e"));
    CHECK_EQ(3, options.allowed_origins.count);
    CHECK(strcmp("http://d", options.allowed_origins.items[1]) == 0);
    CHECK_EQ(ERR_OK, set_text("allowedOrigins", "[\"*\"]"));
    CHECK_EQ(1, options.allowed_origins.count);
    CHECK_EQ(ERR_MALFORMED, set_text("allowedOrigins", "http://a,,http://b"));
    CHECK_EQ(ERR_MALFORMED, set_text("allowedOrigins", "[1]"));
    CHECK_EQ(ERR_MALFORMED, set_json("allowedOrigins", "\"http://a\""));
    CHECK_EQ(1, options.allowed_origins.count);
    CHECK_EQ(ERR_OK, set_text("allowedOrigins", ""));
    CHECK_EQ(0, options.allowed_origins.count);
}

static void a_limit_names_all_its_parts(void)
{
    CHECK_EQ(ERR_OK, set_json("limits.read", "{\"count\":0,\"seconds\":1,\"burst\":3}"));
    CHECK_EQ(0, options.limits.read.count);
    CHECK_EQ(1, options.limits.read.seconds);
    CHECK_EQ(3, options.limits.read.burst);
    CHECK_EQ(ERR_MALFORMED, set_json("limits.read", "{\"count\":1,\"seconds\":0,\"burst\":3}"));
    CHECK_EQ(ERR_MALFORMED, set_json("limits.read", "{\"count\":1,\"seconds\":1}"));
    CHECK_EQ(ERR_MALFORMED, set_json("limits.read", "{\"count\":-1,\"seconds\":1,\"burst\":3}"));
    CHECK_EQ(ERR_MALFORMED,
             set_json("limits.read", "{\"count\":1,\"seconds\":1,\"burst\":3,\"x\":1}"));
    CHECK_EQ(ERR_MALFORMED, set_json("limits.read", "5"));
    CHECK_EQ(0, options.limits.read.count);
}

static void categories_have_distinct_ids_and_names(void)
{
    CHECK_EQ(ERR_OK, set_json("categories", "[{\"id\":\"ab\",\"name\":\"A\"},"
                                            "{\"id\":\"c-9\",\"name\":\"\xc3\x84\"}]"));
    CHECK_EQ(2, options.categories.count);
    CHECK(strcmp("c-9", options.categories.items[1].id) == 0);
    static const char *const bad[] = {
        "{}",
        "[1]",
        "[{\"id\":\"a\",\"name\":\"A\"}]",
        "[{\"id\":\"Ab\",\"name\":\"A\"}]",
        "[{\"id\":\"ab\",\"name\":\"\"}]",
        "[{\"id\":\"ab\",\"name\":1}]",
        "[{\"id\":\"ab\"}]",
        "[{\"id\":\"ab\",\"name\":\"A\",\"x\":1}]",
        "[{\"id\":\"ab\",\"name\":\"12345678901234567890123456789012345678901\"}]",
        "[{\"id\":\"ab\",\"name\":\"A\"},{\"id\":\"ab\",\"name\":\"B\"}]",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(ERR_MALFORMED, set_json("categories", bad[i]));
    CHECK_EQ(2, options.categories.count);
}

static void what_was_set_is_what_comes_back(void)
{
    struct options other;
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *option = &options_table[i];
        options_set_default(option, STR("prod"), &arena, &options);
        json_t *value = options_get(option, &options);
        CHECK_EQ(ERR_OK, options_set(option, value, &arena, &other, &why));
        CHECK(options_equal(option, &options, &other));
        json_decref(value);
    }
    options_set_default(options_find(STR("rtmp.insecureIngest")), STR("dev"), &arena, &other);
    CHECK(!options_equal(options_find(STR("rtmp.insecureIngest")), &options, &other));
}

static void stages_other_than_dev_have_the_defaults_of_prod(void)
{
    const struct option *level = options_find(STR("log.level"));
    options_set_default(level, STR("dev"), &arena, &options);
    CHECK(strcmp("debug", options.log.level) == 0);
    options_set_default(level, STR("prod"), &arena, &options);
    CHECK(strcmp("info", options.log.level) == 0);
    options_set_default(level, STR("staging"), &arena, &options);
    CHECK(strcmp("info", options.log.level) == 0);
}

int main(void)
{
    arena_init(&arena, 16384);
    buf_init(&why, 4096);
    RUN(numbers_keep_to_their_range);
    RUN(booleans_are_true_or_false);
    RUN(an_enum_takes_its_choices_only);
    RUN(texts_are_checked_and_taken_literally_from_text);
    RUN(lists_come_as_json_or_apart_by_commas);
    RUN(a_limit_names_all_its_parts);
    RUN(categories_have_distinct_ids_and_names);
    RUN(what_was_set_is_what_comes_back);
    RUN(stages_other_than_dev_have_the_defaults_of_prod);
    buf_finish(&why);
    arena_finish(&arena);
    return check_report();
}
