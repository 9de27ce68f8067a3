#include "api/errors.h"

#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

enum { MAX_ERROR = 4 << 10 };

static const struct usual {
    unsigned status;
    const char *type;
    const char *message;
} usual_errors[] = {
    {400, "BadRequest", "The request is malformed."},
    {401, "Unauthorized", "Sign in first."},
    {403, "Forbidden", "You may not do this."},
    {404, "ResourceNotFound", "There is nothing here."},
    {405, "MethodNotAllowed", "This path does not know that method; see the Allow header."},
    {408, "RequestTimeout", "The request did not arrive in time."},
    {409, "Conflict", "The request clashes with the present state."},
    {413, "PayloadTooLarge", "The body is too large."},
    {414, "UriTooLong", "The URL is too long."},
    {415, "UnsupportedMediaType", "The body must be application/json."},
    {416, "BadRequest", "The range lies outside of the resource."},
    {426, "BadRequest", "This path speaks WebSocket, version 13."},
    {429, "TooManyRequests", "Slow down and try again later."},
    {431, "HeaderTooLarge", "The request headers are too large."},
    {500, "Unexpected", "Something went wrong on our side."},
    {501, "BadRequest", "The server does not implement this transfer coding."},
    {503, "ServiceUnavailable", "The server cannot answer now; try again later."},
    {505, "BadRequest", "The server speaks HTTP/1.1 and HTTP/2."},
};

static const struct usual *usual_of(unsigned status)
{
    for (size_t i = 0; i < sizeof(usual_errors) / sizeof(usual_errors[0]); i++)
        if (usual_errors[i].status == status)
            return &usual_errors[i];
    return &usual_errors[0];
}

static void put_json_string(struct buf *out, const char *text)
{
    buf_put(out, "\"", 1);
    for (const char *at = text; *at != '\0'; at++) {
        uint8_t c = (uint8_t)*at;
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\u%04x", c);
        else
            buf_put(out, at, 1);
    }
    buf_put(out, "\"", 1);
}

static struct slice write_body(const struct request *request, const struct api_error *error)
{
    const struct usual *usual = usual_of(error->status);
    const char *message = error->message != NULL ? error->message : usual->message;
    char with_id[256];
    if (error->status == 500) { /* all that is told: the rest is in the log (media rule SE-35) */
        (void)snprintf(with_id, sizeof(with_id), "%s Request %s.", message, request->id); /* cut */
        message = with_id;
    }
    struct buf out;
    buf_init(&out, MAX_ERROR);
    buf_printf(&out, "{\"__type\":\"%sException\",\"message\":",
               error->type != NULL ? error->type : usual->type);
    put_json_string(&out, message);
    if (error->field != NULL) {
        buf_put_cstr(&out, ",\"field\":");
        put_json_string(&out, error->field);
    }
    buf_put(&out, "}", 1);
    return slice_of(buf_take(&out));
}

void errors_reply_with(struct request *request, const struct api_error *error,
                       const struct http_header *more, size_t count)
{
    struct http_header headers[2 + ERRORS_MAX_MORE] = {
        {STR("content-security-policy"), STR("default-src 'none'")},
        {STR("retry-after"), {NULL, 0}},
    };
    char seconds[16];
    unsigned retry_after_s = error->retry_after_s;
    if (retry_after_s == 0 && (error->status == 429 || error->status == 503))
        retry_after_s = 1; /* the contract wants it always */
    if (retry_after_s > 0) {
        (void)snprintf(seconds, sizeof(seconds), "%u", retry_after_s); /* fits */
        headers[1].value = str_of(seconds);
    }
    assert(count <= ERRORS_MAX_MORE);
    for (size_t i = 0; i < count && i < ERRORS_MAX_MORE; i++)
        headers[2 + i] = more[i];
    struct slice body = write_body(request, error);
    request_reply(request,
                  &(struct reply){
                      .status = error->status,
                      .content_type = STR("application/json; charset=utf-8"),
                      .cache_control = error->cache_control != NULL ? str_of(error->cache_control)
                                                                    : STR("no-store"),
                      .headers = headers,
                      .header_count = 2 + count,
                      .slices = &body,
                      .slice_count = 1,
                  });
    slice_unref(&body);
}

void errors_reply(struct request *request, const struct api_error *error)
{
    errors_reply_with(request, error, NULL, 0);
}

void errors_reply_status(struct request *request, unsigned status)
{
    errors_reply(request, &(struct api_error){.status = status});
}
