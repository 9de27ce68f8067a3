#include "domain/streams/takeover.h"

#include "check.h"

#include <string.h>

static const int64_t second_us = 1000000;

/* Media rules IN-21 and IN-22: the matrix. */
static void the_winner_follows_from_priority_and_silence(void)
{
    static const struct {
        uint32_t current, newcomer;
        int64_t silent_us;
        enum takeover_verdict verdict;
    } cases[] = {
        {0, 0, 0, TAKEOVER_PROBE},
        {0, 5, 0, TAKEOVER_PROBE},
        {5, 0, 0, TAKEOVER_REFUSED_PRIORITY},
        {5, 4, 0, TAKEOVER_REFUSED_PRIORITY},
        {5, 5, 0, TAKEOVER_REFUSED_PRIORITY},
        {5, 6, 0, TAKEOVER_PROBE},
        {5, 0, 2999999, TAKEOVER_REFUSED_PRIORITY},
        {5, 0, 3000000, TAKEOVER_PROBE},
        {5, 4, 2999999, TAKEOVER_REFUSED_PRIORITY},
        {5, 4, 3000000, TAKEOVER_PROBE},
        {0, 0, 3000000, TAKEOVER_PROBE},
        {2147483647, 2147483647, 0, TAKEOVER_REFUSED_PRIORITY},
        {0, 1, 0, TAKEOVER_PROBE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct takeover takeover = {0};
        struct takeover_current current = {cases[i].current, cases[i].silent_us};
        CHECK_EQ(cases[i].verdict,
                 takeover_decide(&takeover, &current, cases[i].newcomer, 100 * second_us));
        CHECK_EQ(cases[i].verdict == TAKEOVER_PROBE, takeover.in_session);
    }
}

static enum takeover_verdict arrive(struct takeover *takeover, int64_t second)
{
    return takeover_decide(takeover, &(struct takeover_current){0, 0}, 0, second * second_us);
}

static void the_fourth_takeover_in_a_minute_is_a_fight(void)
{
    struct takeover takeover = {0};
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 100));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 120));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 150));
    CHECK_EQ(TAKEOVER_REFUSED_FIGHT, arrive(&takeover, 159));
    CHECK_EQ(TAKEOVER_REFUSED_FIGHT, arrive(&takeover, 188));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 189));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 190)); /* 150, 189, 190: three again */
    CHECK_EQ(TAKEOVER_REFUSED_FIGHT, arrive(&takeover, 191));
}

static void four_takeovers_in_more_than_a_minute_are_none(void)
{
    struct takeover takeover = {0};
    for (int64_t second = 100; second < 1000; second += 20)
        CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, second));
}

static void priorities_and_dead_publishers_do_not_fight(void)
{
    struct takeover takeover = {0};
    for (uint32_t i = 1; i < 20; i++)
        CHECK_EQ(TAKEOVER_PROBE,
                 takeover_decide(&takeover, &(struct takeover_current){i, 0}, i + 1, second_us));
    for (int i = 0; i < 20; i++)
        CHECK_EQ(
            TAKEOVER_PROBE,
            takeover_decide(&takeover, &(struct takeover_current){0, 3 * second_us}, 0, second_us));
    CHECK_EQ(39, takeover.in_session);
}

static void a_session_is_taken_over_a_hundred_times_at_most(void)
{
    struct takeover takeover = {0};
    struct takeover_current current = {1, 0};
    for (int i = 0; i < TAKEOVER_SESSION_MAX; i++)
        CHECK_EQ(TAKEOVER_PROBE, takeover_decide(&takeover, &current, 2, second_us));
    CHECK_EQ(TAKEOVER_REFUSED_COUNT, takeover_decide(&takeover, &current, 2, second_us));
    takeover_start_session(&takeover);
    CHECK_EQ(TAKEOVER_PROBE, takeover_decide(&takeover, &current, 2, second_us));
}

static void a_stopped_key_cools_down_for_ten_seconds(void)
{
    struct takeover takeover = {0};
    CHECK(takeover_cooling(&takeover, 5) == NULL);
    takeover_cool_down(&takeover, "The stream was stopped.", 5);
    CHECK_EQ(0, strcmp("The stream was stopped.", takeover_cooling(&takeover, 5)));
    CHECK(takeover_cooling(&takeover, 4 + 10 * second_us) != NULL);
    CHECK(!takeover_is_idle(&takeover, 4 + 10 * second_us));
    CHECK(takeover_cooling(&takeover, 5 + 10 * second_us) == NULL);
    CHECK(takeover_is_idle(&takeover, 5 + 10 * second_us));
}

static void a_memory_is_idle_when_nothing_can_come_of_it(void)
{
    struct takeover takeover = {0};
    CHECK(takeover_is_idle(&takeover, 0));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 80));
    CHECK(!takeover_is_idle(&takeover, 140 * second_us - 1));
    CHECK(takeover_is_idle(&takeover, 140 * second_us));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 90));
    CHECK_EQ(TAKEOVER_PROBE, arrive(&takeover, 100));
    CHECK(!takeover_is_idle(&takeover, 160 * second_us - 1));
    CHECK(takeover_is_idle(&takeover, 160 * second_us));
    CHECK_EQ(TAKEOVER_REFUSED_FIGHT, arrive(&takeover, 139));
    CHECK(!takeover_is_idle(&takeover, 169 * second_us - 1));
    CHECK(takeover_is_idle(&takeover, 169 * second_us));
}

static void the_probe_compares_what_players_would_notice(void)
{
    static const struct takeover_format base = {100, 1280, 720, true, 2, 2, 48000};
    static const struct {
        struct takeover_format other;
        bool is_same;
    } cases[] = {
        {{100, 1280, 720, true, 2, 2, 48000}, true},
        {{77, 1280, 720, true, 2, 2, 48000}, false},
        {{100, 1920, 720, true, 2, 2, 48000}, false},
        {{100, 1280, 1080, true, 2, 2, 48000}, false},
        {{100, 1280, 720, false, 2, 2, 48000}, false},
        {{100, 1280, 720, true, 5, 2, 48000}, false},
        {{100, 1280, 720, true, 2, 1, 48000}, false},
        {{100, 1280, 720, true, 2, 2, 44100}, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(cases[i].is_same ? TAKEOVER_SWITCH : TAKEOVER_NEW_SESSION,
                 takeover_compare(&base, &cases[i].other, false));
        CHECK_EQ(cases[i].is_same ? TAKEOVER_SWITCH : TAKEOVER_MISMATCH,
                 takeover_compare(&base, &cases[i].other, true));
    }
    struct takeover_format mute = {100, 1280, 720, false, 0, 0, 0};
    struct takeover_format mute_too = {100, 1280, 720, false, 2, 2, 48000};
    CHECK_EQ(TAKEOVER_SWITCH, takeover_compare(&mute, &mute_too, true));
}

int main(void)
{
    RUN(the_winner_follows_from_priority_and_silence);
    RUN(the_fourth_takeover_in_a_minute_is_a_fight);
    RUN(four_takeovers_in_more_than_a_minute_are_none);
    RUN(priorities_and_dead_publishers_do_not_fight);
    RUN(a_session_is_taken_over_a_hundred_times_at_most);
    RUN(a_stopped_key_cools_down_for_ten_seconds);
    RUN(a_memory_is_idle_when_nothing_can_come_of_it);
    RUN(the_probe_compares_what_players_would_notice);
    return check_report();
}
