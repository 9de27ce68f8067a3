#include "api/fields.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>

/* --- Text (API contract D3) --- */

/* The code point at the start of valid UTF-8, and its length. */
static uint32_t code_point(struct str text, size_t *out_len)
{
    const uint8_t *at = (const uint8_t *)text.at;
    if (at[0] < 0x80) {
        *out_len = 1;
        return at[0];
    }
    *out_len = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t point = at[0] & (0xffU >> (*out_len + 1));
    for (size_t i = 1; i < *out_len; i++)
        point = point << 6 | (at[i] & 0x3fU);
    return point;
}

/* Unicode's White_Space. */
static bool is_white(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

static bool is_override(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static struct str trim(struct str text)
{
    size_t len = 0;
    while (text.len > 0 && is_white(code_point(text, &len)))
        text = (struct str){text.at + len, text.len - len};
    size_t end = 0;
    for (size_t at = 0; at < text.len; at += len)
        if (!is_white(code_point((struct str){text.at + at, text.len - at}, &len)))
            end = at + len;
    return (struct str){text.at, end};
}

static int64_t count_points(struct str text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((uint8_t)text.at[i] & 0xc0) != 0x80;
    return count;
}

static bool is_one_line(struct str text)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len; at += len) {
        uint32_t c = code_point((struct str){text.at + at, text.len - at}, &len);
        if (is_control(c) || is_override(c))
            return false;
    }
    return true;
}

/* --- Members --- */

struct reading {
    const struct fields *fields;
    struct arena *arena;
    uint8_t *out;
    struct api_error *error;
};

static enum err fail(const struct reading *reading, const struct field *field, struct str message)
{
    *reading->error = (struct api_error){
        .status = 400,
        .message = message.at,
        .field = field->name,
    };
    return ERR_MALFORMED;
}

static enum err fail_missing(const struct reading *reading, const struct field *field)
{
    enum err err =
        fail(reading, field, arena_printf(reading->arena, "%s is missing.", field->name));
    reading->error->type = reading->fields->missing_type;
    return err;
}

static bool is_outside(const struct field *field, int64_t value)
{
    return (field->min != 0 || field->max != 0) && (value < field->min || value > field->max);
}

static enum err take_string(const struct reading *reading, const struct field *field,
                            const json_t *value)
{
    if (!json_is_string(value))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must be a text.", field->name));
    struct str text = {json_string_value(value), json_string_length(value)};
    if (field->kind != FIELD_OPAQUE)
        text = trim(text);
    if (text.len == 0 && field->is_required)
        return fail_missing(reading, field);
    if (field->kind == FIELD_LINE && !is_one_line(text))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must be one line without control characters.",
                                 field->name));
    if (is_outside(field, count_points(text)))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must have %lld to %lld characters.",
                                 field->name, (long long)field->min, (long long)field->max));
    text = arena_copy(reading->arena, text);
    memcpy(reading->out + field->offset, &text, sizeof(text));
    return ERR_OK;
}

static enum err take_integer(const struct reading *reading, const struct field *field,
                             const json_t *value)
{
    int64_t number = json_integer_value(value);
    if (!json_is_integer(value))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must be a whole number.", field->name));
    if (is_outside(field, number))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must be %lld to %lld.", field->name,
                                 (long long)field->min, (long long)field->max));
    memcpy(reading->out + field->offset, &number, sizeof(number));
    return ERR_OK;
}

static enum err take_bool(const struct reading *reading, const struct field *field,
                          const json_t *value)
{
    bool is_true = json_is_true(value);
    if (!json_is_boolean(value))
        return fail(reading, field,
                    arena_printf(reading->arena, "%s must be true or false.", field->name));
    memcpy(reading->out + field->offset, &is_true, sizeof(is_true));
    return ERR_OK;
}

static enum err take(const struct reading *reading, const struct field *field, const json_t *value)
{
    if (value == NULL || (json_is_null(value) && field->is_required))
        return field->is_required ? fail_missing(reading, field) : ERR_OK;
    switch (field->kind) {
    case FIELD_INT:
        return take_integer(reading, field, value);
    case FIELD_BOOL:
        return take_bool(reading, field, value);
    default:
        return take_string(reading, field, value);
    }
}

static bool is_listed(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->at[i].name, name) == 0)
            return true;
    return false;
}

static enum err refuse_others(const struct reading *reading, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (is_listed(reading->fields, name))
            continue;
        struct str copy = arena_copy(reading->arena, str_of(name));
        return fail(reading, &(struct field){.name = copy.at}, STR("This member is not known."));
    }
    return ERR_OK;
}

static enum err take_all(const struct reading *reading, json_t *object)
{
    enum err err = reading->fields->is_closed ? refuse_others(reading, object) : ERR_OK;
    for (size_t i = 0; !err && i < reading->fields->count; i++) {
        const struct field *field = &reading->fields->at[i];
        err = take(reading, field, json_object_get(object, field->name));
    }
    return err;
}

/* --- The body --- */

/* Before jansson recurses into it. Braces in strings do not count. */
static bool is_too_deep(struct str body)
{
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < body.len; i++) {
        char c = body.at[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > FIELDS_MAX_NESTING)
            return true;
    }
    return false;
}

enum err fields_read(struct str body, const struct fields *fields, struct arena *arena, void *out,
                     struct api_error *out_error)
{
    const struct reading reading = {fields, arena, out, out_error};
    json_t *object = NULL;
    if (body.len == 0)
        object = json_object();
    else if (!is_too_deep(body))
        object = json_loadb(body.at, body.len, JSON_REJECT_DUPLICATES, NULL);
    enum err err = ERR_MALFORMED;
    if (json_is_object(object))
        err = take_all(&reading, object);
    else
        *out_error = (struct api_error){
            .status = 400,
            .message = "The body must be one JSON object, without repeated members."};
    json_decref(object);
    return err;
}
