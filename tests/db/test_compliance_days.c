/* Today is data: days begin one after the other, also those slept through; what changes nothing
 * costs nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/office.h"

enum { UNITS = 27, QUICK_MS = 30000 };

static struct cluster *cluster;

/* The day in the data of day.begun: one text of ten characters. */
#define DAYS                                                                                       \
    "(SELECT position, convert_from(substring(data FROM 3), 'UTF8')::date AS day,"                 \
    " recorded_at FROM compliance.event WHERE type = 'se.niva.compliance.day.begun.v1') d"

static int64_t days_begun(const char *database)
{
    return office_count(cluster, database, "SELECT count(*) FROM " DAYS);
}

/* Days that do not follow the day before. */
static int64_t days_out_of_order(const char *database)
{
    return office_count(cluster, database,
                        "SELECT count(*) FROM (SELECT day - lag(day) OVER (ORDER BY position) AS "
                        "step FROM " DAYS ") s WHERE step <> 1");
}

static int64_t events_of(const char *database, const char *type)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM compliance.event WHERE type = 'se.niva.compliance.%s.v1'", type);
    return office_count(cluster, database, sql);
}

static void a_thousand_days_are_moved_over_quickly_and_one_by_one(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    office_open(&office, cluster, database, "2020-01-03T08:00:00Z");
    office_rule_set(&office, "2020-01-01", "");
    for (int i = 0; i < UNITS; i++) {
        char unit[32];
        char id[16];
        snprintf(unit, sizeof unit, "SE2321000016-D%d", i);
        snprintf(id, sizeof id, "r%d", i);
        office_unit(&office, unit, "2019-01-01");
        office_contract(&office, unit, "2020-01-01", 2000);
        office_report(&office, id, "", unit, "2020-01-01", i % 3 == 0 ? 1500 : 2000);
    }
    office_settle(&office);
    int64_t begin = niva_clock_monotonic_ms();
    office_today(&office, "2022-09-30");
    int64_t took = niva_clock_monotonic_ms() - begin;
    print_message("a thousand days: %lld ms\n", (long long)took);
    if (took > QUICK_MS)
        fail_msg("a thousand days took %lld ms", (long long)took);
    assert_int_equal(days_begun(database), 1002);
    assert_int_equal(days_out_of_order(database), 0);
    /* a month of a unit is said once, whatever days go by */
    assert_int_equal(events_of(database, "breach.opened"), UNITS / 3);
    assert_int_equal(events_of(database, "breach.changed"), 0);
    assert_int_equal(
        office_count(cluster, database, "SELECT count(*) FROM compliance.month_published"),
        33 * UNITS);
    /* each day was recorded at its own midnight */
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM " DAYS " WHERE position > 200 AND"
                                  " (recorded_at AT TIME ZONE 'Europe/Stockholm')::date <> day"),
                     0);
    const Niva__Compliance__V1__GetBusinessDayResponse *today =
        office_see(&office, "GetBusinessDay", "{}");
    assert_string_equal(today->day, "2022-09-30");
    office_close(&office);
}

static void days_slept_through_are_begun_up_to_the_calendars(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    office_open(&office, cluster, database, NULL);
    office_settle(&office);
    assert_int_equal(days_begun(database), 1);
    office_close(&office);
    cluster_sql(cluster, database,
                "UPDATE compliance.business_day SET day = day - 100, target = target - 100");
    office_open(&office, cluster, database, NULL);
    office_settle(&office);
    assert_int_equal(days_begun(database), 101);
    assert_int_equal(
        office_count(cluster, database,
                     "SELECT (day = (now() AT TIME ZONE 'Europe/Stockholm')::date)::int FROM "
                     "compliance.business_day"),
        1);
    struct niva_error err;
    assert_null(office_call(&office, "MoveToday", "{\"day\":\"2099-01-01\"}", &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_string_equal(err.violations[0].reason, "NOT_A_REHEARSAL");
    office_close(&office);
}

static void a_restart_goes_on_where_the_days_stood(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    office_open(&office, cluster, database, "2022-01-03T08:00:00Z");
    office_rule_set(&office, "2022-01-01", "");
    office_unit(&office, "SE2321000016-R1", "2019-01-01");
    office_do(&office, "MoveToday", "{\"day\":\"2023-12-31\"}");
    office_close(&office);
    office_open(&office, cluster, database, "2023-12-31T08:00:00Z");
    office_settle(&office);
    assert_int_equal(days_begun(database), 728);
    assert_int_equal(days_out_of_order(database), 0);
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_days_are_moved_over_quickly_and_one_by_one),
        cmocka_unit_test(days_slept_through_are_begun_up_to_the_calendars),
        cmocka_unit_test(a_restart_goes_on_where_the_days_stood),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
