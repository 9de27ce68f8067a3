#include "base/text.h"

#include "check.h"

static void utf8_is_what_rfc_3629_says(void)
{
    static const char *const valid[] = {
        "",
        "ASCII \x7f",
        "\xc2\x80",         /* U+0080 */
        "\xdf\xbf",         /* U+07FF */
        "\xe0\xa0\x80",     /* U+0800 */
        "\xed\x9f\xbf",     /* U+D7FF */
        "\xee\x80\x80",     /* U+E000 */
        "\xef\xbf\xbf",     /* U+FFFF */
        "\xf0\x90\x80\x80", /* U+10000 */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF */
        "a\xc3\xa9z\xe2\x82\xac\xf0\x9f\x98\x80.",
    };
    static const char *const invalid[] = {
        "\x80", /* continuation first */
        "\xbf",
        "\xc0\x80", /* overlong */
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* surrogates */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3", /* cut off */
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3\x28", /* continuation missing */
        "\xe2\x28\xa1",
        "\xe2\x82\x28",
        "\xf0\x28\x8c\xbc",
        "\xf0\x90\x28\xbc",
        "\xf0\x90\x8c\x28",
        "\xe2\x82\xc0",
        "\xf1\xc0\x80\x80",
        "\xe1\x7f\x80",
        "good then \xa9 bad",
    };
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
        CHECK(text_is_utf8(str_of(valid[i])));
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
        CHECK(!text_is_utf8(str_of(invalid[i])));
    CHECK(text_is_utf8((struct str){.at = "a\0b", .len = 3}));
    CHECK(text_is_utf8((struct str){0}));
}

static void only_ascii_letters_have_a_case(void)
{
    CHECK(text_equal_nocase(STR("Content-Type"), STR("cONTENT-tYPE")));
    CHECK(text_equal_nocase(STR("azAZ"), STR("AZaz")));
    CHECK(text_equal_nocase(STR(""), STR("")));
    CHECK(!text_equal_nocase(STR("a"), STR("ab")));
    CHECK(!text_equal_nocase(STR("a"), STR("b")));
    CHECK(!text_equal_nocase(STR("@"), STR("`")));
    CHECK(!text_equal_nocase(STR("["), STR("{")));
    CHECK(!text_equal_nocase(STR("\xc0"), STR("\xe0")));
}

static void uint_takes_digits_up_to_the_maximum(void)
{
    uint64_t value = 7;
    CHECK_EQ(ERR_OK, text_read_uint(STR("0"), 0, &value));
    CHECK_EQ(0, value);
    CHECK_EQ(ERR_OK, text_read_uint(STR("0042"), 42, &value));
    CHECK_EQ(42, value);
    CHECK_EQ(ERR_OK, text_read_uint(STR("18446744073709551615"), UINT64_MAX, &value));
    CHECK(value == UINT64_MAX);
    static const char *const malformed[] = {"",
                                            " 1",
                                            "1 ",
                                            "+1",
                                            "-1",
                                            "0x1",
                                            "1.0",
                                            "a",
                                            "1a",
                                            "18446744073709551616",
                                            "99999999999999999999999"};
    value = 7;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        CHECK_EQ(ERR_MALFORMED, text_read_uint(str_of(malformed[i]), UINT64_MAX, &value));
    CHECK_EQ(ERR_MALFORMED, text_read_uint(STR("43"), 42, &value));
    CHECK_EQ(ERR_MALFORMED, text_read_uint(STR("50"), 42, &value));
    CHECK_EQ(ERR_MALFORMED, text_read_uint(STR("100"), 42, &value));
    CHECK_EQ(ERR_MALFORMED, text_read_uint(STR("1"), 0, &value));
    CHECK_EQ(7, value);
}

static void cut_splits_at_the_first_separator(void)
{
    struct str rest = {0};
    CHECK(str_equal(STR("a"), text_cut(STR("a=b=c"), '=', &rest)));
    CHECK(str_equal(STR("b=c"), rest));
    CHECK(str_equal(STR(""), text_cut(STR("=b"), '=', &rest)));
    CHECK(str_equal(STR("b"), rest));
    CHECK(str_equal(STR("a"), text_cut(STR("a="), '=', &rest)));
    CHECK(str_equal(STR(""), rest));
    CHECK(str_equal(STR("whole"), text_cut(STR("whole"), '=', &rest)));
    CHECK_EQ(0, rest.len);
    CHECK(str_equal(STR(""), text_cut((struct str){0}, '=', &rest)));
    CHECK_EQ(0, rest.len);
    struct str all = STR("a=b=c");
    size_t parts = 0;
    while (all.len > 0) {
        (void)text_cut(all, '=', &all); /* `rest` may be the variable that was cut */
        parts++;
    }
    CHECK_EQ(3, parts);
}

static void trim_takes_blanks_from_both_ends(void)
{
    CHECK(str_equal(STR("a b"), text_trim(STR(" \t a b\t "))));
    CHECK(str_equal(STR("\na\r"), text_trim(STR("\na\r"))));
    CHECK(str_equal(STR(""), text_trim(STR(" \t "))));
    CHECK(str_equal(STR(""), text_trim((struct str){0})));
}

static void hex_is_lower_case_and_terminated(void)
{
    static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    char out[9];
    memset(out, 'x', sizeof(out));
    text_hex(bytes, sizeof(bytes), out);
    CHECK_EQ(0, strcmp("000fa5ff", out));
    text_hex(bytes, 0, out);
    CHECK_EQ(0, strcmp("", out));
}

static void secrets_are_equal_byte_by_byte(void)
{
    CHECK(text_equal_secret(STR("secret"), STR("secret")));
    CHECK(text_equal_secret(STR(""), STR("")));
    CHECK(!text_equal_secret(STR("secret"), STR("secreT")));
    CHECK(!text_equal_secret(STR("secret"), STR("Secret")));
    CHECK(!text_equal_secret(STR("secret"), STR("secre")));
    CHECK(!text_equal_secret(STR("ab"), STR("ba"))); /* differences must not cancel out */
    CHECK(!text_equal_secret(STR("\x01\x01"), STR("\x02\x02")));
}

int main(void)
{
    RUN(utf8_is_what_rfc_3629_says);
    RUN(only_ascii_letters_have_a_case);
    RUN(uint_takes_digits_up_to_the_maximum);
    RUN(cut_splits_at_the_first_separator);
    RUN(trim_takes_blanks_from_both_ends);
    RUN(hex_is_lower_case_and_terminated);
    RUN(secrets_are_equal_byte_by_byte);
    return check_report();
}
