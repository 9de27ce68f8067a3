/* Any body, into a table with a field of each kind: an error says why, and strings are ours. */
#include "api/fields.h"
#include "fuzz.h"

#include <stddef.h>
#include <stdlib.h>

struct body {
    struct str line, text, opaque;
    int64_t number;
    bool flag;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct field fields[] = {
        {"l", FIELD_LINE, offsetof(struct body, line), .is_required = true, .max = 20},
        {"t", FIELD_TEXT, .offset = offsetof(struct body, text)},
        {"o", FIELD_OPAQUE, .offset = offsetof(struct body, opaque)},
        {"n", FIELD_INT, offsetof(struct body, number), .min = 1, .max = 9},
        {"f", FIELD_BOOL, .offset = offsetof(struct body, flag)},
    };
    const struct fields table = {.at = fields, .count = 5, .is_closed = size % 2 == 0};
    struct body body = {.number = 1};
    struct api_error error = {0};
    struct arena arena;
    arena_init(&arena, 1024);
    enum err err =
        fields_read((struct str){(const char *)data, size}, &table, &arena, &body, &error);
    if (err ? error.status != 400 || error.message == NULL
            : body.line.len == 0 || body.line.at[body.line.len] != '\0' || body.number < 1 ||
                  body.number > 9)
        abort();
    arena_finish(&arena);
    return 0;
}
