/*
 * One ID3v2.4 tag with one TXXX frame (id3v2.4.0-structure §3, id3v2.4.0-frames §4.2.6): how timed
 * metadata travels in HLS (media 3.2). Pure.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* What players of timed metadata look for: of events put by the platform. */
#define ID3_METADATA STR("metadata.live-video.net")

/* `description` and `value` are UTF-8 without NUL, together below 256 MiB. */
void id3_write_txxx(struct str description, struct str value, struct buf *out);
