#include "services/model/regulation.h"

#include "services/model/formula.h"
#include "services/model/record.h"

/* No rule set, or a GUIDE: nothing is taken, and the explanation still shows the runs. */
static const struct niva_regulation_rule no_rule = {
    .formula = NIVA_NO_DEDUCTION,
    .max_periods = -1,
    .cap_permille = -1,
    .minimum_ore = -1,
    .rounding_unit_ore = 1,
};

static bool settle(const struct regulating *regulating, enum niva_line_kind kind, int32_t permille,
                   const struct ratio *target, struct ledger *ledger)
{
    struct niva_line line = {
        .kind = kind,
        .days = regulating->month->days,
        .run = NIVA_NO_INDEX,
        .permille = permille,
    };

    return ledger_settle(ledger, &line, target);
}

/* Brings the sum down to permille of F where it is more. */
static bool share_limit(const struct regulating *regulating, const struct payment *payment,
                        enum niva_line_kind kind, int32_t permille, struct ledger *ledger)
{
    struct ratio most __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    ratio_copy(&most, &payment->full);
    ratio_scale(&most, permille, 1000);
    if (ratio_compare(&ledger->sum, &most) <= 0)
        return true;
    return settle(regulating, kind, kind == NIVA_LINE_CAP ? permille : 0, &most, ledger);
}

static bool minimum_apply(const struct regulating *regulating, struct ledger *ledger)
{
    struct ratio minimum __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    const struct ratio nothing = RATIO_ZERO;

    if (regulating->rule->minimum_ore < 0)
        return true;
    ratio_set(&minimum, regulating->rule->minimum_ore, 1);
    if (ratio_compare(&ledger->sum, &minimum) >= 0)
        return true;
    return settle(regulating, NIVA_LINE_MINIMUM, 0, &nothing, ledger);
}

/* In this order: limit, cap, minimum. */
static bool modifiers_apply(const struct regulating *regulating, const struct payment *payment,
                            struct ledger *ledger)
{
    int32_t cap = regulating->rule->cap_permille;

    return share_limit(regulating, payment, NIVA_LINE_LIMIT, 1000, ledger) &&
           (cap < 0 || share_limit(regulating, payment, NIVA_LINE_CAP, cap, ledger)) &&
           minimum_apply(regulating, ledger);
}

static bool deduction_compute(struct regulating *regulating, const struct payment *payment,
                              struct niva_deduction *ret_deduction, struct niva_error *err)
{
    struct ledger ledger
        __attribute__((cleanup(ledger_clear))) = {.arena = regulating->arena, .sum = RATIO_ZERO};
    struct ratio rounded __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    int64_t ore;

    if (!formula_apply(regulating, payment, &ledger) ||
        !modifiers_apply(regulating, payment, &ledger))
        return arena_out(err);
    if (!ratio_round(&ledger.sum, regulating->rule->rounding_unit_ore, &ore))
        return niva_fail_internal(err, "the deduction of %s leaves 64 bits", payment->name);
    ratio_set(&rounded, ore, 1);
    if (!settle(regulating, NIVA_LINE_ROUNDING, 0, &rounded, &ledger))
        return arena_out(err);
    *ret_deduction = (struct niva_deduction){
        .component = payment->name,
        .ore = ore,
        .line_count = ledger.count,
        .lines = ledger.lines,
    };
    return true;
}

bool niva_deductions_compute(const struct niva_month *month, struct niva_arena *arena,
                             size_t *ret_count, const struct niva_deduction **ret_deductions,
                             struct niva_error *err)
{
    struct regulating regulating __attribute__((cleanup(regulating_clear))) = {
        .month = month,
        .rule = month->rule != NULL ? month->rule : &no_rule,
        .arena = arena,
    };

    if (!regulating_make(&regulating))
        return arena_out(err);
    struct niva_deduction *deductions =
        niva_arena_array(arena, regulating.payment_count, sizeof *deductions);
    if (deductions == NULL)
        return arena_out(err);
    for (size_t i = 0; i < regulating.payment_count; i++)
        if (!deduction_compute(&regulating, &regulating.payments[i], &deductions[i], err))
            return false;
    *ret_count = regulating.payment_count;
    *ret_deductions = deductions;
    return true;
}

/* The first segment that ends after a day. */
static size_t segment_after(const struct niva_timeline *timeline, niva_day day)
{
    size_t low = 0;
    size_t high = timeline->segment_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (timeline->segments[middle].days.until <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first segment of the breach in which a segment lies; itself where it is in none. */
static size_t breach_begin(const struct niva_timeline *timeline, size_t segment)
{
    while (segment > 0 && timeline->segments[segment].status == NIVA_BELOW_MINIMUM &&
           timeline->segments[segment - 1].status == NIVA_BELOW_MINIMUM)
        segment--;
    return segment;
}

static struct niva_month_run month_run(const struct niva_segment *segment,
                                       const struct niva_segment *breach, struct niva_span month)
{
    bool below = segment->status == NIVA_BELOW_MINIMUM;

    return (struct niva_month_run){
        .days = span_common(segment->days, month),
        .status = segment->status,
        .required_milli = segment->required_milli,
        .counted_milli = segment->counted_milli,
        .shortfall_milli = segment->shortfall_milli,
        .breach_first_day = below ? breach->days.from : NIVA_DAY_NONE,
        .grace_days = below ? breach->rule_set->regulation.grace_days : 0,
    };
}

bool niva_month_runs(const struct niva_timeline *timeline, struct niva_span month,
                     struct niva_arena *arena, size_t *ret_count,
                     const struct niva_month_run **ret_runs, struct niva_error *err)
{
    const struct niva_segment *segments = timeline->segments;
    size_t first = segment_after(timeline, month.from);
    size_t end = first;

    while (end < timeline->segment_count && segments[end].days.from < month.until)
        end++;
    struct niva_month_run *runs = niva_arena_array(arena, end - first, sizeof *runs);
    if (runs == NULL)
        return arena_out(err);
    for (size_t i = first, breach = first; i < end; i++) {
        bool goes_on = i > first && segments[i - 1].status == NIVA_BELOW_MINIMUM;
        if (!goes_on)
            breach = breach_begin(timeline, i);
        runs[i - first] = month_run(&segments[i], &segments[breach], month);
    }
    *ret_count = end - first;
    *ret_runs = runs;
    return true;
}
