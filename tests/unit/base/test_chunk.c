#include "base/chunk.h"

#include "base/mem.h"
#include "check.h"

#include <string.h>

static void a_copy_holds_the_bytes(void)
{
    struct chunk *chunk = chunk_copy("abc", 3);
    CHECK_EQ(3, chunk->len);
    CHECK_EQ(0, memcmp(chunk->at, "abc", 3));
    chunk_unref(&chunk);
    CHECK(chunk == NULL);
    chunk_unref(&chunk); /* nothing to drop */
}

static int released;

static void count_release(struct chunk *chunk)
{
    released++;
    mem_free(chunk->at);
}

static void only_the_last_holder_releases(void)
{
    struct chunk *first = chunk_adopt(mem_copy("xy", 2), 2, count_release);
    struct chunk *second = chunk_ref(first);
    chunk_unref(&first);
    CHECK_EQ(0, released);
    CHECK_EQ('y', second->at[1]);
    chunk_unref(&second);
    CHECK_EQ(1, released);
}

static void bytes_that_live_for_ever_are_not_freed(void)
{
    static uint8_t forever[4] = {1, 2, 3, 4};
    struct chunk *chunk = chunk_adopt(forever, sizeof(forever), NULL);
    chunk_unref(&chunk);
    CHECK_EQ(4, forever[3]);
}

static void an_impossible_length_is_refused(void)
{
    CHECK(chunk_try_create(SIZE_MAX) == NULL);
    struct chunk *empty = chunk_try_create(0);
    CHECK(empty != NULL && empty->len == 0);
    chunk_unref(&empty);
}

static void a_chunk_grows_and_keeps_its_bytes(void)
{
    struct chunk *chunk = chunk_try_create(3);
    memcpy(chunk->at, "abc", 3);
    CHECK(chunk_try_grow(&chunk, 1 << 20));
    CHECK_EQ(1 << 20, chunk->len);
    CHECK_EQ(0, memcmp(chunk->at, "abc", 3));
    chunk->at[(1 << 20) - 1] = 1; /* for the sanitizer */
    struct chunk *before = chunk;
    CHECK(!chunk_try_grow(&chunk, SIZE_MAX));
    CHECK(chunk == before && chunk->len == 1 << 20);
    chunk_unref(&chunk);
}

int main(void)
{
    RUN(a_copy_holds_the_bytes);
    RUN(only_the_last_holder_releases);
    RUN(bytes_that_live_for_ever_are_not_freed);
    RUN(an_impossible_length_is_refused);
    RUN(a_chunk_grows_and_keeps_its_bytes);
    return check_report();
}
