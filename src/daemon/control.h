/*
 * Asking a running daemon: HTTP/1.1 over the socket <data>/klieg.sock, which only its user can
 * reach. For the verbs of the command line; blocks.
 */
#pragma once

#include "base/buf.h"
#include "daemon/options.h"

enum { CONTROL_MAX_ANSWER = 64 << 10 };

/* Where the socket is. */
struct str control_path(const struct options *, struct arena *);

/**
 * One request.
 *
 * @param method  "GET", "POST"
 * @param json    the body, or empty
 * @param out     gets the answer's body; its maximum bounds the answer
 * @return ERR_OK; ERR_CLOSED: no daemon runs; ERR_IO: it did not answer properly
 */
MUST_USE enum err control_ask(const char *path, const char *method, struct str target,
                              struct str json, struct buf *out, unsigned *out_status);
