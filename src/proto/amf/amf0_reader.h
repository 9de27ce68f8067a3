/*
 * AMF0 decoder (Adobe, "Action Message Format -- AMF 0", amf0_spec_121207; section numbers in the
 * source are its own), with the switch to AMF3 for single values.
 */
#pragma once

#include "base/err.h"
#include "proto/amf/amf.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Read all values of a message.
 *
 * `*message` was initialised; strings in it borrow `bytes` or live in its arena.
 *
 * @return ERR_OK; ERR_MALFORMED, also for bytes left over; ERR_LIMIT. What was read until then
 *         stays in the message and is of no use.
 */
MUST_USE enum err amf0_read(const uint8_t *bytes, size_t len, struct amf_message *message);
