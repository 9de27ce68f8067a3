#include "proto/rtmp/rtmp_chunk_writer.h"

#include "check.h"
#include "proto/rtmp/rtmp_chunk_reader.h"
#include "unit/hex.h"

static struct buf out;
static uint8_t payload[3 * RTMP_OUT_CHUNK_SIZE];

static void write(uint32_t timestamp, size_t len)
{
    buf_clear(&out);
    struct rtmp_out_header header = {
        .chunk_stream = 3, .type = 20, .stream_id = 0x01020304, .timestamp = timestamp};
    rtmp_chunk_write(&out, &header, (struct str){.at = (const char *)payload, .len = len});
    CHECK(!out.failed);
}

static void headers_are_complete(void)
{
    write(0x010203, 2);
    CHECK(hex_equal("03010203000002140403020100"
                    "01",
                    out.at, out.len));
    write(0xfffffe, 1);
    CHECK(hex_equal("03fffffe000001140403020100", out.at, out.len));
    write(0xffffff, 1);
    CHECK(hex_equal("03ffffff000001140403020100ffffff00", out.at, out.len));
    write(0xfedcba98, 1);
    CHECK(hex_equal("03ffffff0000011404030201fedcba9800", out.at, out.len));
    write(0, 0);
    CHECK(hex_equal("030000000000001404030201", out.at, out.len));
}

/* What it writes, the reader reads; chunk by chunk. */
static void long_messages_go_on_in_chunks(void)
{
    static const size_t lens[] = {0,    1,    4095, 4096,  4097,
                                  8191, 8192, 8193, 12288, RTMP_OUT_CHUNK_SIZE};
    static const uint32_t times[] = {0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff};
    static const uint8_t set_chunk_size[] = {2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0x10, 0};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]) * 5; i++) {
        size_t len = lens[i / 5];
        uint32_t time = times[i % 5];
        write(time, len);
        size_t chunks = len == 0 ? 1 : (len + 4095) / 4096;
        size_t extended = time >= 0xffffff ? 4 : 0;
        CHECK_EQ(12 + extended + (chunks - 1) * (1 + extended) + len, out.len);

        struct rtmp_chunk_reader reader;
        rtmp_chunk_reader_init(&reader);
        struct rtmp_message message;
        struct reader input = reader_over(set_chunk_size, sizeof(set_chunk_size));
        CHECK_EQ(ERR_AGAIN, rtmp_chunk_reader_next(&reader, &input, &message));
        input = reader_over(out.at, out.len);
        CHECK_EQ(ERR_OK, rtmp_chunk_reader_next(&reader, &input, &message));
        CHECK_EQ(0, input.left);
        CHECK_EQ(time, message.timestamp);
        CHECK_EQ(0x01020304, message.stream_id);
        CHECK_EQ(20, message.type);
        CHECK_EQ(len, message.payload->len);
        CHECK_EQ(0, memcmp(payload, message.payload->at, len));
        chunk_unref(&message.payload);
        rtmp_chunk_reader_finish(&reader);
    }
}

int main(void)
{
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i % 251);
    RUN(headers_are_complete);
    RUN(long_messages_go_on_in_chunks);
    buf_finish(&out);
    return check_report();
}
