#include "media/generation.h"

#include "check.h"

#include <pthread.h>

static void count_release(struct chunk *chunk)
{
    atomic_fetch_add((atomic_int *)(void *)chunk->at, 1);
}

static struct chunk *counted(atomic_int *released)
{
    return chunk_adopt((void *)(uintptr_t)released, sizeof(*released), count_release);
}

static void the_last_holder_drops_both_configurations(void)
{
    atomic_int avcc = 0;
    atomic_int config = 0;
    struct generation *generation = generation_create();
    CHECK_EQ(0, generation->number);
    CHECK(!generation->has_audio);
    generation->video.avcc = counted(&avcc);
    generation->audio.config = counted(&config);
    struct generation *second = generation_ref(generation);
    generation_unref(&generation);
    CHECK(generation == NULL);
    CHECK_EQ(0, avcc);
    generation_unref(&second);
    CHECK_EQ(1, avcc);
    CHECK_EQ(1, config);
    generation_unref(&second); /* nothing to drop */
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *hold_and_drop(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct generation *mine = generation_ref(arg);
        generation_unref(&mine);
    }
    struct generation *last = arg;
    generation_unref(&last);
    return NULL;
}

static void references_may_be_dropped_on_any_thread(void)
{
    atomic_int avcc = 0;
    struct generation *generation = generation_create();
    generation->video.avcc = counted(&avcc);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        (void)generation_ref(generation); /* the thread's own */
        CHECK_EQ(0, pthread_create(&threads[i], NULL, hold_and_drop, generation));
    }
    generation_unref(&generation);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(1, avcc);
}

int main(void)
{
    RUN(the_last_holder_drops_both_configurations);
    RUN(references_may_be_dropped_on_any_thread);
    return check_report();
}
