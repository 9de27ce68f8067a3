#include "proto/rtmp/rtmp_chunk_writer.h"

#include <assert.h>

enum {
    EXTENDED = 0xffffff, /* timestamps from here on stand in 4 more bytes */
    CONTINUED = 3 << 6,  /* a type 3 basic header */
};

void rtmp_chunk_write(struct buf *out, const struct rtmp_out_header *header, struct str payload)
{
    assert(header->chunk_stream >= 2 && header->chunk_stream < 64);
    bool is_extended = header->timestamp >= EXTENDED;
    buf_put_uint(out, header->chunk_stream, 1);
    buf_put_uint(out, is_extended ? EXTENDED : header->timestamp, 3);
    buf_put_uint(out, payload.len, 3);
    buf_put_uint(out, header->type, 1);
    for (unsigned i = 0; i < 4; i++) /* little-endian */
        buf_put_uint(out, header->stream_id >> (8 * i) & 0xff, 1);
    for (size_t at = 0; at == 0 || at < payload.len;) {
        if (at > 0)
            buf_put_uint(out, CONTINUED | header->chunk_stream, 1);
        if (is_extended)
            buf_put_uint(out, header->timestamp, 4);
        size_t len = payload.len - at;
        if (len > RTMP_OUT_CHUNK_SIZE)
            len = RTMP_OUT_CHUNK_SIZE;
        if (len == 0)
            break;
        buf_put(out, payload.at + at, len);
        at += len;
    }
}
