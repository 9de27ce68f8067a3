/* Any bytes, whole and byte by byte: both ways must end alike, and what is read lies within. */
#include "fuzz.h"
#include "proto/http/http1_head_reader.h"

#include <stdlib.h>

static void check_str(const uint8_t *data, size_t size, struct str str)
{
    if (str.len > 0 &&
        ((const uint8_t *)str.at < data || (const uint8_t *)str.at + str.len > data + size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct http1_limits limits = {.max_url = 256, .max_head = 1024};
    static struct http1_head head;
    struct http1_head_reader whole = {0};
    enum err err = http1_head_read(&whole, &limits, (struct str){(const char *)data, size}, &head);
    if (err == ERR_OK) {
        if (head.len > size || head.header_count > HTTP_MAX_HEADERS)
            abort();
        check_str(data, size, head.path);
        check_str(data, size, head.query);
        for (size_t i = 0; i < head.header_count; i++) {
            check_str(data, size, head.headers[i].name);
            check_str(data, size, head.headers[i].value);
        }
    }

    struct http1_head_reader pieces = {0};
    enum err again = ERR_AGAIN;
    for (size_t len = 0; again == ERR_AGAIN && len <= size && len < 4096; len++)
        again = http1_head_read(&pieces, &limits, (struct str){(const char *)data, len}, &head);
    /* Pieces may be refused sooner and for less, but never be read where the whole is not. */
    if (size < 4096 && (again == ERR_OK) != (err == ERR_OK))
        abort();
    return 0;
}
