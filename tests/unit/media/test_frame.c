#include "media/frame.h"

#include "check.h"

#include <pthread.h>

static struct generation *generation_at(uint32_t sample_rate)
{
    struct generation *generation = generation_create();
    generation->has_audio = true;
    generation->audio.info.sample_rate = sample_rate;
    return generation;
}

static void a_frame_holds_its_payload_and_generation(void)
{
    struct generation *generation = generation_at(48000);
    struct chunk *chunk = chunk_copy("abcdef", 6);
    struct frame *frame = frame_create(&(struct frame){
        .kind = TRACK_AUDIO,
        .is_key = true,
        .dts = 480000,
        .cts = -7,
        .samples = 1024,
        .arrived_us = 99,
        .payload = {.chunk = chunk, .at = chunk->at + 2, .len = 3},
        .generation = generation,
    });
    CHECK_EQ(2, chunk->refs);
    CHECK_EQ(2, generation->refs);
    chunk_unref(&chunk);
    generation_unref(&generation);
    CHECK_EQ(TRACK_AUDIO, frame->kind);
    CHECK(frame->is_key);
    CHECK_EQ(480000, frame->dts);
    CHECK_EQ(-7, frame->cts);
    CHECK_EQ(1024, frame->samples);
    CHECK_EQ(99, frame->arrived_us);
    CHECK_EQ('c', frame->payload.at[0]);
    CHECK_EQ(3, frame->payload.len);

    struct frame *second = frame_ref(frame);
    frame_unref(&frame);
    CHECK(frame == NULL);
    CHECK_EQ('d', second->payload.at[1]);
    frame_unref(&second);
    frame_unref(&second); /* nothing to drop */
}

static void stamps_become_media_time_rounded_down(void)
{
    static const struct {
        enum track_kind kind;
        uint32_t rate;
        int64_t stamp, want;
    } cases[] = {
        {TRACK_VIDEO, 48000, 900000, 900000},
        {TRACK_AUDIO, 48000, 480000, 900000},
        {TRACK_AUDIO, 48000, 480001, 900001}, /* 1.875 ticks */
        {TRACK_AUDIO, 44100, 441000, 900000},
        {TRACK_AUDIO, 44100, 1, 2},
        {TRACK_AUDIO, 48000, -1, -2},
        {TRACK_AUDIO, 48000, -48000, -90000},
        {TRACK_AUDIO, 8000, 1LL << 50,
         (1LL << 50) / 8000 * 90000 + (1LL << 50) % 8000 * 90000 / 8000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct generation *generation = generation_at(cases[i].rate);
        struct frame *frame =
            frame_create(&(struct frame){.kind = cases[i].kind, .generation = generation});
        CHECK_EQ(cases[i].want, frame_time(frame, cases[i].stamp));
        frame_unref(&frame);
        generation_unref(&generation);
    }
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *hold_and_drop(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct frame *mine = frame_ref(arg);
        frame_unref(&mine);
    }
    struct frame *last = arg;
    frame_unref(&last);
    return NULL;
}

static void references_may_be_dropped_on_any_thread(void)
{
    struct generation *generation = generation_at(48000);
    struct chunk *chunk = chunk_copy("x", 1);
    struct frame *frame = frame_create(
        &(struct frame){.kind = TRACK_VIDEO, .payload = slice_of(chunk), .generation = generation});
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        (void)frame_ref(frame); /* the thread's own */
        CHECK_EQ(0, pthread_create(&threads[i], NULL, hold_and_drop, frame));
    }
    frame_unref(&frame);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(1, chunk->refs);
    CHECK_EQ(1, generation->refs);
    chunk_unref(&chunk);
    generation_unref(&generation);
}

int main(void)
{
    RUN(a_frame_holds_its_payload_and_generation);
    RUN(stamps_become_media_time_rounded_down);
    RUN(references_may_be_dropped_on_any_thread);
    return check_report();
}
