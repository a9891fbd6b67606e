/* Lines: what a month costs as an adjustment, and what is due of it after decisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compensation/decide_line.h"
#include "tests/support/timelines.h"

#define UNIT "SE2321000016-1001"

static struct niva_arena *arena;

typedef Niva__Compensation__V1__Adjustment Adjustment;

/* July of a unit of a form, after lines that were decided and what was told of dialogues. */
struct july {
    int form;
    int64_t monthly_ore;
    size_t decided_count;
    const Adjustment *const *decided;
    size_t entry_count;
    const struct dialogue_entry *const *entries;
};

static Adjustment *describe_july(const struct july *july)
{
    static const struct run_spec runs[] = {
        RUN_BELOW(1, 10, 2800, 2000, "2022-06-20"), RUN_BELOW(11, 12, 2800, 1800, "2022-06-20"),
        RUN_MET(13, 20, 2800), RUN_BELOW(21, 31, 2800, 2000, "2022-07-21")};
    struct niva_component component = {.id = "a",
                                       .name = "fysioterapi",
                                       .days = {18262, NIVA_DAY_END},
                                       .monthly_ore = july->monthly_ore,
                                       .regulated = true};
    Niva__Compliance__V1__TimelineChanged *timeline =
        timeline_make(arena, UNIT, "2022-07", runs, 4);
    struct line_basis basis = {.timeline = timeline,
                               .decided_count = july->decided_count,
                               .decided = july->decided,
                               .entry_count = july->entry_count,
                               .entries = july->entries,
                               .known_at = INT64_MAX};
    struct amounts amounts;
    struct niva_error err;
    Adjustment *line;
    niva_day today;

    timeline->rule_set = rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    timeline->owner->form = (Niva__Intake__V1__Owner__Form)july->form;
    assert_true(niva_day_parse("2022-07-22", &today));
    basis.amounts = &amounts;
    if (!amounts_compute(timeline, &component, 1, today, arena, &amounts, &err) ||
        !line_describe(&basis, "fysioterapi", NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__RULE,
                       arena, &line, &err))
        fail_msg("%s", err.cause);
    return line;
}

static Adjustment *describe(int form, int64_t monthly_ore)
{
    const struct july july = {.form = form, .monthly_ore = monthly_ore};

    return describe_july(&july);
}

static void test_line_says_all(void **state)
{
    const Niva__Compensation__V1__Adjustment *line =
        describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 8400000);

    (void)state;
    /* 84 000 kr / 31 × (10 × 0,8 + 2 × 1,0 + 2 × 0,8) / 2,8 */
    assert_int_equal(line->deduction_ore, 1122581);
    assert_int_equal(line->computed_ore, 1122581);
    assert_int_equal(line->computed_total_ore, 1122581);
    assert_string_equal(line->unit, UNIT);
    assert_string_equal(line->component, "fysioterapi");
    assert_string_equal(line->profession_group, "fysioterapeut");
    assert_string_equal(line->period, "2022-07");
    assert_string_equal(line->rule_set_id, "fysioterapi-2022");
    assert_int_equal(line->rule_set_version, 1);
    assert_string_equal(line->owner, "5566778899");
    assert_string_equal(line->unit_name, "Vårdcentralen Åkern (fiktiv)");
    assert_int_equal(line->kind, NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL);
    assert_int_equal(line->cause, NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__RULE);
    assert_int_equal(line->below_days, 14);
    assert_int_equal(line->n_breach_ids, 2);
    assert_string_equal(line->breach_ids[0], "b-2022-06-20");
    assert_string_equal(line->breach_ids[1], "b-2022-07-21");
}

static void test_form_decides_the_channel_alone(void **state)
{
    static const struct {
        int form;
        int channel;
    } cases[] = {
        {NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN,
         NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL},
        {NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD,
         NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL},
        {NIVA__INTAKE__V1__OWNER__FORM__PRIVATE,
         NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const Niva__Compensation__V1__Adjustment *line = describe(cases[i].form, 8400000);

        assert_int_equal(line->form, cases[i].form);
        assert_int_equal(line->channel, cases[i].channel);
        assert_int_equal(line->deduction_ore, 1122581);
    }
}

static void test_compare(void **state)
{
    Adjustment *line = describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 8400000);
    Adjustment other = *line;

    (void)state;
    assert_null(describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 0));
    assert_int_equal(line_compare(NULL, NULL, true), LINE_ENDED_FREE);
    assert_int_equal(line_compare(line, NULL, false), LINE_RUNS_FREE);
    assert_int_equal(line_compare(NULL, line, true), LINE_ENDED_OTHER);
    other.below_days++;
    other.unit_name = text_make(arena, "Nytt namn");
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_SAME);
    assert_int_equal(line_compare(line, &other, false), LINE_RUNS_SAME);
    other.computed_ore++;
    assert_int_equal(line_compare(line, &other, false), LINE_RUNS_OTHER);
    other = *line;
    other.computed_total_ore++; /* the same difference of another month's amount */
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_OTHER);
    other = *line;
    other.rule_set_version++;
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_OTHER);
    other = *line;
    other.rule_set_id = text_make(arena, "annan");
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_OTHER);
    other = *line;
    other.owner = text_make(arena, "5560360793");
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_OTHER);
    other = *line;
    other.form = NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD;
    assert_int_equal(line_compare(line, &other, true), LINE_ENDED_OTHER);
}

/* A line as decided: the month's amount, the line's own, what it takes. */
static const Adjustment *decided(int64_t total_ore, int64_t computed_ore, int64_t deduction_ore)
{
    Adjustment *line = niva_arena_alloc(arena, sizeof *line);

    assert_non_null(line);
    *line = (Adjustment)NIVA__COMPENSATION__V1__ADJUSTMENT__INIT;
    line->computed_total_ore = total_ore;
    line->computed_ore = computed_ore;
    line->deduction_ore = deduction_ore;
    return line;
}

/* July costs 11 225,81 kr: what is due of it after decisions. */
static void test_difference(void **state)
{
    const Adjustment *const approved[] = {decided(1000000, 1000000, 1000000)};
    const Adjustment *const waived[] = {decided(1122581, 1122581, 0)};
    struct july july = {.form = NIVA__INTAKE__V1__OWNER__FORM__PRIVATE,
                        .monthly_ore = 8400000,
                        .decided_count = 1,
                        .decided = approved};
    const Adjustment *line = describe_july(&july);

    (void)state;
    assert_int_equal(line->kind, NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE);
    assert_int_equal(line->computed_ore, 122581);
    assert_int_equal(line->deduction_ore, 122581);
    assert_int_equal(line->computed_total_ore, 1122581);
    assert_false(line_is_money_back(line));
    july.monthly_ore = 0;
    line = describe_july(&july);
    assert_int_equal(line->computed_ore, -1000000);
    assert_int_equal(line->computed_total_ore, 0);
    assert_true(line_is_money_back(line));
    july.monthly_ore = 8400000;
    july.decided = waived;
    assert_null(describe_july(&july));
}

static const struct dialogue_entry *said(enum dialogue_kind kind, const char *breach_id,
                                         niva_instant at)
{
    struct dialogue_entry *entry = niva_arena_alloc(arena, sizeof *entry);

    assert_non_null(entry);
    *entry = (struct dialogue_entry){
        .kind = kind, .breach_id = breach_id, .at = at, .answer_by = NIVA_DAY_NONE};
    return entry;
}

/* The unit has been told when it was told of both breaches behind July; money back is not asked
 * about. */
static void test_dialogue(void **state)
{
    const struct dialogue_entry *const entries[] = {said(DIALOGUE_OPENED, "b-2022-06-20", 1000),
                                                    said(DIALOGUE_OPENED, "b-2022-07-21", 3000),
                                                    said(DIALOGUE_ANSWERED, "b-2022-06-20", 5000),
                                                    said(DIALOGUE_ANSWERED, "b-2022-07-21", 4000)};
    const Adjustment *const approved[] = {decided(2000000, 2000000, 2000000)};
    struct july july = {.form = NIVA__INTAKE__V1__OWNER__FORM__PRIVATE,
                        .monthly_ore = 8400000,
                        .entry_count = 1,
                        .entries = entries};
    niva_instant at;

    (void)state;
    assert_null(describe_july(&july)->communicated_at);
    july.entry_count = 3;
    assert_true(niva_wire_instant(describe_july(&july)->communicated_at, &at));
    assert_int_equal(at, 3000);
    assert_null(describe_july(&july)->answered_at);
    july.entry_count = 4;
    assert_true(niva_wire_instant(describe_july(&july)->answered_at, &at));
    assert_int_equal(at, 5000);
    july.decided_count = 1;
    july.decided = approved;
    assert_true(line_is_money_back(describe_july(&july)));
    assert_null(describe_july(&july)->communicated_at);
}

static void test_shown_without_free_text(void **state)
{
    Adjustment *line = describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 8400000);
    const Adjustment *shown;

    (void)state;
    line->statement = text_make(arena, "Vi har annonserat.");
    line->statement_response = text_make(arena, "Annonserna räcker inte.");
    line->reason = text_make(arena, "Rekryteringen styrkt.");
    line->case_number = text_make(arena, "FIKTIV-1");
    shown = line_shown(line, arena);
    assert_string_equal(shown->statement, "");
    assert_string_equal(shown->statement_response, "");
    assert_string_equal(shown->reason, "");
    assert_string_equal(shown->case_number, "FIKTIV-1");
    assert_string_equal(line->reason, "Rekryteringen styrkt.");
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
        cmocka_unit_test_setup_teardown(test_line_says_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_decides_the_channel_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_compare, setup, teardown),
        cmocka_unit_test_setup_teardown(test_difference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dialogue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shown_without_free_text, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
