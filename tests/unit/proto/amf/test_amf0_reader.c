#include "proto/amf/amf0_reader.h"

#include "check.h"
#include "unit/hex.h"

/* Golden vector V5: a connect command. */
static const char connect_hex[] =
    "020007636f6e6e656374003ff000000000000003000361707002000361707000047479706502000a6e6f6e70726976"
    "61"
    "74650008666c61736856657202001f464d4c452f332e302028636f6d70617469626c653b20464d53632f312e302900"
    "0574635572"
    "6c02000c72746d703a2f2f682f617070000009";

static struct arena arena;
static struct amf_message message;

static enum err read(const void *bytes, size_t len)
{
    arena_finish(&arena);
    arena_init(&arena, 256);
    amf_message_init(&message, &arena);
    return amf0_read(bytes, len, &message);
}

static enum err read_hex(const char *hex)
{
    static uint8_t bytes[4096];
    return read(bytes, hex_read(hex, bytes, sizeof(bytes)));
}

static struct str member(size_t argument, struct str key)
{
    return amf_string(amf_find(&message, amf_argument(&message, argument), key));
}

static void the_connect_vector_reads(void)
{
    CHECK_EQ(ERR_OK, read_hex(connect_hex));
    CHECK(str_equal(STR("connect"), amf_string(amf_argument(&message, 0))));
    CHECK_EQ(1, amf_number(amf_argument(&message, 1), 0));
    CHECK(str_equal(STR("app"), member(2, STR("app"))));
    CHECK(str_equal(STR("nonprivate"), member(2, STR("type"))));
    CHECK(str_equal(STR("FMLE/3.0 (compatible; FMSc/1.0)"), member(2, STR("flashVer"))));
    CHECK(str_equal(STR("rtmp://h/app"), member(2, STR("tcUrl"))));
    CHECK(amf_argument(&message, 3) == NULL);
    CHECK_EQ(7, message.count);
}

/* One value of each kind: what it reads as, and how many values with all in it. */
static const struct {
    const char *hex;
    enum amf_type type;
    size_t count;
} values[] = {
    {"00 3ff8000000000000", AMF_NUMBER, 1},                      /* 1.5 */
    {"01 01", AMF_BOOLEAN, 1},                                   /* true */
    {"02 0007 7075626c697368", AMF_STRING, 1},                   /* "publish" */
    {"03 0001 61 02 0001 78 0001 62 05 0000 09", AMF_OBJECT, 3}, /* {a: "x", b: null} */
    {"05", AMF_NULL, 1},                                         /* null */
    {"06", AMF_UNDEFINED, 1},                                    /* undefined */
    {"08 00000001 0003 667073 05 0000 09", AMF_OBJECT, 2},       /* [fps: null] */
    {"08 ffffffff 0003 667073 05 0000 09", AMF_OBJECT, 2},       /* a wrong count */
    {"08 00000000 0000 09", AMF_OBJECT, 1},                      /* empty */
    {"0a 00000002 01 00 03 0001 78 05 0000 09", AMF_ARRAY, 4},   /* [false, {x: null}] */
    {"0b 4024000000000000 0000", AMF_NUMBER, 1},                 /* a date */
    {"0c 00000002 6869", AMF_STRING, 1},                         /* "hi", long form */
    {"0f 00000004 3c612f3e", AMF_UNDEFINED, 1},                  /* <a/> */
    {"10 0003 436c73 0001 61 05 0000 09", AMF_OBJECT, 2},        /* Cls {a: null} */
    {"11 03", AMF_BOOLEAN, 1},                                   /* AMF3 true */
    {"11 0a 0b 01 03 61 04 05 01", AMF_OBJECT, 2},               /* AMF3 {a: 5} */
    {"03 0001 61 11 0a 0b 01 03 61 04 05 01 0001 62 05 0000 09", AMF_OBJECT, 4}, /* AMF3 inside */
    {"03 0000 05 0000 09", AMF_OBJECT, 2},                                       /* {"": null} */
};
enum { VALUE_COUNT = sizeof(values) / sizeof(values[0]) };

static void every_kind_of_value_reads(void)
{
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        CHECK_EQ(ERR_OK, read_hex(values[i].hex));
        CHECK_EQ(values[i].type, message.values[0].type);
        CHECK_EQ(values[i].count, message.count);
        CHECK_EQ(values[i].count, message.values[0].end);
        CHECK_EQ(0, message.depth);
    }
}

static void every_value_leaves_the_next_where_it_stands(void)
{
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        char hex[256];
        (void)snprintf(hex, sizeof(hex), "%s 02 0001 7a", values[i].hex);
        CHECK_EQ(ERR_OK, read_hex(hex));
        CHECK(str_equal(STR("z"), amf_string(amf_argument(&message, 1))));
    }
}

static void values_are_what_was_sent(void)
{
    CHECK_EQ(ERR_OK, read_hex("00 3ff8000000000000"));
    CHECK(message.values[0].number == 1.5);
    CHECK_EQ(ERR_OK, read_hex("0b 4024000000000000 0000"));
    CHECK(message.values[0].number == 10);
    CHECK_EQ(ERR_OK, read_hex("01 01"));
    CHECK(message.values[0].boolean);
    CHECK_EQ(ERR_OK, read_hex("01 00"));
    CHECK(!message.values[0].boolean);
    CHECK_EQ(ERR_OK, read_hex("0c 00000002 6869"));
    CHECK(str_equal(STR("hi"), message.values[0].string));
    CHECK_EQ(ERR_OK, read_hex("08 00000001 0003 667073 00 4024000000000000 0000 09"));
    CHECK_EQ(10, amf_number(amf_find(&message, &message.values[0], STR("fps")), 0));
    CHECK_EQ(ERR_OK, read_hex("0a 00000001 02 0001 78"));
    CHECK_EQ(0, message.values[1].key.len);
    CHECK(str_equal(STR("x"), message.values[1].string));
    CHECK_EQ(ERR_OK, read(NULL, 0));
    CHECK_EQ(0, message.count);
}

static void no_truncated_value_is_accepted(void)
{
    static uint8_t bytes[256];
    for (size_t i = 0; i <= VALUE_COUNT; i++) {
        size_t whole = hex_read(i < VALUE_COUNT ? values[i].hex : connect_hex, bytes, 256);
        size_t first = i < VALUE_COUNT ? 1 : whole - 60; /* inside the object of connect */
        for (size_t len = first; len < whole; len++)
            CHECK_EQ(ERR_MALFORMED, read(bytes, len));
    }
}

static void what_amf0_does_not_serialize_is_malformed(void)
{
    static const char *const malformed[] = {
        "04",                         /* movie clip */
        "07 0000",                    /* reference */
        "09",                         /* an end without an object */
        "0d",                         /* unsupported */
        "0e",                         /* record set */
        "12",                         /* beyond the last marker */
        "ff",                         /* likewise */
        "03 0000 05 0000 0a",         /* a wrong end */
        "03 0001 61 07 0000 0000 09", /* a reference inside */
        "03 0001 ff 05 0000 09",      /* a name that is not UTF-8 */
        "11 07",                      /* AMF3 XML */
    };
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        CHECK_EQ(ERR_MALFORMED, read_hex(malformed[i]));
}

static enum err read_nested(const char *open, const char *close, size_t depth)
{
    static char hex[1024];
    size_t len = 0;
    for (size_t i = 0; i < depth; i++)
        len += (size_t)snprintf(hex + len, sizeof(hex) - len, "%s", open);
    len += (size_t)snprintf(hex + len, sizeof(hex) - len, "05");
    for (size_t i = 0; i < depth; i++)
        len += (size_t)snprintf(hex + len, sizeof(hex) - len, "%s", close);
    return read_hex(hex);
}

static void nesting_is_bounded(void)
{
    static const char *const containers[][2] = {
        {"0a00000001", ""},
        {"03000161", "000009"},
        {"0800000000000161", "000009"},
        {"10000143000161", "000009"},
    };
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        CHECK_EQ(ERR_OK, read_nested(containers[i][0], containers[i][1], AMF_MAX_DEPTH));
        CHECK_EQ(ERR_LIMIT, read_nested(containers[i][0], containers[i][1], AMF_MAX_DEPTH + 1));
    }
}

static void depth_counts_over_the_switch_to_amf3(void)
{
    /* Seven AMF0 objects around an AMF3 array, and one around another. */
    CHECK_EQ(ERR_OK, read_hex("0a00000001 0a00000001 0a00000001 0a00000001 0a00000001 0a00000001"
                              "0a00000001 11 09 03 01 01"));
    CHECK_EQ(ERR_LIMIT, read_hex("0a00000001 0a00000001 0a00000001 0a00000001 0a00000001"
                                 "0a00000001 0a00000001 11 09 03 01 09 03 01 01"));
}

static enum err read_repeated(const char *start, const char *each, size_t count, const char *end)
{
    static uint8_t bytes[8192];
    size_t len = hex_read(start, bytes, sizeof(bytes));
    for (size_t i = 0; i < count; i++)
        len += hex_read(each, bytes + len, sizeof(bytes) - len);
    len += hex_read(end, bytes + len, sizeof(bytes) - len);
    return read(bytes, len);
}

static void the_number_of_values_is_bounded(void)
{
    CHECK_EQ(ERR_OK, read_repeated("", "05", AMF_MAX_VALUES, ""));
    CHECK_EQ(ERR_LIMIT, read_repeated("", "05", AMF_MAX_VALUES + 1, ""));
    CHECK_EQ(ERR_OK, read_repeated("03", "0001 61 05", AMF_MAX_VALUES - 1, "0000 09"));
    CHECK_EQ(ERR_LIMIT, read_repeated("03", "0001 61 05", AMF_MAX_VALUES, "0000 09"));
    CHECK_EQ(ERR_OK, read_repeated("0a 000000ff", "05", AMF_MAX_VALUES - 1, ""));
}

static void array_counts_are_not_trusted(void)
{
    CHECK_EQ(ERR_LIMIT, read_hex("0a ffffffff 05"));
    CHECK_EQ(ERR_LIMIT, read_hex("0a 00000101"));
    CHECK_EQ(ERR_MALFORMED, read_hex("0a 00000100"));
    CHECK_EQ(ERR_MALFORMED, read_hex("0a 00000002 05"));
}

static enum err read_text(uint8_t marker, size_t len)
{
    static uint8_t bytes[8192];
    size_t at = 0;
    bytes[at++] = marker;
    if (marker == 0x0c) {
        bytes[at++] = 0;
        bytes[at++] = 0;
    }
    bytes[at++] = (uint8_t)(len >> 8);
    bytes[at++] = (uint8_t)len;
    memset(bytes + at, 'x', len);
    return read(bytes, at + len);
}

static void strings_and_names_are_bounded(void)
{
    CHECK_EQ(ERR_OK, read_text(0x02, AMF_MAX_STRING));
    CHECK_EQ(ERR_LIMIT, read_text(0x02, AMF_MAX_STRING + 1));
    CHECK_EQ(ERR_OK, read_text(0x0c, AMF_MAX_STRING));
    CHECK_EQ(ERR_LIMIT, read_text(0x0c, AMF_MAX_STRING + 1));
    CHECK_EQ(ERR_OK, read_repeated("03 0080", "6b", AMF_MAX_KEY, "05 0000 09"));
    CHECK_EQ(ERR_LIMIT, read_repeated("03 0081", "6b", AMF_MAX_KEY + 1, "05 0000 09"));
}

static void a_string_that_is_not_utf8_is_repaired(void)
{
    CHECK_EQ(ERR_OK, read_hex("02 0003 61ff62"));
    CHECK(str_equal(STR("a?b"), message.values[0].string));
}

static void the_later_of_two_members_wins(void)
{
    CHECK_EQ(ERR_OK, read_hex("03 0003 617070 02 0001 61 0003 617070 02 0001 62 0000 09"));
    CHECK(str_equal(STR("b"), member(0, STR("app"))));
}

int main(void)
{
    RUN(the_connect_vector_reads);
    RUN(every_kind_of_value_reads);
    RUN(every_value_leaves_the_next_where_it_stands);
    RUN(values_are_what_was_sent);
    RUN(no_truncated_value_is_accepted);
    RUN(what_amf0_does_not_serialize_is_malformed);
    RUN(nesting_is_bounded);
    RUN(depth_counts_over_the_switch_to_amf3);
    RUN(the_number_of_values_is_bounded);
    RUN(array_counts_are_not_trusted);
    RUN(strings_and_names_are_bounded);
    RUN(a_string_that_is_not_utf8_is_repaired);
    RUN(the_later_of_two_members_wins);
    arena_finish(&arena);
    return check_report();
}
