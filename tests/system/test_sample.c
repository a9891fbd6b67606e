/* The sample region, loaded as the quickstart does it: its verdicts and amounts are what the model
 * makes of its facts, every amount's explanation adds up, and loading it again changes nothing. */
#include <gmp.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "tests/support/compare.h"
#include "tests/support/process.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse Explanation;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;

#define SAMPLE SOURCE_ROOT "/deploy/sample/region.ndjson"
#define TODAY  "2022-09-30"

enum { CENTRES = 27, OUTPUT = 16 << 10 };

static int nivactl(struct system *system, const char *command, const char *argument,
                   char output[OUTPUT])
{
    const char *arguments[] = {command, "--lang", "en", argument, NULL};

    return system_run(system, "services/nivactl/nivactl", arguments, output, OUTPUT);
}

static void sample_load(struct system *system)
{
    char output[OUTPUT];
    int code = nivactl(system, "apply", SAMPLE, output);

    if (code != 0) {
        system_show_logs(system);
        give_up("nivactl apply: exit code %d\n%s", code, output);
    }
}

static void verdicts_and_amounts_are_those_of_the_model(void **state)
{
    struct compared compared = compare_with_model(*state);

    assert_int_equal(compared.units, CENTRES);
    assert_true(compared.breaches >= 9); /* one for each centre that its README tells of */
    assert_true(compared.deductions > 10);
    assert_int_equal(compared.differing, 0);
}

static const ListAdjustmentsResponse *adjustments_list(struct system *system)
{
    Niva__Compensation__V1__ListAdjustmentsRequest request =
        NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.page_size = 7;
    if (!session_list(system_session(system),
                      "niva.compensation.v1.AdjustmentService/ListAdjustments", &request.base,
                      &reply, &err))
        fail_msg("%s", err.text_en);
    return (const ListAdjustmentsResponse *)reply;
}

/* Nothing is regulated before it was announced; a month under way is preliminary. */
static void amounts_are_of_the_third_quarter(void **state)
{
    const ListAdjustmentsResponse *adjustments = adjustments_list(*state);

    assert_int_equal(adjustments->pending, 0);
    assert_true(adjustments->n_adjustments > 10);
    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Adjustment *adjustment = adjustments->adjustments[i];

        assert_true(strcmp(adjustment->period, "2022-07") >= 0);
        assert_true(strcmp(adjustment->period, "2022-09") <= 0);
        assert_int_equal(adjustment->state,
                         strcmp(adjustment->period, "2022-09") == 0
                             ? NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY
                             : NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED);
        assert_string_equal(adjustment->component, "fysioterapi");
        assert_true(adjustment->deduction_ore > 0);
    }
}

static const Explanation *explain(struct system *system, const Adjustment *adjustment)
{
    Niva__Compensation__V1__ExplainAdjustmentRequest request =
        NIVA__COMPENSATION__V1__EXPLAIN_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.adjustment_id = adjustment->adjustment_id;
    if (!session_ask(system_session(system),
                     "niva.compensation.v1.AdjustmentService/ExplainAdjustment", &request.base,
                     &reply, &err))
        fail_msg("%s %s: %s (%s)", adjustment->unit_name, adjustment->period, err.text_en,
                 err.cause);
    return (const Explanation *)reply;
}

static void explanation_check(const Adjustment *adjustment, const Explanation *explanation)
{
    char *sum_text;
    mpq_t sum;
    mpq_t line;

    mpq_inits(sum, line, NULL);
    for (size_t i = 0; i < explanation->n_lines; i++) {
        assert_int_equal(mpq_set_str(line, explanation->lines[i]->ore, 10), 0);
        mpq_add(sum, sum, line);
        assert_true(explanation->lines[i]->text_sv[0] != '\0');
        assert_true(explanation->lines[i]->text_en[0] != '\0');
    }
    sum_text = mpq_get_str(NULL, 10, sum);
    if (mpq_cmp_si(sum, adjustment->deduction_ore, 1) != 0)
        fail_msg("%s %s: expected lines that add up to %" PRId64 ", actual %s",
                 adjustment->unit_name, adjustment->period, adjustment->deduction_ore, sum_text);
    free(sum_text);
    mpq_clears(sum, line, NULL);
}

static void explanations_add_up(void **state)
{
    const ListAdjustmentsResponse *adjustments = adjustments_list(*state);

    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Explanation *explanation = explain(*state, adjustments->adjustments[i]);

        explanation_check(adjustments->adjustments[i], explanation);
        assert_non_null(strstr(explanation->remark_sv, "formeln är ett antagande"));
    }
}

static void verify_agrees(void **state)
{
    char output[OUTPUT];
    int code = nivactl(*state, "verify", NULL, output);

    if (code != 0 || strstr(output, "27 units checked") == NULL)
        fail_msg("expected 27 units checked, actual exit code %d and\n%s", code, output);
}

/* What proves must be able to fail: a line that is gone is missed. */
static void verify_misses_a_line_that_was_taken_away(void **state)
{
    char output[OUTPUT];
    int code;

    system_sql(*state, "SET search_path TO compensation;"
                       " CREATE TABLE kept AS SELECT * FROM adjustment WHERE state = 2"
                       " ORDER BY adjustment_id LIMIT 1;"
                       " DELETE FROM adjustment USING kept"
                       " WHERE adjustment.adjustment_id = kept.adjustment_id");
    code = nivactl(*state, "verify", NULL, output);
    system_sql(*state, "SET search_path TO compensation;"
                       " INSERT INTO adjustment SELECT * FROM kept; DROP TABLE kept");
    if (code != 1 || strstr(output, "27 units checked, 1 differ") == NULL)
        fail_msg("expected one unit that differs, actual exit code %d and\n%s", code, output);
}

static void loading_it_again_changes_nothing(void **state)
{
    char before[256];

    snprintf(before, sizeof before, "%s", system_heads(*state));
    sample_load(*state);
    system_wait(*state);
    assert_string_equal(system_heads(*state), before);
    assert_int_equal(compare_with_model(*state).differing, 0);
}

int main(void)
{
    struct system *system = system_new(true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(verdicts_and_amounts_are_those_of_the_model, system),
        cmocka_unit_test_prestate(amounts_are_of_the_third_quarter, system),
        cmocka_unit_test_prestate(explanations_add_up, system),
        cmocka_unit_test_prestate(verify_agrees, system),
        cmocka_unit_test_prestate(verify_misses_a_line_that_was_taken_away, system),
        cmocka_unit_test_prestate(loading_it_again_changes_nothing, system),
    };
    int failed;

    sample_load(system);
    system_today(system, TODAY);
    printf("heads: %s\n", system_heads(system));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(system);
    system_free(system);
    return failed ? 1 : 0;
}
