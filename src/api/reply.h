/* JSON answers: one way to send them, with the headers of API contract §1.10. */
#pragma once

#include "http/request.h"

#include <jansson.h>

enum { REPLY_MAX_HEADERS = 4 };

/* `text` is a whole JSON text; 200, with a weak ETag over it. `vary` may be empty. */
void reply_json_text(struct request *, struct str text, struct str cache_control, struct str vary);

/* Takes over `value`. */
void reply_json(struct request *, json_t *value, struct str cache_control, struct str vary);

/* An answer that nobody may keep: what a write did, tokens, keys. Takes over `value`; NULL: no
 * body, for 204. */
void reply_json_fresh(struct request *, unsigned status, json_t *value,
                      const struct http_header *headers, size_t count);
