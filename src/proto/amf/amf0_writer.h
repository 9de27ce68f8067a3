/*
 * AMF0 encoder: what the server answers (Adobe, "Action Message Format -- AMF 0",
 * amf0_spec_121207). A buffer that is full says so by `failed`, see base/buf.h.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

void amf0_write_number(struct buf *, double);
void amf0_write_string(struct buf *, struct str); /* up to 65535 bytes; longer ones are cut */
void amf0_write_null(struct buf *);
void amf0_write_undefined(struct buf *);

/* An object is its start, its members (a key and a value each), its end. */
void amf0_write_object_start(struct buf *);
void amf0_write_key(struct buf *, struct str); /* as amf0_write_string() */
void amf0_write_object_end(struct buf *);
