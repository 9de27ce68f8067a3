/*
 * What happens to a stream session, by the names that clients know (api 6.6). All texts are static.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_STATE  "IVS Stream State Change"
#define EVENT_HEALTH "IVS Stream Health Change"
#define EVENT_LIMIT  "IVS Limit Breach"
/* Advice that changes neither isHealthy nor hasErrorEvent: Keyframe Interval, Timestamps. */
#define EVENT_ADVICE "Klieg Stream Advice"

enum { EVENT_DETAIL_LEN = 128 };

struct event {
    int64_t time_us; /* wall clock */
    const char *type;
    const char *name;
    const char *code;              /* or NULL */
    char detail[EVENT_DETAIL_LEN]; /* a JSON object, or "" */
};

/* The events of one step, in order. */
enum { EVENT_BATCH_MAX = 8 };
struct event_batch {
    size_t count;
    struct event items[EVENT_BATCH_MAX];
};

/* `code` may be NULL. The new event, for its detail. */
struct event *event_add(struct event_batch *, int64_t time_us, const char *type, const char *name,
                        const char *code);

/* Whether it makes hasErrorEvent true (api D41). */
bool event_is_error(const struct event *);
