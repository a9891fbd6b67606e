/* Compensation over a real database: what becomes of a month as its facts and the days go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/compensation_rig.h"

#define U1 "SE2321000016-1001"
#define U2 "SE2321000016-1002"

#define PRELIMINARY NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY
#define PROPOSED    NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED
#define SUPERSEDED  NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED

static struct cluster *cluster;
static struct rig rig;

static const struct run_spec met[] = {RUN_MET(1, 31, 2800)};
static const struct run_spec below[] = {RUN_MET(1, 3, 2800),
                                        RUN_BELOW(4, 31, 2800, 2000, "2022-07-04")};
static const struct run_spec worse[] = {RUN_MET(1, 3, 2800),
                                        RUN_BELOW(4, 31, 2800, 1000, "2022-07-04")};
static const struct run_spec split[] = {RUN_MET(1, 3, 2800),
                                        RUN_BELOW(4, 20, 2800, 2000, "2022-07-04"),
                                        RUN_BELOW(21, 31, 2800, 2000, "2022-07-04")};

/* July 2022 of a unit, by PRO_RATA. */
static Niva__Compliance__V1__TimelineChanged *july(const char *unit, const struct run_spec *runs,
                                                   size_t count)
{
    Niva__Compliance__V1__TimelineChanged *timeline =
        timeline_make(rig.arena, unit, "2022-07", runs, count);

    timeline->rule_set =
        rule_set_make(rig.arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    return timeline;
}

#define JULY(unit, runs) july(unit, runs, sizeof runs / sizeof runs[0])

static void line_is(const Adjustment *line, int state, int64_t deduction_ore, int version)
{
    assert_non_null(line);
    assert_int_equal(line->deduction_ore, deduction_ore);
    assert_int_equal(line->computed_ore, deduction_ore);
    assert_int_equal(line->computed_total_ore, deduction_ore);
    assert_int_equal(line->state, state);
    assert_int_equal(line->version, version);
    assert_int_equal(line->kind, NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL);
}

/* 84 000 kr a month and July below the minimum from the fourth, told on the first of July. */
static void july_tell(const char *unit)
{
    rig_put(&rig, unit, "fysioterapi", "2020-01-01", "", 8400000);
    rig_day(&rig, "2022-07-01");
    rig_month(&rig, JULY(unit, below));
    rig_apply(&rig);
}

static void test_grows_day_by_day(void **state)
{
    int64_t head;
    char *id;

    (void)state;
    july_tell(U1);
    assert_null(rig_line(&rig, U1, "2022-07"));
    head = rig_head(&rig);
    rig_days(&rig, "2022-07-02", "2022-07-03");
    rig_apply(&rig);
    assert_null(rig_line(&rig, U1, "2022-07"));
    rig_day(&rig, "2022-07-04");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PRELIMINARY, 77419, 0);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    rig_day(&rig, "2022-07-05");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PRELIMINARY, 154839, 0);
    assert_int_equal(rig_line(&rig, U1, "2022-07")->below_days, 2);
    rig_days(&rig, "2022-07-06", "2022-07-31");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PRELIMINARY, 2167742, 0);
    assert_string_equal(rig_line(&rig, U1, "2022-07")->adjustment_id, id);
    assert_int_equal(rig_head(&rig), head); /* no events while it is preliminary */
}

static void test_proposed_at_the_turn(void **state)
{
    struct niva_event *events;
    const Niva__Compensation__V1__AdjustmentProposed *data;
    Adjustment *line;
    int64_t head;
    char *id;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-07-31");
    rig_apply(&rig);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    head = rig_head(&rig);
    rig_day(&rig, "2022-08-01");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    line_is(line, PROPOSED, 2167742, 1);
    assert_string_equal(line->adjustment_id, id);
    assert_int_equal(line->below_days, 28);
    assert_string_equal(line->unit_name, "Vårdcentralen Åkern (fiktiv)");
    assert_string_equal(line->owner, "5566778899");
    assert_int_equal(line->channel, NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET);
    assert_int_equal(line->cause, NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__PROVIDER_FACT);
    assert_int_equal(line->n_breach_ids, 1);
    assert_string_equal(line->breach_ids[0], "b-2022-07-04");
    assert_int_equal(rig_stream(&rig, head, &events), 1);
    assert_string_equal(events[0].type, "se.niva.compensation.adjustment.proposed.v1");
    assert_string_equal(events[0].subject, U1);
    data = (const Niva__Compensation__V1__AdjustmentProposed *)events[0].data;
    assert_string_equal(data->adjustment->adjustment_id, id);
    assert_int_equal(data->adjustment->deduction_ore, 2167742);
    assert_int_equal(data->adjustment->state, PROPOSED);
    /* and then it stands still */
    rig_days(&rig, "2022-08-02", "2022-09-02");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    assert_int_equal(rig_head(&rig), head + 1);
}

static void test_superseded_by_another_amount(void **state)
{
    struct niva_event *events;
    Adjustment **lines;
    Adjustment *old;
    Adjustment *new;
    int64_t head;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-05");
    rig_apply(&rig);
    old = rig_line(&rig, U1, "2022-07");
    head = rig_head(&rig);
    rig_month(&rig, JULY(U1, worse));
    rig_apply(&rig);
    new = rig_line(&rig, U1, "2022-07");
    line_is(new, PROPOSED, 4877419, 1); /* 84 000 × 28 / 31 × 1,8 / 2,8 */
    assert_string_not_equal(new->adjustment_id, old->adjustment_id);
    assert_int_equal(rig_list(&rig, false, &lines), 1);
    assert_int_equal(rig_list(&rig, true, &lines), 3);
    line_is(lines[0], PROPOSED, 2167742, 1);
    line_is(lines[1], SUPERSEDED, 2167742, 2);
    assert_string_equal(lines[1]->adjustment_id, old->adjustment_id);
    assert_string_equal(lines[1]->superseded_by, new->adjustment_id);
    line_is(lines[2], PROPOSED, 4877419, 1);
    assert_int_equal(rig_stream(&rig, head, &events), 2);
    assert_string_equal(events[0].type, "se.niva.compensation.adjustment.superseded.v1");
    assert_string_equal(events[1].type, "se.niva.compensation.adjustment.proposed.v1");
    /* each is explained as it was computed */
    assert_int_equal(rig_explain(&rig, old->adjustment_id, INT64_MAX)->adjustment->deduction_ore,
                     2167742);
    assert_int_equal(rig_explain(&rig, new->adjustment_id, INT64_MAX)->adjustment->deduction_ore,
                     4877419);
}

static void test_same_money_keeps_its_id(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline;
    Explanation *explanation;
    Adjustment **lines;
    niva_instant before;
    int64_t head;
    char *id;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-05");
    rig_apply(&rig);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    head = rig_head(&rig);
    before = rig.now - 1;
    timeline = JULY(U1, split);
    timeline->cause = NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__PURCHASER_FACT;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 2);
    assert_string_equal(rig_line(&rig, U1, "2022-07")->adjustment_id, id);
    assert_int_equal(rig_line(&rig, U1, "2022-07")->cause,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__PROVIDER_FACT);
    assert_int_equal(rig_head(&rig), head); /* no money moved: nobody is told */
    assert_int_equal(rig_list(&rig, true, &lines), 2);
    /* now by the new facts, then by the old ones */
    explanation = rig_explain(&rig, id, INT64_MAX);
    assert_int_equal(explanation->n_lines, 4);
    assert_int_equal(explanation->adjustment->version, 2);
    explanation = rig_explain(&rig, id, before);
    assert_int_equal(explanation->n_lines, 3);
    assert_int_equal(explanation->adjustment->version, 1);
}

static void test_another_rule_version_is_another_proposal(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline;
    char *id;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-05");
    rig_apply(&rig);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    timeline = JULY(U1, below);
    timeline->rule_set->version = 2;
    timeline->cause = NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__RULE;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    assert_string_not_equal(rig_line(&rig, U1, "2022-07")->adjustment_id, id);
    assert_int_equal(rig_line(&rig, U1, "2022-07")->rule_set_version, 2);
    assert_int_equal(rig_line(&rig, U1, "2022-07")->cause,
                     NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__RULE);
}

static void test_lapses_and_comes_back(void **state)
{
    struct niva_event *events;
    Adjustment **lines;
    int64_t head;
    char *id;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-05");
    rig_apply(&rig);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    head = rig_head(&rig);
    rig_month(&rig, JULY(U1, met));
    rig_apply(&rig);
    assert_null(rig_line(&rig, U1, "2022-07"));
    assert_int_equal(rig_list(&rig, true, &lines), 2);
    line_is(lines[1], SUPERSEDED, 2167742, 2);
    assert_string_equal(lines[1]->superseded_by, "");
    assert_int_equal(rig_stream(&rig, head, &events), 1);
    assert_string_equal(events[0].type, "se.niva.compensation.adjustment.superseded.v1");
    /* what comes back is a new proposal */
    rig_month(&rig, JULY(U1, below));
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    assert_string_not_equal(rig_line(&rig, U1, "2022-07")->adjustment_id, id);
}

static void test_preliminary_vanishes(void **state)
{
    Adjustment **lines;
    int64_t head;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-07-10");
    rig_apply(&rig);
    assert_non_null(rig_line(&rig, U1, "2022-07"));
    head = rig_head(&rig);
    rig_month(&rig, JULY(U1, met));
    rig_apply(&rig);
    assert_int_equal(rig_list(&rig, true, &lines), 0);
    rig_days(&rig, "2022-07-11", "2022-08-02");
    rig_apply(&rig);
    assert_int_equal(rig_list(&rig, true, &lines), 0);
    assert_int_equal(rig_head(&rig), head);
}

/* Facts that come too late of a month that has ended. */
static void test_late_month_is_proposed_at_once(void **state)
{
    (void)state;
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", 8400000);
    rig_days(&rig, "2022-09-01", "2022-09-02");
    rig_month(&rig, JULY(U1, below));
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
}

/* Months may be told before any day has begun. */
static void test_first_day_takes_up_what_was_told(void **state)
{
    (void)state;
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", 8400000);
    rig_month(&rig, JULY(U1, below));
    rig_put(&rig, U2, "fysioterapi", "2020-01-01", "", 8400000);
    rig_month(&rig, JULY(U2, worse));
    rig_apply(&rig);
    assert_null(rig_line(&rig, U1, "2022-07"));
    rig_day(&rig, "2022-08-15");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    line_is(rig_line(&rig, U2, "2022-07"), PROPOSED, 4877419, 1);
}

static void test_component_after_the_fact(void **state)
{
    Explanation *explanation;
    Adjustment *line;
    char *id;

    (void)state;
    rig_day(&rig, "2022-07-01");
    rig_month(&rig, JULY(U1, below));
    rig_days(&rig, "2022-07-02", "2022-07-31");
    rig_apply(&rig);
    assert_null(rig_line(&rig, U1, "2022-07"));
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", 8400000);
    line = rig_line(&rig, U1, "2022-07");
    line_is(line, PRELIMINARY, 2167742, 0);
    assert_int_equal(line->cause, NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__PURCHASER_FACT);
    /* in mid-month another amount */
    rig_put(&rig, U1, "fysioterapi", "2022-07-16", "", 4200000);
    line_is(rig_line(&rig, U1, "2022-07"), PRELIMINARY, 1548387, 0);
    rig_day(&rig, "2022-08-01");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 1548387, 1);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    /* the second amount is put right: 12 days of 84 000 kr, 16 of 42 000 became 0 */
    rig_put(&rig, U1, "fysioterapi", "2022-07-16", "", 0);
    line = rig_line(&rig, U1, "2022-07");
    line_is(line, PROPOSED, 929032, 1);
    assert_string_not_equal(line->adjustment_id, id);
    explanation = rig_explain(&rig, line->adjustment_id, INT64_MAX);
    assert_int_equal(explanation->n_lines, 4);
    explanation = rig_explain(&rig, id, INT64_MAX);
    assert_int_equal(explanation->adjustment->deduction_ore, 1548387);
    /* and once more: five days of the same, then the first amount holds again */
    rig_put(&rig, U1, "fysioterapi", "2022-07-16", "2022-07-20", 8400000);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
}

/* A version that takes days away moves the months of those days too. */
static void test_component_shortened(void **state)
{
    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-02");
    rig_apply(&rig);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "2021-12-31", 8400000);
    assert_null(rig_line(&rig, U1, "2022-07"));
}

/* Another component leaves a proposal of the same money as it is. */
static void test_other_component(void **state)
{
    Niva__Compensation__V1__PutComponentRequest *put;
    Niva__Compensation__V1__PutComponentResponse *reply;
    Adjustment **lines;
    struct niva_error err;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-02");
    rig_apply(&rig);
    rig_put(&rig, U1, "rehab", "2022-01-01", "", 1000000);
    line_is(rig_line(&rig, U1, "2022-07"), PROPOSED, 2167742, 1);
    assert_int_equal(rig_list(&rig, false, &lines), 2);
    assert_string_equal(lines[1]->component, "rehab");
    line_is(lines[1], PROPOSED, 258065, 1);
    /* not regulated any more */
    put = rig_put_make(&rig, U1, "rehab", "2022-01-01", "", 1000000);
    put->component->regulated = false;
    assert_true(rig_call_put(&rig, put, &reply, &err));
    assert_int_equal(rig_list(&rig, false, &lines), 1);
    assert_int_equal(reply->component->version, 2);
}

static void test_form_never_matters(void **state)
{
    static const char *const units[] = {U1, U2, "SE2321000016-1003"};
    static const int channels[] = {NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL,
                                   NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__INTERNAL,
                                   NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET};

    (void)state;
    rig_day(&rig, "2022-07-01");
    for (size_t i = 0; i < 3; i++) {
        Niva__Compliance__V1__TimelineChanged *timeline = JULY(units[i], below);

        timeline->owner->form = (Niva__Intake__V1__Owner__Form)(i + 1);
        rig_month(&rig, timeline);
        rig_put(&rig, units[i], "fysioterapi", "2020-01-01", "", 8400000);
    }
    rig_days(&rig, "2022-07-02", "2022-08-01");
    rig_apply(&rig);
    for (size_t i = 0; i < 3; i++) {
        Adjustment *line = rig_line(&rig, units[i], "2022-07");

        line_is(line, PROPOSED, 2167742, 1);
        assert_int_equal(line->form, i + 1);
        assert_int_equal(line->channel, channels[i]);
    }
}

static void test_guide_and_unregistered_cost_nothing(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline = JULY(U1, below);
    Adjustment **lines;

    (void)state;
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", 8400000);
    rig_put(&rig, U2, "fysioterapi", "2020-01-01", "", 8400000);
    timeline->rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE;
    rig_day(&rig, "2022-07-01");
    rig_month(&rig, timeline);
    timeline = JULY(U2, below);
    timeline->registered_unit = NULL;
    timeline->owner = NULL;
    rig_month(&rig, timeline);
    rig_days(&rig, "2022-07-02", "2022-08-02");
    rig_apply(&rig);
    assert_int_equal(rig_list(&rig, true, &lines), 0);
}

/* Before there was a version the facts of that instant are explained, also where they cost nothing.
 */
static void test_explained_as_known(void **state)
{
    Explanation *explanation;
    niva_instant third;
    niva_instant fifth;
    char *id;

    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-07-03");
    third = rig.now;
    rig_days(&rig, "2022-07-04", "2022-07-05");
    fifth = rig.now;
    rig_days(&rig, "2022-07-06", "2022-08-01");
    rig_apply(&rig);
    id = rig_line(&rig, U1, "2022-07")->adjustment_id;
    explanation = rig_explain(&rig, id, fifth);
    line_is(explanation->adjustment, PRELIMINARY, 154839, 0);
    assert_int_equal(explanation->adjustment->below_days, 2);
    explanation = rig_explain(&rig, id, third);
    line_is(explanation->adjustment, PRELIMINARY, 0, 0);
    assert_string_equal(explanation->remark_sv, "Formeln är ett antagande.");
    assert_string_equal(explanation->remark_en, "The formula is an assumption.");
    explanation = rig_explain(&rig, id, rig.now);
    line_is(explanation->adjustment, PROPOSED, 2167742, 1);
}

/* A day that changes nothing writes nothing but today and the cursor. */
static void test_idle_days_cost_nothing(void **state)
{
    (void)state;
    july_tell(U1);
    rig_days(&rig, "2022-07-02", "2022-08-01");
    rig_apply(&rig);
    cluster_sql(cluster, rig.database,
                "CREATE TABLE trace (n bigint); "
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN INSERT INTO public.trace VALUES (1); RETURN NULL; END $$; "
                "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON compensation.adjustment "
                "FOR EACH ROW EXECUTE FUNCTION note()");
    rig_days(&rig, "2022-08-02", "2022-12-31");
    rig_apply(&rig);
    assert_string_equal(cluster_sql(cluster, rig.database, "SELECT count(*) FROM trace"), "0");
    assert_string_equal(cluster_sql(cluster, rig.database, "SELECT day FROM compensation.today"),
                        "2022-12-31");
}

/* What can't be applied stops the stream and changes nothing. */
static void test_poison_stops(void **state)
{
    static const struct run_spec gap[] = {RUN_MET(1, 3, 2800), RUN_MET(5, 31, 2800)};
    struct niva_error err;
    Adjustment **lines;

    (void)state;
    july_tell(U1);
    rig_month(&rig, JULY(U1, gap));
    assert_false(rig_try(&rig, &err));
    rig.position--;
    rig_day(&rig, "2022-06-30");
    assert_false(rig_try(&rig, &err));
    rig.position--;
    rig_tell(&rig, "se.niva.compliance.timeline.changed.v1", U1, NULL);
    assert_false(rig_try(&rig, &err));
    rig.position--;
    /* other events pass by; the stream goes on */
    rig_tell(&rig, "se.niva.compliance.breach.opened.v1", U1, NULL);
    rig_days(&rig, "2022-07-02", "2022-08-01");
    rig_apply(&rig);
    assert_int_equal(rig_list(&rig, false, &lines), 1);
    line_is(lines[0], PROPOSED, 2167742, 1);
}

static int setup(void **state)
{
    (void)state;
    rig_open(&rig, cluster);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static int group_setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    cluster = cluster_free(cluster);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_grows_day_by_day),
        TEST(test_proposed_at_the_turn),
        TEST(test_superseded_by_another_amount),
        TEST(test_same_money_keeps_its_id),
        TEST(test_another_rule_version_is_another_proposal),
        TEST(test_lapses_and_comes_back),
        TEST(test_preliminary_vanishes),
        TEST(test_late_month_is_proposed_at_once),
        TEST(test_first_day_takes_up_what_was_told),
        TEST(test_component_after_the_fact),
        TEST(test_component_shortened),
        TEST(test_other_component),
        TEST(test_form_never_matters),
        TEST(test_guide_and_unregistered_cost_nothing),
        TEST(test_explained_as_known),
        TEST(test_idle_days_cost_nothing),
        TEST(test_poison_stops),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
