/* GET /api/config: what a client has to know, the same for everybody (API contract §2.1). */
#pragma once

#include "api/routes.h"

#include <jansson.h>

/* Borrowed while the object is built. */
struct config_facts {
    const char *version, *stage_name, *region;
    const char *public_url; /* without a trailing slash */
    const char *client_base_url;
    const char *ingest_url; /* where encoders publish; "" when nothing listens */
    const char *channel_type;
    bool auto_verify, anonymous_chat, amazon_products, stages;
    int64_t chat_message, avatar_bytes, banner_bytes, password_min;
};

/* New reference. */
json_t *config_build(const struct config_facts *);

/* `text` is the object as text; it must outlive the routes. */
void config_add_routes(struct routes *, const struct str *text);
