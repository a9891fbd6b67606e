/* Lines: the table says what becomes of each, for everything that can come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/decide_line.h"
#include "tests/support/timelines.h"

#define UNIT "SE2321000016-1001"

static struct niva_arena *arena;

/* Every state, on both sides of the month's end, has exactly one edge for each finding that can be
 * made of it. */
static void test_table_is_whole(void **state)
{
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (line_edge_find(edges[i].from, edges[i].ended, edges[i].finding) != &edges[i])
            fail_msg("edge %zu is there twice", i);
        assert_true(strlen(edges[i].sentence) > 20);
        assert_true(!edges[i].successor || edges[i].to == LINE_SUPERSEDED);
    }
    for (int ended = 0; ended < 2; ended++) {
        assert_non_null(line_edge_find(LINE_NONE, ended, LINE_COSTS_NOTHING));
        assert_non_null(line_edge_find(LINE_NONE, ended, LINE_COSTS_OTHER));
        for (int finding = LINE_COSTS_NOTHING; finding <= LINE_COSTS_OTHER; finding++) {
            assert_non_null(line_edge_find(LINE_PRELIMINARY, ended, (enum line_finding)finding));
            assert_true((line_edge_find(LINE_PROPOSED, ended, (enum line_finding)finding) !=
                         NULL) == (ended == 1));
        }
    }
    assert_null(line_edge_find(LINE_SUPERSEDED, true, LINE_COSTS_OTHER));
}

/* The page of the service tells the same table. */
static void test_readme_tells_each_edge(void **state)
{
    static char page[65536];
    size_t count;
    const struct line_edge *edges = line_edges(&count);
    FILE *file = fopen(SOURCE_ROOT "/services/compensation/README.md", "r");

    (void)state;
    assert_non_null(file);
    assert_true(fread(page, 1, sizeof page - 1, file) > 0);
    fclose(file);
    for (size_t i = 0; i < count; i++)
        if (strstr(page, edges[i].sentence) == NULL)
            fail_msg("the page does not say: %s", edges[i].sentence);
}

static void test_only_a_proposal_is_superseded(void **state)
{
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_true((edges[i].to == LINE_SUPERSEDED) ==
                    (edges[i].from == LINE_PROPOSED && edges[i].finding != LINE_COSTS_THE_SAME));
        assert_true(edges[i].to != LINE_PRELIMINARY || !edges[i].ended);
        assert_true(edges[i].to != LINE_PROPOSED || edges[i].ended);
    }
}

static Niva__Compensation__V1__Adjustment *describe(int form, int64_t monthly_ore)
{
    static const struct run_spec july[] = {
        RUN_BELOW(1, 10, 2800, 2000, "2022-06-20"), RUN_BELOW(11, 12, 2800, 1800, "2022-06-20"),
        RUN_MET(13, 20, 2800), RUN_BELOW(21, 31, 2800, 2000, "2022-07-21")};
    struct niva_component component = {.id = "a",
                                       .name = "fysioterapi",
                                       .days = {18262, NIVA_DAY_END},
                                       .monthly_ore = monthly_ore,
                                       .regulated = true};
    Niva__Compliance__V1__TimelineChanged *timeline =
        timeline_make(arena, UNIT, "2022-07", july, 4);
    Niva__Compensation__V1__Adjustment *line;
    struct amounts amounts;
    struct niva_error err;
    niva_day today;

    timeline->rule_set = rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    timeline->owner->form = (Niva__Intake__V1__Owner__Form)form;
    assert_true(niva_day_parse("2022-07-22", &today));
    if (!amounts_compute(timeline, &component, 1, today, arena, &amounts, &err) ||
        !line_describe(timeline, &amounts, "fysioterapi",
                       NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__RULE, arena, &line, &err))
        fail_msg("%s", err.cause);
    return line;
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
    Niva__Compensation__V1__Adjustment *line =
        describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 8400000);
    Niva__Compensation__V1__Adjustment other = *line;

    (void)state;
    assert_null(describe(NIVA__INTAKE__V1__OWNER__FORM__PRIVATE, 0));
    assert_int_equal(line_compare(NULL, NULL), LINE_COSTS_NOTHING);
    assert_int_equal(line_compare(line, NULL), LINE_COSTS_NOTHING);
    assert_int_equal(line_compare(NULL, line), LINE_COSTS_OTHER);
    other.below_days++;
    other.unit_name = text_make(arena, "Nytt namn");
    assert_int_equal(line_compare(line, &other), LINE_COSTS_THE_SAME);
    other.deduction_ore++;
    assert_int_equal(line_compare(line, &other), LINE_COSTS_OTHER);
    other = *line;
    other.rule_set_version++;
    assert_int_equal(line_compare(line, &other), LINE_COSTS_OTHER);
    other = *line;
    other.rule_set_id = text_make(arena, "annan");
    assert_int_equal(line_compare(line, &other), LINE_COSTS_OTHER);
    other = *line;
    other.owner = text_make(arena, "5560360793");
    assert_int_equal(line_compare(line, &other), LINE_COSTS_OTHER);
    other = *line;
    other.form = NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD;
    assert_int_equal(line_compare(line, &other), LINE_COSTS_OTHER);
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
        cmocka_unit_test_setup_teardown(test_table_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_readme_tells_each_edge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_a_proposal_is_superseded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_line_says_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_decides_the_channel_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_compare, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
