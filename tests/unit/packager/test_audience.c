#include "packager/audience.h"

#include "check.h"

#define SECOND INT64_C(1000000)

enum { FIREFOX = 11, CHROME = 12, NO_VID = 0 };

struct fixture {
    struct audience_log *log;
    struct audience *audience;
};

static struct fixture opened(void)
{
    return (struct fixture){.log = audience_log_create(), .audience = audience_create()};
}

static void close_all(struct fixture *fixture)
{
    audience_log_destroy(fixture->log);
    CHECK_EQ(0, audience_count(fixture->audience));
    audience_unref(&fixture->audience);
}

static void saw(struct fixture *fixture, uint64_t address, uint64_t user_agent, uint64_t vid,
                int64_t now_us)
{
    struct audience_sighting sighting = {.address = address, .user_agent = user_agent, .vid = vid};
    audience_saw(fixture->log, fixture->audience, &sighting, now_us);
}

static void viewers_are_counted_once(void)
{
    struct fixture fixture = opened();
    saw(&fixture, 1, FIREFOX, 100, 0);
    saw(&fixture, 1, FIREFOX, 100, SECOND);
    CHECK_EQ(1, audience_count(fixture.audience));
    saw(&fixture, 1, FIREFOX, 101, SECOND); /* another tab */
    saw(&fixture, 2, FIREFOX, 102, SECOND);
    saw(&fixture, 3, FIREFOX, NO_VID, SECOND);
    saw(&fixture, 3, FIREFOX, NO_VID, SECOND);
    saw(&fixture, 3, CHROME, NO_VID, SECOND);
    CHECK_EQ(5, audience_count(fixture.audience));
    close_all(&fixture);
}

static void a_player_with_an_id_is_not_counted_by_its_playlist_requests(void)
{
    struct fixture fixture = opened();
    saw(&fixture, 1, FIREFOX, 100, 0);
    saw(&fixture, 1, FIREFOX, NO_VID, SECOND);
    CHECK_EQ(1, audience_count(fixture.audience));
    saw(&fixture, 1, CHROME, NO_VID, SECOND);
    CHECK_EQ(2, audience_count(fixture.audience));
    saw(&fixture, 1, CHROME, 101, 2 * SECOND); /* the id came late */
    CHECK_EQ(2, audience_count(fixture.audience));
    /* Nor do those requests keep it alive. */
    saw(&fixture, 1, FIREFOX, NO_VID, 14 * SECOND);
    audience_sweep(fixture.log, 15 * SECOND);
    CHECK_EQ(1, audience_count(fixture.audience));
    close_all(&fixture);
}

static void at_most_twenty_count_per_address(void)
{
    struct fixture fixture = opened();
    for (uint64_t vid = 1; vid <= 30; vid++)
        saw(&fixture, 1, FIREFOX, vid, 0);
    CHECK_EQ(20, audience_count(fixture.audience));
    saw(&fixture, 2, FIREFOX, 31, 0);
    CHECK_EQ(21, audience_count(fixture.audience));
    close_all(&fixture);
}

static void whoever_is_not_seen_for_15_seconds_is_gone(void)
{
    struct fixture fixture = opened();
    saw(&fixture, 1, FIREFOX, 100, 0);
    saw(&fixture, 1, FIREFOX, 101, SECOND);
    saw(&fixture, 2, FIREFOX, NO_VID, 0);
    audience_sweep(fixture.log, 15 * SECOND - 1);
    CHECK_EQ(3, audience_count(fixture.audience));
    audience_sweep(fixture.log, 15 * SECOND);
    CHECK_EQ(1, audience_count(fixture.audience));
    saw(&fixture, 1, FIREFOX, 101, 15 * SECOND);
    audience_sweep(fixture.log, 29 * SECOND);
    CHECK_EQ(1, audience_count(fixture.audience));
    audience_sweep(fixture.log, 30 * SECOND);
    CHECK_EQ(0, audience_count(fixture.audience));
    close_all(&fixture);
}

static void sessions_have_their_own_audience(void)
{
    struct fixture fixture = opened();
    struct audience *other = audience_create();
    struct audience_sighting sighting = {.address = 1, .user_agent = FIREFOX, .vid = 5};
    audience_saw(fixture.log, fixture.audience, &sighting, 0);
    audience_saw(fixture.log, other, &sighting, 0);
    CHECK_EQ(1, audience_count(fixture.audience));
    CHECK_EQ(1, audience_count(other));
    audience_unref(&other); /* the log still holds it */
    close_all(&fixture);
}

static void the_log_is_bounded(void)
{
    struct fixture fixture = opened();
    for (uint64_t address = 1; address <= AUDIENCE_MAX_ADDRESSES + 5; address++)
        saw(&fixture, address, FIREFOX, NO_VID, 0);
    CHECK_EQ(AUDIENCE_MAX_ADDRESSES, audience_count(fixture.audience));
    saw(&fixture, 1, CHROME, NO_VID, 0); /* known places still count */
    CHECK_EQ(AUDIENCE_MAX_ADDRESSES + 1, audience_count(fixture.audience));
    close_all(&fixture);
}

int main(void)
{
    RUN(viewers_are_counted_once);
    RUN(a_player_with_an_id_is_not_counted_by_its_playlist_requests);
    RUN(at_most_twenty_count_per_address);
    RUN(whoever_is_not_seen_for_15_seconds_is_gone);
    RUN(sessions_have_their_own_audience);
    RUN(the_log_is_bounded);
    return check_report();
}
