#include "proto/websocket/frame_writer.h"

#include "base/mem.h"
#include "check.h"

/* The head of a frame whose payload is `len` times 'x'. */
static bool head_is(size_t len, const char *want, size_t want_len)
{
    char *payload = mem_zalloc(len, 1);
    if (len > 0)
        memset(payload, 'x', len);
    struct chunk *frame = websocket_frame_write(WEBSOCKET_TEXT, (struct str){payload, len});
    bool is_right = frame->len == want_len + len && memcmp(frame->at, want, want_len) == 0 &&
                    (len == 0 || memcmp(frame->at + want_len, payload, len) == 0);
    chunk_unref(&frame);
    mem_free(payload);
    return is_right;
}

static void lengths_take_their_shortest_form(void)
{
    CHECK(head_is(0, "\x81\0", 2));
    CHECK(head_is(125, "\x81\x7d", 2));
    CHECK(head_is(126, "\x81\x7e\0\x7e", 4));
    CHECK(head_is(65535, "\x81\x7e\xff\xff", 4));
    CHECK(head_is(65536, "\x81\x7f\0\0\0\0\0\1\0\0", 10));
}

static void hello_of_the_rfc_is_written(void)
{
    struct chunk *frame = websocket_frame_write(WEBSOCKET_TEXT, STR("Hello"));
    CHECK_EQ(7, frame->len);
    CHECK_EQ(0, memcmp("\x81\5Hello", frame->at, 7));
    chunk_unref(&frame);
}

static void close_carries_its_code(void)
{
    struct chunk *frame = websocket_close_write(1009);
    CHECK_EQ(4, frame->len);
    CHECK_EQ(0, memcmp("\x88\2\x03\xf1", frame->at, 4));
    chunk_unref(&frame);
}

int main(void)
{
    RUN(lengths_take_their_shortest_form);
    RUN(hello_of_the_rfc_is_written);
    RUN(close_carries_its_code);
    return check_report();
}
