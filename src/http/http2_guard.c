#include "http/http2_guard.h"

static void begin_windows(struct http2_guard *guard, int64_t now_us)
{
    if (now_us - guard->long_since_us >= HTTP2_GUARD_RESETS_US) {
        guard->long_since_us = now_us;
        guard->resets = guard->completed = guard->idlers = 0;
    }
    if (now_us - guard->short_since_us >= HTTP2_GUARD_CONTROLS_US) {
        guard->short_since_us = now_us;
        guard->controls = 0;
    }
}

bool http2_guard_reset(struct http2_guard *guard, int64_t now_us)
{
    begin_windows(guard, now_us);
    return ++guard->resets <= HTTP2_GUARD_RESETS + guard->completed;
}

bool http2_guard_control(struct http2_guard *guard, int64_t now_us)
{
    begin_windows(guard, now_us);
    return ++guard->controls <= HTTP2_GUARD_CONTROLS;
}

bool http2_guard_idler(struct http2_guard *guard, int64_t now_us)
{
    begin_windows(guard, now_us);
    return ++guard->idlers <= HTTP2_GUARD_IDLERS;
}

void http2_guard_completed(struct http2_guard *guard, int64_t now_us)
{
    begin_windows(guard, now_us);
    guard->completed++;
}
