#include <stdio.h>

#include "services/common/facts/read.h"

_Static_assert((int)NIVA_REQUIRE_NONE == NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__NONE,
               "requirement kinds have the numbers of the proto");
_Static_assert((int)NIVA_ROUND_DOWN == NIVA__COMPLIANCE__V1__REQUIREMENT__ROUNDING_MODE__DOWN,
               "rounding modes have the numbers of the proto");
_Static_assert((int)NIVA_SAME_DAY == NIVA__COMPLIANCE__V1__REQUIREMENT__SNAPSHOT__SAME_DAY,
               "snapshots have the numbers of the proto");
_Static_assert((int)NIVA_FROM_EXPECTED_DAY ==
                   NIVA__COMPLIANCE__V1__COUNTING__ABSENCE_COUNTS_FROM__EXPECTED_DAY,
               "days to count from have the numbers of the proto");
_Static_assert((int)NIVA_NO_DEDUCTION == NIVA__COMPLIANCE__V1__REGULATION__FORMULA__NONE,
               "formulas have the numbers of the proto");
_Static_assert((int)NIVA_GUIDE == NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE,
               "severities have the numbers of the proto");

static bool read_requirement_steps(struct niva_check *check,
                                   const Niva__Compliance__V1__Requirement *message,
                                   struct niva_arena *arena, struct niva_requirement_rule *rule)
{
    struct niva_requirement_step *steps = niva_arena_array(arena, message->n_steps, sizeof *steps);
    bool rising = message->n_steps > 0;

    if (steps == NULL)
        return false;
    for (size_t i = 0; i < message->n_steps; i++) {
        const Niva__Compliance__V1__Requirement__Step *step = message->steps[i];
        size_t mark = niva_check_enter(check, "steps", (long)i);
        (void)niva_check_range(check, "listed_from", step->listed_from, 0, INT32_MAX);
        (void)niva_check_range(check, "minimum_milli", step->minimum_milli, 0, INT32_MAX);
        niva_check_leave(check, mark);
        steps[i] = (struct niva_requirement_step){step->listed_from, step->minimum_milli};
        rising = rising && (i == 0 || steps[i - 1].listed_from < steps[i].listed_from);
    }
    if (!rising && rule->kind == NIVA_REQUIRE_STEP_TABLE)
        niva_check_fail(check, "steps", "STEPS_UNSORTED",
                        "Stegen ska vara minst ett, i stigande ordning.",
                        "There must be at least one step, and they must rise.");
    rule->step_count = message->n_steps;
    rule->steps = steps;
    return true;
}

static bool requirement_divides(enum niva_requirement_kind kind)
{
    return kind == NIVA_REQUIRE_PER_LISTED || kind == NIVA_REQUIRE_PER_WEIGHTED ||
           kind == NIVA_REQUIRE_GREATER_OF;
}

static bool read_requirement(struct niva_check *check,
                             const Niva__Compliance__V1__Requirement *message,
                             struct niva_arena *arena, struct niva_requirement_rule *ret_rule)
{
    struct niva_requirement_rule rule = {
        .kind = (enum niva_requirement_kind)message->kind,
        .persons_per_fte = message->persons_per_fte,
        .rounding_step_milli = message->rounding_step_milli == 0 ? 1 : message->rounding_step_milli,
        .rounding_mode = message->rounding_mode == 0
                             ? NIVA_ROUND_HALF_UP
                             : (enum niva_rounding_mode)message->rounding_mode,
        .floor_milli = message->floor_milli,
        .snapshot =
            message->snapshot == 0 ? NIVA_PREVIOUS_MONTH : (enum niva_snapshot)message->snapshot,
    };

    (void)niva_check_given(check, "kind", (int)message->kind);
    (void)niva_check_range(check, "persons_per_fte", message->persons_per_fte,
                           requirement_divides(rule.kind) ? 1 : 0, INT32_MAX);
    (void)niva_check_range(check, "rounding_step_milli", message->rounding_step_milli, 0,
                           INT32_MAX);
    (void)niva_check_range(check, "floor_milli", message->floor_milli, 0, INT32_MAX);
    if (!read_requirement_steps(check, message, arena, &rule))
        return false;
    *ret_rule = rule;
    return true;
}

static unsigned read_employments(struct niva_check *check,
                                 const Niva__Compliance__V1__Counting *message)
{
    unsigned bits = 0;

    for (size_t i = 0; i < message->n_employments; i++) {
        char field[40];
        snprintf(field, sizeof field, "employments[%zu]", i);
        if (niva_check_given(check, field, (int)message->employments[i]))
            bits |= 1U << message->employments[i];
    }
    if (message->n_employments == 0)
        niva_check_fail(check, "employments", "REQUIRED", "Minst en anställningsform ska anges.",
                        "At least one employment must be given.");
    return bits;
}

static unsigned read_exempt(struct niva_check *check, const Niva__Compliance__V1__Counting *message)
{
    unsigned bits = 0;

    for (size_t i = 0; i < message->n_exempt_categories; i++) {
        char field[40];
        snprintf(field, sizeof field, "exempt_categories[%zu]", i);
        if (niva_check_given(check, field, (int)message->exempt_categories[i]))
            bits |= 1U << message->exempt_categories[i];
    }
    return bits;
}

static bool read_counting(struct niva_check *check, const Niva__Compliance__V1__Counting *message,
                          struct niva_arena *arena, struct niva_counting_rule *ret_rule)
{
    const char **titles = niva_arena_array(arena, message->n_title_codes, sizeof *titles);
    struct niva_counting_rule rule = {
        .title_count = message->n_title_codes,
        .titles = titles,
        .employments = read_employments(check, message),
        .count_unlicensed = message->count_unlicensed,
        .absence_threshold_days = message->absence_threshold_days,
        .counts_from = message->absence_counts_from == 0
                           ? NIVA_FROM_FIRST_DAY
                           : (enum niva_counts_from)message->absence_counts_from,
        .join_gap_days = -1,
        .exempt = read_exempt(check, message),
        .tolerance_milli = message->tolerance_milli,
        .hired_cap_permille = -1,
    };

    if (titles == NULL)
        return false;
    for (size_t i = 0; i < message->n_title_codes; i++)
        titles[i] = message->title_codes[i];
    if (message->n_title_codes == 0)
        niva_check_fail(check, "title_codes", "REQUIRED", "Minst en titel ska anges.",
                        "At least one title must be given.");
    (void)niva_check_range(check, "absence_threshold_days", message->absence_threshold_days, 0,
                           INT32_MAX);
    (void)niva_check_range(check, "tolerance_milli", message->tolerance_milli, 0, INT32_MAX);
    if (message->join_case == NIVA__COMPLIANCE__V1__COUNTING__JOIN_ABSENCE_JOIN_GAP_DAYS) {
        rule.join_gap_days = message->absence_join_gap_days;
        (void)niva_check_range(check, "absence_join_gap_days", rule.join_gap_days, 0, INT32_MAX);
    }
    if (message->hired_case == NIVA__COMPLIANCE__V1__COUNTING__HIRED_HIRED_CAP_PERMILLE) {
        rule.hired_cap_permille = message->hired_cap_permille;
        (void)niva_check_range(check, "hired_cap_permille", rule.hired_cap_permille, 0, INT32_MAX);
    }
    *ret_rule = rule;
    return true;
}

/* Rule books list them from the mildest down as well as from the lowest up: they are turned so that
 * they rise. */
static bool read_regulation_steps(struct niva_check *check,
                                  const Niva__Compliance__V1__Regulation *message,
                                  struct niva_arena *arena, struct niva_regulation_rule *rule)
{
    size_t count = message->n_steps;
    struct niva_regulation_step *steps = niva_arena_array(arena, count, sizeof *steps);
    bool falling =
        count > 1 && message->steps[0]->below_permille > message->steps[1]->below_permille;
    bool sorted = count > 0;

    if (steps == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const Niva__Compliance__V1__Regulation__Step *step = message->steps[i];
        size_t mark = niva_check_enter(check, "steps", (long)i);
        (void)niva_check_range(check, "below_permille", step->below_permille, 0, 1000);
        (void)niva_check_range(check, "deduct_permille", step->deduct_permille, 0, 1000);
        niva_check_leave(check, mark);
        steps[falling ? count - 1 - i : i] =
            (struct niva_regulation_step){step->below_permille, step->deduct_permille};
    }
    for (size_t i = 1; i < count; i++)
        sorted = sorted && steps[i - 1].below_permille < steps[i].below_permille;
    if (!sorted && rule->formula == NIVA_STEP_TABLE)
        niva_check_fail(check, "steps", "STEPS_UNSORTED",
                        "Stegen ska vara minst ett, i fallande eller stigande ordning.",
                        "There must be at least one step, and they must fall or rise.");
    rule->step_count = count;
    rule->steps = steps;
    return true;
}

/* What is absent is no limit. */
static void read_limits(struct niva_check *check, const Niva__Compliance__V1__Regulation *message,
                        struct niva_regulation_rule *rule)
{
    rule->max_periods = -1;
    rule->cap_permille = -1;
    rule->minimum_ore = -1;
    if (message->periods_case == NIVA__COMPLIANCE__V1__REGULATION__PERIODS_MAX_PERIODS) {
        rule->max_periods = message->max_periods;
        (void)niva_check_range(check, "max_periods", message->max_periods, 0, INT32_MAX);
    }
    if (message->cap_case == NIVA__COMPLIANCE__V1__REGULATION__CAP_CAP_PERMILLE) {
        rule->cap_permille = message->cap_permille;
        (void)niva_check_range(check, "cap_permille", message->cap_permille, 0, 1000);
    }
    if (message->least_case == NIVA__COMPLIANCE__V1__REGULATION__LEAST_MINIMUM_ORE) {
        rule->minimum_ore = message->minimum_ore;
        (void)niva_check_range(check, "minimum_ore", message->minimum_ore, 0, INT64_MAX);
    }
}

static bool read_regulation(struct niva_check *check,
                            const Niva__Compliance__V1__Regulation *message,
                            struct niva_arena *arena, struct niva_regulation_rule *ret_rule)
{
    struct niva_regulation_rule rule = {
        .formula = (enum niva_formula)message->formula,
        .ore_per_fte_month = message->ore_per_fte_month,
        .permille = message->permille,
        .grace_days = message->grace_days,
        .rounding_unit_ore = message->rounding_unit_ore == 0 ? 1 : message->rounding_unit_ore,
    };

    (void)niva_check_given(check, "formula", (int)message->formula);
    (void)niva_check_range(check, "ore_per_fte_month", message->ore_per_fte_month, 0, INT64_MAX);
    (void)niva_check_range(check, "permille", message->permille, 0, 1000);
    (void)niva_check_range(check, "grace_days", message->grace_days, 0, INT32_MAX);
    (void)niva_check_range(check, "rounding_unit_ore", message->rounding_unit_ore, 0, INT32_MAX);
    read_limits(check, message, &rule);
    if (!read_regulation_steps(check, message, arena, &rule))
        return false;
    *ret_rule = rule;
    return true;
}

/* The three parts; one that is missing is told and left empty. */
static bool read_parts(struct niva_check *check, const Niva__Compliance__V1__RuleSet *message,
                       struct niva_arena *arena, struct niva_rule_set *rule_set)
{
    bool read = true;

    if (niva_check_present(check, "requirement", message->requirement)) {
        size_t mark = niva_check_enter(check, "requirement", -1);
        read = read_requirement(check, message->requirement, arena, &rule_set->requirement);
        niva_check_leave(check, mark);
    }
    if (read && niva_check_present(check, "counting", message->counting)) {
        size_t mark = niva_check_enter(check, "counting", -1);
        read = read_counting(check, message->counting, arena, &rule_set->counting);
        niva_check_leave(check, mark);
    }
    if (read && niva_check_present(check, "regulation", message->regulation)) {
        size_t mark = niva_check_enter(check, "regulation", -1);
        read = read_regulation(check, message->regulation, arena, &rule_set->regulation);
        niva_check_leave(check, mark);
    }
    return read;
}

bool read_rule_set(struct niva_check *check, const Niva__Compliance__V1__RuleSet *message,
                   struct niva_arena *arena, struct niva_rule_set *ret_rule_set)
{
    struct niva_rule_set rule_set = {
        .id = message->rule_set_id,
        .version = message->version,
        .days = read_span(check, message->first_day, message->last_day),
        .severity = (enum niva_severity)message->severity,
        .recorded_at = read_recorded(check, message->recorded_at),
    };

    (void)niva_check_given(check, "severity", (int)message->severity);
    if (!read_parts(check, message, arena, &rule_set))
        return false;
    *ret_rule_set = rule_set;
    return true;
}
