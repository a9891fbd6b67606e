#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/timeline.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, JUNE = 19144 /* 2022-06-01 */ };

static struct niva_arena *arena;

static const char *const titles[] = {"FT", "SG"};

/* Two full positions against a contracted 2000. */
static const struct niva_position two[] = {
    {"a", "FT", NIVA_EMPLOYED, 1000, true, {NIVA_DAY_NONE, NIVA_DAY_END}},
    {"b", "SG", NIVA_EMPLOYED, 1000, true, {NIVA_DAY_NONE, NIVA_DAY_END}},
};
static const struct niva_report report = {
    .id = "r1", .effective_from = NIVA_DAY_MIN, .position_count = 2, .positions = two};
static const struct niva_contract contract = {
    .days = {NIVA_DAY_MIN, NIVA_DAY_END}, .binding_from = NIVA_DAY_NONE, .minimum_milli = 2000};
static const struct niva_rule_set rule_set = {
    .id = "x",
    .days = {NIVA_DAY_MIN, NIVA_DAY_END},
    .severity = NIVA_BINDING,
    .requirement = {.kind = NIVA_REQUIRE_CONTRACTED,
                    .persons_per_fte = 1,
                    .rounding_step_milli = 1,
                    .rounding_mode = NIVA_ROUND_HALF_UP,
                    .snapshot = NIVA_PREVIOUS_MONTH},
    .counting = {.title_count = 2,
                 .titles = titles,
                 .employments = 0x1e,
                 .absence_threshold_days = 30,
                 .counts_from = NIVA_FROM_FIRST_DAY,
                 .join_gap_days = -1,
                 .hired_cap_permille = -1},
};

static struct niva_facts facts_plain(void)
{
    return (struct niva_facts){
        .open = {NIVA_DAY_NONE, NIVA_DAY_END},
        .known_at = INT64_MAX,
        .rule_set_count = 1,
        .rule_sets = &rule_set,
        .contract_count = 1,
        .contracts = &contract,
        .report_count = 1,
        .reports = &report,
    };
}

static struct niva_timeline compute(const struct niva_facts *facts, niva_day from, niva_day until)
{
    struct niva_timeline timeline;
    struct niva_error err;

    niva_error_clear(&err);
    if (!niva_timeline_compute(facts, (struct niva_span){from, until}, true, arena, &timeline,
                               &err))
        fail_msg("no timeline: %s", err.text_en);
    return timeline;
}

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

static void segment_is(const struct niva_segment *segment, niva_day from, niva_day until,
                       enum niva_status status, int32_t counted, int32_t shortfall)
{
    if (segment->days.from != from || segment->days.until != until || segment->status != status ||
        segment->counted_milli != counted || segment->shortfall_milli != shortfall)
        fail_msg("expected %d … %d status %d counted %d missing %d, got %d … %d %d %d %d", from,
                 until, (int)status, counted, shortfall, segment->days.from, segment->days.until,
                 (int)segment->status, segment->counted_milli, segment->shortfall_milli);
}

/* ---- cost follows changes ---- */

/* A hundred years with three changes take four judgements, and the memory that one year takes. */
static void a_century_costs_what_its_changes_cost(void **state)
{
    (void)state;
    struct niva_facts facts = facts_plain();
    struct niva_report reports[] = {report, report, report, report};
    size_t used[2];

    for (int i = 1; i < 4; i++) {
        reports[i].id = i == 1 ? "r2" : i == 2 ? "r3" : "r4";
        reports[i].effective_from = JUNE + 30 * i;
        reports[i].position_count = i % 2 == 1 ? 1 : 2;
    }
    facts.report_count = 4;
    facts.reports = reports;
    struct niva_timeline year = compute(&facts, JUNE, JUNE + 365);
    used[0] = niva_arena_used(arena);
    niva_arena_reset(arena);
    struct niva_timeline century = compute(&facts, JUNE, JUNE + 36524);
    used[1] = niva_arena_used(arena);
    assert_int_equal(year.judged_count, 4);
    assert_int_equal(century.judged_count, 4);
    assert_int_equal(used[0], used[1]);
    niva_arena_reset(arena);
    assert_int_equal(compute(&facts, JUNE, NIVA_DAY_END).judged_count, 4);
}

/* Ten years with a listing and a report each month are judged twice a month. */
static void ten_busy_years_cost_what_their_changes_cost(void **state)
{
    (void)state;
    static struct niva_report reports[120];
    static struct niva_listing listings[120];
    static char ids[120][8];
    struct niva_rule_set listed = rule_set;
    struct niva_facts facts = facts_plain();
    niva_day month = niva_day_from_civil(2012, 1, 1);
    niva_day from = month;

    for (int i = 0; i < 120; i++) {
        snprintf(ids[i], sizeof ids[i], "r%d", i);
        listings[i] = (struct niva_listing){
            .as_of = month - 1, .listed = 4000 + 37 * i, .weighted_milli = -1};
        reports[i] = report;
        reports[i].id = ids[i];
        reports[i].effective_from = month + 9;
        month = niva_month_next(month);
    }
    listed.requirement.kind = NIVA_REQUIRE_PER_LISTED;
    listed.requirement.persons_per_fte = 3000;
    facts.rule_sets = &listed;
    facts.listing_count = 120;
    facts.listings = listings;
    facts.report_count = 120;
    facts.reports = reports;
    assert_int_equal(compute(&facts, from, month).judged_count, 240);
}

/* A chain of ten thousand corrections, and absences by the thousand, are no trouble. */
static void long_records_are_no_trouble(void **state)
{
    (void)state;
    enum { MANY = 10000 };
    static struct niva_report reports[MANY];
    static struct niva_absence absences[MANY];
    static char ids[MANY][8];
    struct niva_facts facts = facts_plain();

    for (size_t i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof ids[i], "n%zu", i);
        reports[i] = report;
        reports[i].id = ids[i];
        reports[i].corrects = i == 0 ? NULL : ids[i - 1];
        reports[i].recorded_at = (niva_instant)i;
        absences[i] = (struct niva_absence){
            .id = ids[i],
            .position_key = "a",
            .days = {JUNE + (niva_day)i, JUNE + (niva_day)i + 20},
            .absent_milli = 1,
            .category = NIVA_OTHER_ABSENCE,
            .expected_since = NIVA_DAY_NONE,
        };
    }
    facts.report_count = MANY;
    facts.reports = reports;
    facts.absence_count = MANY;
    facts.absences = absences;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 365);
    assert_int_equal(timeline.segment_count, 1);
    assert_ptr_equal(timeline.segments[0].report, &reports[MANY - 1]);
}

/* ---- facts behind a verdict ---- */

static void segments_name_the_facts_behind_them(void **state)
{
    (void)state;
    struct niva_facts facts = facts_plain();
    const struct niva_finding finding = {"k1", {JUNE + 10, JUNE + 12}, 2000, 0};
    const struct niva_absence absence = {
        .id = "f1",
        .position_key = "b",
        .days = {JUNE + 20, NIVA_DAY_END},
        .absent_milli = 500,
        .category = NIVA_OTHER_ABSENCE,
        .expected_since = NIVA_DAY_NONE,
    };

    facts.finding_count = 1;
    facts.findings = &finding;
    facts.absence_count = 1;
    facts.absences = &absence;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 30);
    assert_int_equal(timeline.segment_count, 4);
    segment_is(&timeline.segments[0], JUNE, JUNE + 10, NIVA_MET, 2000, 0);
    segment_is(&timeline.segments[1], JUNE + 10, JUNE + 12, NIVA_MET, 2000, 0);
    segment_is(&timeline.segments[3], JUNE + 20, JUNE + 30, NIVA_BELOW_MINIMUM, 1500, 500);
    assert_ptr_equal(timeline.segments[0].report, &report);
    assert_null(timeline.segments[0].finding);
    assert_ptr_equal(timeline.segments[1].finding, &finding);
    assert_null(timeline.segments[1].report);
    assert_int_equal(timeline.segments[3].absence_count, 1);
    assert_ptr_equal(timeline.segments[3].absences[0], &absence);
    assert_ptr_equal(timeline.segments[3].rule_set, &rule_set);
}

static void the_dispensation_that_set_the_limit_is_named(void **state)
{
    (void)state;
    struct niva_contract high = contract;
    struct niva_facts facts = facts_plain();
    const struct niva_dispensation dispensations[] = {
        {"d0", {JUNE, JUNE + 5}, 2900, NIVA_DAY_NONE, false, 0},
        {"d1", {JUNE + 5, JUNE + 10}, 2500, NIVA_DAY_NONE, false, 0},
        {"d2", {JUNE + 5, JUNE + 10}, 2500, NIVA_DAY_NONE, false, 0},
        {"d3", {JUNE + 10, JUNE + 15}, 2000, NIVA_DAY_NONE, false, 0},
        {"d4", {JUNE + 15, JUNE + 20}, 5000, NIVA_DAY_NONE, false, 0},
    };

    high.minimum_milli = 3000;
    facts.contracts = &high;
    facts.dispensation_count = 5;
    facts.dispensations = dispensations;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 20);
    assert_int_equal(timeline.segment_count, 4);
    segment_is(&timeline.segments[0], JUNE, JUNE + 5, NIVA_BELOW_MINIMUM, 2000, 900);
    assert_ptr_equal(timeline.segments[0].dispensation, &dispensations[0]);
    segment_is(&timeline.segments[1], JUNE + 5, JUNE + 10, NIVA_BELOW_MINIMUM, 2000, 500);
    assert_ptr_equal(timeline.segments[1].dispensation, &dispensations[1]);
    segment_is(&timeline.segments[2], JUNE + 10, JUNE + 15, NIVA_DISPENSED, 2000, 0);
    assert_ptr_equal(timeline.segments[2].dispensation, &dispensations[3]);
    /* One that asks for more than is required sets no limit. */
    segment_is(&timeline.segments[3], JUNE + 15, JUNE + 20, NIVA_BELOW_MINIMUM, 2000, 1000);
    assert_null(timeline.segments[3].dispensation);
}

static void days_without_a_requirement_have_no_staff_behind_them(void **state)
{
    (void)state;
    struct niva_facts facts = facts_plain();

    facts.open = (struct niva_span){JUNE + 5, JUNE + 10};
    facts.contract_count = 0;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 20);
    assert_int_equal(timeline.segment_count, 3);
    assert_int_equal(timeline.segments[0].status, NIVA_NOT_REQUIRED);
    assert_null(timeline.segments[0].rule_set);
    assert_int_equal(timeline.segments[1].status, NIVA_NO_REQUIREMENT_BASIS);
    assert_ptr_equal(timeline.segments[1].rule_set, &rule_set);
    assert_null(timeline.segments[1].report);
}

/* ---- who is not counted ---- */

static void uncounted_is(const struct niva_timeline *timeline, size_t i, const char *key,
                         enum niva_uncounted_reason reason, niva_day from, niva_day until,
                         int32_t milli)
{
    assert_true(i < timeline->uncounted_count);
    const struct niva_uncounted *actual = &timeline->uncounted[i];
    if (strcmp(actual->position_key, key) != 0 || actual->reason != reason ||
        actual->days.from != from || actual->days.until != until || actual->fte_milli != milli)
        fail_msg("expected %s for %d on %d … %d: %d, got %s for %d on %d … %d: %d", key,
                 (int)reason, from, until, milli, actual->position_key, (int)actual->reason,
                 actual->days.from, actual->days.until, actual->fte_milli);
}

static void whoever_is_not_counted_is_told_with_the_reason(void **state)
{
    (void)state;
    static const struct niva_span always = {NIVA_DAY_NONE, NIVA_DAY_END};
    const struct niva_position positions[] = {
        {"a", "FT", NIVA_EMPLOYED, 1000, true, always},
        {"h", "FT", NIVA_HIRED, 1000, true, always},
        {"n", "NA", NIVA_EMPLOYED, 500, true, {NIVA_DAY_NONE, JUNE + 10}},
        {"s", "FT", NIVA_SUBCONTRACTED, 400, true, always},
        {"u", "FT", NIVA_EMPLOYED, 300, false, always},
    };
    const struct niva_position cover[] = {{"h", "FT", NIVA_SUBSTITUTE, 700, true, always}};
    const struct niva_report busy = {
        .id = "r", .effective_from = NIVA_DAY_MIN, .position_count = 5, .positions = positions};
    const struct niva_absence absence = {
        .position_key = "a",
        .days = {JUNE, JUNE + 40},
        .absent_milli = 250,
        .category = NIVA_OTHER_ABSENCE,
        .expected_since = NIVA_DAY_NONE,
        .cover_count = 1,
        .cover = cover,
    };
    struct niva_rule_set capped = rule_set;
    struct niva_facts facts = facts_plain();

    capped.counting.employments = 1U << NIVA_EMPLOYED | 1U << NIVA_SUBSTITUTE | 1U << NIVA_HIRED;
    capped.counting.hired_cap_permille = 300;
    facts.rule_sets = &capped;
    facts.reports = &busy;
    facts.absence_count = 1;
    facts.absences = &absence;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 30);
    assert_int_equal(timeline.segment_count, 1);
    segment_is(&timeline.segments[0], JUNE, JUNE + 30, NIVA_BELOW_MINIMUM, 1350, 650);
    assert_int_equal(timeline.uncounted_count, 6);
    uncounted_is(&timeline, 0, "", NIVA_UNCOUNTED_HIRED_CAP, JUNE, JUNE + 30, 400);
    uncounted_is(&timeline, 1, "a", NIVA_UNCOUNTED_ABSENT, JUNE, JUNE + 30, 250);
    uncounted_is(&timeline, 2, "h", NIVA_UNCOUNTED_DUPLICATE, JUNE, JUNE + 30, 700);
    uncounted_is(&timeline, 3, "n", NIVA_UNCOUNTED_TITLE, JUNE, JUNE + 10, 500);
    uncounted_is(&timeline, 4, "s", NIVA_UNCOUNTED_EMPLOYMENT, JUNE, JUNE + 30, 400);
    uncounted_is(&timeline, 5, "u", NIVA_UNCOUNTED_UNLICENSED, JUNE, JUNE + 30, 300);
}

/* ---- edges of the rules ---- */

static void a_requirement_beyond_all_bounds_has_no_basis(void **state)
{
    (void)state;
    struct niva_rule_set listed = rule_set;
    struct niva_facts facts = facts_plain();
    const struct niva_listing listing = {
        .as_of = JUNE - 1, .listed = 10000000, .weighted_milli = INT64_MAX};

    facts.rule_sets = &listed;
    facts.listing_count = 1;
    facts.listings = &listing;
    listed.requirement.kind = NIVA_REQUIRE_PER_LISTED;
    assert_int_equal(compute(&facts, JUNE, JUNE + 1).segments[0].status, NIVA_NO_REQUIREMENT_BASIS);
    listed.requirement.kind = NIVA_REQUIRE_PER_WEIGHTED;
    assert_int_equal(compute(&facts, JUNE, JUNE + 1).segments[0].status, NIVA_NO_REQUIREMENT_BASIS);
    listed.requirement.persons_per_fte = INT32_MAX;
    listed.requirement.rounding_step_milli = 1000;
    listed.requirement.rounding_mode = NIVA_ROUND_UP;
    assert_int_equal(compute(&facts, JUNE, JUNE + 1).segments[0].status, NIVA_NO_REQUIREMENT_BASIS);
}

static void a_version_replaces_a_rule_set_and_a_namesake_does_not(void **state)
{
    (void)state;
    struct niva_rule_set sets[] = {rule_set, rule_set};
    struct niva_facts facts = facts_plain();

    sets[1].days.from = JUNE + 10;
    facts.rule_set_count = 2;
    facts.rule_sets = sets;
    assert_ptr_equal(niva_rule_set_on(&facts, JUNE), &sets[0]);
    assert_ptr_equal(niva_rule_set_on(&facts, JUNE + 10), &sets[1]);
    sets[0].version = 1;
    sets[1].version = 2;
    assert_null(niva_rule_set_on(&facts, JUNE));
    assert_int_equal(compute(&facts, JUNE, JUNE + 20).segments[0].status, NIVA_NOT_REQUIRED);
    sets[1].recorded_at = 5;
    facts.known_at = 4;
    assert_ptr_equal(niva_rule_set_on(&facts, JUNE + 10), &sets[0]);
}

static void corrections_in_a_circle_end(void **state)
{
    (void)state;
    struct niva_report circle[] = {report, report, report};
    struct niva_facts facts = facts_plain();
    const struct niva_report *standing;
    const struct niva_withdrawal withdrawals[] = {{"r1", 0}, {"r2", 0}};
    struct niva_error err;

    circle[0].corrects = "r2";
    circle[1].id = "r2";
    circle[1].corrects = "r1";
    circle[2].id = "r3";
    circle[2].corrects = "r1";
    facts.report_count = 3;
    facts.reports = circle;
    facts.withdrawal_count = 2;
    facts.withdrawals = withdrawals;
    assert_true(niva_report_on(&facts, JUNE, arena, &standing, &err));
    assert_ptr_equal(standing, &circle[2]);
    facts.report_count = 2;
    assert_true(niva_report_on(&facts, JUNE, arena, &standing, &err));
    assert_null(standing);
}

/* A key that stands twice in a report counts once, by the first that counts. */
static void a_key_counts_once_a_day(void **state)
{
    (void)state;
    const struct niva_position twice[] = {
        {"a", "NA", NIVA_EMPLOYED, 900, true, {NIVA_DAY_NONE, NIVA_DAY_END}},
        {"a", "FT", NIVA_EMPLOYED, 800, true, {NIVA_DAY_NONE, JUNE + 5}},
        {"a", "FT", NIVA_EMPLOYED, 600, true, {NIVA_DAY_NONE, NIVA_DAY_END}},
    };
    struct niva_report doubled = report;
    struct niva_facts facts = facts_plain();

    doubled.position_count = 3;
    doubled.positions = twice;
    facts.reports = &doubled;
    struct niva_timeline timeline = compute(&facts, JUNE, JUNE + 10);
    assert_int_equal(timeline.segment_count, 2);
    assert_int_equal(timeline.segments[0].counted_milli, 800);
    assert_int_equal(timeline.segments[1].counted_milli, 600);
}

/* A threshold and a gap as large as numbers go join everything and wait for ever. */
static void the_largest_numbers_do_not_overflow(void **state)
{
    (void)state;
    struct niva_rule_set extreme = rule_set;
    struct niva_facts facts = facts_plain();
    const struct niva_absence absences[] = {
        {.position_key = "a",
         .days = {NIVA_DAY_MIN, NIVA_DAY_MAX + 1},
         .absent_milli = -1,
         .category = NIVA_OTHER_ABSENCE,
         .expected_since = NIVA_DAY_NONE},
        {.position_key = "b",
         .days = {NIVA_DAY_MAX, NIVA_DAY_END},
         .absent_milli = -1,
         .category = NIVA_OTHER_ABSENCE,
         .expected_since = NIVA_DAY_NONE},
    };

    extreme.counting.absence_threshold_days = INT32_MAX;
    extreme.counting.join_gap_days = INT32_MAX;
    extreme.counting.counts_from = NIVA_FROM_AFTER_THRESHOLD;
    extreme.counting.tolerance_milli = INT32_MAX;
    extreme.counting.hired_cap_permille = INT32_MAX;
    facts.rule_sets = &extreme;
    facts.absence_count = 2;
    facts.absences = absences;
    struct niva_timeline timeline = compute(&facts, NIVA_DAY_MIN, NIVA_DAY_END);
    assert_int_equal(timeline.segment_count, 1);
    segment_is(&timeline.segments[0], NIVA_DAY_MIN, NIVA_DAY_END, NIVA_MET, 2000, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_century_costs_what_its_changes_cost, reset),
        cmocka_unit_test_setup(ten_busy_years_cost_what_their_changes_cost, reset),
        cmocka_unit_test_setup(long_records_are_no_trouble, reset),
        cmocka_unit_test_setup(segments_name_the_facts_behind_them, reset),
        cmocka_unit_test_setup(the_dispensation_that_set_the_limit_is_named, reset),
        cmocka_unit_test_setup(days_without_a_requirement_have_no_staff_behind_them, reset),
        cmocka_unit_test_setup(whoever_is_not_counted_is_told_with_the_reason, reset),
        cmocka_unit_test_setup(a_requirement_beyond_all_bounds_has_no_basis, reset),
        cmocka_unit_test_setup(a_version_replaces_a_rule_set_and_a_namesake_does_not, reset),
        cmocka_unit_test_setup(corrections_in_a_circle_end, reset),
        cmocka_unit_test_setup(a_key_counts_once_a_day, reset),
        cmocka_unit_test_setup(the_largest_numbers_do_not_overflow, reset),
    };
    arena = niva_arena_new(ARENA_BYTES);
    int failed = cmocka_run_group_tests_name("timeline", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
