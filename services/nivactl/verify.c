/* Proves on a live system that its verdicts and amounts are what the model makes of the facts. */
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/evaluate.h"
#include "services/nivactl/gather.h"
#include "services/nivactl/today.h"
#include "services/nivactl/units.h"
#include "services/nivactl/wait.h"

typedef Niva__Intake__V1__ListUnitsResponse ListUnitsResponse;
typedef Niva__Intake__V1__Unit Unit;
typedef Niva__Model__V1__Outcome Outcome;
typedef Niva__Model__V1__Scenario Scenario;

struct verification {
    struct session *session;
    niva_day today;
    size_t checked;
    size_t differing;
};

/* The services keep no rows of amounts that are 0: the model's are left out too. */
static void zeros_drop(Outcome *outcome)
{
    size_t kept = 0;

    for (size_t i = 0; i < outcome->n_deductions; i++)
        if (outcome->deductions[i]->deduction_ore != 0)
            outcome->deductions[kept++] = outcome->deductions[i];
    outcome->n_deductions = kept;
}

static bool unit_verify(struct verification *verification, const Unit *unit, struct niva_error *err)
{
    struct session *session = verification->session;
    Scenario *scenario;
    Outcome *expected;
    Outcome *actual;

    if (!scenario_gather(session, unit, verification->today, &scenario, err))
        return false;
    verification->checked++;
    if (scenario == NULL)
        return true;
    if (!niva_evaluate(scenario, session->arena, &expected, err) ||
        !outcome_gather(session, unit->hsa_id, scenario, &actual, err))
        return false;
    zeros_drop(expected);
    verification->differing += outcome_compare(session, unit->name, expected, actual) > 0;
    return true;
}

static bool units_verify(struct verification *verification, struct niva_error *err)
{
    struct session *session = verification->session;
    const char *region = session->options.region;
    ListUnitsResponse *units;

    if (!units_load(session, &units, err))
        return false;
    for (size_t i = 0; i < units->n_units; i++) {
        const Unit *unit = units->units[i];

        if (*region != '\0' && strcmp(region, unit->region_code) != 0)
            continue;
        if (!unit_verify(verification, unit, err))
            return false;
    }
    return true;
}

static void verification_say(const struct verification *verification)
{
    const struct session *session = verification->session;

    if (session->json)
        fprintf(session->out, "{\"checked\": %zu, \"differing\": %zu}\n", verification->checked,
                verification->differing);
    else if (verification->differing == 0)
        fprintf(session->out,
                session_pick(session,
                             "%zu enheter kontrollerade: tidslinjer, brister och belopp är vad "
                             "modellen räknar.\n",
                             "%zu units checked: timelines, breaches and amounts are what the "
                             "model computes.\n"),
                verification->checked);
    else
        fprintf(session->out,
                session_pick(session, "%zu enheter kontrollerade, %zu skiljer sig från modellen.\n",
                             "%zu units checked, %zu differ from the model.\n"),
                verification->checked, verification->differing);
}

int command_verify(struct session *session, size_t count, const char *const *arguments)
{
    struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};
    struct verification verification = {.session = session};
    struct niva_error err;
    bool rehearsal;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!wait_applied(session, &wait, &err) ||
        !today_read(session, &verification.today, &rehearsal, &err) ||
        !units_verify(&verification, &err))
        return session_fail(session, &err);
    verification_say(&verification);
    return verification.differing == 0 ? EXIT_YES : EXIT_NO;
}
