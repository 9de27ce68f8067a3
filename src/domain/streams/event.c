#include "domain/streams/event.h"

#include <assert.h>
#include <string.h>

struct event *event_add(struct event_batch *batch, int64_t time_us, const char *type,
                        const char *name, const char *code)
{
    assert(batch->count < EVENT_BATCH_MAX);
    struct event *event = &batch->items[batch->count++];
    *event = (struct event){.time_us = time_us, .type = type, .name = name, .code = code};
    return event;
}

bool event_is_error(const struct event *event)
{
    return strcmp(event->type, EVENT_LIMIT) == 0 || strcmp(event->name, "Stream Failure") == 0;
}
