/*
 * Segments that no longer list parts live in files (media 2.8), mapped into memory: their bytes
 * look as before, and cost memory only while they are read.
 *
 * A file is unlinked as soon as it is mapped. So it goes with its last reader, and a daemon that is
 * killed leaves nothing behind; what a crash between the two steps left, packager_sweep_store()
 * removes.
 */
#pragma once

#include "packager/published.h"

/**
 * Blocks: for the worker pool.
 *
 * @return the same segment with its bytes in the file `path`, which must not exist yet; NULL, with
 *         errno set, when that failed
 */
struct published_segment *segment_file_store(const char *path, const struct published_segment *);
