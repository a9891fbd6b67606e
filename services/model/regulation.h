/* Regulation: what a month's shortfall takes from the fixed compensation, and every line of why
 * (model section 8). Exact: ratios of any size, one rounding, at the end. Pure. */
#ifndef NIVA_MODEL_REGULATION_H
#define NIVA_MODEL_REGULATION_H

#include "services/model/timeline.h"

/* A run of days of the month with the breach it belongs to. Compensation fills it from compliance's
 * events, the offline model from a timeline. */
struct niva_month_run {
    struct niva_span days; /* inside the month */
    enum niva_status status;
    int32_t required_milli;
    int32_t counted_milli;
    int32_t shortfall_milli;
    niva_day breach_first_day; /* first day of its breach; NIVA_DAY_NONE unless BELOW_MINIMUM */
    int32_t grace_days;        /* of the rule set in force on that day */
};

struct niva_month {
    struct niva_span days; /* a calendar month */
    niva_day today;        /* days after it cost nothing yet */
    struct niva_span open; /* open days of the unit: F(t) is 0 outside them */
    const struct niva_regulation_rule
        *rule;        /* of the rule set in force on the month's last day; NULL: none or GUIDE */
    size_t run_count; /* in order, covering the month or a part of it */
    const struct niva_month_run *runs;
    size_t component_count; /* dated amounts of all components of the unit and group, in the order
                               of the record */
    const struct niva_component *components;
};

enum niva_line_kind {
    NIVA_LINE_RUN = 1,
    NIVA_LINE_PERIOD,
    NIVA_LINE_LIMIT,
    NIVA_LINE_CAP,
    NIVA_LINE_MINIMUM,
    NIVA_LINE_ROUNDING
};

/* One line of an explanation. `ore` is an exact fraction in lowest terms, "n/d" or "n", negative
 * where it takes away. */
struct niva_line {
    enum niva_line_kind kind;
    struct niva_span days;
    size_t run; /* index into the month's runs, or NIVA_NO_INDEX */
    const char *ore;
    /* for words: the amount in force on the run's days (öre a month) and the days that bore on it
     */
    int64_t monthly_ore;
    int32_t permille; /* of a step, a block, a month or a cap; 0 otherwise */
};

/* What a month takes from one regulated component. */
struct niva_deduction {
    const char *component;
    int64_t ore;       /* 0 ≤ ore ≤ F rounded up to the unit */
    size_t line_count; /* their ore add up to it exactly */
    const struct niva_line *lines;
};

/* Computes the deductions of all regulated components of the month, in name order (code points),
 * zeros included. Bad days are the BELOW_MINIMUM days up to today without the grace of their
 * breach; a RUN line is cut so that F and the shortfall are one value on its days. False when the
 * arena is out or an amount leaves 64 bits. */
bool niva_deductions_compute(const struct niva_month *month, struct niva_arena *arena,
                             size_t *ret_count, const struct niva_deduction **ret_deductions,
                             struct niva_error *err) NIVA_MUST_CHECK;

/* The fixed compensation of all regulated components of the month: the sum of F(t) over its days,
 * in öre; F is that divided by the number of its days. Runs and rules are not looked at. False when
 * the arena is out or the sum leaves 64 bits. */
bool niva_fixed_compute(const struct niva_month *month, struct niva_arena *arena, int64_t *ret_ore,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* The month's runs from a timeline that begins early enough to know every breach's first day. */
bool niva_month_runs(const struct niva_timeline *timeline, struct niva_span month,
                     struct niva_arena *arena, size_t *ret_count,
                     const struct niva_month_run **ret_runs,
                     struct niva_error *err) NIVA_MUST_CHECK;

#endif
