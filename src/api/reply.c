#include "api/reply.h"

#include "base/mem.h"
#include "base/text.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

enum {
    TAG_BYTES = 16, /* the shortest that generichash offers */
    TAG_TEXT = 32,
};

void reply_json_text(struct request *request, struct str text, struct str cache_control,
                     struct str vary)
{
    uint8_t hash[TAG_BYTES];
    (void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)text.at, text.len, NULL, 0);
    char hex[TAG_TEXT + 1];
    text_hex(hash, sizeof(hash), hex);
    char etag[TAG_TEXT + sizeof("W/\"\"")];
    (void)snprintf(etag, sizeof(etag), "W/\"%s\"", hex); /* fits */

    struct chunk *chunk = chunk_copy(text.at, text.len);
    struct slice body = slice_of(chunk);
    const struct http_header headers[] = {
        {.name = STR("content-security-policy"), .value = STR("default-src 'none'")},
        {.name = STR("vary"), .value = vary},
    };
    request_reply(request, &(struct reply){.status = 200,
                                           .content_type = STR("application/json; charset=utf-8"),
                                           .cache_control = cache_control,
                                           .etag = str_of(etag),
                                           .headers = headers,
                                           .header_count = vary.len > 0 ? 2 : 1,
                                           .slices = &body,
                                           .slice_count = 1});
    chunk_unref(&chunk);
}

/* Takes over `value`; mem_free() the text. */
static struct str write_text(json_t *value)
{
    size_t len = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = mem_alloc(len + 1);
    (void)json_dumpb(value, text, len, JSON_COMPACT); /* as long as it just said */
    json_decref(value);
    return (struct str){.at = text, .len = len};
}

void reply_json(struct request *request, json_t *value, struct str cache_control, struct str vary)
{
    struct str text = write_text(value);
    reply_json_text(request, text, cache_control, vary);
    mem_free((void *)(uintptr_t)text.at);
}

void reply_json_fresh(struct request *request, unsigned status, json_t *value,
                      const struct http_header *headers, size_t count)
{
    assert(count <= REPLY_MAX_HEADERS);
    struct http_header all[1 + REPLY_MAX_HEADERS] = {
        {.name = STR("content-security-policy"), .value = STR("default-src 'none'")},
    };
    for (size_t i = 0; i < count && i < REPLY_MAX_HEADERS; i++)
        all[1 + i] = headers[i];
    struct str text = value != NULL ? write_text(value) : (struct str){0};
    struct chunk *chunk = chunk_copy(text.at, text.len);
    struct slice body = slice_of(chunk);
    request_reply(request, &(struct reply){.status = status,
                                           .content_type = STR("application/json; charset=utf-8"),
                                           .cache_control = STR("no-store"),
                                           .headers = all,
                                           .header_count = 1 + count,
                                           .slices = &body,
                                           .slice_count = value != NULL ? 1 : 0});
    chunk_unref(&chunk);
    mem_free((void *)(uintptr_t)text.at);
}
