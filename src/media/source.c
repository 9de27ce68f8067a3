#include "media/source.h"

#include "base/mem.h"

#include <assert.h>

/* A break and the end always find room: a subscriber that missed one would wait for ever. */
enum { RESERVED_ITEMS = 2, FIRST_CAP = 16 };

struct source {
    struct list subscribers;
};

struct source *source_create(void)
{
    struct source *source = mem_zalloc(1, sizeof(*source));
    list_init(&source->subscribers);
    return source;
}

static void detach(struct subscriber *subscriber)
{
    list_remove(&subscriber->link);
    subscriber->source = NULL;
}

void source_destroy(struct source *source)
{
    if (source == NULL)
        return;
    LIST_FOR_EACH(node, &source->subscribers)
    {
        detach(LIST_ENTRY(node, struct subscriber, link));
    }
    mem_free(source);
}

void source_subscribe(struct source *source, struct subscriber *subscriber)
{
    assert(subscriber->source == NULL && subscriber->max_items > 0);
    subscriber->source = source;
    subscriber->awaits_key = true;
    list_append(&source->subscribers, &subscriber->link);
}

void source_item_finish(struct source_item *item)
{
    frame_unref(&item->frame);
    slice_unref(&item->metadata);
}

static struct source_item *item_at(const struct subscriber *subscriber, size_t place)
{
    return &subscriber->items[(subscriber->first + place) % subscriber->cap];
}

static size_t payload_len(const struct source_item *item)
{
    return item->kind == SOURCE_FRAME ? item->frame->payload.len : item->metadata.len;
}

void source_unsubscribe(struct subscriber *subscriber)
{
    for (size_t i = 0; i < subscriber->count; i++)
        source_item_finish(item_at(subscriber, i));
    mem_free(subscriber->items);
    subscriber->items = NULL;
    subscriber->first = subscriber->count = subscriber->cap = subscriber->bytes = 0;
    subscriber->is_waking = false;
    if (subscriber->source != NULL)
        detach(subscriber);
}

static void grow(struct subscriber *subscriber)
{
    size_t cap = subscriber->cap == 0 ? FIRST_CAP : subscriber->cap * 2;
    struct source_item *items = mem_zalloc(cap, sizeof(*items));
    for (size_t i = 0; i < subscriber->count; i++)
        items[i] = *item_at(subscriber, i);
    mem_free(subscriber->items);
    subscriber->items = items;
    subscriber->first = 0;
    subscriber->cap = cap;
}

/* Takes over the item's references. */
static void push(struct subscriber *subscriber, const struct source_item *item)
{
    if (subscriber->count == subscriber->cap)
        grow(subscriber);
    subscriber->bytes += payload_len(item);
    subscriber->count++;
    *item_at(subscriber, subscriber->count - 1) = *item;
    if (subscriber->count == 1)
        subscriber->is_waking = true;
}

static bool is_full(const struct subscriber *subscriber, size_t more_bytes)
{
    return subscriber->count >= subscriber->max_items ||
           subscriber->bytes + more_bytes > subscriber->max_bytes;
}

/* Drops the frames in the queue, and the metadata with them if `all`. Breaks stay, one for many. */
static void drop_queued(struct subscriber *subscriber, bool all)
{
    size_t kept = 0;
    bool was_break = false;
    subscriber->bytes = 0;
    for (size_t i = 0; i < subscriber->count; i++) {
        struct source_item item = *item_at(subscriber, i);
        bool is_extra = item.kind == SOURCE_BREAK && was_break;
        bool is_lost = item.kind == SOURCE_FRAME || (item.kind == SOURCE_METADATA && all);
        subscriber->skipped += item.kind == SOURCE_FRAME;
        if (is_extra || is_lost) {
            source_item_finish(&item);
            continue;
        }
        was_break = item.kind == SOURCE_BREAK;
        subscriber->bytes += payload_len(&item);
        *item_at(subscriber, kept++) = item;
    }
    subscriber->count = kept;
}

/* Called once per item; a callback may take, subscribe and unsubscribe as it likes. */
static void wake(struct source *source)
{
    struct list *node = source->subscribers.next;
    while (node != &source->subscribers) {
        struct subscriber *subscriber = LIST_ENTRY(node, struct subscriber, link);
        node = node->next;
        if (!subscriber->is_waking)
            continue;
        subscriber->is_waking = false;
        subscriber->on_ready(subscriber);
        node = source->subscribers.next; /* the list may have changed */
    }
}

static void offer_frame(struct subscriber *subscriber, struct frame *frame)
{
    bool is_start = frame->kind == TRACK_VIDEO && frame->is_key;
    if (subscriber->awaits_key && !is_start) {
        subscriber->skipped += subscriber->has_started;
        return;
    }
    if (is_full(subscriber, frame->payload.len)) {
        drop_queued(subscriber, false);
        subscriber->awaits_key = true;
        /* The keyframe itself can go in at once; a queue full of metadata alone loses that too. */
        if (is_start && is_full(subscriber, frame->payload.len))
            drop_queued(subscriber, true);
        if (!is_start || is_full(subscriber, frame->payload.len)) {
            subscriber->skipped++;
            return;
        }
    }
    subscriber->awaits_key = false;
    subscriber->has_started = true;
    push(subscriber, &(struct source_item){.kind = SOURCE_FRAME, .frame = frame_ref(frame)});
}

void source_send_frame(struct source *source, struct frame *frame)
{
    LIST_FOR_EACH(node, &source->subscribers)
    {
        offer_frame(LIST_ENTRY(node, struct subscriber, link), frame);
    }
    wake(source);
}

static void offer_metadata(struct subscriber *subscriber, const struct source_item *item)
{
    if (is_full(subscriber, item->metadata.len)) {
        drop_queued(subscriber, false);
        subscriber->awaits_key = true;
    }
    if (is_full(subscriber, item->metadata.len))
        return;
    struct source_item copy = *item;
    copy.metadata = slice_ref(item->metadata);
    push(subscriber, &copy);
}

void source_send_metadata(struct source *source, struct slice payload, uint32_t id, int64_t time)
{
    struct source_item item = {
        .kind = SOURCE_METADATA, .metadata = payload, .metadata_id = id, .time = time};
    LIST_FOR_EACH(node, &source->subscribers)
    {
        offer_metadata(LIST_ENTRY(node, struct subscriber, link), &item);
    }
    wake(source);
}

static void send_mark(struct source *source, enum source_item_kind kind)
{
    LIST_FOR_EACH(node, &source->subscribers)
    {
        struct subscriber *subscriber = LIST_ENTRY(node, struct subscriber, link);
        if (subscriber->count >= subscriber->max_items + RESERVED_ITEMS - 1)
            drop_queued(subscriber, true);
        push(subscriber, &(struct source_item){.kind = kind});
    }
    wake(source);
}

void source_send_break(struct source *source)
{
    send_mark(source, SOURCE_BREAK);
}

void source_send_end(struct source *source)
{
    send_mark(source, SOURCE_END);
}

enum err source_take(struct subscriber *subscriber, struct source_item *out)
{
    if (subscriber->count == 0)
        return ERR_AGAIN;
    *out = *item_at(subscriber, 0);
    subscriber->first = (subscriber->first + 1) % subscriber->cap;
    subscriber->count--;
    subscriber->bytes -= payload_len(out);
    return ERR_OK;
}
