#include "api/reply.h"

#include "base/mem.h"
#include "base/text.h"

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

void reply_json(struct request *request, json_t *value, struct str cache_control, struct str vary)
{
    size_t len = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = mem_alloc(len + 1);
    (void)json_dumpb(value, text, len, JSON_COMPACT); /* as long as it just said */
    json_decref(value);
    reply_json_text(request, (struct str){.at = text, .len = len}, cache_control, vary);
    mem_free(text);
}
