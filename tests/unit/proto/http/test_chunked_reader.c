#include "proto/http/chunked_reader.h"

#include "check.h"

static char body[256];
static size_t body_len;
static size_t left;

/* Feeds `step` bytes at a time; the body is collected. */
static enum err read_in_steps(const char *text, size_t len, size_t step)
{
    struct http_chunked chunked = {0};
    body_len = 0;
    enum err err = ERR_AGAIN;
    for (size_t at = 0; at < len && err == ERR_AGAIN; at += step) {
        struct str bytes = {text + at, len - at < step ? len - at : step};
        struct str piece = {0};
        while ((err = http_chunked_read(&chunked, &bytes, &piece)) == ERR_OK) {
            memcpy(body + body_len, piece.at, piece.len);
            body_len += piece.len;
        }
        left = len - at - (bytes.at ? (size_t)(bytes.at - (text + at)) : 0);
    }
    return err;
}

static enum err read_text(const char *text)
{
    return read_in_steps(text, strlen(text), 1024);
}

static const char plain[] = "5\r\nhello\r\n1B;x=\"y\" z\r\n, this is chunked transfer.\r\n"
                            "000\r\nTrailer: skipped\r\nB:\r\n\r\n";

static void body_is_put_together(void)
{
    for (size_t step = 1; step < sizeof(plain); step++) {
        CHECK_EQ(ERR_END, read_in_steps(plain, sizeof(plain) - 1, step));
        CHECK_EQ(5 + 0x1b, body_len);
        CHECK_EQ(0, memcmp(body, "hello, this is chunked transfer.", body_len));
    }
}

static void every_prefix_waits_for_more(void)
{
    for (size_t len = 1; len < sizeof(plain) - 1; len++)
        CHECK_EQ(ERR_AGAIN, read_in_steps(plain, len, len));
}

static void what_follows_is_left(void)
{
    CHECK_EQ(ERR_END, read_text("1\r\na\r\n0\r\n\r\nGET"));
    CHECK_EQ(3, left);
    CHECK_EQ(ERR_END, read_text("a\r\n0123456789\r\n0\r\n\r\n"));
    CHECK_EQ(10, body_len);
    CHECK_EQ(0, left);
}

static void bad_sizes_are_malformed(void)
{
    CHECK_EQ(ERR_MALFORMED, read_text("\r\na"));
    CHECK_EQ(ERR_MALFORMED, read_text("g\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("-1\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("0x1\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text(" 1\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text(";a\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("000000001\r\n"));
    CHECK_EQ(ERR_AGAIN, read_text("ffffffff\r\n"));
    CHECK_EQ(ERR_AGAIN, read_text("00000001\r\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("1\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("1\ra"));
    CHECK_EQ(ERR_MALFORMED, read_text("1;\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("1;\x01"));
    CHECK_EQ(ERR_AGAIN, read_text("1 \t\r\n"));
}

static void bad_ends_are_malformed(void)
{
    CHECK_EQ(ERR_MALFORMED, read_text("1\r\nab"));
    CHECK_EQ(ERR_MALFORMED, read_text("1\r\na\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("1\r\na\rb"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\n\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\n\ra"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\n a: b"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\na: b\n"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\na: b\rc"));
    CHECK_EQ(ERR_MALFORMED, read_text("0\r\na: \x01"));
}

static void size_starts_anew_in_each_chunk(void)
{
    CHECK_EQ(ERR_END, read_text("0000001\r\na\r\n0000001\r\nb\r\n0\r\n\r\n"));
    CHECK_EQ(2, body_len);
}

/* Writes the text, without a NUL. */
static void put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
}

static void lines_have_a_limit(void)
{
    char text[HTTP_CHUNKED_MAX_OVERHEAD + 16];
    memset(text, 'a', sizeof(text));
    put(text, "1;");
    CHECK_EQ(ERR_AGAIN, read_in_steps(text, HTTP_CHUNKED_MAX_OVERHEAD, 4096));
    CHECK_EQ(ERR_MALFORMED, read_in_steps(text, HTTP_CHUNKED_MAX_OVERHEAD + 1, 4096));
    put(text, "0\r\na:");
    CHECK_EQ(ERR_AGAIN, read_in_steps(text, 3 + HTTP_CHUNKED_MAX_OVERHEAD, 4096));
    CHECK_EQ(ERR_MALFORMED, read_in_steps(text, 3 + HTTP_CHUNKED_MAX_OVERHEAD + 1, 4096));
}

static void a_finished_body_stays_finished(void)
{
    struct http_chunked chunked = {0};
    struct str bytes = STR("0\r\n\r\n");
    struct str piece;
    CHECK_EQ(ERR_END, http_chunked_read(&chunked, &bytes, &piece));
    bytes = STR("1");
    CHECK_EQ(ERR_END, http_chunked_read(&chunked, &bytes, &piece));
    CHECK_EQ(1, bytes.len);
}

int main(void)
{
    RUN(body_is_put_together);
    RUN(every_prefix_waits_for_more);
    RUN(what_follows_is_left);
    RUN(bad_sizes_are_malformed);
    RUN(bad_ends_are_malformed);
    RUN(size_starts_anew_in_each_chunk);
    RUN(lines_have_a_limit);
    RUN(a_finished_body_stays_finished);
    return check_report();
}
