/*
 * Writes what happens to stream sessions to the store, in order: one job at a time for each loop,
 * and all that came meanwhile in the next one. On the loop it was made for.
 */
#pragma once

#include "domain/streams/samples.h"
#include "ingest/ingest.h"
#include "metrics/metrics.h"
#include "store/store.h"

struct session_log;

struct session_log *session_log_create(struct loop *, struct store *, struct metrics *);

/* Copies the change. When the store cannot take it, it is tried again some times and then lost,
 * with an error in the log. */
void session_log_add(struct session_log *, const struct ingest_change *);

/* A slot of health samples; they are written together about once a second, and once only. */
void session_log_add_sample(struct session_log *, const char *session_id,
                            const struct samples_row *, unsigned viewers_now);

/* Calls `done` when nothing is left to write; may be inside. */
void session_log_flush(struct session_log *, void (*done)(void *arg), void *arg);

/* After the loop has stopped, its jobs included. */
void session_log_destroy(struct session_log *);
