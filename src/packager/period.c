#include "packager/period.h"

#include <string.h>

static size_t place_of(const struct period *period, int64_t step)
{
    size_t place = 0;
    while (place < period->count && period->sorted[place] < step)
        place++;
    return place;
}

static void forget(struct period *period, int64_t step)
{
    size_t place = place_of(period, step);
    period->count--;
    memmove(period->sorted + place, period->sorted + place + 1,
            (period->count - place) * sizeof(step));
}

void period_add(struct period *period, int64_t step)
{
    if (step <= 0)
        return;
    if (period->count == PERIOD_WINDOW)
        forget(period, period->steps[period->next]);
    size_t place = place_of(period, step);
    memmove(period->sorted + place + 1, period->sorted + place,
            (period->count - place) * sizeof(step));
    period->sorted[place] = step;
    period->count++;
    period->steps[period->next] = step;
    period->next = (period->next + 1) % PERIOD_WINDOW;
}

int64_t period_median(const struct period *period)
{
    return period->count > 0 ? period->sorted[period->count / 2] : 0;
}
