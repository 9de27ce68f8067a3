#include "proto/websocket/frame_writer.h"

enum { FIN = 0x80, MAX_7 = 125, LENGTH_16 = 126, LENGTH_64 = 127 };

struct chunk *websocket_frame_write(enum websocket_opcode opcode, struct str payload)
{
    size_t width = payload.len <= MAX_7 ? 0 : payload.len <= UINT16_MAX ? 2 : 8;
    struct chunk *frame = chunk_create(2 + width + payload.len);
    uint8_t *at = frame->at;
    *at++ = (uint8_t)(FIN | opcode);
    *at++ = (uint8_t)(width == 0 ? payload.len : width == 2 ? LENGTH_16 : LENGTH_64);
    for (size_t i = width; i > 0; i--)
        *at++ = (uint8_t)((uint64_t)payload.len >> (8 * (i - 1)));
    if (payload.len > 0)
        memcpy(at, payload.at, payload.len);
    return frame;
}

struct chunk *websocket_close_write(unsigned code)
{
    const char payload[2] = {(char)(code >> 8), (char)code};
    return websocket_frame_write(WEBSOCKET_CLOSE, (struct str){payload, sizeof(payload)});
}
