#include "media/generation.h"

#include "base/mem.h"

struct generation *generation_create(void)
{
    struct generation *generation = mem_zalloc(1, sizeof(*generation));
    atomic_init(&generation->refs, 1);
    return generation;
}

struct generation *generation_ref(struct generation *generation)
{
    atomic_fetch_add_explicit(&generation->refs, 1, memory_order_relaxed);
    return generation;
}

void generation_unref(struct generation **holder)
{
    struct generation *generation = *holder;
    *holder = NULL;
    /* Release orders this holder's reads before the free; acquire makes the freeing thread see
     * them. */
    if (generation == NULL ||
        atomic_fetch_sub_explicit(&generation->refs, 1, memory_order_acq_rel) > 1)
        return;
    chunk_unref(&generation->video.avcc);
    chunk_unref(&generation->audio.config);
    mem_free(generation);
}
