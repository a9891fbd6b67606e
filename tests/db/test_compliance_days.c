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
    /* a third are below; all were without a report for two days before theirs came */
    assert_int_equal(events_of(database, "breach.opened"), UNITS / 3 + UNITS);
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

/* What happened to breaches, each with the day that had begun last, as days before `today`. */
static const char *breaches_by_day(const char *database, const char *today)
{
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "SELECT string_agg(split_part(e.type, '.', 5) || ' ' || (date '%s' - (SELECT max(d.day)"
        " FROM " DAYS " WHERE d.position < e.position)), ', ' ORDER BY e.position)"
        " FROM compliance.event e WHERE e.type LIKE 'se.niva.compliance.breach.%%'",
        today);
    return cluster_sql(cluster, database, sql);
}

/* Those of BELOW_MINIMUM. */
static const char *breach_days(const char *database, const char *today)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT string_agg((date '%s' - first_day) || '-' || coalesce((date '%s' - last_day)"
             "::text, ''), ', ' ORDER BY opened_order) FROM compliance.breach_version v"
             " WHERE kind = 1 AND NOT EXISTS (SELECT FROM compliance.breach_version n"
             " WHERE n.breach_id = v.breach_id AND n.version > v.version)",
             today, today);
    return cluster_sql(cluster, database, sql);
}

/* The service was up on a day 60 days ago, in a rehearsal, which alone can record in the past. */
static void what_days_slept_through_bring_comes_on_its_day(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    char today[16];
    char day[16];
    char from[32];
    niva_day calendar;
    snprintf(
        today, sizeof today, "%s",
        cluster_sql(cluster, database, "SELECT (now() AT TIME ZONE 'Europe/Stockholm')::date"));
    assert_true(niva_day_parse(today, &calendar));
    niva_day_format(calendar - 60, day);
    snprintf(from, sizeof from, "%sT08:00:00Z", day);
    office_open(&office, cluster, database, from);
    office_rule_set(&office, "2022-01-01", "");
    office_unit(&office, "SE2321000016-S1", "2022-01-01");
    office_contract(&office, "SE2321000016-S1", "2022-01-01", 2000);
    const struct {
        int days_ago;
        int milli;
    } reports[] = {{1000, 2000}, {40, 1500}, {30, 2000}, {10, 1000}};
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        char id[16];
        snprintf(id, sizeof id, "s%zu", i);
        niva_day_format(calendar - reports[i].days_ago, day);
        office_report(&office, id, "", "SE2321000016-S1", day, reports[i].milli);
    }
    office_settle(&office);
    assert_int_equal(days_begun(database), 1);
    office_close(&office);

    office_open(&office, cluster, database, NULL);
    office_settle(&office);
    assert_in_range(days_begun(database), 61, 62); /* 62 when midnight has just passed */
    assert_int_equal(days_out_of_order(database), 0);
    /* the first two are of the days before the first report came */
    assert_string_equal(breaches_by_day(database, today),
                        "opened 60, closed 60, opened 40, closed 30, opened 10");
    assert_string_equal(breach_days(database, today), "40-31, 10-");
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
        cmocka_unit_test(what_days_slept_through_bring_comes_on_its_day),
        cmocka_unit_test(a_restart_goes_on_where_the_days_stood),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
