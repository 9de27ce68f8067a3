#include "proto/rtmp/rtmp_aggregate_reader.h"

#include "check.h"
#include "unit/hex.h"

/* Video at 1000, audio at 1020, a data tag, and video at 0x01000000 + 1. */
static const char whole[] = "09 000002 0003e8 00 000000 1701 0000000d"
                            "08 000001 0003fc 00 000000 af   0000000c"
                            "12 000000 0003fc 00 000000      0000000b"
                            "09 000001 000001 01 000000 27   00000000";

static struct rtmp_message message = {.type = RTMP_AGGREGATE, .timestamp = 5000};
static struct rtmp_aggregate aggregate;
static const uint8_t *start; /* of the message */

static enum err open_hex(const char *hex, size_t cut)
{
    uint8_t bytes[256];
    size_t len = hex_read(hex, bytes, sizeof(bytes));
    chunk_unref(&message.payload);
    message.payload = chunk_copy(bytes, cut < len ? cut : len);
    start = message.payload->at;
    return rtmp_aggregate_open(&message, &aggregate);
}

static void tags_come_out_with_shifted_times(void)
{
    static const struct {
        uint8_t type;
        uint32_t timestamp;
        size_t len, at;
    } want[] = {{9, 5000, 2, 11}, {8, 5020, 1, 28}, {18, 5020, 0, 44}, {9, 16781217, 1, 59}};
    CHECK_EQ(ERR_OK, open_hex(whole, SIZE_MAX));
    struct rtmp_aggregate_tag tag;
    for (size_t i = 0; i < 4; i++) {
        CHECK(rtmp_aggregate_next(&aggregate, &tag));
        CHECK_EQ(want[i].type, tag.type);
        CHECK_EQ(want[i].timestamp, tag.timestamp);
        CHECK_EQ(want[i].len, tag.len);
        CHECK(tag.at == start + want[i].at);
    }
    CHECK(!rtmp_aggregate_next(&aggregate, &tag));
}

static void times_wrap(void)
{
    message.timestamp = 0xffffffff;
    CHECK_EQ(ERR_OK, open_hex(whole, SIZE_MAX));
    struct rtmp_aggregate_tag tag;
    CHECK(rtmp_aggregate_next(&aggregate, &tag));
    CHECK_EQ(0xffffffff, tag.timestamp);
    CHECK(rtmp_aggregate_next(&aggregate, &tag));
    CHECK_EQ(19, tag.timestamp);
    message.timestamp = 5000;
}

static void sizes_must_add_up(void)
{
    size_t ends[] = {0, 17, 33, 48};
    size_t len = 64;
    for (size_t cut = 0; cut < len; cut++) {
        bool is_whole = false;
        for (size_t i = 0; i < 4; i++)
            is_whole = is_whole || cut == ends[i];
        CHECK_EQ(is_whole ? ERR_OK : ERR_MALFORMED, open_hex(whole, cut));
    }
    CHECK_EQ(ERR_MALFORMED, open_hex("09 ffffff 000000 00 000000 17 00000000", SIZE_MAX));
}

int main(void)
{
    RUN(tags_come_out_with_shifted_times);
    RUN(times_wrap);
    RUN(sizes_must_add_up);
    chunk_unref(&message.payload);
    return check_report();
}
