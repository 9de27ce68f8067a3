#include "packager/reload.h"

#include "check.h"

/* L = 1200 with 6 parts, P = 1 of s1201; T 338 ms, so 9 parts may be asked for in advance. */
static const struct reload_state live = {
    .last_msn = 1200, .last_part = 1, .last_count = 6, .part_target_ms = 338};

enum { NO_PART = -1, NO_MSN = -2 };

static enum reload_verdict ask(struct reload_state state, int64_t msn, int64_t part)
{
    struct reload_query query = {.has_msn = msn >= 0,
                                 .has_part = part >= 0,
                                 .msn = msn >= 0 ? (uint64_t)msn : 0,
                                 .part = part >= 0 ? (uint64_t)part : 0};
    return reload_playlist(&state, &query);
}

static void rows_of_hl_42_and_43(void)
{
    static const struct {
        int64_t msn, part;
        enum reload_verdict want;
    } rows[] = {
        {NO_MSN, NO_PART, RELOAD_OLD},
        /* without a part: the segment must be complete */
        {0, NO_PART, RELOAD_OLD},
        {1, NO_PART, RELOAD_OLD}, /* older than the window */
        {1199, NO_PART, RELOAD_OLD},
        {1200, NO_PART, RELOAD_OLD}, /* two parts came since */
        {1201, NO_PART, RELOAD_WAIT},
        {1202, NO_PART, RELOAD_WAIT},
        {1203, NO_PART, RELOAD_BAD},
        {9999999999, NO_PART, RELOAD_BAD},
        /* with a part */
        {7, 3, RELOAD_OLD},
        {1199, 0, RELOAD_OLD},
        {1199, 100, RELOAD_OLD},
        {1200, 0, RELOAD_OLD},
        {1200, 5, RELOAD_OLD},
        {1200, 6, RELOAD_NEWEST}, /* beyond the segment: part 0 of the next */
        {1200, 9999999999, RELOAD_NEWEST},
        {1201, 0, RELOAD_NEWEST},
        {1201, 1, RELOAD_NEWEST},
        {1201, 2, RELOAD_WAIT},
        {1201, 10, RELOAD_WAIT}, /* P + A */
        {1201, 11, RELOAD_BAD},
        {1201, 9999999999, RELOAD_BAD},
        {1202, 0, RELOAD_WAIT},
        {1202, 9, RELOAD_WAIT}, /* A */
        {1202, 10, RELOAD_BAD},
        {1203, 0, RELOAD_BAD},
        {9999999999, 0, RELOAD_BAD},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum reload_verdict got = ask(live, rows[i].msn, rows[i].part);
        if (got != rows[i].want)
            printf("row %zu: ", i);
        CHECK_EQ(rows[i].want, got);
    }
}

static void right_after_a_segment_closed(void)
{
    struct reload_state closed = live;
    closed.last_part = -1;
    CHECK_EQ(RELOAD_NEWEST, ask(closed, 1200, NO_PART));
    CHECK_EQ(RELOAD_NEWEST, ask(closed, 1200, 5));
    CHECK_EQ(RELOAD_NEWEST, ask(closed, 1200, 4)); /* one part old */
    CHECK_EQ(RELOAD_OLD, ask(closed, 1200, 3));
    CHECK_EQ(RELOAD_WAIT, ask(closed, 1200, 6));
    CHECK_EQ(RELOAD_WAIT, ask(closed, 1201, 0));
    CHECK_EQ(RELOAD_WAIT, ask(closed, 1201, 8)); /* P + A with P = -1 */
    CHECK_EQ(RELOAD_BAD, ask(closed, 1201, 9));
    CHECK_EQ(RELOAD_WAIT, ask(closed, 1202, 9));
    CHECK_EQ(RELOAD_BAD, ask(closed, 1202, 10));
}

static void with_one_part_in_the_open_segment(void)
{
    struct reload_state state = live;
    state.last_part = 0;
    CHECK_EQ(RELOAD_NEWEST, ask(state, 1200, NO_PART)); /* one part came since */
    CHECK_EQ(RELOAD_NEWEST, ask(state, 1200, 5));
    CHECK_EQ(RELOAD_OLD, ask(state, 1200, 4));
    CHECK_EQ(RELOAD_NEWEST, ask(state, 1200, 6));
}

static void the_advance_limit_follows_the_part_target(void)
{
    struct reload_state state = live;
    state.part_target_ms = 504; /* 3 s are 5.95 parts */
    CHECK_EQ(RELOAD_WAIT, ask(state, 1202, 6));
    CHECK_EQ(RELOAD_BAD, ask(state, 1202, 7));
    state.part_target_ms = 500; /* just 6 */
    CHECK_EQ(RELOAD_WAIT, ask(state, 1201, 7));
    CHECK_EQ(RELOAD_BAD, ask(state, 1201, 8));
}

static void ended_playlists_ignore_directives(void)
{
    struct reload_state state = live;
    state.ended = true;
    CHECK_EQ(RELOAD_OLD, ask(state, 1201, 2));
    CHECK_EQ(RELOAD_OLD, ask(state, 9999, NO_PART));
    CHECK_EQ(RELOAD_NEVER, reload_part(&state, 1201, 2));
}

static void without_parts_only_segments_can_be_waited_for(void)
{
    struct reload_state state = {.last_msn = 5, .last_part = -1, .last_count = 1};
    CHECK_EQ(RELOAD_NEWEST, ask(state, 5, NO_PART));
    CHECK_EQ(RELOAD_OLD, ask(state, 4, NO_PART));
    CHECK_EQ(RELOAD_WAIT, ask(state, 6, NO_PART));
    CHECK_EQ(RELOAD_BAD, ask(state, 8, NO_PART));
    CHECK_EQ(RELOAD_BAD, ask(state, 6, 0));
    CHECK_EQ(RELOAD_NEVER, reload_part(&state, 6, 0));
}

static void only_the_hinted_part_is_waited_for(void)
{
    CHECK_EQ(RELOAD_WAIT, reload_part(&live, 1201, 2));
    CHECK_EQ(RELOAD_NEVER, reload_part(&live, 1201, 3)); /* two ahead */
    CHECK_EQ(RELOAD_NEVER, reload_part(&live, 1202, 0));
    CHECK_EQ(RELOAD_NEVER, reload_part(&live, 1200, 6)); /* a hint that lapsed */
    CHECK_EQ(RELOAD_NEVER, reload_part(&live, 1202, 2));
    struct reload_state closed = live;
    closed.last_part = -1;
    CHECK_EQ(RELOAD_WAIT, reload_part(&closed, 1201, 0));
    CHECK_EQ(RELOAD_NEVER, reload_part(&closed, 1200, 0));
}

static void holds_are_limited(void)
{
    CHECK_EQ(6000000, reload_hold_us(2, false));
    CHECK_EQ(9000000, reload_hold_us(2, true));
    CHECK_EQ(9000000, reload_hold_us(3, false));
    CHECK_EQ(9000000, reload_hold_us(10, false));
    CHECK_EQ(9000000, reload_hold_us(10, true));
}

int main(void)
{
    RUN(rows_of_hl_42_and_43);
    RUN(right_after_a_segment_closed);
    RUN(with_one_part_in_the_open_segment);
    RUN(the_advance_limit_follows_the_part_target);
    RUN(ended_playlists_ignore_directives);
    RUN(without_parts_only_segments_can_be_waited_for);
    RUN(only_the_hinted_part_is_waited_for);
    RUN(holds_are_limited);
    return check_report();
}
