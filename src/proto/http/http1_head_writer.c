#include "proto/http/http1_head_writer.h"

#include <assert.h>

enum { STATUS_LINE_LEN = sizeof("HTTP/1.1 200 \r\n") - 1 };

struct str http_reason(unsigned status)
{
    static const struct {
        unsigned status;
        struct str reason;
    } reasons[] = {
        {101, {"Switching Protocols", 19}},
        {200, {"OK", 2}},
        {201, {"Created", 7}},
        {204, {"No Content", 10}},
        {206, {"Partial Content", 15}},
        {301, {"Moved Permanently", 17}},
        {302, {"Found", 5}},
        {303, {"See Other", 9}},
        {304, {"Not Modified", 12}},
        {307, {"Temporary Redirect", 18}},
        {308, {"Permanent Redirect", 18}},
        {400, {"Bad Request", 11}},
        {401, {"Unauthorized", 12}},
        {403, {"Forbidden", 9}},
        {404, {"Not Found", 9}},
        {405, {"Method Not Allowed", 18}},
        {406, {"Not Acceptable", 14}},
        {408, {"Request Timeout", 15}},
        {409, {"Conflict", 8}},
        {412, {"Precondition Failed", 19}},
        {413, {"Content Too Large", 17}},
        {414, {"URI Too Long", 12}},
        {415, {"Unsupported Media Type", 22}},
        {416, {"Range Not Satisfiable", 21}},
        {426, {"Upgrade Required", 16}},
        {429, {"Too Many Requests", 17}},
        {431, {"Request Header Fields Too Large", 31}},
        {500, {"Internal Server Error", 21}},
        {501, {"Not Implemented", 15}},
        {503, {"Service Unavailable", 19}},
        {505, {"HTTP Version Not Supported", 26}},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return STR("");
}

size_t http1_head_len(unsigned status, const struct http_header *headers, size_t count)
{
    size_t len = STATUS_LINE_LEN + http_reason(status).len + 2;
    for (size_t i = 0; i < count; i++)
        len += headers[i].name.len + headers[i].value.len + 4;
    return len;
}

static uint8_t *put(uint8_t *at, const char *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

__attribute__((unused)) static bool is_clean(struct str str)
{
    for (size_t i = 0; i < str.len; i++)
        if (str.at[i] == '\r' || str.at[i] == '\n' || str.at[i] == '\0')
            return false;
    return true;
}

uint8_t *http1_head_write(uint8_t *at, unsigned status, const struct http_header *headers,
                          size_t count)
{
    assert(status >= 100 && status <= 599);
    struct str reason = http_reason(status);
    at = put(at, "HTTP/1.1 ", 9);
    *at++ = (uint8_t)('0' + status / 100);
    *at++ = (uint8_t)('0' + status / 10 % 10);
    *at++ = (uint8_t)('0' + status % 10);
    *at++ = ' ';
    at = put(at, reason.at, reason.len);
    at = put(at, "\r\n", 2);
    for (size_t i = 0; i < count; i++) {
        assert(is_clean(headers[i].name) && is_clean(headers[i].value));
        at = put(at, headers[i].name.at, headers[i].name.len);
        at = put(at, ": ", 2);
        if (headers[i].value.len > 0)
            at = put(at, headers[i].value.at, headers[i].value.len);
        at = put(at, "\r\n", 2);
    }
    return put(at, "\r\n", 2);
}
