/*
 * Who may publish when somebody does already (media rules IN-20 to IN-25). Pure; `now_us` is
 * monotonic.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAKEOVER_FIGHT_COUNT = 3, /* more than that within the window is a fight */
    TAKEOVER_SESSION_MAX = 100,
    TAKEOVER_PROBE_US = 5000000, /* to show sequence headers and an IDR */
};

/* A channel's memory of takeovers; zeroed to begin with. */
struct takeover {
    int64_t recent_us[TAKEOVER_FIGHT_COUNT]; /* the last ones without priority */
    size_t recent_count;
    int64_t fight_until_us;
    unsigned in_session;
    int64_t cool_until_us;
    const char *cool_reason;
};

/* The publisher that is there. */
struct takeover_current {
    uint32_t priority; /* 0: none */
    int64_t silent_us; /* since its last media, or since it came */
};

enum takeover_verdict {
    TAKEOVER_PROBE,            /* accept and probe it */
    TAKEOVER_REFUSED_FIGHT,    /* "This channel is already live." */
    TAKEOVER_REFUSED_PRIORITY, /* the same, event code StreamTakeoverInvalidPriority */
    TAKEOVER_REFUSED_COUNT,    /* the same, event code StreamTakeoverLimitBreached */
};

/* A newcomer with the right key meets a publisher; in GRACE there is none, and it always resumes.
 * Counts what it lets through. */
enum takeover_verdict takeover_decide(struct takeover *, const struct takeover_current *,
                                      uint32_t priority, int64_t now_us);

/* A session began or ended. */
void takeover_start_session(struct takeover *);

/* Media rule IN-25: after a stop the key is refused for 10 s. `reason`: static. */
void takeover_cool_down(struct takeover *, const char *reason, int64_t now_us);
const char *takeover_cooling(const struct takeover *, int64_t now_us); /* NULL: it may come */

/* Nothing is remembered any more that matters: the memory may be dropped. */
bool takeover_is_idle(const struct takeover *, int64_t now_us);

/* What the probe shows, beside what the current publisher sends. */
struct takeover_format {
    uint8_t video_profile;
    uint32_t width, height;
    bool has_audio;
    uint8_t audio_object_type, audio_channels;
    uint32_t audio_rate;
};

enum takeover_outcome {
    TAKEOVER_SWITCH,      /* same session, new generation */
    TAKEOVER_NEW_SESSION, /* the old one ends */
    TAKEOVER_MISMATCH,    /* the newcomer is closed: StreamTakeoverMediaMismatch */
};

/* `has_priority`: of the newcomer. */
enum takeover_outcome takeover_compare(const struct takeover_format *current,
                                       const struct takeover_format *newcomer, bool has_priority);
