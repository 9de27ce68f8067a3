/*
 * A folder of files served from memory: read once, immutable, shared by all loops.
 *
 * Text is also kept as gzip and brotli. Making those takes a second or so for a web UI, so it is
 * work for the pool, done while the files are already being served as they are.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "http/request.h"

enum {
    FILES_MAX_COUNT = 4096,
    FILES_MAX_SIZE = 64 << 20, /* of all together */
};

struct files;
struct file;

/**
 * Read a folder and those below it. Hidden files, symbolic links and what is no file are skipped.
 * Blocks: call it before the loops run, or on the pool.
 *
 * @return ERR_NOT_FOUND: there is no such folder; ERR_LIMIT: too many files, or too large; ERR_IO
 */
MUST_USE enum err files_load(const char *folder, struct files **out);

/* No reply may be on its way; the pool's files_compress() must be over. NULL is fine. */
void files_destroy(struct files *);

/* Adds the compressed forms. Blocks: on the pool, once. Ends early after files_stop(). */
void files_compress(struct files *);
void files_stop(struct files *); /* any thread */

/* By path below the folder, no slash in front: static/app-1a2b.js. NULL without one. */
const struct file *files_find(const struct files *, struct str path);

/* Answers with the file, in the best coding the client takes: ETag, Range and HEAD included. */
void files_reply(const struct file *, struct request *, struct str cache_control,
                 const struct http_header *headers, size_t header_count);

/* By the ending of the name; application/octet-stream for others. */
struct str files_type(struct str name);
