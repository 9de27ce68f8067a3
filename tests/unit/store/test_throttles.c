#include "store/throttles.h"

#include "fixture.h"

static struct fixture f;

static const struct store_throttle sign_in = {{"sign-in:u", 9}, 3, 900, 600, 0};

static enum err count(struct store_throttle throttle, int64_t after_s, unsigned *out_wait_s)
{
    throttle.now_us = FIXTURE_NOW_US + after_s * 1000000;
    return store_throttle_count(f.store, &throttle, out_wait_s);
}

static enum err look(struct store_throttle throttle, int64_t after_s, unsigned *out_wait_s)
{
    throttle.now_us = FIXTURE_NOW_US + after_s * 1000000;
    return store_throttle_check(f.store, &throttle, out_wait_s);
}

static void the_last_event_locks(void)
{
    unsigned wait_s = 0;
    CHECK_EQ(ERR_OK, look(sign_in, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(sign_in, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(sign_in, 1, &wait_s));
    CHECK_EQ(ERR_OK, look(sign_in, 1, &wait_s));
    CHECK_EQ(ERR_OK, count(sign_in, 2, &wait_s));
    CHECK_EQ(0, wait_s);
    CHECK_EQ(ERR_LIMIT, look(sign_in, 2, &wait_s));
    CHECK_EQ(600, wait_s);
    CHECK_EQ(ERR_LIMIT, count(sign_in, 601, &wait_s));
    CHECK_EQ(1, wait_s);
    CHECK_EQ(ERR_OK, look(sign_in, 602, &wait_s));
    CHECK_EQ(ERR_OK, count(sign_in, 602, &wait_s)); /* the first of a new window */
    CHECK_EQ(ERR_OK, look(sign_in, 602, &wait_s));
}

static void a_window_ends(void)
{
    struct store_throttle throttle = sign_in;
    throttle.key = STR("sign-in:v");
    unsigned wait_s = 0;
    CHECK_EQ(ERR_OK, count(throttle, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(throttle, 899, &wait_s));
    CHECK_EQ(ERR_OK, count(throttle, 900, &wait_s)); /* only the second in this window */
    CHECK_EQ(ERR_OK, count(throttle, 901, &wait_s));
    CHECK_EQ(ERR_OK, look(throttle, 901, &wait_s));
    CHECK_EQ(ERR_OK, count(throttle, 902, &wait_s));
    CHECK_EQ(ERR_LIMIT, look(throttle, 902, &wait_s));
}

static void without_a_lock_it_ends_with_the_window(void)
{
    struct store_throttle mail = {STR("mail:u"), 2, 3600, 0, 0};
    unsigned wait_s = 0;
    CHECK_EQ(ERR_OK, count(mail, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(mail, 100, &wait_s));
    CHECK_EQ(ERR_LIMIT, count(mail, 101, &wait_s));
    CHECK_EQ(3499, wait_s);
    CHECK_EQ(ERR_OK, count(mail, 3600, &wait_s));
}

static void clearing_and_zero_make_it_free(void)
{
    struct store_throttle one = {STR("one"), 1, 60, 60, 0};
    unsigned wait_s = 0;
    CHECK_EQ(ERR_OK, count(one, 0, &wait_s));
    CHECK_EQ(ERR_LIMIT, count(one, 0, &wait_s));
    CHECK_EQ(ERR_OK, store_throttle_clear(f.store, one.key));
    CHECK_EQ(ERR_OK, store_throttle_clear(f.store, one.key));
    CHECK_EQ(ERR_OK, look(one, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(one, 0, &wait_s));
    one.count = 0;
    CHECK_EQ(ERR_OK, count(one, 0, &wait_s));
    CHECK_EQ(ERR_OK, look(one, 0, &wait_s));
}

static void what_is_over_is_purged(void)
{
    struct store_throttle short_one = {STR("short"), 5, 60, 0, 0};
    struct store_throttle locked = {STR("locked"), 1, 60, 7200, 0};
    unsigned wait_s = 0;
    CHECK_EQ(ERR_OK, count(short_one, 0, &wait_s));
    CHECK_EQ(ERR_OK, count(locked, 0, &wait_s));
    CHECK_EQ(ERR_OK, store_throttles_purge(f.store, FIXTURE_NOW_US + 5000 * (int64_t)1000000));
    CHECK_EQ(0, fixture_number(&f, "SELECT count(*) FROM throttles WHERE key = 'short'"));
    CHECK_EQ(1, fixture_number(&f, "SELECT count(*) FROM throttles WHERE key = 'locked'"));
}

int main(void)
{
    fixture_start(&f);
    RUN(the_last_event_locks);
    RUN(a_window_ends);
    RUN(without_a_lock_it_ends_with_the_window);
    RUN(clearing_and_zero_make_it_free);
    RUN(what_is_over_is_purged);
    fixture_finish(&f);
    return check_report();
}
