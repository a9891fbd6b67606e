#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/breach.h"
#include "tests/support/random_facts.h"

enum { MOST = 10 };

/* What niva_breaches_match answers. */
struct matching {
    size_t run_breach[MOST];
    size_t returns_from[MOST];
    enum niva_breach_fate fate[MOST];
    size_t merged_run[MOST];
};

static struct matching match(const struct niva_run *runs, size_t run_count,
                             const struct niva_breach_record *records, size_t record_count)
{
    struct matching matching;

    niva_breaches_match(runs, run_count, records, record_count, matching.run_breach,
                        matching.returns_from, matching.fate, matching.merged_run);
    return matching;
}

static struct niva_run run(niva_day from, niva_day until)
{
    return (struct niva_run){.days = {from, until}};
}

static struct niva_breach_record record(niva_day from, niva_day until, size_t order, bool gone)
{
    return (struct niva_breach_record){{from, until}, (niva_instant)order * 1000, order, gone};
}

static void a_run_that_overlaps_a_breach_is_that_breach(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(10, 20)};
    struct niva_breach_record records[] = {record(19, 30, 1, false)};
    struct matching m = match(runs, 1, records, 1);

    assert_int_equal(m.run_breach[0], 0);
    assert_int_equal(m.fate[0], NIVA_BREACH_KEPT);
    assert_true(m.merged_run[0] == NIVA_NO_INDEX && m.returns_from[0] == NIVA_NO_INDEX);
}

static void neighbours_do_not_overlap(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(10, 20)};
    struct niva_breach_record records[] = {record(20, 30, 1, false)};
    struct matching m = match(runs, 1, records, 1);

    assert_true(m.run_breach[0] == NIVA_NO_INDEX);
    assert_int_equal(m.fate[0], NIVA_BREACH_WITHDRAWN);
}

/* A correction fills the gap between two breaches: the first stays, the second is merged into it.
 */
static void two_breaches_grow_into_one(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(0, 5), run(10, 40)};
    struct niva_breach_record records[] = {record(30, 40, 1, false), record(10, 20, 2, false)};
    struct matching m = match(runs, 2, records, 2);

    assert_true(m.run_breach[0] == NIVA_NO_INDEX);
    assert_int_equal(m.run_breach[1], 1);
    assert_int_equal(m.fate[1], NIVA_BREACH_KEPT);
    assert_int_equal(m.fate[0], NIVA_BREACH_MERGED);
    assert_int_equal(m.merged_run[0], 1);
}

/* A correction cuts a breach in two: the first part keeps its identity. */
static void a_breach_that_is_cut_stays_the_first_part(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(10, 20), run(25, 40)};
    struct niva_breach_record records[] = {record(10, 40, 1, false)};
    struct matching m = match(runs, 2, records, 1);

    assert_int_equal(m.run_breach[0], 0);
    assert_true(m.run_breach[1] == NIVA_NO_INDEX && m.returns_from[1] == NIVA_NO_INDEX);
}

static void of_equal_first_days_the_one_opened_first_is_taken(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(10, 20)};
    struct niva_breach_record records[] = {record(10, 12, 8, false), record(10, 12, 3, false)};
    struct matching m = match(runs, 1, records, 2);

    assert_int_equal(m.run_breach[0], 1);
    assert_int_equal(m.fate[0], NIVA_BREACH_MERGED);
}

static void what_is_gone_never_comes_back_but_is_named(void **state)
{
    (void)state;
    struct niva_run runs[] = {run(10, 20)};
    struct niva_breach_record records[] = {record(10, 20, 1, true), record(15, 20, 2, true),
                                           record(30, 40, 3, true)};
    struct matching m = match(runs, 1, records, 3);

    assert_true(m.run_breach[0] == NIVA_NO_INDEX);
    assert_int_equal(m.returns_from[0], 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(m.fate[i], NIVA_BREACH_LEFT_GONE);
}

/* ---- a naive restatement ---- */

static bool overlap(struct niva_span a, struct niva_span b)
{
    for (niva_day day = a.from; day < a.until; day++)
        if (day >= b.from && day < b.until)
            return true;
    return false;
}

/* The candidates by first day, then in order of opening. */
static size_t candidates_sort(const struct niva_breach_record *records, size_t count, size_t *order)
{
    size_t sorted = 0;

    for (size_t i = 0; i < count; i++) {
        if (records[i].gone)
            continue;
        size_t place = sorted++;
        for (; place > 0; place--) {
            const struct niva_breach_record *other = &records[order[place - 1]];
            if (other->days.from < records[i].days.from ||
                (other->days.from == records[i].days.from &&
                 other->opened_order < records[i].opened_order))
                break;
            order[place] = order[place - 1];
        }
        order[place] = i;
    }
    return sorted;
}

static struct matching match_naive(const struct niva_run *runs, size_t run_count,
                                   const struct niva_breach_record *records, size_t record_count)
{
    struct matching m;
    size_t order[MOST];
    size_t candidates = candidates_sort(records, record_count, order);

    for (size_t i = 0; i < record_count; i++) {
        m.fate[i] = records[i].gone ? NIVA_BREACH_LEFT_GONE : NIVA_BREACH_WITHDRAWN;
        m.merged_run[i] = NIVA_NO_INDEX;
    }
    for (size_t r = 0; r < run_count; r++) {
        m.run_breach[r] = m.returns_from[r] = NIVA_NO_INDEX;
        for (size_t c = 0; c < candidates && m.run_breach[r] == NIVA_NO_INDEX; c++)
            if (m.fate[order[c]] != NIVA_BREACH_KEPT &&
                overlap(runs[r].days, records[order[c]].days)) {
                m.run_breach[r] = order[c];
                m.fate[order[c]] = NIVA_BREACH_KEPT;
            }
        for (size_t i = 0; i < record_count && m.run_breach[r] == NIVA_NO_INDEX; i++)
            if (records[i].gone && overlap(runs[r].days, records[i].days) &&
                (m.returns_from[r] == NIVA_NO_INDEX ||
                 records[m.returns_from[r]].opened_order < records[i].opened_order))
                m.returns_from[r] = i;
    }
    for (size_t i = 0; i < record_count; i++)
        for (size_t r = run_count;
             r-- > 0 && (m.fate[i] == NIVA_BREACH_WITHDRAWN || m.fate[i] == NIVA_BREACH_MERGED);)
            if (overlap(runs[r].days, records[i].days)) {
                m.fate[i] = NIVA_BREACH_MERGED;
                m.merged_run[i] = r;
            }
    return m;
}

static void matching_agrees_with_its_restatement(void **state)
{
    (void)state;
    struct random_source source = random_seed(11);

    for (int round = 0; round < 20000; round++) {
        struct niva_run runs[MOST];
        struct niva_breach_record records[MOST];
        size_t run_count = (size_t)random_in(&source, 0, MOST);
        size_t record_count = (size_t)random_in(&source, 0, MOST);
        niva_day day = 0;
        for (size_t i = 0; i < run_count; i++) {
            niva_day from = day + random_in(&source, 1, 6);
            day = from + random_in(&source, 1, 8);
            runs[i] = run(from, day);
        }
        for (size_t i = 0; i < record_count; i++) {
            niva_day from = random_in(&source, 0, 60);
            records[i] = record(from, from + random_in(&source, 1, 15), (i * 7 + 3) % 10,
                                random_once_in(&source, 4));
        }
        struct matching expected = match_naive(runs, run_count, records, record_count);
        struct matching actual = match(runs, run_count, records, record_count);
        for (size_t i = 0; i < run_count; i++) {
            assert_int_equal(actual.run_breach[i], expected.run_breach[i]);
            assert_int_equal(actual.returns_from[i], expected.returns_from[i]);
        }
        for (size_t i = 0; i < record_count; i++) {
            assert_int_equal(actual.fate[i], expected.fate[i]);
            assert_int_equal(actual.merged_run[i], expected.merged_run[i]);
        }
    }
}

/* ---- runs ---- */

static const struct niva_segment segments[] = {
    {.days = {0, 10}, .status = NIVA_MET},
    {.days = {10, 15}, .status = NIVA_BELOW_MINIMUM, .shortfall_milli = 100},
    {.days = {15, 20}, .status = NIVA_BELOW_MINIMUM, .shortfall_milli = 200},
    {.days = {20, 25}, .status = NIVA_DISPENSED},
    {.days = {25, 40}, .status = NIVA_BELOW_MINIMUM},
};
static const struct niva_timeline timeline = {.segment_count = 5, .segments = segments};

static void runs_are_maximal(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);
    const struct niva_run *runs;
    struct niva_error err;
    size_t count;

    assert_true(niva_runs_find(&timeline, NIVA_DAY_END, arena, &count, &runs, &err));
    assert_int_equal(count, 2);
    assert_true(runs[0].days.from == 10 && runs[0].days.until == 20);
    assert_true(runs[0].first_segment == 1 && runs[0].segment_count == 2);
    assert_true(runs[1].days.from == 25 && runs[1].days.until == 40);
    niva_arena_free(arena);
}

static void days_after_today_are_no_breach(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);
    const struct niva_run *runs;
    struct niva_error err;
    size_t count;

    assert_true(niva_runs_find(&timeline, 12, arena, &count, &runs, &err));
    assert_int_equal(count, 1);
    assert_true(runs[0].days.until == 13 && runs[0].segment_count == 1);
    assert_true(niva_runs_find(&timeline, 25, arena, &count, &runs, &err));
    assert_int_equal(count, 2);
    assert_true(runs[1].days.from == 25 && runs[1].days.until == 26);
    assert_true(niva_runs_find(&timeline, 9, arena, &count, &runs, &err));
    assert_int_equal(count, 0);
    niva_arena_free(arena);
}

static void without_memory_there_is_an_error(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);
    const struct niva_run *runs;
    struct niva_error err;
    size_t count;

    niva_error_clear(&err);
    niva_arena_fail_after(1);
    assert_false(niva_runs_find(&timeline, 12, arena, &count, &runs, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_overlaps_a_breach_is_that_breach),
        cmocka_unit_test(neighbours_do_not_overlap),
        cmocka_unit_test(two_breaches_grow_into_one),
        cmocka_unit_test(a_breach_that_is_cut_stays_the_first_part),
        cmocka_unit_test(of_equal_first_days_the_one_opened_first_is_taken),
        cmocka_unit_test(what_is_gone_never_comes_back_but_is_named),
        cmocka_unit_test(matching_agrees_with_its_restatement),
        cmocka_unit_test(runs_are_maximal),
        cmocka_unit_test(days_after_today_are_no_breach),
        cmocka_unit_test(without_memory_there_is_an_error),
    };
    int failed = cmocka_run_group_tests_name("breach", tests, NULL, NULL);

    return failed ? 1 : 0;
}
