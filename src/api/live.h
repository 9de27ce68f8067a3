/*
 * The routes of /live: playlists, init sections, segments, parts, and the beats of viewers (media
 * 2.1, 2.6, 2.7, 2.12). Everything comes from the loop's index, from memory.
 */
#pragma once

#include "api/routes.h"
#include "packager/live_index.h"

void live_add_routes(struct routes *, struct live_index *);
