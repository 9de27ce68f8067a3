#include "proto/amf/amf.h"

#include "base/text.h"

void amf_message_init(struct amf_message *message, struct arena *arena)
{
    message->arena = arena;
    message->count = 0;
    message->depth = 0;
}

const struct amf_value *amf_argument(const struct amf_message *message, size_t i)
{
    size_t at = 0;
    for (; i > 0 && at < message->count; i--)
        at = message->values[at].end;
    return at < message->count ? &message->values[at] : NULL;
}

const struct amf_value *amf_find(const struct amf_message *message, const struct amf_value *object,
                                 struct str key)
{
    const struct amf_value *found = NULL;
    if (object == NULL || object->type != AMF_OBJECT)
        return NULL;
    size_t first = (size_t)(object - message->values) + 1;
    for (size_t i = first; i < object->end; i = message->values[i].end) {
        if (str_equal(message->values[i].key, key))
            found = &message->values[i];
    }
    return found;
}

double amf_number(const struct amf_value *value, double fallback)
{
    return value != NULL && value->type == AMF_NUMBER ? value->number : fallback;
}

struct str amf_string(const struct amf_value *value)
{
    return value != NULL && value->type == AMF_STRING ? value->string : (struct str){0};
}

enum err amf_add(struct amf_message *message, enum amf_type type, struct str key,
                 struct amf_value **out)
{
    if (message->count == AMF_MAX_VALUES)
        return ERR_LIMIT;
    struct amf_value *value = &message->values[message->count++];
    *value = (struct amf_value){.type = type, .end = (uint16_t)message->count, .key = key};
    *out = value;
    return ERR_OK;
}

enum err amf_check_key(struct str key)
{
    if (key.len > AMF_MAX_KEY)
        return ERR_LIMIT;
    return text_is_utf8(key) ? ERR_OK : ERR_MALFORMED;
}

/* Bytes of the valid character at `rest`, or 0. */
static size_t valid_character(struct str rest)
{
    for (size_t len = 1; len <= 4 && len <= rest.len; len++) {
        if (text_is_utf8((struct str){.at = rest.at, .len = len}))
            return len;
    }
    return 0;
}

enum err amf_clean_string(struct amf_message *message, struct str *string)
{
    if (string->len > AMF_MAX_STRING)
        return ERR_LIMIT;
    if (text_is_utf8(*string))
        return ERR_OK;
    char *clean = arena_alloc(message->arena, string->len);
    for (size_t i = 0; i < string->len;) {
        struct str rest = {.at = string->at + i, .len = string->len - i};
        size_t len = valid_character(rest);
        if (len == 0) {
            clean[i++] = '?';
            continue;
        }
        memcpy(clean + i, rest.at, len);
        i += len;
    }
    string->at = clean;
    return ERR_OK;
}
