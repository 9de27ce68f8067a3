/* GET /api/status: whether this process serves (API contract §2.1). */
#pragma once

#include "api/routes.h"

/* While draining the server itself answers 503 before any route is looked up. */
void status_add_routes(struct routes *);
