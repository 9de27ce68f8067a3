/* What a channel's page shows: the object of GET /api/channels/:name (API contract §2.8.3). Pure.
 */
#pragma once

#include "base/str.h"
#include "store/store.h"

#include <jansson.h>

struct channel_page_site {
    const char *public_url; /* without a trailing slash */
    const char *region, *account_id;
    int64_t maximum_message_length;
};

/* As an anonymous viewer sees it. `session` NULL: it never had one. New reference. */
json_t *channel_page_build(const struct channel_page_site *, const struct store_channel *,
                           const struct store_session *session, unsigned viewers);
