/*
 * What one peer address may do before it has shown a stream key: open connections, and be wrong
 * (media spec §0.5, media rule IN-20). Pure; `now_us` is monotonic. An IPv6 address counts as its
 * /64, which is what one household or server is given.
 */
#pragma once

#include "base/map.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_MAX_WAITING = 20,       /* connections without a key, of one address */
    ADDRESS_MAX_WAITING_ALL = 500,  /* of all */
    ADDRESS_MAX_REFUSED = 10,       /* refused keys in 5 min */
    ADDRESS_MAX_REMEMBERED = 10000, /* addresses with refused keys */
};

struct address_book {
    struct map entries;
    unsigned waiting; /* of all addresses */
};

enum address_verdict {
    ADDRESS_ADMITTED,
    ADDRESS_BANNED,   /* too many refused keys */
    ADDRESS_TOO_MANY, /* of this address */
    ADDRESS_FULL,     /* of all */
};

void address_book_init(struct address_book *);
void address_book_finish(struct address_book *);

/* A connection was accepted. What was admitted must leave once: when its key was accepted, or with
 * the connection. */
enum address_verdict address_admit(struct address_book *, struct str address, int64_t now_us);
void address_leave(struct address_book *, struct str address, int64_t now_us);

void address_note_refused(struct address_book *, struct str address, int64_t now_us);
void address_note_accepted(struct address_book *, struct str address, int64_t now_us);
