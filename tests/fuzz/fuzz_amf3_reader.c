/* Any bytes: what reads as AMF3 has values whose extents are nested and in order. */
#include "fuzz.h"
#include "proto/amf/amf3_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 1024);
    static struct amf_message message;
    amf_message_init(&message, &arena);
    struct reader r = reader_over(data, size);
    if (amf3_read(&r, STR("key"), &message) == ERR_OK) {
        for (size_t i = 0; i < message.count; i++) {
            if (message.values[i].end <= i || message.values[i].end > message.count)
                abort();
            (void)amf_find(&message, &message.values[i], STR("app")); /* must not crash */
        }
        if (message.depth != 0)
            abort();
    }
    arena_finish(&arena);
    return 0;
}
