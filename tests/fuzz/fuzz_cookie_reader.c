/* Any header: what is found lies within it. */
#include "api/cookie_reader.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str header = {(const char *)data, size};
    struct str value = cookie_find(header, STR("klieg_at"));
    if (value.at != NULL && (value.at < header.at || value.at + value.len > header.at + size))
        abort();
    return 0;
}
