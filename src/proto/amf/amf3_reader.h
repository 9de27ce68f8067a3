/*
 * AMF3 decoder for values that an AMF0 message switches to (Adobe, "Action Message Format -- AMF
 * 3", amf3_spec_121207; section numbers in the source are its own). Undefined, null, booleans,
 * numbers, strings, arrays and plain objects; what Flash-derived encoders put into connect and
 * onMetaData.
 */
#pragma once

#include "base/err.h"
#include "base/reader.h"
#include "proto/amf/amf.h"

enum {
    AMF3_MAX_REFERENCES = 256, /* strings, objects and traits, each */
    AMF3_MAX_TRAIT_MEMBERS = 64,
};

/**
 * Read one value with all its members into the message, under `key`. Its reference tables are its
 * own. A reference to a container reads as undefined: it would be a copy or a loop, and no message
 * we understand has one.
 *
 * @return ERR_OK, `*r` behind the value; ERR_MALFORMED; ERR_LIMIT
 */
MUST_USE enum err amf3_read(struct reader *r, struct str key, struct amf_message *message);
