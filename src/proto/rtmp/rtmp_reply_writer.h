/* The messages a server sends to an encoder (media spec §1.5, §1.12), each with its chunk header.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RTMP_WINDOW = 2500000, /* bytes between acknowledgements, as announced and as a default */
};

/* The info object of onStatus and its like. */
struct rtmp_status {
    struct str level; /* "status" or "error" */
    struct str code;
    struct str description;
};

/* Window Acknowledgement Size, Set Peer Bandwidth (dynamic), Set Chunk Size. */
void rtmp_reply_limits(struct buf *);

void rtmp_reply_connected(struct buf *, double transaction);
void rtmp_reply_connect_rejected(struct buf *, double transaction, struct str description);

/* _result, null, undefined: the answer to what is not understood, or means nothing here. */
void rtmp_reply_nothing(struct buf *, double transaction);

void rtmp_reply_stream_created(struct buf *, double transaction, uint32_t stream_id);

/* onStatus, or another method that carries an info object, on a message stream. */
void rtmp_reply_status(struct buf *, struct str method, uint32_t stream_id,
                       const struct rtmp_status *);

void rtmp_reply_stream_begin(struct buf *, uint32_t stream_id);
void rtmp_reply_pong(struct buf *, uint32_t time); /* of the ping */
void rtmp_reply_acknowledgement(struct buf *, uint32_t bytes);
