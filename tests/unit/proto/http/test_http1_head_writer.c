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

int main(void)
{
    RUN(head_is_written_in_order);
    RUN(status_without_a_reason_keeps_its_space);
    RUN(length_and_writing_agree_for_every_status);
    return check_report();
}
