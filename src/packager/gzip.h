/* gzip (RFC 1952) of small texts. */
#pragma once

#include "base/chunk.h"

/* A new chunk, owned by the caller. */
struct chunk *gzip_chunk(const struct chunk *plain);
