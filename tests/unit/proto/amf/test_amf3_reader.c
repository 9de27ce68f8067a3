#include "proto/amf/amf3_reader.h"

#include "check.h"
#include "unit/hex.h"

static struct arena arena;
static struct amf_message message;
static uint8_t bytes[16384];
static size_t left; /* bytes behind the value */

static enum err read(size_t len)
{
    arena_finish(&arena);
    arena_init(&arena, 256);
    amf_message_init(&message, &arena);
    uint8_t *exact = len > 0 ? arena_alloc(&arena, len) : bytes;
    memcpy(exact, bytes, len);
    struct reader r = reader_over(exact, len);
    enum err err = amf3_read(&r, STR("key"), &message);
    left = r.left;
    return err;
}

static enum err read_hex(const char *hex)
{
    return read(hex_read(hex, bytes, sizeof(bytes)));
}

static const struct {
    const char *hex;
    enum amf_type type;
    size_t count; /* of values, with all in it */
} values[] = {
    {"00", AMF_UNDEFINED, 1},
    {"01", AMF_NULL, 1},
    {"02", AMF_BOOLEAN, 1},
    {"03", AMF_BOOLEAN, 1},
    {"04 05", AMF_NUMBER, 1},
    {"04 ffffffff", AMF_NUMBER, 1},
    {"05 3ff8000000000000", AMF_NUMBER, 1},
    {"06 07 616263", AMF_STRING, 1},                        /* "abc" */
    {"06 01", AMF_STRING, 1},                               /* "" */
    {"09 05 01 04 01 04 02", AMF_ARRAY, 3},                 /* [1, 2] */
    {"09 03 03 61 04 07 01 04 02", AMF_OBJECT, 3},          /* [a: 7, 2] */
    {"0a 0b 01 03 61 04 05 03 62 01 01", AMF_OBJECT, 3},    /* dynamic {a: 5, b: null} */
    {"0a 23 01 03 61 03 62 04 05 03", AMF_OBJECT, 3},       /* sealed {a: 5, b: true} */
    {"0a 1b 03 43 03 61 04 05 03 62 01 01", AMF_OBJECT, 3}, /* C {a: 5} and dynamic b */
    {"0a 13 01 03 61 0a 01 04 05", AMF_OBJECT, 3},          /* traits by reference, inside */
    {"09 05 01 06 03 61 06 00", AMF_ARRAY, 3},              /* a string by reference */
    {"0a 0b 01 03 61 0a 00 01", AMF_OBJECT, 2},             /* a loop reads as undefined */
};
enum { VALUE_COUNT = sizeof(values) / sizeof(values[0]) };

static void every_kind_of_value_reads(void)
{
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        CHECK_EQ(ERR_OK, read_hex(values[i].hex));
        CHECK_EQ(0, left);
        CHECK_EQ(values[i].type, message.values[0].type);
        CHECK_EQ(values[i].count, message.count);
        CHECK_EQ(values[i].count, message.values[0].end);
        CHECK(str_equal(STR("key"), message.values[0].key));
        CHECK_EQ(0, message.depth);
    }
}

static void no_truncated_value_is_accepted(void)
{
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        size_t whole = hex_read(values[i].hex, bytes, sizeof(bytes));
        for (size_t len = 0; len < whole; len++)
            CHECK_EQ(ERR_MALFORMED, read(len));
    }
}

static double number_of(const char *hex)
{
    CHECK_EQ(ERR_OK, read_hex(hex));
    return message.values[0].number;
}

static void integers_have_29_bits_and_a_sign(void)
{
    CHECK_EQ(0, number_of("04 00"));
    CHECK_EQ(127, number_of("04 7f"));
    CHECK_EQ(128, number_of("04 8100"));
    CHECK_EQ(16383, number_of("04 ff7f"));
    CHECK_EQ(16384, number_of("04 818000"));
    CHECK_EQ(2097151, number_of("04 ffff7f"));
    CHECK_EQ(2097152, number_of("04 80c08000"));
    CHECK_EQ(268435455, number_of("04 bfffffff"));
    CHECK_EQ(-268435456, number_of("04 c0808000"));
    CHECK_EQ(-1, number_of("04 ffffffff"));
    CHECK(number_of("05 3ff8000000000000") == 1.5);
}

static void booleans_read(void)
{
    CHECK_EQ(ERR_OK, read_hex("02"));
    CHECK(!message.values[0].boolean);
    CHECK_EQ(ERR_OK, read_hex("03"));
    CHECK(message.values[0].boolean);
}

static const struct amf_value *member(struct str key)
{
    return amf_find(&message, &message.values[0], key);
}

static void members_have_their_names(void)
{
    CHECK_EQ(ERR_OK, read_hex("0a 1b 03 43 03 61 04 05 03 62 02 01"));
    CHECK_EQ(5, amf_number(member(STR("a")), 0));
    CHECK(member(STR("b"))->type == AMF_BOOLEAN && !member(STR("b"))->boolean);
    CHECK(member(STR("C")) == NULL);

    CHECK_EQ(ERR_OK, read_hex("09 03 03 61 04 07 01 04 02"));
    CHECK_EQ(7, amf_number(member(STR("a")), 0));
    CHECK_EQ(2, message.values[2].number);
    CHECK_EQ(0, message.values[2].key.len);
}

static void references_name_what_came_before(void)
{
    /* [{a: 1, b: 2} sealed, the same traits {a: 3, b: 4}, "b" by reference] */
    CHECK_EQ(ERR_OK, read_hex("09 07 01 0a 23 01 03 61 03 62 04 01 04 02 0a 01 04 03 04 04 06 02"));
    const struct amf_value *second = &message.values[4];
    CHECK_EQ(3, amf_number(amf_find(&message, second, STR("a")), 0));
    CHECK_EQ(4, amf_number(amf_find(&message, second, STR("b")), 0));
    CHECK(str_equal(STR("b"), message.values[7].string));
    /* Names of members are strings that can be referred to: {a: 1, …: dynamic "a" again}. */
    CHECK_EQ(ERR_OK, read_hex("0a 0b 01 03 61 04 01 00 04 02 01"));
    CHECK_EQ(2, amf_number(member(STR("a")), 0));
    /* The class name counts too. */
    CHECK_EQ(ERR_OK, read_hex("09 05 01 0a 0b 03 43 01 06 00"));
    CHECK(str_equal(STR("C"), message.values[2].string));
    /* The empty string does not. */
    CHECK_EQ(ERR_OK, read_hex("09 07 01 06 01 06 03 61 06 00"));
    CHECK(str_equal(STR("a"), message.values[3].string));
}

static void containers_are_counted_for_references(void)
{
    CHECK_EQ(ERR_OK, read_hex("09 05 01 09 01 01 09 02")); /* [[], the first of them again] */
    CHECK_EQ(AMF_UNDEFINED, message.values[2].type);
    CHECK_EQ(ERR_MALFORMED, read_hex("09 05 01 09 01 01 09 04"));
}

static void a_second_pair_of_traits_has_its_own_names(void)
{
    /* [{a: 1} sealed, {b: 2, c: 3} sealed, first traits again, second traits again] */
    CHECK_EQ(ERR_OK, read_hex("09 09 01 0a 13 01 03 61 04 01 0a 23 01 03 62 03 63 04 02 04 03"
                              "0a 01 04 04 0a 05 04 05 04 06"));
    CHECK_EQ(4, amf_number(amf_find(&message, &message.values[6], STR("a")), 0));
    CHECK_EQ(5, amf_number(amf_find(&message, &message.values[8], STR("b")), 0));
    CHECK_EQ(6, amf_number(amf_find(&message, &message.values[8], STR("c")), 0));
}

static void other_markers_and_wrong_references_are_malformed(void)
{
    static const char *const malformed[] = {
        "07 07 616263",           /* XML document */
        "08 01 0000000000000000", /* date */
        "0b 07 616263",           /* XML */
        "0c 03 00",               /* byte array */
        "0d",
        "11",
        "ff",                      /* vectors, dictionary, nothing */
        "06 00",                   /* a string reference into an empty table */
        "09 05 01 06 03 61 06 02", /* behind the table */
        "0a 00",                   /* an object reference into an empty table */
        "09 03 01 09 02",          /* behind the table */
        "0a 01",                   /* traits likewise */
        "0a 13 01 03 61 0a 05 04 05",
        "0a 0b 02 01", /* a class name that refers to nothing */
        "0a 07 01",
        "0a 0b 01 03 ff 01 01", /* a name that is not UTF-8 */
        "0a 13 01 03 ff 01",
    };
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_hex(malformed[i]));
}

static enum err read_nested(const char *open, size_t depth)
{
    size_t len = 0;
    for (size_t i = 0; i < depth; i++)
        len += hex_read(open, bytes + len, sizeof(bytes) - len);
    bytes[len++] = 1;
    return read(len);
}

static void nesting_is_bounded(void)
{
    CHECK_EQ(ERR_OK, read_nested("09 03 01", AMF_MAX_DEPTH));
    CHECK_EQ(ERR_LIMIT, read_nested("09 03 01", AMF_MAX_DEPTH + 1));
    CHECK_EQ(ERR_OK, read_nested("0a 13 01 03 61", AMF_MAX_DEPTH));
    CHECK_EQ(ERR_LIMIT, read_nested("0a 13 01 03 61", AMF_MAX_DEPTH + 1));
}

/* An array of `count` values: 1 to 256, given in a U29 of two bytes. */
static size_t start_array(size_t count)
{
    size_t header = count << 1 | 1;
    bytes[0] = 0x09;
    bytes[1] = (uint8_t)(0x80 | header >> 7);
    bytes[2] = (uint8_t)(header & 0x7f);
    bytes[3] = 0x01;
    return 4;
}

static enum err read_array(size_t count, const char *each)
{
    size_t len = start_array(count);
    for (size_t i = 0; i < count; i++)
        len += hex_read(each, bytes + len, sizeof(bytes) - len);
    return read(len);
}

static void counts_are_bounded(void)
{
    CHECK_EQ(ERR_OK, read_array(AMF_MAX_VALUES - 1, "01"));
    CHECK_EQ(ERR_LIMIT, read_array(AMF_MAX_VALUES, "01"));
    CHECK_EQ(ERR_LIMIT, read_hex("09 84 03 01"));     /* 257 elements, none there */
    CHECK_EQ(ERR_MALFORMED, read_hex("09 84 01 01")); /* 256 */
    CHECK_EQ(ERR_LIMIT, read_hex("09 ffffffff 01"));
    CHECK_EQ(ERR_MALFORMED, read_hex("0a 88 03 01")); /* 64 sealed members, none there */
    CHECK_EQ(ERR_LIMIT, read_hex("0a 88 13 01"));     /* 65 */
    CHECK_EQ(ERR_MALFORMED, read_hex("06 ffffffff 61"));
}

/* `count` pairs in a dynamic object: names that differ, and null. Names share the table with
 * strings. */
static enum err read_pairs(size_t count)
{
    size_t len = hex_read("0a 0b 01", bytes, sizeof(bytes));
    for (size_t i = 0; i < count; i++) {
        bytes[len++] = 0x05;
        bytes[len++] = (uint8_t)('a' + i / 16);
        bytes[len++] = (uint8_t)('a' + i % 16);
        bytes[len++] = 0x01;
    }
    bytes[len++] = 0x01;
    return read(len);
}

/* A string table of `count`: pairs of a name and a string. */
static enum err read_strings(size_t count)
{
    size_t len = hex_read("0a 0b 01", bytes, sizeof(bytes));
    for (size_t i = 0; i < count; i++) {
        bytes[len++] = 0x03;
        bytes[len++] = 'k';
        if (i % 2 == 0)
            bytes[len++] = 0x06;
    }
    bytes[len++] = 0x01;
    return read(len);
}

static void reference_tables_are_bounded(void)
{
    CHECK_EQ(ERR_OK, read_pairs(AMF_MAX_VALUES - 1));
    CHECK_EQ(ERR_LIMIT, read_pairs(AMF_MAX_VALUES));
    CHECK_EQ(ERR_OK, read_strings(AMF3_MAX_REFERENCES));
    CHECK_EQ(ERR_LIMIT, read_strings(AMF3_MAX_REFERENCES + 2));
}

static void sealed_names_are_bounded_over_all_traits(void)
{
    static const char sixty_names[] = /* 60 sealed members, all named by reference to "a" */
        "0a 87 43 01 03 61 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
        "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
        "00 00 00 00";
    size_t len = start_array(5);
    for (unsigned i = 0; i < 5; i++) {
        len += hex_read(sixty_names, bytes + len, sizeof(bytes) - len);
        for (unsigned member_index = 0; member_index < 60; member_index++)
            bytes[len++] = 0x01;
    }
    CHECK_EQ(ERR_LIMIT, read(len));
}

static void strings_and_names_are_bounded(void)
{
    /* A string of 4096 and 4097 bytes: U29 of 2 · n + 1. */
    size_t len = hex_read("06 c0 01", bytes, sizeof(bytes));
    memset(bytes + len, 'x', AMF_MAX_STRING + 1);
    CHECK_EQ(ERR_OK, read(len + AMF_MAX_STRING));
    CHECK_EQ(AMF_MAX_STRING, message.values[0].string.len);
    bytes[2] = 0x03;
    CHECK_EQ(ERR_LIMIT, read(len + AMF_MAX_STRING + 1));

    len = hex_read("0a 0b 01 82 01", bytes, sizeof(bytes));
    memset(bytes + len, 'k', AMF_MAX_KEY);
    bytes[len + AMF_MAX_KEY] = 0x01;
    bytes[len + AMF_MAX_KEY + 1] = 0x01;
    CHECK_EQ(ERR_OK, read(len + AMF_MAX_KEY + 2));
    bytes[4] = 0x03;
    bytes[len + AMF_MAX_KEY] = 'k';
    bytes[len + AMF_MAX_KEY + 1] = 0x01;
    bytes[len + AMF_MAX_KEY + 2] = 0x01;
    CHECK_EQ(ERR_LIMIT, read(len + AMF_MAX_KEY + 3));
}

static void a_string_that_is_not_utf8_is_repaired(void)
{
    CHECK_EQ(ERR_OK, read_hex("06 07 61ff62"));
    CHECK(str_equal(STR("a?b"), message.values[0].string));
}

int main(void)
{
    RUN(every_kind_of_value_reads);
    RUN(no_truncated_value_is_accepted);
    RUN(integers_have_29_bits_and_a_sign);
    RUN(booleans_read);
    RUN(members_have_their_names);
    RUN(references_name_what_came_before);
    RUN(containers_are_counted_for_references);
    RUN(a_second_pair_of_traits_has_its_own_names);
    RUN(other_markers_and_wrong_references_are_malformed);
    RUN(nesting_is_bounded);
    RUN(counts_are_bounded);
    RUN(reference_tables_are_bounded);
    RUN(sealed_names_are_bounded_over_all_traits);
    RUN(strings_and_names_are_bounded);
    RUN(a_string_that_is_not_utf8_is_repaired);
    arena_finish(&arena);
    return check_report();
}
