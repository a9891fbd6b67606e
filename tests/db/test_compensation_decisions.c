/* Decisions over a real database: who may take them and when, what they leave behind, and what
 * facts make of them afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compensation/decide.h"
#include "tests/support/compensation_rig.h"

#define U1 "SE2321000016-1001"

/* July of U1, from the fourth on: 310 000 kr a month and 1,00 required make 10 000 kr a day and
 * whole FTE. */
#define MONTHLY INT64_C(31000000)
#define DAY_ORE INT64_C(1000000)

static struct cluster *cluster;
static struct rig rig;

/* So many days below the minimum, from the fourth, by nobody there; 0: none. */
static Niva__Compliance__V1__TimelineChanged *july(int days)
{
    const struct run_spec runs[] = {RUN_MET(1, 3, 1000),
                                    RUN_BELOW(4, 3 + days, 1000, 0, "2022-07-04"),
                                    RUN_MET(4 + days, 31, 1000)};
    const struct run_spec met[] = {RUN_MET(1, 31, 1000)};
    Niva__Compliance__V1__TimelineChanged *timeline =
        days == 0 ? timeline_make(rig.arena, U1, "2022-07", met, 1)
                  : timeline_make(rig.arena, U1, "2022-07", runs, days == 28 ? 2 : 3);

    timeline->rule_set =
        rule_set_make(rig.arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    return timeline;
}

/* July costs so many days, and facts tell it in August. */
static Adjustment *july_told(int days)
{
    rig_month(&rig, july(days));
    rig_apply(&rig);
    return rig_line(&rig, U1, "2022-07");
}

static Adjustment *july_ended(int days)
{
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", MONTHLY);
    rig_day(&rig, "2022-07-01");
    rig_days(&rig, "2022-07-02", "2022-08-05");
    return july_told(days);
}

static void open_is(const Adjustment *line, int64_t computed_ore, int64_t total_ore, int kind)
{
    assert_non_null(line);
    assert_int_equal(line->computed_ore, computed_ore);
    assert_int_equal(line->deduction_ore, computed_ore);
    assert_int_equal(line->computed_total_ore, total_ore);
    assert_int_equal(line->kind, kind);
    rig_explain(&rig, line->adjustment_id, INT64_MAX);
}

#define ORIGINAL   NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__ORIGINAL
#define DIFFERENCE NIVA__COMPENSATION__V1__ADJUSTMENT__KIND__DIFFERENCE

static void refused(bool done, const struct niva_error *err, const char *reason)
{
    assert_false(done);
    if (err->violation_count != 1 || strcmp(err->violations[0].reason, reason) != 0)
        fail_msg("expected %s, actual %s (%s, %zu in all)", reason,
                 err->violation_count > 0 ? err->violations[0].reason : "nothing", err->text_en,
                 err->violation_count);
}

static void refused_decision(const Adjustment *line, enum rig_decision decision,
                             const char *principal, const char *reason)
{
    Adjustment *decided;
    struct niva_error err;
    bool done = rig_decide(&rig, line, decision, 0, principal, &decided, &err);

    refused(done, &err, reason);
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
}

/* A line as it is now. */
static Adjustment *line_get(const char *id)
{
    Niva__Compensation__V1__GetAdjustmentRequest get =
        NIVA__COMPENSATION__V1__GET_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    get.adjustment_id = (char *)(uintptr_t)id;
    if (!rig_read(&rig, "AdjustmentService/GetAdjustment", &get.base, &reply, &err))
        fail_msg("%s", err.text_en);
    return ((Niva__Compensation__V1__GetAdjustmentResponse *)reply)->adjustment;
}

/* ---- decided, and moved by facts ---- */

static void test_approved_and_back(void **state)
{
    Adjustment *line = july_ended(24);

    (void)state;
    open_is(line, 24 * DAY_ORE, 24 * DAY_ORE, ORIGINAL);
    line = rig_settle(&rig, line, RIG_APPROVE, 0);
    assert_int_equal(line->state, LINE_DECIDED);
    assert_int_equal(line->deduction_ore, 24 * DAY_ORE);
    assert_null(rig_line(&rig, U1, "2022-07"));
    line = july_told(12);
    open_is(line, -12 * DAY_ORE, 12 * DAY_ORE, DIFFERENCE);
    rig_prepare(&rig, line);
    refused_decision(line, RIG_WAIVE, "decider", "MONEY_BACK");
    refused_decision(line, RIG_REVISE, "decider", "MONEY_BACK");
    line = rig_settle(&rig, line, RIG_APPROVE, 0);
    assert_int_equal(line->deduction_ore, -12 * DAY_ORE);
    line = july_told(24);
    open_is(line, 12 * DAY_ORE, 24 * DAY_ORE, DIFFERENCE);
    rig_settle(&rig, line, RIG_APPROVE, 0);
    assert_null(july_told(24));
}

static void test_waived_stays_away(void **state)
{
    Adjustment *line = rig_settle(&rig, july_ended(24), RIG_WAIVE, 0);

    (void)state;
    assert_int_equal(line->state, LINE_WAIVED);
    assert_int_equal(line->deduction_ore, 0);
    assert_int_equal(rig_explain(&rig, line->adjustment_id, INT64_MAX)->n_lines, 4);
    assert_null(july_told(12));
    assert_null(july_told(24));
    open_is(july_told(28), 4 * DAY_ORE, 28 * DAY_ORE, DIFFERENCE);
}

static void test_revised_and_moved(void **state)
{
    Adjustment *line = rig_settle(&rig, july_ended(24), RIG_REVISE, 10 * DAY_ORE);

    (void)state;
    assert_int_equal(line->state, LINE_DECIDED);
    assert_int_equal(line->deduction_ore, 10 * DAY_ORE);
    assert_null(july_told(12));
    open_is(july_told(8), -2 * DAY_ORE, 8 * DAY_ORE, DIFFERENCE);
    rig_settle(&rig, rig_line(&rig, U1, "2022-07"), RIG_APPROVE, 0);
    open_is(july_told(24), 2 * DAY_ORE, 24 * DAY_ORE, DIFFERENCE);
    rig_settle(&rig, rig_line(&rig, U1, "2022-07"), RIG_APPROVE, 0);
    open_is(july_told(6), -4 * DAY_ORE, 6 * DAY_ORE, DIFFERENCE);
}

/* An undecided difference is superseded by the next, and lapses where nothing is due. */
static void test_difference_superseded_and_lapsed(void **state)
{
    Adjustment *first;
    Adjustment *second;

    (void)state;
    rig_settle(&rig, july_ended(10), RIG_APPROVE, 0);
    first = july_told(12);
    open_is(first, 2 * DAY_ORE, 12 * DAY_ORE, DIFFERENCE);
    second = july_told(8);
    open_is(second, -2 * DAY_ORE, 8 * DAY_ORE, DIFFERENCE);
    assert_string_equal(line_get(first->adjustment_id)->superseded_by, second->adjustment_id);
    rig_prepare(&rig, second);
    assert_null(july_told(10));
    refused_decision(second, RIG_APPROVE, "decider", "SUPERSEDED");
    assert_string_equal(line_get(second->adjustment_id)->superseded_by, "");
    assert_int_equal(line_get(second->adjustment_id)->state, LINE_SUPERSEDED);
}

/* Where no rule set is in force any more, and the component is not regulated, all goes back. */
static void test_all_goes_back(void **state)
{
    Niva__Compliance__V1__TimelineChanged *timeline;
    Adjustment *line;

    (void)state;
    rig_settle(&rig, july_ended(10), RIG_APPROVE, 0);
    timeline = july(10);
    timeline->rule_set = NULL;
    timeline->cause = NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__RULE;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    open_is(line, -10 * DAY_ORE, 0, DIFFERENCE);
    assert_string_equal(line->rule_set_id, "");
    assert_string_equal(line->owner, "5566778899");
    assert_int_equal(line->channel, NIVA__COMPENSATION__V1__ADJUSTMENT__CHANNEL__OFFSET);
    assert_int_equal(line->cause, NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__RULE);
    rig_settle(&rig, line, RIG_APPROVE, 0);
    assert_null(rig_line(&rig, U1, "2022-07"));
}

/* ---- what is refused, and changes nothing ---- */

static void test_who_and_when(void **state)
{
    static char *behind[] = {(char *)"head.1", (char *)"officer.2"};
    Niva__Compliance__V1__TimelineChanged *timeline = july(24);
    Adjustment seen;
    Adjustment *line;
    int64_t head;

    (void)state;
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", MONTHLY);
    rig_day(&rig, "2022-07-31");
    timeline->runs[1]->n_registered_by = 2;
    timeline->runs[1]->registered_by = behind;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    refused_decision(line, RIG_APPROVE, "decider", "MONTH_UNDER_WAY");
    rig_day(&rig, "2022-08-01");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    head = rig_head(&rig);
    refused_decision(line, RIG_APPROVE, "decider", "NOT_PREPARED");
    seen = *line;
    seen.computed_ore--;
    refused_decision(&seen, RIG_APPROVE, "decider", "AMOUNT_DIFFERS");
    rig_prepare(&rig, line);
    refused_decision(line, RIG_APPROVE, "officer", "DECIDER_PREPARED");
    refused_decision(line, RIG_WAIVE, "head.1", "DECIDER_REGISTERED");
    refused_decision(line, RIG_REVISE, "officer.2", "DECIDER_REGISTERED");
    assert_int_equal(rig_head(&rig), head);
    assert_int_equal(line_get(line->adjustment_id)->version, 2);
    line = rig_settle(&rig, line, RIG_APPROVE, 0);
    assert_int_equal(rig_head(&rig), head + 1);
    refused_decision(line, RIG_WAIVE, "decider.2", "ALREADY_DECIDED");
    refused_decision(line, RIG_APPROVE, "decider", "ALREADY_DECIDED");
    assert_int_equal(rig_head(&rig), head + 1);
}

static void test_unknown_line(void **state)
{
    Adjustment line = NIVA__COMPENSATION__V1__ADJUSTMENT__INIT;
    Adjustment *decided;
    struct niva_error err;

    (void)state;
    july_ended(24);
    line.adjustment_id = (char *)"0190163d-8694-739b-aea5-966c26f8ad91";
    refused(rig_decide(&rig, &line, RIG_APPROVE, 0, "decider", &decided, &err), &err,
            "ADJUSTMENT_UNKNOWN");
    assert_int_equal(err.code, NIVA_NOT_FOUND);
}

/* Facts that change the money take the signature away, others leave it. */
static void test_signature_follows_the_money(void **state)
{
    const struct run_spec split[] = {RUN_MET(1, 3, 1000), RUN_BELOW(4, 10, 1000, 0, "2022-07-04"),
                                     RUN_BELOW(11, 27, 1000, 0, "2022-07-04"),
                                     RUN_MET(28, 31, 1000)};
    Niva__Compliance__V1__TimelineChanged *timeline;
    Adjustment *line = july_ended(24);

    (void)state;
    rig_prepare(&rig, line);
    timeline = timeline_make(rig.arena, U1, "2022-07", split, 4);
    timeline->rule_set = july(1)->rule_set;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->version, 3);
    assert_string_equal(line->prepared_by, "officer");
    assert_string_equal(line->statement, "Fiktivt yttrande");
    line = july_told(12);
    assert_string_equal(line->prepared_by, "");
    assert_string_equal(line->statement, "");
    refused_decision(line, RIG_APPROVE, "decider", "NOT_PREPARED");
}

/* ---- what is left behind ---- */

static void test_record_and_events(void **state)
{
    Adjustment *line = july_ended(24);
    const Niva__Compensation__V1__AdjustmentDecided *told;
    struct niva_event *events;
    niva_instant prepared;
    niva_instant decided;
    Adjustment **versions;
    int64_t head = rig_head(&rig);

    (void)state;
    line = rig_settle(&rig, line, RIG_REVISE, 7 * DAY_ORE);
    assert_string_equal(line->prepared_by, "officer");
    assert_string_equal(line->decided_by, "decider");
    assert_string_equal(line->delegation, "Fiktiv delegation 1");
    assert_string_equal(line->case_number, "FIKTIV-2");
    assert_string_equal(line->reason, "Fiktivt skäl");
    assert_string_equal(line->statement_response, "Fiktivt svar");
    assert_true(niva_wire_instant(line->prepared_at, &prepared));
    assert_true(niva_wire_instant(line->decided_at, &decided));
    assert_true(prepared < decided);
    assert_true(niva_wire_instant(line->decision_recorded_at, &prepared));
    assert_int_equal(prepared, decided);
    assert_int_equal(rig_list(&rig, true, &versions), 3);
    assert_int_equal(rig_stream(&rig, head, &events), 1);
    assert_string_equal(events[0].type, EVENT_ADJUSTMENT_DECIDED);
    assert_string_equal(events[0].actor, "decider");
    told = (const Niva__Compensation__V1__AdjustmentDecided *)events[0].data;
    assert_int_equal(told->adjustment->state, LINE_DECIDED);
    assert_int_equal(told->adjustment->deduction_ore, 7 * DAY_ORE);
    assert_int_equal(told->adjustment->reason_code, line->reason_code);
    assert_string_equal(told->adjustment->case_number, "FIKTIV-2");
    assert_string_equal(told->adjustment->reason, "");
    assert_string_equal(told->adjustment->statement, "");
    assert_string_equal(told->adjustment->statement_response, "");
    assert_string_equal(
        cluster_sql(cluster, rig.database,
                    "SELECT count(*) FROM compensation.fact WHERE kind = 'adjustment'"),
        "2");
    head = rig_head(&rig);
    rig_settle(&rig, july_told(28), RIG_WAIVE, 0);
    assert_int_equal(rig_stream(&rig, head + 1, &events), 1);
    assert_string_equal(events[0].type, EVENT_ADJUSTMENT_WAIVED);
}

/* What looks personal is warned of, most of all where events tell it. */
static void test_warned_of(void **state)
{
    static const char *const fields[] = {"caseNumber", "delegation", "reason"};
    Niva__Compensation__V1__ReviseAdjustmentRequest request =
        NIVA__COMPENSATION__V1__REVISE_ADJUSTMENT_REQUEST__INIT;
    const Niva__Compensation__V1__ReviseAdjustmentResponse *revised;
    Adjustment *line = july_ended(24);
    ProtobufCMessage *reply;
    struct niva_error err;

    (void)state;
    rig_prepare(&rig, line);
    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.reason_code = NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__OTHER;
    request.reason = (char *)"Fiktiv: 19121212-1212";
    request.case_number = (char *)"FIKTIV 19121212-1212";
    request.delegation = (char *)"fiktiv@example.org";
    assert_true(rig_call(&rig, METHOD_REVISE_ADJUSTMENT, "decider", &request.base, &reply, &err));
    revised = (const Niva__Compensation__V1__ReviseAdjustmentResponse *)reply;
    assert_int_equal(revised->n_warnings, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(revised->warnings[i]->field, fields[i]);
        assert_string_equal(revised->warnings[i]->code, "FREE_TEXT_PERSONAL");
    }
}

/* A decision on paper, registered later: dated as it was taken, recorded when it came. */
static void test_registered_afterwards(void **state)
{
    Niva__Compensation__V1__DecideAdjustmentRequest request =
        NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__INIT;
    Adjustment *line = july_ended(24);
    ProtobufCMessage *reply;
    struct niva_error err;
    niva_instant taken;
    niva_instant at;

    (void)state;
    rig_prepare(&rig, line);
    taken = rig.now;
    rig_days(&rig, "2022-08-06", "2022-08-09");
    rig_apply(&rig);
    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.decision = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__APPROVE;
    request.case_number = (char *)"FIKTIV-1";
    request.delegation = (char *)"Fiktiv delegation 1";
    request.decided_at = niva_wire_timestamp(rig.now + 60000000, rig.arena);
    refused(rig_call(&rig, METHOD_DECIDE_ADJUSTMENT, "decider", &request.base, &reply, &err), &err,
            "DECIDED_AFTER_RECORDED");
    request.decided_at = niva_wire_timestamp(taken - 60000000, rig.arena);
    refused(rig_call(&rig, METHOD_DECIDE_ADJUSTMENT, "decider", &request.base, &reply, &err), &err,
            "DECIDED_BEFORE_PREPARED");
    request.decided_at = niva_wire_timestamp(taken, rig.arena);
    request.request_id = (char *)"";
    assert_true(rig_call(&rig, METHOD_DECIDE_ADJUSTMENT, "decider", &request.base, &reply, &err));
    line = ((Niva__Compensation__V1__DecideAdjustmentResponse *)reply)->adjustment;
    assert_true(niva_wire_instant(line->decided_at, &at));
    assert_int_equal(at, taken);
    assert_true(niva_wire_instant(line->decision_recorded_at, &at));
    assert_true(at > taken);
    /* the same request again is the same decision */
    assert_true(rig_call(&rig, METHOD_DECIDE_ADJUSTMENT, "decider", &request.base, &reply, &err));
    assert_int_equal(
        ((Niva__Compensation__V1__DecideAdjustmentResponse *)reply)->adjustment->version,
        line->version);
}

/* As it was known before and after. */
static void test_known_then(void **state)
{
    Adjustment *line = july_ended(24);
    niva_instant proposed = rig.now - 1;
    niva_instant decided;

    (void)state;
    line = rig_settle(&rig, line, RIG_REVISE, 10 * DAY_ORE);
    decided = rig.now - 1;
    rig_settle(&rig, july_told(8), RIG_APPROVE, 0);
    assert_int_equal(rig_explain(&rig, line->adjustment_id, proposed)->adjustment->deduction_ore,
                     24 * DAY_ORE);
    assert_int_equal(rig_explain(&rig, line->adjustment_id, decided)->adjustment->deduction_ore,
                     10 * DAY_ORE);
    assert_int_equal(rig_explain(&rig, line->adjustment_id, INT64_MAX)->adjustment->deduction_ore,
                     10 * DAY_ORE);
}

/* ---- dialogues ---- */

static Adjustment *dialogue_july(int days, int statement_days)
{
    Niva__Compliance__V1__TimelineChanged *timeline = july(days);

    timeline->rule_set->regulation->dialogue_required = true;
    timeline->rule_set->regulation->statement_days = statement_days;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    return rig_line(&rig, U1, "2022-07");
}

static void test_dialogue_holds_back(void **state)
{
    struct niva_event *events;
    Adjustment *line;
    int64_t head;

    (void)state;
    july_ended(0);
    line = dialogue_july(24, 14);
    assert_int_equal(line->state, LINE_PROPOSED);
    head = rig_head(&rig);
    rig_prepare(&rig, line);
    refused_decision(line, RIG_APPROVE, "decider", "DIALOGUE_NOT_OPENED");
    rig_told(&rig, U1, "b-2022-07-04", "2022-08-19");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    assert_int_equal(line->version, 3);
    assert_string_equal(line->answer_by, "2022-08-19");
    assert_string_equal(line->prepared_by, "officer");
    refused_decision(line, RIG_APPROVE, "decider", "DIALOGUE_UNANSWERED");
    rig_day(&rig, "2022-08-19");
    rig_apply(&rig);
    refused_decision(line, RIG_APPROVE, "decider", "DIALOGUE_UNANSWERED");
    assert_int_equal(rig_stream(&rig, head, &events), 0); /* no money moved */
    /* passes on to what supersedes, which is signed anew */
    line = dialogue_july(20, 14);
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    assert_int_equal(line->version, 1);
    rig_answered(&rig, U1, "b-2022-07-04");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_non_null(line->answered_at);
    refused_decision(line, RIG_APPROVE, "decider", "NOT_PREPARED");
    line = rig_settle(&rig, line, RIG_WAIVE, 0);
    assert_non_null(line->communicated_at);
    assert_non_null(line->answered_at);
}

/* What the reply to a signature with a statement warns of; "": of nothing. */
static const char *warned(const Adjustment *line, const char *statement)
{
    Niva__Compensation__V1__PrepareAdjustmentRequest request =
        NIVA__COMPENSATION__V1__PREPARE_ADJUSTMENT_REQUEST__INIT;
    const Niva__Compensation__V1__PrepareAdjustmentResponse *prepared;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.statement = text_make(rig.arena, statement);
    assert_true(rig_call(&rig, METHOD_PREPARE_ADJUSTMENT, "officer", &request.base, &reply, &err));
    prepared = (const Niva__Compensation__V1__PrepareAdjustmentResponse *)reply;
    assert_in_range(prepared->n_warnings, 0, 1);
    return prepared->n_warnings == 0 ? "" : prepared->warnings[0]->code;
}

/* A decision keeps what the unit answered: whoever leaves it out is told so. */
static void test_answer_left_out(void **state)
{
    Niva__Compensation__V1__DecideAdjustmentRequest request =
        NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__INIT;
    const Niva__Compensation__V1__DecideAdjustmentResponse *decided;
    ProtobufCMessage *reply;
    struct niva_error err;
    Adjustment *line;

    (void)state;
    july_ended(0);
    line = dialogue_july(24, 14);
    assert_string_equal(warned(line, ""), "");
    rig_told(&rig, U1, "b-2022-07-04", "");
    rig_apply(&rig);
    assert_string_equal(warned(line, "Fiktivt"), "");
    rig_answered(&rig, U1, "b-2022-07-04");
    rig_apply(&rig);
    assert_string_equal(warned(line, ""), "ANSWER_LEFT_OUT");
    assert_string_equal(warned(line, "Fiktivt"), "");
    assert_string_equal(warned(line, ""), "ANSWER_LEFT_OUT");
    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.decision = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__APPROVE;
    request.case_number = (char *)"FIKTIV-1";
    request.delegation = (char *)"Fiktiv delegation 1";
    assert_true(rig_call(&rig, METHOD_DECIDE_ADJUSTMENT, "decider", &request.base, &reply, &err));
    decided = (const Niva__Compensation__V1__DecideAdjustmentResponse *)reply;
    assert_int_equal(decided->n_warnings, 1);
    assert_string_equal(decided->warnings[0]->field, "adjustment.statement");
    assert_string_equal(decided->warnings[0]->code, "ANSWER_LEFT_OUT");
}

/* The days that it has pass without an answer. */
static void test_dialogue_unanswered_in_time(void **state)
{
    Adjustment *line;

    (void)state;
    july_ended(0);
    line = dialogue_july(24, 14);
    rig_told(&rig, U1, "b-2022-07-04", "");
    rig_days(&rig, "2022-08-06", "2022-08-18"); /* told on the fifth */
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    rig_prepare(&rig, line);
    refused_decision(line, RIG_APPROVE, "decider", "DIALOGUE_UNANSWERED");
    rig_day(&rig, "2022-08-19");
    rig_apply(&rig);
    rig_settle(&rig, line, RIG_APPROVE, 0);
}

/* Opened while the month is under way it holds for the proposal too; a difference of the same
 * breach is in dialogue at once, money back never. */
static void test_dialogue_of_all_months(void **state)
{
    Adjustment *line;

    (void)state;
    rig_put(&rig, U1, "fysioterapi", "2020-01-01", "", MONTHLY);
    rig_day(&rig, "2022-07-10");
    rig_apply(&rig);
    line = dialogue_july(24, 0);
    assert_int_equal(line->state, LINE_PRELIMINARY);
    rig_told(&rig, U1, "b-2022-07-04", "2022-07-20");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->state, LINE_PRELIMINARY);
    assert_string_equal(line->answer_by, "2022-07-20");
    rig_days(&rig, "2022-07-11", "2022-08-02");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    assert_int_equal(line->version, 1);
    rig_settle(&rig, line, RIG_APPROVE, 0);
    line = dialogue_july(26, 0);
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    line = dialogue_july(10, 0);
    assert_int_equal(line->state, LINE_PROPOSED);
    assert_null(line->communicated_at);
    rig_settle(&rig, line, RIG_APPROVE, 0);
}

/* A breach that goes up in another takes its dialogue there; a new one behind the same money has
 * yet to be told of. */
static void test_dialogue_merges_and_is_missing(void **state)
{
    const struct run_spec two[] = {RUN_MET(1, 3, 1000), RUN_BELOW(4, 10, 1000, 0, "2022-07-04"),
                                   RUN_MET(11, 11, 1000), RUN_BELOW(12, 28, 1000, 0, "2022-07-12"),
                                   RUN_MET(29, 31, 1000)};
    const struct run_spec other[] = {RUN_MET(1, 3, 1000), RUN_BELOW(4, 27, 1000, 0, "2022-06-30"),
                                     RUN_MET(28, 31, 1000)};
    Niva__Compliance__V1__TimelineChanged *timeline;
    Adjustment *line;

    (void)state;
    july_ended(0);
    dialogue_july(24, 14);
    rig_told(&rig, U1, "b-2022-07-04", "");
    rig_apply(&rig);
    assert_int_equal(rig_line(&rig, U1, "2022-07")->state, LINE_IN_DIALOGUE);
    timeline = timeline_make(rig.arena, U1, "2022-07", two, 5);
    timeline->rule_set = july(1)->rule_set;
    timeline->rule_set->regulation->dialogue_required = true;
    rig_month(&rig, timeline); /* the same money */
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->computed_ore, 24 * DAY_ORE);
    assert_int_equal(line->state, LINE_PROPOSED);
    assert_int_equal(line->n_breach_ids, 2);
    rig_told(&rig, U1, "b-2022-07-12", "");
    rig_answered(&rig, U1, "b-2022-07-04");
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    assert_null(line->answered_at);
    rig_answered(&rig, U1, "b-2022-07-12");
    rig_merged(&rig, U1, "b-2022-07-12", "b-2022-06-30");
    rig_merged(&rig, U1, "b-2022-07-04", "b-2022-06-30");
    timeline = timeline_make(rig.arena, U1, "2022-07", other, 3);
    timeline->rule_set = july(1)->rule_set;
    timeline->rule_set->regulation->dialogue_required = true;
    rig_month(&rig, timeline);
    rig_apply(&rig);
    line = rig_line(&rig, U1, "2022-07");
    assert_int_equal(line->n_breach_ids, 1);
    assert_string_equal(line->breach_ids[0], "b-2022-06-30");
    assert_int_equal(line->state, LINE_IN_DIALOGUE);
    assert_non_null(line->answered_at);
    rig_settle(&rig, line, RIG_APPROVE, 0);
}

static int setup(void **state)
{
    (void)state;
    rig_open(&rig, cluster);
    return 0;
}

/* Whatever was done, the proof finds nothing. */
static int teardown(void **state)
{
    const char *found = rig_verify(&rig);

    (void)state;
    if (found[0] != '\0')
        print_error("the proof finds:\n%s", found);
    rig_close(&rig);
    return found[0] != '\0';
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
        TEST(test_approved_and_back),
        TEST(test_waived_stays_away),
        TEST(test_revised_and_moved),
        TEST(test_difference_superseded_and_lapsed),
        TEST(test_all_goes_back),
        TEST(test_who_and_when),
        TEST(test_unknown_line),
        TEST(test_signature_follows_the_money),
        TEST(test_record_and_events),
        TEST(test_warned_of),
        TEST(test_registered_afterwards),
        TEST(test_known_then),
        TEST(test_dialogue_holds_back),
        TEST(test_answer_left_out),
        TEST(test_dialogue_unanswered_in_time),
        TEST(test_dialogue_of_all_months),
        TEST(test_dialogue_merges_and_is_missing),
    };
    int failed = cmocka_run_group_tests(tests, group_setup, group_teardown);

    return failed ? 1 : 0;
}
