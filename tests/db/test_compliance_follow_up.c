/* Follow-up: figures that were imported, kept with their history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

#define UNIT  "SE2321000016-FU1"
#define OTHER "SE2321000016-FU2"

typedef Niva__Compliance__V1__ListIndicatorsResponse Indicators;
typedef Niva__Compliance__V1__PutIndicatorsResponse Put;

static struct cluster *cluster;
static const char *database;
static struct office office;

static int open_office(void **state)
{
    (void)state;
    database = office_database(cluster);
    office_open(&office, cluster, database, "2022-06-23T08:00:00Z");
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    return 0;
}

static int64_t positions(void)
{
    return office_count(cluster, database, "SELECT position + fact_no FROM compliance.stream_head");
}

static void refused(const char *method, const char *json, enum niva_code code, const char *field,
                    const char *reason)
{
    struct niva_error err;
    int64_t before = positions();
    bool read = strncmp(method, "List", 4) == 0 || strncmp(method, "Get", 3) == 0;
    const void *reply =
        read ? office_ask(&office, method, json, &err) : office_call(&office, method, json, &err);
    if (reply != NULL)
        fail_msg("%s: expected to be refused: %s", method, json);
    assert_int_equal(err.code, code);
    assert_string_equal(err.violations[0].field, field);
    assert_string_equal(err.violations[0].reason, reason);
    assert_int_equal(positions(), before);
}

/* ---- indicators ---- */

static void visits_put(const char *unit, const char *period, int visits)
{
    office_do(&office, "PutIndicators",
              "{\"indicators\":[{\"unit\":\"%s\",\"professionGroup\":\"fysioterapeut\",\"code\":"
              "\"besök\",\"period\":\"%s\",\"valueMilli\":\"%d\",\"measure\":\"besök\",\"source\":"
              "\"Fiktivt uttag\"}]}",
              unit, period, 1000 * visits);
}

static void indicators_keep_their_history(void **state)
{
    (void)state;
    visits_put(UNIT, "2022-04", 412);
    visits_put(OTHER, "2022-04", 300);
    visits_put(UNIT, "2022-05", 398);
    visits_put(UNIT, "2022-04", 411);
    const Indicators *list = office_see(&office, "ListIndicators", "{}");
    assert_int_equal(list->n_indicators, 3);
    assert_string_equal(list->indicators[2]->period, "2022-04");
    assert_int_equal(list->indicators[2]->version, 2);
    assert_int_equal(list->indicators[2]->value_milli, 411000);
    assert_non_null(list->indicators[2]->recorded_at);
    assert_string_not_equal(list->indicators[2]->recorded_by, "");
    list = office_see(&office, "ListIndicators", "{\"unit\":\"" UNIT "\",\"includeHistory\":true}");
    assert_int_equal(list->n_indicators, 3);
    assert_int_equal(list->indicators[0]->value_milli, 412000);
    list = office_see(&office, "ListIndicators", "{\"sincePeriod\":\"2022-05\"}");
    assert_int_equal(list->n_indicators, 1);
    list = office_see(&office, "ListIndicators", "{\"code\":\"patienter\"}");
    assert_int_equal(list->n_indicators, 0);
}

static void a_figure_registered_in_error_is_withdrawn_and_may_come_again(void **state)
{
    (void)state;
    visits_put(UNIT, "2022-04", 412);
    office_do(&office, "PutIndicators",
              "{\"indicators\":[{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
              "\"code\":\"besök\",\"period\":\"2022-04\",\"withdrawn\":true,\"measure\":\"besök\","
              "\"source\":\"Fiktivt uttag\"}]}");
    const Indicators *list = office_see(&office, "ListIndicators", "{}");
    assert_int_equal(list->n_indicators, 0);
    list = office_see(&office, "ListIndicators", "{\"includeHistory\":true}");
    assert_int_equal(list->n_indicators, 2);
    assert_int_equal(list->indicators[1]->value_case,
                     NIVA__COMPLIANCE__V1__INDICATOR__VALUE__NOT_SET);
    visits_put(UNIT, "2022-04", 400);
    list = office_see(&office, "ListIndicators", "{}");
    assert_int_equal(list->n_indicators, 1);
    assert_int_equal(list->indicators[0]->version, 3);
}

static void bad_indicators_change_nothing(void **state)
{
    (void)state;
#define FIGURE(period, more)                                                                       \
    "{\"indicators\":[{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\",\"code\":"      \
    "\"besök\",\"period\":\"" period "\",\"measure\":\"besök\",\"source\":\"Fiktivt\"," more "}]}"
    refused("PutIndicators", FIGURE("2022-07", "\"valueMilli\":\"0\""), NIVA_INVALID_ARGUMENT,
            "indicators[0].period", "PERIOD_TO_COME");
    refused("PutIndicators", FIGURE("2022-05", "\"withdrawn\":true"), NIVA_INVALID_ARGUMENT,
            "indicators[0].period", "INDICATOR_UNKNOWN");
    refused("PutIndicators",
            FIGURE("2022-05", "\"valueMilli\":\"0\",\"receivedAt\":\"2022-06-30T08:00:00Z\""),
            NIVA_INVALID_ARGUMENT, "indicators[0].receivedAt", "RECEIVED_AFTER_RECORDED");
    refused("PutIndicators", FIGURE("2022-05", "\"withdrawn\":false"), NIVA_INVALID_ARGUMENT,
            "indicators[0].valueMilli", "REQUIRED");
    refused("PutIndicators", "{}", NIVA_INVALID_ARGUMENT, "indicators", "TOO_FEW");
    refused("ListIndicators", "{\"sincePeriod\":\"maj\"}", NIVA_INVALID_ARGUMENT, "sincePeriod",
            "MONTH_MALFORMED");
#undef FIGURE
}

/* Nothing is judged by a figure, so that no unit is looked at again for one. */
static void a_figure_moves_no_verdict(void **state)
{
    (void)state;
    office_unit(&office, UNIT, "2022-01-01");
    office_rule_set(&office, "2022-01-01", "");
    office_settle(&office);
    int64_t events = office_count(cluster, database, "SELECT count(*) FROM compliance.event");
    int64_t recomputed = office_count(
        cluster, database, "SELECT sum(recomputed)::bigint FROM compliance.unit_group_state");
    visits_put(UNIT, "2022-05", 398);
    office_settle(&office);
    assert_int_equal(office_count(cluster, database, "SELECT count(*) FROM compliance.event"),
                     events + 1);
    assert_int_equal(
        office_count(cluster, database,
                     "SELECT sum(recomputed)::bigint FROM compliance.unit_group_state"),
        recomputed);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(indicators_keep_their_history),
        TEST(a_figure_registered_in_error_is_withdrawn_and_may_come_again),
        TEST(bad_indicators_change_nothing),
        TEST(a_figure_moves_no_verdict),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
