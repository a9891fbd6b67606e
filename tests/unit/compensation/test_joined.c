/* Months as they may be told to everybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/compensation/joined.h"
#include "tests/support/timelines.h"

typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

static struct niva_arena *arena;

static int arena_open(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int arena_close(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

/* July, below from the fourth: on the twelfth somebody goes away who is covered in full. */
static TimelineChanged *july(void)
{
    static const struct run_spec runs[] = {
        RUN_MET(1, 3, 2800),
        RUN_BELOW(4, 11, 2800, 2000, "2022-07-04"),
        RUN_BELOW(12, 31, 2800, 2000, "2022-07-04"),
    };
    static char absence[] = "a";
    static char *absences[] = {absence};
    TimelineChanged *timeline = timeline_make(arena, "SE2321000016-1001", "2022-07", runs, 3);

    timeline->runs[2]->segment->n_absence_ids = 1;
    timeline->runs[2]->segment->absence_ids = absences;
    return timeline;
}

static void days_of_an_absence_are_not_told(void **state)
{
    (void)state;
    const TimelineChanged *timeline = july();
    const TimelineChanged *joined = timeline_joined(timeline, arena);

    assert_non_null(joined);
    assert_int_equal(joined->n_runs, 2);
    assert_string_equal(joined->runs[0]->segment->last_day, "2022-07-03");
    assert_string_equal(joined->runs[1]->segment->first_day, "2022-07-04");
    assert_string_equal(joined->runs[1]->segment->last_day, "2022-07-31");
    assert_int_equal(joined->runs[1]->segment->n_absence_ids, 0);
    assert_string_equal(joined->runs[1]->segment->report_id, "");
    assert_int_equal(timeline->n_runs, 3); /* the given one is as it was */
    assert_string_equal(timeline->runs[1]->segment->last_day, "2022-07-11");
    assert_string_equal(timeline->runs[1]->segment->report_id, "r");
    assert_int_equal(timeline->runs[2]->segment->n_absence_ids, 1);
}

static void apart_expect(TimelineChanged *timeline)
{
    const TimelineChanged *joined = timeline_joined(timeline, arena);

    assert_non_null(joined);
    assert_int_equal(joined->n_runs, 3);
}

static void what_is_judged_differently_stays_apart(void **state)
{
    (void)state;
    TimelineChanged *timeline = july();

    timeline->runs[2]->segment->counted_milli = 1999;
    apart_expect(timeline);
    timeline = july();
    timeline->runs[2]->segment->finding_id = text_make(arena, "f");
    apart_expect(timeline);
    timeline = july();
    timeline->runs[2]->segment->dispensation_id = text_make(arena, "d");
    apart_expect(timeline);
    timeline = july();
    timeline->runs[2]->segment->rule_set_version = 7;
    apart_expect(timeline);
    timeline = july();
    timeline->runs[2]->breach_id = text_make(arena, "another");
    apart_expect(timeline);
    timeline = july();
    timeline->runs[2]->grace_days = 3;
    apart_expect(timeline);
}

static void no_memory_is_no_timeline(void **state)
{
    (void)state;
    const TimelineChanged *timeline = july();
    struct niva_arena *small = niva_arena_new(64);

    assert_null(timeline_joined(timeline, small));
    niva_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_of_an_absence_are_not_told),
        cmocka_unit_test(what_is_judged_differently_stays_apart),
        cmocka_unit_test(no_memory_is_no_timeline),
    };
    int failed = cmocka_run_group_tests(tests, arena_open, arena_close);

    return failed ? 1 : 0;
}
