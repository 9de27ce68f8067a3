#include "packager/frame_queue.h"

#include "check.h"

static void push(struct frame_queue *queue, int64_t dts)
{
    struct generation *generation = generation_create();
    struct frame *frame = frame_create(&(struct frame){
        .dts = dts, .payload = slice_static("0123456789", 10), .generation = generation});
    frame_queue_push(queue, frame);
    frame_unref(&frame);
    generation_unref(&generation);
}

static void frames_keep_their_order(void)
{
    struct frame_queue queue = {0};
    int64_t in = 0, out = 0;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 7 + round % 5; i++)
            push(&queue, in++);
        size_t some = queue.count * 2 / 3;
        for (size_t i = 0; i < queue.count; i++)
            CHECK_EQ(out + (int64_t)i, frame_queue_all(&queue)[i]->dts);
        CHECK_EQ(10 * queue.count, queue.bytes);
        frame_queue_drop(&queue, some);
        out += (int64_t)some;
        CHECK_EQ(in - out, queue.count);
    }
    CHECK(queue.cap <= 64);
    frame_queue_finish(&queue);
    CHECK_EQ(0, queue.bytes);
    frame_queue_finish(&queue);
}

static void it_grows_as_needed(void)
{
    struct frame_queue queue = {0};
    for (int64_t i = 0; i < 1000; i++)
        push(&queue, i);
    CHECK_EQ(1000, queue.count);
    CHECK_EQ(0, frame_queue_all(&queue)[0]->dts);
    CHECK_EQ(999, frame_queue_all(&queue)[999]->dts);
    frame_queue_finish(&queue);
}

int main(void)
{
    RUN(frames_keep_their_order);
    RUN(it_grows_as_needed);
    return check_report();
}
