/* The frame period of late: the median of the last steps between decoding times. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PERIOD_WINDOW = 15 };

struct period {
    int64_t steps[PERIOD_WINDOW]; /* a ring, in order of arrival */
    int64_t sorted[PERIOD_WINDOW];
    size_t count;
    size_t next; /* place in the ring */
};

/* Zeroed is a valid start. Steps of 0 or less are not counted. */
void period_add(struct period *, int64_t step);

int64_t period_median(const struct period *); /* 0: no step yet */
