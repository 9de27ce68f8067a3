#include "proto/amf/amf3_reader.h"

#include <string.h>

/* Type markers (§3.1). */
enum marker {
    UNDEFINED = 0x00,
    NULL_VALUE = 0x01,
    FALSE_VALUE = 0x02,
    TRUE_VALUE = 0x03,
    INTEGER = 0x04,
    DOUBLE = 0x05,
    STRING = 0x06,
    ARRAY = 0x09,
    OBJECT = 0x0a,
};

/* Flags in the low bits of U29O-traits (§3.12), from the lowest up: 1 inline object, 1 inline
 * traits, externalizable, dynamic; then the number of sealed members. */
enum { IS_INLINE = 1, HAS_INLINE_TRAITS = 2, IS_EXTERNALIZABLE = 4, IS_DYNAMIC = 8 };

struct traits {
    bool is_dynamic;
    uint16_t first_member; /* in decoder.members */
    uint16_t member_count;
};

struct decoder {
    struct reader *r;
    struct amf_message *message;
    struct str strings[AMF3_MAX_REFERENCES];
    size_t string_count;
    size_t object_count; /* containers seen: references to them are only checked */
    struct traits traits[AMF3_MAX_REFERENCES];
    size_t traits_count;
    /* Names of the sealed members of all traits. */
    struct str members[AMF3_MAX_REFERENCES];
    size_t member_count;
};

static enum err read_value(struct decoder *d, struct str key);

/* U29: seven bits a byte, eight in the fourth (§1.3.1). */
static uint32_t read_u29(struct reader *r)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t byte = (uint32_t)reader_uint(r, 1);
        value = value << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0)
            return value;
    }
    return value << 8 | (uint32_t)reader_uint(r, 1);
}

/* A string, inline or by reference, as its bytes stand there (§1.3.2). */
static enum err read_text(struct decoder *d, struct str *out)
{
    uint32_t header = read_u29(d->r);
    if (d->r->failed)
        return ERR_MALFORMED;
    if ((header & IS_INLINE) == 0) {
        if (header >> 1 >= d->string_count)
            return ERR_MALFORMED;
        *out = d->strings[header >> 1];
        return ERR_OK;
    }
    size_t len = header >> 1;
    const uint8_t *bytes = reader_take(d->r, len);
    if (bytes == NULL)
        return ERR_MALFORMED;
    *out = (struct str){.at = (const char *)bytes, .len = len};
    if (len == 0) /* the empty string is never sent by reference */
        return ERR_OK;
    if (d->string_count == AMF3_MAX_REFERENCES)
        return ERR_LIMIT;
    d->strings[d->string_count++] = *out;
    return ERR_OK;
}

static enum err read_key(struct decoder *d, struct str *out)
{
    enum err err = read_text(d, out);
    return err != ERR_OK ? err : amf_check_key(*out);
}

/* Name-value pairs up to the empty name. */
/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_pairs(struct decoder *d)
{
    for (;;) {
        struct str key;
        enum err err = read_key(d, &key);
        if (err != ERR_OK || key.len == 0)
            return err;
        err = read_value(d, key);
        if (err != ERR_OK)
            return err;
    }
}

/* An array (§3.11). With named members it reads as an object, its dense part under empty names. */
/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_array(struct decoder *d, uint32_t header, struct amf_value *value)
{
    uint32_t dense = header >> 1;
    if (dense > AMF_MAX_ARRAY)
        return ERR_LIMIT;
    size_t before = d->message->count;
    enum err err = read_pairs(d);
    value->type = d->message->count > before ? AMF_OBJECT : AMF_ARRAY;
    for (; dense > 0 && err == ERR_OK; dense--)
        err = read_value(d, (struct str){0});
    return err;
}

static enum err read_new_traits(struct decoder *d, uint32_t header, struct traits *out)
{
    struct str class_name;
    enum err err = read_text(d, &class_name);
    if (err != ERR_OK)
        return err;
    size_t count = header >> 4;
    if (d->traits_count == AMF3_MAX_REFERENCES || count > AMF3_MAX_TRAIT_MEMBERS ||
        count > AMF3_MAX_REFERENCES - d->member_count)
        return ERR_LIMIT;
    *out = (struct traits){.is_dynamic = (header & IS_DYNAMIC) != 0,
                           .first_member = (uint16_t)d->member_count,
                           .member_count = (uint16_t)count};
    for (size_t i = 0; i < count; i++) {
        err = read_key(d, &d->members[d->member_count]);
        if (err != ERR_OK)
            return err;
        d->member_count++;
    }
    d->traits[d->traits_count++] = *out;
    return ERR_OK;
}

static enum err read_traits(struct decoder *d, uint32_t header, struct traits *out)
{
    if ((header & HAS_INLINE_TRAITS) == 0) {
        if (header >> 2 >= d->traits_count)
            return ERR_MALFORMED;
        *out = d->traits[header >> 2];
        return ERR_OK;
    }
    if ((header & IS_EXTERNALIZABLE) != 0)
        return ERR_MALFORMED; /* its bytes mean nothing without the class */
    return read_new_traits(d, header, out);
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_object(struct decoder *d, uint32_t header, struct amf_value *value)
{
    value->type = AMF_OBJECT;
    struct traits traits;
    enum err err = read_traits(d, header, &traits);
    for (size_t i = 0; err == ERR_OK && i < traits.member_count; i++)
        err = read_value(d, d->members[traits.first_member + i]);
    return err == ERR_OK && traits.is_dynamic ? read_pairs(d) : err;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_container(struct decoder *d, enum marker marker, struct amf_value *value)
{
    uint32_t header = read_u29(d->r);
    if (d->r->failed)
        return ERR_MALFORMED;
    if ((header & IS_INLINE) == 0) /* a reference: the value stays undefined */
        return header >> 1 < d->object_count ? ERR_OK : ERR_MALFORMED;
    if (d->object_count == AMF3_MAX_REFERENCES || d->message->depth == AMF_MAX_DEPTH)
        return ERR_LIMIT;
    d->object_count++;
    d->message->depth++;
    enum err err = marker == ARRAY ? read_array(d, header, value) : read_object(d, header, value);
    value->end = (uint16_t)d->message->count;
    d->message->depth--;
    return err;
}

static void read_integer(struct reader *r, struct amf_value *value)
{
    value->type = AMF_NUMBER;
    uint32_t bits = read_u29(r);
    value->number = (int32_t)(bits ^ 0x10000000) - 0x10000000; /* 29 bits, signed */
}

static void read_double(struct reader *r, struct amf_value *value)
{
    value->type = AMF_NUMBER;
    uint64_t bits = reader_uint(r, 8);
    memcpy(&value->number, &bits, sizeof(value->number));
}

static enum err read_scalar(struct decoder *d, enum marker marker, struct amf_value *value)
{
    enum err err = ERR_OK;
    switch (marker) {
    case UNDEFINED:
        break;
    case NULL_VALUE:
        value->type = AMF_NULL;
        break;
    case FALSE_VALUE:
    case TRUE_VALUE:
        value->type = AMF_BOOLEAN;
        value->boolean = marker == TRUE_VALUE;
        break;
    case INTEGER:
        read_integer(d->r, value);
        break;
    case DOUBLE:
        read_double(d->r, value);
        break;
    case STRING:
        value->type = AMF_STRING;
        err = read_text(d, &value->string);
        if (err == ERR_OK)
            err = amf_clean_string(d->message, &value->string);
        break;
    default:
        return ERR_MALFORMED;
    }
    return d->r->failed ? ERR_MALFORMED : err;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by AMF_MAX_DEPTH */
static enum err read_value(struct decoder *d, struct str key)
{
    enum marker marker = (enum marker)reader_uint(d->r, 1);
    if (d->r->failed)
        return ERR_MALFORMED;
    struct amf_value *value;
    enum err err = amf_add(d->message, AMF_UNDEFINED, key, &value);
    if (err != ERR_OK)
        return err;
    if (marker == ARRAY || marker == OBJECT)
        return read_container(d, marker, value);
    return read_scalar(d, marker, value);
}

enum err amf3_read(struct reader *r, struct str key, struct amf_message *message)
{
    struct decoder d; /* its tables need no clearing: the counts say what is in them */
    d.r = r;
    d.message = message;
    d.string_count = d.object_count = d.traits_count = d.member_count = 0;
    return read_value(&d, key);
}
