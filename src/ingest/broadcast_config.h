/* A broadcast's ingestConfiguration (media spec §1.7): when it is known, and when again. */
#pragma once

#include "ingest/broadcast.h"

/* A generation began: what its bitstream tells is known, or changed. */
void broadcast_config_on_generation(struct broadcast *);
