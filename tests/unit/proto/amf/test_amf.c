#include "proto/amf/amf.h"

#include "base/chunk.h"
#include "check.h"

static struct arena arena;
static struct amf_message message;

static void begin(void)
{
    arena_finish(&arena);
    arena_init(&arena, 256);
    amf_message_init(&message, &arena);
}

static struct amf_value *add(enum amf_type type, const char *key)
{
    struct amf_value *value = NULL;
    CHECK_EQ(ERR_OK, amf_add(&message, type, str_of(key), &value));
    return value;
}

static void arguments_skip_what_containers_hold(void)
{
    begin();
    add(AMF_STRING, "")->string = STR("name");
    struct amf_value *object = add(AMF_OBJECT, "");
    add(AMF_NUMBER, "a")->number = 1;
    object->end = (uint16_t)message.count;
    add(AMF_NUMBER, "")->number = 7;

    CHECK(str_equal(STR("name"), amf_string(amf_argument(&message, 0))));
    CHECK(amf_argument(&message, 1) == object);
    CHECK_EQ(7, amf_number(amf_argument(&message, 2), 0));
    CHECK(amf_argument(&message, 3) == NULL);
    CHECK(amf_argument(&message, 1000) == NULL);
}

static void the_last_member_of_a_name_is_found(void)
{
    begin();
    struct amf_value *object = add(AMF_OBJECT, "");
    add(AMF_NUMBER, "a")->number = 1;
    struct amf_value *inner = add(AMF_OBJECT, "inner");
    add(AMF_NUMBER, "a")->number = 2;
    add(AMF_NUMBER, "only inside")->number = 4;
    inner->end = (uint16_t)message.count;
    add(AMF_NUMBER, "a")->number = 3;
    object->end = (uint16_t)message.count;
    add(AMF_NUMBER, "behind")->number = 5;

    CHECK_EQ(3, amf_number(amf_find(&message, object, STR("a")), 0));
    CHECK_EQ(2, amf_number(amf_find(&message, inner, STR("a")), 0));
    CHECK(amf_find(&message, object, STR("only inside")) == NULL);
    CHECK(amf_find(&message, object, STR("behind")) == NULL);
    CHECK(amf_find(&message, NULL, STR("a")) == NULL);
    CHECK(amf_find(&message, amf_argument(&message, 1), STR("a")) == NULL);
}

static void another_type_reads_as_the_fallback(void)
{
    begin();
    struct amf_value *string = add(AMF_STRING, "");
    string->string = STR("12");
    struct amf_value *number = add(AMF_NUMBER, "");
    number->number = 12;
    CHECK_EQ(-1, amf_number(string, -1));
    CHECK_EQ(-1, amf_number(NULL, -1));
    CHECK_EQ(0, amf_string(number).len);
    CHECK_EQ(0, amf_string(NULL).len);
}

static void values_are_counted(void)
{
    message.depth = 5; /* of a message that failed before */
    begin();
    CHECK_EQ(0, message.depth);
    for (size_t i = 0; i < AMF_MAX_VALUES; i++)
        CHECK_EQ(i + 1, add(AMF_NULL, "")->end);
    struct amf_value *value = NULL;
    CHECK_EQ(ERR_LIMIT, amf_add(&message, AMF_NULL, STR(""), &value));
    CHECK(value == NULL);
}

static void keys_are_short_and_utf8(void)
{
    static char key[AMF_MAX_KEY + 1];
    memset(key, 'k', sizeof(key));
    CHECK_EQ(ERR_OK, amf_check_key((struct str){.at = key, .len = AMF_MAX_KEY}));
    CHECK_EQ(ERR_LIMIT, amf_check_key((struct str){.at = key, .len = AMF_MAX_KEY + 1}));
    CHECK_EQ(ERR_MALFORMED, amf_check_key(STR("k\xff")));
    CHECK_EQ(ERR_OK, amf_check_key(STR("h\xc3\xb6he")));
}

static void invalid_bytes_are_replaced_one_by_one(void)
{
    static const struct {
        struct str in, out;
    } cases[] = {
        {{"plain", 5}, {"plain", 5}},
        {{"", 0}, {"", 0}},
        {{"h\xc3\xb6he", 5}, {"h\xc3\xb6he", 5}},
        {{"a\xff"
          "b",
          3},
         {"a?b", 3}},
        {{"\xc3", 1}, {"?", 1}},
        {{"\xe2\x82", 2}, {"??", 2}},
        {{"\xe2\x82\xac\x80", 4}, {"\xe2\x82\xac?", 4}},
        {{"\xed\xa0\x80", 3}, {"???", 3}},
        {{"\xf0\x9f\x8e\xa5\xff", 5}, {"\xf0\x9f\x8e\xa5?", 5}},
        {{"\xff\xf0\x9f\x8e", 4}, {"????", 4}},
        {{"0123456789abcde\xc3", 16}, {"0123456789abcde?", 16}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        /* Blocks of exactly this size, so that sanitizers see a read or write past their ends. */
        arena_init(&arena, cases[i].in.len);
        struct chunk *exact = chunk_copy(cases[i].in.at, cases[i].in.len);
        struct str string = {.at = (const char *)exact->at, .len = exact->len};
        CHECK_EQ(ERR_OK, amf_clean_string(&message, &string));
        CHECK(str_equal(cases[i].out, string));
        chunk_unref(&exact);
    }
    begin();
    struct str borrowed = STR("valid");
    const char *before = borrowed.at;
    CHECK_EQ(ERR_OK, amf_clean_string(&message, &borrowed));
    CHECK(borrowed.at == before);
}

static void long_strings_are_refused(void)
{
    static char text[AMF_MAX_STRING + 1];
    memset(text, 'x', sizeof(text));
    begin();
    struct str string = {.at = text, .len = AMF_MAX_STRING};
    CHECK_EQ(ERR_OK, amf_clean_string(&message, &string));
    string.len++;
    CHECK_EQ(ERR_LIMIT, amf_clean_string(&message, &string));
}

int main(void)
{
    RUN(arguments_skip_what_containers_hold);
    RUN(the_last_member_of_a_name_is_found);
    RUN(another_type_reads_as_the_fallback);
    RUN(values_are_counted);
    RUN(keys_are_short_and_utf8);
    RUN(invalid_bytes_are_replaced_one_by_one);
    RUN(long_strings_are_refused);
    arena_finish(&arena);
    return check_report();
}
