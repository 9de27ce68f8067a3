#include "base/slice.h"

#include "check.h"

static void a_slice_of_a_chunk_holds_it_once_asked_to(void)
{
    struct chunk *chunk = chunk_copy("bytes", 5);
    struct slice slice = slice_of(chunk);
    CHECK(slice.at == chunk->at);
    CHECK_EQ(5, slice.len);
    CHECK_EQ(1, atomic_load(&chunk->refs));
    struct slice held = slice_ref(slice);
    CHECK(held.at == slice.at && held.len == slice.len && held.chunk == chunk);
    CHECK_EQ(2, atomic_load(&chunk->refs));
    slice_unref(&held);
    CHECK(held.chunk == NULL && held.at == NULL && held.len == 0);
    CHECK_EQ(1, atomic_load(&chunk->refs));
    slice_unref(&held); /* empty by now */
    chunk_unref(&chunk);
}

static void static_bytes_need_no_holder(void)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct slice slice = slice_ref(slice_static(bytes, sizeof(bytes)));
    CHECK(slice.chunk == NULL);
    CHECK(slice.at == bytes);
    CHECK_EQ(3, slice.len);
    slice_unref(&slice);
    CHECK_EQ(0, slice.len);
}

int main(void)
{
    RUN(a_slice_of_a_chunk_holds_it_once_asked_to);
    RUN(static_bytes_need_no_holder);
    return check_report();
}
