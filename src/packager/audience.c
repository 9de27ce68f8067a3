#include "packager/audience.h"

#include "base/map.h"
#include "base/mem.h"

struct viewer {
    uint64_t vid; /* 0: known by user agent */
    uint64_t user_agent;
    int64_t seen_us;
};

/* All viewers of one session at one address. */
struct place {
    struct audience *audience;
    size_t count, cap;
    struct viewer *viewers;
};

struct audience_log {
    struct map places; /* by struct place_key */
};

struct place_key {
    const struct audience *audience;
    uint64_t address;
};

struct audience *audience_create(void)
{
    struct audience *audience = mem_zalloc(1, sizeof(*audience));
    atomic_init(&audience->refs, 1);
    return audience;
}

struct audience *audience_ref(struct audience *audience)
{
    atomic_fetch_add_explicit(&audience->refs, 1, memory_order_relaxed);
    return audience;
}

void audience_unref(struct audience **audience)
{
    struct audience *dropped = *audience;
    *audience = NULL;
    if (dropped != NULL && atomic_fetch_sub_explicit(&dropped->refs, 1, memory_order_acq_rel) == 1)
        mem_free(dropped);
}

unsigned audience_count(const struct audience *audience)
{
    return atomic_load_explicit(&audience->viewers, memory_order_relaxed);
}

struct audience_log *audience_log_create(void)
{
    struct audience_log *log = mem_zalloc(1, sizeof(*log));
    map_init(&log->places);
    return log;
}

static struct str key_str(const struct place_key *key)
{
    return (struct str){.at = (const char *)key, .len = sizeof(*key)};
}

static void place_destroy(struct place *place)
{
    atomic_fetch_sub_explicit(&place->audience->viewers, (unsigned)place->count,
                              memory_order_relaxed);
    audience_unref(&place->audience);
    mem_free(place->viewers);
    mem_free(place);
}

void audience_log_destroy(struct audience_log *log)
{
    if (log == NULL)
        return;
    struct map_entry entry;
    for (size_t at = 0; map_next(&log->places, &at, &entry);)
        place_destroy(entry.value);
    map_finish(&log->places);
    mem_free(log);
}

static struct place *find_place(struct audience_log *log, struct audience *audience,
                                uint64_t address)
{
    struct place_key key = {.audience = audience, .address = address};
    struct place *place = map_find(&log->places, key_str(&key));
    if (place != NULL || log->places.count >= AUDIENCE_MAX_ADDRESSES)
        return place;
    place = mem_zalloc(1, sizeof(*place));
    place->audience = audience_ref(audience);
    (void)map_put(&log->places, key_str(&key), place); /* it was not there */
    return place;
}

/* By its id; without one, whoever uses that user agent. */
static struct viewer *find_viewer(const struct place *place,
                                  const struct audience_sighting *sighting)
{
    for (size_t i = 0; i < place->count; i++) {
        struct viewer *viewer = &place->viewers[i];
        bool is_it = sighting->vid != 0 ? viewer->vid == sighting->vid
                                        : viewer->user_agent == sighting->user_agent;
        if (is_it)
            return viewer;
    }
    return NULL;
}

/* The viewer counted by user agent who now shows an id is the same one. */
static struct viewer *find_without_id(const struct place *place, uint64_t user_agent)
{
    for (size_t i = 0; i < place->count; i++) {
        struct viewer *viewer = &place->viewers[i];
        if (viewer->vid == 0 && viewer->user_agent == user_agent)
            return viewer;
    }
    return NULL;
}

static struct viewer *add_viewer(struct place *place)
{
    if (place->count == AUDIENCE_MAX_PER_ADDRESS)
        return NULL;
    if (place->count == place->cap) {
        place->cap = place->cap == 0 ? 1 : place->cap * 2;
        place->viewers = mem_grow(place->viewers, place->cap, sizeof(*place->viewers));
    }
    atomic_fetch_add_explicit(&place->audience->viewers, 1, memory_order_relaxed);
    return &place->viewers[place->count++];
}

void audience_saw(struct audience_log *log, struct audience *audience,
                  const struct audience_sighting *sighting, int64_t now_us)
{
    struct place *place = find_place(log, audience, sighting->address);
    if (place == NULL)
        return;
    struct viewer *viewer = find_viewer(place, sighting);
    if (viewer != NULL && sighting->vid == 0 && viewer->vid != 0)
        return; /* its beats count */
    if (viewer == NULL && sighting->vid != 0)
        viewer = find_without_id(place, sighting->user_agent);
    if (viewer == NULL)
        viewer = add_viewer(place);
    if (viewer == NULL)
        return;
    *viewer = (struct viewer){
        .vid = sighting->vid, .user_agent = sighting->user_agent, .seen_us = now_us};
}

static void sweep_place(struct place *place, int64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < place->count; i++) {
        if (now_us - place->viewers[i].seen_us < AUDIENCE_SEEN_US)
            place->viewers[kept++] = place->viewers[i];
    }
    atomic_fetch_sub_explicit(&place->audience->viewers, (unsigned)(place->count - kept),
                              memory_order_relaxed);
    place->count = kept;
}

void audience_sweep(struct audience_log *log, int64_t now_us)
{
    struct map_entry entry;
    for (size_t at = 0; map_next(&log->places, &at, &entry);) {
        struct place *place = entry.value;
        sweep_place(place, now_us);
        if (place->count > 0)
            continue;
        (void)map_remove(&log->places, entry.key); /* it is `place` */
        place_destroy(place);
    }
}
