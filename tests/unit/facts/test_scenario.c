/* Scenarios and segments: what comes out of facts as messages. Worked cases are tests/vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"

enum { JUNE = 19144 /* 2022-06-01 */ };

static struct niva_arena *arena;

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

static const char *const scenario_json =
    "{\"horizon\":{\"first_day\":\"2022-06-01\",\"last_day\":\"2022-06-30\"},"
    "\"rule_sets\":[{\"rule_set_id\":\"x\",\"first_day\":\"2022-01-01\",\"severity\":\"BINDING\","
    "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"title_codes\":[\"FT\"],"
    "\"employments\":[\"EMPLOYED\"]},\"regulation\":{\"formula\":\"PRO_RATA\"}}],"
    "\"contracts\":[{\"first_day\":\"2022-01-01\",\"minimum_milli\":2000}],"
    "\"reports\":[{\"report_id\":\"r1\",\"effective_from\":\"2022-06-01\",\"positions\":["
    "{\"position_key\":\"a\",\"title_code\":\"FT\",\"employment\":\"EMPLOYED\","
    "\"fte_milli\":1000,\"licensed\":true}]},"
    "{\"report_id\":\"r2\",\"effective_from\":\"2022-06-11\",\"positions\":["
    "{\"position_key\":\"a\",\"title_code\":\"FT\",\"employment\":\"EMPLOYED\","
    "\"fte_milli\":1000,\"licensed\":true}]}],"
    "\"components\":[{\"component\":\"fysioterapi\",\"first_day\":\"2022-01-01\","
    "\"monthly_ore\":3000,\"regulated\":true}],"
    "\"periods\":[\"2022-06\",\"2022-05\"]}";

static Niva__Model__V1__Scenario *scenario_of(const char *json)
{
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    niva_error_clear(&err);
    if (!niva_json_parse(&niva__model__v1__scenario__descriptor, json, strlen(json), arena,
                         &message, &err))
        fail_msg("%s", err.text_en);
    return (Niva__Model__V1__Scenario *)message;
}

static void runs_that_differ_only_in_the_facts_are_one(void **state)
{
    (void)state;
    Niva__Model__V1__Outcome *outcome = NULL;
    struct niva_error err;

    assert_true(niva_evaluate(scenario_of(scenario_json), arena, &outcome, &err));
    assert_int_equal(outcome->n_timeline, 1);
    assert_string_equal(outcome->timeline[0]->first_day, "2022-06-01");
    assert_string_equal(outcome->timeline[0]->last_day, "2022-06-30");
    assert_int_equal(outcome->timeline[0]->status,
                     NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM);
    assert_int_equal(outcome->n_breaches, 1);
    assert_string_equal(outcome->breaches[0]->last_day, "2022-06-30");
    assert_int_equal(outcome->n_deductions, 2);
    assert_string_equal(outcome->deductions[0]->period, "2022-06");
    assert_int_equal(outcome->deductions[0]->deduction_ore, 1500);
    assert_string_equal(outcome->deductions[1]->period, "2022-05");
    assert_int_equal(outcome->deductions[1]->deduction_ore, 0);
}

static void a_scenario_says_where_it_cannot_be_used(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        const char *field;
    } cases[] = {
        {"\"last_day\":\"2022-06-30\"", "\"last_day\":\"2022-05-30\"", "horizon.lastDay"},
        {"\"last_day\":\"2022-06-30\"", "\"last_day\":\"\"", "horizon.lastDay"},
        {"\"PRO_RATA\"", "\"STEP_TABLE\"", "ruleSets[0].regulation.steps"},
        {"\"2022-06-11\"", "\"2022-06-31\"", "reports[1].effectiveFrom"},
        {"\"fte_milli\":1000", "\"fte_milli\":-1", "reports[0].positions[0].fteMilli"},
        {"\"monthly_ore\":3000", "\"monthly_ore\":-3", "components[0].monthlyOre"},
        {"\"2022-05\"", "\"2022-13\"", "periods[1]"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[4096];
        Niva__Model__V1__Outcome *outcome = NULL;
        struct niva_error err;
        const char *at = strstr(scenario_json, cases[i].from);
        assert_non_null(at);
        snprintf(json, sizeof json, "%.*s%s%s", (int)(at - scenario_json), scenario_json,
                 cases[i].to, at + strlen(cases[i].from));
        assert_false(niva_evaluate(scenario_of(json), arena, &outcome, &err));
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, cases[i].field);
    }
    struct niva_error err;
    Niva__Model__V1__Outcome *outcome = NULL;
    assert_false(niva_evaluate(scenario_of("{}"), arena, &outcome, &err));
    assert_string_equal(err.violations[0].field, "horizon");
}

static void segments_are_cut_after_today(void **state)
{
    (void)state;
    const struct niva_report report = {.id = "r1"};
    const struct niva_rule_set rule_set = {.id = "x", .version = 3};
    const struct niva_absence named = {.id = "f1"};
    const struct niva_absence *const absences[] = {&named};
    const struct niva_segment segments[] = {
        {.days = {JUNE, JUNE + 10},
         .status = NIVA_MET,
         .required_milli = 5,
         .report = &report,
         .rule_set = &rule_set,
         .absence_count = 1,
         .absences = absences},
        {.days = {JUNE + 10, NIVA_DAY_END}, .status = NIVA_NOT_REQUIRED},
    };
    const struct niva_timeline timeline = {.segment_count = 2, .segments = segments};
    Niva__Compliance__V1__Segment **messages;
    struct niva_error err;
    size_t count;

    assert_true(niva_timeline_messages(&timeline, JUNE + 4, arena, &count, &messages, &err));
    assert_int_equal(count, 3);
    assert_string_equal(messages[0]->last_day, "2022-06-05");
    assert_false(messages[0]->planned);
    assert_string_equal(messages[1]->first_day, "2022-06-06");
    assert_true(messages[1]->planned);
    assert_string_equal(messages[1]->report_id, "r1");
    assert_string_equal(messages[1]->rule_set_id, "x");
    assert_int_equal(messages[1]->rule_set_version, 3);
    assert_string_equal(messages[1]->absence_ids[0], "f1");
    assert_string_equal(messages[1]->finding_id, "");
    assert_string_equal(messages[2]->last_day, "");
    assert_true(messages[2]->planned);
    assert_true(niva_timeline_messages(&timeline, NIVA_DAY_END, arena, &count, &messages, &err));
    assert_int_equal(count, 2);
    assert_false(messages[1]->planned);
}

static void a_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    (void)state;
    Niva__Model__V1__Scenario *scenario = scenario_of(scenario_json);

    for (size_t n = 1;; n++) {
        Niva__Model__V1__Outcome *outcome = NULL;
        struct niva_error err;
        niva_error_clear(&err);
        niva_arena_fail_after(n);
        bool good = niva_evaluate(scenario, arena, &outcome, &err);
        niva_arena_fail_after(0);
        if (good)
            break;
        assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(runs_that_differ_only_in_the_facts_are_one, reset),
        cmocka_unit_test_setup(a_scenario_says_where_it_cannot_be_used, reset),
        cmocka_unit_test_setup(segments_are_cut_after_today, reset),
        cmocka_unit_test_setup(a_failing_allocation_is_an_error_and_nothing_else, reset),
    };
    arena = niva_arena_new(4 * 1024 * 1024);
    int failed = cmocka_run_group_tests_name("scenario", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
