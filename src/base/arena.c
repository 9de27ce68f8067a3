#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct arena_block {
    struct arena_block *next; /* the block before this one */
    size_t used;
    size_t cap;
    alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *arena, size_t block_size)
{
    *arena = (struct arena){.block_size = block_size};
}

static void free_down_to(struct arena *arena, const struct arena_block *last)
{
    while (arena->blocks != last) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        mem_free(block);
    }
}

void arena_finish(struct arena *arena)
{
    free_down_to(arena, NULL);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *first = arena->blocks;
    while (first != NULL && first->next != NULL)
        first = first->next;
    free_down_to(arena, first);
    if (first == NULL)
        return;
    if (first->cap > arena->block_size) { /* one large request must not stay for ever */
        free_down_to(arena, NULL);
        return;
    }
    first->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->blocks;
    if (block == NULL || rounded > block->cap - block->used) {
        size_t cap = rounded > arena->block_size ? rounded : arena->block_size;
        block = mem_alloc(sizeof(*block) + cap);
        *block = (struct arena_block){.next = arena->blocks, .cap = cap};
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += rounded;
    return memset(at, 0, rounded);
}

struct str arena_copy(struct arena *arena, struct str str)
{
    char *copy = arena_alloc(arena, str.len + 1);
    if (str.len > 0)
        memcpy(copy, str.at, str.len);
    return (struct str){.at = copy, .len = str.len};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return (struct str){.at = "", .len = 0};
    char *text = arena_alloc(arena, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args); /* its length is known */
    va_end(args);
    return (struct str){.at = text, .len = (size_t)len};
}
