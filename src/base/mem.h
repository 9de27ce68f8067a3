/*
 * Memory for objects whose size we choose. Running out aborts: a daemon on Linux cannot do better,
 * and half of all error paths vanish. Sizes that a peer chooses go through `struct buf` or
 * chunk_try_create(), which fail instead.
 */
#pragma once

#include <stddef.h>

void *mem_alloc(size_t size);

/* `count` zeroed items of `size` bytes; the product is checked. */
void *mem_zalloc(size_t count, size_t size);

/* As realloc(); `old` may be NULL. The product `count` x `size` is checked. */
void *mem_grow(void *old, size_t count, size_t size);

void *mem_copy(const void *bytes, size_t len);

/* A NUL-terminated copy of `len` characters. */
char *mem_copy_str(const char *at, size_t len);

void mem_free(void *);
