#include "domain/streams/event.h"

#include "check.h"

#include <string.h>

static void events_are_kept_in_order(void)
{
    struct event_batch batch = {0};
    event_add(&batch, 7, EVENT_STATE, "Session Created", NULL);
    struct event *second = event_add(&batch, 8, EVENT_STATE, "Session Ended", "Timeout");
    CHECK_EQ(2, batch.count);
    CHECK(second == &batch.items[1]);
    CHECK_EQ(7, batch.items[0].time_us);
    CHECK(batch.items[0].code == NULL);
    CHECK_EQ(0, strcmp("Timeout", batch.items[1].code));
    CHECK_EQ('\0', second->detail[0]);
}

static void limits_and_failures_are_errors(void)
{
    static const struct {
        const char *type, *name;
        bool is_error;
    } cases[] = {
        {EVENT_STATE, "Session Created", false},   {EVENT_STATE, "Stream Failure", true},
        {EVENT_HEALTH, "Starvation Start", false}, {EVENT_LIMIT, "Ingest Bitrate", true},
        {EVENT_LIMIT, "Ingest Framerate", true},   {EVENT_ADVICE, "Keyframe Interval", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event event = {.type = cases[i].type, .name = cases[i].name};
        CHECK_EQ(cases[i].is_error, event_is_error(&event));
    }
}

int main(void)
{
    RUN(events_are_kept_in_order);
    RUN(limits_and_failures_are_errors);
    return check_report();
}
