#include "proto/websocket/frame_reader.h"

#include "base/mem.h"
#include "base/text.h"

enum {
    FIN = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    CONTROL = 0x08,
    MASK_LEN = 4,
};

void websocket_reader_init(struct websocket_reader *reader, size_t max_message,
                           unsigned max_fragments)
{
    *reader = (struct websocket_reader){.max_fragments = max_fragments};
    buf_init(&reader->message, max_message);
}

void websocket_reader_finish(struct websocket_reader *reader)
{
    buf_finish(&reader->message);
    mem_free(reader->control);
    reader->control = NULL;
}

static enum err fail(struct websocket_reader *reader, enum err err, unsigned close_code)
{
    reader->close_code = close_code;
    return err;
}

static enum err fail_protocol(struct websocket_reader *reader)
{
    return fail(reader, ERR_MALFORMED, WEBSOCKET_CLOSE_PROTOCOL);
}

static bool is_control(const struct websocket_reader *reader)
{
    return (reader->head[0] & CONTROL) != 0;
}

/* How long the head is, as far as its first two bytes tell. */
static size_t head_size(const struct websocket_reader *reader)
{
    if (reader->head_len < 2)
        return 2;
    unsigned length = reader->head[1] & LENGTH;
    size_t extended = length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
    return 2 + extended + MASK_LEN;
}

/* RFC 6455 §5.2: the shortest form only. */
static enum err read_length(struct websocket_reader *reader)
{
    unsigned length = reader->head[1] & LENGTH;
    size_t width = length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
    uint64_t value = width == 0 ? length : 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | reader->head[2 + i];
    bool is_shortest = width == 0 || (width == 2 && value >= LENGTH_16) || value > 0xffff;
    if (!is_shortest || value > INT64_MAX)
        return fail_protocol(reader);
    reader->payload_len = value;
    reader->payload_read = 0;
    return ERR_OK;
}

/* What the first two bytes must look like. */
static enum err check_start(struct websocket_reader *reader)
{
    unsigned opcode = reader->head[0] & OPCODE;
    bool is_known =
        opcode <= WEBSOCKET_BINARY || (opcode >= WEBSOCKET_CLOSE && opcode <= WEBSOCKET_PONG);
    bool is_masked = (reader->head[1] & MASKED) != 0;
    if ((reader->head[0] & RESERVED) != 0 || !is_known || !is_masked)
        return fail_protocol(reader);

    if (is_control(reader)) {
        bool is_whole = (reader->head[0] & FIN) != 0;
        bool is_short = (reader->head[1] & LENGTH) <= WEBSOCKET_MAX_CONTROL;
        return is_whole && is_short ? ERR_OK : fail_protocol(reader);
    }
    /* A continuation continues something, and anything else does not. */
    bool is_continuation = opcode == WEBSOCKET_CONTINUATION;
    bool is_under_way = reader->message_opcode != 0;
    return is_continuation == is_under_way ? ERR_OK : fail_protocol(reader);
}

static enum err start_frame(struct websocket_reader *reader)
{
    enum err err = read_length(reader);
    if (err != ERR_OK)
        return err;
    if (is_control(reader)) {
        if (reader->payload_len > 0)
            reader->control = mem_alloc((size_t)reader->payload_len);
        return ERR_OK;
    }
    if (reader->message_opcode == 0) {
        reader->message_opcode = reader->head[0] & OPCODE;
        reader->fragments = 0;
    }
    if (++reader->fragments > reader->max_fragments)
        return fail(reader, ERR_LIMIT, WEBSOCKET_CLOSE_POLICY);
    if (reader->payload_len > reader->message.max - reader->message.len)
        return fail(reader, ERR_LIMIT, WEBSOCKET_CLOSE_TOO_BIG);
    return ERR_OK;
}

static enum err read_head(struct websocket_reader *reader, struct str *bytes)
{
    size_t size = head_size(reader);
    while (reader->head_len < size) {
        if (bytes->len == 0)
            return ERR_AGAIN;
        reader->head[reader->head_len++] = (uint8_t)bytes->at[0];
        bytes->at++;
        bytes->len--;
        if (reader->head_len == 2) {
            enum err err = check_start(reader);
            if (err != ERR_OK)
                return err;
            size = head_size(reader);
        }
    }
    return start_frame(reader);
}

static void unmask(struct websocket_reader *reader, const char *from, uint8_t *to, size_t len)
{
    const uint8_t *mask = reader->head + reader->head_len - MASK_LEN;
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)from[i] ^ mask[(reader->payload_read + i) % MASK_LEN];
}

static void read_payload(struct websocket_reader *reader, struct str *bytes)
{
    uint64_t left = reader->payload_len - reader->payload_read;
    size_t len = left < bytes->len ? (size_t)left : bytes->len;
    if (len == 0)
        return;
    if (is_control(reader)) {
        unmask(reader, bytes->at, reader->control + reader->payload_read, len);
    } else {
        unmask(reader, bytes->at, buf_reserve(&reader->message, len), len); /* it fits */
        reader->message.len += len;
    }
    reader->payload_read += len;
    bytes->at += len;
    bytes->len -= len;
}

/* Codes an endpoint may send (RFC 6455 §7.4). */
static bool is_close_code(unsigned code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

static enum err end_close(struct websocket_reader *reader, struct websocket_message *out)
{
    if (out->payload.len == 0) {
        out->close_code = WEBSOCKET_CLOSE_NO_STATUS;
        return ERR_OK;
    }
    if (out->payload.len == 1)
        return fail_protocol(reader);
    const uint8_t *code = (const uint8_t *)out->payload.at;
    out->close_code = (unsigned)code[0] << 8 | code[1];
    out->payload = (struct str){.at = out->payload.at + 2, .len = out->payload.len - 2};
    if (!is_close_code(out->close_code))
        return fail_protocol(reader);
    if (!text_is_utf8(out->payload))
        return fail(reader, ERR_MALFORMED, WEBSOCKET_CLOSE_DATA);
    return ERR_OK;
}

static enum err end_control(struct websocket_reader *reader, struct websocket_message *out)
{
    struct websocket_message message = {
        .opcode = reader->head[0] & OPCODE,
        .payload = {(const char *)reader->control, (size_t)reader->payload_len},
    };
    enum err err = message.opcode == WEBSOCKET_CLOSE ? end_close(reader, &message) : ERR_OK;
    if (err == ERR_OK)
        *out = message;
    return err;
}

static enum err end_frame(struct websocket_reader *reader, struct websocket_message *out)
{
    bool is_last = (reader->head[0] & FIN) != 0;
    reader->head_len = 0;
    if (is_control(reader))
        return end_control(reader, out);
    if (!is_last)
        return ERR_AGAIN;

    struct str payload = buf_str(&reader->message);
    if (reader->message_opcode == WEBSOCKET_TEXT && !text_is_utf8(payload))
        return fail(reader, ERR_MALFORMED, WEBSOCKET_CLOSE_DATA);
    *out = (struct websocket_message){.opcode = reader->message_opcode, .payload = payload};
    reader->message_opcode = 0;
    return ERR_OK;
}

/* Frees what the last call's message stood in. */
static void drop_last(struct websocket_reader *reader)
{
    if (reader->head_len > 0)
        return;
    mem_free(reader->control);
    reader->control = NULL;
    if (reader->message_opcode == 0) {
        size_t max = reader->message.max;
        buf_finish(&reader->message);
        buf_init(&reader->message, max);
    }
}

enum err websocket_read(struct websocket_reader *reader, struct str *bytes,
                        struct websocket_message *out)
{
    for (;;) {
        drop_last(reader);
        bool is_in_payload = reader->head_len > 2 && reader->head_len == head_size(reader);
        enum err err = is_in_payload ? ERR_OK : read_head(reader, bytes);
        if (err != ERR_OK)
            return err;
        read_payload(reader, bytes);
        if (reader->payload_read < reader->payload_len)
            return ERR_AGAIN;
        err = end_frame(reader, out);
        if (err != ERR_AGAIN)
            return err;
    }
}
