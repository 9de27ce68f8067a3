/* Any bytes as a client's WebSocket frames, in one piece and byte by byte: the same messages. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/websocket/frame_reader.h"

#include <stdlib.h>

struct result {
    enum err err;
    unsigned close_code;
    size_t messages;
    size_t payload;
};

static struct result read_all(const uint8_t *data, size_t size, size_t step)
{
    struct websocket_reader reader;
    struct websocket_message message;
    struct result result = {.err = ERR_AGAIN};
    websocket_reader_init(&reader, 1024, 4);
    for (size_t at = 0; at < size && result.err == ERR_AGAIN; at += step) {
        struct str bytes = {(const char *)data + at, size - at < step ? size - at : step};
        while ((result.err = websocket_read(&reader, &bytes, &message)) == ERR_OK) {
            result.messages++;
            result.payload += message.payload.len;
            if (message.payload.len > 1024 ||
                (message.opcode == WEBSOCKET_TEXT && !text_is_utf8(message.payload)))
                abort();
        }
    }
    result.close_code = reader.close_code;
    websocket_reader_finish(&reader);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result whole = read_all(data, size, size > 0 ? size : 1);
    struct result pieces = read_all(data, size, 1);
    if (whole.err != pieces.err || whole.close_code != pieces.close_code ||
        whole.messages != pieces.messages || whole.payload != pieces.payload)
        abort();
    return 0;
}
