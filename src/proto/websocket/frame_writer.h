/* WebSocket frames from a server: whole messages, unmasked (RFC 6455 §5.2). */
#pragma once

#include "base/chunk.h"
#include "base/str.h"
#include "proto/websocket/frame_reader.h"

/* A frame to be sent to any number of peers. One reference, the caller's. */
struct chunk *websocket_frame_write(enum websocket_opcode, struct str payload);

struct chunk *websocket_close_write(unsigned code);
