/* The channel of the caller: what only its owner sees (API contract §2.3.1, §2.3.3). */
#pragma once

#include "api/provision.h"
#include "api/routes.h"

/* Outlives the routes. */
struct own_channel_api {
    struct provision_site provision;
    const char *public_url; /* without a trailing slash */
    const char *ingest_url; /* "": nothing takes streams */
    const char *account_id; /* of ARNs */
};

void own_channel_add_routes(struct routes *, const struct own_channel_api *);
