#include "proto/http/path_reader.h"

#include "check.h"

static struct arena arena;
static struct http_path path;

static enum err read_path(const char *raw)
{
    return http_path_read(str_of(raw), &arena, &path);
}

static bool segment_is(size_t i, const char *text)
{
    return i < path.count && str_equal(str_of(text), path.segments[i]);
}

static void path_is_cut_at_slashes(void)
{
    CHECK_EQ(ERR_OK, read_path("/api/channels/jdoe"));
    CHECK_EQ(3, path.count);
    CHECK(segment_is(0, "api") && segment_is(1, "channels") && segment_is(2, "jdoe"));
    CHECK_EQ(ERR_OK, read_path("/"));
    CHECK_EQ(0, path.count);
}

static void trailing_slash_adds_nothing(void)
{
    CHECK_EQ(ERR_OK, read_path("/a/"));
    CHECK_EQ(1, path.count);
    CHECK_EQ(ERR_OK, read_path("/a//"));
    CHECK_EQ(2, path.count);
    CHECK(segment_is(1, ""));
    CHECK_EQ(ERR_OK, read_path("//a"));
    CHECK(segment_is(0, "") && segment_is(1, "a"));
}

static void segments_are_decoded_once(void)
{
    CHECK_EQ(ERR_OK, read_path("/%61%2Fb/%2561/c+d/%C3%a4"));
    CHECK_EQ(4, path.count);
    CHECK(segment_is(0, "a/b") && segment_is(1, "%61") && segment_is(2, "c+d"));
    CHECK(segment_is(3, "\xc3\xa4"));
    CHECK_EQ(ERR_OK, read_path("/%61+b"));
    CHECK(segment_is(0, "a+b"));
}

static void bad_escapes_are_malformed(void)
{
    static const char *const bad[] = {"/%",    "/%a",   "/a%4", "/%g0",    "/%0g",       "/%00",
                                      "/%-1",  "/%c3",  "/%ff", "/%c0%80", "/%ed%a0%80", "/a/%2",
                                      "/%0aa", "/%7fa", "/%1f", "/%e2%82", "/a%0a"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_path(bad[i]));
    CHECK_EQ(ERR_OK, read_path("/%20"));
}

static void dot_segments_are_malformed(void)
{
    static const char *const bad[] = {"/.", "/..", "/a/../b", "/%2e%2E/b", "/.%2e", "/a/./b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_path(bad[i]));
    CHECK_EQ(ERR_OK, read_path("/.../.a/a."));
    CHECK_EQ(ERR_OK, read_path("/%252e"));
    CHECK(segment_is(0, "%2e"));
}

static void raw_bytes_must_be_visible(void)
{
    CHECK_EQ(ERR_MALFORMED, read_path("/a b"));
    CHECK_EQ(ERR_MALFORMED, read_path("/a\x80"));
    CHECK_EQ(ERR_MALFORMED, read_path("/\x7f"));
    CHECK_EQ(ERR_MALFORMED, read_path("a"));
    CHECK_EQ(ERR_MALFORMED, read_path(""));
    CHECK_EQ(ERR_MALFORMED, read_path("*"));
}

static void depth_has_a_limit(void)
{
    CHECK_EQ(ERR_OK, read_path("/1/2/3/4/5/6/7/8/9/10/11/12"));
    CHECK_EQ(HTTP_MAX_SEGMENTS, path.count);
    CHECK_EQ(ERR_OK, read_path("/1/2/3/4/5/6/7/8/9/10/11/12/"));
    CHECK_EQ(ERR_NOT_FOUND, read_path("/1/2/3/4/5/6/7/8/9/10/11/12/13"));
}

static void failure_leaves_the_result_alone(void)
{
    CHECK_EQ(ERR_OK, read_path("/a/b"));
    CHECK_EQ(ERR_MALFORMED, read_path("/c/%"));
    CHECK_EQ(2, path.count);
    CHECK(segment_is(0, "a"));
}

int main(void)
{
    arena_init(&arena, 1024);
    RUN(path_is_cut_at_slashes);
    RUN(trailing_slash_adds_nothing);
    RUN(segments_are_decoded_once);
    RUN(bad_escapes_are_malformed);
    RUN(dot_segments_are_malformed);
    RUN(raw_bytes_must_be_visible);
    RUN(depth_has_a_limit);
    RUN(failure_leaves_the_result_alone);
    arena_finish(&arena);
    return check_report();
}
