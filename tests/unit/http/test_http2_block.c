#include "http/http2_block.h"

#include "check.h"

static const struct http1_limits limits = {.max_url = 20, .max_head = 100};
static struct http1_head head;

static void put(struct http2_block *block, const char *name, const char *value)
{
    http2_block_put(block, &limits, str_of(name), str_of(value));
}

static struct http2_block *begin(const char *method, const char *path)
{
    struct http2_block *block = http2_block_create(&limits, 7, NULL);
    put(block, ":method", method);
    put(block, ":scheme", "https");
    put(block, ":authority", "a");
    put(block, ":path", path);
    return block;
}

static void block_becomes_a_head(void)
{
    struct http2_block *block = begin("PUT", "/p?q=1");
    put(block, "content-length", "5");
    put(block, "x", "");
    put(block, "expect", "100-Continue");
    CHECK_EQ(0, block->status);
    CHECK_EQ(7, block->since_us);
    http2_block_head(block, &head);
    CHECK_EQ(HTTP_PUT, head.method);
    CHECK(str_equal(STR("/p"), head.path));
    CHECK(str_equal(STR("q=1"), head.query));
    CHECK_EQ(5, head.content_length);
    CHECK(head.expects_continue && head.is_persistent);
    CHECK(!head.is_http10 && !head.is_upgrade && !head.is_chunked);
    CHECK_EQ(4, head.header_count);
    CHECK(str_equal(STR("host"), head.headers[0].name));
    CHECK(str_equal(STR("a"), head.headers[0].value));
    CHECK(str_equal(STR("x"), head.headers[2].name));
    CHECK_EQ(0, head.headers[2].value.len);
    http2_block_destroy(block);
}

static void host_that_is_sent_stays_the_only_one(void)
{
    struct http2_block *block = begin("GET", "/");
    put(block, "host", "b");
    http2_block_head(block, &head);
    CHECK_EQ(1, head.header_count);
    CHECK(str_equal(STR("b"), head.headers[0].value));
    http2_block_destroy(block);
}

static void url_has_a_limit(void)
{
    struct http2_block *block = begin("GET", "/2345678901234567890");
    CHECK_EQ(0, block->status);
    http2_block_destroy(block);
    block = begin("GET", "/23456789012345678901");
    CHECK_EQ(414, block->status);
    put(block, "x", "y");
    http2_block_head(block, &head);
    CHECK_EQ(0, head.path.len);
    http2_block_destroy(block);
}

static void headers_have_a_limit(void)
{
    struct http2_block *block = http2_block_create(&limits, 0, NULL);
    char value[112];
    memset(value, 'v', sizeof(value));
    http2_block_put(block, &limits, STR("n"), (struct str){value, 50 - 5});
    http2_block_put(block, &limits, STR("n"), (struct str){value, 70 - 5});
    CHECK_EQ(0, block->status);
    CHECK_EQ(limits.max_url + limits.max_head, block->size);
    http2_block_put(block, &limits, STR(""), (struct str){value, 0});
    CHECK_EQ(431, block->status);
    size_t kept = block->text.len;
    http2_block_put(block, &limits, STR("n"), (struct str){value, 100});
    CHECK_EQ(kept, block->text.len); /* from then on only counted */
    http2_block_destroy(block);
}

static void headers_have_a_largest_number(void)
{
    static const struct http1_limits wide = {.max_url = 100, .max_head = 10000};
    struct http2_block *block = http2_block_create(&wide, 0, NULL);
    http2_block_put(block, &wide, STR(":authority"), STR("a"));
    for (int i = 0; i < HTTP_MAX_HEADERS - 1; i++)
        http2_block_put(block, &wide, STR("n"), STR("v"));
    CHECK_EQ(0, block->status);
    http2_block_head(block, &head);
    CHECK_EQ(HTTP_MAX_HEADERS, head.header_count);
    http2_block_put(block, &wide, STR("n"), STR("v"));
    CHECK_EQ(431, block->status);
    http2_block_destroy(block);
}

static void nothing_is_a_head_too(void)
{
    struct http2_block *block = http2_block_create(&limits, 0, NULL);
    http2_block_head(block, &head);
    CHECK_EQ(HTTP_OTHER, head.method);
    CHECK_EQ(0, head.path.len + head.query.len + head.header_count);
    http2_block_destroy(block);
    http2_block_destroy(NULL);
}

int main(void)
{
    RUN(block_becomes_a_head);
    RUN(host_that_is_sent_stays_the_only_one);
    RUN(url_has_a_limit);
    RUN(headers_have_a_limit);
    RUN(headers_have_a_largest_number);
    RUN(nothing_is_a_head_too);
    return check_report();
}
