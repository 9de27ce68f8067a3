/* The name an encoder publishes under (media spec §1.6). */
#pragma once

#include "base/secret.h"

#include <stdint.h>

enum {
    RTMP_MAX_STREAM_NAME = 1024, /* bytes, with its query */
};

/* A publish name taken apart: [/]<key>[?query]. */
struct rtmp_publish {
    struct secret key; /* as the peer sent it: its form is not checked; empty when the name was
                          longer than RTMP_MAX_STREAM_NAME */
    uint32_t priority; /* 1 to 2147483647; 0 when there is none */
};

/* The key borrows the name. */
struct rtmp_publish rtmp_publish_name_read(struct secret name);
