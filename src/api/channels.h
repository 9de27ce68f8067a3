/* Channels as viewers see them (API contract §2.8). */
#pragma once

#include "api/channel_page.h"
#include "api/routes.h"
#include "packager/live_index.h"
#include "store/store.h"

/* Outlives the routes. */
struct channels_api {
    struct store *store;
    struct live_hub *live; /* whose counts of viewers are the newest; NULL: none */
    struct channel_page_site site;
};

void channels_add_routes(struct routes *, const struct channels_api *);
