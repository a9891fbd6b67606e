/* What is told of the days to come: once when it changes, by a fact or by a day, and not again;
 * also by days slept through; and a day that brings nothing costs nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "tests/support/office.h"

enum { EVENTS_MAX = 32, UNITS = 27 };

static struct cluster *cluster;

#define TYPE "se.niva.compliance.forecast.changed.v1"
#define UNIT "SE2321000016-F1"

static int64_t told_count(const char *database)
{
    return office_count(cluster, database,
                        "SELECT count(*) FROM compliance.event WHERE type = '" TYPE "'");
}

static int64_t recomputed(const char *database)
{
    return office_count(cluster, database,
                        "SELECT sum(recomputed) FROM compliance.unit_group_state");
}

/* The business day on which an event was written. */
#define DAY_OF_EVENT                                                                               \
    "(SELECT max(convert_from(substring(d.data FROM 3), 'UTF8')) FROM compliance.event d WHERE"    \
    " d.type = 'se.niva.compliance.day.begun.v1' AND d.position < e.position)"

/* The n-th of a unit, from 0: "2022-03-15: 2022-06-01/2022-06-10 REPORT=r2", or "none". */
static const char *told(struct office *office, const char *database, int n)
{
    static char line[512];
    char sql[512];
    const pb_forecast_changed *content;
    ProtobufCMessage *message;
    uint8_t bytes[2048];
    struct niva_error err;
    size_t size;
    size_t length;
    snprintf(sql, sizeof sql,
             "SELECT " DAY_OF_EVENT " || ' ' || encode(e.data, 'hex') FROM compliance.event e"
             " WHERE e.type = '" TYPE "' AND e.subject = '" UNIT "' ORDER BY e.position"
             " OFFSET %d LIMIT 1",
             n);
    const char *row = cluster_sql(cluster, database, sql);
    assert_true(strlen(row) > 11);
    length = (size_t)snprintf(line, sizeof line, "%.10s:", row);
    size = strlen(row + 11) / 2;
    assert_in_range(size, 1, sizeof bytes);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        assert_int_equal(sscanf(row + 11 + 2 * i, "%2x", &byte), 1);
        bytes[i] = (uint8_t)byte;
    }
    assert_true(niva_wire_unpack(&niva__compliance__v1__forecast_changed__descriptor, bytes, size,
                                 false, office->arena, &message, &err));
    content = (const pb_forecast_changed *)message;
    for (size_t i = 0; i < content->n_forecasts; i++) {
        const pb_forecast *forecast = content->forecasts[i];
        length += (size_t)snprintf(line + length, sizeof line - length, " %s/%s",
                                   forecast->first_day, forecast->last_day);
        assert_int_equal(forecast->n_costs, 0);
        assert_string_equal(forecast->unit_name, "");
        for (size_t c = 0; c < forecast->n_causes; c++)
            length +=
                (size_t)snprintf(line + length, sizeof line - length, " %d=%s",
                                 (int)forecast->causes[c]->kind, forecast->causes[c]->fact_id);
    }
    if (content->n_forecasts == 0)
        snprintf(line + length, sizeof line - length, " none");
    return line;
}

static void begin(struct office *office, const char *database, const char *from)
{
    office_open(office, cluster, database, from);
    office_rule_set(office, "2022-01-01", "");
    office_unit(office, UNIT, "2022-01-01");
    office_contract(office, UNIT, "2022-01-01", 2000);
    office_report(office, "r1", "", UNIT, "2022-01-01", 2000);
}

static void it_is_told_once_when_a_fact_or_a_day_changes_it(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    begin(&office, database, "2022-03-15T08:00:00Z");
    office_settle(&office);
    assert_int_equal(told_count(database), 0);

    office_report(&office, "r2", "", UNIT, "2022-07-01", 1500); /* 92 days after 2022-03-31 */
    office_contract(&office, UNIT, "2022-01-01", 2000);
    office_settle(&office);
    assert_int_equal(told_count(database), 0);
    office_today(&office, "2022-03-30");
    assert_int_equal(told_count(database), 0);
    office_today(&office, "2022-03-31");
    assert_int_equal(told_count(database), 1);
    assert_string_equal(told(&office, database, 0), "2022-03-31: 2022-07-01/ 1=r2");

    /* the same content is not told again, whatever is recomputed */
    office_contract(&office, UNIT, "2022-01-01", 2000);
    office_today(&office, "2022-04-20");
    assert_int_equal(told_count(database), 1);

    office_contract(&office, UNIT, "2022-06-15", 2500);
    assert_int_equal(told_count(database), 2);
    assert_string_equal(told(&office, database, 1),
                        "2022-04-20: 2022-06-15/ 6=" UNIT "/fysioterapeut/2022-06-15");
    office_report(&office, "r3", "", UNIT, "2022-07-10", 2500);
    assert_string_equal(told(&office, database, 2),
                        "2022-04-20: 2022-06-15/2022-07-09 6=" UNIT "/fysioterapeut/2022-06-15");

    /* what has begun is a breach */
    office_today(&office, "2022-08-01");
    assert_int_equal(told_count(database), 4);
    assert_string_equal(told(&office, database, 3), "2022-06-15: none");
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(DISTINCT breach_id) FROM"
                                  " compliance.breach_version WHERE kind = 1"
                                  " AND first_day = '2022-06-15'"),
                     1);
    office_close(&office);
}

static void a_region_is_told_by_its_rule_set(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    begin(&office, database, "2022-03-15T08:00:00Z");
    office_do(
        &office, "GrantDispensation",
        "{\"dispensation\":{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\","
        "\"firstDay\":\"2022-03-16\",\"lastDay\":\"2022-04-30\",\"decisionReference\":\"x\"}}");
    office_report(&office, "r2", "", UNIT, "2022-03-20", 1500);
    office_settle(&office);
    assert_int_equal(told_count(database), 1);
    assert_non_null(strstr(told(&office, database, 0), "2022-03-15: 2022-05-01/ 5="));
    office_close(&office);
}

/* The service was up on a day 60 days ago, in a rehearsal, which alone can record in the past. */
static void days_slept_through_tell_it_on_their_day(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    char today[16];
    char day[16];
    char from[32];
    char expected[64];
    niva_day calendar;
    snprintf(
        today, sizeof today, "%s",
        cluster_sql(cluster, database, "SELECT (now() AT TIME ZONE 'Europe/Stockholm')::date"));
    assert_true(niva_day_parse(today, &calendar));
    niva_day_format(calendar - 60, day);
    snprintf(from, sizeof from, "%sT08:00:00Z", day);
    begin(&office, database, from);
    niva_day_format(calendar + 62, day); /* comes near 30 days ago */
    office_report(&office, "far", "", UNIT, day, 1500);
    niva_day_format(calendar - 20, day); /* begins 20 days ago */
    office_report(&office, "near", "", UNIT, day, 1000);
    niva_day_format(calendar - 10, day);
    office_report(&office, "back", "", UNIT, day, 2000);
    office_settle(&office);
    assert_int_equal(told_count(database), 2); /* of the last two reports */
    office_close(&office);

    office_open(&office, cluster, database, NULL);
    office_settle(&office);
    assert_int_equal(told_count(database), 4);
    niva_day_format(calendar - 30, day);
    snprintf(expected, sizeof expected, "%s: ", day);
    assert_non_null(strstr(told(&office, database, 2), expected));
    assert_non_null(strstr(told(&office, database, 2), "1=near"));
    assert_non_null(strstr(told(&office, database, 2), "1=far"));
    niva_day_format(calendar - 20, day);
    snprintf(expected, sizeof expected, "%s: ", day);
    assert_non_null(strstr(told(&office, database, 3), expected));
    assert_null(strstr(told(&office, database, 3), "1=near"));
    assert_non_null(strstr(told(&office, database, 3), "1=far"));
    office_close(&office);
}

/* Only the months that begin, and the two days of the one unit, are worked on. */
static void days_that_bring_nothing_cost_nothing(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    begin(&office, database, "2022-03-15T08:00:00Z");
    for (int i = 0; i < UNITS; i++) {
        char unit[32];
        char id[16];
        snprintf(unit, sizeof unit, "SE2321000016-N%d", i);
        snprintf(id, sizeof id, "n%d", i);
        office_unit(&office, unit, "2022-01-01");
        office_contract(&office, unit, "2022-01-01", 2000);
        office_report(&office, id, "", unit, "2022-01-01", 2000);
    }
    office_report(&office, "r2", "", UNIT, "2022-07-20", 1500); /* near on 2022-04-19 */
    office_settle(&office);
    office_today(&office, "2022-04-01");
    int64_t before = recomputed(database);
    office_today(&office, "2022-04-30");
    assert_int_equal(recomputed(database), before + 1);
    assert_int_equal(told_count(database), 1);
    office_today(&office, "2022-05-31");
    assert_int_equal(recomputed(database), before + 1 + UNITS + 1);
    assert_int_equal(told_count(database), 1);
    office_close(&office);
}

/* ---- what is answered ---- */

typedef Niva__Compliance__V1__ListForecastsResponse list_response;

#define ASK "{\"professionGroup\":\"fysioterapeut\""

/* Three units of region 99 with four forecasts; "F2" has two of them. */
static void region(struct office *office, const char *database)
{
    begin(office, database, "2022-03-15T08:00:00Z");
    for (int i = 2; i <= 3; i++) {
        char unit[32];
        char id[16];
        snprintf(unit, sizeof unit, "SE2321000016-F%d", i);
        snprintf(id, sizeof id, "u%d", i);
        office_unit(office, unit, "2022-01-01");
        office_contract(office, unit, "2022-01-01", 2000);
        office_report(office, id, "", unit, "2022-01-01", 2000);
    }
    office_report(office, "a", "", UNIT, "2022-05-01", 1500);
    office_report(office, "b", "", "SE2321000016-F2", "2022-04-01", 1500);
    office_report(office, "c", "", "SE2321000016-F2", "2022-04-11", 2000);
    office_report(office, "d", "", "SE2321000016-F2", "2022-04-21", 1000);
    office_report(office, "e", "", "SE2321000016-F3", "2022-07-01", 1000); /* in 108 days */
    office_settle(office);
}

/* "F1 2022-05-01, F2 2022-04-01" of an answer. */
static const char *answered(const list_response *list)
{
    static char line[512];
    size_t length = 0;
    line[0] = '\0';
    for (size_t i = 0; i < list->n_forecasts; i++)
        length +=
            (size_t)snprintf(line + length, sizeof line - length, "%s%s %s", i == 0 ? "" : ", ",
                             list->forecasts[i]->unit + 13, list->forecasts[i]->first_day);
    return line;
}

static void forecasts_are_answered_in_order_of_unit_and_day(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    region(&office, database);
    const list_response *list = office_see(&office, "ListForecasts", ASK "}");
    assert_string_equal(answered(list), "F1 2022-05-01, F2 2022-04-01, F2 2022-04-21");
    assert_string_equal(list->today, "2022-03-15");
    assert_string_equal(list->last_day, "2022-06-13");
    assert_string_equal(list->next_page_token, "");
    assert_int_equal(list->pending, 0);
    assert_string_equal(list->forecasts[1]->last_day, "2022-04-10");
    assert_string_equal(list->forecasts[1]->unit_name, "SE2321000016-F2 (fiktiv)");
    assert_string_equal(list->forecasts[1]->rule_set_id, "fysio");
    assert_int_equal(list->forecasts[2]->shortfall_milli, 1000);
    assert_string_equal(list->forecasts[2]->causes[0]->fact_id, "d");
    assert_int_equal(list->forecasts[2]->n_costs, 0); /* nothing is known to be paid */

    list = office_see(&office, "ListForecasts", ASK ",\"withinDays\":108}");
    assert_string_equal(answered(list),
                        "F1 2022-05-01, F2 2022-04-01, F2 2022-04-21, F3 2022-07-01");
    list = office_see(&office, "ListForecasts", ASK ",\"withinDays\":107,\"regionCode\":\"99\"}");
    assert_string_equal(answered(list), "F1 2022-05-01, F2 2022-04-01, F2 2022-04-21");
    list = office_see(&office, "ListForecasts", ASK ",\"regionCode\":\"19\"}");
    assert_string_equal(answered(list), "");
    list = office_see(&office, "ListForecasts", ASK ",\"unit\":\"SE2321000016-F2\"}");
    assert_string_equal(answered(list), "F2 2022-04-01, F2 2022-04-21");
    list = office_see(&office, "ListForecasts",
                      ASK ",\"unit\":\"SE2321000016-F2\",\"regionCode\":\"19\"}");
    assert_string_equal(answered(list), "");
    list = office_see(&office, "ListForecasts", ASK ",\"unit\":\"SE2321000016-NONE\"}");
    assert_string_equal(answered(list), "");
    list = office_see(&office, "ListForecasts", "{\"professionGroup\":\"dietist\"}");
    assert_string_equal(answered(list), "");
    office_close(&office);
}

static void pages_cut_nothing(void **state)
{
    (void)state;
    static const char *const expected[] = {"F1 2022-05-01", "F2 2022-04-01", "F2 2022-04-21",
                                           "F3 2022-07-01"};
    struct office office;
    const char *database = office_database(cluster);
    char token[128] = "";
    region(&office, database);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const list_response *list =
            office_see(&office, "ListForecasts",
                       ASK ",\"withinDays\":366,\"pageSize\":1,\"pageToken\":\"%s\"}", token);
        assert_string_equal(answered(list), expected[i]);
        snprintf(token, sizeof token, "%s", list->next_page_token);
    }
    assert_string_equal(token, "");
    const list_response *list =
        office_see(&office, "ListForecasts", ASK ",\"unit\":\"SE2321000016-F2\",\"pageSize\":1}");
    assert_string_equal(answered(list), "F2 2022-04-01");
    list = office_see(&office, "ListForecasts",
                      ASK ",\"unit\":\"SE2321000016-F2\",\"pageSize\":1,\"pageToken\":\"%s\"}",
                      list->next_page_token);
    assert_string_equal(answered(list), "F2 2022-04-21");
    assert_string_equal(list->next_page_token, "");
    office_close(&office);
}

static void a_forecast_is_known_since_its_facts_are(void **state)
{
    (void)state;
    struct office office;
    const char *database = office_database(cluster);
    region(&office, database);
    office_today(&office, "2022-04-05");
    const list_response *list = office_see(&office, "ListForecasts", ASK "}");
    assert_string_equal(answered(list), "F1 2022-05-01, F2 2022-04-21, F3 2022-07-01");
    list = office_see(&office, "ListForecasts", ASK ",\"knownAt\":\"2022-03-20T12:00:00Z\"}");
    assert_string_equal(answered(list), "F1 2022-05-01, F2 2022-04-01, F2 2022-04-21");
    assert_string_equal(list->today, "2022-03-20");
    list = office_see(&office, "ListForecasts", ASK ",\"knownAt\":\"2022-03-15T07:00:00Z\"}");
    assert_string_equal(answered(list), "");
    office_close(&office);
}

static void what_is_asked_wrongly_is_refused_by_its_field(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *field;
    } cases[] = {
        {"{}", "professionGroup"},
        {ASK ",\"withinDays\":367}", "withinDays"},
        {ASK ",\"withinDays\":-1}", "withinDays"},
        {ASK ",\"unit\":\"x\"}", "unit"},
        {ASK ",\"regionCode\":\"9\"}", "regionCode"},
        {ASK ",\"pageSize\":-1}", "pageSize"},
        {ASK ",\"pageToken\":\"x\"}", "pageToken"},
        {ASK ",\"pageToken\":\"773a\"}", "pageToken"},         /* "w:" */
        {ASK ",\"pageToken\":\"773a53452f78\"}", "pageToken"}, /* "w:SE/x" */
    };
    struct office office;
    const char *database = office_database(cluster);
    office_open(&office, cluster, database, "2022-03-15T08:00:00Z");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct niva_error err;
        if (office_ask(&office, "ListForecasts", cases[i].json, &err) != NULL)
            fail_msg("%s was answered", cases[i].json);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, cases[i].field);
    }
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_once_when_a_fact_or_a_day_changes_it),
        cmocka_unit_test(a_region_is_told_by_its_rule_set),
        cmocka_unit_test(days_slept_through_tell_it_on_their_day),
        cmocka_unit_test(days_that_bring_nothing_cost_nothing),
        cmocka_unit_test(forecasts_are_answered_in_order_of_unit_and_day),
        cmocka_unit_test(pages_cut_nothing),
        cmocka_unit_test(a_forecast_is_known_since_its_facts_are),
        cmocka_unit_test(what_is_asked_wrongly_is_refused_by_its_field),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
