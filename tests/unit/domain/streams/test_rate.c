#include "domain/streams/rate.h"

#include "check.h"

static const int64_t second_us = 1000000;

static void a_burst_is_a_second_s_worth(void)
{
    struct rate rate = rate_start(5, 1000);
    for (int i = 0; i < 5; i++)
        CHECK(rate_take(&rate, 1000));
    CHECK(!rate_take(&rate, 1000));
    CHECK(!rate_take(&rate, 1000 + second_us / 5 - 1));
    CHECK(rate_take(&rate, 1000 + second_us / 5));
    CHECK(!rate_take(&rate, 1000 + second_us / 5));
}

static void it_refills_to_a_second_s_worth_only(void)
{
    struct rate rate = rate_start(5, 0);
    for (int i = 0; i < 5; i++)
        CHECK(rate_take(&rate, 0));
    unsigned taken = 0;
    while (rate_take(&rate, 100 * second_us))
        taken++;
    CHECK_EQ(5, taken);
}

static void over_time_it_is_the_rate(void)
{
    struct rate rate = rate_start(RATE_METADATA_NODE_A_SECOND, 0);
    unsigned taken = 0;
    for (int64_t now = 0; now < 20 * second_us; now += 1000)
        taken += rate_take(&rate, now);
    CHECK(taken >= 155 * 20 && taken <= 155 * 21 + 1);
}

int main(void)
{
    RUN(a_burst_is_a_second_s_worth);
    RUN(it_refills_to_a_second_s_worth_only);
    RUN(over_time_it_is_the_rate);
    return check_report();
}
