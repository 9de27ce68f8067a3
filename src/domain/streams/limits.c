#include "domain/streams/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_EDGE = 1920,
    MAX_PIXELS = 2100000,
    SMALL_EDGE = 480,
    BITS = 8,
    CEILING_S = 5,
    CEILING_FACTOR = 3,
};

static const int64_t hold_us = 10000000;
static const int64_t rearm_us = 60000000;
static const int64_t disconnect_us = 30000000; /* after the event */
static const int64_t advice_us = 60000000;
static const int64_t max_key_distance = 5LL * 90000;
static const uint64_t max_units_in_window = 605; /* 60.5 a second over 10 s */

static const char *const type_names[] = {
    [LIMITS_BASIC] = "BASIC",
    [LIMITS_STANDARD] = "STANDARD",
    [LIMITS_ADVANCED_SD] = "ADVANCED_SD",
    [LIMITS_ADVANCED_HD] = "ADVANCED_HD",
};

enum limits_type limits_type_find(struct str name)
{
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (str_equal(name, str_of(type_names[i])))
            return (enum limits_type)i;
    }
    return LIMITS_BASIC;
}

const char *limits_type_name(enum limits_type type)
{
    return type_names[type];
}

uint64_t limits_bitrate(enum limits_type type, uint32_t width, uint32_t height)
{
    if (type != LIMITS_BASIC)
        return 8500000;
    uint32_t edge = width < height ? width : height;
    return edge != 0 && edge <= SMALL_EDGE ? 1500000 : 3500000;
}

void limits_init(struct limits *limits, enum limits_type type, bool disconnects)
{
    *limits = (struct limits){.type = type, .disconnects = disconnects};
}

static void breach(struct event_batch *out, int64_t wall_us, const char *name,
                   const uint64_t numbers[2], const char *unit)
{
    struct event *event = event_add(out, wall_us, EVENT_LIMIT, name, NULL);
    (void)snprintf(event->detail, sizeof(event->detail),
                   "{\"limit_value\":%" PRIu64 ",\"exceeded_by\":%" PRIu64
                   ",\"limit_unit\":\"%s\"}",
                   numbers[0], numbers[1], unit);
}

/* True when the event is due. */
static bool follow(struct limits_excursion *excursion, bool is_over, int64_t hold, int64_t now_us)
{
    if (!is_over) {
        excursion->over_since_us = 0;
        if (excursion->under_since_us == 0)
            excursion->under_since_us = now_us;
        if (now_us - excursion->under_since_us >= rearm_us)
            excursion->is_on = false;
        return false;
    }
    excursion->under_since_us = 0;
    if (excursion->over_since_us == 0)
        excursion->over_since_us = now_us;
    if (excursion->is_on || now_us - excursion->over_since_us < hold)
        return false;
    excursion->is_on = true;
    excursion->told_us = now_us;
    return true;
}

/* How much a total grew in the last `seconds`. */
static uint64_t grown(const struct limits *limits, const uint64_t *totals, size_t seconds)
{
    size_t newest = limits->seconds - 1;
    size_t oldest = newest > seconds ? newest - seconds : 0;
    return totals[newest % (LIMITS_WINDOW_S + 1)] - totals[oldest % (LIMITS_WINDOW_S + 1)];
}

static void remember(struct limits *limits, const struct intake *intake)
{
    if (limits->seconds == 0)
        limits->seconds = 1; /* the totals began at zero */
    size_t place = limits->seconds++ % (LIMITS_WINDOW_S + 1);
    limits->bytes[place] = intake->video_bytes + intake->audio_bytes;
    limits->units[place] = intake->video_units;
}

static bool check_bitrate(struct limits *limits, const struct intake *intake,
                          struct session_now now, struct event_batch *out, char *reason)
{
    uint64_t cap = limits_bitrate(limits->type, intake->width, intake->height);
    uint64_t rate = grown(limits, limits->bytes, LIMITS_WINDOW_S) * BITS / LIMITS_WINDOW_S;
    bool is_over = rate > cap;
    if (follow(&limits->bitrate, is_over, hold_us, now.mono_us))
        breach(out, now.wall_us, "Ingest Bitrate", (uint64_t[2]){cap, rate - cap}, "bits/second");
    uint64_t burst = grown(limits, limits->bytes, CEILING_S) * BITS / CEILING_S;
    bool is_flood = burst > CEILING_FACTOR * cap;
    bool is_late = limits->disconnects && is_over && limits->bitrate.is_on &&
                   now.mono_us - limits->bitrate.told_us >= disconnect_us;
    if (!is_flood && !is_late)
        return false;
    (void)snprintf(reason, LIMITS_REASON_LEN,
                   "The bitrate is %" PRIu64 " kbit/s; the limit is %" PRIu64 " kbit/s.",
                   (is_flood ? burst : rate) / 1000, cap / 1000);
    return true;
}

static bool check_framerate(struct limits *limits, struct session_now now, struct event_batch *out,
                            char *reason)
{
    uint64_t units = grown(limits, limits->units, LIMITS_WINDOW_S);
    bool is_over = limits->seconds > LIMITS_WINDOW_S && units > max_units_in_window;
    if (!follow(&limits->framerate, is_over, 0, now.mono_us))
        return false;
    uint64_t fps = (units + LIMITS_WINDOW_S - 1) / LIMITS_WINDOW_S;
    breach(out, now.wall_us, "Ingest Framerate", (uint64_t[2]){60, fps - 60}, "frames/second");
    if (!limits->disconnects)
        return false;
    (void)snprintf(reason, LIMITS_REASON_LEN,
                   "The frame rate is %" PRIu64 "; the limit is 60 frames a second.", fps);
    return true;
}

static bool check_picture(struct limits *limits, const struct intake *intake,
                          struct session_now now, struct event_batch *out, char *reason)
{
    uint32_t width = intake->width;
    uint32_t height = intake->height;
    if (width == limits->width && height == limits->height)
        return false;
    limits->width = width;
    limits->height = height;
    uint32_t edge = width > height ? width : height;
    uint64_t pixels = (uint64_t)width * height;
    if (edge <= MAX_EDGE && pixels <= MAX_PIXELS)
        return false;
    if (edge > MAX_EDGE)
        breach(out, now.wall_us, "Ingest Resolution", (uint64_t[2]){MAX_EDGE, edge - MAX_EDGE},
               "pixels per edge");
    else
        breach(out, now.wall_us, "Ingest Resolution",
               (uint64_t[2]){MAX_PIXELS, pixels - MAX_PIXELS}, "total pixels");
    if (!limits->disconnects)
        return false;
    (void)snprintf(reason, LIMITS_REASON_LEN, "Video is %" PRIu32 "x%" PRIu32 "; the limit is %s.",
                   width, height,
                   edge > MAX_EDGE ? "1920 on each side" : "2.1 million pixels in all");
    return true;
}

/* Keyframes too far apart, or now near and now far: players join slowly, segments vary. */
static void advise(struct limits *limits, const struct intake *intake, struct session_now now,
                   struct event_batch *out)
{
    if (limits->starts != intake->starts) {
        limits->starts = intake->starts;
        limits->usual_distance = 0;
    }
    if (limits->keys == intake->keys)
        return;
    limits->keys = intake->keys;
    int64_t distance = intake->key_distance;
    int64_t usual = limits->usual_distance;
    limits->usual_distance = distance;
    bool is_uneven = usual != 0 && 4 * llabs(distance - usual) > usual;
    bool is_due = limits->advised_us == 0 || now.mono_us - limits->advised_us >= advice_us;
    if (!is_due || !(is_uneven || distance > max_key_distance))
        return;
    limits->advised_us = now.mono_us;
    event_add(out, now.wall_us, EVENT_ADVICE, "Keyframe Interval", NULL);
}

bool limits_step(struct limits *limits, const struct intake *intake, struct session_now now,
                 struct event_batch *out, char reason[LIMITS_REASON_LEN])
{
    remember(limits, intake);
    advise(limits, intake, now, out);
    bool ends = check_picture(limits, intake, now, out, reason);
    ends = check_framerate(limits, now, out, reason) || ends;
    return check_bitrate(limits, intake, now, out, reason) || ends;
}
