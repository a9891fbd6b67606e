/* The story of a unit, from a rule set to a breach and back, against a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

#define UNIT  "SE2321000016-STORY1"
#define OTHER "SE2321000016-STORY2"

static struct cluster *cluster;

typedef Niva__Compliance__V1__ListBreachesResponse list_breaches;
typedef Niva__Compliance__V1__ListStatusesResponse list_statuses;
typedef Niva__Compliance__V1__GetTimelineResponse timeline;

/* Two units with a minimum of 2000 from 2022; one reports 1500 from 20 February. */
static const char *begin(struct office *office)
{
    const char *database = office_database(cluster);
    office_open(office, cluster, database, "2022-01-03T08:00:00Z");
    office_rule_set(office, "2022-01-01", "");
    office_unit(office, UNIT, "2020-01-01");
    office_unit(office, OTHER, "2020-01-01");
    office_contract(office, UNIT, "2022-01-01", 2000);
    office_contract(office, OTHER, "2022-01-01", 2000);
    office_report(office, "r1", "", UNIT, "2022-01-01", 2000);
    office_report(office, "r2", "", UNIT, "2022-02-20", 1500);
    office_settle(office);
    return database;
}

/* Those of BELOW_MINIMUM: what the stories here are about. */
static const list_breaches *breaches(struct office *office, const char *json)
{
    return office_see(office, "ListBreaches", "{\"kind\":\"BELOW_MINIMUM\"%s%s",
                      json[1] != '}' ? "," : "", json + 1);
}

static void the_first_fact_begins_the_first_day(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    office_open(&office, cluster, database, "2022-01-03T08:00:00Z");
    office_rule_set(&office, "2022-01-01", "");
    const Niva__Compliance__V1__GetBusinessDayResponse *today =
        office_see(&office, "GetBusinessDay", "{}");
    assert_string_equal(today->day, "2022-01-03");
    assert_true(today->rehearsal);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE type = "
                                  "'se.niva.compliance.day.begun.v1'"),
                     1);
    office_close(&office);
}

static void a_plan_becomes_a_breach_on_its_day_and_ends_by_a_finding(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    assert_int_equal(breaches(&office, "{}")->n_breaches, 0);
    office_today(&office, "2022-02-19");
    assert_int_equal(breaches(&office, "{}")->n_breaches, 0);
    office_today(&office, "2022-03-05");
    const list_breaches *list = breaches(&office, "{\"state\":\"OPEN\"}");
    assert_int_equal(list->n_breaches, 1);
    assert_int_equal(list->pending, 0);
    const pb_breach *breach = list->breaches[0];
    assert_string_equal(breach->unit, UNIT);
    assert_string_equal(breach->first_day, "2022-02-20");
    assert_string_equal(breach->caused_by, "day/2022-02-20");
    assert_string_equal(breach->segments[0]->report_id, "r2");

    char then[32];
    niva_instant_format(office.now, then);
    office_do(&office, "PutFinding",
              "{\"finding\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
              "\"firstDay\":\"2022-03-01\",\"countedMilli\":2000,\"evidence\":\"Besök (fiktivt)\","
              "\"caseNumber\":\"FIKTIV-1\"}}");
    list = breaches(&office, "{\"includeHistory\":true}");
    assert_int_equal(list->n_breaches, 2);
    assert_int_equal(list->breaches[1]->state, PB_CLOSED);
    assert_string_equal(list->breaches[1]->last_day, "2022-02-28");
    assert_memory_equal(list->breaches[1]->caused_by, "finding/", 8);
    assert_int_equal(breaches(&office, "{\"openOn\":\"2022-02-28\"}")->n_breaches, 1);
    assert_int_equal(breaches(&office, "{\"openOn\":\"2022-03-01\"}")->n_breaches, 0);
    assert_int_equal(breaches(&office, "{\"unit\":\"" OTHER "\"}")->n_breaches, 0);
    const Niva__Compliance__V1__GetBreachResponse *one =
        office_see(&office, "GetBreach", "{\"breachId\":\"%s\"}", breach->breach_id);
    assert_int_equal(one->breach->version, 2);
    niva_instant known;
    assert_true(niva_instant_parse(then, &known));
    niva_instant_format(known - 1, then);
    list = office_see(&office, "ListBreaches", "{\"kind\":\"BELOW_MINIMUM\",\"knownAt\":\"%s\"}",
                      then);
    assert_int_equal(list->n_breaches, 1);
    assert_int_equal(list->breaches[0]->state, PB_OPEN);
    one = office_see(&office, "GetBreach", "{\"breachId\":\"%s\",\"knownAt\":\"%s\"}",
                     breach->breach_id, then);
    assert_int_equal(one->breach->version, 1);
    office_close(&office);
}

static void a_withdrawn_correction_brings_a_new_breach_that_names_the_old(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-03-05");
    office_report(&office, "r3", "r2", UNIT, "2022-02-20", 2000);
    const list_breaches *list = breaches(&office, "{}");
    assert_int_equal(list->n_breaches, 1);
    assert_int_equal(list->breaches[0]->state, PB_WITHDRAWN);
    assert_string_equal(list->breaches[0]->caused_by, "report/r3/1");
    office_withdrawal(&office, "r3", UNIT);
    list = breaches(&office, "{}");
    assert_int_equal(list->n_breaches, 2);
    assert_int_equal(list->breaches[1]->state, PB_OPEN);
    assert_string_equal(list->breaches[1]->returns_from, list->breaches[0]->breach_id);
    assert_string_equal(list->breaches[1]->caused_by, "report/r3/2");
    const list_breaches *page = breaches(&office, "{\"pageSize\":1}");
    assert_int_equal(page->n_breaches, 1);
    page = office_see(&office, "ListBreaches",
                      "{\"kind\":\"BELOW_MINIMUM\",\"pageSize\":1,\"pageToken\":\"%s\"}",
                      page->next_page_token);
    assert_string_equal(page->breaches[0]->breach_id, list->breaches[1]->breach_id);
    assert_string_equal(page->next_page_token, "");
    office_close(&office);
}

static void a_timeline_says_what_was_known_and_what_is_planned(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-02-01");
    char then[32];
    niva_instant_format(office.now, then);
    office_today(&office, "2022-03-05");
    office_report(&office, "r3", "r2", UNIT, "2022-02-20", 2000);
    const timeline *now = office_see(&office, "GetTimeline",
                                     "{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
                                     "\"firstDay\":\"2022-01-01\",\"lastDay\":\"2022-12-31\"}");
    assert_string_equal(now->today, "2022-03-05");
    assert_int_equal(now->n_segments, 3);
    assert_string_equal(now->segments[1]->last_day, "2022-03-05");
    assert_false(now->segments[1]->planned);
    assert_true(now->segments[2]->planned);
    assert_int_equal(now->segments[2]->status, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET);

    const timeline *known =
        office_see(&office, "GetTimeline",
                   "{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
                   "\"firstDay\":\"2022-01-01\",\"lastDay\":\"2022-12-31\",\"knownAt\":\"%s\"}",
                   then);
    assert_string_equal(known->today, "2022-02-01");
    assert_int_equal(known->n_segments, 3);
    assert_string_equal(known->segments[0]->last_day, "2022-02-01");
    assert_true(known->segments[1]->planned);
    assert_int_equal(known->segments[2]->status,
                     NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM);
    office_close(&office);
}

static void statuses_say_who_is_below_and_who_never_reported(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-03-05");
    const list_statuses *list = office_see(
        &office, "ListStatuses", "{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\"}");
    assert_string_equal(list->day, "2022-03-05");
    assert_int_equal(list->n_statuses, 2);
    const Niva__Compliance__V1__UnitStatus *below = list->statuses[0];
    assert_string_equal(below->unit, UNIT);
    assert_string_equal(below->unit_name, UNIT " (fiktiv)");
    assert_string_equal(below->below_since, "2022-02-20");
    assert_string_equal(below->latest_report_id, "r2");
    assert_string_equal(below->segment->first_day, "2022-03-01");
    assert_string_equal(below->segment->last_day, "2022-03-31");
    assert_int_equal(below->segment->shortfall_milli, 500);
    assert_int_equal(below->report_age_days, 61);
    assert_false(below->overdue);
    const Niva__Compliance__V1__UnitStatus *silent = list->statuses[1];
    assert_true(silent->overdue);
    assert_int_equal(silent->report_age_days, -1);
    assert_string_equal(silent->below_since, "");
    assert_string_equal(silent->latest_report_id, "");
    assert_int_equal(silent->segment->status, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT);

    const list_statuses *page =
        office_see(&office, "ListStatuses",
                   "{\"professionGroup\":\"fysioterapeut\",\"day\":\"2022-02-19\",\"pageSize\":1}");
    assert_int_equal(page->n_statuses, 1);
    assert_string_equal(page->statuses[0]->segment->last_day, "2022-02-19");
    page = office_see(&office, "ListStatuses",
                      "{\"professionGroup\":\"fysioterapeut\",\"day\":\"2022-02-19\","
                      "\"pageSize\":1,\"pageToken\":\"%s\"}",
                      page->next_page_token);
    assert_int_equal(page->n_statuses, 1);
    assert_string_equal(page->statuses[0]->unit, OTHER);
    assert_string_equal(page->next_page_token, "");
    list = office_see(&office, "ListStatuses",
                      "{\"regionCode\":\"98\",\"professionGroup\":\"fysioterapeut\"}");
    assert_int_equal(list->n_statuses, 0);
    office_close(&office);
}

static void facts_are_listed_with_their_history(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    office_today(&office, "2022-03-05");
    office_contract(&office, UNIT, "2022-01-01", 1800);
    const Niva__Compliance__V1__ListContractsResponse *contracts =
        office_see(&office, "ListContracts", "{}");
    assert_int_equal(contracts->n_contracts, 2);
    assert_int_equal(contracts->contracts[1]->minimum_milli, 1800);
    assert_int_equal(contracts->contracts[1]->version, 2);
    assert_string_equal(contracts->contracts[1]->recorded_by, "local:test");
    contracts = office_see(&office, "ListContracts", "{\"includeHistory\":true,\"pageSize\":2}");
    assert_int_equal(contracts->n_contracts, 2);
    contracts = office_see(&office, "ListContracts",
                           "{\"includeHistory\":true,\"pageSize\":2,\"pageToken\":\"%s\"}",
                           contracts->next_page_token);
    assert_int_equal(contracts->n_contracts, 1);

    const Niva__Compliance__V1__GrantDispensationResponse *granted =
        office_do(&office, "GrantDispensation",
                  "{\"dispensation\":{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\","
                  "\"firstDay\":\"2022-02-25\",\"lastDay\":\"2022-06-30\","
                  "\"decisionReference\":\"Fiktivt beslut\"}}");
    office_settle(&office);
    assert_string_equal(breaches(&office, "{}")->breaches[0]->last_day, "2022-02-24");
    const Niva__Compliance__V1__ListDispensationsResponse *dispensations =
        office_see(&office, "ListDispensations", "{\"unit\":\"" UNIT "\"}");
    assert_int_equal(dispensations->n_dispensations, 1);
    office_do(&office, "RevokeDispensation",
              "{\"dispensationId\":\"%s\",\"fromDay\":\"2022-04-01\"}",
              granted->dispensation->dispensation_id);
    office_do(&office, "VoidDispensation", "{\"dispensationId\":\"%s\",\"reason\":\"Fel enhet\"}",
              granted->dispensation->dispensation_id);
    office_settle(&office);
    assert_int_equal(breaches(&office, "{}")->breaches[0]->state, PB_OPEN);
    dispensations = office_see(&office, "ListDispensations", "{\"regionCode\":\"99\"}");
    assert_int_equal(dispensations->n_dispensations, 0);
    dispensations = office_see(&office, "ListDispensations", "{\"includeHistory\":true}");
    assert_int_equal(dispensations->n_dispensations, 3);
    assert_string_equal(dispensations->dispensations[2]->void_reason, "Fel enhet");
    assert_string_equal(dispensations->dispensations[2]->revoked_from, "2022-04-01");
    office_close(&office);
}

static void listings_of_many_units_are_recomputed_between_batches(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    char json[16384] = "{\"listings\":[";
    size_t length = strlen(json);
    for (int i = 0; i < 60; i++)
        length += (size_t)snprintf(json + length, sizeof json - length,
                                   "%s{\"unit\":\"SE2321000016-L%d\",\"asOf\":\"2022-01-31\","
                                   "\"listed\":5000}",
                                   i > 0 ? "," : "", i);
    snprintf(json + length, sizeof json - length, "]}");
    struct niva_error err;
    const Niva__Compliance__V1__PutListingsResponse *put =
        office_call(&office, "PutListings", json, &err);
    assert_non_null(put);
    assert_int_equal(put->count, 60);
    office_settle(&office);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.unit_group_state WHERE unit "
                                  "LIKE 'SE2321000016-L%'"),
                     0);
    const Niva__Compliance__V1__ListListingsResponse *listings =
        office_see(&office, "ListListings", "{\"unit\":\"SE2321000016-L7\"}");
    assert_int_equal(listings->n_listings, 1);
    office_unit(&office, "SE2321000016-L7", "2022-01-01");
    office_settle(&office);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.unit_group_state WHERE unit "
                                  "LIKE 'SE2321000016-L%'"),
                     1);
    office_close(&office);
}

static void a_unit_that_moves_to_another_region_leaves_its_rules(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    office_today(&office, "2022-03-05");
    assert_int_equal(breaches(&office, "{\"state\":\"OPEN\"}")->n_breaches, 1);
    char now[32];
    niva_instant_format(office.now, now);
    office_event(&office, "unit.changed",
                 "{\"unit\":{\"hsaId\":\"" UNIT "\",\"name\":\"Flyttad (fiktiv)\","
                 "\"regionCode\":\"98\",\"openedOn\":\"2020-01-01\",\"owners\":[{\"orgNumber\":"
                 "\"5560360793\",\"form\":\"PRIVATE\",\"firstDay\":\"2020-01-01\"}],\"version\":2,"
                 "\"recordedAt\":\"%s\",\"recordedBy\":\"local:intake\"}}",
                 now);
    office_settle(&office);
    const list_breaches *list = breaches(&office, "{}");
    assert_int_equal(list->n_breaches, 1);
    assert_int_equal(list->breaches[0]->state, PB_WITHDRAWN);
    assert_string_equal(list->breaches[0]->caused_by, "unit/" UNIT "/2");
    const list_statuses *statuses = office_see(
        &office, "ListStatuses", "{\"regionCode\":\"98\",\"professionGroup\":\"fysioterapeut\"}");
    assert_int_equal(statuses->n_statuses, 1);
    assert_int_equal(statuses->statuses[0]->segment->status,
                     NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NOT_REQUIRED);
    assert_false(statuses->statuses[0]->overdue);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.unit_group_state WHERE unit = "
                                  "'" UNIT "' AND next_change_day IS NOT NULL"),
                     0);
    office_close(&office);
}

static void external_events_carry_no_free_text(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    office_do(&office, "PutFinding",
              "{\"finding\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
              "\"firstDay\":\"2022-01-01\",\"countedMilli\":2000,\"evidence\":\"HEMLIGT\","
              "\"caseNumber\":\"FIKTIV-1\"}}");
    const Niva__Compliance__V1__GrantDispensationResponse *granted =
        office_do(&office, "GrantDispensation",
                  "{\"dispensation\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
                  "\"firstDay\":\"2022-02-25\",\"decisionReference\":\"Fiktivt beslut\"}}");
    office_do(&office, "VoidDispensation", "{\"dispensationId\":\"%s\",\"reason\":\"HEMLIGT\"}",
              granted->dispensation->dispensation_id);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE position(convert_to("
                                  "'HEMLIGT', 'UTF8') IN data) > 0"),
                     0);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.fact WHERE position(convert_to("
                                  "'HEMLIGT', 'UTF8') IN body) > 0"),
                     2);
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_fact_begins_the_first_day),
        cmocka_unit_test(a_plan_becomes_a_breach_on_its_day_and_ends_by_a_finding),
        cmocka_unit_test(a_withdrawn_correction_brings_a_new_breach_that_names_the_old),
        cmocka_unit_test(a_timeline_says_what_was_known_and_what_is_planned),
        cmocka_unit_test(statuses_say_who_is_below_and_who_never_reported),
        cmocka_unit_test(facts_are_listed_with_their_history),
        cmocka_unit_test(listings_of_many_units_are_recomputed_between_batches),
        cmocka_unit_test(a_unit_that_moves_to_another_region_leaves_its_rules),
        cmocka_unit_test(external_events_carry_no_free_text),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
