#include "packager/live_index.h"

#include "check.h"
#include "unit/packager/snapshot.h"

#include <pthread.h>

enum { MAX_WAITERS = 1200, BEHIND_PROXIES = 600 };

/* A waiting request of the test. */
struct request {
    struct live_waiter waiter;
    enum err outcome;
    unsigned wakes;
    int64_t last_msn, last_part; /* of the snapshot it was woken with */
};

struct fixture {
    struct loop *loop;
    struct live_hub *hub;
    struct live_index *index;
    struct request requests[MAX_WAITERS];
    unsigned woken_this_turn, most_woken_in_a_turn;
};

static struct fixture fixture;

/* A test is a list of steps, run on a loop with some turns between them. */
typedef void (*step_fn)(void);
enum { TURNS_BETWEEN = 5 };

struct script {
    struct loop_timer timer;
    const step_fn *steps; /* ends with NULL */
    int turns;
};

static void on_turn(struct loop *loop, void *arg)
{
    struct script *script = arg;
    fixture.woken_this_turn = 0;
    if (script->turns++ % TURNS_BETWEEN == 0) {
        if (*script->steps == NULL) {
            loop_stop(loop);
            return;
        }
        (*script->steps++)();
    }
    loop_timer_start(loop, &script->timer, 0, on_turn, script);
}

static void run_steps(const step_fn *steps)
{
    memset(&fixture, 0, sizeof(fixture));
    CHECK_EQ(ERR_OK, loop_create(0, &fixture.loop));
    fixture.hub = live_hub_create(&fixture.loop, NULL, 1);
    fixture.index = live_hub_index(fixture.hub, fixture.loop);
    struct script script = {.steps = steps};
    loop_post(fixture.loop, on_turn, &script);
    loop_run(fixture.loop);
    CHECK(*script.steps == NULL);
    loop_destroy(fixture.loop);
    live_hub_destroy(fixture.hub);
}

static void publish(struct published *published)
{
    live_hub_publish(fixture.hub, published);
    published_unref(&published);
}

static void on_wake(struct live_waiter *waiter, enum err why, struct published *published,
                    struct published_rendition *rendition)
{
    struct request *request = (struct request *)(void *)waiter;
    request->outcome = why;
    request->wakes++;
    if (++fixture.woken_this_turn > fixture.most_woken_in_a_turn)
        fixture.most_woken_in_a_turn = fixture.woken_this_turn;
    CHECK_EQ(why == ERR_OK, published != NULL && rendition != NULL);
    if (published == NULL)
        return;
    struct reload_state state = published_reload_state(published, rendition);
    request->last_msn = (int64_t)state.last_msn;
    request->last_part = state.last_part;
}

static const struct live_peer someone = {.address = 1};
static const struct live_peer proxy = {.address = 2, .is_trusted = true};

static enum err wait_for(size_t i, enum live_wanted wanted, uint64_t msn, uint64_t part,
                         const struct live_peer *peer)
{
    struct request *request = &fixture.requests[i];
    struct published *published = live_find_channel(fixture.index, STR("4WpFQIDqX0pV"));
    request->waiter = (struct live_waiter){
        .wanted = wanted,
        .query = {.has_msn = true, .has_part = true, .msn = msn, .part = part},
        .on_wake = on_wake,
    };
    return live_wait(fixture.index, &request->waiter, published, &published->renditions[0], peer);
}

/* --- */

#define CHANNEL STR("4WpFQIDqX0pV")
#define STREAM  STR("st-12345678901234567890123")

static void publish_a_stream(void)
{
    CHECK(live_find_channel(fixture.index, CHANNEL) == NULL);
    publish(snapshot_of(PUBLISHED_LIVE, 1));
}

static void find_it_and_publish_a_newer_one(void)
{
    struct published *found = live_find_channel(fixture.index, CHANNEL);
    CHECK(found != NULL && found == live_find_stream(fixture.index, CHANNEL, STREAM));
    CHECK(live_find_stream(fixture.index, STR("other"), STREAM) == NULL);
    CHECK(live_find_stream(fixture.index, CHANNEL, STR("st-other")) == NULL);

    /* A newer session takes the channel; the older one is still there by its own name. */
    struct published *newer = published_create(CHANNEL, STR("st-2"), 0);
    newer->audience = audience_create();
    publish(newer);
}

static void find_both_and_end_the_first(void)
{
    CHECK(live_find_channel(fixture.index, CHANNEL) ==
          live_find_stream(fixture.index, CHANNEL, STR("st-2")));
    CHECK(live_find_stream(fixture.index, CHANNEL, STREAM) != NULL);

    /* Its end, with its time up, does not take the channel from the newer one. */
    publish(snapshot_of(PUBLISHED_ENDED, 0));
}

static void find_the_newer_one(void)
{
    CHECK(live_find_stream(fixture.index, CHANNEL, STREAM) == NULL);
    CHECK(live_find_channel(fixture.index, CHANNEL) != NULL);
}

static void sessions_are_found_by_channel_and_by_stream(void)
{
    run_steps((const step_fn[]){publish_a_stream, find_it_and_publish_a_newer_one,
                                find_both_and_end_the_first, find_the_newer_one, NULL});
}

static void end_with_a_minute_left(void)
{
    struct published *ended = snapshot_of(PUBLISHED_ENDED, 0);
    ended->keep_us = loop_now_us(fixture.loop) + 60000000;
    publish(ended);
}

static void find_the_ended_one(void)
{
    CHECK(live_find_channel(fixture.index, STR("4WpFQIDqX0pV")) != NULL);
}

static void end_with_nothing_left(void)
{
    struct published *ended = snapshot_of(PUBLISHED_ENDED, 0);
    ended->keep_us = loop_now_us(fixture.loop) + 1;
    publish(ended);
    CHECK(live_find_channel(fixture.index, CHANNEL) != NULL);
}

static void it_is_not_found_any_more(void)
{
    CHECK(live_find_channel(fixture.index, CHANNEL) == NULL);
    CHECK(live_find_stream(fixture.index, CHANNEL, STREAM) == NULL);
}

static void sweep_what_is_over(void)
{
    int64_t now_us = loop_now_us(fixture.loop);
    struct published *ended = snapshot_of(PUBLISHED_ENDED, 0);
    struct audience *audience = audience_ref(ended->audience);
    ended->keep_us = now_us + 60000000;
    publish(ended);
    struct live_sighting seen = {.address = 5, .user_agent = STR("curl")};
    live_saw_viewer(fixture.index, live_find_channel(fixture.index, CHANNEL), &seen);
    CHECK_EQ(1, audience_count(audience));
    live_sweep(fixture.index, now_us + AUDIENCE_SEEN_US);
    CHECK_EQ(0, audience_count(audience));
    CHECK(live_find_channel(fixture.index, CHANNEL) != NULL);
    live_sweep(fixture.index, now_us + 59999999);
    CHECK(live_find_channel(fixture.index, CHANNEL) != NULL);
    live_sweep(fixture.index, now_us + 60000000);
    CHECK(live_find_channel(fixture.index, CHANNEL) == NULL);
    CHECK(live_find_stream(fixture.index, CHANNEL, STREAM) == NULL);
    CHECK_EQ(1, atomic_load(&audience->refs)); /* it is forgotten, not only hidden */
    audience_unref(&audience);
}

static void ended_sessions_stay_for_their_time(void)
{
    run_steps((const step_fn[]){end_with_a_minute_left, find_the_ended_one, NULL});
    run_steps((const step_fn[]){end_with_nothing_left, it_is_not_found_any_more, NULL});
    run_steps((const step_fn[]){sweep_what_is_over, NULL});
}

static void publish_one_part(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1)); /* L = 7, P = 0 */
}

static void wait_for_the_next(void)
{
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_OK, wait_for(1, LIVE_PLAYLIST, 8, 2, &someone));
    CHECK_EQ(ERR_OK, wait_for(2, LIVE_PART, 8, 1, &someone));
    CHECK_EQ(ERR_OK, wait_for(3, LIVE_PART, 8, 3, &someone)); /* no longer the hinted one */
}

static void publish_the_second_part(void)
{
    CHECK_EQ(0, fixture.requests[0].wakes);
    CHECK_EQ(0, fixture.requests[2].wakes);

    publish(snapshot_of(PUBLISHED_LIVE, 2));
    CHECK_EQ(0, fixture.requests[0].wakes); /* never inside */
}

static void publish_the_third_part(void)
{
    CHECK_EQ(1, fixture.requests[0].wakes);
    CHECK_EQ(ERR_OK, fixture.requests[0].outcome);
    CHECK_EQ(7, fixture.requests[0].last_msn);
    CHECK_EQ(1, fixture.requests[0].last_part);
    CHECK_EQ(0, fixture.requests[1].wakes);
    CHECK_EQ(1, fixture.requests[2].wakes);
    CHECK_EQ(1, fixture.requests[3].wakes); /* it will never come: 404 */

    publish(snapshot_of(PUBLISHED_LIVE, 3));
}

static void the_last_one_is_woken_too(void)
{
    CHECK_EQ(1, fixture.requests[1].wakes);
    CHECK_EQ(1, fixture.requests[0].wakes);
}

static void waiters_are_woken_by_what_satisfies_them(void)
{
    run_steps((const step_fn[]){publish_one_part, wait_for_the_next, publish_the_second_part,
                                publish_the_third_part, the_last_one_is_woken_too, NULL});
}

static void wait_and_leave(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_OK, wait_for(1, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_OK, wait_for(2, LIVE_PLAYLIST, 8, 1, &someone));
    live_cancel(&fixture.requests[0].waiter);
    live_cancel(&fixture.requests[0].waiter); /* once more does no harm */
    for (int i = 0; i < 10; i++)
        live_cancel(&fixture.requests[0].waiter);
    CHECK_EQ(ERR_OK, wait_for(3, LIVE_PLAYLIST, 8, 1, &someone));
    live_cancel(&fixture.requests[3].waiter);
    publish(snapshot_of(PUBLISHED_LIVE, 2));
    live_cancel(&fixture.requests[1].waiter); /* ready, but not yet told */
}

static void only_who_stayed_is_woken(void)
{
    CHECK_EQ(0, fixture.requests[0].wakes);
    CHECK_EQ(0, fixture.requests[1].wakes);
    CHECK_EQ(1, fixture.requests[2].wakes);
}

static void those_who_left_are_not_woken(void)
{
    run_steps((const step_fn[]){wait_and_leave, only_who_stayed_is_woken, NULL});
}

static void wait_and_end(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 2, &someone));
    CHECK_EQ(ERR_OK, wait_for(1, LIVE_PART, 8, 1, &someone));
    struct published *ended = snapshot_of(PUBLISHED_ENDED, 0);
    ended->keep_us = loop_now_us(fixture.loop) + 60000000;
    publish(ended);
}

static void all_have_the_end(void)
{
    CHECK_EQ(1, fixture.requests[0].wakes);
    CHECK_EQ(ERR_OK, fixture.requests[0].outcome);
    CHECK_EQ(1, fixture.requests[1].wakes);
}

static void wait_and_vanish(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 2, &someone));
    publish(snapshot_of(PUBLISHED_ENDED, 0)); /* its time is up at once */
}

static void all_know_it_is_gone(void)
{
    CHECK_EQ(ERR_NOT_FOUND, fixture.requests[0].outcome);
    CHECK_EQ(1, fixture.requests[0].wakes);
}

static void an_end_wakes_all(void)
{
    run_steps((const step_fn[]){wait_and_end, all_have_the_end, NULL});
    run_steps((const step_fn[]){wait_and_vanish, all_know_it_is_gone, NULL});
}

static struct published *with_hold_of_nothing(enum published_state state)
{
    struct published *published = snapshot_of(state, 1);
    published->renditions[0].target_duration = 0;
    return published;
}

static void wait_for_no_time(void)
{
    publish(with_hold_of_nothing(PUBLISHED_LIVE));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(0, fixture.requests[0].wakes);
}

static void the_time_is_over(void)
{
    CHECK_EQ(1, fixture.requests[0].wakes);
    CHECK_EQ(ERR_TIMEOUT, fixture.requests[0].outcome);
}

static void a_hold_ends(void)
{
    run_steps((const step_fn[]){wait_for_no_time, the_time_is_over, NULL});
}

static void wait_and_lose_the_publisher(void)
{
    publish(with_hold_of_nothing(PUBLISHED_LIVE));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone));
    publish(with_hold_of_nothing(PUBLISHED_GRACE));
}

static void still_waiting(void)
{
    CHECK_EQ(0, fixture.requests[0].wakes);
    live_cancel(&fixture.requests[0].waiter);
}

static void a_hold_is_longer_when_the_publisher_was_lost_meanwhile(void)
{
    run_steps((const step_fn[]){wait_and_lose_the_publisher, still_waiting, NULL});
}

static void fill_an_address(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    size_t i = 0;
    for (; i < LIVE_MAX_WAITERS_PER_ADDRESS; i++)
        CHECK_EQ(ERR_OK, wait_for(i, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_LIMIT, wait_for(i, LIVE_PLAYLIST, 8, 1, &someone));
    const struct live_peer other = {.address = 77};
    CHECK_EQ(ERR_OK, wait_for(i++, LIVE_PLAYLIST, 8, 1, &other));
    for (size_t k = 0; k < BEHIND_PROXIES; k++)
        CHECK_EQ(ERR_OK, wait_for(i++, LIVE_PLAYLIST, 8, 1, &proxy));
    live_cancel(&fixture.requests[5].waiter); /* one leaves: there is room again */
    CHECK_EQ(ERR_OK, wait_for(5, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_LIMIT, wait_for(i, LIVE_PLAYLIST, 8, 1, &someone));

    publish(snapshot_of(PUBLISHED_LIVE, 2)); /* more than one turn wakes */
}

static void its_places_are_free_again(void)
{
    CHECK(fixture.most_woken_in_a_turn <= LIVE_WAKES_A_TURN);
    for (size_t k = 0; k < LIVE_MAX_WAITERS_PER_ADDRESS + 1 + BEHIND_PROXIES; k++)
        CHECK_EQ(1, fixture.requests[k].wakes);
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone)); /* all places are free again */
    live_cancel(&fixture.requests[0].waiter);
}

static void waiters_per_address_are_limited(void)
{
    run_steps((const step_fn[]){fill_an_address, its_places_are_free_again, NULL});
}

static void fill_the_process(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    struct published *published = live_find_channel(fixture.index, STR("4WpFQIDqX0pV"));
    struct live_waiter *waiters = mem_zalloc(LIVE_MAX_WAITERS + 1, sizeof(*waiters));
    for (size_t i = 0; i < LIVE_MAX_WAITERS; i++) {
        waiters[i].query = (struct reload_query){.has_msn = true, .msn = 8};
        CHECK_EQ(ERR_OK, live_wait(fixture.index, &waiters[i], published, &published->renditions[0],
                                   &proxy));
    }
    CHECK_EQ(ERR_LIMIT, live_wait(fixture.index, &waiters[LIVE_MAX_WAITERS], published,
                                  &published->renditions[0], &proxy));
    CHECK_EQ(ERR_LIMIT, live_wait(fixture.index, &waiters[LIVE_MAX_WAITERS], published,
                                  &published->renditions[0], &someone));
    live_cancel(&waiters[0]); /* those who were refused take no place */
    CHECK_EQ(ERR_OK,
             live_wait(fixture.index, &waiters[0], published, &published->renditions[0], &proxy));
    for (size_t i = 0; i < LIVE_MAX_WAITERS; i++)
        live_cancel(&waiters[i]);
    CHECK_EQ(ERR_OK,
             live_wait(fixture.index, &waiters[0], published, &published->renditions[0], &someone));
    live_cancel(&waiters[0]);
    mem_free(waiters);
    CHECK(sizeof(struct live_waiter) <= 512);
}

static void waiters_of_the_process_are_limited(void)
{
    run_steps((const step_fn[]){fill_the_process, NULL});
}

static void wait_and_drain(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    CHECK_EQ(ERR_OK, wait_for(0, LIVE_PLAYLIST, 8, 1, &someone));
    CHECK_EQ(ERR_OK, wait_for(1, LIVE_PLAYLIST, 8, 2, &someone));
    live_hub_drain(fixture.hub);
    publish(snapshot_of(PUBLISHED_LIVE, 2)); /* the first gets its answer still */
}

static void nobody_waits(void)
{
    CHECK_EQ(ERR_OK, fixture.requests[0].outcome);
    CHECK_EQ(ERR_CLOSED, fixture.requests[1].outcome);
    CHECK_EQ(1, fixture.requests[1].wakes);
    CHECK_EQ(ERR_CLOSED, wait_for(2, LIVE_PLAYLIST, 8, 2, &someone));
}

static void draining_turns_everybody_away(void)
{
    run_steps((const step_fn[]){wait_and_drain, nobody_waits, NULL});
}

static void see_some_viewers(void)
{
    publish(snapshot_of(PUBLISHED_LIVE, 1));
    struct published *published = live_find_channel(fixture.index, STR("4WpFQIDqX0pV"));
    struct live_sighting seen = {.address = 5, .user_agent = STR("curl"), .vid = STR("abc")};
    live_saw_viewer(fixture.index, published, &seen);
    live_saw_viewer(fixture.index, published, &seen);
    CHECK_EQ(1, audience_count(published->audience));
    seen.vid = STR("abd");
    live_saw_viewer(fixture.index, published, &seen);
    CHECK_EQ(2, audience_count(published->audience));
    seen.vid = STR("");
    live_saw_viewer(fixture.index, published, &seen);
    CHECK_EQ(2, audience_count(published->audience));
    seen.user_agent = STR("wget");
    live_saw_viewer(fixture.index, published, &seen);
    CHECK_EQ(3, audience_count(published->audience));
    seen.address = 6;
    live_saw_viewer(fixture.index, published, &seen);
    CHECK_EQ(4, audience_count(published->audience));
}

static void viewers_are_counted(void)
{
    run_steps((const step_fn[]){see_some_viewers, NULL});
}

/* --- Two loops --- */

static void *run_loop(void *arg)
{
    loop_run(arg);
    return NULL;
}

struct sighter {
    struct live_hub *hub;
    struct loop *next; /* the loop to go on with; NULL: stop all */
    struct loop *loops[2];
};

static void stop_both(struct loop *loop, void *arg)
{
    struct sighter *sighter = arg;
    (void)loop;
    loop_stop(sighter->loops[0]);
    loop_stop(sighter->loops[1]);
}

/* The same twenty viewers on either loop, as browsers with several connections are. */
static void see_twenty(struct loop *loop, void *arg)
{
    struct sighter *sighter = arg;
    struct live_index *index = live_hub_index(sighter->hub, loop);
    struct published *published = live_find_channel(index, STR("4WpFQIDqX0pV"));
    for (uint64_t address = 1; published != NULL && address <= 20; address++) {
        struct live_sighting seen = {.address = address, .user_agent = STR("x")};
        live_saw_viewer(index, published, &seen);
    }
    struct loop *next = sighter->next;
    sighter->next = NULL;
    if (next != NULL)
        loop_post(next, see_twenty, sighter);
    else
        loop_post(sighter->loops[1 - loop_index(loop)], stop_both, sighter);
}

static void viewers_on_several_loops_count_once(void)
{
    struct sighter sighter = {0};
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(ERR_OK, loop_create(i, &sighter.loops[i]));
    sighter.hub = live_hub_create(sighter.loops, NULL, 2);
    sighter.next = sighter.loops[1];
    struct published *published = snapshot_of(PUBLISHED_LIVE, 1);
    struct audience *audience = audience_ref(published->audience);
    live_hub_publish(sighter.hub, published);
    published_unref(&published);
    loop_post(sighter.loops[0], see_twenty, &sighter);
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, run_loop, sighter.loops[i]);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 2; i++)
        loop_destroy(sighter.loops[i]); /* runs what is left in the queues */
    CHECK_EQ(20, audience_count(audience));
    live_hub_destroy(sighter.hub);
    CHECK_EQ(0, audience_count(audience));
    audience_unref(&audience);
}

int main(void)
{
    RUN(sessions_are_found_by_channel_and_by_stream);
    RUN(ended_sessions_stay_for_their_time);
    RUN(waiters_are_woken_by_what_satisfies_them);
    RUN(those_who_left_are_not_woken);
    RUN(an_end_wakes_all);
    RUN(a_hold_ends);
    RUN(a_hold_is_longer_when_the_publisher_was_lost_meanwhile);
    RUN(waiters_per_address_are_limited);
    RUN(waiters_of_the_process_are_limited);
    RUN(draining_turns_everybody_away);
    RUN(viewers_are_counted);
    RUN(viewers_on_several_loops_count_once);
    return check_report();
}
