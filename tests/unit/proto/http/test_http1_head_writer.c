#include "proto/http/http1_head_writer.h"

#include "check.h"

static void head_is_written_in_order(void)
{
    static const struct http_header headers[] = {
        {{"Content-Length", 14}, {"2", 1}},
        {{"X-Empty", 7}, {NULL, 0}},
    };
    static const char want[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-Empty: \r\n\r\n";
    uint8_t at[128];
    CHECK_EQ(sizeof(want) - 1, http1_head_len(404, headers, 2));
    CHECK_EQ(sizeof(want) - 1, http1_head_write(at, 404, headers, 2) - at);
    CHECK_EQ(0, memcmp(want, at, sizeof(want) - 1));
}

static void status_without_a_reason_keeps_its_space(void)
{
    static const char want[] = "HTTP/1.1 299 \r\n\r\n";
    uint8_t at[64];
    CHECK_EQ(sizeof(want) - 1, http1_head_len(299, NULL, 0));
    CHECK_EQ(sizeof(want) - 1, http1_head_write(at, 299, NULL, 0) - at);
    CHECK_EQ(0, memcmp(want, at, sizeof(want) - 1));
}

static void length_and_writing_agree_for_every_status(void)
{
    uint8_t at[64];
    for (unsigned status = 100; status < 600; status++) {
        size_t len = http1_head_len(status, NULL, 0);
        CHECK_EQ(len, http1_head_write(at, status, NULL, 0) - at);
        CHECK_EQ(strlen("HTTP/1.1 200 \r\n\r\n") + http_reason(status).len, len);
        CHECK_EQ(strlen(http_reason(status).at), http_reason(status).len);
    }
}

static void reasons_are_those_of_the_rfc(void)
{
    static const struct {
        unsigned status;
        const char *reason;
    } rows[] = {
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {206, "Partial Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(str_equal(str_of(rows[i].reason), http_reason(rows[i].status)));
}

int main(void)
{
    RUN(reasons_are_those_of_the_rfc);
    RUN(head_is_written_in_order);
    RUN(status_without_a_reason_keeps_its_space);
    RUN(length_and_writing_agree_for_every_status);
    return check_report();
}
