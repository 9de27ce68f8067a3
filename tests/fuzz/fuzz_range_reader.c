/* Any bytes, any size: what resolves lies within the size. */
#include "fuzz.h"
#include "proto/http/range_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t sizes[] = {0, 1, 100, UINT64_MAX};
    struct http_range range = http_range_read((struct str){(const char *)data, size});
    for (size_t i = 0; range.kind != HTTP_RANGE_NONE && i < 4; i++) {
        uint64_t first = 0;
        uint64_t len = 0;
        if (http_range_resolve(&range, sizes[i], &first, &len) &&
            (len == 0 || len > sizes[i] || first > sizes[i] - len))
            abort();
    }
    return 0;
}
