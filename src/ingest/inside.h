/* What the files of ingest share. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "domain/streams/rate.h"
#include "ingest/gate.h"
#include "ingest/ingest.h"

#include <stdatomic.h>

/* What ingest keeps on one loop. */
struct ingest_loop {
    struct ingest *ingest;
    struct loop *loop;
    struct metrics *metrics; /* may be NULL */
    struct list publishers;  /* connections that are not on their way to another loop */
    struct map broadcasts;   /* by channel id: those whose home this is */
};

struct ingest {
    struct ingest_options options;
    struct ingest_loop *loops;
    struct gate gate;
    struct rate metadata_rate; /* of the node, on the first loop */
    /* Counted across loops, each by one relaxed add. */
    atomic_uint live;       /* sessions */
    atomic_uint publishers; /* connections */
    atomic_uint undrained;  /* loops */
    atomic_bool is_draining;
    struct loop_timer drain_timer; /* on the first loop */
    void (*drain_reply)(void *reply_arg);
    void *drain_arg;
};

/* The loop a callback runs on. */
struct ingest_loop *ingest_loop_of(struct ingest *, const struct loop *);
