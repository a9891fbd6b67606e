/* Follow-up: imported figures with their history, and a month of six units reckoned by hand. */
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
typedef Niva__Compliance__V1__GetFollowUpResponse FollowUp;
typedef Niva__Compliance__V1__FollowUpRow Row;

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

static int open_in_may(void **state)
{
    (void)state;
    database = office_database(cluster);
    office_open(&office, cluster, database, "2022-05-30T08:00:00Z");
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

/* Tables in base64: two rows, 412,5 of 2022-04 and 300 of 2022-05-01; and five, the first without a
 * value, one of "april", one of 2022-09, two of the same unit and month. */
#define GOOD_TABLE                                                                                 \
    "RW5oZXQ7WXJrZXNncnVwcDtNw6V0dDtNw6VuYWQ7VsOkcmRlO1LDpGtuYXMgaTtLw6RsbGEKU0UyMzIx"             \
    "MDAwMDE2LUZVMTtmeXNpb3RlcmFwZXV0O2Jlc8O2azsyMDIyLTA0OzQxMiw1O2Jlc8O2aztGaWt0aXZ0"             \
    "IHV0dGFnClNFMjMyMTAwMDAxNi1GVTI7ZnlzaW90ZXJhcGV1dDtiZXPDtms7MjAyMi0wNS0wMTszMDA7"             \
    "YmVzw7ZrO0Zpa3RpdnQgdXR0YWcK"
#define BAD_TABLE                                                                                  \
    "RW5oZXQ7WXJrZXNncnVwcDtNw6V0dDtNw6VuYWQ7VsOkcmRlO1LDpGtuYXMgaTtLw6RsbGEKU0UyMzIx"             \
    "MDAwMDE2LUZVMTtmeXNpb3RlcmFwZXV0O2Jlc8O2azsyMDIyLTA0OztiZXPDtms7RmlrdGl2dApTRTIz"             \
    "MjEwMDAwMTYtRlUxO2Z5c2lvdGVyYXBldXQ7YmVzw7ZrO2FwcmlsOzE7YmVzw7ZrO0Zpa3RpdnQKU0Uy"             \
    "MzIxMDAwMDE2LUZVMTtmeXNpb3RlcmFwZXV0O2Jlc8O2azsyMDIyLTA5OzE7YmVzw7ZrO0Zpa3RpdnQK"             \
    "U0UyMzIxMDAwMDE2LUZVMjtmeXNpb3RlcmFwZXV0O2Jlc8O2azsyMDIyLTA1OzE7YmVzw7ZrO0Zpa3Rp"             \
    "dnQKU0UyMzIxMDAwMDE2LUZVMjtmeXNpb3RlcmFwZXV0O2Jlc8O2azsyMDIyLTA1OzI7YmVzw7ZrO0Zp"             \
    "a3RpdnQK"

static void a_table_of_figures_is_imported_whole_or_not_at_all(void **state)
{
    (void)state;
    const Niva__Compliance__V1__ImportIndicatorsResponse *reply =
        office_do(&office, "ImportIndicators", "{\"content\":\"%s\"}", GOOD_TABLE);
    assert_int_equal(reply->n_row_errors, 0);
    assert_int_equal(reply->n_indicators, 2);
    assert_int_equal(reply->indicators[0]->value_milli, 412500);
    assert_string_equal(reply->indicators[1]->period, "2022-05");
    assert_string_equal(reply->indicators[1]->import_id, reply->import_id);
    const Niva__Compliance__V1__GetOriginalResponse *file =
        office_see(&office, "GetOriginal", "{\"importId\":\"%s\"}", reply->import_id);
    assert_memory_equal(file->original->content.data, "Enhet;Yrkesgrupp;", 17);
    const Indicators *list = office_see(&office, "ListIndicators", "{}");
    assert_int_equal(list->n_indicators, 2);
    int64_t before = positions();
    reply = office_do(&office, "ImportIndicators", "{\"content\":\"%s\"}", BAD_TABLE);
    assert_int_equal(reply->n_indicators, 0);
    assert_int_equal(reply->n_row_errors, 4);
    assert_string_equal(reply->row_errors[0]->code, "CELL_BLANK");
    assert_string_equal(reply->row_errors[0]->column, "Värde");
    assert_string_equal(reply->row_errors[1]->code, "MONTH_MALFORMED");
    assert_string_equal(reply->row_errors[2]->code, "PERIOD_TO_COME");
    assert_string_equal(reply->row_errors[2]->column, "Månad");
    assert_string_equal(reply->row_errors[3]->code, "ROW_TWICE");
    assert_int_equal(positions(), before);
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

/* ---- a month ---- */

#define RED   "SE2321000016-RED"
#define GREEN "SE2321000016-GREEN"
#define BLUE  "SE2321000016-BLUE"

static void unit_tell(const char *unit, const char *form, const char *more)
{
    office_event(&office, "unit.registered",
                 "{\"unit\":{\"hsaId\":\"%s\",\"name\":\"%s (fiktiv)\",\"regionCode\":\"99\","
                 "\"openedOn\":\"2020-01-01\",\"owners\":[{\"orgNumber\":\"5560360793\",\"form\":"
                 "\"%s\",\"firstDay\":\"2020-01-01\"}%s],\"version\":1,\"recordedAt\":"
                 "\"2022-05-01T08:00:00Z\",\"recordedBy\":\"local:intake\"}}",
                 unit, unit, form, more);
    office_contract(&office, unit, "2022-01-01", 2000);
}

static void component_tell(const char *unit)
{
    office_told(&office, "component.changed",
                "{\"component\":{\"component\":\"fysioterapi\",\"unit\":\"%s\","
                "\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\",\"monthlyOre\":"
                "\"3000000\",\"regulated\":true,\"version\":1,\"recordedAt\":"
                "\"2022-05-02T08:00:00Z\",\"recordedBy\":\"local:ekonom\"}}",
                unit);
    office_do(&office, "PutListings",
              "{\"listings\":[{\"unit\":\"%s\",\"asOf\":\"2022-05-31\",\"listed\":5000}]}", unit);
}

static void line_tell(const char *type, const char *id, const char *unit, const char *more)
{
    office_told(
        &office, type,
        "{\"adjustment\":{\"adjustmentId\":\"0190163d-8694-739b-aea5-966c26f8ad%s\",\"unit\":"
        "\"%s\",\"component\":\"fysioterapi\",\"professionGroup\":\"fysioterapeut\","
        "\"period\":\"2022-06\",\"computedOre\":\"1500000\",%s}}",
        id, unit, more);
}

/* GREEN says that it cannot recruit. */
static void dialogue_hold(void)
{
    const Niva__Compliance__V1__ListBreachesResponse *breaches =
        office_see(&office, "ListBreaches", "{\"unit\":\"" GREEN "\",\"kind\":\"BELOW_MINIMUM\"}");
    assert_int_equal(breaches->n_breaches, 1);
    const char *id = breaches->breaches[0]->breach_id;
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", id);
    office_do(&office, "Answer", "{\"breachId\":\"%s\",\"text\":\"Fiktivt\",\"inability\":{}}", id);
}

/* Three private units, of which BLUE becomes an intraprenad on 16 June; three intraprenader that
 * never report. */
static void month_tell(void)
{
    office_rule_set(&office, "2022-01-01", "");
    unit_tell(RED, "PRIVATE", "");
    unit_tell(GREEN, "PRIVATE", "");
    unit_tell(BLUE, "PRIVATE",
              ",{\"orgNumber\":\"2321000016\",\"form\":\"INTRAPRENAD\",\"firstDay\":"
              "\"2022-06-16\"}");
    unit_tell("SE2321000016-SILENT1", "INTRAPRENAD", "");
    unit_tell("SE2321000016-SILENT2", "INTRAPRENAD", "");
    unit_tell("SE2321000016-SILENT3", "INTRAPRENAD", "");
    office_report(&office, "0190163d-8694-739b-aea5-966c26f8aa01", "", RED, "2022-06-01", 2000);
    office_today(&office, "2022-06-04");
    office_report(&office, "0190163d-8694-739b-aea5-966c26f8aa02", "", GREEN, "2022-06-01", 1000);
    office_today(&office, "2022-06-20");
    office_report(&office, "0190163d-8694-739b-aea5-966c26f8aa03", "", BLUE, "2022-06-11", 1000);
    component_tell(RED);
    component_tell(GREEN);
    component_tell(BLUE);
    office_settle(&office);
    dialogue_hold();
    visits_put(RED, "2022-05", 400);
    visits_put(GREEN, "2022-05", 500);
    visits_put(BLUE, "2022-05", 600);
    office_today(&office, "2022-07-10");
    visits_put(RED, "2022-06", 440);
    visits_put(GREEN, "2022-06", 520);
    visits_put(BLUE, "2022-06", 610);
}

static void decisions_tell(void)
{
    line_tell("adjustment.proposed", "91", GREEN,
              "\"deductionOre\":\"1500000\",\"state\":\"PROPOSED\"");
    line_tell("adjustment.proposed", "92", BLUE,
              "\"deductionOre\":\"1500000\",\"state\":\"PROPOSED\"");
    line_tell("adjustment.proposed", "93", RED,
              "\"deductionOre\":\"1500000\",\"state\":\"PROPOSED\"");
    line_tell("adjustment.superseded", "93", RED, "\"state\":\"SUPERSEDED\"");
    line_tell(
        "adjustment.decided", "91", GREEN,
        "\"deductionOre\":\"1000000\",\"state\":\"DECIDED\",\"reasonCode\":\"MEASURES_TAKEN\","
        "\"communicatedAt\":\"2022-07-02T10:00:00Z\",\"decidedAt\":\"2022-07-04T10:00:00Z\"");
    line_tell("adjustment.waived", "92", BLUE,
              "\"state\":\"WAIVED\",\"reasonCode\":\"UNABLE_TO_RECRUIT\",\"decidedAt\":"
              "\"2022-07-05T10:00:00Z\"");
}

#define ASKED                                                                                      \
    "\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\",\"firstPeriod\":\"2022-06\","     \
    "\"lastPeriod\":\"2022-06\""

static const Row *row_of(const FollowUp *answer, size_t row, int form)
{
    assert_int_equal(answer->n_periods, 1);
    assert_int_equal(answer->periods[0]->n_rows, 3);
    assert_int_equal(answer->periods[0]->rows[row]->form, form);
    assert_int_equal(answer->periods[0]->rows[row]->total, form == 0);
    return answer->periods[0]->rows[row];
}

static void days_expect(const Row *row, int units, int days, int met, int below, int silent)
{
    assert_int_equal(row->hidden, 0);
    assert_int_equal(row->units, units);
    assert_int_equal(row->days->unit_days, days);
    assert_int_equal(row->days->met, met);
    assert_int_equal(row->days->below_minimum, below);
    assert_int_equal(row->days->no_report, silent);
    assert_int_equal(row->days->dispensed, 0);
}

static void a_month_is_what_it_is_by_hand(void **state)
{
    (void)state;
    month_tell();
    decisions_tell();
    const FollowUp *answer = office_see(&office, "GetFollowUp", "{" ASKED ",\"leastUnits\":3}");
    const Row *private = row_of(answer, 1, NIVA__INTAKE__V1__OWNER__FORM__PRIVATE);
    const Row *intraprenad = row_of(answer, 0, NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD);
    const Row *total = row_of(answer, 2, 0);
    assert_string_equal(answer->periods[0]->last_day, "2022-06-30");
    days_expect(private, 3, 75, 30, 35, 10);
    days_expect(intraprenad, 4, 105, 0, 15, 90);
    days_expect(total, 6, 180, 30, 50, 100);
    assert_int_equal(private->days->below_permille, 538);
    assert_int_equal(private->reporting->changes, 3);
    assert_int_equal(private->reporting->receipt_median_milli, 3000);
    assert_int_equal(intraprenad->reporting->changes, 0);
    assert_int_equal(intraprenad->reporting->receipt_case, 0);
    assert_int_equal(private->breaches->breaches, 2);
    assert_int_equal(private->breaches->unable_to_recruit, 1);
    assert_int_equal(private->breaches->unable_permille, 500);
    assert_int_equal(intraprenad->breaches->breaches, 0);

    const Niva__Compliance__V1__FollowUpRegulation *money = private->regulation;
    assert_int_equal(money->decided_lines, 1);
    assert_int_equal(money->decided_ore, 1000000);
    assert_int_equal(money->proposed_lines, 0);
    assert_int_equal(money->fixed_ore, 6000000);
    assert_int_equal(money->decided_ppm, 166667);
    assert_int_equal(money->listed_milli, 10000000);
    assert_int_equal(money->decided_ore_per_1000_listed, 100000);
    assert_int_equal(money->n_revised, 1);
    assert_int_equal(money->revised[0]->ore, 500000);
    assert_int_equal(money->since_told_median_milli, 2000);
    assert_int_equal(money->since_month_median_milli, 3000);
    money = intraprenad->regulation;
    assert_int_equal(money->fixed_ore, 3000000);
    assert_int_equal(money->unlisted_days, 90);
    assert_int_equal(money->n_waived, 1);
    assert_int_equal(money->waived[0]->ore, 1500000);
    assert_string_equal(money->waived[0]->reason_code, "UNABLE_TO_RECRUIT");
    assert_int_equal(money->told_lines, 0);

    assert_int_equal(private->figures[0]->hidden,
                     NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_UNITS);
    assert_int_equal(private->figures[0]->mean_milli, 0);
    assert_int_equal(total->figures[0]->mean_milli, 523333);
    assert_int_equal(total->figures[0]->per_1000_listed_milli, 104667);
    assert_int_equal(total->figures[0]->before->hidden,
                     NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_LEFT_OUT);
    assert_int_equal(total->figures[0]->before->mean_change_milli, 0);
}

static void few_units_are_hidden(void **state)
{
    (void)state;
    month_tell();
    const FollowUp *answer = office_see(&office, "GetFollowUp", "{" ASKED "}");
    assert_int_equal(answer->least_units, 5);
    for (size_t i = 0; i < 2; i++) {
        const Row *row = answer->periods[0]->rows[i];
        assert_int_equal(row->hidden, NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_UNITS);
        assert_int_equal(row->units, 0);
        assert_null(row->days);
        assert_null(row->regulation);
        assert_int_equal(row->n_figures, 0);
    }
    assert_int_equal(answer->periods[0]->rows[2]->hidden, 0);
    answer = office_see(&office, "GetFollowUp", "{" ASKED ",\"leastUnits\":4}");
    assert_int_equal(answer->periods[0]->rows[0]->hidden,
                     NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__COMPLEMENT);
    assert_int_equal(answer->periods[0]->rows[1]->hidden,
                     NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__FEW_UNITS);
}

static void the_past_is_answered_as_it_was(void **state)
{
    (void)state;
    char instant[32];
    month_tell();
    niva_instant_format(office.now - 1, instant);
    const FollowUp *before = office_see(&office, "GetFollowUp", "{" ASKED ",\"leastUnits\":3}");
    decisions_tell();
    const FollowUp *then = office_see(&office, "GetFollowUp",
                                      "{" ASKED ",\"leastUnits\":3,\"knownAt\":\"%s\"}", instant);
    ProtobufCBinaryData packed[2];
    struct niva_error err;
    assert_true(niva_wire_pack(&before->base, office.arena, &packed[0], &err));
    assert_true(niva_wire_pack(&then->base, office.arena, &packed[1], &err));
    assert_int_equal(packed[0].len, packed[1].len);
    assert_memory_equal(packed[0].data, packed[1].data, packed[0].len);
    assert_int_equal(then->periods[0]->rows[1]->regulation->decided_lines, 0);
}

static void dispensations_of_the_region_are_named(void **state)
{
    (void)state;
    office_do(&office, "GrantDispensation",
              "{\"dispensation\":{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\","
              "\"firstDay\":\"2020-03-01\",\"lastDay\":\"2021-12-31\",\"decisionReference\":"
              "\"Fiktivt beslut\"}}");
    office_do(&office, "GrantDispensation",
              "{\"dispensation\":{\"unit\":\"" RED "\",\"professionGroup\":\"fysioterapeut\","
              "\"firstDay\":\"2022-01-01\",\"decisionReference\":\"Fiktivt beslut\"}}");
    const FollowUp *answer = office_see(&office, "GetFollowUp", "{" ASKED "}");
    assert_int_equal(answer->n_dispensations, 1);
    assert_string_equal(answer->dispensations[0]->last_day, "2021-12-31");
    assert_non_null(strstr(answer->dispensations[0]->text_sv, "2020-03-01–2021-12-31"));
    answer = office_see(&office, "GetFollowUp",
                        "{\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\","
                        "\"firstPeriod\":\"2023-06\",\"lastPeriod\":\"2023-06\"}");
    assert_int_equal(answer->n_dispensations, 0);
    assert_string_equal(answer->periods[0]->last_day, "");
}

static void bad_questions_are_named(void **state)
{
    (void)state;
#define QUESTION(region, first, last, more)                                                        \
    "{\"regionCode\":\"" region                                                                    \
    "\",\"professionGroup\":\"fysioterapeut\",\"firstPeriod\":\"" first                            \
    "\",\"lastPeriod\":\"" last "\"" more "}"
    refused("GetFollowUp", QUESTION("", "2022-01", "2022-02", ""), NIVA_INVALID_ARGUMENT,
            "regionCode", "REQUIRED");
    refused("GetFollowUp", QUESTION("99", "", "2022-02", ""), NIVA_INVALID_ARGUMENT, "firstPeriod",
            "REQUIRED");
    refused("GetFollowUp", QUESTION("99", "2022-1", "2022-02", ""), NIVA_INVALID_ARGUMENT,
            "firstPeriod", "MONTH_MALFORMED");
    refused("GetFollowUp", QUESTION("99", "2022-03", "2022-02", ""), NIVA_INVALID_ARGUMENT,
            "lastPeriod", "LAST_BEFORE_FIRST");
    refused("GetFollowUp", QUESTION("99", "2012-01", "2022-01", ""), NIVA_INVALID_ARGUMENT,
            "lastPeriod", "TOO_LONG");
    refused("GetFollowUp", QUESTION("99", "2022-01", "2022-02", ",\"leastUnits\":2"),
            NIVA_INVALID_ARGUMENT, "leastUnits", "NUMBER_OUT_OF_RANGE");
    const FollowUp *answer = office_see(
        &office, "GetFollowUp", QUESTION("99", "2012-02", "2022-01", ",\"division\":\"MONTH\""));
    assert_int_equal(answer->n_periods, 120);
    assert_int_equal(answer->periods[0]->n_rows, 1);
    assert_int_equal(answer->periods[0]->rows[0]->units, 0);
#undef QUESTION
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_office, close_office)

#define IN_MAY(function) cmocka_unit_test_setup_teardown(function, open_in_may, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(indicators_keep_their_history),
        TEST(a_figure_registered_in_error_is_withdrawn_and_may_come_again),
        TEST(bad_indicators_change_nothing),
        TEST(a_table_of_figures_is_imported_whole_or_not_at_all),
        TEST(a_figure_moves_no_verdict),
        IN_MAY(a_month_is_what_it_is_by_hand),
        IN_MAY(few_units_are_hidden),
        IN_MAY(the_past_is_answered_as_it_was),
        IN_MAY(dispensations_of_the_region_are_named),
        IN_MAY(bad_questions_are_named),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
