#include "daemon/json_lines.h"

#include "check.h"

static const char *const text = "{\n"
                                "  \"a\": {\"x\": 1,\n"
                                "    \"y\": \"{ \\\" \\n }\",\n"
                                "    \"z\": {\n"
                                "      \"x\": [1,\n {\"y\": 2}]\n"
                                "    }\n"
                                "  },\n"
                                "  \"b\"\n : {\n"
                                "    \"x\": {\"a\": 1}\n"
                                "  },\n"
                                "  \"c\": \"a\",\n"
                                "  \"last\": null}";

static unsigned line_of(const char *path)
{
    return json_line_of(str_of(text), str_of(path));
}

static void members_are_found_where_they_stand(void)
{
    CHECK_EQ(2, line_of("a"));
    CHECK_EQ(2, line_of("a.x"));
    CHECK_EQ(3, line_of("a.y"));
    CHECK_EQ(4, line_of("a.z"));
    CHECK_EQ(5, line_of("a.z.x"));
    CHECK_EQ(9, line_of("b"));
    CHECK_EQ(11, line_of("b.x"));
    CHECK_EQ(11, line_of("b.x.a"));
    CHECK_EQ(13, line_of("c"));
    CHECK_EQ(14, line_of("last"));
}

static void what_is_not_there_has_no_line(void)
{
    static const char *const missing[] = {"d",     "x",       "y",   "a.a",     "b.y", "b.z",
                                          "a.z.y", "a.z.x.y", "c.a", "b.x.a.b", ""};
    for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++)
        CHECK_EQ(0, line_of(missing[i]));
}

static void values_are_no_keys(void)
{
    CHECK_EQ(2, json_line_of(STR("{\"b\": \"a\",\n\"a\": 1}"), STR("a")));
    CHECK_EQ(0, json_line_of(STR("[\"a\", {\"a\": 1}]"), STR("a")));
    CHECK_EQ(0, json_line_of(STR("{\"a\": 1, \"b\": {\"x\": 2}}"), STR("a.x")));
}

static void a_text_cut_anywhere_does_no_harm(void)
{
    char exact[256];
    for (size_t len = 0; len <= strlen(text); len++) {
        memcpy(exact, text, len);
        (void)json_line_of((struct str){.at = exact, .len = len}, STR("a.z.x.y"));
    }
    CHECK_EQ(0, json_line_of(STR("\"\\"), STR("a")));
    CHECK_EQ(0, json_line_of(STR("}}]]\"a\""), STR("a")));
}

int main(void)
{
    RUN(members_are_found_where_they_stand);
    RUN(what_is_not_there_has_no_line);
    RUN(values_are_no_keys);
    RUN(a_text_cut_anywhere_does_no_harm);
    return check_report();
}
