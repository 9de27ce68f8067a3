#include "base/arena.h"

#include "check.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

static void memory_is_zeroed_and_aligned(void)
{
    struct arena arena;
    arena_init(&arena, 256);
    for (size_t size = 0; size < 100; size++) {
        uint8_t *at = arena_alloc(&arena, size);
        CHECK_EQ(0, (uintptr_t)at % alignof(max_align_t));
        for (size_t i = 0; i < size; i++)
            CHECK_EQ(0, at[i]);
        memset(at, 0xff, size); /* so that an overlap would show */
    }
    arena_finish(&arena);
}

static void memory_used_again_is_zeroed_again(void)
{
    struct arena arena;
    arena_init(&arena, 256);
    uint8_t *first = arena_alloc(&arena, 64);
    memset(first, 0xff, 64);
    arena_reset(&arena);
    uint8_t *again = arena_alloc(&arena, 64);
    CHECK(again == first);
    CHECK_EQ(0, again[0]);
    CHECK_EQ(0, again[63]);
    arena_finish(&arena);
}

static size_t blocks_filled_by(struct arena *arena, size_t count, size_t size)
{
    const void *block = arena->blocks;
    size_t changes = 0;
    for (size_t i = 0; i < count; i++) {
        (void)arena_alloc(arena, size); /* counted, not used */
        changes += arena->blocks != block;
        block = arena->blocks;
    }
    return changes;
}

static void a_block_is_filled_before_the_next(void)
{
    struct arena arena;
    arena_init(&arena, 256);
    CHECK_EQ(1, blocks_filled_by(&arena, 16, 16));
    CHECK_EQ(1, blocks_filled_by(&arena, 1, 1));
    CHECK_EQ(2, blocks_filled_by(&arena, 2, 1000)); /* each in one of its own */
    arena_reset(&arena);
    CHECK_EQ(0, blocks_filled_by(&arena, 16, 16)); /* the first was kept */
    arena_finish(&arena);
    CHECK(arena.blocks == NULL);
}

static void reset_keeps_no_large_block(void)
{
    struct arena arena;
    arena_init(&arena, 256);
    arena_reset(&arena);               /* with nothing in it */
    (void)arena_alloc(&arena, 100000); /* for its block */
    arena_reset(&arena);
    CHECK(arena.blocks == NULL);
    arena_finish(&arena);
    arena_finish(&arena);
}

static void copies_and_prints_are_terminated(void)
{
    struct arena arena;
    arena_init(&arena, 64);
    char text[] = "text and more";
    struct str copy = arena_copy(&arena, (struct str){.at = text, .len = 4});
    text[0] = 'x';
    CHECK(str_equal(STR("text"), copy));
    CHECK_EQ('\0', copy.at[4]);
    struct str empty = arena_copy(&arena, (struct str){0});
    CHECK_EQ(0, empty.len);
    CHECK_EQ('\0', empty.at[0]);
    struct str printed = arena_printf(&arena, "%d-%s", 42,
                                      "long enough for a block of its own, "
                                      "whatever that takes of them all");
    CHECK_EQ(0, strncmp(printed.at, "42-long enough", 14));
    CHECK_EQ(strlen(printed.at), printed.len);
    CHECK(str_equal(STR(""), arena_printf(&arena, "%s", "")));
    arena_finish(&arena);
}

int main(void)
{
    RUN(memory_is_zeroed_and_aligned);
    RUN(memory_used_again_is_zeroed_again);
    RUN(a_block_is_filled_before_the_next);
    RUN(reset_keeps_no_large_block);
    RUN(copies_and_prints_are_terminated);
    return check_report();
}
