#include "http/http2_block.h"

#include "base/mem.h"
#include "base/text.h"

struct http2_block *http2_block_create(const struct http1_limits *limits, int64_t now_us,
                                       struct http2_block *spare)
{
    /* Not zeroed as a whole: the fields are many. */
    struct http2_block *block = spare != NULL ? spare : mem_alloc(sizeof(*block));
    block->count = block->size = 0;
    block->status = 0;
    block->method = HTTP_OTHER;
    block->expects_continue = block->has_host = false;
    block->content_length = 0;
    block->target = block->authority = (struct http2_field){0};
    block->since_us = now_us;
    if (spare != NULL)
        buf_clear(&block->text);
    else
        buf_init(&block->text, limits->max_url + 2 * limits->max_head);
    return block;
}

void http2_block_destroy(struct http2_block *block)
{
    if (block == NULL)
        return;
    buf_finish(&block->text);
    mem_free(block);
}

static struct http2_field keep(struct http2_block *block, struct str name, struct str value)
{
    struct http2_field field = {
        .at = (uint32_t)block->text.len,
        .name_len = (uint32_t)name.len,
        .value_len = (uint32_t)value.len,
    };
    buf_put_str(&block->text, name);
    buf_put_str(&block->text, value);
    return field;
}

static void put_pseudo(struct http2_block *block, const struct http1_limits *limits,
                       struct str name, struct str value)
{
    if (str_equal(name, STR(":method")))
        block->method = http_method_of(value);
    else if (str_equal(name, STR(":authority")))
        block->authority = keep(block, STR("host"), value);
    else if (str_equal(name, STR(":path")) && value.len > limits->max_url)
        block->status = 414;
    else if (str_equal(name, STR(":path")))
        block->target = keep(block, STR(""), value);
}

static void note(struct http2_block *block, struct str name, struct str value)
{
    uint64_t length = 0;
    if (str_equal(name, STR("content-length")) &&
        text_read_uint(value, UINT64_MAX, &length) == ERR_OK)
        block->content_length = length; /* nghttp2 refuses what is no number */
    else if (str_equal(name, STR("expect")))
        block->expects_continue |= text_equal_nocase(value, STR("100-continue"));
    else if (str_equal(name, STR("host")))
        block->has_host = true;
}

void http2_block_put(struct http2_block *block, const struct http1_limits *limits, struct str name,
                     struct str value)
{
    block->size += name.len + value.len + 4; /* as HTTP/1.1 would have written it */
    bool is_pseudo = name.len > 0 && name.at[0] == ':';
    if (is_pseudo) {
        put_pseudo(block, limits, name, value);
        return;
    }
    if (block->size > limits->max_url + limits->max_head || block->count >= HTTP_MAX_HEADERS - 1)
        block->status = 431;
    if (block->status != 0)
        return;
    note(block, name, value);
    block->fields[block->count++] = keep(block, name, value);
}

static struct http_header header_of(const struct http2_block *block,
                                    const struct http2_field *field)
{
    const char *at = (const char *)block->text.at + field->at;
    return (struct http_header){
        .name = {at, field->name_len},
        .value = {at + field->name_len, field->value_len},
    };
}

void http2_block_head(const struct http2_block *block, struct http1_head *out)
{
    out->method = block->method;
    out->content_length = block->content_length;
    out->is_http10 = out->is_upgrade = out->is_chunked = false;
    out->is_persistent = true;
    out->expects_continue = block->expects_continue;
    out->path = out->query = (struct str){"", 0};
    if (block->target.value_len > 0)
        out->path = text_cut(header_of(block, &block->target).value, '?', &out->query);

    out->header_count = 0;
    if (block->authority.value_len > 0 && !block->has_host) /* RFC 9113 §8.3.1 */
        out->headers[out->header_count++] = header_of(block, &block->authority);
    for (size_t i = 0; i < block->count; i++)
        out->headers[out->header_count++] = header_of(block, &block->fields[i]);
}
