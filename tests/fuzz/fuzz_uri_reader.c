/* Any name: one that is read is just the one that would be written. */
#include "fuzz.h"
#include "proto/m3u8/uri_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct m3u8_uri uri = {0};
    if (m3u8_read_uri((struct str){.at = (const char *)data, .len = size}, &uri) != ERR_OK)
        return 0;
    char name[64];
    const unsigned long long number = uri.number, part = uri.part;
    int len = 0;
    if (uri.kind == M3U8_PLAYLIST)
        len = snprintf(name, sizeof(name), "index.m3u8");
    else if (uri.kind == M3U8_INIT)
        len = snprintf(name, sizeof(name), "init-%llu.mp4", number);
    else if (uri.kind == M3U8_SEGMENT)
        len = snprintf(name, sizeof(name), "s%llu.m4s", number);
    else
        len = snprintf(name, sizeof(name), "s%llu.p%llu.m4s", number, part);
    if ((size_t)len != size || memcmp(name, data, size) != 0)
        abort();
    return 0;
}
