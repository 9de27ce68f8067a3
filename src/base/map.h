/*
 * Hash table from short strings to pointers. Keys may come from peers: the hash is keyed with
 * random bytes, so that nobody can choose keys that collide. Not for threads to share.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot *slots;
    size_t count;
    size_t used; /* slots that hold an entry, or held one since the last growth */
    size_t cap;  /* a power of two, or 0 */
    uint8_t hash_key[16];
};

struct map_entry {
    struct str key; /* the map's own copy */
    void *value;
};

void map_init(struct map *);
void map_finish(struct map *);

void *map_find(const struct map *, struct str key); /* NULL if it is not there */

/* Adds or replaces; `value` may not be NULL. Returns the value that was there, or NULL. */
void *map_put(struct map *, struct str key, void *value);

/* Returns the value that was there, or NULL. */
void *map_remove(struct map *, struct str key);

/* Walk: start with `*at` = 0; false at the end. The map may not change on the way, except that the
 * entry just returned may be removed. */
bool map_next(const struct map *, size_t *at, struct map_entry *out);
