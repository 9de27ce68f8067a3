#include "api/cookie_reader.h"
#include "check.h"

static void cookies_are_found_by_their_exact_name(void)
{
    static const struct {
        const char *header, *value; /* NULL: none */
    } rows[] = {
        {"klieg_at=abc", "abc"},
        {"a=b; klieg_at=abc; c=d", "abc"},
        {"a=b;klieg_at=abc", "abc"},
        {"  klieg_at=abc  ;", "abc"},
        {"klieg_at=a=b=", "a=b="},
        {"klieg_at=one; klieg_at=two", "one"},
        {"klieg_at=", ""},
        {"klieg_at", NULL},
        {"; ;=;klieg_at;klieg_at=abc", "abc"},
        {"xklieg_at=abc", NULL},
        {"klieg_atx=abc", NULL},
        {"Klieg_at=abc", NULL},
        {"a=klieg_at=abc", NULL},
        {"a=\"x; klieg_at=abc\"", "abc\""},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct str value = cookie_find(str_of(rows[i].header), STR("klieg_at"));
        CHECK_EQ(rows[i].value != NULL, value.at != NULL);
        CHECK(rows[i].value == NULL || str_equal(str_of(rows[i].value), value));
    }
    CHECK(cookie_find((struct str){0}, STR("klieg_at")).at == NULL);
}

int main(void)
{
    RUN(cookies_are_found_by_their_exact_name);
    return check_report();
}
