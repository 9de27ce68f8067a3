#include "proto/id3/txxx_writer.h"

#include "check.h"
#include "unit/hex.h"

static void golden_vector_v1(void)
{
    struct buf out;
    buf_init(&out, 1024);
    id3_write_txxx(ID3_METADATA, STR("hello"), &out);
    CHECK(hex_equal("49443304000000000029545858580000001f0000036d657461646174612e6c6976652d766964"
                    "656f2e6e65740068656c6c6f00",
                    out.at, out.len));
    buf_finish(&out);
}

/* Sizes are of 7 bits a byte: the frame of a value of `len` bytes is 26 longer. */
static void check_sizes(size_t len, const char *tag_size, const char *frame_size)
{
    static char value[300000];
    memset(value, 'x', len);
    struct buf out;
    buf_init(&out, 400000);
    id3_write_txxx(ID3_METADATA, (struct str){.at = value, .len = len}, &out);
    CHECK(hex_equal(tag_size, out.at + 6, 4));
    CHECK(hex_equal(frame_size, out.at + 14, 4));
    CHECK_EQ(46 + len, out.len);
    CHECK_EQ(0, out.at[out.len - 1]);
    buf_finish(&out);
}

static void sizes_are_syncsafe(void)
{
    check_sizes(1, "00000025", "0000001b");
    check_sizes(101, "00000109", "0000007f");
    check_sizes(102, "0000010a", "00000100");
    check_sizes(1024, "00000824", "0000081a");
    check_sizes(4096, "00002024", "0000201a");
    check_sizes(262144, "00100024", "0010001a");
}

static void several_bytes_a_character_pass_unchanged(void)
{
    struct buf out;
    buf_init(&out, 1024);
    id3_write_txxx(STR("d"), STR("h\xc3\xa9\xf0\x9f\x8e\xac"), &out);
    CHECK(hex_equal("49443304000000000015545858580000000b0000036400"
                    "68c3a9f09f8eac00",
                    out.at, out.len));
    buf_finish(&out);
}

int main(void)
{
    RUN(golden_vector_v1);
    RUN(sizes_are_syncsafe);
    RUN(several_bytes_a_character_pass_unchanged);
    return check_report();
}
