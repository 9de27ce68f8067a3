/* Any bytes: what is accepted holds no NUL, no control character and no dot segment. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/http/path_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 1024);
    struct http_path path;
    if (http_path_read((struct str){(const char *)data, size}, &arena, &path) == ERR_OK) {
        for (size_t i = 0; i < path.count; i++) {
            struct str segment = path.segments[i];
            if (!text_is_utf8(segment) || str_equal(segment, STR("..")))
                abort();
            for (size_t j = 0; j < segment.len; j++)
                if ((uint8_t)segment.at[j] < 0x20)
                    abort();
        }
    }
    arena_finish(&arena);
    return 0;
}
