#include "proto/rtmp/rtmp_reply_writer.h"

#include "check.h"
#include "unit/hex.h"

static struct buf out;

static void limits_are_announced(void)
{
    buf_clear(&out);
    rtmp_reply_limits(&out);
    CHECK(hex_equal("02000000000004050000000000"
                    "2625a0" /* window 2500000 */
                    "02000000000005060000000000"
                    "2625a0"
                    "02" /* bandwidth, dynamic */
                    "02000000000004010000000000"
                    "001000", /* chunk size 4096 */
                    out.at, out.len));
}

static void connect_is_answered(void)
{
    buf_clear(&out);
    rtmp_reply_connected(&out, 1);
    CHECK(hex_equal("0300000000"
                    "00be14"
                    "00000000"
                    "0200075f726573756c74"
                    "003ff0000000000000"
                    "03"
                    "0006666d7356657202000d464d532f332c302c312c313233"
                    "000c6361706162696c697469657300403f000000000000"
                    "000009"
                    "03"
                    "00056c6576656c020006737461747573"
                    "0004636f646502001d4e6574436f6e6e656374696f6e2e436f6e6e6563742e53756363657373"
                    "000b6465736372697074696f6e020015436f6e6e656374696f6e207375636365656465642e"
                    "000e6f626a656374456e636f64696e67000000000000000000"
                    "000009",
                    out.at, out.len));
}

static void a_rejected_connect_is_an_error(void)
{
    buf_clear(&out);
    rtmp_reply_connect_rejected(&out, 1, STR("No."));
    CHECK(hex_equal("030000000000"
                    "6014"
                    "00000000"
                    "0200065f6572726f72"
                    "003ff0000000000000"
                    "05"
                    "03"
                    "00056c6576656c0200056572726f72"
                    "0004636f646502001e4e6574436f6e6e656374696f6e2e436f6e6e6563742e52656a6563746564"
                    "000b6465736372697074696f6e0200034e6f2e"
                    "000009",
                    out.at, out.len));
}

/* Golden vector V6, on message stream 1. */
static void a_refusal_is_a_status(void)
{
    struct rtmp_status status = {.level = STR("error"),
                                 .code = STR("NetStream.Publish.BadName"),
                                 .description = STR("Stream key not accepted.")};
    buf_clear(&out);
    rtmp_reply_status(&out, STR("onStatus"), 1, &status);
    CHECK(hex_equal("030000000000"
                    "7214"
                    "01000000"
                    "0200086f6e537461747573000000000000000000050300056c6576656c0200056572726f72"
                    "0004636f64650200194e657453747265616d2e5075626c6973682e4261644e616d65000b6465"
                    "736372697074696f6e02001853747265616d206b6579206e6f742061636365707465642e0000"
                    "09",
                    out.at, out.len));
}

static void short_results_are_written(void)
{
    buf_clear(&out);
    rtmp_reply_nothing(&out, 2);
    CHECK(hex_equal("030000000000"
                    "1514"
                    "00000000"
                    "0200075f726573756c74"
                    "004000000000000000"
                    "0506",
                    out.at, out.len));
    buf_clear(&out);
    rtmp_reply_stream_created(&out, 4, 1);
    CHECK(hex_equal("030000000000"
                    "1d14"
                    "00000000"
                    "0200075f726573756c74"
                    "004010000000000000"
                    "05"
                    "003ff0000000000000",
                    out.at, out.len));
}

static void control_messages_are_written(void)
{
    buf_clear(&out);
    rtmp_reply_stream_begin(&out, 0x01020304);
    rtmp_reply_pong(&out, 0xfedcba98);
    rtmp_reply_acknowledgement(&out, 0xfedcba98);
    CHECK(hex_equal("02000000000006040000000000"
                    "0001020304"
                    "02000000000006040000000000"
                    "07fedcba98"
                    "020000000000040300000000"
                    "fedcba98",
                    out.at, out.len));
}

static void a_full_buffer_and_a_long_sentence_are_noticed(void)
{
    struct buf small;
    buf_init(&small, 20);
    rtmp_reply_nothing(&small, 2);
    CHECK(small.failed);
    buf_finish(&small);
    static char text[5000];
    memset(text, 'x', sizeof(text));
    buf_clear(&out);
    rtmp_reply_connect_rejected(&out, 1, (struct str){.at = text, .len = sizeof(text)});
    CHECK(out.failed);
}

int main(void)
{
    buf_init(&out, 65536);
    RUN(limits_are_announced);
    RUN(connect_is_answered);
    RUN(a_rejected_connect_is_an_error);
    RUN(a_refusal_is_a_status);
    RUN(short_results_are_written);
    RUN(control_messages_are_written);
    RUN(a_full_buffer_and_a_long_sentence_are_noticed);
    buf_finish(&out);
    return check_report();
}
