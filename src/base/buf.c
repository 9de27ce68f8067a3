#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_finish(struct buf *buf)
{
    mem_free(buf->at);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

uint8_t *buf_reserve(struct buf *buf, size_t len)
{
    if (buf->failed || len > buf->max - buf->len) {
        buf->failed = true;
        return NULL;
    }
    size_t needed = buf->len + len;
    if (needed > buf->cap || buf->at == NULL) {
        size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAP;
        while (cap < needed)
            cap = cap <= buf->max / 2 ? cap * 2 : buf->max;
        buf->at = mem_grow(buf->at, cap, 1);
        buf->cap = cap;
    }
    return buf->at + buf->len;
}

void buf_put(struct buf *buf, const void *bytes, size_t len)
{
    uint8_t *room = buf_reserve(buf, len);
    if (room == NULL || len == 0)
        return;
    memcpy(room, bytes, len);
    buf->len += len;
}

void buf_put_str(struct buf *buf, struct str str)
{
    buf_put(buf, str.at, str.len);
}

void buf_put_cstr(struct buf *buf, const char *str)
{
    buf_put(buf, str, strlen(str));
}

static void store_uint(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--) {
        at[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

void buf_put_uint(struct buf *buf, uint64_t value, size_t width)
{
    assert(width >= 1 && width <= 8);
    uint8_t *room = buf_reserve(buf, width);
    if (room == NULL)
        return;
    store_uint(room, value, width);
    buf->len += width;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* vsnprintf writes a NUL too: ask for its room, do not count it. */
    uint8_t *room = len < 0 ? NULL : buf_reserve(buf, (size_t)len + 1);
    if (room == NULL) {
        buf->failed = true;
        return;
    }
    va_start(args, format);
    (void)vsnprintf((char *)room, (size_t)len + 1, format, args); /* its length is known */
    va_end(args);
    buf->len += (size_t)len;
}

void buf_patch_uint(struct buf *buf, size_t offset, uint64_t value, size_t width)
{
    if (buf->failed)
        return;
    assert(width >= 1 && width <= 8 && offset <= buf->len && width <= buf->len - offset);
    store_uint(buf->at + offset, value, width);
}

void buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len == 0)
        return;
    buf->len -= len;
    memmove(buf->at, buf->at + len, buf->len);
}

static void release(struct chunk *chunk)
{
    mem_free(chunk->at);
}

struct chunk *buf_take(struct buf *buf)
{
    struct chunk *chunk = chunk_adopt(buf->at, buf->len, release);
    buf_init(buf, buf->max);
    return chunk;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){.at = (const char *)buf->at, .len = buf->len};
}
