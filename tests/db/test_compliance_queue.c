/* What is to be recomputed between batches is recomputed once for all that made it so, and only
 * what something bears on; who calls meanwhile is told how much is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "tests/support/office.h"

enum {
    UNITS = 80, /* more than one command, or one transaction of work, recomputes */
    STEP_MOST = 64,
    AT_ONCE_MS = 5000,
};

static struct cluster *cluster;

struct fixture {
    struct office office;
    const char *database;
    int64_t before; /* recomputations when the counting began */
};

static const char *unit_name(int number)
{
    static char name[32];
    snprintf(name, sizeof name, "SE2321000016-Q%03d", number);
    return name;
}

static int64_t count(const struct fixture *fixture, const char *sql)
{
    return office_count(cluster, fixture->database, sql);
}

static int64_t dirty(const struct fixture *fixture)
{
    return count(fixture, "SELECT count(*) FROM compliance.dirty");
}

static int64_t recomputed(const struct fixture *fixture)
{
    return count(fixture, "SELECT sum(recomputed) FROM compliance.unit_group_state");
}

static int64_t recomputed_unit(const struct fixture *fixture, int number)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             "SELECT sum(recomputed) FROM compliance.unit_group_state WHERE unit = '%s'",
             unit_name(number));
    return count(fixture, sql);
}

/* How often something was recomputed since this was asked last. */
static int64_t recomputed_since(struct fixture *fixture)
{
    int64_t now = recomputed(fixture);
    int64_t since = now - fixture->before;
    fixture->before = now;
    return since;
}

/* Units with a contract and a report that falls short in every third, on 3 January 2022. */
static void open(struct fixture *fixture)
{
    struct office *office = &fixture->office;
    fixture->database = office_database(cluster);
    office_open(office, cluster, fixture->database, "2022-01-03T08:00:00Z");
    office_rule_set(office, "2022-01-01", "");
    for (int i = 0; i < UNITS; i++) {
        char id[16];
        snprintf(id, sizeof id, "q%d", i);
        office_unit(office, unit_name(i), "2021-01-01");
        office_contract(office, unit_name(i), "2022-01-01", 2000);
        office_report(office, id, "", unit_name(i), "2022-01-01", i % 3 == 0 ? 1500 : 2000);
    }
    office_settle(office);
    assert_int_equal(dirty(fixture), 0);
    recomputed_since(fixture);
}

static void release(struct fixture *fixture)
{
    office_release(&fixture->office);
    office_settle(&fixture->office);
    assert_int_equal(dirty(fixture), 0);
}

static void a_rule_set_recomputes_every_unit_once(struct fixture *fixture)
{
    office_rule_set(&fixture->office, "2022-01-01", "");
    office_settle(&fixture->office);
    assert_int_equal(dirty(fixture), 0);
    assert_int_equal(recomputed_since(fixture), UNITS);
    assert_int_equal(count(fixture, "SELECT count(*) FROM compliance.unit_group_state"), UNITS);
}

static void a_unit_that_a_command_touched_is_done(struct fixture *fixture)
{
    office_hold(&fixture->office);
    office_rule_set(&fixture->office, "2022-01-01", "");
    assert_int_equal(dirty(fixture), UNITS);
    int64_t before = recomputed_unit(fixture, 7);
    office_contract(&fixture->office, unit_name(7), "2022-01-01", 2001);
    assert_int_equal(recomputed_unit(fixture, 7) - before, 1);
    assert_int_equal(dirty(fixture), UNITS - 1);
    office_report(&fixture->office, "later", "", unit_name(8), "2022-01-02", 2100);
    assert_int_equal(dirty(fixture), UNITS - 2);
    release(fixture);
    assert_int_equal(recomputed_unit(fixture, 7) - before, 1);
    assert_int_equal(recomputed_since(fixture), UNITS);
}

static void versions_that_follow_each_other_are_one_change(struct fixture *fixture)
{
    office_hold(&fixture->office);
    for (int i = 0; i < 3; i++)
        office_rule_set(&fixture->office, "2022-01-01", "");
    assert_int_equal(dirty(fixture), UNITS);
    release(fixture);
    assert_int_equal(recomputed_since(fixture), UNITS);
}

static void a_version_in_the_middle_repeats_only_what_was_done(struct fixture *fixture)
{
    office_hold(&fixture->office);
    office_rule_set(&fixture->office, "2022-01-01", "");
    office_work(&fixture->office, 1);
    int64_t done = UNITS - dirty(fixture);
    print_message("one step recomputed %lld of %d\n", (long long)done, UNITS);
    assert_in_range(done, 1, STEP_MOST);
    office_rule_set(&fixture->office, "2022-01-01", "");
    assert_int_equal(dirty(fixture), UNITS);
    release(fixture);
    assert_int_equal(recomputed_since(fixture), done + UNITS);
}

static void listings_and_a_rule_set_are_one_change(struct fixture *fixture)
{
    static char json[UNITS * 80];
    size_t length = (size_t)snprintf(json, sizeof json, "{\"listings\":[");
    for (int i = 0; i < UNITS; i++)
        length += (size_t)snprintf(json + length, sizeof json - length,
                                   "%s{\"unit\":\"%s\",\"asOf\":\"2022-01-01\",\"listed\":%d}",
                                   i > 0 ? "," : "", unit_name(i), 4000 + i);
    snprintf(json + length, sizeof json - length, "]}");
    struct niva_error err;
    office_hold(&fixture->office);
    assert_non_null(office_call(&fixture->office, "PutListings", json, &err));
    assert_int_equal(dirty(fixture), UNITS);
    office_contract(&fixture->office, unit_name(9), "2022-01-01", 2002);
    assert_int_equal(dirty(fixture), UNITS - 1);
    office_rule_set(&fixture->office, "2022-01-01", "");
    assert_int_equal(dirty(fixture), UNITS);
    release(fixture);
    assert_int_equal(recomputed_since(fixture), UNITS + 1);
}

/* The last day on which unit 1 is staffed is the 19th: only unit 1 has something new to say on the
 * 20th, and on the 21st nobody has. */
static void a_day_recomputes_only_what_it_changes(struct fixture *fixture)
{
    office_report(&fixture->office, "short", "", unit_name(1), "2022-01-20", 1000);
    assert_int_equal(recomputed_since(fixture), 1);
    int64_t before = recomputed_unit(fixture, 1);
    office_today(&fixture->office, "2022-01-19");
    assert_int_equal(recomputed_since(fixture), 0);
    office_today(&fixture->office, "2022-01-20");
    assert_int_equal(recomputed_unit(fixture, 1) - before, 1);
    assert_int_equal(recomputed_since(fixture), 1);
    office_today(&fixture->office, "2022-01-25");
    assert_int_equal(recomputed_since(fixture), 0);
}

/* On the first of a month every unit has a new month to speak of: once, with the rule set. */
static void a_day_and_a_rule_set_are_one_change(struct fixture *fixture)
{
    office_hold(&fixture->office);
    office_do(&fixture->office, "MoveToday", "{\"day\":\"2022-02-01\"}");
    while (dirty(fixture) == 0)
        office_work(&fixture->office, 1);
    assert_int_equal(dirty(fixture), UNITS);
    assert_true(niva_instant_parse("2022-02-01T08:00:00Z", &fixture->office.now));
    office_rule_set(&fixture->office, "2022-01-01", "");
    assert_int_equal(dirty(fixture), UNITS);
    release(fixture);
    assert_int_equal(recomputed_since(fixture), UNITS);
    assert_int_equal(count(fixture, "SELECT count(*) FROM compliance.month_published WHERE month "
                                    "= '2022-02-01'"),
                     UNITS);
    office_today(&fixture->office, "2022-02-01");
}

static void who_calls_meanwhile_is_told_what_is_left(struct fixture *fixture)
{
    struct office *office = &fixture->office;
    struct niva_error err;
    office_hold(office);
    const Niva__Compliance__V1__PutRuleSetResponse *published =
        office_do(office, "PutRuleSet",
                  "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\",\"professionGroup\":"
                  "\"fysioterapeut\",\"firstDay\":\"2022-01-01\",\"severity\":\"BINDING\","
                  "\"requirement\":{\"kind\":\"NONE\"},\"counting\":{\"titleCodes\":[\"FT\"],"
                  "\"employments\":[\"EMPLOYED\"]},\"regulation\":{\"formula\":\"NONE\"}}}");
    /* `after` waits for the version, not for what follows from it */
    assert_true(niva_journal_wait(office->journal, "compliance", published->position,
                                  niva_clock_monotonic_ms() + AT_ONCE_MS, &err));
    const Niva__Compliance__V1__ListBreachesResponse *breaches =
        office_see(office, "ListBreaches", "{\"state\":\"OPEN\",\"pageSize\":1000}");
    assert_int_equal(breaches->pending, UNITS);
    assert_in_range(breaches->n_breaches, UNITS / 3, UNITS);
    const Niva__Compliance__V1__GetTimelineResponse *timeline =
        office_see(office, "GetTimeline",
                   "{\"unit\":\"%s\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":"
                   "\"2022-01-10\",\"lastDay\":\"2022-01-10\"}",
                   unit_name(0));
    assert_int_equal(timeline->n_segments, 1);
    assert_int_equal(timeline->segments[0]->status,
                     NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NOT_REQUIRED);
    release(fixture);
    breaches = office_see(office, "ListBreaches", "{\"state\":\"OPEN\",\"pageSize\":1000}");
    assert_int_equal(breaches->pending, 0);
    assert_int_equal(breaches->n_breaches, 0);
}

static void nothing_is_recomputed_twice_needlessly(void **state)
{
    (void)state;
    struct fixture fixture;
    open(&fixture);
    a_rule_set_recomputes_every_unit_once(&fixture);
    a_unit_that_a_command_touched_is_done(&fixture);
    versions_that_follow_each_other_are_one_change(&fixture);
    a_version_in_the_middle_repeats_only_what_was_done(&fixture);
    listings_and_a_rule_set_are_one_change(&fixture);
    a_day_recomputes_only_what_it_changes(&fixture);
    a_day_and_a_rule_set_are_one_change(&fixture);
    who_calls_meanwhile_is_told_what_is_left(&fixture);
    office_close(&fixture.office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_recomputed_twice_needlessly),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
