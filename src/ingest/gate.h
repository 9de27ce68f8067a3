/*
 * The door: which addresses may connect, and how many at once, before they have shown a key
 * (domain/streams/address.h). Its book is on the first loop; others ask by post.
 */
#pragma once

#include "domain/streams/address.h"
#include "loop/conn.h"
#include "loop/loop.h"

struct gate {
    struct loop *loop;
    struct address_book book;
};

void gate_init(struct gate *, struct loop *);
void gate_finish(struct gate *);

typedef void (*gate_fn)(void *arg, enum address_verdict);

/* Any loop; `reply` comes once, later, on `from`, which is the caller's. Who was admitted must
 * leave once, by one of the calls below. */
void gate_enter(struct gate *, struct loop *from, const struct conn_address *, gate_fn reply,
                void *arg);

enum gate_exit {
    GATE_GONE,     /* it left without a decision */
    GATE_ACCEPTED, /* its key was right */
    GATE_REFUSED,  /* it was wrong */
};

/* Any loop. */
void gate_leave(struct gate *, const struct conn_address *, enum gate_exit);
