/*
 * Aggregate messages (RTMP 1.0 §7.1.6; media rule IN-17): FLV tags one behind the other, each with
 * a back pointer, in one message.
 */
#pragma once

#include "base/err.h"
#include "base/reader.h"
#include "proto/rtmp/rtmp_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtmp_aggregate {
    struct reader rest;
    uint32_t timestamp; /* of the message: the first tag gets it */
    uint32_t first;     /* the first tag's own */
    bool is_begun;
};

struct rtmp_aggregate_tag {
    uint8_t type; /* RTMP_AUDIO_MESSAGE, … */
    uint32_t timestamp;
    const uint8_t *at; /* its body, in the message */
    size_t len;
};

/* ERR_MALFORMED unless the tags fill the message; so no tag of it is used before all are known. */
MUST_USE enum err rtmp_aggregate_open(const struct rtmp_message *, struct rtmp_aggregate *out);

/* False behind the last tag. */
bool rtmp_aggregate_next(struct rtmp_aggregate *, struct rtmp_aggregate_tag *out);
