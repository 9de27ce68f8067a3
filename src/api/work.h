/* Store work of a handler: a job on the pool, then the answer on the request's loop. */
#pragma once

#include "http/request.h"

/* Keeps the request, runs job(arg) on the pool and then done(), which must reply. `arg` lives in
 * the request's arena. Answers 503 itself when the pool has too much to do. */
void work_run(struct request *, void (*job)(void *arg), void (*done)(struct request *, void *arg),
              void *arg);
