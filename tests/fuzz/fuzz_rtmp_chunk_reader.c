/* Any bytes as a chunk stream, whole and cut in two where the first byte says: both give the same
 * messages, and memory stays within its bounds. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_chunk_reader.h"

#include <stdlib.h>

struct outcome {
    uint64_t digest;
    enum err err;
};

static void mix(struct outcome *outcome, uint64_t value)
{
    outcome->digest = (outcome->digest ^ value) * 1099511628211U;
}

static void check_memory(const struct rtmp_chunk_reader *reader)
{
    size_t promised = 0;
    for (size_t i = 0; i < reader->stream_count; i++) {
        const struct rtmp_chunk_stream *stream = &reader->streams[i];
        const struct chunk *payload = stream->message.payload;
        promised += stream->is_partial ? stream->len : 0;
        if (payload != NULL && payload->len > 2 * (size_t)stream->received + (16 << 10))
            abort();
    }
    if (promised != reader->partial_bytes || promised > RTMP_MAX_PARTIAL)
        abort();
}

static void feed(struct rtmp_chunk_reader *reader, const uint8_t *data, size_t size,
                 struct outcome *outcome)
{
    struct reader input = reader_over(data, size);
    while (outcome->err == ERR_OK || (outcome->err == ERR_AGAIN && input.left > 0)) {
        struct rtmp_message message;
        outcome->err = rtmp_chunk_reader_next(reader, &input, &message);
        if (outcome->err != ERR_OK)
            continue;
        mix(outcome, message.type);
        mix(outcome, message.timestamp);
        mix(outcome, message.stream_id);
        for (size_t i = 0; i < message.payload->len; i++)
            mix(outcome, message.payload->at[i]);
        chunk_unref(&message.payload);
    }
    check_memory(reader);
}

static struct outcome read_split(const uint8_t *data, size_t size, size_t split)
{
    struct rtmp_chunk_reader reader;
    rtmp_chunk_reader_init(&reader);
    struct outcome outcome = {.err = ERR_AGAIN};
    feed(&reader, data, split, &outcome);
    feed(&reader, data + split, size - split, &outcome);
    rtmp_chunk_reader_finish(&reader);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct outcome whole = read_split(data + 1, size - 1, size - 1);
    struct outcome cut = read_split(data + 1, size - 1, data[0] % size);
    if (whole.digest != cut.digest || whole.err != cut.err)
        abort();
    return 0;
}
