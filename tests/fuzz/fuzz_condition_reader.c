/* Any bytes as Accept-Encoding and as If-None-Match. */
#include "fuzz.h"
#include "proto/http/condition_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str value = {(const char *)data, size};
    if (http_accept_encoding_read(value) > (HTTP_GZIP | HTTP_BROTLI))
        abort();
    bool weak = http_if_none_match_has(value, STR("W/\"abc\""));
    if (weak != http_if_none_match_has(value, STR("\"abc\"")))
        abort();
    return 0;
}
