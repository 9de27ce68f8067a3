#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *block)
{
    if (block == NULL) {
        (void)fputs("klieg: out of memory\n", stderr); /* nothing to do if this fails too */
        abort();
    }
    return block;
}

void *mem_alloc(size_t size)
{
    return check(malloc(size > 0 ? size : 1));
}

void *mem_zalloc(size_t count, size_t size)
{
    return check(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *mem_grow(void *old, size_t count, size_t size)
{
    return check(reallocarray(old, count > 0 ? count : 1, size > 0 ? size : 1));
}

void *mem_copy(const void *bytes, size_t len)
{
    void *copy = mem_alloc(len);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *mem_copy_str(const char *at, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len > 0)
        memcpy(copy, at, len);
    copy[len] = '\0';
    return copy;
}

void mem_free(void *block)
{
    free(block);
}
