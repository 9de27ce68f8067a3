#include "base/map.h"

#include "base/mem.h"

#include <sodium.h>

_Static_assert(crypto_shorthash_KEYBYTES == sizeof(((struct map *)0)->hash_key), "SipHash key");

/* Linear probing; a removed slot keeps its place (key NULL, value TOMBSTONE) until the next growth.
 */
struct map_slot {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value; /* NULL: never used */
};

static char tombstone;
#define TOMBSTONE ((void *)&tombstone)

enum { FIRST_CAP = 16 };

void map_init(struct map *map)
{
    *map = (struct map){0};
    randombytes_buf(map->hash_key, sizeof(map->hash_key));
}

void map_finish(struct map *map)
{
    for (size_t i = 0; i < map->cap; i++)
        mem_free(map->slots[i].key);
    mem_free(map->slots);
    *map = (struct map){0};
}

static uint64_t hash_of(const struct map *map, struct str key)
{
    uint64_t hash = 0;
    (void)crypto_shorthash((uint8_t *)&hash, (const uint8_t *)key.at, key.len, map->hash_key);
    return hash;
}

static bool slot_is_live(const struct map_slot *slot)
{
    return slot->value != NULL && slot->value != TOMBSTONE;
}

static struct map_slot *find_slot(const struct map *map, struct str key, uint64_t hash)
{
    for (size_t i = 0; i < map->cap; i++) {
        struct map_slot *slot = &map->slots[(hash + i) & (map->cap - 1)];
        if (slot->value == NULL)
            return NULL;
        struct str here = {.at = slot->key, .len = slot->key_len};
        if (slot_is_live(slot) && slot->hash == hash && str_equal(here, key))
            return slot;
    }
    return NULL;
}

static struct map_slot *free_slot(const struct map *map, uint64_t hash)
{
    for (size_t i = 0;; i++) {
        struct map_slot *slot = &map->slots[(hash + i) & (map->cap - 1)];
        if (!slot_is_live(slot))
            return slot;
    }
}

/* Rebuilds the table with room for one more entry at half load, which also drops the tombstones. */
static void grow(struct map *map)
{
    struct map old = *map;
    map->cap = FIRST_CAP;
    while (map->cap / 2 < old.count + 1)
        map->cap *= 2;
    map->slots = mem_zalloc(map->cap, sizeof(*map->slots));
    for (size_t i = 0; i < old.cap; i++) {
        if (slot_is_live(&old.slots[i]))
            *free_slot(map, old.slots[i].hash) = old.slots[i];
    }
    map->used = old.count;
    mem_free(old.slots);
}

void *map_find(const struct map *map, struct str key)
{
    const struct map_slot *slot = map->cap > 0 ? find_slot(map, key, hash_of(map, key)) : NULL;
    return slot != NULL ? slot->value : NULL;
}

void *map_put(struct map *map, struct str key, void *value)
{
    uint64_t hash = hash_of(map, key);
    struct map_slot *slot = find_slot(map, key, hash);
    if (slot != NULL) {
        void *before = slot->value;
        slot->value = value;
        return before;
    }
    if ((map->used + 1) * 4 > map->cap * 3)
        grow(map);
    slot = free_slot(map, hash);
    map->used += slot->value == NULL;
    *slot = (struct map_slot){
        .key = mem_copy_str(key.at, key.len), .key_len = key.len, .hash = hash, .value = value};
    map->count++;
    return NULL;
}

void *map_remove(struct map *map, struct str key)
{
    struct map_slot *slot = map->cap > 0 ? find_slot(map, key, hash_of(map, key)) : NULL;
    if (slot == NULL)
        return NULL;
    void *value = slot->value;
    mem_free(slot->key);
    *slot = (struct map_slot){.value = TOMBSTONE};
    map->count--;
    return value;
}

bool map_next(const struct map *map, size_t *at, struct map_entry *out)
{
    while (*at < map->cap) {
        const struct map_slot *slot = &map->slots[(*at)++];
        if (slot_is_live(slot)) {
            *out = (struct map_entry){.key = {.at = slot->key, .len = slot->key_len},
                                      .value = slot->value};
            return true;
        }
    }
    return false;
}
