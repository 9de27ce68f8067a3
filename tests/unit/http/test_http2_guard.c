#include "http/http2_guard.h"

#include "check.h"

enum { START_US = 1000000000 };

static void resets_have_a_limit_in_their_window(void)
{
    struct http2_guard guard = {0};
    for (int i = 0; i < HTTP2_GUARD_RESETS; i++)
        CHECK(http2_guard_reset(&guard, START_US + i));
    CHECK(!http2_guard_reset(&guard, START_US + HTTP2_GUARD_RESETS_US - 1));
    CHECK(http2_guard_reset(&guard, START_US + HTTP2_GUARD_RESETS_US));
}

static void completed_streams_allow_for_as_many_resets(void)
{
    struct http2_guard guard = {0};
    http2_guard_completed(&guard, START_US);
    for (int i = 0; i <= HTTP2_GUARD_RESETS; i++)
        CHECK(http2_guard_reset(&guard, START_US));
    CHECK(!http2_guard_reset(&guard, START_US));
    guard = (struct http2_guard){0};
    http2_guard_completed(&guard, START_US);
    for (int i = 0; i < HTTP2_GUARD_RESETS; i++) /* but only in their window */
        CHECK(http2_guard_reset(&guard, START_US + HTTP2_GUARD_RESETS_US));
    CHECK(!http2_guard_reset(&guard, START_US + HTTP2_GUARD_RESETS_US));
}

static void controls_have_a_limit_in_their_window(void)
{
    struct http2_guard guard = {0};
    for (int i = 0; i < HTTP2_GUARD_CONTROLS; i++)
        CHECK(http2_guard_control(&guard, START_US));
    CHECK(!http2_guard_control(&guard, START_US + HTTP2_GUARD_CONTROLS_US - 1));
    CHECK(http2_guard_control(&guard, START_US + HTTP2_GUARD_CONTROLS_US));
    CHECK(http2_guard_reset(&guard, START_US));
}

static void idlers_have_a_limit_in_their_window(void)
{
    struct http2_guard guard = {0};
    for (int i = 0; i < HTTP2_GUARD_IDLERS; i++)
        CHECK(http2_guard_idler(&guard, START_US));
    CHECK(!http2_guard_idler(&guard, START_US));
    CHECK(http2_guard_idler(&guard, START_US + HTTP2_GUARD_RESETS_US));
}

int main(void)
{
    RUN(resets_have_a_limit_in_their_window);
    RUN(completed_streams_allow_for_as_many_resets);
    RUN(controls_have_a_limit_in_their_window);
    RUN(idlers_have_a_limit_in_their_window);
    return check_report();
}
