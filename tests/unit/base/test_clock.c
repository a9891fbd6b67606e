#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/common/base/clock.h"

#define HOUR_US ((niva_instant)3600 * 1000000)

static niva_instant instant_of(const char *text)
{
    niva_instant instant = 0;

    if (!niva_instant_parse(text, &instant))
        fail_msg("%s is not an instant", text);
    return instant;
}

static niva_day day_of(const char *text)
{
    niva_day day = NIVA_DAY_NONE;

    if (!niva_day_parse(text, &day))
        fail_msg("%s is not a day", text);
    return day;
}

static void clocks_go_forward(void **state)
{
    (void)state;
    int64_t before = niva_clock_monotonic_ms();

    assert_true(niva_clock_now() > instant_of("2022-06-23T00:00:00Z"));
    assert_true(niva_clock_monotonic_ms() >= before);
}

static void a_rehearsal_has_the_time_of_day_of_now(void **state)
{
    (void)state;
    niva_instant rehearsed =
        niva_clock_rehearsed(day_of("2022-09-30"), instant_of("2024-01-15T13:45:30.123456Z"));

    assert_int_equal(rehearsed, instant_of("2022-09-30T14:45:30.123456+02:00"));
}

/* On the longest day of the year the hands go round 25 hours; the rehearsed day must not end. */
static void a_rehearsed_day_never_ends_by_itself(void **state)
{
    (void)state;
    niva_day day = day_of("2022-03-27"); /* 23 hours */
    niva_instant midnight = niva_local_midnight(day_of("2023-10-29"));

    for (int hour = 0; hour < 25; hour++) {
        niva_instant rehearsed = niva_clock_rehearsed(day, midnight + hour * HOUR_US);

        assert_int_equal(niva_local_day(rehearsed), day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(a_rehearsal_has_the_time_of_day_of_now),
        cmocka_unit_test(a_rehearsed_day_never_ends_by_itself),
    };
    int failed = cmocka_run_group_tests_name("clock", tests, NULL, NULL);

    return failed ? 1 : 0;
}
