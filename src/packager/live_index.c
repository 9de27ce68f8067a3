/*
 * Waiting requests are woken in two steps: a snapshot moves those it satisfies to the session's
 * `ready` list at once, and a timer answers them some hundred a turn. They are answered with what
 * is newest by then, which satisfies them too. Draining readies all: whoever is not satisfied then
 * is told so.
 */
#include "packager/live_index.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
    ADDRESS_SLOTS = 1 << 16, /* counts by address; two that fall together share a limit */
    RECENT_SLOTS = 1 << 12,  /* sightings handed on lately */
    RECENT_US = 4000000,     /* less than the 5 s between a player's beats */
    SWEEP_US = 2000000,
};

struct live_session {
    struct published *published;
    struct list waiters;
    struct list ready;
};

struct recent {
    uint64_t sighting;
    int64_t handed_on_us;
};

struct live_index {
    struct live_hub *hub;
    struct loop *loop;
    struct metrics *metrics;
    struct map sessions; /* by stream id; each owns its struct live_session */
    struct map channels; /* by channel id: the newest session */
    struct audience_log *audience;
    struct loop_timer wake_timer, sweep_timer;
    bool is_sweeping;
    bool is_draining;
    struct recent recent[RECENT_SLOTS];
};

struct live_hub {
    struct live_index **indexes; /* by loop_index() */
    size_t count;
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
    atomic_bool is_draining;
    atomic_uint waiters;
    atomic_ushort by_address[ADDRESS_SLOTS];
};

struct live_hub *live_hub_create(struct loop *const *loops, struct metrics *const *metrics,
                                 size_t loop_count)
{
    struct live_hub *hub = mem_zalloc(1, sizeof(*hub));
    random_fill(random_system(), hub->hash_key, sizeof(hub->hash_key));
    hub->count = loop_count;
    hub->indexes = mem_zalloc(loop_count, sizeof(struct live_index *));
    for (size_t i = 0; i < loop_count; i++) {
        assert(loop_index(loops[i]) == i);
        struct live_index *index = mem_zalloc(1, sizeof(*index));
        index->hub = hub;
        index->loop = loops[i];
        index->metrics = metrics != NULL ? metrics[i] : NULL;
        map_init(&index->sessions);
        map_init(&index->channels);
        index->audience = audience_log_create();
        hub->indexes[i] = index;
    }
    return hub;
}

struct live_index *live_hub_index(struct live_hub *hub, const struct loop *loop)
{
    assert(loop_index(loop) < hub->count);
    return hub->indexes[loop_index(loop)];
}

static struct published_rendition *rendition_of(const struct live_waiter *waiter)
{
    return published_find_rendition(waiter->session->published, str_of(waiter->rendition));
}

static enum reload_verdict verdict_of(const struct live_waiter *waiter)
{
    struct published *published = waiter->session->published;
    struct published_rendition *rendition = rendition_of(waiter);
    if (rendition == NULL)
        return RELOAD_NEVER;
    struct reload_state state = published_reload_state(published, rendition);
    if (waiter->wanted == LIVE_PLAYLIST)
        return reload_playlist(&state, &waiter->query);
    bool has_come = published_find_part(rendition, waiter->query.msn, waiter->query.part) != NULL;
    return has_come ? RELOAD_NEWEST : reload_part(&state, waiter->query.msn, waiter->query.part);
}

/* Out of all lists and counts; from here on it is its owner's. */
static void release(struct live_waiter *waiter)
{
    struct live_hub *hub = waiter->index->hub;
    loop_timer_stop(&waiter->timer);
    list_remove(&waiter->link);
    waiter->session = NULL;
    atomic_fetch_sub_explicit(&hub->waiters, 1, memory_order_relaxed);
    if (waiter->address_slot >= 0)
        atomic_fetch_sub_explicit(&hub->by_address[waiter->address_slot], 1, memory_order_relaxed);
    metrics_add(waiter->index->metrics, METRIC_HTTP_WAITING_REQUESTS, -1);
}

static void fail(struct live_waiter *waiter, enum err why)
{
    release(waiter);
    waiter->on_wake(waiter, why, NULL, NULL);
}

static void answer(struct live_waiter *waiter)
{
    struct published *published = waiter->session->published;
    struct published_rendition *rendition = rendition_of(waiter);
    if (rendition == NULL) {
        fail(waiter, ERR_NOT_FOUND);
    } else if (verdict_of(waiter) == RELOAD_WAIT) {
        fail(waiter, ERR_CLOSED);
    } else {
        release(waiter);
        waiter->on_wake(waiter, ERR_OK, published, rendition);
    }
}

static void on_wake_timer(struct loop *loop, void *arg)
{
    struct live_index *index = arg;
    size_t budget = LIVE_WAKES_A_TURN;
    struct map_entry entry;
    for (size_t at = 0; map_next(&index->sessions, &at, &entry);) {
        struct live_session *session = entry.value;
        for (; budget > 0 && !list_is_empty(&session->ready); budget--)
            answer(LIST_ENTRY(session->ready.next, struct live_waiter, link));
    }
    if (budget == 0)
        loop_timer_start(loop, &index->wake_timer, 0, on_wake_timer, index);
}

static void wake(struct live_index *index, struct live_session *session)
{
    LIST_FOR_EACH(node, &session->waiters)
    {
        struct live_waiter *waiter = LIST_ENTRY(node, struct live_waiter, link);
        if (!index->is_draining && verdict_of(waiter) == RELOAD_WAIT)
            continue;
        loop_timer_stop(&waiter->timer);
        list_remove(node);
        list_append(&session->ready, node);
    }
    if (!list_is_empty(&session->ready))
        loop_timer_start(index->loop, &index->wake_timer, 0, on_wake_timer, index);
}

static void fail_all(struct list *waiters, enum err why)
{
    while (!list_is_empty(waiters))
        fail(LIST_ENTRY(waiters->next, struct live_waiter, link), why);
}

static void session_free(struct live_session *session)
{
    published_unref(&session->published);
    mem_free(session);
}

static void session_destroy(struct live_index *index, struct live_session *session)
{
    struct str stream_id = str_of(session->published->stream_id);
    struct str channel_id = str_of(session->published->channel_id);
    (void)map_remove(&index->sessions, stream_id); /* it is there */
    if (map_find(&index->channels, channel_id) == session)
        (void)map_remove(&index->channels, channel_id);
    fail_all(&session->ready, ERR_NOT_FOUND);
    fail_all(&session->waiters, ERR_NOT_FOUND);
    session_free(session);
}

static bool is_over(const struct live_session *session, int64_t now_us)
{
    return session->published->state == PUBLISHED_ENDED && session->published->keep_us <= now_us;
}

void live_sweep(struct live_index *index, int64_t now_us)
{
    audience_sweep(index->audience, now_us);
    struct map_entry entry;
    for (size_t at = 0; map_next(&index->sessions, &at, &entry);) {
        if (is_over(entry.value, now_us))
            session_destroy(index, entry.value);
    }
}

static void on_sweep_timer(struct loop *loop, void *arg)
{
    struct live_index *index = arg;
    live_sweep(index, loop_now_us(loop));
    index->is_sweeping = index->sessions.count > 0;
    if (index->is_sweeping)
        loop_timer_start(loop, &index->sweep_timer, SWEEP_US, on_sweep_timer, index);
}

static struct live_session *session_create(struct live_index *index, struct published *published)
{
    struct live_session *session = mem_zalloc(1, sizeof(*session));
    list_init(&session->waiters);
    list_init(&session->ready);
    (void)map_put(&index->sessions, str_of(published->stream_id), session);  /* it was not there */
    (void)map_put(&index->channels, str_of(published->channel_id), session); /* older ones end */
    if (!index->is_sweeping) {
        index->is_sweeping = true;
        loop_timer_start(index->loop, &index->sweep_timer, SWEEP_US, on_sweep_timer, index);
    }
    return session;
}

/* Takes over the reference. */
static void take(struct live_index *index, struct published *published)
{
    struct live_session *session = map_find(&index->sessions, str_of(published->stream_id));
    if (session == NULL)
        session = session_create(index, published);
    published_unref(&session->published);
    session->published = published;
    if (is_over(session, loop_now_us(index->loop)))
        session_destroy(index, session);
    else
        wake(index, session);
}

struct post {
    struct live_index *index;
    struct published *published;
};

static void on_published(struct loop *loop, void *arg)
{
    struct post *post = arg;
    (void)loop; /* the index's */
    take(post->index, post->published);
    mem_free(post);
}

void live_hub_publish(struct live_hub *hub, struct published *published)
{
    for (size_t i = 0; i < hub->count; i++) {
        struct live_index *index = hub->indexes[i];
        if (loop_is_current(index->loop)) {
            take(index, published_ref(published));
            continue;
        }
        struct post *post = mem_alloc(sizeof(*post));
        *post = (struct post){.index = index, .published = published_ref(published)};
        loop_post(index->loop, on_published, post);
    }
}

static void on_drain(struct loop *loop, void *arg)
{
    struct live_index *index = arg;
    (void)loop; /* the index's */
    index->is_draining = true;
    struct map_entry entry;
    for (size_t at = 0; map_next(&index->sessions, &at, &entry);)
        wake(index, entry.value);
}

void live_hub_drain(struct live_hub *hub)
{
    atomic_store(&hub->is_draining, true);
    for (size_t i = 0; i < hub->count; i++)
        loop_post(hub->indexes[i]->loop, on_drain, hub->indexes[i]);
}

static void index_destroy(struct live_index *index)
{
    struct map_entry entry;
    for (size_t at = 0; map_next(&index->sessions, &at, &entry);)
        session_free(entry.value);
    map_finish(&index->sessions);
    map_finish(&index->channels);
    audience_log_destroy(index->audience);
    mem_free(index);
}

void live_hub_destroy(struct live_hub *hub)
{
    if (hub == NULL)
        return;
    for (size_t i = 0; i < hub->count; i++)
        index_destroy(hub->indexes[i]);
    mem_free(hub->indexes);
    mem_free(hub);
}

struct published *live_find_channel(struct live_index *index, struct str channel_id)
{
    struct live_session *session = map_find(&index->channels, channel_id);
    if (session == NULL || is_over(session, loop_now_us(index->loop)))
        return NULL;
    return session->published;
}

struct published *live_find_stream(struct live_index *index, struct str channel_id,
                                   struct str stream_id)
{
    struct live_session *session = map_find(&index->sessions, stream_id);
    if (session == NULL || is_over(session, loop_now_us(index->loop)) ||
        !str_equal(channel_id, str_of(session->published->channel_id)))
        return NULL;
    return session->published;
}

static int64_t hold_us(const struct live_waiter *waiter)
{
    const struct published_rendition *rendition = rendition_of(waiter);
    if (rendition == NULL)
        return 0;
    return reload_hold_us(rendition->target_duration,
                          waiter->session->published->state == PUBLISHED_GRACE);
}

/* The publisher may have been lost meanwhile: then the hold is longer (HL-45). */
static void on_hold_over(struct loop *loop, void *arg)
{
    struct live_waiter *waiter = arg;
    int64_t left_us = waiter->since_us + hold_us(waiter) - loop_now_us(loop);
    if (left_us > 0)
        loop_timer_start(loop, &waiter->timer, left_us, on_hold_over, waiter);
    else
        fail(waiter, ERR_TIMEOUT);
}

static bool count_in(atomic_uint *counter, unsigned max)
{
    if (atomic_fetch_add_explicit(counter, 1, memory_order_relaxed) < max)
        return true;
    atomic_fetch_sub_explicit(counter, 1, memory_order_relaxed);
    return false;
}

static uint64_t hash_of(const struct live_hub *hub, const void *bytes, size_t len)
{
    uint64_t hash;
    _Static_assert(sizeof(hash) == crypto_shorthash_BYTES, "the hash fills it");
    (void)crypto_shorthash((unsigned char *)&hash, bytes, len, hub->hash_key); /* always 0 */
    return hash;
}

static bool count_address_in(struct live_hub *hub, struct live_waiter *waiter,
                             const struct live_peer *peer)
{
    waiter->address_slot = -1;
    if (peer->is_trusted)
        return true;
    size_t slot = hash_of(hub, &peer->address, sizeof(peer->address)) % ADDRESS_SLOTS;
    if (atomic_fetch_add_explicit(&hub->by_address[slot], 1, memory_order_relaxed) >=
        LIVE_MAX_WAITERS_PER_ADDRESS) {
        atomic_fetch_sub_explicit(&hub->by_address[slot], 1, memory_order_relaxed);
        return false;
    }
    waiter->address_slot = (int32_t)slot;
    return true;
}

enum err live_wait(struct live_index *index, struct live_waiter *waiter,
                   struct published *published, const struct published_rendition *rendition,
                   const struct live_peer *peer)
{
    struct live_hub *hub = index->hub;
    struct live_session *session = map_find(&index->sessions, str_of(published->stream_id));
    if (session == NULL || atomic_load(&hub->is_draining))
        return ERR_CLOSED;
    if (!count_in(&hub->waiters, LIVE_MAX_WAITERS))
        return ERR_LIMIT;
    if (!count_address_in(hub, waiter, peer)) {
        atomic_fetch_sub_explicit(&hub->waiters, 1, memory_order_relaxed);
        return ERR_LIMIT;
    }
    metrics_add(index->metrics, METRIC_HTTP_WAITING_REQUESTS, 1);
    waiter->index = index;
    waiter->session = session;
    waiter->since_us = loop_now_us(index->loop);
    memcpy(waiter->rendition, rendition->id, sizeof(waiter->rendition));
    waiter->timer = (struct loop_timer){0};
    list_append(&session->waiters, &waiter->link);
    loop_timer_start(index->loop, &waiter->timer, hold_us(waiter), on_hold_over, waiter);
    return ERR_OK;
}

void live_cancel(struct live_waiter *waiter)
{
    if (waiter->session != NULL)
        release(waiter);
}

struct sighting_post {
    struct live_index *index;
    struct audience *audience; /* holds a reference */
    struct audience_sighting sighting;
};

static void on_sighting(struct loop *loop, void *arg)
{
    struct sighting_post *post = arg;
    audience_saw(post->index->audience, post->audience, &post->sighting, loop_now_us(loop));
    audience_unref(&post->audience);
    mem_free(post);
}

/* Players ask for playlists several times a second: what is known need not be told again. */
static bool is_news(struct live_index *index, const struct audience *audience,
                    const struct audience_sighting *sighting)
{
    const uint64_t parts[] = {(uint64_t)(uintptr_t)audience, sighting->address,
                              sighting->user_agent, sighting->vid};
    uint64_t hash = hash_of(index->hub, parts, sizeof(parts));
    struct recent *recent = &index->recent[hash % RECENT_SLOTS];
    int64_t now_us = loop_now_us(index->loop);
    if (recent->sighting == hash && now_us - recent->handed_on_us < RECENT_US)
        return false;
    *recent = (struct recent){.sighting = hash, .handed_on_us = now_us};
    return true;
}

void live_saw_viewer(struct live_index *index, struct published *published,
                     const struct live_sighting *seen)
{
    struct live_hub *hub = index->hub;
    struct audience_sighting sighting = {
        .address = seen->address,
        .user_agent = hash_of(hub, seen->user_agent.at, seen->user_agent.len),
        .vid = seen->vid.len > 0 ? hash_of(hub, seen->vid.at, seen->vid.len) : 0,
    };
    if (!is_news(index, published->audience, &sighting))
        return;
    /* All viewers at one address are counted on one loop. */
    uint64_t place = hash_of(hub, &sighting.address, sizeof(sighting.address));
    struct live_index *owner = hub->indexes[place % hub->count];
    if (owner == index) {
        audience_saw(owner->audience, published->audience, &sighting, loop_now_us(index->loop));
        return;
    }
    struct sighting_post *post = mem_alloc(sizeof(*post));
    *post = (struct sighting_post){
        .index = owner, .audience = audience_ref(published->audience), .sighting = sighting};
    loop_post(owner->loop, on_sighting, post);
}
