/* Any C1 gets an answer of version 3. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_handshake.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t c1[RTMP_HANDSHAKE_BLOCK] = {0};
    uint8_t answer[RTMP_HANDSHAKE_ANSWER];
    memcpy(c1, data, size < sizeof(c1) ? size : sizeof(c1));
    struct random random = random_seeded(size);
    rtmp_handshake_answer(c1, 7, &random, answer);
    if (answer[0] != RTMP_VERSION)
        abort();
    return 0;
}
