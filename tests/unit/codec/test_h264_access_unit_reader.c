#include "codec/h264.h"

#include "check.h"
#include "unit/hex.h"

#include <stdlib.h>

/* A record of one SPS and two PPS. */
static const char config_hex[] = "0142c01effe1 0005 6742c01eda 02 0004 68ce3c80 0002 68ee";

static uint8_t config[256];
static size_t config_len;
static struct buf new_config;
static struct h264_access_unit unit;
static uint8_t result[4096];

/* Runs it on a block of exactly `cap` bytes, so that sanitizers see a write past the end. */
static enum err normalise(const char *hex, uint8_t length_size, size_t cap)
{
    uint8_t *exact = malloc(cap > 0 ? cap : 1);
    size_t len = hex_read(hex, exact, cap);
    buf_clear(&new_config);
    struct str record = {.at = (const char *)config, .len = config_len};
    unit.at = exact;
    unit.len = len;
    unit.cap = cap;
    enum err err = h264_access_unit_normalise(&unit, length_size, record, &new_config);
    memcpy(result, exact, cap);
    free(exact);
    return err;
}

static uint8_t bytes[70000];

/* The first `len` of the bytes, with the record. */
static enum err normalise_bytes(size_t len)
{
    struct str record = {.at = (const char *)config, .len = config_len};
    unit = (struct h264_access_unit){.at = bytes, .len = len, .cap = len};
    return h264_access_unit_normalise(&unit, 4, record, &new_config);
}

static size_t hex_len(const char *hex)
{
    uint8_t room[4096];
    return hex_read(hex, room, sizeof(room));
}

static bool becomes(const char *in, uint8_t length_size, const char *want)
{
    size_t cap = hex_len(in) > hex_len(want) ? hex_len(in) : hex_len(want);
    if (normalise(in, length_size, cap) != ERR_OK)
        return false;
    return hex_equal(want, result, unit.len);
}

/* hex_equal() does not take spaces, so what is wanted has none. */
static void only_slices_and_sei_are_kept(void)
{
    CHECK(becomes("00000002 6588 00000002 0611 00000003 419a01", 4,
                  "00000002658800000002061100000003419a01"));
    CHECK(unit.is_idr && !unit.has_parameters);
    /* AUD, SPS and PPS as known, SEI, IDR, filler, end of sequence. */
    CHECK(becomes("00000002 09f0 00000005 6742c01eda 00000004 68ce3c80 00000002 0611"
                  "00000002 6588 00000003 0cffff 00000001 0a",
                  4,
                  "00000002061100000002"
                  "6588"));
    CHECK(unit.is_idr && !unit.has_parameters);
    CHECK_EQ(0, new_config.len);
    CHECK(becomes("00000002 68ee 00000004 68ce3c80", 4, "")); /* both PPS, in another order */
    CHECK(!unit.has_parameters);
    CHECK(becomes("00000002 419a", 4, "00000002419a"));
    CHECK(!unit.is_idr);
    /* Data partitions and reserved types. */
    CHECK(becomes("00000001 02 00000001 03 00000001 04 00000001 14 00000001 00", 4, ""));
    CHECK(!unit.is_idr);
    CHECK(becomes("00000000 00000001 41", 4, "0000000141")); /* an empty unit */
    CHECK(becomes("", 4, ""));
}

static void every_type_is_kept_or_dropped(void)
{
    for (unsigned type = 0; type < 32; type++) {
        char hex[16];
        (void)snprintf(hex, sizeof(hex), "00000001%02x", 0x60 | type);
        bool is_kept = type == 1 || type == 5 || type == 6;
        if (type == 7 || type == 8)
            continue; /* parameter sets that differ: another test */
        CHECK_EQ(ERR_OK, normalise(hex, 4, 5));
        CHECK_EQ(is_kept ? 5 : 0, unit.len);
        CHECK_EQ(type == 5, unit.is_idr);
    }
}

static void short_lengths_are_widened(void)
{
    CHECK(becomes("0002 6588 0003 419a01", 2,
                  "0000000265880000000"
                  "3419a01"));
    CHECK(unit.is_idr);
    CHECK(becomes("02 6588 02 09f0 03 419a01 01 41 01 41 01 41", 1,
                  "00000002658800000003419a01000000014100000001410000000141"));
    CHECK(becomes("02 09f0 03 0cffff 02 6588", 1, "000000026588"));
    CHECK(becomes("0002 09f0 0001 41 0001 41 0001 41", 2, "000000014100000001410000000141"));
}

static void lengths_that_do_not_add_up_are_malformed(void)
{
    CHECK_EQ(ERR_MALFORMED, normalise("00000003 6588", 4, 6));
    CHECK_EQ(ERR_MALFORMED, normalise("00000002 6588 00", 4, 7));
    CHECK_EQ(ERR_MALFORMED, normalise("00000002 6588 000000", 4, 9));
    CHECK_EQ(ERR_MALFORMED, normalise("ffffffff 6588", 4, 6));
    CHECK_EQ(ERR_MALFORMED, normalise("00000002 6588 00000001", 4, 10));
    CHECK_EQ(ERR_MALFORMED, normalise("0003 6588", 2, 4));
    CHECK_EQ(ERR_MALFORMED, normalise("03 6588", 1, 3));
    CHECK_EQ(3, unit.len);
    CHECK(hex_equal("036588", result, 3)); /* unchanged */
}

static void too_little_room_is_a_limit(void)
{
    CHECK_EQ(ERR_LIMIT, normalise("02 6588", 1, 5));
    CHECK_EQ(ERR_OK, normalise("02 6588", 1, 6));
    CHECK_EQ(ERR_LIMIT, normalise("01 41 01 41", 1, 9));
    CHECK_EQ(ERR_OK, normalise("01 41 01 41", 1, 10));
}

static void other_parameter_sets_make_a_new_record(void)
{
    /* Another SPS and PPS. */
    CHECK(becomes("00000005 674d401fda 00000002 68ef 00000002 6588", 4, "000000026588"));
    CHECK(unit.has_parameters && unit.is_idr);
    CHECK(hex_equal("014d401fffe10005674d401fda01000268ef", new_config.at, new_config.len));
    /* Another PPS only: the SPS stays. */
    CHECK(becomes("00000002 68ef 00000002 6588", 4, "000000026588"));
    CHECK(unit.has_parameters);
    CHECK(hex_equal("0142c01effe100056742c01eda01000268ef", new_config.at, new_config.len));
    /* Another SPS only: both PPS stay. High has more at the end. */
    CHECK(becomes("00000005 6764001fda 00000002 6588", 4, "000000026588"));
    CHECK(unit.has_parameters);
    CHECK(hex_equal("0164001fffe100056764001fda02000468ce3c80000268eefdf8f800", new_config.at,
                    new_config.len));
    /* Two of each. */
    CHECK(becomes("00000005 674d401fda 00000005 674d401fdb 00000002 68ef 00000002 68ed", 4, ""));
    CHECK(hex_equal("014d401fffe20005674d401fda0005674d401fdb02000268ef000268ed", new_config.at,
                    new_config.len));
    CHECK(unit.has_parameters && !unit.is_idr);
    /* With 2-byte lengths the sets are read just so. */
    CHECK(becomes("0002 68ef 0002 6588", 2, "000000026588"));
    CHECK(hex_equal("0142c01effe100056742c01eda01000268ef", new_config.at, new_config.len));
    /* One known set and one that is not. */
    CHECK(becomes("00000002 68ee 00000002 68ef", 4, ""));
    CHECK(unit.has_parameters);
    CHECK(hex_equal("0142c01effe100056742c01eda02000268ee000268ef", new_config.at, new_config.len));
}

static void sets_without_a_record_make_the_first(void)
{
    config_len = 0;
    CHECK(becomes("00000005 674d401fda 00000002 68ef", 4, ""));
    CHECK(unit.has_parameters);
    CHECK(hex_equal("014d401fffe10005674d401fda01000268ef", new_config.at, new_config.len));
    CHECK_EQ(ERR_MALFORMED, normalise("00000002 68ef", 4, 6)); /* half of one */
    CHECK_EQ(ERR_MALFORMED, normalise("00000005 674d401fda", 4, 9));
    CHECK(becomes("00000002 6588", 4, "000000026588")); /* none at all is not its business */
    CHECK(!unit.has_parameters);
    config_len = hex_read(config_hex, config, sizeof(config));
    CHECK_EQ(ERR_MALFORMED, normalise("00000003 674d40", 4, 7)); /* too short for a profile */
    CHECK_EQ(ERR_OK, normalise("00000004 674d401f", 4, 8));
}

static void the_record_is_bounded(void)
{
    static uint8_t saved[70000];
    memset(bytes, 0, sizeof(bytes));
    for (unsigned too_many = 0; too_many < 2; too_many++) {
        size_t len = 0;
        for (size_t i = 0; i < H264_MAX_PARAMETER_SETS + too_many; i++)
            len += hex_read("00000002 68ef", bytes + len, sizeof(bytes) - len);
        memcpy(saved, bytes, len);
        buf_clear(&new_config);
        CHECK_EQ(too_many == 0 ? ERR_OK : ERR_LIMIT, normalise_bytes(len));
        if (too_many == 1)
            CHECK_EQ(0, memcmp(saved, bytes, len));
    }
    /* A set that does not fit into the record. */
    for (unsigned type = 0x67; type <= 0x68; type++) {
        memcpy(bytes, (uint8_t[]){0, 0, 0x20, 0, (uint8_t)type}, 5);
        buf_clear(&new_config);
        CHECK_EQ(ERR_LIMIT, normalise_bytes(4 + 8192));
        CHECK_EQ(0, new_config.len);
    }
}

/* Whatever the caller allows a record to be. */
static void a_set_is_no_longer_than_its_length_can_say(void)
{
    struct buf usual = new_config;
    buf_init(&new_config, 1 << 20);
    for (unsigned type = 0x67; type <= 0x68; type++) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, (uint8_t[]){0, 0, 0xff, 0xff, (uint8_t)type}, 5);
        CHECK_EQ(ERR_OK, normalise_bytes(4 + 0xffff));
        buf_clear(&new_config);
        memcpy(bytes, (uint8_t[]){0, 1, 0, 0, (uint8_t)type}, 5);
        CHECK_EQ(ERR_LIMIT, normalise_bytes(4 + 0x10000));
        CHECK_EQ(0, new_config.len);
    }
    buf_finish(&new_config);
    new_config = usual;
}

static void long_units_are_widened(void)
{
    uint8_t *at = bytes + 3;
    memset(bytes, 0, sizeof(bytes));
    memcpy(at, (uint8_t[]){0x12, 0x34, 0x41}, 3); /* a slice of 4660 bytes */
    at[2 + 0x1234 - 1] = 0x77;
    struct str record = {.at = (const char *)config, .len = config_len};
    unit = (struct h264_access_unit){.at = at, .len = 2 + 0x1234, .cap = 4 + 0x1234};
    buf_clear(&new_config);
    CHECK_EQ(ERR_OK, h264_access_unit_normalise(&unit, 2, record, &new_config));
    CHECK_EQ(4 + 0x1234, unit.len);
    CHECK(hex_equal("0000123441", at, 5));
    CHECK_EQ(0x77, at[4 + 0x1234 - 1]);
}

int main(void)
{
    buf_init(&new_config, H264_MAX_CONFIG);
    config_len = hex_read(config_hex, config, sizeof(config));
    RUN(only_slices_and_sei_are_kept);
    RUN(every_type_is_kept_or_dropped);
    RUN(short_lengths_are_widened);
    RUN(lengths_that_do_not_add_up_are_malformed);
    RUN(too_little_room_is_a_limit);
    RUN(other_parameter_sets_make_a_new_record);
    RUN(sets_without_a_record_make_the_first);
    RUN(the_record_is_bounded);
    RUN(a_set_is_no_longer_than_its_length_can_say);
    RUN(long_units_are_widened);
    buf_finish(&new_config);
    return check_report();
}
