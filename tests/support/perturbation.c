#include "tests/support/perturbation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a scenario that may be written to. */
struct copy {
    struct random_scenario scenario;
    struct niva_rule_set *rule_sets;
    struct niva_contract *contracts;
    struct niva_listing *listings;
    struct niva_report *reports;
    struct niva_absence *absences;
    struct niva_dispensation *dispensations;
    struct niva_finding *findings;
};

static void *list_make(size_t count, size_t size, struct niva_arena *arena)
{
    void *list = niva_arena_array(arena, count, size);

    if (list == NULL) {
        fprintf(stderr, "perturbation: the arena is out\n");
        abort();
    }
    return list;
}

static void *list_copy(const void *list, size_t count, size_t size, struct niva_arena *arena)
{
    void *copy = list_make(count, size, arena);

    if (count > 0)
        memcpy(copy, list, count * size);
    return copy;
}

#define LIST_COPY(list, count)                                                                     \
    copy->list = list_copy(facts->list, facts->count, sizeof *facts->list, arena);                 \
    facts->list = copy->list

static void copy_make(const struct random_scenario *scenario, struct niva_arena *arena,
                      struct copy *copy)
{
    struct niva_facts *facts = &copy->scenario.facts;

    copy->scenario = *scenario;
    LIST_COPY(rule_sets, rule_set_count);
    LIST_COPY(contracts, contract_count);
    LIST_COPY(listings, listing_count);
    LIST_COPY(reports, report_count);
    LIST_COPY(absences, absence_count);
    LIST_COPY(dispensations, dispensation_count);
    LIST_COPY(findings, finding_count);
    copy->scenario.components = list_copy(scenario->components, scenario->component_count,
                                          sizeof *scenario->components, arena);
}

/* ---- the perturbations ---- */

/* What it does to one record of a list. */
#define EACH(name, type, list, count, change)                                                      \
    static void name(struct copy *copy)                                                            \
    {                                                                                              \
        for (size_t i = 0; i < copy->scenario.facts.count; i++) {                                  \
            type *it = &copy->list[i];                                                             \
            change;                                                                                \
        }                                                                                          \
    }
#define RULE(name, change)    EACH(name, struct niva_rule_set, rule_sets, rule_set_count, change)
#define ABSENCE(name, change) EACH(name, struct niva_absence, absences, absence_count, change)
#define DISPENSATION(name, change)                                                                 \
    EACH(name, struct niva_dispensation, dispensations, dispensation_count, change)

static void always_open(struct copy *copy)
{
    copy->scenario.facts.open = (struct niva_span){NIVA_DAY_NONE, NIVA_DAY_END};
}

static void all_known(struct copy *copy)
{
    copy->scenario.facts.known_at = INT64_MAX;
}

static void no_withdrawals(struct copy *copy)
{
    copy->scenario.facts.withdrawal_count = 0;
}

static void no_findings(struct copy *copy)
{
    copy->scenario.facts.finding_count = 0;
}

static void no_dispensations(struct copy *copy)
{
    copy->scenario.facts.dispensation_count = 0;
}

static void no_absences(struct copy *copy)
{
    copy->scenario.facts.absence_count = 0;
}

/* A version comes right after the one that it replaces. */
static void first_versions(struct copy *copy)
{
    for (size_t i = 1; i < copy->scenario.facts.rule_set_count; i++) {
        niva_instant recorded_at = copy->rule_sets[i].recorded_at;
        if (copy->rule_sets[i].version != 2)
            continue;
        copy->rule_sets[i] = copy->rule_sets[i - 1];
        copy->rule_sets[i].version = 2;
        copy->rule_sets[i].recorded_at = recorded_at;
    }
}

RULE(no_floor, it->requirement.floor_milli = 0)
RULE(no_step, it->requirement.rounding_step_milli = 1)
RULE(round_half, it->requirement.rounding_mode = NIVA_ROUND_HALF_UP)
RULE(round_up, it->requirement.rounding_mode = NIVA_ROUND_UP)
RULE(same_day, it->requirement.snapshot = NIVA_SAME_DAY)
RULE(no_ratio_beside, if (it->requirement.kind == NIVA_REQUIRE_GREATER_OF)
                          it->requirement.kind = NIVA_REQUIRE_CONTRACTED)
RULE(no_contract_beside, if (it->requirement.kind == NIVA_REQUIRE_GREATER_OF)
                             it->requirement.kind = NIVA_REQUIRE_PER_LISTED)
RULE(unlicensed, it->counting.count_unlicensed = true)
RULE(all_employments, it->counting.employments = 0x1e)
RULE(threshold_more, it->counting.absence_threshold_days++)
RULE(threshold_less, it->counting.absence_threshold_days--)
RULE(from_first_day, it->counting.counts_from = NIVA_FROM_FIRST_DAY)
RULE(no_joining, it->counting.join_gap_days = -1)
RULE(gap_more, it->counting.join_gap_days += it->counting.join_gap_days >= 0)
RULE(gap_less, it->counting.join_gap_days -= it->counting.join_gap_days >= 0)
RULE(no_exempt, it->counting.exempt = 0)
RULE(no_tolerance, it->counting.tolerance_milli = 0)
RULE(tolerance_less, it->counting.tolerance_milli--)
RULE(no_hired_cap, it->counting.hired_cap_permille = -1)
EACH(binding_at_once, struct niva_contract, contracts, contract_count,
     it->binding_from = NIVA_DAY_NONE)
EACH(listed_less, struct niva_listing, listings, listing_count, it->listed--)
EACH(nothing_corrects, struct niva_report, reports, report_count, it->corrects = NULL)
EACH(findings_alone, struct niva_finding, findings, finding_count, it->id = NULL)
ABSENCE(no_cover, it->cover_count = 0)
ABSENCE(whole_absence, it->absent_milli = -1)
ABSENCE(absence_alone, it->id = NULL)
ABSENCE(no_cancellation, it->cancelled = false)
ABSENCE(no_loan, if (it->category == NIVA_LOANED_OUT) it->category = NIVA_OTHER_ABSENCE)
ABSENCE(default_since, it->expected_since = NIVA_DAY_NONE)
DISPENSATION(full_dispensation, it->reduced_minimum_milli = -1)
DISPENSATION(no_revocation, it->revoked_from = NIVA_DAY_NONE)
DISPENSATION(no_voiding, it->voided = false)

RULE(all_binding, it->severity = NIVA_BINDING)
RULE(no_cap, it->regulation.cap_permille = -1)
RULE(no_minimum, it->regulation.minimum_ore = -1)
RULE(minimum_more, it->regulation.minimum_ore += it->regulation.minimum_ore >= 0)
RULE(no_grace, it->regulation.grace_days = 0)
RULE(grace_more, it->regulation.grace_days++)
RULE(no_periods_limit, it->regulation.max_periods = -1)
RULE(periods_more, it->regulation.max_periods += it->regulation.max_periods >= 0)
RULE(no_unit, it->regulation.rounding_unit_ore = 1)

static const struct niva_regulation_step higher_steps[] = {{501, 400}, {751, 150}, {876, 50}};

RULE(steps_higher, it->regulation.steps = higher_steps)

static void all_regulated(struct copy *copy)
{
    for (size_t i = 0; i < copy->scenario.component_count; i++)
        copy->scenario.components[i].regulated = true;
}

static void components_alone(struct copy *copy)
{
    for (size_t i = 0; i < copy->scenario.component_count; i++)
        copy->scenario.components[i].id = NULL;
}

static void components_forever(struct copy *copy)
{
    for (size_t i = 0; i < copy->scenario.component_count; i++)
        copy->scenario.components[i].days.until = NIVA_DAY_END;
}

static const struct {
    const char *name;
    bool of_money;
    void (*perturb)(struct copy *copy);
} perturbations[] = {
    {"the unit is always open", false, always_open},
    {"everything is known", false, all_known},
    {"a rule set has one version", false, first_versions},
    {"no floor", false, no_floor},
    {"rounded to whole milli-FTE", false, no_step},
    {"rounded half up", false, round_half},
    {"rounded up", false, round_up},
    {"the listing of the same day", false, same_day},
    {"one listed person less", false, listed_less},
    {"greater of: contracted alone", false, no_ratio_beside},
    {"greater of: per listed alone", false, no_contract_beside},
    {"contracts bind at once", false, binding_at_once},
    {"the unlicensed count", false, unlicensed},
    {"all employments count", false, all_employments},
    {"threshold + 1 day", false, threshold_more},
    {"threshold - 1 day", false, threshold_less},
    {"absences count from the first day", false, from_first_day},
    {"expected since is not given", false, default_since},
    {"absences are not joined", false, no_joining},
    {"join gap + 1 day", false, gap_more},
    {"join gap - 1 day", false, gap_less},
    {"nothing is exempt", false, no_exempt},
    {"nobody is loaned out", false, no_loan},
    {"absences are whole", false, whole_absence},
    {"no absence is cancelled", false, no_cancellation},
    {"versions of absences stand alone", false, absence_alone},
    {"no absences", false, no_absences},
    {"no cover", false, no_cover},
    {"no tolerance", false, no_tolerance},
    {"tolerance - 1", false, tolerance_less},
    {"no cap for hired staff", false, no_hired_cap},
    {"no corrections", false, nothing_corrects},
    {"no withdrawals", false, no_withdrawals},
    {"no findings", false, no_findings},
    {"versions of findings stand alone", false, findings_alone},
    {"no dispensations", false, no_dispensations},
    {"dispensations are full", false, full_dispensation},
    {"no dispensation is revoked", false, no_revocation},
    {"no dispensation is voided", false, no_voiding},
    {"guides bind", true, all_binding},
    {"no cap", true, no_cap},
    {"no least amount", true, no_minimum},
    {"least amount + 1", true, minimum_more},
    {"no grace", true, no_grace},
    {"grace + 1 day", true, grace_more},
    {"periods without limit", true, no_periods_limit},
    {"one period more", true, periods_more},
    {"rounded to ore", true, no_unit},
    {"steps 1 permille higher", true, steps_higher},
    {"all components are regulated", true, all_regulated},
    {"versions of components stand alone", true, components_alone},
    {"components never end", true, components_forever},
};

_Static_assert(sizeof perturbations / sizeof *perturbations == PERTURBATIONS,
               "PERTURBATIONS is the length of the table");

const char *perturbation_name(size_t index)
{
    return perturbations[index].name;
}

bool perturbation_of_money(size_t index)
{
    return perturbations[index].of_money;
}

/* ---- what hangs on them ---- */

/* What the restatement says of a scenario. */
struct said {
    size_t day_count;
    struct naive_day *days;
    size_t amount_count;
    int64_t *amounts; /* month by month, of the records of components in their order */
};

static void amounts_say(const struct random_scenario *scenario, struct niva_arena *arena,
                        struct said *said)
{
    struct niva_span month = {niva_month_begin(scenario->horizon.from), 0};
    size_t most = (said->day_count / 28 + 2) * scenario->component_count;
    mpq_t full;

    mpq_init(full);
    said->amounts = list_make(most, sizeof *said->amounts, arena);
    for (; month.from < scenario->horizon.until; month.from = month.until) {
        month.until = niva_month_next(month.from);
        for (size_t i = 0; i < scenario->component_count; i++)
            said->amounts[said->amount_count++] = naive_deduction(
                &scenario->facts, scenario->components, scenario->component_count, said->days,
                scenario->horizon, month, scenario->components[i].name, full);
    }
    mpq_clear(full);
}

static struct said say(const struct random_scenario *scenario, struct niva_arena *arena)
{
    struct said said = {.day_count = (size_t)(scenario->horizon.until - scenario->horizon.from)};

    said.days = list_make(said.day_count, sizeof *said.days, arena);
    for (size_t i = 0; i < said.day_count; i++)
        naive_day_judge(&scenario->facts, scenario->horizon.from + (niva_day)i, &said.days[i]);
    amounts_say(scenario, arena, &said);
    return said;
}

static bool days_same(const struct naive_day *a, const struct naive_day *b)
{
    return a->status == b->status && a->required_milli == b->required_milli &&
           a->counted_milli == b->counted_milli && a->shortfall_milli == b->shortfall_milli;
}

void perturbations_count(const struct random_scenario *scenario, struct niva_arena *arena,
                         struct perturbed counts[PERTURBATIONS])
{
    struct said plain = say(scenario, arena);

    for (size_t i = 0; i < PERTURBATIONS; i++) {
        struct copy copy;
        copy_make(scenario, arena, &copy);
        perturbations[i].perturb(&copy);
        struct said otherwise = say(&copy.scenario, arena);
        for (size_t day = 0; day < plain.day_count; day++)
            counts[i].days += !days_same(&plain.days[day], &otherwise.days[day]);
        for (size_t j = 0; j < plain.amount_count; j++)
            counts[i].amounts += plain.amounts[j] != otherwise.amounts[j];
    }
}
