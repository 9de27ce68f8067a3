/* Any head of a request as a WebSocket upgrade: fields taken from it as the server does. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/websocket/handshake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Lines of the input: Upgrade, Sec-WebSocket-Key, Sec-WebSocket-Version. */
    struct str rest = {(const char *)data, size};
    struct websocket_handshake handshake = {.is_upgrade_connection = true, .is_get = true};
    handshake.upgrade = text_cut(rest, '\n', &rest);
    handshake.key = text_cut(rest, '\n', &rest);
    handshake.version = rest;
    char accept[WEBSOCKET_ACCEPT_LEN + 1] = {0};
    if (websocket_check_handshake(&handshake, accept) == ERR_OK &&
        strlen(accept) != WEBSOCKET_ACCEPT_LEN)
        abort();
    return 0;
}
