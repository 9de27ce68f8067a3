#include "domain/streams/takeover.h"

#include <string.h>

static const int64_t fight_window_us = 60000000;
static const int64_t fight_penalty_us = 30000000;
static const int64_t silent_us = 3000000;
static const int64_t cool_down_us = 10000000;

/* Media rule IN-21: true if this one is one too many. */
static bool is_fight(struct takeover *takeover, int64_t now_us)
{
    if (now_us < takeover->fight_until_us)
        return true;
    size_t oldest = takeover->recent_count % TAKEOVER_FIGHT_COUNT;
    bool is_full = takeover->recent_count >= TAKEOVER_FIGHT_COUNT;
    if (is_full && now_us - takeover->recent_us[oldest] < fight_window_us) {
        takeover->fight_until_us = now_us + fight_penalty_us;
        return true;
    }
    takeover->recent_us[oldest] = now_us;
    takeover->recent_count++;
    return false;
}

enum takeover_verdict takeover_decide(struct takeover *takeover,
                                      const struct takeover_current *current, uint32_t priority,
                                      int64_t now_us)
{
    bool has_priority = priority > 0 || current->priority > 0;
    bool is_silent = current->silent_us >= silent_us;
    if (has_priority && priority <= current->priority && !is_silent)
        return TAKEOVER_REFUSED_PRIORITY;
    if (takeover->in_session >= TAKEOVER_SESSION_MAX)
        return TAKEOVER_REFUSED_COUNT;
    /* Replacing a dead connection is no fight: encoders on a bad network come back often. */
    if (!has_priority && !is_silent && is_fight(takeover, now_us))
        return TAKEOVER_REFUSED_FIGHT;
    takeover->in_session++;
    return TAKEOVER_PROBE;
}

void takeover_start_session(struct takeover *takeover)
{
    takeover->in_session = 0;
}

void takeover_cool_down(struct takeover *takeover, const char *reason, int64_t now_us)
{
    takeover->cool_until_us = now_us + cool_down_us;
    takeover->cool_reason = reason;
}

const char *takeover_cooling(const struct takeover *takeover, int64_t now_us)
{
    return now_us < takeover->cool_until_us ? takeover->cool_reason : NULL;
}

bool takeover_is_idle(const struct takeover *takeover, int64_t now_us)
{
    size_t newest = (takeover->recent_count + TAKEOVER_FIGHT_COUNT - 1) % TAKEOVER_FIGHT_COUNT;
    bool is_recent =
        takeover->recent_count > 0 && now_us - takeover->recent_us[newest] < fight_window_us;
    return !is_recent && now_us >= takeover->fight_until_us && now_us >= takeover->cool_until_us;
}

enum takeover_outcome takeover_compare(const struct takeover_format *current,
                                       const struct takeover_format *newcomer, bool has_priority)
{
    bool is_same_video = current->video_profile == newcomer->video_profile &&
                         current->width == newcomer->width && current->height == newcomer->height;
    bool is_same_audio =
        current->has_audio == newcomer->has_audio &&
        (!current->has_audio || (current->audio_object_type == newcomer->audio_object_type &&
                                 current->audio_rate == newcomer->audio_rate &&
                                 current->audio_channels == newcomer->audio_channels));
    if (is_same_video && is_same_audio)
        return TAKEOVER_SWITCH;
    return has_priority ? TAKEOVER_MISMATCH : TAKEOVER_NEW_SESSION;
}
