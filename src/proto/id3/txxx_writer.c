#include "proto/id3/txxx_writer.h"

enum {
    HEADER_LEN = 10, /* of the tag, and of a frame too */
    UTF8 = 3,
    TERMINATORS_AND_ENCODING = 3,
};

/* 4 x 7 bits (§6.2). */
static void put_syncsafe(struct buf *out, size_t value)
{
    buf_put_uint(out,
                 (value & 0x7f) | (value & 0x3f80) << 1 | (value & 0x1fc000) << 2 |
                     (value & 0xfe00000) << 3,
                 4);
}

void id3_write_txxx(struct str description, struct str value, struct buf *out)
{
    size_t frame_len = description.len + value.len + TERMINATORS_AND_ENCODING;
    buf_put_str(out, STR("ID3\4\0\0"));
    put_syncsafe(out, HEADER_LEN + frame_len);
    buf_put_str(out, STR("TXXX"));
    put_syncsafe(out, frame_len);
    buf_put_uint(out, 0, 2);
    buf_put_uint(out, UTF8, 1);
    buf_put_str(out, description);
    buf_put_uint(out, 0, 1);
    buf_put_str(out, value);
    buf_put_uint(out, 0, 1);
}
