/*
 * Tells floods of HTTP/2 frames from use (media rule SE-24): stream resets, by either side, beyond
 * the streams that were completed; SETTINGS and PING; frames that carry nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    HTTP2_GUARD_RESETS = 100, /* in HTTP2_GUARD_RESETS_US, on top of completed streams */
    HTTP2_GUARD_RESETS_US = 10000000,
    HTTP2_GUARD_CONTROLS = 10, /* in HTTP2_GUARD_CONTROLS_US */
    HTTP2_GUARD_CONTROLS_US = 1000000,
    HTTP2_GUARD_IDLERS = 1000, /* in HTTP2_GUARD_RESETS_US: PRIORITY, empty DATA, unknown types */
};

struct http2_guard {
    int64_t long_since_us;
    int64_t short_since_us;
    unsigned resets;
    unsigned completed;
    unsigned controls;
    unsigned idlers;
};

/* Each notes one event and returns false when there were too many. */
bool http2_guard_reset(struct http2_guard *, int64_t now_us);
bool http2_guard_control(struct http2_guard *, int64_t now_us);
bool http2_guard_idler(struct http2_guard *, int64_t now_us);

void http2_guard_completed(struct http2_guard *, int64_t now_us);
