#include "proto/amf/amf0_reader.h"

#include "base/reader.h"
#include "proto/amf/amf3_reader.h"

#include <string.h>

/* Type markers (§2.1). */
enum marker {
    NUMBER = 0x00,
    BOOLEAN = 0x01,
    STRING = 0x02,
    OBJECT = 0x03,
    NULL_VALUE = 0x05,
    UNDEFINED = 0x06,
    ECMA_ARRAY = 0x08,
    OBJECT_END = 0x09,
    STRICT_ARRAY = 0x0a,
    DATE = 0x0b,
    LONG_STRING = 0x0c,
    XML = 0x0f,
    TYPED_OBJECT = 0x10,
    AVMPLUS = 0x11,
};

static enum err read_value(struct reader *r, struct str key, struct amf_message *message);

static double read_double(struct reader *r)
{
    uint64_t bits = reader_uint(r, 8);
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

static struct str read_text(struct reader *r, size_t width)
{
    size_t len = reader_uint(r, width);
    const uint8_t *bytes = reader_take(r, len);
    return (struct str){.at = (const char *)bytes, .len = bytes == NULL ? 0 : len};
}

static enum err read_string(struct reader *r, size_t width, struct amf_message *message,
                            struct amf_value *value)
{
    value->string = read_text(r, width);
    return r->failed ? ERR_MALFORMED : amf_clean_string(message, &value->string);
}

/* Name-value pairs up to the empty name and end marker that close them (§2.5, §2.11). */
/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_members(struct reader *r, struct amf_message *message)
{
    for (;;) {
        struct str key = read_text(r, 2);
        if (r->failed)
            return ERR_MALFORMED;
        if (key.len == 0 && r->left > 0 && *r->at == OBJECT_END) {
            reader_take(r, 1);
            return ERR_OK;
        }
        enum err err = amf_check_key(key);
        if (err == ERR_OK)
            err = read_value(r, key, message);
        if (err != ERR_OK)
            return err;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_elements(struct reader *r, struct amf_message *message)
{
    uint64_t count = reader_uint(r, 4);
    if (count > AMF_MAX_ARRAY)
        return ERR_LIMIT;
    enum err err = r->failed ? ERR_MALFORMED : ERR_OK;
    for (; count > 0 && err == ERR_OK; count--)
        err = read_value(r, (struct str){0}, message);
    return err;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_container(struct reader *r, enum marker marker, struct amf_message *message,
                               struct amf_value *value)
{
    if (message->depth == AMF_MAX_DEPTH)
        return ERR_LIMIT;
    message->depth++;
    value->type = marker == STRICT_ARRAY ? AMF_ARRAY : AMF_OBJECT;
    if (marker == ECMA_ARRAY)
        reader_take(r, 4); /* the count is only a hint (§2.10) */
    if (marker == TYPED_OBJECT)
        (void)read_text(r, 2); /* the class name; failure is remembered */
    enum err err = marker == STRICT_ARRAY ? read_elements(r, message) : read_members(r, message);
    value->end = (uint16_t)message->count;
    message->depth--;
    return err;
}

static enum err read_scalar(struct reader *r, enum marker marker, struct amf_message *message,
                            struct amf_value *value)
{
    switch (marker) {
    case NUMBER:
        value->type = AMF_NUMBER;
        value->number = read_double(r);
        break;
    case BOOLEAN:
        value->type = AMF_BOOLEAN;
        value->boolean = reader_uint(r, 1) != 0;
        break;
    case STRING:
    case LONG_STRING:
        value->type = AMF_STRING;
        return read_string(r, marker == STRING ? 2 : 4, message, value);
    case NULL_VALUE:
        value->type = AMF_NULL;
        break;
    case UNDEFINED:
        break;
    case DATE: /* with a reserved time zone (§2.13) */
        value->type = AMF_NUMBER;
        value->number = read_double(r);
        reader_take(r, 2);
        break;
    case XML:
        (void)read_text(r, 4); /* skipped */
        break;
    default:
        return ERR_MALFORMED;
    }
    return r->failed ? ERR_MALFORMED : ERR_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_value(struct reader *r, struct str key, struct amf_message *message)
{
    enum marker marker = (enum marker)reader_uint(r, 1);
    if (r->failed)
        return ERR_MALFORMED;
    if (marker == AVMPLUS)
        return amf3_read(r, key, message);
    struct amf_value *value;
    enum err err = amf_add(message, AMF_UNDEFINED, key, &value);
    if (err != ERR_OK)
        return err;
    switch (marker) {
    case OBJECT:
    case ECMA_ARRAY:
    case STRICT_ARRAY:
    case TYPED_OBJECT:
        return read_container(r, marker, message, value);
    default:
        return read_scalar(r, marker, message, value);
    }
}

enum err amf0_read(const uint8_t *bytes, size_t len, struct amf_message *message)
{
    struct reader r = reader_over(bytes, len);
    while (r.left > 0) {
        enum err err = read_value(&r, (struct str){0}, message);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}
