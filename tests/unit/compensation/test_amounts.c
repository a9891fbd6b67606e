/* Amounts: from a timeline, components and today to what the model says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/amounts.h"
#include "tests/support/timelines.h"

#define UNIT "SE2321000016-1001"

static struct niva_arena *arena;

static const struct niva_component component = {.id = "a",
                                                .name = "fysioterapi",
                                                .days = {18262, NIVA_DAY_END}, /* 2020-01-01 */
                                                .monthly_ore = 8400000,
                                                .regulated = true};

static const struct run_spec july[] = {RUN_MET(1, 3, 2800),
                                       RUN_BELOW(4, 31, 2800, 2000, "2022-07-04")};

static niva_day day(const char *text)
{
    niva_day parsed;

    if (!niva_day_parse(text, &parsed))
        fail_msg("no day: %s", text);
    return parsed;
}

static Niva__Compliance__V1__TimelineChanged *july_make(void)
{
    Niva__Compliance__V1__TimelineChanged *timeline =
        timeline_make(arena, UNIT, "2022-07", july, 2);

    timeline->rule_set = rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    return timeline;
}

static struct amounts compute(const Niva__Compliance__V1__TimelineChanged *timeline,
                              const char *today)
{
    struct amounts amounts;
    struct niva_error err;

    if (!amounts_compute(timeline, &component, 1, day(today), arena, &amounts, &err))
        fail_msg("%s", err.cause);
    return amounts;
}

static int64_t july_costs(const Niva__Compliance__V1__TimelineChanged *timeline, const char *today)
{
    struct amounts amounts = compute(timeline, today);

    return amounts_find(&amounts, "fysioterapi")->ore;
}

static void test_grows_day_by_day(void **state)
{
    (void)state;
    /* 84 000 kr / 31 × 0,80 / 2,80 a day */
    assert_int_equal(july_costs(july_make(), "2022-06-30"), 0);
    assert_int_equal(july_costs(july_make(), "2022-07-03"), 0);
    assert_int_equal(july_costs(july_make(), "2022-07-04"), 77419);
    assert_int_equal(july_costs(july_make(), "2022-07-05"), 154839);
    assert_int_equal(july_costs(july_make(), "2022-07-31"), 2167742);
    assert_int_equal(july_costs(july_make(), "2022-08-20"), 2167742);
}

static void test_days_below(void **state)
{
    struct amounts amounts = compute(july_make(), "2022-07-10");

    (void)state;
    assert_int_equal(amounts_below_days(&amounts), 7);
    assert_int_equal(amounts_below_from(july_make()), day("2022-07-04"));
    assert_int_equal(amounts_below_from(timeline_make(arena, UNIT, "2022-07", july, 1)),
                     NIVA_DAY_NONE);
    assert_null(amounts_find(&amounts, "annat"));
}

static void test_without_grace(void **state)
{
    struct run_spec runs[] = {RUN_BELOW(1, 31, 2800, 2000, "2022-06-29")};
    Niva__Compliance__V1__TimelineChanged *timeline;
    struct amounts amounts;
    struct niva_span bad;

    (void)state;
    runs[0].grace_days = 10;
    timeline = timeline_make(arena, UNIT, "2022-07", runs, 1);
    amounts = compute(timeline, "2022-07-20");
    bad = amounts_bad_days(&amounts.month, &amounts.month.runs[0]);
    assert_int_equal(bad.from, day("2022-07-09"));
    assert_int_equal(bad.until, day("2022-07-21"));
    assert_int_equal(amounts_below_days(&amounts), 20);
}

static void test_guide_no_rule_and_unregistered_cost_nothing(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline = july_make();

    (void)state;
    timeline->rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE;
    assert_int_equal(july_costs(timeline, "2022-08-01"), 0);
    assert_non_null(compute(timeline, "2022-08-01").rule_set);
    timeline = july_make();
    timeline->rule_set = NULL;
    assert_int_equal(july_costs(timeline, "2022-08-01"), 0);
    assert_null(compute(timeline, "2022-08-01").rule_set);
    timeline = july_make();
    timeline->registered_unit = NULL;
    assert_int_equal(july_costs(timeline, "2022-08-01"), 0);
}

static void test_closed_days_cost_nothing(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline = july_make();

    (void)state;
    timeline->registered_unit->closed_on = text_make(arena, "2022-07-04");
    assert_int_equal(july_costs(timeline, "2022-08-01"), 77419);
}

static void refused(Niva__Compliance__V1__TimelineChanged *timeline)
{
    struct amounts amounts;
    struct niva_error err;

    if (amounts_compute(timeline, &component, 1, day("2022-08-01"), arena, &amounts, &err))
        fail_msg("a timeline that can't be read was computed");
    assert_int_equal(err.code, NIVA_INTERNAL);
    if (strstr(err.cause, UNIT) == NULL)
        fail_msg("the cause names no unit: %s", err.cause);
}

static void test_refuses_what_is_no_month(void **state)
{
    static const struct run_spec gap[] = {RUN_MET(1, 3, 2800), RUN_MET(5, 31, 2800)};
    static const struct run_spec overlap[] = {RUN_MET(1, 3, 2800), RUN_MET(3, 31, 2800)};
    static const struct run_spec reverse[] = {RUN_MET(3, 1, 2800)};
    static const struct run_spec beyond[] = {RUN_MET(1, 32, 2800)};
    static const struct run_spec nameless[] = {RUN_BELOW(1, 31, 2800, 2000, NULL)};

    (void)state;
    refused(timeline_make(arena, UNIT, "2022-7", july, 2));
    refused(timeline_make(arena, UNIT, "2022-07", july, 1));
    refused(timeline_make(arena, UNIT, "2022-06", july, 2));
    refused(timeline_make(arena, UNIT, "2022-07", NULL, 0));
    refused(timeline_make(arena, UNIT, "2022-07", gap, 2));
    refused(timeline_make(arena, UNIT, "2022-07", overlap, 2));
    refused(timeline_make(arena, UNIT, "2022-07", reverse, 1));
    refused(timeline_make(arena, UNIT, "2022-07", beyond, 1));
    refused(timeline_make(arena, UNIT, "2022-07", nameless, 1));
}

static void test_memory_out(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline = july_make();
    bool done = false;

    (void)state;
    for (size_t n = 1; !done; n++) {
        struct amounts amounts;
        struct niva_error err;

        niva_arena_fail_after(n);
        done = amounts_compute(timeline, &component, 1, day("2022-08-01"), arena, &amounts, &err);
        niva_arena_fail_after(0);
        if (!done && err.code != NIVA_RESOURCE_EXHAUSTED)
            fail_msg("allocation %zu: %s", n, niva_code_name((int)err.code));
        if (n > 1000)
            fail_msg("never done");
    }
}

static int setup(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 24);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_grows_day_by_day, setup, teardown),
        cmocka_unit_test_setup_teardown(test_days_below, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_grace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guide_no_rule_and_unregistered_cost_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_closed_days_cost_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_what_is_no_month, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_out, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
