#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/ratio.h"
#include "services/model/regulation.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, JUNE = 19144 /* 2022-06-01 */ };

static struct niva_arena *arena;

static const struct niva_component pay = {.name = "fysioterapi",
                                          .days = {NIVA_DAY_MIN, NIVA_DAY_END},
                                          .monthly_ore = 8400000,
                                          .regulated = true};
static const struct niva_month_run below[] = {
    {{JUNE, JUNE + 30}, NIVA_BELOW_MINIMUM, 2800, 2100, 700, JUNE, 0}};

static struct niva_regulation_rule rule_of(enum niva_formula formula)
{
    return (struct niva_regulation_rule){
        .formula = formula,
        .max_periods = -1,
        .cap_permille = -1,
        .minimum_ore = -1,
        .rounding_unit_ore = 1,
    };
}

static struct niva_month june(const struct niva_regulation_rule *rule,
                              const struct niva_component *components, size_t count)
{
    return (struct niva_month){
        .days = {JUNE, JUNE + 30},
        .today = JUNE + 100,
        .open = {NIVA_DAY_NONE, NIVA_DAY_END},
        .rule = rule,
        .run_count = 1,
        .runs = below,
        .component_count = count,
        .components = components,
    };
}

static const struct niva_deduction *compute(const struct niva_month *month, size_t expected)
{
    const struct niva_deduction *deductions = NULL;
    struct niva_error err;
    size_t count = 0;

    niva_error_clear(&err);
    if (!niva_deductions_compute(month, arena, &count, &deductions, &err))
        fail_msg("no deductions: %s", err.text_en);
    assert_int_equal(count, expected);
    return deductions;
}

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

static void line_is(const struct niva_deduction *deduction, size_t i, enum niva_line_kind kind,
                    niva_day from, niva_day until, const char *ore)
{
    if (i >= deduction->line_count)
        fail_msg("%s has %zu lines, expected more than %zu", deduction->component,
                 deduction->line_count, i);
    const struct niva_line *line = &deduction->lines[i];
    if (line->kind != kind || line->days.from != from || line->days.until != until ||
        strcmp(line->ore, ore) != 0)
        fail_msg("line %zu of %s: expected kind %d, %d … %d, %s, got %d, %d … %d, %s", i,
                 deduction->component, (int)kind, from, until, ore, (int)line->kind,
                 line->days.from, line->days.until, line->ore);
}

static void a_share_is_exact_and_rounded_once(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PRO_RATA);
    struct niva_component odd = pay;

    odd.monthly_ore = 1000001;
    struct niva_month month = june(&rule, &odd, 1);
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, 250000);
    assert_int_equal(deduction->line_count, 2);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE, JUNE + 30, "1000001/4");
    assert_int_equal(deduction->lines[0].run, 0);
    assert_int_equal(deduction->lines[0].monthly_ore, 1000001);
    line_is(deduction, 1, NIVA_LINE_ROUNDING, JUNE, JUNE + 30, "-1/4");
    assert_true(deduction->lines[1].run == NIVA_NO_INDEX);
}

static void limit_cap_minimum_and_rounding_come_in_that_order(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PER_MISSING_FTE);
    struct niva_component small = pay;

    small.monthly_ore = 333333;
    rule.ore_per_fte_month = 1000000;
    rule.cap_permille = 500;
    rule.rounding_unit_ore = 100;
    struct niva_month month = june(&rule, &small, 1);
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, 166700);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE, JUNE + 30, "700000");
    line_is(deduction, 1, NIVA_LINE_LIMIT, JUNE, JUNE + 30, "-366667");
    line_is(deduction, 2, NIVA_LINE_CAP, JUNE, JUNE + 30, "-333333/2");
    assert_int_equal(deduction->lines[2].permille, 500);
    line_is(deduction, 3, NIVA_LINE_ROUNDING, JUNE, JUNE + 30, "67/2");
    rule.minimum_ore = 166667;
    deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, 0);
    assert_int_equal(deduction->line_count, 4);
    line_is(deduction, 3, NIVA_LINE_MINIMUM, JUNE, JUNE + 30, "-333333/2");
}

static void grace_is_evidence_that_costs_nothing(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_ALL_OR_NOTHING);
    struct niva_month_run run = below[0];

    run.breach_first_day = JUNE - 3;
    run.grace_days = 10;
    struct niva_month month = june(&rule, &pay, 1);
    month.runs = &run;
    month.today = JUNE + 8;
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->line_count, 2);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE, JUNE + 7, "0");
    line_is(deduction, 1, NIVA_LINE_RUN, JUNE + 7, JUNE + 9, "560000");
}

static void a_run_is_cut_where_the_amount_changes(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PRO_RATA);
    struct niva_component parts[] = {pay, pay};

    parts[0].days = (struct niva_span){JUNE + 5, NIVA_DAY_END};
    parts[1].days = (struct niva_span){JUNE + 10, NIVA_DAY_END};
    parts[1].monthly_ore = 1200000;
    struct niva_month month = june(&rule, parts, 2);
    month.open.until = JUNE + 20;
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->line_count, 4);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE, JUNE + 5, "0");
    line_is(deduction, 1, NIVA_LINE_RUN, JUNE + 5, JUNE + 10, "350000");
    line_is(deduction, 2, NIVA_LINE_RUN, JUNE + 10, JUNE + 20, "100000");
    line_is(deduction, 3, NIVA_LINE_RUN, JUNE + 20, JUNE + 30, "0");
}

/* The second component takes what the first could not; the last shows what was too much. */
static void what_is_missing_is_laid_on_components_in_name_order(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PER_MISSING_FTE);
    struct niva_component parts[] = {pay, pay, pay, pay};
    static const struct niva_month_run runs[] = {
        {{JUNE, JUNE + 15}, NIVA_BELOW_MINIMUM, 2800, 1800, 1000, JUNE, 0},
        {{JUNE + 15, JUNE + 30}, NIVA_BELOW_MINIMUM, 2800, 800, 2000, JUNE, 0},
    };

    parts[0].name = "c";
    parts[0].monthly_ore = 50000;
    parts[1].name = "a";
    parts[1].monthly_ore = 90000;
    parts[2].name = "b";
    parts[2].regulated = false;
    parts[3].name = "d";
    parts[3].monthly_ore = 0;
    rule.ore_per_fte_month = 100000;
    struct niva_month month = june(&rule, parts, 4);
    month.run_count = 2;
    month.runs = runs;
    const struct niva_deduction *deductions = compute(&month, 3);
    assert_string_equal(deductions[0].component, "a");
    assert_int_equal(deductions[0].ore, 90000);
    line_is(&deductions[0], 0, NIVA_LINE_RUN, JUNE, JUNE + 15, "50000");
    line_is(&deductions[0], 1, NIVA_LINE_RUN, JUNE + 15, JUNE + 30, "40000");
    assert_string_equal(deductions[1].component, "c");
    assert_int_equal(deductions[1].ore, 50000);
    line_is(&deductions[1], 1, NIVA_LINE_RUN, JUNE + 15, JUNE + 30, "60000");
    line_is(&deductions[1], 2, NIVA_LINE_LIMIT, JUNE, JUNE + 30, "-10000");
    assert_string_equal(deductions[2].component, "d");
    assert_int_equal(deductions[2].ore, 0);
}

static void weeks_have_a_line_each_and_the_runs_as_evidence(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PER_STARTED_WEEK);
    struct niva_month_run run = {
        {JUNE + 2, JUNE + 13}, NIVA_BELOW_MINIMUM, 2800, 2100, 700, JUNE - 5, 0};

    rule.permille = 100;
    struct niva_month month = june(&rule, &pay, 1);
    month.runs = &run;
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, 2 * 840000);
    assert_int_equal(deduction->line_count, 3);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE + 2, JUNE + 13, "0");
    line_is(deduction, 1, NIVA_LINE_PERIOD, JUNE + 2, JUNE + 9, "840000");
    line_is(deduction, 2, NIVA_LINE_PERIOD, JUNE + 9, JUNE + 13, "840000");
    assert_int_equal(deduction->lines[1].permille, 100);
    /* The block that began on 27 May was the first, so that one more is left. */
    rule.max_periods = 2;
    assert_int_equal(compute(&month, 1)->ore, 840000);
    rule.max_periods = 0;
    assert_int_equal(compute(&month, 1)->ore, 0);
}

static void months_are_counted_from_the_first_bad_day(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PER_STARTED_MONTH);
    struct niva_month_run run = below[0];

    rule.permille = 25;
    rule.max_periods = 2;
    run.breach_first_day = JUNE - 40; /* 22 April */
    struct niva_month month = june(&rule, &pay, 1);
    month.runs = &run;
    assert_int_equal(compute(&month, 1)->ore, 0);
    run.grace_days = 9; /* the first bad day is 1 May */
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, 210000);
    line_is(deduction, 1, NIVA_LINE_PERIOD, JUNE, JUNE + 30, "210000");
    assert_int_equal(deduction->lines[1].monthly_ore, 8400000);
}

static void nothing_is_taken_without_a_rule_but_the_runs_are_shown(void **state)
{
    (void)state;
    struct niva_month month = june(NULL, &pay, 1);
    const struct niva_deduction *deduction = compute(&month, 1);

    assert_int_equal(deduction->ore, 0);
    assert_int_equal(deduction->line_count, 1);
    line_is(deduction, 0, NIVA_LINE_RUN, JUNE, JUNE + 30, "0");
}

static void a_component_of_later_is_named_with_nothing(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_PRO_RATA);
    struct niva_component later = pay;

    later.days.from = JUNE + 100;
    struct niva_month month = june(&rule, &later, 1);
    assert_int_equal(compute(&month, 1)->ore, 0);
}

static void a_version_of_an_amount_replaces_it(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_ALL_OR_NOTHING);
    struct niva_component versions[] = {pay, pay};

    versions[0].id = versions[1].id = "1900-01-01";
    versions[1].days.until = JUNE + 15;
    versions[1].recorded_at = 1;
    struct niva_month month = june(&rule, versions, 2);
    assert_int_equal(compute(&month, 1)->ore, 4200000);
    /* Without an id each stands alone, and the first is there again behind the second. */
    versions[0].id = versions[1].id = NULL;
    assert_int_equal(compute(&month, 1)->ore, 8400000);
}

/* Thirty requirements without a common divisor need hundreds of bits; and no memory of GMP is left
 * behind where the arena is out at any point. */
static void many_requirements_in_a_month_stay_exact(void **state)
{
    (void)state;
    static struct niva_month_run runs[30];
    struct niva_regulation_rule rule = rule_of(NIVA_PRO_RATA);
    struct niva_component large = pay;
    struct ratio sum __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    struct ratio share __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;
    int64_t expected = 0;

    large.monthly_ore = 10000000000000;
    for (int32_t i = 0; i < 30; i++) {
        int32_t required = 1000003 + 2 * i * i + 34 * i;
        runs[i] = (struct niva_month_run){
            {JUNE + i, JUNE + i + 1}, NIVA_BELOW_MINIMUM, required, 0, 999 + i, JUNE, 0};
        ratio_set(&share, (int128)large.monthly_ore * (999 + i), (int128)30 * required);
        ratio_add(&sum, &share);
    }
    assert_true(sum.big);
    assert_true(ratio_round(&sum, 1, &expected));
    struct niva_month month = june(&rule, &large, 1);
    month.run_count = 30;
    month.runs = runs;
    const struct niva_deduction *deduction = compute(&month, 1);
    assert_int_equal(deduction->ore, expected);
    assert_int_equal(deduction->line_count, 31);
    for (size_t n = 1;; n++) {
        const struct niva_deduction *deductions;
        struct niva_error err;
        size_t count;
        niva_error_clear(&err);
        niva_arena_fail_after(n);
        bool good = niva_deductions_compute(&month, arena, &count, &deductions, &err);
        niva_arena_fail_after(0);
        if (good)
            break;
        assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    }
}

static void an_amount_beyond_64_bits_is_an_error(void **state)
{
    (void)state;
    struct niva_regulation_rule rule = rule_of(NIVA_ALL_OR_NOTHING);
    struct niva_component largest = pay;
    const struct niva_deduction *deductions;
    struct niva_error err;
    size_t count;

    largest.monthly_ore = INT64_MAX;
    struct niva_month month = june(&rule, &largest, 1);
    assert_true(compute(&month, 1)->ore == INT64_MAX);
    rule.rounding_unit_ore = 1000;
    niva_error_clear(&err);
    assert_false(niva_deductions_compute(&month, arena, &count, &deductions, &err));
    assert_int_equal(err.code, NIVA_INTERNAL);
}

static void runs_of_a_month_know_their_breach(void **state)
{
    (void)state;
    static const struct niva_rule_set early = {.regulation = {.grace_days = 14}};
    static const struct niva_rule_set late = {.regulation = {.grace_days = 3}};
    static const struct niva_segment segments[] = {
        {.days = {JUNE - 60, JUNE - 20}, .status = NIVA_MET, .rule_set = &early},
        {.days = {JUNE - 20, JUNE}, .status = NIVA_BELOW_MINIMUM, .rule_set = &early},
        {.days = {JUNE, JUNE + 10}, .status = NIVA_BELOW_MINIMUM, .rule_set = &late},
        {.days = {JUNE + 10, JUNE + 12}, .status = NIVA_MET, .rule_set = &late},
        {.days = {JUNE + 12, JUNE + 60}, .status = NIVA_BELOW_MINIMUM, .rule_set = &late},
    };
    const struct niva_timeline timeline = {.segment_count = 5, .segments = segments};
    const struct niva_month_run *runs;
    struct niva_error err;
    size_t count;

    assert_true(niva_month_runs(&timeline, (struct niva_span){JUNE, JUNE + 30}, arena, &count,
                                &runs, &err));
    assert_int_equal(count, 3);
    assert_int_equal(runs[0].breach_first_day, JUNE - 20);
    assert_int_equal(runs[0].grace_days, 14);
    assert_int_equal(runs[1].breach_first_day, NIVA_DAY_NONE);
    assert_int_equal(runs[2].breach_first_day, JUNE + 12);
    assert_int_equal(runs[2].grace_days, 3);
    assert_int_equal(runs[2].days.until, JUNE + 30);
    assert_true(niva_month_runs(&timeline, (struct niva_span){JUNE + 60, JUNE + 90}, arena, &count,
                                &runs, &err));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_share_is_exact_and_rounded_once, reset),
        cmocka_unit_test_setup(limit_cap_minimum_and_rounding_come_in_that_order, reset),
        cmocka_unit_test_setup(grace_is_evidence_that_costs_nothing, reset),
        cmocka_unit_test_setup(a_run_is_cut_where_the_amount_changes, reset),
        cmocka_unit_test_setup(what_is_missing_is_laid_on_components_in_name_order, reset),
        cmocka_unit_test_setup(weeks_have_a_line_each_and_the_runs_as_evidence, reset),
        cmocka_unit_test_setup(months_are_counted_from_the_first_bad_day, reset),
        cmocka_unit_test_setup(nothing_is_taken_without_a_rule_but_the_runs_are_shown, reset),
        cmocka_unit_test_setup(a_component_of_later_is_named_with_nothing, reset),
        cmocka_unit_test_setup(a_version_of_an_amount_replaces_it, reset),
        cmocka_unit_test_setup(many_requirements_in_a_month_stay_exact, reset),
        cmocka_unit_test_setup(an_amount_beyond_64_bits_is_an_error, reset),
        cmocka_unit_test_setup(runs_of_a_month_know_their_breach, reset),
    };
    arena = niva_arena_new(ARENA_BYTES);
    int failed = cmocka_run_group_tests_name("regulation", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
