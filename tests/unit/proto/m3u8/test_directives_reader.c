#include "proto/m3u8/directives_reader.h"

#include "check.h"

#include <string.h>

static struct m3u8_directives read_ok(const char *query)
{
    struct m3u8_directives got = {0};
    CHECK_EQ(ERR_OK, m3u8_read_directives(str_of(query), &got));
    return got;
}

static void nothing_is_asked_by_an_empty_query(void)
{
    struct m3u8_directives got = read_ok("");
    CHECK(!got.has_msn && !got.has_part && !got.skip);
}

static void numbers_are_read(void)
{
    struct m3u8_directives got = read_ok("_HLS_msn=12&_HLS_part=3");
    CHECK(got.has_msn && got.has_part && !got.skip);
    CHECK_EQ(12, got.msn);
    CHECK_EQ(3, got.part);

    got = read_ok("_HLS_part=0&x=1&_HLS_msn=9999999999");
    CHECK(got.has_msn && got.has_part);
    CHECK_EQ(9999999999, got.msn);
    CHECK_EQ(0, got.part);

    got = read_ok("_HLS_msn=0000000007");
    CHECK(got.has_msn && !got.has_part);
    CHECK_EQ(7, got.msn);
}

static void skip_has_two_spellings(void)
{
    CHECK(read_ok("_HLS_skip=YES").skip);
    CHECK(read_ok("_HLS_msn=1&_HLS_skip=v2").skip);
    CHECK(!read_ok("_HLS_skip=yes").skip);
    CHECK(!read_ok("_HLS_skip=V2").skip);
    CHECK(!read_ok("_HLS_skip=NO").skip);
    CHECK(!read_ok("_HLS_skip").skip);
    CHECK(!read_ok("_HLS_skip=").skip);
    CHECK(read_ok("_HLS_skip=NO&_HLS_skip=YES&_HLS_skip=NO").skip);
}

static void other_parameters_are_ignored(void)
{
    struct m3u8_directives got = read_ok("&&=&_HLS_report=x&_hls_msn=x&_HLS_msnx=y&vid=%00&a=b=c&");
    CHECK(!got.has_msn && !got.has_part && !got.skip);
    CHECK_EQ(5, read_ok("vid=q&_HLS_msn=5&").msn);
}

static void bad_numbers_are_refused_and_change_nothing(void)
{
    static const char *const bad[] = {
        "_HLS_msn",
        "_HLS_msn=",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=+1",
        "_HLS_msn= 1",
        "_HLS_msn=1 ",
        "_HLS_msn=1.0",
        "_HLS_msn=0x1",
        "_HLS_msn=%31",
        "_HLS_msn=1=2",
        "_HLS_msn=12345678901",
        "_HLS_msn=00000000001",
        "_HLS_msn=99999999999999999999",
        "_HLS_msn=1&_HLS_msn=1",
        "_HLS_msn=1&_HLS_msn=",
        "_HLS_part=1",
        "_HLS_part=",
        "_HLS_msn=1&_HLS_part=",
        "_HLS_msn=1&_HLS_part=1&_HLS_part=1",
        "_HLS_msn=1&_HLS_part=12345678901",
        "_HLS_skip=YES&_HLS_part=0",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct m3u8_directives got = {.msn = 77, .skip = true};
        enum err err = m3u8_read_directives(str_of(bad[i]), &got);
        if (err != ERR_MALFORMED)
            printf("%s\n", bad[i]);
        CHECK_EQ(ERR_MALFORMED, err);
        CHECK(got.msn == 77 && got.skip && !got.has_msn);
    }
}

static void a_nul_byte_ends_nothing(void)
{
    struct m3u8_directives got = {0};
    CHECK_EQ(ERR_MALFORMED, m3u8_read_directives(STR("_HLS_msn=1\0"), &got));
    CHECK_EQ(ERR_OK, m3u8_read_directives(STR("a=\0&_HLS_msn=1"), &got));
    CHECK_EQ(1, got.msn);
}

int main(void)
{
    RUN(nothing_is_asked_by_an_empty_query);
    RUN(numbers_are_read);
    RUN(skip_has_two_spellings);
    RUN(other_parameters_are_ignored);
    RUN(bad_numbers_are_refused_and_change_nothing);
    RUN(a_nul_byte_ends_nothing);
    return check_report();
}
