#include "media/epoch.h"

enum { MAX_ERROR_US = 500000, PATIENCE_US = 30000000, MAX_SLEW_US = 5000 };

static int64_t ticks_us(int64_t t)
{
    return t * 100 / 9;
}

int64_t epoch_at(int64_t wall_us, int64_t t)
{
    return wall_us - ticks_us(t);
}

struct epoch epoch_start(int64_t epoch_wall_us)
{
    return (struct epoch){.wall_us = epoch_wall_us};
}

void epoch_observe(struct epoch *epoch, int64_t t, int64_t wall_us, int64_t now_us)
{
    epoch->error_us = wall_us - (epoch->wall_us + ticks_us(t));
    if (epoch->error_us <= MAX_ERROR_US && epoch->error_us >= -MAX_ERROR_US)
        epoch->apart_us = 0;
    else if (epoch->apart_us == 0)
        epoch->apart_us = now_us;
}

int64_t epoch_next_segment(struct epoch *epoch, int64_t now_us)
{
    if (epoch->apart_us != 0 && now_us - epoch->apart_us >= PATIENCE_US)
        epoch->wall_us += epoch->error_us > 0 ? MAX_SLEW_US : -MAX_SLEW_US;
    return epoch->wall_us;
}
