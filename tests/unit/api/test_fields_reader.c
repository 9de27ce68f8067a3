#include "api/fields.h"
#include "base/buf.h"
#include "check.h"

#include <stddef.h>

struct body {
    struct str name, text, code;
    int64_t number;
    bool flag;
};

static const struct field fields[] = {
    {"name", FIELD_LINE, offsetof(struct body, name), .is_required = true, .min = 2, .max = 4},
    {"text", FIELD_TEXT, .offset = offsetof(struct body, text)},
    {"code", FIELD_OPAQUE, offsetof(struct body, code), .max = 5},
    {"number", FIELD_INT, offsetof(struct body, number), .min = -1, .max = 1800},
    {"flag", FIELD_BOOL, .offset = offsetof(struct body, flag)},
};
static const struct fields open_table = {fields, 5, .missing_type = "Unexpected"};
static const struct fields closed_table = {fields, 5, .is_closed = true};
static const struct fields optional_table = {.at = fields + 1, .count = 4};

static struct arena arena;
static struct body body;
static struct api_error error;

static enum err read_with(const struct fields *table, struct str text)
{
    body = (struct body){.number = 77};
    error = (struct api_error){0};
    return fields_read(text, table, &arena, &body, &error);
}

static enum err read_text(const char *text)
{
    return read_with(&open_table, str_of(text));
}

static bool refuses(const char *text, const char *field)
{
    bool is_right = read_text(text) == ERR_MALFORMED && error.status == 400 &&
                    error.message != NULL && (field == NULL) == (error.field == NULL) &&
                    (field == NULL || strcmp(field, error.field) == 0);
    if (!is_right)
        printf("%s: %u %s %s\n", text, error.status, error.field, error.message);
    return is_right;
}

static void members_go_where_the_table_says(void)
{
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"j\\u00f6\",\"text\":\"a\\nb\",\"code\":\" x \","
                               "\"number\":1800,\"flag\":true,\"other\":[{}]}"));
    CHECK(str_equal(STR("j\xc3\xb6"), body.name));
    CHECK_EQ('\0', body.name.at[body.name.len]);
    CHECK(str_equal(STR("a\nb"), body.text));
    CHECK(str_equal(STR(" x "), body.code));
    CHECK_EQ(1800, body.number);
    CHECK(body.flag);
}

static void absent_members_leave_their_place_alone(void)
{
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\"}"));
    CHECK(body.text.at == NULL && body.code.at == NULL);
    CHECK_EQ(77, body.number);
    CHECK(!body.flag);
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\",\"text\":\"\"}"));
    CHECK(body.text.at != NULL && body.text.len == 0);
}

static void what_is_missing_is_told_in_the_order_of_the_table(void)
{
    static const char *const missing[] = {"", "{}", "{\"name\":null}", "{\"name\":\"\"}",
                                          "{\"name\":\" \\t\\u00a0\\u3000\",\"flag\":1}"};
    for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++) {
        CHECK(refuses(missing[i], "name"));
        CHECK(error.type != NULL && strcmp("Unexpected", error.type) == 0);
    }
    CHECK(refuses("{\"name\":5}", "name"));
    CHECK(error.type == NULL);
}

static void an_empty_body_is_an_empty_object(void)
{
    CHECK_EQ(ERR_OK, read_with(&optional_table, STR("")));
    CHECK_EQ(ERR_OK, read_with(&optional_table, STR("{}")));
    CHECK_EQ(ERR_MALFORMED, read_with(&optional_table, STR(" ")));
}

static void types_are_strict(void)
{
    CHECK(refuses("{\"name\":\"jd\",\"text\":5}", "text"));
    CHECK(refuses("{\"name\":\"jd\",\"text\":null}", "text"));
    CHECK(refuses("{\"name\":\"jd\",\"code\":{}}", "code"));
    CHECK(refuses("{\"name\":\"jd\",\"number\":1.0}", "number"));
    CHECK(refuses("{\"name\":\"jd\",\"number\":\"1\"}", "number"));
    CHECK(refuses("{\"name\":\"jd\",\"flag\":1}", "flag"));
    CHECK(refuses("{\"name\":\"jd\",\"flag\":\"true\"}", "flag"));
    CHECK(refuses("{\"name\":\"jd\",\"number\":99999999999999999999}", NULL));
}

static void limits_hold_on_both_sides(void)
{
    CHECK(refuses("{\"name\":\"j\"}", "name"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\"}"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"\xc3\xb6\xc3\xb6\xf0\x9f\x98\x80\xc3\xb6\"}"));
    CHECK(refuses("{\"name\":\"jdoe1\"}", "name"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"  jdoe  \"}"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\",\"code\":\"12345\"}"));
    CHECK(refuses("{\"name\":\"jd\",\"code\":\"123456\"}", "code"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\",\"number\":-1}"));
    CHECK(refuses("{\"name\":\"jd\",\"number\":-2}", "number"));
    CHECK(refuses("{\"name\":\"jd\",\"number\":1801}", "number"));
}

static bool trims(const char *space)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "{\"name\":\"%sa%sb%s\"}", space, space, space);
    return read_text(text) == ERR_OK && body.name.len == 2 + strlen(space);
}

static void white_space_is_trimmed_at_the_ends(void)
{
    CHECK(trims(" "));
    CHECK(trims("\xc2\xa0"));      /* U+00A0 */
    CHECK(trims("\xe1\x9a\x80"));  /* U+1680 */
    CHECK(trims("\xe2\x80\x80"));  /* U+2000 */
    CHECK(trims("\xe2\x80\x8a"));  /* U+200A */
    CHECK(trims("\xe2\x80\xa8"));  /* U+2028 */
    CHECK(trims("\xe2\x80\xa9"));  /* U+2029 */
    CHECK(trims("\xe2\x80\xaf"));  /* U+202F */
    CHECK(trims("\xe2\x81\x9f"));  /* U+205F */
    CHECK(trims("\xe3\x80\x80"));  /* U+3000 */
    CHECK(!trims("\xe2\x80\x8b")); /* U+200B is none */
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"\\r\\n jd\\t\\u0085\\u000b\"}"));
    CHECK(str_equal(STR("jd"), body.name));
}

static void a_line_has_no_controls_or_overrides(void)
{
    static const char *const bad[] = {"\\n",     "\\t",     "\\u0001", "\\u001f",
                                      "\\u007f", "\\u0080", "\\u009f", "\\u202a",
                                      "\\u202e", "\\u2066", "\\u2069"};
    static const char *const good[] = {" ",       "~",       "\\u00a1", "\\u2029",
                                       "\\u202f", "\\u2065", "\\u206a"};
    char text[64];
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        (void)snprintf(text, sizeof(text), "{\"name\":\"a%sb\"}", bad[i]);
        CHECK(refuses(text, "name"));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        (void)snprintf(text, sizeof(text), "{\"name\":\"a%sb\"}", good[i]);
        CHECK_EQ(ERR_OK, read_text(text));
    }
}

static void anything_but_one_strict_object_is_refused(void)
{
    static const char *const bad[] = {
        "[]",
        "\"name\"",
        "null",
        "5",
        "{",
        "{}{}",
        "{} x",
        "{\"name\":\"jd\",}",
        "{\"name\":\"jd\",\"name\":\"jd\"}",
        "{\"name\":\"jd\",\"x\":{\"a\":1,\"a\":2}}",
        "{\"name\":\"j\\u0000d\"}",
        "{\"na\\u0000me\":\"jd\"}",
        "{\"name\":\"j\xffz\"}",
        "{\"name\":\"j\xc0\x80\"}",
        "{\"name\":\"\xed\xa0\x80xx\"}",
        "{\"name\":\"\\ud800xx\"}",
        "{'name':'jd'}",
        "{\"name\":\"jd\"} // comment",
        "{\"name\":\"j\nd\"}",
        "{\"name\":\"jd\",\"number\":NaN}",
        "\xef\xbb\xbf{\"name\":\"jd\"}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(refuses(bad[i], NULL));
    CHECK_EQ(ERR_MALFORMED, read_with(&open_table, (struct str){"{\"name\":\"jd\"}\0", 14}));
}

static void a_closed_object_takes_no_other_member(void)
{
    CHECK_EQ(ERR_OK, read_with(&closed_table, STR("{\"name\":\"jd\",\"flag\":false}")));
    CHECK_EQ(ERR_MALFORMED, read_with(&closed_table, STR("{\"name\":\"jd\",\"nome\":\"x\"}")));
    CHECK(strcmp("nome", error.field) == 0);
}

static bool takes_nesting(unsigned depth, const char *open, const char *close)
{
    struct buf text;
    buf_init(&text, 1024);
    buf_put_cstr(&text, "{\"name\":\"jd\",\"x\":\"}]\\\"]}\",\"y\":");
    for (unsigned i = 1; i < depth; i++)
        buf_put_cstr(&text, open);
    buf_put_cstr(&text, "0");
    for (unsigned i = 1; i < depth; i++)
        buf_put_cstr(&text, close);
    buf_put_cstr(&text, ",\"z\":[{}]}");
    enum err err = read_with(&open_table, buf_str(&text));
    buf_finish(&text);
    return err == ERR_OK;
}

static void nesting_is_bounded(void)
{
    CHECK(takes_nesting(16, "[", "]"));
    CHECK(!takes_nesting(17, "[", "]"));
    CHECK(takes_nesting(16, "{\"a\":", "}"));
    CHECK(!takes_nesting(17, "{\"a\":", "}"));
    CHECK_EQ(ERR_OK, read_text("{\"name\":\"jd\",\"x\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[\"}"));
    static char deep[1 << 20];
    memset(deep, '[', sizeof(deep));
    CHECK_EQ(ERR_MALFORMED, read_with(&open_table, (struct str){deep, sizeof(deep)}));
}

int main(void)
{
    arena_init(&arena, 4096);
    RUN(members_go_where_the_table_says);
    RUN(absent_members_leave_their_place_alone);
    RUN(what_is_missing_is_told_in_the_order_of_the_table);
    RUN(an_empty_body_is_an_empty_object);
    RUN(types_are_strict);
    RUN(limits_hold_on_both_sides);
    RUN(white_space_is_trimmed_at_the_ends);
    RUN(a_line_has_no_controls_or_overrides);
    RUN(anything_but_one_strict_object_is_refused);
    RUN(a_closed_object_takes_no_other_member);
    RUN(nesting_is_bounded);
    arena_finish(&arena);
    return check_report();
}
