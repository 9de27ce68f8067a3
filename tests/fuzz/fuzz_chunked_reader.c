/* Any bytes: each piece lies within, the reader always moves on, and byte by byte is the same. */
#include "fuzz.h"
#include "proto/http/chunked_reader.h"

#include <stdlib.h>

static enum err read_all(const uint8_t *data, size_t size, size_t step, size_t *out_len)
{
    struct http_chunked chunked = {0};
    enum err err = ERR_AGAIN;
    *out_len = 0;
    for (size_t at = 0; at < size && err == ERR_AGAIN; at += step) {
        struct str bytes = {(const char *)data + at, size - at < step ? size - at : step};
        struct str piece = {0};
        while ((err = http_chunked_read(&chunked, &bytes, &piece)) == ERR_OK) {
            if (piece.len == 0 || (const uint8_t *)piece.at < data + at ||
                (const uint8_t *)piece.at + piece.len > data + size)
                abort();
            *out_len += piece.len;
        }
    }
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t whole = 0;
    size_t pieces = 0;
    enum err first = read_all(data, size, size > 0 ? size : 1, &whole);
    enum err second = read_all(data, size, 1, &pieces);
    if (first != second || whole != pieces)
        abort();
    return 0;
}
