#include "proto/amf/amf0_writer.h"

#include <stdint.h>
#include <string.h>

/* Type markers (§2.1). */
enum marker {
    NUMBER = 0x00,
    STRING = 0x02,
    OBJECT = 0x03,
    NULL_VALUE = 0x05,
    UNDEFINED = 0x06,
    OBJECT_END = 0x09,
};

void amf0_write_number(struct buf *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    buf_put_uint(out, NUMBER, 1);
    buf_put_uint(out, bits, 8);
}

void amf0_write_key(struct buf *out, struct str key)
{
    if (key.len > UINT16_MAX)
        key.len = UINT16_MAX;
    buf_put_uint(out, key.len, 2);
    buf_put_str(out, key);
}

void amf0_write_string(struct buf *out, struct str string)
{
    buf_put_uint(out, STRING, 1);
    amf0_write_key(out, string);
}

void amf0_write_null(struct buf *out)
{
    buf_put_uint(out, NULL_VALUE, 1);
}

void amf0_write_undefined(struct buf *out)
{
    buf_put_uint(out, UNDEFINED, 1);
}

void amf0_write_object_start(struct buf *out)
{
    buf_put_uint(out, OBJECT, 1);
}

void amf0_write_object_end(struct buf *out)
{
    buf_put_uint(out, OBJECT_END, 3); /* behind an empty key (§2.5) */
}
