#include "packager/gzip.h"

#include "base/mem.h"

#include <assert.h>
#include <zlib.h>

enum {
    /* A window of 8 KiB holds a playlist whole; with it the compressor needs 64 KiB, not 256. */
    WINDOW_BITS = 13,
    AS_GZIP = 16,
    MEMORY_LEVEL = 6,
    LEVEL = 6,
};

static void release(struct chunk *chunk)
{
    mem_free(chunk->at);
}

struct chunk *gzip_chunk(const struct chunk *plain)
{
    z_stream stream = {0};
    int status = deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS + AS_GZIP, MEMORY_LEVEL,
                              Z_DEFAULT_STRATEGY);
    assert(status == Z_OK); /* else it is out of memory */
    size_t cap = deflateBound(&stream, plain->len);
    uint8_t *out = mem_alloc(cap);
    stream.next_in = plain->at;
    stream.avail_in = (uInt)plain->len;
    stream.next_out = out;
    stream.avail_out = (uInt)cap;
    status = deflate(&stream, Z_FINISH);
    assert(status == Z_STREAM_END); /* deflateBound() promises it */
    (void)status;
    size_t len = stream.total_out;
    (void)deflateEnd(&stream); /* nothing is pending */
    return chunk_adopt(mem_grow(out, len, 1), len, release);
}
