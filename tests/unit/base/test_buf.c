#include "base/buf.h"

#include "check.h"

#include <string.h>

static void puts_append_in_order(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_put_cstr(&buf, "ab");
    buf_put_uint(&buf, 0x010203, 3);
    buf_printf(&buf, "%d!", 42);
    CHECK_EQ(8, buf.len);
    CHECK_EQ(0, memcmp(buf.at,
                       "ab\1\2\3"
                       "42!",
                       8));
    CHECK(!buf.failed);
    buf_finish(&buf);
}

static void the_maximum_is_held_from_both_sides(void)
{
    struct buf buf;
    buf_init(&buf, 4);
    buf_put(&buf, "1234", 4);
    CHECK(!buf.failed);
    buf_put(&buf, "5", 1);
    CHECK(buf.failed);
    CHECK_EQ(4, buf.len);
    buf_clear(&buf);
    buf_put(&buf, "12345", 5);
    CHECK(buf.failed);
    CHECK_EQ(0, buf.len);
    buf_finish(&buf);
}

static void failure_stays_until_cleared(void)
{
    struct buf buf;
    buf_init(&buf, 2);
    buf_put(&buf, "123", 3);
    buf_put(&buf, "1", 1);
    CHECK(buf.failed);
    CHECK_EQ(0, buf.len);
    buf_clear(&buf);
    buf_put(&buf, "1", 1);
    CHECK(!buf.failed);
    CHECK_EQ(1, buf.len);
    buf_finish(&buf);
}

static void printf_needs_room_for_its_terminator(void)
{
    struct buf buf;
    buf_init(&buf, 4);
    buf_printf(&buf, "abc");
    CHECK(!buf.failed);
    CHECK_EQ(3, buf.len);
    buf_printf(&buf, "d");
    CHECK(buf.failed);
    CHECK_EQ(3, buf.len);
    buf_finish(&buf);
}

static void it_grows_to_the_maximum_whatever_the_steps(void)
{
    struct buf buf;
    buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++)
        buf_put_uint(&buf, (uint64_t)i & 255, 1);
    CHECK(!buf.failed);
    CHECK_EQ(1000, buf.len);
    CHECK_EQ(999 & 255, buf.at[999]);
    buf_finish(&buf);
}

static void patch_and_consume_move_bytes_as_told(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_put_uint(&buf, 0, 4);
    buf_put_cstr(&buf, "tail");
    buf_patch_uint(&buf, 0, 8, 4);
    CHECK_EQ(0, memcmp(buf.at, "\0\0\0\10tail", 8));
    buf_consume(&buf, 4);
    CHECK(str_equal(STR("tail"), buf_str(&buf)));
    buf_consume(&buf, 4);
    CHECK_EQ(0, buf.len);
    buf_finish(&buf);
}

static void take_hands_the_bytes_over(void)
{
    struct buf buf;
    buf_init(&buf, 10);
    buf_put_cstr(&buf, "bytes");
    struct chunk *chunk = buf_take(&buf);
    CHECK_EQ(5, chunk->len);
    CHECK_EQ(0, memcmp(chunk->at, "bytes", 5));
    CHECK_EQ(0, buf.len);
    buf_put_cstr(&buf, "more");
    CHECK(str_equal(STR("more"), buf_str(&buf)));
    chunk_unref(&chunk);
    buf_finish(&buf);
}

int main(void)
{
    RUN(puts_append_in_order);
    RUN(the_maximum_is_held_from_both_sides);
    RUN(failure_stays_until_cleared);
    RUN(printf_needs_room_for_its_terminator);
    RUN(it_grows_to_the_maximum_whatever_the_steps);
    RUN(patch_and_consume_move_bytes_as_told);
    RUN(take_hands_the_bytes_over);
    return check_report();
}
