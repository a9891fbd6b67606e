/* Why a day is below when the day before was not: each cause by hand, those that meet on one day,
 * and all of it against the definition restated, on random facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/naive_cause.h"
#include "tests/support/random_facts.h"

enum { SCENARIOS = 6000, ARENA_BYTES = 32 * 1024 * 1024, DAY = 19000, MANY = 12 };

static struct niva_arena *arena;

/* ---- by hand: on the day before 2000 are required, and 2000 counted ---- */

static const char *const titles[] = {"FT"};

struct made {
    struct niva_rule_set rule_sets[2];
    struct niva_contract contracts[2];
    struct niva_listing listings[2];
    struct niva_position positions[3];
    struct niva_report reports[2];
    struct niva_position cover[1];
    struct niva_absence absences[MANY];
    struct niva_finding findings[1];
    struct niva_dispensation dispensations[2];
    struct niva_facts facts;
};

static struct niva_position position(const char *key, int32_t milli, niva_day from, niva_day until)
{
    return (struct niva_position){key, "FT", NIVA_EMPLOYED, milli, true, {from, until}};
}

static struct niva_rule_set rule_set(niva_day from)
{
    return (struct niva_rule_set){
        .id = "fysio",
        .days = {from, NIVA_DAY_END},
        .severity = NIVA_BINDING,
        .requirement = {.kind = NIVA_REQUIRE_CONTRACTED,
                        .persons_per_fte = 1000,
                        .rounding_step_milli = 1,
                        .rounding_mode = NIVA_ROUND_HALF_UP,
                        .snapshot = NIVA_SAME_DAY},
        .counting = {.title_count = 1,
                     .titles = titles,
                     .employments = 1U << NIVA_EMPLOYED,
                     .counts_from = NIVA_FROM_FIRST_DAY,
                     .join_gap_days = -1,
                     .hired_cap_permille = -1},
        .recorded_at = INT64_MIN,
    };
}

static void begin(struct made *made)
{
    memset(made, 0, sizeof *made);
    made->rule_sets[0] = rule_set(DAY - 100);
    made->contracts[0] = (struct niva_contract){
        .days = {DAY - 100, NIVA_DAY_END}, .binding_from = NIVA_DAY_NONE, .minimum_milli = 2000};
    made->positions[0] = position("a", 1000, NIVA_DAY_NONE, NIVA_DAY_END);
    made->positions[1] = position("b", 1000, NIVA_DAY_NONE, NIVA_DAY_END);
    made->reports[0] = (struct niva_report){
        .id = "r0", .effective_from = DAY - 100, .position_count = 2, .positions = made->positions};
    made->facts = (struct niva_facts){
        .open = {DAY - 1000, NIVA_DAY_END},
        .known_at = INT64_MAX,
        .rule_set_count = 1,
        .rule_sets = made->rule_sets,
        .contract_count = 1,
        .contracts = made->contracts,
        .listings = made->listings,
        .report_count = 1,
        .reports = made->reports,
        .absences = made->absences,
        .dispensations = made->dispensations,
        .findings = made->findings,
    };
}

/* The kinds of the causes of the day, "3,5"; they are those of the restatement too. */
static const char *kinds(const struct made *made)
{
    static char text[128];
    const struct niva_cause *causes;
    struct naive_causes naive;
    struct niva_error err;
    size_t count;
    size_t length = 0;

    niva_arena_reset(arena);
    assert_true(niva_causes_find(&made->facts, DAY, arena, &count, &causes, &err));
    naive_causes_find(&made->facts, DAY, &naive);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%d", i == 0 ? "" : ",",
                                   (int)causes[i].kind);
    if (naive.changes <= NIVA_CHANGES_WEIGHED)
        assert_int_equal(count, naive.count);
    return text;
}

static void absence_add(struct made *made, const char *key, niva_day first, niva_day until,
                        int32_t milli)
{
    made->absences[made->facts.absence_count] =
        (struct niva_absence){.position_key = key,
                              .days = {first, until},
                              .absent_milli = milli,
                              .category = NIVA_OTHER_ABSENCE,
                              .expected_since = NIVA_DAY_NONE,
                              .recorded_at = (niva_instant)made->facts.absence_count};
    made->facts.absence_count++;
}

static void nothing_that_changes_is_no_cause(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    assert_string_equal(kinds(&made), "");
    /* below on both days */
    made.contracts[0].minimum_milli = 3000;
    absence_add(&made, "a", DAY, DAY + 50, -1);
    assert_string_equal(kinds(&made), "");
}

static void staff_that_goes_is_a_report_or_a_position(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    made.reports[1] = (struct niva_report){
        .id = "r1", .effective_from = DAY, .position_count = 1, .positions = made.positions};
    made.facts.report_count = 2;
    assert_string_equal(kinds(&made), "1");
    begin(&made);
    made.positions[1].active.until = DAY;
    assert_string_equal(kinds(&made), "2");
    /* one comes in the place of the other */
    made.positions[2] = position("c", 1000, DAY, NIVA_DAY_END);
    made.reports[0].position_count = 3;
    assert_string_equal(kinds(&made), "");
    /* a first report is one that takes effect: nobody knew before */
    begin(&made);
    made.reports[0].effective_from = DAY;
    made.reports[0].position_count = 1;
    assert_string_equal(kinds(&made), "1");
}

static void an_absence_begins_or_its_cover_ends(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    absence_add(&made, "a", DAY, DAY + 50, -1);
    assert_string_equal(kinds(&made), "3");
    /* covered: the cover ends by itself */
    begin(&made);
    absence_add(&made, "a", DAY - 10, DAY + 50, -1);
    made.cover[0] = position("v", 1000, NIVA_DAY_NONE, DAY);
    made.absences[0].cover = made.cover;
    made.absences[0].cover_count = 1;
    assert_string_equal(kinds(&made), "4");
    /* or with its absence, where it was more than the absent share */
    begin(&made);
    made.contracts[0].minimum_milli = 2500;
    absence_add(&made, "a", DAY - 10, DAY, 500);
    made.cover[0] = position("v", 1000, NIVA_DAY_NONE, NIVA_DAY_END);
    made.absences[0].cover = made.cover;
    made.absences[0].cover_count = 1;
    assert_string_equal(kinds(&made), "4");
    /* or a position of the report begins under its key, which is wholly away: it counts once */
    begin(&made);
    absence_add(&made, "a", DAY - 10, DAY + 50, -1);
    absence_add(&made, "v", DAY - 10, DAY + 50, -1);
    made.cover[0] = position("v", 1000, NIVA_DAY_NONE, NIVA_DAY_END);
    made.absences[0].cover = made.cover;
    made.absences[0].cover_count = 1;
    made.positions[2] = position("v", 1000, DAY, NIVA_DAY_END);
    made.reports[0].position_count = 3;
    assert_string_equal(kinds(&made), "2");
}

static void more_is_required(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    made.dispensations[0] = (struct niva_dispensation){.id = "d0",
                                                       .days = {DAY - 10, DAY + 10},
                                                       .reduced_minimum_milli = 1500,
                                                       .revoked_from = DAY};
    made.facts.dispensation_count = 1;
    made.reports[0].position_count = 1;
    made.positions[0].fte_milli = 1600 - 1000;
    made.positions[1] = position("b", 1000, NIVA_DAY_NONE, NIVA_DAY_END);
    made.reports[0].position_count = 2;
    assert_string_equal(kinds(&made), "5");
    /* another remains, with a higher minimum */
    made.dispensations[1] = made.dispensations[0];
    made.dispensations[1].id = "d1";
    made.dispensations[1].reduced_minimum_milli = 1900;
    made.dispensations[1].revoked_from = NIVA_DAY_NONE;
    made.facts.dispensation_count = 2;
    assert_string_equal(kinds(&made), "5");
    begin(&made);
    made.contracts[1] = made.contracts[0];
    made.contracts[1].days.from = DAY;
    made.contracts[1].minimum_milli = 2100;
    made.facts.contract_count = 2;
    assert_string_equal(kinds(&made), "6");
    /* of earlier, but notified late */
    made.contracts[1].days.from = DAY - 20;
    made.contracts[1].binding_from = DAY;
    assert_string_equal(kinds(&made), "6");
    /* one that asked for less ends */
    made.contracts[1].binding_from = NIVA_DAY_NONE;
    made.contracts[1].days.until = DAY;
    made.contracts[1].minimum_milli = 2000;
    made.contracts[0].minimum_milli = 2100;
    assert_string_equal(kinds(&made), "7");
    begin(&made);
    made.rule_sets[0].requirement.kind = NIVA_REQUIRE_PER_LISTED;
    made.listings[0] = (struct niva_listing){.as_of = DAY - 10, .listed = 2000};
    made.listings[1] = (struct niva_listing){.as_of = DAY, .listed = 2001};
    made.facts.listing_count = 2;
    assert_string_equal(kinds(&made), "8");
    begin(&made);
    made.rule_sets[0].days.until = DAY;
    made.rule_sets[1] = rule_set(DAY);
    made.rule_sets[1].requirement.floor_milli = 2001;
    made.facts.rule_set_count = 2;
    assert_string_equal(kinds(&made), "9");
}

static void the_purchaser_established_less_or_no_longer_more(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    made.findings[0] =
        (struct niva_finding){.id = "k", .days = {DAY, DAY + 3}, .counted_milli = 1999};
    made.facts.finding_count = 1;
    assert_string_equal(kinds(&made), "10");
    made.reports[0].position_count = 1;
    made.findings[0] =
        (struct niva_finding){.id = "k", .days = {DAY - 5, DAY}, .counted_milli = 2000};
    assert_string_equal(kinds(&made), "11");
}

static void a_unit_opens_without_staff(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    made.reports[0].position_count = 1;
    made.facts.open.from = DAY;
    assert_string_equal(kinds(&made), "12");
}

static void what_suffices_alone_and_what_only_does_together_are_all_named(void **state)
{
    struct made made;

    (void)state;
    /* each alone would do */
    begin(&made);
    absence_add(&made, "a", DAY, DAY + 50, -1);
    made.contracts[1] = made.contracts[0];
    made.contracts[1].days.from = DAY;
    made.contracts[1].minimum_milli = 2100;
    made.facts.contract_count = 2;
    assert_string_equal(kinds(&made), "3,6");
    /* only together */
    begin(&made);
    made.contracts[0].minimum_milli = 1500;
    absence_add(&made, "a", DAY, DAY + 50, 300);
    absence_add(&made, "b", DAY, DAY + 50, 300);
    assert_string_equal(kinds(&made), "3,3");
    /* any two of three */
    begin(&made);
    made.contracts[0].minimum_milli = 1500;
    made.positions[2] = position("c", 0, NIVA_DAY_NONE, NIVA_DAY_END);
    absence_add(&made, "a", DAY, DAY + 50, 300);
    absence_add(&made, "b", DAY, DAY + 50, 300);
    absence_add(&made, "a", DAY, DAY + 50, 300);
    assert_string_equal(kinds(&made), "3,3,3");
    /* one does it, the others are what they are */
    begin(&made);
    absence_add(&made, "a", DAY, DAY + 50, -1);
    absence_add(&made, "x", DAY, DAY + 50, -1);
    made.contracts[1] = made.contracts[0];
    made.contracts[1].days.from = DAY;
    made.contracts[1].minimum_milli = 1900;
    made.facts.contract_count = 2;
    assert_string_equal(kinds(&made), "3");
}

static void absences_beyond_number_are_weighed_as_one(void **state)
{
    struct made made;

    (void)state;
    begin(&made);
    for (int i = 0; i < MANY - 1; i++)
        absence_add(&made, "a", DAY, DAY + 50, 50);
    absence_add(&made, "b", DAY - 50, DAY, 100); /* comes back, and makes nothing worse */
    made.contracts[0].minimum_milli = 1900;
    assert_string_equal(kinds(&made), "3,3,3,3,3,3,3,3,3,3,3");
}

/* ---- random facts ---- */

/* What was seen, so that the test has seen everything. */
struct seen {
    size_t days;
    size_t kinds[NIVA_CAUSE_OPENING + 1];
    size_t several;
    size_t idle;    /* more changed than mattered */
    size_t crowded; /* more than are weighed one by one */
};

static void causes_print(const char *what, size_t count, const struct niva_cause *causes)
{
    print_error("%s:", what);
    for (size_t i = 0; i < count; i++)
        print_error(" %d", (int)causes[i].kind);
    print_error("\n");
}

static void day_check(const struct niva_facts *facts, niva_day day, uint64_t seed,
                      struct seen *seen)
{
    const struct niva_cause *causes;
    static struct naive_causes naive;
    struct niva_error err;
    size_t count;

    assert_true(niva_causes_find(facts, day, arena, &count, &causes, &err));
    naive_causes_find(facts, day, &naive);
    seen->crowded += naive.changes > NIVA_CHANGES_WEIGHED;
    if (naive.changes > NIVA_CHANGES_WEIGHED)
        return;
    if (!naive_causes_are(&naive, count, causes)) {
        causes_print("expected", naive.count, naive.list);
        causes_print("actual", count, causes);
        fail_msg("seed %llu, day %d of %d changes", (unsigned long long)seed, (int)day,
                 (int)naive.changes);
    }
    if (count == 0)
        return;
    seen->days++;
    seen->several += count > 1;
    seen->idle += naive.changes > count;
    for (size_t i = 0; i < count; i++)
        seen->kinds[causes[i].kind]++;
}

/* Only days on which the verdict changes can have a cause, and some others. */
static void scenario_check(const struct random_scenario *scenario, uint64_t seed, struct seen *seen)
{
    struct niva_timeline timeline;
    struct niva_error err;

    assert_true(
        niva_timeline_compute(&scenario->facts, scenario->horizon, false, arena, &timeline, &err));
    for (size_t i = 1; i < timeline.segment_count; i++) {
        const struct niva_segment *segment = &timeline.segments[i];
        bool falls =
            segment->status == NIVA_BELOW_MINIMUM && segment[-1].status != NIVA_BELOW_MINIMUM;
        size_t before = seen->days;
        size_t crowded = seen->crowded;
        day_check(&scenario->facts, segment->days.from, seed, seen);
        if (falls != (seen->days + seen->crowded > before + crowded) && crowded == seen->crowded)
            fail_msg("seed %llu: day %d %s", (unsigned long long)seed, segment->days.from,
                     falls ? "has no cause" : "has a cause and does not fall");
    }
}

static void causes_are_what_some_mix_of_the_days_hangs_on(void **state)
{
    struct seen seen = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= SCENARIOS; seed++) {
        struct random_source source = random_seed(seed);
        struct random_scenario scenario;
        niva_arena_reset(arena);
        random_scenario_make(&source, arena, &scenario);
        scenario_check(&scenario, seed, &seen);
    }
    print_message("%zu days; %zu of several causes, %zu with changes that did not matter,"
                  " %zu crowded; kinds:",
                  seen.days, seen.several, seen.idle, seen.crowded);
    for (int kind = NIVA_CAUSE_REPORT; kind <= NIVA_CAUSE_OPENING; kind++)
        print_message(" %zu", seen.kinds[kind]);
    print_message("\n");
    for (int kind = NIVA_CAUSE_REPORT; kind <= NIVA_CAUSE_OPENING; kind++)
        if (seen.kinds[kind] < 5)
            fail_msg("kind %d was seen %zu times", kind, seen.kinds[kind]);
    assert_true(seen.several > 50 && seen.idle > 50);
    assert_true(seen.crowded * 20 < seen.days);
}

static void every_allocation_may_fail(void **state)
{
    struct made made;
    const struct niva_cause *causes;
    struct niva_error err;
    size_t count = 0;
    size_t failed = 0;

    (void)state;
    begin(&made);
    absence_add(&made, "a", DAY, DAY + 50, -1);
    for (bool done = false; !done; failed += !done) {
        niva_arena_reset(arena);
        niva_arena_fail_after(failed + 1);
        done = niva_causes_find(&made.facts, DAY, arena, &count, &causes, &err);
        niva_arena_fail_after(0);
        if (!done)
            assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    }
    assert_true(failed > 10);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_changes_is_no_cause),
        cmocka_unit_test(staff_that_goes_is_a_report_or_a_position),
        cmocka_unit_test(an_absence_begins_or_its_cover_ends),
        cmocka_unit_test(more_is_required),
        cmocka_unit_test(the_purchaser_established_less_or_no_longer_more),
        cmocka_unit_test(a_unit_opens_without_staff),
        cmocka_unit_test(what_suffices_alone_and_what_only_does_together_are_all_named),
        cmocka_unit_test(absences_beyond_number_are_weighed_as_one),
        cmocka_unit_test(causes_are_what_some_mix_of_the_days_hangs_on),
        cmocka_unit_test(every_allocation_may_fail),
    };
    int failed;

    arena = niva_arena_new(ARENA_BYTES);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    niva_arena_free(arena);
    return failed ? 1 : 0;
}
