#include "proto/http/percent.h"

#include "check.h"

static struct arena arena;
static struct str decoded;

static enum err decode(const char *raw, bool is_form)
{
    return http_percent_decode(str_of(raw), is_form, &arena, &decoded);
}

static void every_byte_can_be_written(void)
{
    for (unsigned c = 1; c < 0x80; c++) {
        char raw[4];
        (void)snprintf(raw, sizeof(raw), "%%%02x", c);
        CHECK_EQ(ERR_OK, decode(raw, false));
        CHECK_EQ(1, decoded.len);
        CHECK_EQ(c, (uint8_t)decoded.at[0]);
        (void)snprintf(raw, sizeof(raw), "%%%02X", c);
        CHECK_EQ(ERR_OK, decode(raw, false));
        CHECK_EQ(c, (uint8_t)decoded.at[0]);
    }
}

static void plus_is_a_space_in_forms_only(void)
{
    CHECK_EQ(ERR_OK, decode("a+b%2B", true));
    CHECK(str_equal(STR("a b+"), decoded));
    CHECK_EQ(ERR_OK, decode("a+b%2B", false));
    CHECK(str_equal(STR("a+b+"), decoded));
}

static void what_follows_an_escape_is_kept(void)
{
    CHECK_EQ(ERR_OK, decode("a%41b%42", false));
    CHECK(str_equal(STR("aAbB"), decoded));
    CHECK_EQ(ERR_MALFORMED, http_percent_decode((struct str){"ab%41", 4}, false, &arena, &decoded));
}

static void nothing_decodes_to_nothing(void)
{
    CHECK_EQ(ERR_OK, decode("", true));
    CHECK_EQ(0, decoded.len);
}

static void failure_leaves_the_result_alone(void)
{
    static const char *const bad[] = {"%", "%4", "a%4", "%%41", "%00", "%80", "%G0", "%0G"};
    CHECK_EQ(ERR_OK, decode("before", true));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_EQ(ERR_MALFORMED, decode(bad[i], true));
        CHECK(str_equal(STR("before"), decoded));
    }
    CHECK_EQ(ERR_MALFORMED, http_percent_decode((struct str){"a\0b", 3}, true, &arena, &decoded));
}

int main(void)
{
    arena_init(&arena, 1024);
    RUN(every_byte_can_be_written);
    RUN(plus_is_a_space_in_forms_only);
    RUN(what_follows_an_escape_is_kept);
    RUN(nothing_decodes_to_nothing);
    RUN(failure_leaves_the_result_alone);
    arena_finish(&arena);
    return check_report();
}
