#include "proto/rtmp/rtmp_chunk_reader.h"

#include <string.h>

enum {
    DEFAULT_CHUNK_SIZE = 128,
    MIN_CHUNK_SIZE = 128,
    MAX_CHUNK_SIZE = 0xffffff, /* larger ones mean no more: a message is no longer (§5.4.1) */
    EXTENDED = 0xffffff,       /* in the timestamp field: 4 more bytes hold it (§5.3.1.3) */
    EXTENDED_LEN = 4,
    FIRST_ROOM = 16 << 10, /* bytes taken for a message whose first byte arrived */
};

/* Message header fields (§5.3.1.2), as far as the chunk type has them. */
struct header {
    unsigned type; /* chunk type, 0 to 3 */
    uint32_t id;
    uint32_t time; /* timestamp or delta */
    uint32_t len;
    uint8_t message_type;
    uint32_t stream_id;
};

static const uint8_t message_header_len[] = {11, 7, 3, 0};

void rtmp_chunk_reader_init(struct rtmp_chunk_reader *c)
{
    *c = (struct rtmp_chunk_reader){.chunk_size = DEFAULT_CHUNK_SIZE};
}

void rtmp_chunk_reader_finish(struct rtmp_chunk_reader *c)
{
    for (size_t i = 0; i < c->stream_count; i++)
        chunk_unref(&c->streams[i].message.payload);
    rtmp_chunk_reader_init(c);
}

/* Up to `max` of the bytes that come next. */
static size_t take_some(struct rtmp_chunk_reader *c, struct reader *input, uint8_t *to, size_t max)
{
    size_t len = c->returned_len > 0 ? c->returned_len : input->left;
    if (len > max)
        len = max;
    if (len == 0)
        return 0;
    if (c->returned_len == 0) {
        memcpy(to, reader_take(input, len), len);
        return len;
    }
    memcpy(to, c->returned, len);
    c->returned_len -= len;
    memmove(c->returned, c->returned + len, c->returned_len);
    return len;
}

static size_t basic_header_len(const struct rtmp_chunk_reader *c)
{
    unsigned id = c->header[0] & 0x3f;
    return id == 0 ? 2 : id == 1 ? 3 : 1;
}

static uint32_t read_uint(const uint8_t *at, size_t width)
{
    struct reader r = reader_over(at, width);
    return (uint32_t)reader_uint(&r, width);
}

/* The length of the header, as far as the bytes there tell. */
static size_t header_size(const struct rtmp_chunk_reader *c)
{
    if (c->header_len == 0)
        return 1;
    unsigned type = c->header[0] >> 6;
    size_t basic = basic_header_len(c);
    size_t size = basic + message_header_len[type];
    if (type < 3 && c->header_len >= size && read_uint(c->header + basic, 3) == EXTENDED)
        size += EXTENDED_LEN;
    return size;
}

static enum err collect_header(struct rtmp_chunk_reader *c, struct reader *input)
{
    for (size_t size = header_size(c); c->header_len < size; size = header_size(c)) {
        size_t len = take_some(c, input, c->header + c->header_len, size - c->header_len);
        if (len == 0)
            return ERR_AGAIN;
        c->header_len += len;
    }
    return ERR_OK;
}

static uint32_t read_chunk_stream_id(const struct rtmp_chunk_reader *c)
{
    switch (basic_header_len(c)) {
    case 2:
        return 64 + (uint32_t)c->header[1];
    case 3:
        return 64 + (uint32_t)c->header[1] + ((uint32_t)c->header[2] << 8);
    default:
        return c->header[0] & 0x3f;
    }
}

static struct rtmp_chunk_stream *find_stream(struct rtmp_chunk_reader *c, uint32_t id)
{
    for (size_t i = 0; i < c->stream_count; i++) {
        if (c->streams[i].id == id)
            return &c->streams[i];
    }
    return NULL;
}

static enum err find_or_add_stream(struct rtmp_chunk_reader *c, uint32_t id, unsigned chunk_type,
                                   struct rtmp_chunk_stream **out)
{
    *out = find_stream(c, id);
    if (*out != NULL)
        return ERR_OK;
    if (chunk_type != 0)
        return ERR_MALFORMED; /* there is nothing to repeat */
    if (c->stream_count == RTMP_MAX_CHUNK_STREAMS)
        return ERR_LIMIT;
    *out = &c->streams[c->stream_count++];
    **out = (struct rtmp_chunk_stream){.id = id};
    return ERR_OK;
}

/* On a chunk of type 3, some senders repeat an extended timestamp and some do not: bytes that are
 * not the same are payload (IN-10). Compared one by one, so that payload is not waited for. */
static enum err match_extended(struct rtmp_chunk_reader *c, struct reader *input,
                               const struct rtmp_chunk_stream *stream)
{
    size_t start = basic_header_len(c);
    while (c->header_len < start + EXTENDED_LEN) {
        uint8_t *at = c->header + c->header_len;
        if (take_some(c, input, at, 1) == 0)
            return ERR_AGAIN;
        c->header_len++;
        if (*at == stream->extended_bytes[c->header_len - 1 - start])
            continue;
        size_t len = c->header_len - start;
        memmove(c->returned + len, c->returned, c->returned_len);
        memcpy(c->returned, c->header + start, len);
        c->returned_len += len;
        break;
    }
    return ERR_OK;
}

/* Fields the chunk type lacks are those of the last header of its stream. */
static struct header parse_header(const struct rtmp_chunk_reader *c,
                                  const struct rtmp_chunk_stream *stream)
{
    const uint8_t *at = c->header + basic_header_len(c);
    struct header h = {.type = c->header[0] >> 6,
                       .id = stream->id,
                       .time = stream->delta,
                       .len = stream->len,
                       .message_type = stream->message.type,
                       .stream_id = stream->message.stream_id};
    if (h.type < 3) {
        h.time = read_uint(at, 3);
        if (h.time == EXTENDED)
            h.time = read_uint(at + message_header_len[h.type], EXTENDED_LEN);
    }
    if (h.type < 2) {
        h.len = read_uint(at + 3, 3);
        h.message_type = at[6];
    }
    if (h.type < 1) /* little-endian (§5.3.1.2.1) */
        h.stream_id =
            (uint32_t)at[7] | (uint32_t)at[8] << 8 | (uint32_t)at[9] << 16 | (uint32_t)at[10] << 24;
    return h;
}

static uint32_t max_message_len(uint8_t type)
{
    switch (type) {
    case RTMP_VIDEO_MESSAGE:
    case RTMP_AGGREGATE:
        return RTMP_MAX_VIDEO;
    case RTMP_AUDIO_MESSAGE:
        return RTMP_MAX_AUDIO;
    case RTMP_COMMAND_AMF0:
    case RTMP_COMMAND_AMF3:
        return RTMP_MAX_COMMAND;
    default:
        return RTMP_MAX_DATA;
    }
}

static void drop_partial(struct rtmp_chunk_reader *c, struct rtmp_chunk_stream *stream)
{
    if (!stream->is_partial)
        return;
    chunk_unref(&stream->message.payload);
    stream->is_partial = false;
    c->partial_bytes -= stream->len;
}

static enum err begin_message(struct rtmp_chunk_reader *c, struct rtmp_chunk_stream *stream,
                              const struct header *h)
{
    if (h->len > max_message_len(h->message_type) || h->len > RTMP_MAX_PARTIAL - c->partial_bytes)
        return ERR_LIMIT;
    stream->message.timestamp = h->type == 0 ? h->time : stream->message.timestamp + h->time;
    stream->message.type = h->message_type;
    stream->message.stream_id = h->stream_id;
    stream->delta = h->time; /* of a type 0 header its timestamp (§5.3.1.2.4) */
    stream->len = h->len;
    stream->received = 0;
    stream->is_partial = true;
    c->partial_bytes += h->len;
    return ERR_OK;
}

static void note_extended(const struct rtmp_chunk_reader *c, struct rtmp_chunk_stream *stream)
{
    unsigned type = c->header[0] >> 6;
    size_t plain_len = basic_header_len(c) + message_header_len[type];
    if (type == 3)
        return;
    stream->is_extended = c->header_len > plain_len;
    if (stream->is_extended)
        memcpy(stream->extended_bytes, c->header + plain_len, EXTENDED_LEN);
}

/* Reads a whole chunk header; then `current` and `chunk_left` are set. */
static enum err read_header(struct rtmp_chunk_reader *c, struct reader *input)
{
    /* When a repeated extended timestamp is being matched, the header proper is complete. */
    enum err err = collect_header(c, input);
    if (err != ERR_OK)
        return err;
    unsigned type = c->header[0] >> 6;
    struct rtmp_chunk_stream *stream;
    err = find_or_add_stream(c, read_chunk_stream_id(c), type, &stream);
    if (err == ERR_OK && type == 3 && stream->is_extended)
        err = match_extended(c, input, stream);
    if (err != ERR_OK)
        return err;

    struct header h = parse_header(c, stream);
    bool is_changed = h.len != stream->len || h.message_type != stream->message.type;
    if (stream->is_partial && is_changed) {
        if (h.message_type != RTMP_ABORT)
            return ERR_MALFORMED;
        drop_partial(c, stream);
    }
    if (!stream->is_partial) {
        err = begin_message(c, stream, &h);
        if (err != ERR_OK)
            return err;
    }
    note_extended(c, stream);
    uint32_t left = stream->len - stream->received;
    c->chunk_left = left < c->chunk_size ? left : c->chunk_size;
    c->current = stream;
    c->header_len = 0;
    return ERR_OK;
}

/* Makes room behind what was received: no more than as much again, but for the first piece. */
static enum err make_room(struct rtmp_chunk_stream *stream)
{
    struct chunk **payload = &stream->message.payload;
    size_t room = *payload == NULL ? 0 : (*payload)->len;
    if (*payload != NULL && stream->received < room)
        return ERR_OK;
    room = room == 0 ? FIRST_ROOM : 2 * room;
    if (room > stream->len)
        room = stream->len;
    if (*payload != NULL)
        return chunk_try_grow(payload, room) ? ERR_OK : ERR_LIMIT;
    *payload = chunk_try_create(room);
    return *payload != NULL ? ERR_OK : ERR_LIMIT;
}

/* The rest of the current chunk. */
static enum err read_payload(struct rtmp_chunk_reader *c, struct reader *input)
{
    struct rtmp_chunk_stream *stream = c->current;
    struct chunk **payload = &stream->message.payload;
    enum err err = *payload == NULL ? make_room(stream) : ERR_OK; /* also for an empty message */
    while (err == ERR_OK && c->chunk_left > 0) {
        err = make_room(stream);
        if (err != ERR_OK)
            return err;
        size_t room = (*payload)->len - stream->received;
        size_t max = room < c->chunk_left ? room : c->chunk_left;
        size_t len = take_some(c, input, (*payload)->at + stream->received, max);
        if (len == 0)
            return ERR_AGAIN;
        stream->received += (uint32_t)len;
        c->chunk_left -= (uint32_t)len;
    }
    return err;
}

static enum err set_chunk_size(struct rtmp_chunk_reader *c, const struct chunk *payload)
{
    if (payload->len < 4)
        return ERR_MALFORMED;
    uint32_t size = read_uint(payload->at, 4);
    if (size < MIN_CHUNK_SIZE || size > INT32_MAX)
        return ERR_MALFORMED;
    c->chunk_size = size < MAX_CHUNK_SIZE ? size : MAX_CHUNK_SIZE;
    return ERR_OK;
}

static enum err abort_message(struct rtmp_chunk_reader *c, const struct chunk *payload)
{
    if (payload->len < 4)
        return ERR_MALFORMED;
    struct rtmp_chunk_stream *stream = find_stream(c, read_uint(payload->at, 4));
    if (stream != NULL)
        drop_partial(c, stream);
    return ERR_OK;
}

/* ERR_AGAIN when the message was for the chunk stream itself. */
static enum err deliver(struct rtmp_chunk_reader *c, struct rtmp_chunk_stream *stream,
                        struct rtmp_message *out)
{
    stream->is_partial = false;
    c->partial_bytes -= stream->len;
    if (stream->message.type != RTMP_SET_CHUNK_SIZE && stream->message.type != RTMP_ABORT) {
        *out = stream->message;
        stream->message.payload = NULL;
        return ERR_OK;
    }
    const struct chunk *payload = stream->message.payload;
    enum err err =
        stream->message.type == RTMP_ABORT ? abort_message(c, payload) : set_chunk_size(c, payload);
    chunk_unref(&stream->message.payload);
    return err == ERR_OK ? ERR_AGAIN : err;
}

enum err rtmp_chunk_reader_next(struct rtmp_chunk_reader *c, struct reader *input,
                                struct rtmp_message *out)
{
    for (;;) {
        enum err err = c->current == NULL ? read_header(c, input) : ERR_OK;
        if (err == ERR_OK)
            err = read_payload(c, input);
        if (err != ERR_OK)
            return err;
        struct rtmp_chunk_stream *stream = c->current;
        c->current = NULL;
        if (stream->received < stream->len)
            continue;
        err = deliver(c, stream, out);
        if (err != ERR_AGAIN)
            return err;
    }
}
