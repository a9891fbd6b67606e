/* What must hold for all facts, on random ones; test_days.c compares them with a restatement.
 * The seed of a failing scenario is in its message; run with it as argument to see it alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/agreement.h"

enum { FEW = 2000, ARENA_BYTES = 16 * 1024 * 1024 };

static uint64_t only_seed;

typedef void check_fn(struct random_scenario *scenario, struct random_source *source,
                      struct niva_arena *arena, unsigned long long seed);

static void each_scenario(size_t count, check_fn *check)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    assert_non_null(arena);
    for (uint64_t i = 1; i <= count; i++) {
        struct random_scenario scenario;
        uint64_t seed = only_seed != 0 ? only_seed : i;
        struct random_source source = random_seed(seed);
        random_scenario_make(&source, arena, &scenario);
        check(&scenario, &source, arena, seed);
        niva_arena_reset(arena);
        if (only_seed != 0)
            break;
    }
    niva_arena_free(arena);
}

static struct niva_timeline timeline_of(const struct niva_facts *facts, struct niva_span horizon,
                                        bool with_uncounted, struct niva_arena *arena)
{
    struct niva_timeline timeline;
    struct niva_error err;

    niva_error_clear(&err);
    if (!niva_timeline_compute(facts, horizon, with_uncounted, arena, &timeline, &err))
        fail_msg("no timeline: %s", err.text_en);
    return timeline;
}

static void segments_partition(const struct niva_timeline *timeline, struct niva_span horizon,
                               unsigned long long seed)
{
    niva_day day = horizon.from;

    for (size_t i = 0; i < timeline->segment_count; i++) {
        struct niva_span days = timeline->segments[i].days;
        if (days.from != day || days.until <= days.from)
            fail_msg("seed %llu: segment %zu is %d … %d, expected to begin on %d", seed, i,
                     days.from, days.until, day);
        day = days.until;
    }
    if (day != horizon.until)
        fail_msg("seed %llu: the timeline ends on %d, expected %d", seed, day, horizon.until);
}

/* ---- what holds for all facts ---- */

/* A part of the horizon gets the same verdicts as the whole. */
static void check_horizon(struct random_scenario *scenario, struct random_source *source,
                          struct niva_arena *arena, unsigned long long seed)
{
    struct niva_span part = scenario->horizon;
    size_t segment = 0;

    part.from += random_in(source, 0, part.until - part.from - 1);
    part.until = part.from + random_in(source, 1, part.until - part.from);
    struct niva_timeline whole = timeline_of(&scenario->facts, scenario->horizon, false, arena);
    struct niva_timeline cut = timeline_of(&scenario->facts, part, false, arena);
    segments_partition(&cut, part, seed);
    for (size_t i = 0; i < cut.segment_count; i++) {
        const struct niva_segment *actual = &cut.segments[i];
        while (whole.segments[segment].days.until <= actual->days.from)
            segment++;
        const struct niva_segment *expected = &whole.segments[segment];
        assert_true(actual->days.until <= expected->days.until);
        assert_int_equal(actual->status, expected->status);
        assert_int_equal(actual->counted_milli, expected->counted_milli);
        assert_int_equal(actual->shortfall_milli, expected->shortfall_milli);
        assert_ptr_equal(actual->report, expected->report);
        assert_ptr_equal(actual->rule_set, expected->rule_set);
        assert_int_equal(actual->absence_count, expected->absence_count);
    }
}

static void the_timeline_does_not_depend_on_the_horizon(void **state)
{
    (void)state;
    each_scenario(FEW, check_horizon);
}

/* Reports with days and instants of their own, and the same in another order of the list. */
static struct niva_report *reports_apart(const struct niva_facts *facts, struct niva_arena *arena)
{
    struct niva_report *reports = niva_arena_array(arena, facts->report_count, sizeof *reports);

    assert_non_null(reports);
    for (size_t i = 0; i < facts->report_count; i++) {
        reports[i] = facts->reports[i];
        reports[i].effective_from = facts->reports[0].effective_from + (niva_day)(i * 37 % 101);
        reports[i].recorded_at = (niva_instant)i * 1000;
    }
    return reports;
}

static struct niva_report *reports_shuffled(const struct niva_facts *facts,
                                            struct random_source *source, struct niva_arena *arena)
{
    struct niva_report *shuffled = niva_arena_array(arena, facts->report_count, sizeof *shuffled);

    assert_non_null(shuffled);
    for (size_t i = 0; i < facts->report_count; i++) {
        size_t place = (size_t)random_in(source, 0, (int32_t)i);
        shuffled[i] = shuffled[place];
        shuffled[place] = facts->reports[i];
    }
    return shuffled;
}

static void check_order(struct random_scenario *scenario, struct random_source *source,
                        struct niva_arena *arena, unsigned long long seed)
{
    struct niva_facts *facts = &scenario->facts;

    facts->reports = reports_apart(facts, arena);
    struct niva_timeline first = timeline_of(facts, scenario->horizon, false, arena);
    facts->reports = reports_shuffled(facts, source, arena);
    struct niva_timeline second = timeline_of(facts, scenario->horizon, false, arena);
    if (first.segment_count != second.segment_count)
        fail_msg("seed %llu: %zu segments, expected %zu", seed, second.segment_count,
                 first.segment_count);
    for (size_t i = 0; i < first.segment_count; i++) {
        const struct niva_segment *a = &first.segments[i];
        const struct niva_segment *b = &second.segments[i];
        assert_int_equal(a->days.until, b->days.until);
        assert_int_equal(a->status, b->status);
        assert_int_equal(a->counted_milli, b->counted_milli);
        if (a->report != NULL)
            assert_string_equal(a->report->id, b->report->id);
    }
}

static void the_order_of_the_list_does_not_matter(void **state)
{
    (void)state;
    each_scenario(FEW, check_order);
}

static int64_t staff_on(const struct niva_segment *segment, niva_day day)
{
    int64_t staff = 0;

    for (size_t i = 0; segment->report != NULL && i < segment->report->position_count; i++) {
        const struct niva_position *position = &segment->report->positions[i];
        if (position->active.from <= day && day < position->active.until)
            staff += position->fte_milli;
    }
    return staff;
}

static int64_t uncounted_on(const struct niva_timeline *timeline, niva_day day)
{
    int64_t uncounted = 0;

    for (size_t i = 0; i < timeline->uncounted_count; i++)
        if (timeline->uncounted[i].days.from <= day && day < timeline->uncounted[i].days.until)
            uncounted += timeline->uncounted[i].fte_milli;
    return uncounted;
}

/* Whoever is in the report is counted or told as uncounted; where there is no cover the two are all
 * of it. */
static void check_uncounted(struct random_scenario *scenario, struct random_source *source,
                            struct niva_arena *arena, unsigned long long seed)
{
    struct niva_absence *absences =
        niva_arena_array(arena, scenario->facts.absence_count, sizeof *absences);

    (void)source;
    assert_non_null(absences);
    for (size_t i = 0; i < scenario->facts.absence_count; i++) {
        absences[i] = scenario->facts.absences[i];
        absences[i].cover_count = 0;
    }
    scenario->facts.absences = absences;
    struct niva_timeline timeline = timeline_of(&scenario->facts, scenario->horizon, true, arena);
    for (size_t i = 0; i < timeline.segment_count; i++) {
        const struct niva_segment *segment = &timeline.segments[i];
        for (niva_day day = segment->days.from; day < segment->days.until; day++) {
            int64_t counted = segment->report == NULL ? 0 : segment->counted_milli;
            int64_t all = staff_on(segment, day);
            int64_t uncounted = uncounted_on(&timeline, day);
            if (counted + uncounted != all)
                fail_msg("seed %llu, day %d: counted %lld and uncounted %lld, expected %lld", seed,
                         day, (long long)counted, (long long)uncounted, (long long)all);
        }
    }
}

static void what_is_not_counted_is_told(void **state)
{
    (void)state;
    each_scenario(FEW, check_uncounted);
}

/* Every allocation may fail: the answer is an error, or the right one. */
static void check_memory(struct random_scenario *scenario, struct random_source *source,
                         struct niva_arena *arena, unsigned long long seed)
{
    struct niva_span days = {niva_month_begin(scenario->horizon.from), 0};
    struct niva_error err;

    (void)source;
    days.until = niva_month_next(days.from);
    struct niva_month month = agreement_month(scenario, days);
    for (size_t n = 1; n < 10000; n++) {
        struct niva_timeline timeline;
        const struct niva_deduction *deductions;
        size_t count;
        niva_error_clear(&err);
        niva_arena_fail_after(n);
        bool good = niva_timeline_compute(&scenario->facts, scenario->horizon, true, arena,
                                          &timeline, &err) &&
                    niva_month_runs(&timeline, days, arena, &month.run_count, &month.runs, &err) &&
                    niva_deductions_compute(&month, arena, &count, &deductions, &err);
        niva_arena_fail_after(0);
        if (good)
            return;
        assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    }
    fail_msg("seed %llu: it never succeeds", seed);
}

static void a_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    (void)state;
    each_scenario(100, check_memory);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timeline_does_not_depend_on_the_horizon),
        cmocka_unit_test(the_order_of_the_list_does_not_matter),
        cmocka_unit_test(what_is_not_counted_is_told),
        cmocka_unit_test(a_failing_allocation_is_an_error_and_nothing_else),
    };
    if (argc > 1)
        only_seed = strtoull(argv[1], NULL, 10);
    int failed = cmocka_run_group_tests_name("random", tests, NULL, NULL);

    return failed ? 1 : 0;
}
