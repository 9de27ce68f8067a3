#include "media/source.h"

#include "base/mem.h"
#include "check.h"

#include <string.h>

enum { PAYLOAD = 10, NO_LIMIT = 1 << 20 };

static struct generation *generation;

static void send_payload(struct source *source, enum track_kind kind, bool is_key, int64_t dts,
                         size_t len)
{
    struct chunk *chunk = chunk_create(len);
    struct frame *frame = frame_create(&(struct frame){.kind = kind,
                                                       .is_key = is_key,
                                                       .dts = dts,
                                                       .payload = slice_of(chunk),
                                                       .generation = generation});
    source_send_frame(source, frame);
    frame_unref(&frame);
    chunk_unref(&chunk);
}

static void send_key(struct source *source, int64_t dts)
{
    send_payload(source, TRACK_VIDEO, true, dts, PAYLOAD);
}

static void send_inter(struct source *source, int64_t dts)
{
    send_payload(source, TRACK_VIDEO, false, dts, PAYLOAD);
}

static void send_audio(struct source *source, int64_t dts)
{
    send_payload(source, TRACK_AUDIO, true, dts, PAYLOAD);
}

struct viewer {
    struct subscriber subscriber;
    unsigned ready; /* calls */
    bool takes_all;
    struct viewer *unsubscribes; /* when it becomes ready */
    unsigned taken;
};

static void on_ready(struct subscriber *subscriber)
{
    struct viewer *viewer = (struct viewer *)(void *)subscriber;
    viewer->ready++;
    if (viewer->unsubscribes != NULL)
        source_unsubscribe(&viewer->unsubscribes->subscriber);
    struct source_item item;
    while (viewer->takes_all && source_take(subscriber, &item) == ERR_OK) {
        viewer->taken++;
        source_item_finish(&item);
    }
}

static void subscribe(struct source *source, struct viewer *viewer, size_t max_items,
                      size_t max_bytes)
{
    *viewer = (struct viewer){.subscriber = {
                                  .on_ready = on_ready,
                                  .max_items = max_items,
                                  .max_bytes = max_bytes,
                              }};
    source_subscribe(source, &viewer->subscriber);
}

/* The queue as text: K, f, a with the stamp; M with the id; B, E. Takes everything. */
static const char *drain(struct viewer *viewer)
{
    static char text[512];
    size_t len = 0;
    struct source_item item;
    text[0] = '\0';
    while (source_take(&viewer->subscriber, &item) == ERR_OK) {
        if (item.kind == SOURCE_FRAME)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%d ",
                                    item.frame->kind == TRACK_AUDIO ? 'a'
                                    : item.frame->is_key            ? 'K'
                                                                    : 'f',
                                    (int)item.frame->dts);
        else if (item.kind == SOURCE_METADATA)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "M%u@%d ", item.metadata_id,
                                    (int)item.time);
        else
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%c ",
                                    item.kind == SOURCE_BREAK ? 'B' : 'E');
        source_item_finish(&item);
    }
    if (len > 0)
        text[len - 1] = '\0';
    return text;
}

#define CHECK_TEXT(want, got) check_text(want, got, __LINE__)

static void check_text(const char *want, const char *got, int line)
{
    if (strcmp(want, got) != 0)
        printf("line %d: want \"%s\", got \"%s\"\n", line, want, got);
    CHECK(strcmp(want, got) == 0);
}

static void send_note(struct source *source, uint32_t id, int64_t time)
{
    source_send_metadata(source, slice_static("note", 4), id, time);
}

static void a_subscriber_starts_at_a_keyframe(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 100, NO_LIMIT);
    send_inter(source, 1);
    send_audio(source, 2);
    CHECK_EQ(0, viewer.ready);
    send_key(source, 3);
    send_audio(source, 4);
    send_inter(source, 5);
    CHECK_TEXT("K3 a4 f5", drain(&viewer));
    CHECK_EQ(0, viewer.subscriber.skipped); /* what it never asked for is not lost */
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void everybody_gets_the_same_bytes(void)
{
    struct source *source = source_create();
    struct viewer first;
    struct viewer second;
    subscribe(source, &first, 100, NO_LIMIT);
    subscribe(source, &second, 100, NO_LIMIT);
    send_key(source, 1);
    struct source_item a;
    struct source_item b;
    CHECK_EQ(ERR_OK, source_take(&first.subscriber, &a));
    CHECK_EQ(ERR_OK, source_take(&second.subscriber, &b));
    CHECK(a.frame == b.frame);
    CHECK_EQ(2, a.frame->refs);
    source_item_finish(&a);
    source_item_finish(&b);
    source_unsubscribe(&first.subscriber);
    source_unsubscribe(&second.subscriber);
    source_destroy(source);
}

static void ready_is_told_once_until_the_queue_was_empty(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 100, NO_LIMIT);
    send_key(source, 1);
    send_inter(source, 2);
    CHECK_EQ(1, viewer.ready);
    (void)drain(&viewer);
    send_inter(source, 3);
    CHECK_EQ(2, viewer.ready);
    (void)drain(&viewer);
    source_send_break(source);
    CHECK_EQ(3, viewer.ready);
    viewer.takes_all = true;
    (void)drain(&viewer);
    send_inter(source, 4);
    send_inter(source, 5);
    CHECK_EQ(5, viewer.ready);
    CHECK_EQ(2, viewer.taken);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void a_slow_subscriber_skips_to_the_next_keyframe(void)
{
    struct source *source = source_create();
    struct viewer slow;
    struct viewer quick;
    subscribe(source, &slow, 3, NO_LIMIT);
    subscribe(source, &quick, 3, NO_LIMIT);
    quick.takes_all = true;
    send_key(source, 1);
    send_inter(source, 2);
    send_inter(source, 3); /* the queue is full, not over */
    CHECK_EQ(0, slow.subscriber.skipped);
    send_inter(source, 4);
    CHECK_EQ(4, slow.subscriber.skipped);
    CHECK_EQ(0, slow.subscriber.count);
    CHECK_EQ(0, slow.subscriber.bytes);
    send_audio(source, 5);
    send_inter(source, 6);
    CHECK_EQ(6, slow.subscriber.skipped);
    send_key(source, 7);
    send_inter(source, 8);
    CHECK_TEXT("K7 f8", drain(&slow));
    CHECK_EQ(8, quick.taken);
    CHECK_EQ(0, quick.subscriber.skipped);
    source_unsubscribe(&slow.subscriber);
    source_unsubscribe(&quick.subscriber);
    source_destroy(source);
}

static void a_keyframe_that_finds_the_queue_full_starts_it_anew(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 3, NO_LIMIT);
    send_key(source, 1);
    send_inter(source, 2);
    send_inter(source, 3);
    send_key(source, 4);
    send_inter(source, 5);
    CHECK_TEXT("K4 f5", drain(&viewer));
    CHECK_EQ(3, viewer.subscriber.skipped);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void bytes_are_bounded_too(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 100, 20);
    send_key(source, 1);
    send_inter(source, 2);
    CHECK_EQ(20, viewer.subscriber.bytes);
    send_payload(source, TRACK_VIDEO, false, 3, 1);
    CHECK_EQ(0, viewer.subscriber.count);
    send_payload(source, TRACK_VIDEO, true, 4, 21); /* can never fit */
    CHECK_EQ(0, viewer.subscriber.count);
    send_payload(source, TRACK_VIDEO, true, 5, 20);
    CHECK_TEXT("K5", drain(&viewer));
    CHECK_EQ(0, viewer.subscriber.bytes);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void marks_and_metadata_survive_an_overflow(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 6, NO_LIMIT);
    send_key(source, 1);
    send_note(source, 1, 10);
    source_send_break(source);
    send_key(source, 2);
    source_send_break(source);
    send_note(source, 2, 20);
    send_key(source, 3); /* too many */
    CHECK_TEXT("M1@10 B M2@20 K3", drain(&viewer));
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void metadata_alone_is_bounded(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 3, NO_LIMIT);
    send_key(source, 1);
    for (uint32_t id = 1; id <= 9; id++)
        send_note(source, id, id);
    CHECK_EQ(3, viewer.subscriber.count);
    CHECK_EQ(12, viewer.subscriber.bytes);
    send_inter(source, 1); /* the frames before it were dropped */
    CHECK_EQ(3, viewer.subscriber.count);
    send_key(source, 2);
    CHECK_TEXT("K2", drain(&viewer));
    CHECK_EQ(0, viewer.subscriber.bytes);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void metadata_carries_its_own_reference(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 3, NO_LIMIT);
    struct chunk *chunk = chunk_copy("hello", 5);
    source_send_metadata(source, slice_of(chunk), 7, 900000);
    CHECK_EQ(2, chunk->refs);
    struct source_item item;
    CHECK_EQ(ERR_OK, source_take(&viewer.subscriber, &item));
    CHECK_EQ(SOURCE_METADATA, item.kind);
    CHECK_EQ(7, item.metadata_id);
    CHECK_EQ(900000, item.time);
    CHECK_EQ(5, item.metadata.len);
    source_item_finish(&item);
    CHECK_EQ(1, chunk->refs);
    chunk_unref(&chunk);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void the_end_always_arrives(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 2, NO_LIMIT);
    send_key(source, 1);
    send_inter(source, 2);
    for (int i = 0; i < 50; i++) {
        source_send_break(source);
        CHECK(viewer.subscriber.count <= 3);
    }
    source_send_end(source);
    CHECK(viewer.subscriber.count <= 3);
    source_destroy(source);
    CHECK(viewer.subscriber.source == NULL);
    const char *text = drain(&viewer); /* what was queued outlives the source */
    CHECK(text[strlen(text) - 1] == 'E');
    CHECK(strchr(text, 'B') != NULL);
    struct source_item item;
    CHECK_EQ(ERR_AGAIN, source_take(&viewer.subscriber, &item));
    source_unsubscribe(&viewer.subscriber);
}

static void a_break_finds_room_in_a_full_queue(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 2, NO_LIMIT);
    send_key(source, 1);
    send_inter(source, 2);
    source_send_break(source);
    CHECK_TEXT("K1 f2 B", drain(&viewer));
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

static void leaving_drops_what_was_queued(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 100, NO_LIMIT);
    struct chunk *chunk = chunk_copy("hello", 5);
    source_send_metadata(source, slice_of(chunk), 1, 1);
    source_unsubscribe(&viewer.subscriber);
    CHECK_EQ(1, chunk->refs);
    CHECK_EQ(0, viewer.subscriber.count);
    source_unsubscribe(&viewer.subscriber); /* once more does no harm */
    send_key(source, 1);
    CHECK_EQ(0, viewer.subscriber.count);
    CHECK_EQ(1, viewer.ready);
    chunk_unref(&chunk);
    source_destroy(source);
}

static void anybody_may_leave_while_others_are_told(void)
{
    struct source *source = source_create();
    struct viewer first;
    struct viewer second;
    struct viewer third;
    subscribe(source, &first, 100, NO_LIMIT);
    subscribe(source, &second, 100, NO_LIMIT);
    subscribe(source, &third, 100, NO_LIMIT);
    first.unsubscribes = &second;
    third.unsubscribes = &third;
    send_key(source, 1);
    CHECK_EQ(1, first.ready);
    CHECK_EQ(0, second.ready);
    CHECK_EQ(1, third.ready);
    CHECK_EQ(0, third.subscriber.count);
    first.unsubscribes = NULL;
    CHECK_TEXT("K1", drain(&first));
    source_subscribe(source, &second.subscriber); /* with nothing to be told yet */
    send_inter(source, 2);
    CHECK_EQ(0, second.ready);
    source_unsubscribe(&second.subscriber);
    source_unsubscribe(&first.subscriber);
    source_destroy(source);
}

static void a_long_queue_wraps_around(void)
{
    struct source *source = source_create();
    struct viewer viewer;
    subscribe(source, &viewer, 100, NO_LIMIT);
    send_key(source, 0);
    int64_t next = 0;
    for (int64_t sent = 1; sent <= 200; sent++) {
        send_inter(source, sent);
        struct source_item item;
        if (sent % 3 == 0)
            continue; /* so that it grows on the way */
        CHECK_EQ(ERR_OK, source_take(&viewer.subscriber, &item));
        CHECK_EQ(next++, item.frame->dts);
        source_item_finish(&item);
    }
    CHECK_EQ(201 - next, (int64_t)viewer.subscriber.count);
    CHECK_EQ(PAYLOAD * viewer.subscriber.count, viewer.subscriber.bytes);
    source_unsubscribe(&viewer.subscriber);
    source_destroy(source);
}

int main(void)
{
    generation = generation_create();
    RUN(a_subscriber_starts_at_a_keyframe);
    RUN(everybody_gets_the_same_bytes);
    RUN(ready_is_told_once_until_the_queue_was_empty);
    RUN(a_slow_subscriber_skips_to_the_next_keyframe);
    RUN(a_keyframe_that_finds_the_queue_full_starts_it_anew);
    RUN(bytes_are_bounded_too);
    RUN(marks_and_metadata_survive_an_overflow);
    RUN(metadata_alone_is_bounded);
    RUN(metadata_carries_its_own_reference);
    RUN(the_end_always_arrives);
    RUN(a_break_finds_room_in_a_full_queue);
    RUN(leaving_drops_what_was_queued);
    RUN(anybody_may_leave_while_others_are_told);
    RUN(a_long_queue_wraps_around);
    CHECK_EQ(1, generation->refs);
    generation_unref(&generation);
    return check_report();
}
