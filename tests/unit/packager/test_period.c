#include "packager/period.h"

#include "check.h"

static void nothing_is_known_at_first(void)
{
    struct period period = {0};
    CHECK_EQ(0, period_median(&period));
    period_add(&period, 0);
    period_add(&period, -5);
    CHECK_EQ(0, period_median(&period));
    period_add(&period, 7);
    CHECK_EQ(7, period_median(&period));
}

static void outliers_do_not_move_it(void)
{
    struct period period = {0};
    static const int64_t steps[] = {3000, 1, 3000, 90000, 3000, 2970, 3060};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        period_add(&period, steps[i]);
    CHECK_EQ(3000, period_median(&period));
}

static void the_oldest_steps_are_forgotten(void)
{
    struct period period = {0};
    for (int i = 0; i < 40; i++)
        period_add(&period, 1000 + i);
    CHECK_EQ(PERIOD_WINDOW, period.count);
    CHECK_EQ(1032, period_median(&period)); /* of 1025 to 1039 */
    for (int i = 0; i < 8; i++)
        period_add(&period, 10);
    CHECK_EQ(10, period_median(&period));
    for (int i = 0; i < 15; i++)
        period_add(&period, 5000 - i);
    CHECK_EQ(4993, period_median(&period));
}

int main(void)
{
    RUN(nothing_is_known_at_first);
    RUN(outliers_do_not_move_it);
    RUN(the_oldest_steps_are_forgotten);
    return check_report();
}
