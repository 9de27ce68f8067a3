#include "packager/gzip.h"

#include "base/mem.h"
#include "check.h"

#include <string.h>
#include <zlib.h>

static void check_round_trip(size_t len, size_t at_most)
{
    struct chunk *plain = chunk_create(len);
    for (size_t i = 0; i < len; i++)
        plain->at[i] = (uint8_t)("#EXTINF:2.00000,\n"[i % 17]);
    struct chunk *packed = gzip_chunk(plain);
    CHECK(packed->len <= at_most);
    CHECK(packed->len > 10 && packed->at[0] == 0x1f && packed->at[1] == 0x8b);

    uint8_t *back = mem_alloc(len + 1);
    z_stream stream = {.next_in = packed->at,
                       .avail_in = (uInt)packed->len,
                       .next_out = back,
                       .avail_out = (uInt)len + 1};
    CHECK_EQ(Z_OK, inflateInit2(&stream, 16 + 13));
    CHECK_EQ(Z_STREAM_END, inflate(&stream, Z_FINISH));
    CHECK_EQ(len, stream.total_out);
    CHECK_EQ(0, memcmp(plain->at, back, len));
    CHECK_EQ(Z_OK, inflateEnd(&stream));
    mem_free(back);
    chunk_unref(&plain);
    chunk_unref(&packed);
}

static void what_was_packed_unpacks(void)
{
    check_round_trip(0, 40);
    check_round_trip(1, 40);
    check_round_trip(4000, 100);
    check_round_trip(300000, 3000);
}

int main(void)
{
    RUN(what_was_packed_unpacks);
    return check_report();
}
