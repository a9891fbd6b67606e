/* The duty to report, over the real service: days begin and reports grow old, the purchaser calls,
 * what comes late is found when it comes, and what everybody may read tells of no absence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

#define UNIT  "SE2321000016-REP1"
#define OTHER "SE2321000016-REP2"
#define THIRD "SE2321000016-REP3"

static struct cluster *cluster;

typedef Niva__Compliance__V1__ListBreachesResponse list_breaches;
typedef Niva__Compliance__V1__ListOverdueReportsResponse list_overdue;
typedef Niva__Compliance__V1__IssueCallResponse issued;
typedef Niva__Compliance__V1__ListCallsResponse list_calls;

/* Three units with a minimum of 2000 from 2022; a report is current for 60 days. The first two
 * report 2000 on 3 January, the third never does. */
static const char *begin(struct office *office)
{
    static const char *const units[] = {UNIT, OTHER, THIRD};
    const char *database = office_database(cluster);
    office_open(office, cluster, database, "2022-01-03T08:00:00Z");
    office_do(office, "PutRuleSet",
              "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\",\"professionGroup\":"
              "\"fysioterapeut\",\"firstDay\":\"2022-01-01\",\"severity\":\"BINDING\","
              "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"titleCodes\":[\"FT\"],"
              "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":30},\"reporting\":"
              "{\"reportMaxAgeDays\":60,\"changeWithinDays\":14,\"absenceWithinDays\":3,"
              "\"planWithinDays\":14},\"regulation\":{\"formula\":\"PRO_RATA\"}}}");
    for (size_t i = 0; i < 3; i++) {
        office_unit(office, units[i], "2020-01-01");
        office_contract(office, units[i], "2022-01-01", 2000);
    }
    office_report(office, "r1", "", UNIT, "2022-01-01", 2000);
    office_report(office, "r2", "", OTHER, "2022-01-01", 2000);
    office_settle(office);
    return database;
}

static void confirm(struct office *office, const char *id, const char *report, const char *unit,
                    const char *as_of)
{
    char now[32];
    niva_instant_format(office->now, now);
    office_event(office, "report.confirmed",
                 "{\"confirmation\":{\"confirmationId\":\"%s\",\"unit\":\"%s\",\"professionGroup\":"
                 "\"fysioterapeut\",\"asOf\":\"%s\",\"reportId\":\"%s\",\"receivedAt\":\"%s\","
                 "\"recordedAt\":\"%s\",\"recordedBy\":\"local:head\"}}",
                 id, unit, as_of, report, now, now);
}

static const list_overdue *overdue(struct office *office, const char *day)
{
    return office_see(
        office, "ListOverdueReports",
        "{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\",\"day\":\"%s\"}", day);
}

static const list_breaches *breaches(struct office *office, const char *unit, const char *kind)
{
    return office_see(office, "ListBreaches", "{\"unit\":\"%s\",\"kind\":\"%s\"}", unit, kind);
}

static void a_report_grows_old_on_its_day_and_a_confirmation_makes_it_current(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    office_today(&office, "2022-03-04");
    /* what there was before the first report came */
    const list_breaches *list = breaches(&office, UNIT, "REPORT_OVERDUE");
    assert_int_equal(list->n_breaches, 1);
    assert_string_equal(list->breaches[0]->first_day, "2022-01-01");
    assert_string_equal(list->breaches[0]->last_day, "2022-01-02");

    office_today(&office, "2022-03-20");
    list = breaches(&office, UNIT, "REPORT_OVERDUE");
    assert_int_equal(list->n_breaches, 2);
    const pb_breach *breach = list->breaches[1];
    assert_string_equal(breach->first_day, "2022-03-05");
    assert_string_equal(breach->caused_by, "day/2022-03-05");
    assert_int_equal(breach->state, PB_OPEN);
    assert_int_equal(breach->n_segments, 0);
    /* a day on which a breach goes on costs nothing */
    assert_int_equal(breach->version, 1);

    confirm(&office, "k1", "r1", UNIT, "2022-03-20");
    list = breaches(&office, UNIT, "REPORT_OVERDUE");
    assert_int_equal(list->n_breaches, 2);
    assert_string_equal(list->breaches[1]->last_day, "2022-03-19");
    assert_int_equal(list->breaches[1]->state, PB_CLOSED);
    assert_string_equal(list->breaches[1]->caused_by, "confirmation/k1/1");
    /* nothing of it moves months */
    assert_int_equal(
        office_count(cluster, database,
                     "SELECT count(*) FROM compliance.event WHERE subject = '" UNIT
                     "' AND type LIKE '%timeline%'"),
        5); /* January three times: registered, contracted, reported; February, March */
    office_close(&office);
}

static void the_list_says_who_since_when_and_for_how_long(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-03-20");
    confirm(&office, "k1", "r1", UNIT, "2022-03-20");
    const list_overdue *list = overdue(&office, "");
    assert_string_equal(list->day, "2022-03-20");
    assert_int_equal(list->pending, 0);
    assert_int_equal(list->n_overdue, 2);
    assert_string_equal(list->overdue[0]->unit, OTHER);
    assert_string_equal(list->overdue[0]->unit_name, OTHER " (fiktiv)");
    assert_string_equal(list->overdue[0]->due_since, "2022-03-05");
    assert_int_equal(list->overdue[0]->unreported_days, 16);
    assert_string_equal(list->overdue[0]->last_report->report_id, "r2");
    assert_string_equal(list->overdue[0]->last_report->effective_from, "2022-01-01");
    assert_string_equal(list->overdue[0]->last_report->received_on, "2022-01-03");
    assert_string_equal(list->overdue[0]->call_id, "");
    assert_string_equal(list->overdue[1]->unit, THIRD);
    assert_null(list->overdue[1]->last_report);
    assert_string_equal(list->overdue[1]->due_since, "2022-01-01");
    assert_int_equal(list->overdue[1]->unreported_days, 79);
    /* on a day gone by, and on one to come */
    assert_int_equal(overdue(&office, "2022-03-19")->n_overdue, 3);
    assert_int_equal(overdue(&office, "2022-03-04")->n_overdue, 1);
    assert_int_equal(overdue(&office, "2022-05-20")->n_overdue, 3);
    /* as it was known */
    list =
        office_see(&office, "ListOverdueReports",
                   "{\"professionGroup\":\"fysioterapeut\",\"knownAt\":\"2022-03-19T12:00:00Z\"}");
    assert_string_equal(list->day, "2022-03-19");
    assert_int_equal(list->n_overdue, 3);

    list = office_see(&office, "ListOverdueReports",
                      "{\"professionGroup\":\"fysioterapeut\",\"pageSize\":1}");
    assert_int_equal(list->n_overdue, 1);
    assert_string_equal(list->overdue[0]->unit, OTHER);
    list = office_see(&office, "ListOverdueReports",
                      "{\"professionGroup\":\"fysioterapeut\",\"pageSize\":1,\"pageToken\":\"%s\"}",
                      list->next_page_token);
    assert_int_equal(list->n_overdue, 1);
    assert_string_equal(list->overdue[0]->unit, THIRD);
    assert_string_equal(list->next_page_token, "");
    list = office_see(&office, "ListOverdueReports",
                      "{\"professionGroup\":\"fysioterapeut\",\"regionCode\":\"98\"}");
    assert_int_equal(list->n_overdue, 0);
    office_close(&office);
}

#define CALL_ID "0190163d-8694-739b-aea5-966c26f8ad91"

static void a_call_of_one_unit_is_issued_once(void **state)
{
    (void)state;
    static const char *const call =
        "{\"requestId\":\"" CALL_ID "\",\"call\":{\"unit\":\"" UNIT "\",\"professionGroup\":"
        "\"fysioterapeut\",\"currentSince\":\"2022-01-15\",\"answerBy\":\"2022-02-20\","
        "\"reference\":\"Brev (fiktivt)\"}}";
    struct office office;
    struct niva_error err;
    const char *database = begin(&office);
    office_today(&office, "2022-02-01");
    const issued *first = office_call(&office, "IssueCall", call, &err);
    assert_non_null(first);
    assert_string_equal(first->call->issued_on, "2022-02-01");
    assert_int_equal(first->call->version, 1);
    const issued *again = office_call(&office, "IssueCall", call, &err);
    assert_non_null(again);
    assert_string_equal(again->call->call_id, first->call->call_id);
    assert_int_equal(again->position, first->position);
    assert_null(office_call(&office, "IssueCall",
                            "{\"requestId\":\"" CALL_ID "\",\"call\":{\"unit\":\"" OTHER
                            "\",\"professionGroup\":\"fysioterapeut\"}}",
                            &err));
    assert_int_equal(err.code, NIVA_ALREADY_EXISTS);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE type = "
                                  "'se.niva.compliance.call.changed.v1' AND subject = '" UNIT "'"),
                     1);

    const list_overdue *list = overdue(&office, "");
    assert_int_equal(list->n_overdue, 2);
    assert_string_equal(list->overdue[0]->unit, UNIT);
    assert_string_equal(list->overdue[0]->due_since, "2022-02-01");
    assert_int_equal(list->overdue[0]->unreported_days, 1);
    assert_string_equal(list->overdue[0]->call_id, first->call->call_id);
    assert_string_equal(list->overdue[0]->answer_by, "2022-02-20");
    const list_breaches *found = breaches(&office, UNIT, "REPORT_OVERDUE");
    assert_int_equal(found->n_breaches, 2);
    assert_memory_equal(found->breaches[1]->caused_by, "call/", 5);

    office_do(&office, "VoidCall", "{\"callId\":\"%s\",\"reason\":\"Fel enhet\"}",
              first->call->call_id);
    found = breaches(&office, UNIT, "REPORT_OVERDUE");
    assert_int_equal(found->breaches[1]->state, PB_WITHDRAWN);
    assert_int_equal(overdue(&office, "")->n_overdue, 1);
    const list_calls *calls = office_see(&office, "ListCalls", "{\"unit\":\"" UNIT "\"}");
    assert_int_equal(calls->n_calls, 0);
    calls = office_see(&office, "ListCalls", "{\"includeHistory\":true}");
    assert_int_equal(calls->n_calls, 2);
    assert_string_equal(calls->calls[1]->void_reason, "Fel enhet");
    office_close(&office);
}

static void a_call_of_a_region_reaches_all_of_its_units(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    office_today(&office, "2022-02-01");
    /* one that is to be issued bears from its day */
    const issued *call = office_do(&office, "IssueCall",
                                   "{\"call\":{\"regionCode\":\"99\",\"professionGroup\":"
                                   "\"fysioterapeut\",\"issuedOn\":\"2022-02-10\"}}");
    assert_string_equal(call->call->current_since, "2022-02-10");
    office_settle(&office);
    assert_int_equal(overdue(&office, "")->n_overdue, 1);
    assert_int_equal(breaches(&office, UNIT, "REPORT_OVERDUE")->n_breaches, 1);
    office_today(&office, "2022-02-12");
    assert_int_equal(overdue(&office, "")->n_overdue, 3);
    const list_breaches *list = breaches(&office, OTHER, "REPORT_OVERDUE");
    assert_int_equal(list->n_breaches, 2);
    assert_string_equal(list->breaches[1]->first_day, "2022-02-10");
    assert_string_equal(list->breaches[1]->caused_by, "day/2022-02-10");
    office_report(&office, "r3", "", OTHER, "2022-02-12", 2000);
    assert_int_equal(overdue(&office, "")->n_overdue, 2);
    const list_calls *calls = office_see(&office, "ListCalls", "{\"unit\":\"" OTHER "\"}");
    assert_int_equal(calls->n_calls, 1);
    calls = office_see(&office, "ListCalls", "{\"regionCode\":\"98\"}");
    assert_int_equal(calls->n_calls, 0);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE type = "
                                  "'se.niva.compliance.call.changed.v1' AND subject = ''"),
                     1);
    office_close(&office);
}

static void a_mail_of_the_23rd_registered_on_the_4th_is_not_late(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-03-04");
    char now[32];
    niva_instant_format(office.now, now);
    office_event(&office, "report.received",
                 "{\"report\":{\"reportId\":\"mail\",\"unit\":\"" UNIT "\",\"professionGroup\":"
                 "\"fysioterapeut\",\"effectiveFrom\":\"2022-02-10\",\"receivedVia\":\"EMAIL\","
                 "\"receivedAt\":\"2022-02-23T15:00:00Z\",\"recordedAt\":\"%s\",\"recordedBy\":"
                 "\"local:officer\"}}",
                 now);
    assert_int_equal(breaches(&office, UNIT, "REPORT_LATE")->n_breaches, 0);
    office_report(&office, "hand", "", OTHER, "2022-02-10", 1500);
    const list_breaches *list = breaches(&office, OTHER, "REPORT_LATE");
    assert_int_equal(list->n_breaches, 1);
    assert_string_equal(list->breaches[0]->report_id, "hand");
    assert_string_equal(list->breaches[0]->first_day, "2022-02-25");
    assert_string_equal(list->breaches[0]->last_day, "2022-03-04");
    assert_int_equal(list->breaches[0]->state, PB_CLOSED);
    office_close(&office);
}

/* ---- absences ---- */

/* Events of breaches about the absence "a1": field 17 of the breach, with two characters. */
#define ABOUT_A1                                                                                   \
    "SELECT count(*) FROM compliance.event WHERE type LIKE '%breach%' AND "                        \
    "position('\\x8a01026131'::bytea IN data) > 0"

static void absence(struct office *office, const char *type, int version, const char *more)
{
    char now[32];
    niva_instant_format(office->now, now);
    office_event(office, type,
                 "{\"absence\":{\"absenceId\":\"a1\",\"unit\":\"" UNIT "\",\"professionGroup\":"
                 "\"fysioterapeut\",\"positionKey\":\"p0\",\"firstDay\":\"2022-02-07\","
                 "\"expectedLastDay\":\"2022-03-23\",\"category\":\"OTHER\",\"version\":%d,%s"
                 "\"receivedAt\":\"%s\",\"recordedAt\":\"%s\",\"recordedBy\":\"local:head\"}}",
                 version, more, now, now);
}

static void an_absence_is_late_and_its_plan_missing_and_events_do_not_tell_its_days(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    office_today(&office, "2022-02-14");
    absence(&office, "absence.notified", 1, "");
    const list_breaches *list = breaches(&office, UNIT, "ABSENCE_LATE");
    assert_int_equal(list->n_breaches, 1);
    assert_string_equal(list->breaches[0]->absence_id, "a1");
    assert_string_equal(list->breaches[0]->first_day, "2022-02-11");
    assert_string_equal(list->breaches[0]->last_day, "2022-02-14");
    assert_int_equal(list->breaches[0]->state, PB_CLOSED);
    assert_string_equal(list->breaches[0]->caused_by, "absence/a1/1");

    office_today(&office, "2022-03-01");
    list = breaches(&office, UNIT, "ABSENCE_PLAN_MISSING");
    assert_int_equal(list->n_breaches, 1);
    assert_string_equal(list->breaches[0]->first_day, "2022-03-01");
    assert_string_equal(list->breaches[0]->caused_by, "day/2022-03-01");
    office_today(&office, "2022-03-24");
    list = breaches(&office, UNIT, "ABSENCE_PLAN_MISSING");
    assert_string_equal(list->breaches[0]->last_day, "2022-03-23");
    assert_string_equal(list->breaches[0]->caused_by, "day/2022-03-24");
    absence(&office, "absence.changed", 2, "\"planNote\":\"Vikarie\",");
    assert_int_equal(breaches(&office, UNIT, "ABSENCE_PLAN_MISSING")->breaches[0]->version, 2);

    assert_int_equal(office_count(cluster, database, ABOUT_A1), 4);
    assert_int_equal(
        office_count(cluster, database, ABOUT_A1 " AND position('2022-0'::bytea IN data) > 0"), 0);
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_grows_old_on_its_day_and_a_confirmation_makes_it_current),
        cmocka_unit_test(the_list_says_who_since_when_and_for_how_long),
        cmocka_unit_test(a_call_of_one_unit_is_issued_once),
        cmocka_unit_test(a_call_of_a_region_reaches_all_of_its_units),
        cmocka_unit_test(a_mail_of_the_23rd_registered_on_the_4th_is_not_late),
        cmocka_unit_test(an_absence_is_late_and_its_plan_missing_and_events_do_not_tell_its_days),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
