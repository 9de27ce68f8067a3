#include "media/epoch.h"

#include "check.h"
#include "media/frame.h"

static const int64_t second = 1000000;

static const int64_t wall = 1770115172035000;

static void media_time_zero_lies_before_the_first_picture(void)
{
    int64_t e = epoch_at(wall, MEDIA_START);
    CHECK_EQ(wall - 10 * second, e);
    struct epoch epoch = epoch_start(e);
    CHECK_EQ(e, epoch_next_segment(&epoch, 5));
}

/* Feeds media that is `late_us` late from `from_s` to `to_s`, a segment every 2 s. */
static int64_t run(struct epoch *epoch, int64_t late_us, int64_t from_s, int64_t to_s)
{
    int64_t e = epoch->wall_us;
    for (int64_t s = from_s; s < to_s; s += 2) {
        int64_t now = s * second + 1;
        epoch_observe(epoch, MEDIA_START + s * 90000, wall + s * second + late_us, now);
        e = epoch_next_segment(epoch, now);
    }
    return e;
}

static void it_stays_while_the_clocks_agree(void)
{
    struct epoch epoch = epoch_start(epoch_at(wall, MEDIA_START));
    int64_t e = epoch.wall_us;
    CHECK_EQ(e, run(&epoch, 500000, 0, 600));
    CHECK_EQ(e, run(&epoch, -500000, 600, 1200));
}

static void it_slews_after_half_a_minute_apart(void)
{
    struct epoch epoch = epoch_start(epoch_at(wall, MEDIA_START));
    int64_t e = epoch.wall_us;
    CHECK_EQ(e, run(&epoch, 500001, 0, 30));
    CHECK_EQ(e + 5000, run(&epoch, 500001, 30, 32));
    CHECK_EQ(e + 5000, run(&epoch, 500001, 32, 100)); /* near enough again */
    CHECK_EQ(e + 5000, run(&epoch, -600000, 100, 130));
    CHECK_EQ(e, run(&epoch, -600000, 130, 132));
    CHECK_EQ(e - 5000, run(&epoch, -600000, 132, 134));
}

static void a_moment_of_agreement_starts_the_wait_anew(void)
{
    struct epoch epoch = epoch_start(epoch_at(wall, MEDIA_START));
    int64_t e = epoch.wall_us;
    (void)run(&epoch, 900000, 0, 28);
    (void)run(&epoch, 0, 28, 30);
    CHECK_EQ(e, run(&epoch, 900000, 30, 60));
    CHECK_EQ(e + 5000, run(&epoch, 900000, 60, 62));
}

int main(void)
{
    RUN(media_time_zero_lies_before_the_first_picture);
    RUN(it_stays_while_the_clocks_agree);
    RUN(it_slews_after_half_a_minute_apart);
    RUN(a_moment_of_agreement_starts_the_wait_anew);
    return check_report();
}
