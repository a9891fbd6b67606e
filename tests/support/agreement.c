#include "tests/support/agreement.h"

#include <stdio.h>
#include <string.h>

/* ---- days ---- */

static bool facts_same(const struct niva_segment *actual, const struct naive_day *expected)
{
    if (actual->report != expected->report || actual->finding != expected->finding ||
        actual->rule_set != expected->rule_set || actual->dispensation != expected->dispensation ||
        actual->absence_count != expected->absence_count)
        return false;
    for (size_t i = 0; i < expected->absence_count; i++)
        if (actual->absences[i] != expected->absences[i])
            return false;
    return true;
}

static bool day_compare(const struct niva_segment *actual, const struct naive_day *expected,
                        niva_day day, unsigned long long seed)
{
    char text[16];

    if (actual->status == expected->status && actual->required_milli == expected->required_milli &&
        actual->counted_milli == expected->counted_milli &&
        actual->shortfall_milli == expected->shortfall_milli && facts_same(actual, expected))
        return true;
    niva_day_format(day, text);
    fprintf(stderr,
            "seed %llu, %s: expected status %d required %d counted %d missing %d (%zu absences), "
            "got %d %d %d %d (%zu absences), facts %s\n",
            seed, text, (int)expected->status, expected->required_milli, expected->counted_milli,
            expected->shortfall_milli, expected->absence_count, (int)actual->status,
            actual->required_milli, actual->counted_milli, actual->shortfall_milli,
            actual->absence_count, facts_same(actual, expected) ? "alike" : "differ");
    return false;
}

static void day_count(const struct naive_day *day, struct agreement *agreement)
{
    agreement->unit_days++;
    agreement->statuses[day->status]++;
    if (day->status >= NIVA_MET)
        agreement->kinds[day->rule_set->requirement.kind]++;
    else if (day->rule_set != NULL && day->rule_set->requirement.kind == NIVA_REQUIRE_NONE)
        agreement->kinds[NIVA_REQUIRE_NONE]++;
}

/* Segments follow each other without gap over the horizon, none of them empty. */
static bool days_compare(const struct random_scenario *scenario,
                         const struct niva_timeline *timeline, struct naive_day *ret_days,
                         unsigned long long seed, struct agreement *agreement)
{
    niva_day day = scenario->horizon.from;

    for (size_t i = 0; i < timeline->segment_count; i++) {
        const struct niva_segment *segment = &timeline->segments[i];
        if (segment->days.from != day || segment->days.until <= day) {
            fprintf(stderr, "seed %llu: segment %zu is %d … %d, expected to begin on %d\n", seed, i,
                    segment->days.from, segment->days.until, day);
            return false;
        }
        for (; day < segment->days.until && day < scenario->horizon.until; day++) {
            struct naive_day *expected = &ret_days[day - scenario->horizon.from];
            naive_day_judge(&scenario->facts, day, expected);
            day_count(expected, agreement);
            if (!day_compare(segment, expected, day, seed))
                return false;
        }
        day = segment->days.until;
    }
    if (day == scenario->horizon.until)
        return true;
    fprintf(stderr, "seed %llu: the timeline ends on %d, expected %d\n", seed, day,
            scenario->horizon.until);
    return false;
}

/* ---- amounts ---- */

/* The lines are fractions in lowest terms and add up. */
static bool lines_add_up(const struct niva_deduction *deduction, unsigned long long seed,
                         struct agreement *agreement)
{
    bool good = true;
    mpq_t sum, line;

    mpq_inits(sum, line, NULL);
    for (size_t i = 0; good && i < deduction->line_count; i++) {
        char lowest[1024] = "";
        good = mpq_set_str(line, deduction->lines[i].ore, 10) == 0;
        if (good) {
            mpq_canonicalize(line);
            gmp_snprintf(lowest, sizeof lowest, "%Qd", line);
            mpq_add(sum, sum, line);
        }
        good = good && strcmp(lowest, deduction->lines[i].ore) == 0;
        agreement->lines[deduction->lines[i].kind]++;
        if (!good)
            fprintf(stderr, "seed %llu: \"%s\" is no fraction in lowest terms\n", seed,
                    deduction->lines[i].ore);
    }
    if (good && mpq_cmp_si(sum, deduction->ore, 1) != 0) {
        gmp_fprintf(stderr, "seed %llu: the lines of %s add up to %Qd, expected %lld\n", seed,
                    deduction->component, sum, (long long)deduction->ore);
        good = false;
    }
    mpq_clears(sum, line, NULL);
    return good;
}

/* Never more than F, but for the rounding to its unit. */
static bool never_more_than_full(const struct niva_deduction *deduction, const mpq_t full,
                                 const struct niva_regulation_rule *rule, unsigned long long seed)
{
    bool good;
    mpq_t most;

    mpq_init(most);
    mpq_set_si(most, rule == NULL ? 0 : rule->rounding_unit_ore, 2);
    mpq_canonicalize(most);
    mpq_add(most, most, full);
    good = deduction->ore >= 0 && mpq_cmp_si(most, deduction->ore, 1) >= 0;
    mpq_clear(most);
    if (!good)
        fprintf(stderr, "seed %llu: %s loses %lld, more than it is\n", seed, deduction->component,
                (long long)deduction->ore);
    return good;
}

struct niva_month agreement_month(const struct random_scenario *scenario, struct niva_span days)
{
    const struct niva_rule_set *rule_set = niva_rule_set_on(&scenario->facts, days.until - 1);
    bool binds = rule_set != NULL && rule_set->severity == NIVA_BINDING;

    return (struct niva_month){
        .days = days,
        .today = scenario->horizon.until - 1,
        .open = scenario->facts.open,
        .rule = binds ? &rule_set->regulation : NULL,
        .component_count = scenario->component_count,
        .components = scenario->components,
    };
}

static bool amount_compare(const struct random_scenario *scenario, const struct naive_day *days,
                           const struct niva_month *month, const struct niva_deduction *deduction,
                           unsigned long long seed, struct agreement *agreement)
{
    int formula = month->rule == NULL ? 0 : (int)month->rule->formula;
    bool good;
    mpq_t full;

    mpq_init(full);
    int64_t expected =
        naive_deduction(&scenario->facts, scenario->components, scenario->component_count, days,
                        scenario->horizon, month->days, deduction->component, full);
    good = deduction->ore == expected;
    if (!good) {
        char text[16];
        niva_month_format(month->days.from, text);
        fprintf(stderr, "seed %llu: %s %s by formula %d: expected %lld, got %lld\n", seed, text,
                deduction->component, formula, (long long)expected, (long long)deduction->ore);
    }
    good = good && lines_add_up(deduction, seed, agreement) &&
           never_more_than_full(deduction, full, month->rule, seed);
    mpq_clear(full);
    agreement->amounts[formula]++;
    agreement->amounts_over_0[formula] += expected > 0;
    return good;
}

/* A component without a deduction is one that loses nothing. */
static bool none_left_out(const struct random_scenario *scenario, const struct naive_day *days,
                          struct niva_span month, size_t count,
                          const struct niva_deduction *deductions, unsigned long long seed)
{
    bool good = true;
    mpq_t full;

    mpq_init(full);
    for (size_t i = 0; i < scenario->component_count && good; i++) {
        const char *name = scenario->components[i].name;
        size_t found = 0;
        while (found < count && strcmp(deductions[found].component, name) != 0)
            found++;
        good = found < count ||
               naive_deduction(&scenario->facts, scenario->components, scenario->component_count,
                               days, scenario->horizon, month, name, full) == 0;
        if (!good)
            fprintf(stderr, "seed %llu: there is no deduction from %s\n", seed, name);
    }
    mpq_clear(full);
    return good;
}

static bool month_compare(const struct random_scenario *scenario,
                          const struct niva_timeline *timeline, const struct naive_day *days,
                          struct niva_span span, struct niva_arena *arena, unsigned long long seed,
                          struct agreement *agreement)
{
    struct niva_month month = agreement_month(scenario, span);
    const struct niva_deduction *deductions;
    struct niva_error err;
    size_t count;

    niva_error_clear(&err);
    if (!niva_month_runs(timeline, span, arena, &month.run_count, &month.runs, &err) ||
        !niva_deductions_compute(&month, arena, &count, &deductions, &err)) {
        fprintf(stderr, "seed %llu: no deductions: %s\n", seed, err.text_en);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(deductions[i - 1].component, deductions[i].component) >= 0) {
            fprintf(stderr, "seed %llu: components are not in name order\n", seed);
            return false;
        }
        if (!amount_compare(scenario, days, &month, &deductions[i], seed, agreement))
            return false;
    }
    return none_left_out(scenario, days, span, count, deductions, seed);
}

bool agreement_check(const struct random_scenario *scenario, unsigned long long seed,
                     struct niva_arena *arena, struct agreement *agreement)
{
    size_t length = (size_t)(scenario->horizon.until - scenario->horizon.from);
    struct naive_day *days = niva_arena_array(arena, length, sizeof *days);
    struct niva_span month = {niva_month_begin(scenario->horizon.from), 0};
    struct niva_timeline timeline;
    struct niva_error err;

    niva_error_clear(&err);
    if (days == NULL || !niva_timeline_compute(&scenario->facts, scenario->horizon, false, arena,
                                               &timeline, &err)) {
        fprintf(stderr, "seed %llu: no timeline: %s\n", seed, err.text_en);
        return false;
    }
    if (!days_compare(scenario, &timeline, days, seed, agreement))
        return false;
    for (; month.from < scenario->horizon.until; month.from = month.until) {
        month.until = niva_month_next(month.from);
        if (!month_compare(scenario, &timeline, days, month, arena, seed, agreement))
            return false;
    }
    agreement->scenarios++;
    return true;
}
