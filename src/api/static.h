/*
 * The web UI: files of `http.uiDir`, and index.html for every page of it (single-page application).
 *
 * What stands below /static/ has a hash in its name and may be kept for ever; everything else is
 * asked for anew. HTML goes out under a strict Content-Security-Policy.
 */
#pragma once

#include "base/err.h"
#include "http/request.h"

struct static_ui;

struct static_options {
    const char *folder;
    /* More origins that media and uploads may come from, apart by spaces; NULL: none. */
    const char *origins;
};

/* Reads the folder; blocks. Errors are those of files_load(); ERR_NOT_FOUND also without an
 * index.html. Shared by all loops. */
MUST_USE enum err static_create(const struct static_options *, struct static_ui **out);

/* After the loops, and the pool's work, have ended. NULL is fine. */
void static_destroy(struct static_ui *);

/* Compresses the files of `arg`, the UI; blocks: for the pool. */
void static_compress(void *arg);
void static_stop(struct static_ui *); /* makes static_compress() return soon; any thread */

/* The handler of the route {HTTP_GET, "/" "*", static_serve, .cors = ROUTE_CORS_NONE}, with the UI
 * as its argument. */
void static_serve(struct request *, void *arg);
