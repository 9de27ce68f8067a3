#include "domain/streams/rate.h"

static const int64_t second_us = 1000000;

struct rate rate_start(uint32_t a_second, int64_t now_us)
{
    return (struct rate){.a_second = a_second, .credit_us = second_us, .last_us = now_us};
}

bool rate_take(struct rate *rate, int64_t now_us)
{
    int64_t passed = now_us - rate->last_us;
    rate->last_us = now_us;
    rate->credit_us += passed < second_us ? passed : second_us;
    if (rate->credit_us > second_us)
        rate->credit_us = second_us;
    int64_t price = second_us / rate->a_second;
    if (rate->credit_us < price)
        return false;
    rate->credit_us -= price;
    return true;
}
