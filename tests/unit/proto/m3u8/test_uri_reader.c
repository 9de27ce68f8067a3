#include "proto/m3u8/uri_reader.h"

#include "check.h"

static void names_that_playlists_write_are_read(void)
{
    static const struct {
        const char *name;
        struct m3u8_uri want;
    } rows[] = {
        {"index.m3u8", {.kind = M3U8_PLAYLIST}},
        {"init-0.mp4", {.kind = M3U8_INIT}},
        {"init-17.mp4", {.kind = M3U8_INIT, .number = 17}},
        {"s1.m4s", {.kind = M3U8_SEGMENT, .number = 1}},
        {"s9999999999.m4s", {.kind = M3U8_SEGMENT, .number = 9999999999}},
        {"s1201.p0.m4s", {.kind = M3U8_PART, .number = 1201}},
        {"s1201.p12.m4s", {.kind = M3U8_PART, .number = 1201, .part = 12}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct m3u8_uri got = {.number = 77, .part = 77};
        CHECK_EQ(ERR_OK, m3u8_read_uri(str_of(rows[i].name), &got));
        CHECK_EQ(rows[i].want.kind, got.kind);
        CHECK_EQ(rows[i].want.number, got.number);
        CHECK_EQ(rows[i].want.part, got.part);
    }
}

static void nothing_else_is_a_name(void)
{
    static const char *const bad[] = {
        "",           "index",        "index.m3u8x", "Index.m3u8",       "index.m3u8/",
        "init-.mp4",  "init-00.mp4",  "init-1.m4s",  "init-1",           "init--1.mp4",
        "init-1.mp",  "s.m4s",        "s01.m4s",     "s1.mp4",           "s1",
        "s1.p.m4s",   "s1.p00.m4s",   "s1.p1",       "s1.p1.mp4",        "s1.q1.m4s",
        "s1..m4s",    "s1.p1.p2.m4s", "s1.1.m4s",    "s12345678901.m4s", "s1.p12345678901.m4s",
        "s-1.m4s",    "s+1.m4s",      "s 1.m4s",     "s1.m4s ",          "../s1.m4s",
        "s1.p1.m4s.", "S1.m4s",       ".m4s",        "sp1.m4s",          "s0x1.m4s",
        "s1.m4s.m4s",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct m3u8_uri got = {.number = 77};
        enum err err = m3u8_read_uri(str_of(bad[i]), &got);
        if (err != ERR_NOT_FOUND)
            printf("%s\n", bad[i]);
        CHECK_EQ(ERR_NOT_FOUND, err);
        CHECK_EQ(77, got.number);
    }
    struct m3u8_uri got = {0};
    CHECK_EQ(ERR_NOT_FOUND, m3u8_read_uri(STR("s1.m4s\0"), &got));
    CHECK_EQ(ERR_NOT_FOUND, m3u8_read_uri(STR("s1\0.m4s"), &got));
}

int main(void)
{
    RUN(names_that_playlists_write_are_read);
    RUN(nothing_else_is_a_name);
    return check_report();
}
