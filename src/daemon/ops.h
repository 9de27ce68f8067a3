/*
 * The operations side: metrics and readiness on `http.opsListen`, and the same with control of the
 * running daemon on the socket <data>/klieg.sock (media rule SE-11: never on the public listener).
 * Lives on the first loop.
 */
#pragma once

#include "daemon/daemon.h"

MUST_USE enum err ops_create(struct daemon *, struct ops **out);

/* Stops listening; `done` when the last connection is gone. */
void ops_drain(struct ops *, void (*done)(void *arg), void *arg);
void ops_destroy(struct ops *);
