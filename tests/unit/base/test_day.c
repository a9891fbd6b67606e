#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/day.h"

#define DAY_US ((niva_instant)86400 * 1000000)

static niva_day day_of(const char *text)
{
    niva_day day = NIVA_DAY_NONE;

    if (!niva_day_parse(text, &day))
        fail_msg("%s is not a day", text);
    return day;
}

static niva_instant instant_of(const char *text)
{
    niva_instant instant = 0;

    if (!niva_instant_parse(text, &instant))
        fail_msg("%s is not an instant", text);
    return instant;
}

static void every_day_has_its_date_and_back(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    niva_day expected = NIVA_DAY_MIN;

    for (int year = 1900; year <= 2999; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
            niva_day begin = expected;
            for (int day = 1; day <= length; day++, expected++) {
                int y, m, d;
                niva_day_to_civil(expected, &y, &m, &d);
                assert_int_equal(niva_day_from_civil(year, month, day), expected);
                assert_true(y == year && m == month && d == day);
                assert_int_equal(niva_month_begin(expected), begin);
                assert_int_equal(niva_month_next(expected), begin + length);
            }
        }
    }
    assert_int_equal(expected, NIVA_DAY_MAX + 1);
}

static void the_epoch_is_day_zero(void **state)
{
    (void)state;
    assert_int_equal(day_of("1970-01-01"), 0);
    assert_int_equal(day_of("1969-12-31"), -1);
    assert_int_equal(day_of("1900-01-01"), NIVA_DAY_MIN);
    assert_int_equal(day_of("2999-12-31"), NIVA_DAY_MAX);
    assert_int_equal(day_of("2022-06-23"), 19166);
}

static void quarters_and_years_begin_where_they_should(void **state)
{
    (void)state;
    assert_int_equal(niva_quarter_begin(day_of("2022-03-31")), day_of("2022-01-01"));
    assert_int_equal(niva_quarter_begin(day_of("2022-04-01")), day_of("2022-04-01"));
    assert_int_equal(niva_quarter_begin(day_of("2022-12-31")), day_of("2022-10-01"));
    assert_int_equal(niva_year_begin(day_of("2024-02-29")), day_of("2024-01-01"));
    assert_int_equal(niva_year_begin(day_of("2024-12-31")), day_of("2024-01-01"));
    assert_int_equal(niva_month_next(day_of("2022-12-01")), day_of("2023-01-01"));
}

static void leap_days_exist_only_in_leap_years(void **state)
{
    (void)state;
    niva_day day;

    assert_true(niva_day_parse("2024-02-29", &day));
    assert_true(niva_day_parse("2000-02-29", &day));
    assert_false(niva_day_parse("2022-02-29", &day));
    assert_false(niva_day_parse("1900-02-29", &day));
    assert_false(niva_day_parse("2100-02-29", &day));
}

static void what_is_not_a_day_is_refused_and_leaves_the_answer_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "2022",         "2022-06",    "2022-6-23",   "2022-06-23 ", " 2022-06-23",
        "2022-06-31", "2022-02-30",   "2022-00-10", "2022-13-01",  "2022-01-00",  "2022-01-32",
        "1899-12-31", "3000-01-01",   "0000-01-01", "20220623",    "2022/06/23",  "-022-06-23",
        "+022-06-23", "2022-06-2x",   "22-06-23",   "12022-06-23", "2022-06-23T", "2022-06-",
        "2022-06-2",  "２０22-06-23",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        niva_day day = 4711;
        if (niva_day_parse(bad[i], &day))
            fail_msg("\"%s\" was read as a day", bad[i]);
        assert_int_equal(day, 4711);
    }
}

static void days_are_written_as_they_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"1900-01-01", "1969-12-31", "2024-02-29", "2999-12-31"};
    char text[16];

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        niva_day_format(day_of(good[i]), text);
        assert_string_equal(text, good[i]);
    }
    niva_day_format(NIVA_DAY_END, text);
    assert_string_equal(text, "");
    niva_day_format(NIVA_DAY_NONE, text);
    assert_string_equal(text, "");
}

static void months_are_spans_of_days(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "2022",    "2022-1",  "2022-00",
                                      "2022-13", "1899-12", "3000-01", "2022-01-01"};
    struct niva_span month;
    char text[16];

    assert_true(niva_month_parse("2024-02", &month));
    assert_int_equal(month.from, day_of("2024-02-01"));
    assert_int_equal(month.until, day_of("2024-03-01"));
    assert_true(niva_month_parse("2022-12", &month));
    assert_int_equal(month.until, day_of("2023-01-01"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (niva_month_parse(bad[i], &month))
            fail_msg("\"%s\" was read as a month", bad[i]);
    niva_month_format(day_of("2022-12-31"), text);
    assert_string_equal(text, "2022-12");
}

static void the_local_day_follows_summer_time(void **state)
{
    (void)state;
    static const struct {
        const char *instant;
        const char *day;
    } cases[] = {
        {"2022-06-17T21:59:59Z", "2022-06-17"},
        {"2022-06-17T22:00:00Z", "2022-06-18"},
        {"2022-01-17T22:59:59Z", "2022-01-17"},
        {"2022-01-17T23:00:00Z", "2022-01-18"},
        /* The eve of each change, and the change itself: 27 March and 30 October 2022. */
        {"2022-03-26T22:59:59Z", "2022-03-26"},
        {"2022-03-26T23:00:00Z", "2022-03-27"},
        {"2022-03-27T21:59:59Z", "2022-03-27"},
        {"2022-03-27T22:00:00Z", "2022-03-28"},
        {"2022-10-29T21:59:59Z", "2022-10-29"},
        {"2022-10-29T22:00:00Z", "2022-10-30"},
        {"2022-10-30T22:59:59Z", "2022-10-30"},
        {"2022-10-30T23:00:00Z", "2022-10-31"},
        /* Until 1995 summer ended in September: 24 September 1995. */
        {"1995-09-23T22:30:00Z", "1995-09-24"},
        {"1995-09-24T22:30:00Z", "1995-09-24"},
        {"1995-10-10T22:30:00Z", "1995-10-10"},
        {"1996-10-10T22:30:00Z", "1996-10-11"},
        /* None before 1980. */
        {"1979-07-01T22:30:00Z", "1979-07-01"},
        {"1980-07-01T22:30:00Z", "1980-07-02"},
        {"1969-12-31T23:00:00Z", "1970-01-01"},
        {"1969-12-31T22:59:59Z", "1969-12-31"},
        /* A change on the last day of the month: 31 March 2024. */
        {"2024-03-31T00:59:59Z", "2024-03-31"},
        {"2024-03-31T22:00:00Z", "2024-04-01"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        niva_day_format(niva_local_day(instant_of(cases[i].instant)), text);
        if (strcmp(text, cases[i].day) != 0)
            fail_msg("%s: expected %s, got %s", cases[i].instant, cases[i].day, text);
    }
}

static void a_local_day_begins_at_its_midnight(void **state)
{
    (void)state;
    char text[32];

    for (niva_day day = day_of("1978-01-01"); day < day_of("2030-01-01"); day++) {
        niva_instant midnight = niva_local_midnight(day);
        assert_int_equal(niva_local_day(midnight), day);
        assert_int_equal(niva_local_day(midnight - 1), day - 1);
    }
    niva_instant_format(niva_local_midnight(day_of("2022-06-23")), text);
    assert_string_equal(text, "2022-06-22T22:00:00Z");
    /* Days of 23 and of 25 hours. */
    assert_int_equal(niva_local_midnight(day_of("2022-03-28")) -
                         niva_local_midnight(day_of("2022-03-27")),
                     23 * DAY_US / 24);
    assert_int_equal(niva_local_midnight(day_of("2022-10-31")) -
                         niva_local_midnight(day_of("2022-10-30")),
                     25 * DAY_US / 24);
}

static void the_ends_of_time_do_not_overflow(void **state)
{
    (void)state;
    char text[32];

    assert_true(niva_local_day(INT64_MIN) < NIVA_DAY_MIN);
    assert_true(niva_local_day(INT64_MAX) > NIVA_DAY_MAX);
    assert_true(niva_local_midnight(NIVA_DAY_END) == INT64_MAX);
    assert_true(niva_local_midnight(NIVA_DAY_NONE) == INT64_MIN);
    niva_instant_format(INT64_MIN, text);
    assert_string_equal(text, "");
    niva_instant_format(INT64_MAX, text);
    assert_string_equal(text, "");
}

static void instants_are_read_with_offset_and_decimals(void **state)
{
    (void)state;
    assert_int_equal(instant_of("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(instant_of("1970-01-01T00:00:00.000001Z"), 1);
    assert_int_equal(instant_of("1970-01-01T00:00:00.123456789Z"), 123456);
    assert_int_equal(instant_of("1970-01-01T01:00:00+01:00"), 0);
    assert_int_equal(instant_of("1969-12-31T19:30:00-04:30"), 0);
    assert_int_equal(instant_of("1969-12-31T23:59:59.999999Z"), -1);
    assert_int_equal(instant_of("2022-06-23T07:00:00Z"), (19166 * 24 + 7) * DAY_US / 24);
}

static void what_is_not_an_instant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2022-06-23",
        "2022-06-23T07:00:00",
        "2022-06-23T07:00Z",
        "2022-06-23 07:00:00Z",
        "2022-06-23T24:00:00Z",
        "2022-06-23T07:60:00Z",
        "2022-06-23T07:00:60Z",
        "2022-06-23T07:00:00.Z",
        "2022-06-23T07:00:00.0123456789Z",
        "2022-06-23T07:00:00+0100",
        "2022-06-23T07:00:00+24:00",
        "2022-06-23T07:00:00+01:60",
        "2022-06-23T07:00:00ZZ",
        "2022-02-30T07:00:00Z",
        "1900-01-01T00:00:00+01:00",
        "2999-12-31T23:59:59-01:00",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        niva_instant instant = 4711;
        if (niva_instant_parse(bad[i], &instant))
            fail_msg("\"%s\" was read as an instant", bad[i]);
        assert_int_equal(instant, 4711);
    }
}

static void instants_are_written_with_the_decimals_they_need(void **state)
{
    (void)state;
    static const char *const good[] = {
        "2022-06-23T07:00:00Z",        "2022-06-23T07:00:00.120Z", "2022-06-23T07:00:00.000001Z",
        "1969-12-31T23:59:59.999999Z", "1900-01-01T00:00:00Z",     "2999-12-31T23:59:59.999999Z",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[32];
        niva_instant_format(instant_of(good[i]), text);
        assert_string_equal(text, good[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_has_its_date_and_back),
        cmocka_unit_test(the_epoch_is_day_zero),
        cmocka_unit_test(quarters_and_years_begin_where_they_should),
        cmocka_unit_test(leap_days_exist_only_in_leap_years),
        cmocka_unit_test(what_is_not_a_day_is_refused_and_leaves_the_answer_alone),
        cmocka_unit_test(days_are_written_as_they_are_read),
        cmocka_unit_test(months_are_spans_of_days),
        cmocka_unit_test(the_local_day_follows_summer_time),
        cmocka_unit_test(a_local_day_begins_at_its_midnight),
        cmocka_unit_test(the_ends_of_time_do_not_overflow),
        cmocka_unit_test(instants_are_read_with_offset_and_decimals),
        cmocka_unit_test(what_is_not_an_instant_is_refused),
        cmocka_unit_test(instants_are_written_with_the_decimals_they_need),
    };
    int failed = cmocka_run_group_tests_name("day", tests, NULL, NULL);

    return failed ? 1 : 0;
}
