/* What is erased takes nothing with it: given the frozen runs, every verdict stays what it was, on
 * random facts; and what a frozen count does beside the facts that still come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/model/frozen.h"
#include "services/model/timeline.h"
#include "tests/support/random_facts.h"

enum { SCENARIOS = 3000, ARENA_BYTES = 16 * 1024 * 1024, RUNS_MAX = 1024 };

static struct niva_arena *arena;

static struct niva_timeline timeline_of(const struct niva_facts *facts, struct niva_span horizon)
{
    struct niva_timeline timeline;
    struct niva_error err;

    niva_error_clear(&err);
    if (!niva_timeline_compute(facts, horizon, false, arena, &timeline, &err))
        fail_msg("no timeline: %s", err.text_en);
    return timeline;
}

/* Freezes up to a day: the new runs lie behind those that were frozen before. */
static void freeze(struct niva_facts *facts, struct niva_frozen *runs, niva_day until)
{
    struct niva_frozen *frozen;
    struct niva_error err;
    size_t count;

    niva_error_clear(&err);
    if (!niva_freeze(facts, until, arena, &count, &frozen, &err))
        fail_msg("not frozen: %s", err.text_en);
    assert_in_range(facts->frozen_count + count, 0, RUNS_MAX);
    for (size_t i = 0; i < count; i++)
        runs[facts->frozen_count++] = frozen[i];
    facts->frozen = runs;
    facts->erased = (struct niva_span){NIVA_DAY_NONE, until};
}

static bool lies_before(const struct niva_facts *facts, const struct niva_absence *absence,
                        niva_day until)
{
    for (size_t i = 0; i < facts->absence_count; i++) {
        const struct niva_absence *other = &facts->absences[i];
        bool version = other == absence || (absence->id != NULL && other->id != NULL &&
                                            strcmp(other->id, absence->id) == 0);
        if (version && other->days.until > until)
            return false;
    }
    return true;
}

/* Takes away everything that a retention rule would: reports from before the day that do not stand
 * on it, absences that ended before it. Returns how many. */
static size_t erase(struct niva_facts *facts, niva_day until)
{
    const struct niva_report *standing;
    struct niva_error err;
    size_t erased = 0;

    niva_error_clear(&err);
    if (!niva_report_on(facts, until, arena, &standing, &err))
        fail_msg("no report: %s", err.text_en);
    for (size_t i = 0; i < facts->report_count; i++) {
        struct niva_report *report = (struct niva_report *)&facts->reports[i];
        if (report->effective_from >= until || report == standing || report->erased)
            continue;
        report->erased = true;
        report->position_count = 0;
        erased++;
    }
    bool *gone = niva_arena_array(arena, facts->absence_count, sizeof *gone);
    for (size_t i = 0; i < facts->absence_count; i++)
        gone[i] = lies_before(facts, &facts->absences[i], until);
    for (size_t i = 0; i < facts->absence_count; i++) {
        if (!gone[i])
            continue;
        ((struct niva_absence *)&facts->absences[i])->cancelled = true;
        erased++;
    }
    return erased;
}

static void timelines_equal(const struct niva_timeline *expected,
                            const struct niva_timeline *actual, unsigned long long seed)
{
    if (expected->segment_count != actual->segment_count)
        fail_msg("seed %llu: expected %zu segments, got %zu", seed, expected->segment_count,
                 actual->segment_count);
    for (size_t i = 0; i < expected->segment_count; i++) {
        const struct niva_segment *a = &expected->segments[i];
        const struct niva_segment *b = &actual->segments[i];
        bool same = a->days.from == b->days.from && a->days.until == b->days.until &&
                    a->status == b->status && a->required_milli == b->required_milli &&
                    a->counted_milli == b->counted_milli &&
                    a->shortfall_milli == b->shortfall_milli && a->report == b->report &&
                    a->finding == b->finding && a->rule_set == b->rule_set &&
                    a->dispensation == b->dispensation && a->absence_count == b->absence_count;
        for (size_t j = 0; same && j < a->absence_count; j++)
            same = a->absences[j] == b->absences[j];
        if (!same)
            fail_msg("seed %llu: segment %zu: expected %d … %d status %d counted %d, got %d … %d "
                     "status %d counted %d",
                     seed, i, a->days.from, a->days.until, (int)a->status, a->counted_milli,
                     b->days.from, b->days.until, (int)b->status, b->counted_milli);
    }
}

/* No absence is a link of one that reaches beyond the day: who erases keeps whole chains. */
static void unlink_absences(struct niva_facts *facts)
{
    for (size_t i = 0; i < facts->rule_set_count; i++)
        ((struct niva_rule_set *)&facts->rule_sets[i])->counting.join_gap_days = -1;
}

static void what_is_erased_changes_no_verdict(void **state)
{
    (void)state;
    size_t erased = 0;
    size_t runs_frozen = 0;

    for (uint64_t seed = 1; seed <= SCENARIOS; seed++) {
        struct random_source source = random_seed(seed);
        struct niva_frozen runs[RUNS_MAX];
        struct random_scenario scenario;
        random_scenario_make(&source, arena, &scenario);
        struct niva_facts *facts = &scenario.facts;
        unlink_absences(facts);
        facts->known_at = INT64_MAX;
        struct niva_timeline before = timeline_of(facts, scenario.horizon);
        niva_day until = scenario.horizon.from;
        for (int times = 0; times < 2; times++) {
            until = random_in(&source, until, scenario.horizon.until);
            freeze(facts, runs, until);
            erased += erase(facts, until);
            struct niva_timeline after = timeline_of(facts, scenario.horizon);
            timelines_equal(&before, &after, (unsigned long long)seed);
        }
        runs_frozen += facts->frozen_count;
        niva_arena_reset(arena);
    }
    assert_true(erased > SCENARIOS && runs_frozen > SCENARIOS);
}

/* ---- beside the facts that still come ---- */

enum { DAY = 19000, NEXT = DAY + 100 };

static const char *const titles[] = {"FT"};
static const struct niva_position one = {"a",  "FT", NIVA_EMPLOYED,
                                         1000, true, {NIVA_DAY_NONE, NIVA_DAY_END}};

struct plain {
    struct niva_rule_set rule_set;
    struct niva_contract contracts[2];
    struct niva_report report;
    struct niva_finding finding;
    struct niva_frozen runs[RUNS_MAX];
    struct niva_facts facts;
};

/* One position of 1000 against 2000, from DAY on. */
static struct plain *plain_make(void)
{
    struct plain *plain = niva_arena_alloc(arena, sizeof *plain);

    plain->rule_set = (struct niva_rule_set){
        .id = "x",
        .days = {DAY, NIVA_DAY_END},
        .severity = NIVA_BINDING,
        .requirement = {.kind = NIVA_REQUIRE_CONTRACTED,
                        .persons_per_fte = 1,
                        .rounding_step_milli = 1,
                        .rounding_mode = NIVA_ROUND_HALF_UP,
                        .snapshot = NIVA_PREVIOUS_MONTH},
        .counting = {.title_count = 1,
                     .titles = titles,
                     .employments = 0x1e,
                     .absence_threshold_days = 30,
                     .counts_from = NIVA_FROM_FIRST_DAY,
                     .join_gap_days = -1,
                     .hired_cap_permille = -1},
    };
    plain->contracts[0] = (struct niva_contract){
        .days = {DAY, NIVA_DAY_END}, .binding_from = NIVA_DAY_NONE, .minimum_milli = 2000};
    plain->contracts[1] = plain->contracts[0];
    plain->contracts[1].days.from = DAY + 50;
    plain->contracts[1].minimum_milli = 500;
    plain->report = (struct niva_report){
        .id = "r", .effective_from = DAY - 50, .position_count = 1, .positions = &one};
    plain->finding =
        (struct niva_finding){.id = "f", .days = {DAY + 10, DAY + 20}, .counted_milli = 3000};
    plain->facts = (struct niva_facts){
        .open = {NIVA_DAY_NONE, NIVA_DAY_END},
        .known_at = INT64_MAX,
        .rule_set_count = 1,
        .rule_sets = &plain->rule_set,
        .contract_count = 1,
        .contracts = plain->contracts,
        .report_count = 1,
        .reports = &plain->report,
    };
    freeze(&plain->facts, plain->runs, NEXT);
    plain->report.erased = true;
    plain->report.position_count = 0;
    return plain;
}

static void segment_is(const struct niva_timeline *timeline, size_t index, niva_day until,
                       enum niva_status status, int32_t required, int32_t counted)
{
    assert_true(index < timeline->segment_count);
    const struct niva_segment *segment = &timeline->segments[index];
    if (segment->days.until != until || segment->status != status ||
        segment->required_milli != required || segment->counted_milli != counted)
        fail_msg("segment %zu: expected until %d status %d %d of %d, got until %d status %d %d "
                 "of %d",
                 index, until, (int)status, counted, required, segment->days.until,
                 (int)segment->status, segment->counted_milli, segment->required_milli);
}

static void a_finding_outranks_a_frozen_count(void **state)
{
    (void)state;
    struct plain *plain = plain_make();

    plain->facts.finding_count = 1;
    plain->facts.findings = &plain->finding;
    struct niva_timeline timeline = timeline_of(&plain->facts, (struct niva_span){DAY, NEXT});
    assert_int_equal(timeline.segment_count, 3);
    segment_is(&timeline, 0, DAY + 10, NIVA_BELOW_MINIMUM, 2000, 1000);
    segment_is(&timeline, 1, DAY + 20, NIVA_MET, 2000, 3000);
    segment_is(&timeline, 2, NEXT, NIVA_BELOW_MINIMUM, 2000, 1000);
    assert_ptr_equal(timeline.segments[2].report, &plain->report);
}

static void a_contract_still_changes_what_is_required(void **state)
{
    (void)state;
    struct plain *plain = plain_make();

    plain->facts.contract_count = 2;
    struct niva_timeline timeline = timeline_of(&plain->facts, (struct niva_span){DAY, NEXT});
    assert_int_equal(timeline.segment_count, 2);
    segment_is(&timeline, 0, DAY + 50, NIVA_BELOW_MINIMUM, 2000, 1000);
    segment_is(&timeline, 1, NEXT, NIVA_MET, 500, 1000);
}

/* Days that were never counted, and days on which an erased report stands again, are not zero. */
static void unknown_is_not_zero(void **state)
{
    (void)state;
    struct plain *plain = plain_make();

    plain->rule_set.days.from = DAY - 20;
    plain->contracts[0].days.from = DAY - 20;
    struct niva_timeline timeline =
        timeline_of(&plain->facts, (struct niva_span){DAY - 20, NEXT + 10});
    assert_int_equal(timeline.segment_count, 3);
    segment_is(&timeline, 0, DAY, NIVA_NO_REPORT, 2000, 0);
    segment_is(&timeline, 1, NEXT, NIVA_BELOW_MINIMUM, 2000, 1000);
    segment_is(&timeline, 2, NEXT + 10, NIVA_NO_REPORT, 2000, 0);
}

/* Before the erasure was recorded nobody knew the frozen run. */
static void a_frozen_run_is_known_from_its_record_on(void **state)
{
    (void)state;
    struct plain *plain = plain_make();

    plain->runs[0].recorded_at = 1000;
    plain->facts.known_at = 999;
    struct niva_timeline timeline = timeline_of(&plain->facts, (struct niva_span){DAY, NEXT});
    assert_int_equal(timeline.segment_count, 1);
    segment_is(&timeline, 0, NEXT, NIVA_NO_REPORT, 2000, 0);
}

static int reset(void **state)
{
    (void)state;
    niva_arena_reset(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_erased_changes_no_verdict, reset),
        cmocka_unit_test_setup(a_finding_outranks_a_frozen_count, reset),
        cmocka_unit_test_setup(a_contract_still_changes_what_is_required, reset),
        cmocka_unit_test_setup(unknown_is_not_zero, reset),
        cmocka_unit_test_setup(a_frozen_run_is_known_from_its_record_on, reset),
    };
    arena = niva_arena_new(ARENA_BYTES);
    int failed = cmocka_run_group_tests_name("frozen", tests, NULL, NULL);

    niva_arena_free(arena);
    return failed ? 1 : 0;
}
