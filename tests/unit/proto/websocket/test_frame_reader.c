#include "proto/websocket/frame_reader.h"

#include "check.h"

#include <stdlib.h>

enum { FIN = 0x80, MAX_MESSAGE = 1000, MAX_FRAGMENTS = 4 };

static struct websocket_reader reader;
static struct websocket_message message;

/* A frame under construction: what a client would send. */
static uint8_t wire[2 * MAX_MESSAGE];
static size_t wire_len;

static void start(void)
{
    websocket_reader_finish(&reader);
    websocket_reader_init(&reader, MAX_MESSAGE, MAX_FRAGMENTS);
    wire_len = 0;
}

static void put_frame(unsigned first, const char *payload, size_t len)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    wire[wire_len++] = (uint8_t)first;
    if (len <= 125) {
        wire[wire_len++] = (uint8_t)(0x80 | len);
    } else {
        wire[wire_len++] = 0x80 | 126;
        wire[wire_len++] = (uint8_t)(len >> 8);
        wire[wire_len++] = (uint8_t)len;
    }
    memcpy(wire + wire_len, mask, 4);
    wire_len += 4;
    for (size_t i = 0; i < len; i++)
        wire[wire_len++] = (uint8_t)payload[i] ^ mask[i % 4];
}

static void put(unsigned first, const char *payload)
{
    put_frame(first, payload, strlen(payload));
}

/* Reads what was put, `step` bytes at a time, up to the first thing that is not ERR_AGAIN. */
static enum err read_in_steps(size_t step)
{
    enum err err = ERR_AGAIN;
    for (size_t at = 0; at < wire_len && err == ERR_AGAIN; at += step) {
        size_t len = wire_len - at < step ? wire_len - at : step;
        char *block = malloc(len); /* exactly so large, for sanitizers */
        memcpy(block, wire + at, len);
        struct str bytes = {block, len};
        err = websocket_read(&reader, &bytes, &message);
        if (err == ERR_AGAIN)
            CHECK_EQ(0, bytes.len);
        free(block);
    }
    return err;
}

static enum err read_all(void)
{
    return read_in_steps(sizeof(wire));
}

static void check_fails(enum err err, unsigned close_code)
{
    CHECK_EQ(err, read_all());
    CHECK_EQ(close_code, reader.close_code);
}

static void masked_hello_of_the_rfc_is_read(void)
{
    static const uint8_t hello[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d,
                                    0x7f, 0x9f, 0x4d, 0x51, 0x58};
    start();
    memcpy(wire, hello, sizeof(hello));
    wire_len = sizeof(hello);
    CHECK_EQ(ERR_OK, read_all());
    CHECK_EQ(WEBSOCKET_TEXT, message.opcode);
    CHECK(str_equal(STR("Hello"), message.payload));
}

static void any_pieces_give_the_same_message(void)
{
    for (size_t step = 1; step < 320; step++) {
        char text[301];
        memset(text, 'x', 300);
        memcpy(text, "begin", 5);
        text[300] = '\0';
        start();
        put(FIN | WEBSOCKET_BINARY, text);
        CHECK_EQ(ERR_OK, read_in_steps(step));
        CHECK_EQ(WEBSOCKET_BINARY, message.opcode);
        CHECK(str_equal(str_of(text), message.payload));
    }
}

static void every_prefix_waits_for_more(void)
{
    start();
    put(WEBSOCKET_TEXT, "abc");
    put(FIN | WEBSOCKET_CONTINUATION, "def");
    size_t whole = wire_len;
    for (size_t len = 1; len < whole; len++) {
        start();
        wire_len = len;
        CHECK_EQ(ERR_AGAIN, read_all());
    }
}

static void fragments_are_put_together_around_control_frames(void)
{
    start();
    put(WEBSOCKET_TEXT, "ab");
    put(FIN | WEBSOCKET_PING, "p1");
    put(WEBSOCKET_CONTINUATION, "");
    put(FIN | WEBSOCKET_PONG, "");
    put(FIN | WEBSOCKET_CONTINUATION, "cd");
    put(FIN | WEBSOCKET_TEXT, "");
    struct str bytes = {(const char *)wire, wire_len};
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
    CHECK_EQ(WEBSOCKET_PING, message.opcode);
    CHECK(str_equal(STR("p1"), message.payload));
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
    CHECK_EQ(WEBSOCKET_PONG, message.opcode);
    CHECK_EQ(0, message.payload.len);
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
    CHECK_EQ(WEBSOCKET_TEXT, message.opcode);
    CHECK(str_equal(STR("abcd"), message.payload));
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
    CHECK_EQ(WEBSOCKET_TEXT, message.opcode);
    CHECK_EQ(0, message.payload.len);
    CHECK_EQ(ERR_AGAIN, websocket_read(&reader, &bytes, &message));
    CHECK(reader.message.at == NULL && reader.control == NULL); /* idle: no memory held */
}

static void frames_must_be_masked(void)
{
    start();
    wire[wire_len++] = FIN | WEBSOCKET_TEXT;
    wire[wire_len++] = 0;
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
}

static void reserved_bits_and_opcodes_are_refused(void)
{
    for (unsigned bit = 0x10; bit <= 0x40; bit <<= 1) {
        start();
        put(FIN | bit | WEBSOCKET_TEXT, "");
        check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    }
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        start();
        put(FIN | opcode, "");
        bool is_known = opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10);
        CHECK_EQ(is_known ? ERR_OK : ERR_MALFORMED, read_all());
    }
}

static void fragments_must_follow_a_start(void)
{
    start();
    put(WEBSOCKET_CONTINUATION, "a");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    start();
    put(WEBSOCKET_TEXT, "a");
    put(FIN | WEBSOCKET_TEXT, "b");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
}

static void control_frames_are_short_and_whole(void)
{
    char text[127];
    memset(text, 'x', 126);
    text[126] = '\0';
    start();
    put(FIN | WEBSOCKET_PING, text);
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    text[125] = '\0';
    start();
    put(FIN | WEBSOCKET_PING, text);
    CHECK_EQ(ERR_OK, read_in_steps(7));
    CHECK(str_equal(str_of(text), message.payload));
    start();
    put(WEBSOCKET_PING, "");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
}

static void put_length(unsigned code, uint64_t value, size_t width)
{
    start();
    wire[wire_len++] = FIN | WEBSOCKET_BINARY;
    wire[wire_len++] = (uint8_t)(0x80 | code);
    for (size_t i = width; i > 0; i--)
        wire[wire_len++] = (uint8_t)(value >> (8 * (i - 1)));
    wire_len += 4;
}

static void lengths_take_their_shortest_form(void)
{
    put_length(126, 125, 2);
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    put_length(126, 126, 2);
    CHECK_EQ(ERR_AGAIN, read_all());
    put_length(127, 65535, 8);
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    put_length(127, 65536, 8);
    check_fails(ERR_LIMIT, WEBSOCKET_CLOSE_TOO_BIG);
    put_length(127, UINT64_MAX, 8);
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    put_length(127, INT64_MAX, 8);
    check_fails(ERR_LIMIT, WEBSOCKET_CLOSE_TOO_BIG);
}

static void messages_have_a_largest_size(void)
{
    char text[MAX_MESSAGE + 2];
    memset(text, 'x', MAX_MESSAGE + 1);
    start();
    put_frame(FIN | WEBSOCKET_TEXT, text, MAX_MESSAGE);
    CHECK_EQ(ERR_OK, read_all());
    CHECK_EQ(MAX_MESSAGE, message.payload.len);
    start();
    put_frame(FIN | WEBSOCKET_TEXT, text, MAX_MESSAGE + 1);
    check_fails(ERR_LIMIT, WEBSOCKET_CLOSE_TOO_BIG);
    start();
    put_frame(WEBSOCKET_TEXT, text, MAX_MESSAGE - 1);
    put(FIN | WEBSOCKET_CONTINUATION, "x");
    CHECK_EQ(ERR_OK, read_all());
    start();
    put_frame(WEBSOCKET_TEXT, text, MAX_MESSAGE - 1);
    put(FIN | WEBSOCKET_CONTINUATION, "xx");
    check_fails(ERR_LIMIT, WEBSOCKET_CLOSE_TOO_BIG);
}

static void fragments_have_a_largest_number(void)
{
    start();
    put(WEBSOCKET_TEXT, "");
    for (int i = 2; i < MAX_FRAGMENTS; i++)
        put(WEBSOCKET_CONTINUATION, "");
    size_t before_last = wire_len;
    put(FIN | WEBSOCKET_CONTINUATION, "");
    CHECK_EQ(ERR_OK, read_all());

    websocket_reader_finish(&reader);
    websocket_reader_init(&reader, MAX_MESSAGE, MAX_FRAGMENTS);
    wire_len = before_last;
    put(WEBSOCKET_CONTINUATION, "");
    put(FIN | WEBSOCKET_CONTINUATION, "");
    check_fails(ERR_LIMIT, WEBSOCKET_CLOSE_POLICY);

    start(); /* each message counts anew */
    for (int i = 0; i < 2; i++) {
        put(WEBSOCKET_TEXT, "");
        put(WEBSOCKET_CONTINUATION, "");
        put(FIN | WEBSOCKET_CONTINUATION, "");
    }
    struct str bytes = {(const char *)wire, wire_len};
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
    CHECK_EQ(ERR_OK, websocket_read(&reader, &bytes, &message));
}

static void text_must_be_utf8_as_a_whole(void)
{
    start();
    put(FIN | WEBSOCKET_TEXT, "\xc3");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_DATA);
    start();
    put(WEBSOCKET_TEXT, "\xc3");
    put(FIN | WEBSOCKET_CONTINUATION, "\xa4");
    CHECK_EQ(ERR_OK, read_all());
    CHECK_EQ(2, message.payload.len);
    start();
    put(FIN | WEBSOCKET_BINARY, "\xc3");
    CHECK_EQ(ERR_OK, read_all());
}

static void close_frames_are_checked(void)
{
    start();
    put(FIN | WEBSOCKET_CLOSE, "");
    CHECK_EQ(ERR_OK, read_all());
    CHECK_EQ(WEBSOCKET_CLOSE, message.opcode);
    CHECK_EQ(WEBSOCKET_CLOSE_NO_STATUS, message.close_code);
    start();
    put(FIN | WEBSOCKET_CLOSE, "\x03\xe8"
                               "bye");
    CHECK_EQ(ERR_OK, read_all());
    CHECK_EQ(1000, message.close_code);
    CHECK(str_equal(STR("bye"), message.payload));
    start();
    put(FIN | WEBSOCKET_CLOSE, "\x03");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
    start();
    put(FIN | WEBSOCKET_CLOSE, "\x03\xe8\xff");
    check_fails(ERR_MALFORMED, WEBSOCKET_CLOSE_DATA);
}

static void close_codes_are_those_of_the_rfc(void)
{
    static const struct {
        unsigned from, to;
    } allowed[] = {{1000, 1003}, {1007, 1014}, {3000, 4999}};
    static const unsigned edges[] = {0,    999,  1000, 1003, 1004, 1005, 1006, 1007,
                                     1014, 1015, 2999, 3000, 4999, 5000, 65535};
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        bool is_allowed = false;
        for (size_t j = 0; j < 3; j++)
            is_allowed |= edges[i] >= allowed[j].from && edges[i] <= allowed[j].to;
        char payload[2] = {(char)(edges[i] >> 8), (char)edges[i]};
        start();
        put_frame(FIN | WEBSOCKET_CLOSE, payload, 2);
        CHECK_EQ(is_allowed ? ERR_OK : ERR_MALFORMED, read_all());
    }
}

int main(void)
{
    RUN(masked_hello_of_the_rfc_is_read);
    RUN(any_pieces_give_the_same_message);
    RUN(every_prefix_waits_for_more);
    RUN(fragments_are_put_together_around_control_frames);
    RUN(frames_must_be_masked);
    RUN(reserved_bits_and_opcodes_are_refused);
    RUN(fragments_must_follow_a_start);
    RUN(control_frames_are_short_and_whole);
    RUN(lengths_take_their_shortest_form);
    RUN(messages_have_a_largest_size);
    RUN(fragments_have_a_largest_number);
    RUN(text_must_be_utf8_as_a_whole);
    RUN(close_frames_are_checked);
    RUN(close_codes_are_those_of_the_rfc);
    websocket_reader_finish(&reader);
    return check_report();
}
