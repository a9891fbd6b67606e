/* What messages become, and what is refused of them. Messages are written as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"

static struct niva_arena *arena;

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

static const void *message_of(const ProtobufCMessageDescriptor *type, const char *json)
{
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    niva_error_clear(&err);
    if (!niva_json_parse(type, json, strlen(json), arena, &message, &err))
        fail_msg("%s: %s", err.text_en,
                 err.violation_count > 0 ? err.violations[0].field : "no field");
    return message;
}

static niva_day day_of(const char *text)
{
    niva_day day = 0;

    assert_true(niva_day_parse(text, &day));
    return day;
}

static void refused(bool answer, const struct niva_error *err, const char *field)
{
    assert_false(answer);
    assert_int_equal(err->code, NIVA_INVALID_ARGUMENT);
    assert_true(err->violation_count > 0);
    assert_string_equal(err->violations[0].field, field);
    assert_true(err->violations[0].text_sv[0] != '\0' && err->violations[0].text_en[0] != '\0');
}

#define RULE_SET(requirement, counting, regulation)                                                \
    "{\"ruleSetId\":\"x\",\"firstDay\":\"2022-01-01\",\"severity\":\"BINDING\","                   \
    "\"requirement\":" requirement ",\"counting\":" counting ",\"regulation\":" regulation "}"
#define COUNTING   "{\"titleCodes\":[\"FT\"],\"employments\":[\"EMPLOYED\",\"HIRED\"]}"
#define CONTRACTED "{\"kind\":\"CONTRACTED\"}"
#define NOTHING    "{\"formula\":\"NONE\"}"

static bool rule_set_read(const char *json, struct niva_rule_set *ret_rule_set,
                          struct niva_error *err)
{
    niva_error_clear(err);
    return niva_facts_rule_set(message_of(&niva__compliance__v1__rule_set__descriptor, json), arena,
                               ret_rule_set, err);
}

static void a_rule_set_has_the_defaults_of_the_model(void **state)
{
    (void)state;
    struct niva_rule_set rule;
    struct niva_error err;

    assert_true(rule_set_read(RULE_SET(CONTRACTED, COUNTING, NOTHING), &rule, &err));
    assert_string_equal(rule.id, "x");
    assert_int_equal(rule.version, 0);
    assert_int_equal(rule.days.from, day_of("2022-01-01"));
    assert_int_equal(rule.days.until, NIVA_DAY_END);
    assert_true(rule.recorded_at == INT64_MIN);
    assert_int_equal(rule.requirement.rounding_step_milli, 1);
    assert_int_equal(rule.requirement.rounding_mode, NIVA_ROUND_HALF_UP);
    assert_int_equal(rule.requirement.snapshot, NIVA_PREVIOUS_MONTH);
    assert_int_equal(rule.counting.employments, 1U << NIVA_EMPLOYED | 1U << NIVA_HIRED);
    assert_int_equal(rule.counting.counts_from, NIVA_FROM_FIRST_DAY);
    assert_false(rule.counting.count_unlicensed);
    assert_int_equal(rule.counting.join_gap_days, -1);
    assert_int_equal(rule.counting.hired_cap_permille, -1);
    assert_int_equal(rule.counting.exempt, 0);
    assert_int_equal(rule.regulation.max_periods, -1);
    assert_int_equal(rule.regulation.cap_permille, -1);
    assert_int_equal(rule.regulation.minimum_ore, -1);
    assert_int_equal(rule.regulation.rounding_unit_ore, 1);
}

/* 0 is a value where only absence means none. */
static void a_given_zero_is_not_absent(void **state)
{
    (void)state;
    struct niva_rule_set rule;
    struct niva_error err;

    assert_true(
        rule_set_read(RULE_SET(CONTRACTED,
                               "{\"titleCodes\":[\"FT\"],\"employments\":[\"EMPLOYED\"],"
                               "\"absenceJoinGapDays\":0,\"hiredCapPermille\":0,"
                               "\"exemptCategories\":[\"VACATION\",\"LOANED_OUT\"]}",
                               "{\"formula\":\"PRO_RATA\",\"maxPeriods\":0,\"capPermille\":0,"
                               "\"minimumOre\":\"0\"}"),
                      &rule, &err));
    assert_int_equal(rule.counting.join_gap_days, 0);
    assert_int_equal(rule.counting.hired_cap_permille, 0);
    assert_int_equal(rule.counting.exempt, 1U << NIVA_VACATION | 1U << NIVA_LOANED_OUT);
    assert_int_equal(rule.regulation.max_periods, 0);
    assert_int_equal(rule.regulation.cap_permille, 0);
    assert_int_equal(rule.regulation.minimum_ore, 0);
}

static void steps_of_a_deduction_table_are_turned_to_rise(void **state)
{
    (void)state;
    struct niva_rule_set rule;
    struct niva_error err;

    assert_true(rule_set_read(
        RULE_SET(CONTRACTED, COUNTING,
                 "{\"formula\":\"STEP_TABLE\",\"steps\":[{\"belowPermille\":950,"
                 "\"deductPermille\":50},{\"belowPermille\":800,\"deductPermille\":150}]}"),
        &rule, &err));
    assert_int_equal(rule.regulation.steps[0].below_permille, 800);
    assert_int_equal(rule.regulation.steps[0].deduct_permille, 150);
    assert_int_equal(rule.regulation.steps[1].below_permille, 950);
}

static void rule_sets_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *field;
    } cases[] = {
        {RULE_SET("{}", COUNTING, NOTHING), "requirement.kind"},
        {RULE_SET("{\"kind\":\"PER_LISTED\"}", COUNTING, NOTHING), "requirement.personsPerFte"},
        {RULE_SET("{\"kind\":\"STEP_TABLE\"}", COUNTING, NOTHING), "requirement.steps"},
        {RULE_SET("{\"kind\":\"STEP_TABLE\",\"steps\":[{\"listedFrom\":5},{\"listedFrom\":5}]}",
                  COUNTING, NOTHING),
         "requirement.steps"},
        {RULE_SET(CONTRACTED, "{\"employments\":[\"EMPLOYED\"]}", NOTHING), "counting.titleCodes"},
        {RULE_SET(CONTRACTED, "{\"titleCodes\":[\"FT\"]}", NOTHING), "counting.employments"},
        {RULE_SET(CONTRACTED, COUNTING, "{}"), "regulation.formula"},
        {RULE_SET(CONTRACTED, COUNTING, "{\"formula\":\"STEP_TABLE\"}"), "regulation.steps"},
        {RULE_SET(CONTRACTED, COUNTING,
                  "{\"formula\":\"STEP_TABLE\",\"steps\":[{\"belowPermille\":9},"
                  "{\"belowPermille\":8},{\"belowPermille\":9}]}"),
         "regulation.steps"},
        {"{\"firstDay\":\"2022-01-01\",\"severity\":\"GUIDE\"}", "requirement"},
        {"{\"firstDay\":\"2022-02-30\",\"severity\":\"GUIDE\",\"requirement\":" CONTRACTED
         ",\"counting\":" COUNTING ",\"regulation\":" NOTHING "}",
         "firstDay"},
        {"{\"firstDay\":\"2022-02-01\",\"requirement\":" CONTRACTED ",\"counting\":" COUNTING
         ",\"regulation\":" NOTHING "}",
         "severity"},
    };
    struct niva_rule_set rule;
    struct niva_error err;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(rule_set_read(cases[i].json, &rule, &err), &err, cases[i].field);
}

static void a_report_keeps_what_the_model_counts(void **state)
{
    (void)state;
    struct niva_report report;
    struct niva_error err;
    const void *message = message_of(
        &niva__intake__v1__staffing_report__descriptor,
        "{\"reportId\":\"r1\",\"effectiveFrom\":\"2022-06-01\",\"correctsReportId\":\"r0\","
        "\"recordedAt\":\"2022-06-02T08:00:00.5Z\",\"positions\":[{\"positionKey\":\"a\","
        "\"titleCode\":\"FT\",\"employment\":\"HIRED\",\"fteMilli\":875,\"licensed\":true,"
        "\"lastDay\":\"2022-06-30\"}]}");

    assert_true(niva_facts_report(message, arena, &report, &err));
    assert_string_equal(report.id, "r1");
    assert_string_equal(report.corrects, "r0");
    assert_int_equal(report.effective_from, day_of("2022-06-01"));
    assert_int_equal(report.recorded_at % 1000000, 500000);
    assert_int_equal(report.position_count, 1);
    assert_string_equal(report.positions[0].key, "a");
    assert_int_equal(report.positions[0].employment, NIVA_HIRED);
    assert_int_equal(report.positions[0].fte_milli, 875);
    assert_int_equal(report.positions[0].active.from, NIVA_DAY_NONE);
    assert_int_equal(report.positions[0].active.until, day_of("2022-07-01"));
    message = message_of(&niva__intake__v1__staffing_report__descriptor,
                         "{\"effectiveFrom\":\"2022-06-01\",\"positions\":[{\"positionKey\":\"a\","
                         "\"employment\":\"HIRED\"},{\"positionKey\":\"b\",\"fteMilli\":1001}]}");
    refused(niva_facts_report(message, arena, &report, &err), &err, "positions[1].employment");
    assert_string_equal(err.violations[1].field, "positions[1].fteMilli");
}

static void an_absence_without_a_part_is_of_the_whole_position(void **state)
{
    (void)state;
    struct niva_absence absence;
    struct niva_error err;

    assert_true(
        niva_facts_absence(message_of(&niva__intake__v1__absence__descriptor,
                                      "{\"positionKey\":\"a\",\"firstDay\":\"2022-06-01\"}"),
                           arena, &absence, &err));
    assert_null(absence.id);
    assert_int_equal(absence.days.until, NIVA_DAY_END);
    assert_int_equal(absence.absent_milli, -1);
    assert_int_equal(absence.category, NIVA_OTHER_ABSENCE);
    assert_int_equal(absence.expected_since, NIVA_DAY_NONE);
    assert_true(niva_facts_absence(
        message_of(&niva__intake__v1__absence__descriptor,
                   "{\"absenceId\":\"f\",\"positionKey\":\"a\",\"firstDay\":\"2022-06-01\","
                   "\"expectedLastDay\":\"2022-06-01\",\"absentMilli\":0,"
                   "\"category\":\"VACATION\",\"expectedSince\":\"2022-05-01\","
                   "\"cover\":[{\"positionKey\":\"v\",\"employment\":\"SUBSTITUTE\"}]}"),
        arena, &absence, &err));
    assert_int_equal(absence.days.until, day_of("2022-06-02"));
    assert_int_equal(absence.absent_milli, 0);
    assert_int_equal(absence.expected_since, day_of("2022-05-01"));
    assert_int_equal(absence.cover_count, 1);
    refused(niva_facts_absence(message_of(&niva__intake__v1__absence__descriptor,
                                          "{\"positionKey\":\"a\",\"firstDay\":\"2022-06-02\","
                                          "\"expectedLastDay\":\"2022-06-01\"}"),
                               arena, &absence, &err),
            &err, "expectedLastDay");
}

/* What a service has put is identified; what stands in a scenario without version stands alone. */
static void contracts_and_components_are_identified_by_their_first_day(void **state)
{
    (void)state;
    struct niva_contract contract;
    struct niva_component component;
    struct niva_error err;

    assert_true(niva_facts_contract(
        message_of(&niva__compliance__v1__contract__descriptor,
                   "{\"firstDay\":\"2022-06-01\",\"minimumMilli\":2800,\"version\":2,"
                   "\"bindingFrom\":\"2022-07-01\"}"),
        &contract, &err));
    assert_string_equal(contract.id, "2022-06-01");
    assert_int_equal(contract.binding_from, day_of("2022-07-01"));
    assert_true(niva_facts_contract(
        message_of(&niva__compliance__v1__contract__descriptor, "{\"firstDay\":\"2022-06-01\"}"),
        &contract, &err));
    assert_null(contract.id);
    assert_int_equal(contract.binding_from, NIVA_DAY_NONE);
    assert_true(niva_facts_component(
        message_of(&niva__compensation__v1__component__descriptor,
                   "{\"component\":\"hyra\",\"firstDay\":\"2022-06-01\",\"version\":1,"
                   "\"lastDay\":\"2022-06-30\",\"monthlyOre\":\"10000000000000\"}"),
        &component, &err));
    assert_string_equal(component.id, "2022-06-01");
    assert_false(component.regulated);
    assert_true(component.monthly_ore == 10000000000000);
}

static void a_listing_without_weight_is_not_a_listing_of_zero(void **state)
{
    (void)state;
    struct niva_listing listing;
    struct niva_error err;

    assert_true(niva_facts_listing(message_of(&niva__compliance__v1__listing__descriptor,
                                              "{\"asOf\":\"2022-05-31\",\"listed\":8000}"),
                                   &listing, &err));
    assert_int_equal(listing.weighted_milli, -1);
    assert_true(niva_facts_listing(message_of(&niva__compliance__v1__listing__descriptor,
                                              "{\"asOf\":\"2022-05-31\",\"weightedMilli\":\"0\"}"),
                                   &listing, &err));
    assert_int_equal(listing.weighted_milli, 0);
}

static void decisions_keep_their_days(void **state)
{
    (void)state;
    struct niva_dispensation dispensation;
    struct niva_finding finding;
    struct niva_span open;
    struct niva_error err;

    assert_true(niva_facts_dispensation(
        message_of(&niva__compliance__v1__dispensation__descriptor,
                   "{\"dispensationId\":\"d\",\"firstDay\":\"2022-06-01\","
                   "\"revokedFrom\":\"2022-06-10\",\"reducedMinimumMilli\":0}"),
        &dispensation, &err));
    assert_int_equal(dispensation.reduced_minimum_milli, 0);
    assert_int_equal(dispensation.revoked_from, day_of("2022-06-10"));
    assert_true(niva_facts_dispensation(message_of(&niva__compliance__v1__dispensation__descriptor,
                                                   "{\"firstDay\":\"2022-06-01\"}"),
                                        &dispensation, &err));
    assert_int_equal(dispensation.reduced_minimum_milli, -1);
    assert_int_equal(dispensation.revoked_from, NIVA_DAY_NONE);
    assert_true(niva_facts_finding(message_of(&niva__compliance__v1__finding__descriptor,
                                              "{\"findingId\":\"k\",\"firstDay\":\"2022-06-01\","
                                              "\"lastDay\":\"2022-06-01\",\"countedMilli\":5}"),
                                   &finding, &err));
    assert_int_equal(finding.days.until - finding.days.from, 1);
    assert_true(niva_facts_open(
        message_of(&niva__intake__v1__unit__descriptor, "{\"closedOn\":\"2022-06-15\"}"), &open,
        &err));
    assert_int_equal(open.from, NIVA_DAY_NONE);
    assert_int_equal(open.until, day_of("2022-06-16"));
    assert_true(niva_facts_open(NULL, &open, &err));
    assert_int_equal(open.until, NIVA_DAY_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_rule_set_has_the_defaults_of_the_model, reset),
        cmocka_unit_test_setup(a_given_zero_is_not_absent, reset),
        cmocka_unit_test_setup(steps_of_a_deduction_table_are_turned_to_rise, reset),
        cmocka_unit_test_setup(rule_sets_that_cannot_be_used_are_refused, reset),
        cmocka_unit_test_setup(a_report_keeps_what_the_model_counts, reset),
        cmocka_unit_test_setup(an_absence_without_a_part_is_of_the_whole_position, reset),
        cmocka_unit_test_setup(contracts_and_components_are_identified_by_their_first_day, reset),
        cmocka_unit_test_setup(a_listing_without_weight_is_not_a_listing_of_zero, reset),
        cmocka_unit_test_setup(decisions_keep_their_days, reset),
    };
    arena = niva_arena_new(4 * 1024 * 1024);
    int failed = cmocka_run_group_tests_name("facts", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
