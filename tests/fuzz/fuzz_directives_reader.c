/* Any query: what is accepted keeps the promises of the header, what is not changes nothing. */
#include "fuzz.h"
#include "proto/m3u8/directives_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct m3u8_directives found = {.msn = 1};
    struct str query = {.at = (const char *)data, .len = size};
    if (m3u8_read_directives(query, &found) != ERR_OK) {
        if (found.msn != 1 || found.has_msn)
            abort();
        return 0;
    }
    if (found.msn > 9999999999 || found.part > 9999999999 || (found.has_part && !found.has_msn))
        abort();
    return 0;
}
