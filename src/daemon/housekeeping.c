#include "daemon/housekeeping.h"

#include "base/clock.h"
#include "log/log.h"
#include "store/sign_ins.h"
#include "store/throttles.h"

static const int64_t first_us = INT64_C(60) * 1000000;
static const int64_t hour_us = INT64_C(3600) * 1000000;
static const int64_t throttle_life_us = INT64_C(2) * 86400 * 1000000; /* twice the longest window */

static void start_timer(struct loop *loop, struct housekeeping *housekeeping, int64_t delay_us);

/* The store logs its failures, and the next hour tries again. */
static void clean(void *arg)
{
    const struct housekeeping *housekeeping = arg;
    struct store *store = housekeeping->store;
    int64_t now_us = clock_wall_us();
    unsigned accounts = 0;
    unsigned credentials = 0;
    enum err err = store_accounts_delete_unconfirmed(
        store, now_us - housekeeping->unverified_life_us, &accounts);
    if (!err && accounts > 0)
        log_info("housekeeping", "deleted accounts that were never confirmed", "count=%u",
                 accounts);
    err = store_credentials_purge(store, now_us, &credentials);
    if (!err && credentials > 0)
        log_info("housekeeping", "deleted what had expired", "count=%u", credentials);
    err = store_throttles_purge(store, now_us - throttle_life_us);
    (void)err; /* logged */
}

static void on_cleaned(struct loop *loop, void *arg)
{
    start_timer(loop, arg, hour_us);
}

static void on_timer(struct loop *loop, void *arg)
{
    struct housekeeping *housekeeping = arg;
    if (loop_work(loop, clean, on_cleaned, housekeeping) != ERR_OK)
        start_timer(loop, housekeeping, first_us);
}

static void start_timer(struct loop *loop, struct housekeeping *housekeeping, int64_t delay_us)
{
    loop_timer_start(loop, &housekeeping->timer, delay_us, on_timer, housekeeping);
}

void housekeeping_start(struct housekeeping *housekeeping, struct loop *loop, struct store *store,
                        int64_t unverified_after_hours)
{
    housekeeping->store = store;
    housekeeping->unverified_life_us = unverified_after_hours * hour_us;
    start_timer(loop, housekeeping, first_us);
}
