#include "packager/reload.h"

enum {
    ADVANCE_MS = 3000, /* Advance Part Limit: 3 s of parts (HL-42) */
    NEW_PARTS = 1,     /* an answer at most so many parts old is the newest */
    HOLD_TARGETS = 3,  /* HL-45 */
    HOLD_MAX_US = 9000000,
    SECOND_US = 1000000,
};

static uint64_t advance_limit(const struct reload_state *state)
{
    return (ADVANCE_MS + state->part_target_ms - 1) / state->part_target_ms;
}

static bool is_too_far(const struct reload_state *state, const struct reload_query *query)
{
    if (query->msn > state->last_msn + 2)
        return true;
    if (!query->has_part)
        return false;
    if (state->part_target_ms == 0)
        return true;
    uint64_t ahead = advance_limit(state);
    if (query->msn == state->last_msn + 2)
        return query->part > ahead;
    return query->msn == state->last_msn + 1 &&
           query->part > (uint64_t)(state->last_part + (int64_t)ahead);
}

/* Parts published since the one asked for; negative: it has not come. */
static int64_t age_of(const struct reload_state *state, const struct reload_query *query)
{
    int64_t open_parts = state->last_part + 1;
    if (query->msn > state->last_msn)
        return query->has_part && query->msn == state->last_msn + 1
                   ? state->last_part - (int64_t)query->part
                   : -1;
    if (query->msn < state->last_msn)
        return INT64_MAX;
    if (!query->has_part)
        return open_parts;
    if (query->part < state->last_count)
        return state->last_count - 1 - (int64_t)query->part + open_parts;
    return state->last_part; /* beyond its segment: the first part of the next one */
}

enum reload_verdict reload_playlist(const struct reload_state *state,
                                    const struct reload_query *query)
{
    if (state->ended || !query->has_msn)
        return RELOAD_OLD;
    if (is_too_far(state, query))
        return RELOAD_BAD;
    int64_t age = age_of(state, query);
    if (age < 0)
        return RELOAD_WAIT;
    return age <= NEW_PARTS ? RELOAD_NEWEST : RELOAD_OLD;
}

enum reload_verdict reload_part(const struct reload_state *state, uint64_t msn, uint64_t part)
{
    bool is_hinted = msn == state->last_msn + 1 && part == (uint64_t)(state->last_part + 1);
    return is_hinted && !state->ended && state->part_target_ms > 0 ? RELOAD_WAIT : RELOAD_NEVER;
}

int64_t reload_hold_us(uint32_t target_duration, bool in_grace)
{
    int64_t hold_us = (int64_t)HOLD_TARGETS * target_duration * SECOND_US;
    return in_grace || hold_us > HOLD_MAX_US ? HOLD_MAX_US : hold_us;
}
