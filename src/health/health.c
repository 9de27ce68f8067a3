#include "health/health.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "domain/streams/starvation.h"

static const int64_t second_us = 1000000;

struct health {
    struct health_options options;
    struct loop_timer timer;
    struct list watches;
    size_t count;
    int64_t second; /* of the wall clock: the last one that was sampled */
};

struct health_watch {
    struct list link;
    struct health *health;
    struct health_stream stream;
    struct starvation starvation;
    struct limits limits;
    struct samples samples;
};

static void on_step(struct loop *loop, void *arg);

static void arm(struct health *health)
{
    loop_timer_start(health->options.loop, &health->timer, STARVATION_STEP_US, on_step, health);
}

struct health *health_create(const struct health_options *options)
{
    struct health *health = mem_zalloc(1, sizeof(*health));
    health->options = *options;
    list_init(&health->watches);
    return health;
}

static void free_watch(struct health_watch *watch)
{
    list_remove(&watch->link);
    watch->health->count--;
    mem_free(watch);
}

void health_destroy(struct health *health)
{
    if (health == NULL)
        return;
    LIST_FOR_EACH(node, &health->watches)
    {
        free_watch(LIST_ENTRY(node, struct health_watch, link));
    }
    loop_timer_stop(&health->timer);
    mem_free(health);
}

struct health_watch *health_start(struct health *health, const struct health_stream *stream)
{
    struct health_watch *watch = mem_zalloc(1, sizeof(*watch));
    watch->health = health;
    watch->stream = *stream;
    starvation_init(&watch->starvation);
    limits_init(&watch->limits, stream->type, health->options.disconnects);
    samples_init(&watch->samples);
    list_append(&health->watches, &watch->link);
    if (health->count++ == 0)
        arm(health);
    return watch;
}

void health_stop(struct health_watch *watch)
{
    if (watch == NULL)
        return;
    struct health *health = watch->health;
    const struct health_hooks *hooks = &health->options.hooks;
    struct health_row row = {.stream = &watch->stream};
    if (samples_finish(&watch->samples, &row.row))
        hooks->on_rows(hooks->arg, &row, 1);
    free_watch(watch);
    if (health->count == 0)
        loop_timer_stop(&health->timer);
}

/* A second is over. True: a row is complete. */
static bool step_second(struct health_watch *watch, struct session_now now,
                        struct event_batch *batch, struct health_row *out)
{
    const struct health_hooks *hooks = &watch->health->options.hooks;
    char reason[LIMITS_REASON_LEN];
    if (limits_step(&watch->limits, watch->stream.intake, now, batch, reason))
        hooks->on_excess(hooks->arg, &watch->stream, reason);
    unsigned viewers = hooks->count_viewers(hooks->arg, &watch->stream);
    out->stream = &watch->stream;
    return samples_step(&watch->samples, watch->stream.intake, viewers, now.wall_us, &out->row);
}

static void step_all(struct health *health, struct session_now now, bool is_second)
{
    const struct health_hooks *hooks = &health->options.hooks;
    struct health_row *rows = NULL;
    size_t row_count = 0;
    if (is_second)
        rows = mem_zalloc(health->count, sizeof(*rows));
    LIST_FOR_EACH(node, &health->watches)
    {
        struct health_watch *watch = LIST_ENTRY(node, struct health_watch, link);
        struct event_batch batch = {0};
        starvation_step(&watch->starvation, watch->stream.intake, now, &batch);
        if (is_second)
            row_count += step_second(watch, now, &batch, &rows[row_count]);
        if (batch.count > 0)
            hooks->on_events(hooks->arg, &watch->stream, &batch);
    }
    if (row_count > 0)
        hooks->on_rows(hooks->arg, rows, row_count);
    mem_free(rows);
}

static void on_step(struct loop *loop, void *arg)
{
    struct health *health = arg;
    struct session_now now = {.mono_us = loop_now_us(loop), .wall_us = clock_wall_us()};
    int64_t second = now.wall_us / second_us;
    bool is_second = second != health->second && health->second != 0;
    health->second = second;
    step_all(health, now, is_second);
    arm(health);
}
