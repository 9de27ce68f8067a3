/*
 * Live streams: what connects ingest with its neighbours. A session that opens gets a packager,
 * whose snapshots go to all loops, and an analyser of its health; what happens to it goes to the
 * store. One for each loop, for the channels whose home it is.
 */
#pragma once

#include "ingest/ingest.h"

struct daemon;
struct node;
struct streams;

struct streams *streams_create(struct node *);

/* Everything that was to be written is; `done` may be called inside. */
void streams_flush(struct streams *, void (*done)(void *arg), void *arg);

/* After the loop has stopped. */
void streams_destroy(struct streams *);

/* For ingest_options, the same for all loops. */
struct ingest_hooks streams_hooks(struct daemon *);
