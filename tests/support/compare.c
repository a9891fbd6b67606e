#include "tests/support/compare.h"

#include <stdlib.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/nivactl/evaluate.h"
#include "services/nivactl/gather.h"
#include "services/nivactl/today.h"
#include "services/nivactl/units.h"
#include "tests/support/process.h"

typedef Niva__Intake__V1__ListUnitsResponse ListUnitsResponse;
typedef Niva__Intake__V1__Unit Unit;
typedef Niva__Model__V1__Outcome Outcome;
typedef Niva__Model__V1__Scenario Scenario;

__attribute__((noreturn)) static void fail_compare(const struct system *system, const char *unit,
                                                   const struct niva_error *err)
{
    system_show_logs(system);
    give_up("comparing %s: %s: %s (%s)", unit, niva_code_name((int)err->code), err->text_en,
            err->cause);
}

static ListUnitsResponse *units_of(struct system *system, niva_day *ret_today)
{
    struct session *session = system_session(system);
    ListUnitsResponse *units;
    struct niva_error err;
    bool rehearsal;

    niva_error_clear(&err);
    if (!today_read(session, ret_today, &rehearsal, &err) || !units_load(session, &units, &err))
        fail_compare(system, "units", &err);
    return units;
}

/* What a system shows of a unit in which nothing is decided; NULL where no rule set asks anything
 * of it. */
static Outcome *outcome_of(struct system *system, const Unit *unit, niva_day today,
                           Scenario **ret_scenario)
{
    const Outcome undecided = NIVA__MODEL__V1__OUTCOME__INIT;
    struct session *session = system_session(system);
    Outcome *outcome = NULL;
    struct niva_error err;

    niva_error_clear(&err);
    if (!scenario_gather(session, unit, today, ret_scenario, &err) ||
        (*ret_scenario != NULL &&
         !outcome_gather(session, unit->hsa_id, *ret_scenario, &undecided, &outcome, &err)))
        fail_compare(system, unit->hsa_id, &err);
    return outcome;
}

static int deduction_order(const void *a, const void *b)
{
    const Niva__Model__V1__Deduction *const *one = a;
    const Niva__Model__V1__Deduction *const *other = b;
    int order = strcmp((*one)->period, (*other)->period);

    return order != 0 ? order : strcmp((*one)->component, (*other)->component);
}

/* A system keeps no amounts that are 0, and lists the others in its own order. */
static void deductions_tidy(Outcome *outcome)
{
    size_t kept = 0;

    for (size_t i = 0; i < outcome->n_deductions; i++)
        if (outcome->deductions[i]->deduction_ore != 0)
            outcome->deductions[kept++] = outcome->deductions[i];
    outcome->n_deductions = kept;
    if (kept > 0)
        qsort(outcome->deductions, kept, sizeof *outcome->deductions, deduction_order);
}

static void outcomes_compare(struct system *system, const Unit *unit, Outcome *expected,
                             Outcome *actual, struct compared *compared)
{
    deductions_tidy(expected);
    deductions_tidy(actual);
    compared->breaches += expected->n_breaches;
    compared->deductions += expected->n_deductions;
    compared->differing +=
        outcome_compare(system_session(system), unit->name, expected, actual) > 0;
}

struct compared compare_with_model(struct system *system)
{
    struct compared compared = {0};
    niva_day today;
    const ListUnitsResponse *units = units_of(system, &today);

    for (size_t i = 0; i < units->n_units; i++) {
        Scenario *scenario;
        Outcome *actual = outcome_of(system, units->units[i], today, &scenario);
        Outcome *expected;
        struct niva_error err;

        compared.units++;
        if (actual == NULL)
            continue;
        niva_error_clear(&err);
        if (!niva_evaluate(scenario, system_session(system)->arena, &expected, &err))
            fail_compare(system, units->units[i]->hsa_id, &err);
        outcomes_compare(system, units->units[i], expected, actual, &compared);
    }
    return compared;
}

struct compared compare_systems(struct system *expected, struct system *actual)
{
    struct compared compared = {0};
    niva_day expected_today;
    niva_day actual_today;
    const ListUnitsResponse *units = units_of(expected, &expected_today);
    const ListUnitsResponse *others = units_of(actual, &actual_today);

    if (units->n_units != others->n_units || expected_today != actual_today)
        give_up("expected %zu units on day %d, actual %zu on day %d", units->n_units,
                expected_today, others->n_units, actual_today);
    for (size_t i = 0; i < units->n_units; i++) {
        Scenario *scenario;
        Outcome *one = outcome_of(expected, units->units[i], expected_today, &scenario);
        Outcome *other = outcome_of(actual, units->units[i], actual_today, &scenario);

        compared.units++;
        if (one != NULL && other != NULL)
            outcomes_compare(actual, units->units[i], one, other, &compared);
        else
            compared.differing += one != other;
    }
    return compared;
}
