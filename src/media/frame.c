#include "media/frame.h"

#include "base/mem.h"

struct frame *frame_create(const struct frame *values)
{
    struct frame *frame = mem_alloc(sizeof(*frame));
    atomic_init(&frame->refs, 1);
    frame->kind = values->kind;
    frame->is_key = values->is_key;
    frame->dts = values->dts;
    frame->cts = values->cts;
    frame->samples = values->samples;
    frame->arrived_us = values->arrived_us;
    frame->payload = slice_ref(values->payload);
    frame->generation = generation_ref(values->generation);
    return frame;
}

struct frame *frame_ref(struct frame *frame)
{
    atomic_fetch_add_explicit(&frame->refs, 1, memory_order_relaxed);
    return frame;
}

void frame_unref(struct frame **holder)
{
    struct frame *frame = *holder;
    *holder = NULL;
    /* As in chunk_unref(): the freeing thread must see what the others did. */
    if (frame == NULL || atomic_fetch_sub_explicit(&frame->refs, 1, memory_order_acq_rel) > 1)
        return;
    slice_unref(&frame->payload);
    generation_unref(&frame->generation);
    mem_free(frame);
}

int64_t frame_time(const struct frame *frame, int64_t stamp)
{
    if (frame->kind == TRACK_VIDEO)
        return stamp;
    int64_t rate = frame->generation->audio.info.sample_rate;
    int64_t whole = stamp / rate;
    int64_t rest = stamp % rate;
    if (rest < 0) { /* rounded down, not toward zero */
        whole--;
        rest += rate;
    }
    return whole * MEDIA_TIMESCALE + rest * MEDIA_TIMESCALE / rate;
}
