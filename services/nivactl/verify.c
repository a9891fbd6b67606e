/* Proves a live system: each service what it keeps, and all of them together that verdicts and
 * amounts are what the model makes of the facts that anyone can read. */
#include <inttypes.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/evaluate.h"
#include "services/nivactl/gather.h"
#include "services/nivactl/proof.h"
#include "services/nivactl/today.h"
#include "services/nivactl/units.h"
#include "services/nivactl/wait.h"

typedef Niva__Intake__V1__ListUnitsResponse ListUnitsResponse;
typedef Niva__Intake__V1__Unit Unit;
typedef Niva__Model__V1__Outcome Outcome;
typedef Niva__Model__V1__Scenario Scenario;

enum {
    UNIT_ARENA_BYTES = 512 << 20,
    UNIT_TRIES = 3, /* what changes while it is read is read again */
    UNIT_SHOWN = 10,
};

struct verification {
    struct session *session;
    struct niva_arena *arena; /* of one unit */
    struct progress progress;
    struct proof proof;
    size_t checked;
    size_t differing;
};

/* ---- a unit and the model ---- */

/* The services keep no rows of amounts that are 0: the model's are left out too. */
static void zeros_drop(Outcome *outcome)
{
    size_t kept = 0;

    for (size_t i = 0; i < outcome->n_deductions; i++)
        if (outcome->deductions[i]->deduction_ore != 0)
            outcome->deductions[kept++] = outcome->deductions[i];
    outcome->n_deductions = kept;
}

/* What is found of one unit. */
struct unit_findings {
    struct verification *verification;
    const Unit *unit;
    size_t count;
    bool failed;
    struct niva_error *err;
};

static void unit_differs(void *user, enum outcome_part part, size_t line, const char *expected,
                         const char *actual)
{
    static const struct {
        enum service service;
        const char *code;
        const char *kind;
        const char *text_sv;
        const char *text_en;
    } parts[] = {
        [OUTCOME_TIMELINE] = {COMPLIANCE, "MODEL_TIMELINE", "timeline",
                              "Tidslinjen är inte den som modellen räknar ur alla fakta.",
                              "The timeline is not what the model computes from all facts."},
        [OUTCOME_BREACHES] = {COMPLIANCE, "MODEL_BREACHES", "breach",
                              "Bristerna är inte de som modellen räknar ur alla fakta.",
                              "The breaches are not what the model computes from all facts."},
        [OUTCOME_DEDUCTIONS] = {COMPENSATION, "MODEL_AMOUNT", "adjustment",
                                "Beloppen är inte de som modellen räknar ur alla fakta.",
                                "The amounts are not what the model computes from all facts."},
    };
    struct unit_findings *found = user;
    struct session *session = found->verification->session;
    Difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;

    if (++found->count > UNIT_SHOWN || found->failed)
        return;
    difference.code = (char *)(uintptr_t)parts[part].code;
    difference.kind = (char *)(uintptr_t)parts[part].kind;
    difference.position = (int64_t)line;
    difference.unit = found->unit->hsa_id;
    difference.profession_group = (char *)(uintptr_t)session->options.group;
    difference.expected = (char *)(uintptr_t)expected;
    difference.actual = (char *)(uintptr_t)actual;
    difference.text_sv = (char *)(uintptr_t)parts[part].text_sv;
    difference.text_en = (char *)(uintptr_t)parts[part].text_en;
    found->failed = !findings_copy(&found->verification->proof.differences, session,
                                   parts[part].service, &difference, found->err);
}

static void difference_pass(void *user, enum outcome_part part, size_t line, const char *expected,
                            const char *actual)
{
    (void)user;
    (void)part;
    (void)line;
    (void)expected;
    (void)actual;
}

/* What the model makes of a unit's facts, and what the services say; NULL without a rule set. */
static bool unit_read(struct verification *verification, const Unit *unit, Outcome **ret_expected,
                      Outcome **ret_actual, struct niva_error *err)
{
    struct session *session = verification->session;
    Scenario *scenario;
    niva_day today;
    bool rehearsal;

    *ret_expected = NULL;
    if (!today_read(session, &today, &rehearsal, err) ||
        !scenario_gather(session, unit, today, &scenario, err))
        return false;
    if (scenario == NULL)
        return true;
    if (!niva_evaluate(scenario, session->arena, ret_expected, err) ||
        !outcome_gather(session, unit->hsa_id, scenario, *ret_expected, ret_actual, err))
        return false;
    zeros_drop(*ret_expected);
    return true;
}

/* The lists are read one after the other: a change between two of them looks like a difference,
 * until both are read again. */
static bool unit_settled(struct verification *verification, const Unit *unit,
                         Outcome **ret_expected, Outcome **ret_actual, struct niva_error *err)
{
    struct session *session = verification->session;

    for (int i = 0; i < UNIT_TRIES; i++) {
        const struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};

        niva_arena_reset(session->arena);
        if (i > 0 && !wait_applied(session, &wait, err))
            return false;
        if (!unit_read(verification, unit, ret_expected, ret_actual, err))
            return false;
        if (*ret_expected == NULL ||
            outcome_differences(session, *ret_expected, *ret_actual, difference_pass, NULL) == 0)
            return true;
    }
    return true;
}

/* Whether a list or a timeline could not be read because of what is kept, and not because nobody
 * answers. */
static bool broken_content(const struct niva_error *err)
{
    return err->code == NIVA_INTERNAL || err->code == NIVA_INVALID_ARGUMENT ||
           err->code == NIVA_FAILED_PRECONDITION || err->code == NIVA_NOT_FOUND;
}

/* What can't be read can't be right. */
static bool unreadable_add(struct verification *verification, const char *unit,
                           struct niva_error *err)
{
    Difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    char actual[sizeof err->text_en];

    niva_text_set(actual, sizeof actual, err->text_en);
    difference.code = (char *)"MODEL_UNREADABLE";
    difference.unit = (char *)(uintptr_t)unit;
    difference.profession_group = (char *)(uintptr_t)verification->session->options.group;
    difference.actual = actual;
    difference.text_sv = (char *)"Alla fakta går inte att läsa: något är trasigt.";
    difference.text_en = (char *)"Not all facts can be read: something is broken.";
    niva_error_clear(err);
    verification->differing++;
    return findings_copy(&verification->proof.differences, verification->session, COMPLIANCE,
                         &difference, err);
}

/* What is read of a unit lies in memory of its own, which is used again for the next. */
static bool unit_verify(struct verification *verification, const Unit *unit, struct niva_error *err)
{
    struct session *session = verification->session;
    struct niva_arena *kept = session->arena;
    struct unit_findings found = {.verification = verification, .unit = unit, .err = err};
    Outcome *expected;
    Outcome *actual;
    bool good;

    session->arena = verification->arena;
    good = unit_settled(verification, unit, &expected, &actual, err);
    session->arena = kept;
    if (!good && !broken_content(err))
        return false;
    verification->checked++;
    progress_step(&verification->progress, unit->name);
    if (!good)
        return unreadable_add(verification, unit->hsa_id, err);
    if (expected != NULL)
        outcome_differences(session, expected, actual, unit_differs, &found);
    verification->differing += found.count > 0;
    return !found.failed;
}

static bool units_verify(struct verification *verification, const char *hsa_id,
                         struct niva_error *err)
{
    struct session *session = verification->session;
    const char *region = session->options.region;
    ListUnitsResponse *units;

    if (!units_load(session, &units, err))
        return broken_content(err) && unreadable_add(verification, "", err);
    verification->progress.all += units->n_units;
    for (size_t i = 0; i < units->n_units; i++) {
        const Unit *unit = units->units[i];

        if ((*region != '\0' && strcmp(region, unit->region_code) != 0) ||
            (*hsa_id != '\0' && strcmp(hsa_id, unit->hsa_id) != 0))
            continue;
        if (!unit_verify(verification, unit, err))
            return false;
    }
    return true;
}

/* ---- the answer ---- */

static bool verification_print_json(const struct verification *verification, struct niva_error *err)
{
    const struct session *session = verification->session;
    const struct proof *proof = &verification->proof;
    struct niva_text text = {0};
    bool good;

    niva_text_printf(&text,
                     "{\"checked\": %zu, \"differing\": %zu, \"proved\": %" PRId64
                     ", \"pending\": %" PRId64 ", \"differences\": ",
                     verification->checked, verification->differing, proof->checked,
                     proof->pending);
    good = findings_json(&proof->differences, &text, err);
    niva_text_puts(&text, ", \"notices\": ");
    good = good && findings_json(&proof->notices, &text, err);
    niva_text_puts(&text, "}");
    if (good)
        fprintf(session->out, "%s\n", text.failed ? "" : text.data);
    good = good && !text.failed;
    niva_text_free(&text);
    return good;
}

static void proved_print(const struct session *session, const struct proof *proof)
{
    char count[32];

    progress_count(proof->differences.count, count);
    if (proof->differences.count == 0)
        fprintf(session->out, "%s\n",
                session_pick(session,
                             "Händelser, fakta och poster bevisade: inget har ändrats i efterhand.",
                             "Events, facts and records proved: nothing was altered afterwards."));
    else
        fprintf(session->out, session_pick(session, "%s skillnader.\n", "%s differences.\n"),
                count);
    if (proof->pending > 0)
        fprintf(session->out,
                session_pick(session, "%" PRId64 " återstår att räkna och är inte jämförda.\n",
                             "%" PRId64 " are still to be computed and were not compared.\n"),
                proof->pending);
}

static void units_print(const struct verification *verification)
{
    const struct session *session = verification->session;

    if (verification->differing == 0)
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

static bool verification_print(const struct verification *verification, struct niva_error *err)
{
    struct session *session = verification->session;
    const struct proof *proof = &verification->proof;

    if (session->json)
        return verification_print_json(verification, err);
    if (!findings_print(session, &proof->differences, err))
        return false;
    if (proof->notices.count > 0)
        fprintf(session->out, "%s\n", session_pick(session, "Att känna till:", "Worth knowing:"));
    if (!findings_print(session, &proof->notices, err))
        return false;
    proved_print(session, proof);
    units_print(verification);
    return true;
}

static bool verification_run(struct verification *verification, struct niva_error *err)
{
    struct session *session = verification->session;
    const struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};
    const char *unit;

    progress_begin(&verification->progress, session, 0);
    return unit_find(session, session->options.unit, &unit, err) &&
           wait_applied(session, &wait, err) &&
           proof_services(session, unit, &verification->progress, &verification->proof, err) &&
           units_verify(verification, unit, err);
}

int command_verify(struct session *session, size_t count, const char *const *arguments)
{
    struct verification verification = {.session = session,
                                        .arena = niva_arena_new(UNIT_ARENA_BYTES)};
    struct niva_error err;
    bool good;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    good = verification.arena != NULL ? verification_run(&verification, &err)
                                      : niva_fail_internal(&err, "out of memory");
    if (good && !session->json)
        progress_end(&verification.progress, "verify");
    else
        progress_clear(&verification.progress);
    good = good && verification_print(&verification, &err);
    niva_arena_free(verification.arena);
    if (!good)
        return session_fail(session, &err);
    return verification.proof.differences.count == 0 ? EXIT_YES : EXIT_NO;
}
