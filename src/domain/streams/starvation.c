#include "domain/streams/starvation.h"

static const int64_t gap_us = 3000000;
static const int64_t stall_us = 1000000;
static const int64_t start_window_us = 10000000;
static const int64_t end_window_us = 5000000;
static const int64_t end_hold_us = 5000000;
static const int64_t min_history_us = 1000000; /* of the end rule after a restart */
static const int64_t between_starts_us = 10000000;
enum { START_PERCENT = 80, END_PERCENT = 95 };

void starvation_init(struct starvation *starvation)
{
    *starvation = (struct starvation){0};
}

/* A: the smaller of audio and video progress when both exist. */
static int64_t received(const struct intake *intake)
{
    int64_t time = intake->video_time;
    if (intake->has_audio && intake->audio_at_us >= intake->started_us && intake->audio_time < time)
        time = intake->audio_time;
    return time - intake->started_time;
}

static void remember(struct starvation *starvation, const struct intake *intake, int64_t now_us)
{
    if (starvation->starts != intake->starts) {
        starvation->starts = intake->starts;
        starvation->count = 0;
        starvation->good_since_us = 0;
    }
    size_t place = starvation->count++ % STARVATION_HISTORY;
    starvation->history[place].at_us = now_us;
    starvation->history[place].media = received(intake);
}

/* The rate over the trailing window in percent, or over all there is if that is at least
 * `min_us`; -1: too little history. */
static int64_t rate_percent(const struct starvation *starvation, int64_t window_us, int64_t min_us)
{
    size_t known = starvation->count < STARVATION_HISTORY ? starvation->count : STARVATION_HISTORY;
    size_t newest = (starvation->count - 1) % STARVATION_HISTORY;
    size_t oldest = newest;
    for (size_t back = 1; back < known; back++) {
        size_t place = (starvation->count - 1 - back) % STARVATION_HISTORY;
        if (starvation->history[newest].at_us - starvation->history[place].at_us > window_us)
            break;
        oldest = place;
    }
    int64_t wall_us = starvation->history[newest].at_us - starvation->history[oldest].at_us;
    if (wall_us < min_us || wall_us <= 0)
        return -1;
    int64_t media = starvation->history[newest].media - starvation->history[oldest].media;
    return media * 100 * 100 / 9 / wall_us; /* ticks to us, times 100 % */
}

struct cause {
    bool is_there;
    const char *code;
};

static struct cause find_gap(const struct intake *intake, int64_t now_us)
{
    bool no_video = now_us - intake->video_at_us >= gap_us;
    bool no_audio = now_us - intake->audio_at_us >= gap_us;
    if (!intake->is_connected || (no_video && (no_audio || !intake->has_audio)))
        return (struct cause){.is_there = true};
    if (no_video)
        return (struct cause){.is_there = true, .code = "VideoMissing"};
    if (no_audio && intake->has_audio)
        return (struct cause){.is_there = true, .code = "AudioMissing"};
    return (struct cause){0};
}

/* While one track stays away and the other flows, the rule with the codes decides. */
static bool is_slow(const struct starvation *starvation, const struct intake *intake,
                    int64_t now_us)
{
    bool no_video = now_us - intake->video_at_us >= stall_us;
    bool no_audio = now_us - intake->audio_at_us >= stall_us;
    if (intake->has_audio && no_video != no_audio)
        return false;
    int64_t rate = rate_percent(starvation, start_window_us, start_window_us);
    return rate >= 0 && rate < START_PERCENT;
}

static void look_for_start(struct starvation *starvation, struct cause cause,
                           struct session_now now, struct event_batch *out)
{
    bool is_early =
        starvation->has_started && now.mono_us - starvation->last_start_us < between_starts_us;
    if (!cause.is_there || is_early)
        return;
    starvation->is_starving = starvation->has_started = true;
    starvation->last_start_us = now.mono_us;
    starvation->good_since_us = 0;
    event_add(out, now.wall_us, EVENT_HEALTH, "Starvation Start", cause.code);
}

static void look_for_end(struct starvation *starvation, bool is_gap, struct session_now now,
                         struct event_batch *out)
{
    if (is_gap || rate_percent(starvation, end_window_us, min_history_us) < END_PERCENT) {
        starvation->good_since_us = 0;
        return;
    }
    if (starvation->good_since_us == 0)
        starvation->good_since_us = now.mono_us;
    if (now.mono_us - starvation->good_since_us < end_hold_us)
        return;
    starvation->is_starving = false;
    event_add(out, now.wall_us, EVENT_HEALTH, "Starvation End", NULL);
}

void starvation_step(struct starvation *starvation, const struct intake *intake,
                     struct session_now now, struct event_batch *out)
{
    if (intake->starts == 0)
        return; /* no media yet: the session's own time limit watches that */
    remember(starvation, intake, now.mono_us);
    struct cause cause = find_gap(intake, now.mono_us);
    if (starvation->is_starving) {
        look_for_end(starvation, cause.is_there, now, out);
        return;
    }
    cause.is_there = cause.is_there || is_slow(starvation, intake, now.mono_us);
    look_for_start(starvation, cause, now, out);
}
