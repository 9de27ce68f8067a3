/* Names of media files as playlists write them (media 2.1). Pure. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

enum m3u8_uri_kind {
    M3U8_PLAYLIST, /* index.m3u8 */
    M3U8_INIT,     /* init-<number>.mp4 */
    M3U8_SEGMENT,  /* s<number>.m4s */
    M3U8_PART,     /* s<number>.p<part>.m4s */
};

struct m3u8_uri {
    enum m3u8_uri_kind kind;
    uint64_t number, part; /* at most 10 digits */
};

/* Only the one way in which we write a name is one: no leading zeros. ERR_NOT_FOUND leaves `*out`
 * untouched. */
MUST_USE enum err m3u8_read_uri(struct str name, struct m3u8_uri *out);
