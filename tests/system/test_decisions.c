/* From amount to decision on a real system: a unit is told and answers, an officer signs, a decider
 * decides, and what facts change then is a difference. Two who decide at once, a decision against
 * what supersedes it, and a kill right after a decision was acknowledged. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define UNIT    "SE2321000016-A001"
#define GROUP   "fysioterapeut"
#define METHODS "niva.compensation.v1.AdjustmentService/"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__DecideAdjustmentResponse DecideResponse;
typedef Niva__Compensation__V1__ListAdjustmentsResponse Adjustments;

enum { ARENA_BYTES = 64 << 20, CALL_MS = 30000, RACES = 6, DECIDERS = 4 };

static struct {
    struct system *system;
    struct niva_arena *arena;
} site;

/* ---- calls ---- */

/* Asks as somebody; false with the error when it is refused. */
static bool ask(const char *principal, struct niva_arena *arena, ProtobufCMessage **ret_reply,
                struct niva_error *err, const char *method, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static bool ask(const char *principal, struct niva_arena *arena, ProtobufCMessage **ret_reply,
                struct niva_error *err, const char *method, const char *format, ...)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .recorded_at = INT64_MIN, .principal = principal};
    char json[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    niva_error_clear(err);
    return system_call(site.system, method, json, &options, arena, ret_reply, err);
}

static void prepare(const Adjustment *line)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!ask("fiktiv.handlaggare.1", site.arena, &reply, &err, METHODS "PrepareAdjustment",
             "{'adjustmentId': '%s', 'computedOre': '%" PRId64
             "', 'statement': 'Fiktivt yttrande'}",
             line->adjustment_id, line->computed_ore))
        fail_msg("%s (%s)", err.text_en, err.cause);
}

#define APPROVAL                                                                                   \
    "'decision': 'APPROVE', 'caseNumber': 'FIKTIV-2022-1', 'delegation': 'Fiktiv delegation 1'"

static bool approve(const Adjustment *line, const char *principal, struct niva_arena *arena,
                    Adjustment **ret_line, struct niva_error *err)
{
    ProtobufCMessage *reply;

    if (!ask(principal, arena, &reply, err, METHODS "DecideAdjustment",
             "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "', " APPROVAL "}",
             line->adjustment_id, line->computed_ore))
        return false;
    *ret_line = ((DecideResponse *)reply)->adjustment;
    return true;
}

static void refused(const Adjustment *line, const char *principal, const char *reason)
{
    Adjustment *decided = NULL;
    struct niva_error err;
    bool done = approve(line, principal, site.arena, &decided, &err);

    if (done || err.code != NIVA_FAILED_PRECONDITION || err.violation_count != 1 ||
        strcmp(err.violations[0].reason, reason) != 0)
        fail_msg("expected %s alone, actual %s: %s", reason, done ? "OK" : err.violations[0].reason,
                 err.text_en);
}

/* The line of a month that is in a state; NULL: there is none. */
static const Adjustment *line_find(const char *period, const char *state)
{
    const Adjustments *list = (const void *)system_tell(
        site.system, site.arena, METHODS "ListAdjustments",
        "{'unit': '" UNIT "', 'period': '%s', 'state': '%s'}", period, state);

    return list->n_adjustments == 0 ? NULL : list->adjustments[list->n_adjustments - 1];
}

/* A report of one or two positions. */
static void report_send(const char *day, int milli)
{
    int first = milli < 1000 ? milli : 1000;

    system_tell(site.system, site.arena, "niva.intake.v1.ReportService/SubmitReport",
                "{'report': {'unit': '" UNIT "', 'professionGroup': '" GROUP
                "', 'effectiveFrom': '%s', 'positions': ["
                "{'positionKey': 'ft-1', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
                " 'fteMilli': %d, 'licensed': true},"
                "{'positionKey': 'ft-2', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
                " 'fteMilli': %d, 'licensed': true}]}}",
                day, first, milli - first);
}

/* The same, and waits until it is applied everywhere. */
static void report_tell(const char *day, int milli)
{
    report_send(day, milli);
    system_wait(site.system);
}

/* January and February below: 1,00 of 2,00. Two weeks to answer. */
static void region_tell(void)
{
    system_today(site.system, "2022-01-03");
    system_tell(
        site.system, site.arena, "niva.compliance.v1.RuleService/PutRuleSet",
        "{'ruleSet': {'ruleSetId': 'fysioterapi', 'regionCode': '19', 'professionGroup': '" GROUP
        "', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
        " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
        " ['EMPLOYED'], 'absenceThresholdDays': 30}, 'regulation': {'formula': 'PRO_RATA',"
        " 'dialogueRequired': true, 'statementDays': 14}}}");
    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '" UNIT "', 'name': 'Vårdcentralen Fiktiv', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'INTRAPRENAD',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}");
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '" UNIT
                "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'monthlyOre': '31000000', 'regulated': true}}");
}

static void contract_tell(void)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!ask("fiktiv.avtal.1", site.arena, &reply, &err,
             "niva.compliance.v1.RequirementService/PutContract",
             "{'contract': {'unit': '" UNIT "', 'professionGroup': '" GROUP
             "', 'firstDay': '2022-01-01', 'minimumMilli': 2000}}"))
        fail_msg("%s (%s)", err.text_en, err.cause);
}

/* ---- the tests, one story in order ---- */

static void a_decision_waits_for_signature_dialogue_and_another_person(void **state)
{
    const Adjustment *line = line_find("2022-01", "PROPOSED");
    Adjustment *decided = NULL;
    struct niva_error err;

    (void)state;
    assert_non_null(line);
    assert_int_equal(line->computed_ore, 15500000);
    assert_int_equal(line->n_breach_ids, 1);
    prepare(line);
    refused(line, "fiktiv.beslutsfattare.1", "DIALOGUE_NOT_OPENED");
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/OpenDialogue",
                "{'breachId': '%s', 'text': 'Fiktivt'}", line->breach_ids[0]);
    system_wait(site.system);
    assert_null(line_find("2022-01", "PROPOSED"));
    line = line_find("2022-01", "IN_DIALOGUE");
    assert_non_null(line);
    assert_non_null(line->communicated_at);
    assert_string_equal(line->answer_by, "2022-02-17");
    refused(line, "fiktiv.beslutsfattare.1", "DIALOGUE_UNANSWERED");
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/Answer",
                "{'breachId': '%s', 'text': 'Fiktivt yttrande'}", line->breach_ids[0]);
    system_wait(site.system);
    refused(line, "fiktiv.handlaggare.1", "DECIDER_PREPARED");
    refused(line, "fiktiv.avtal.1", "DECIDER_REGISTERED");
    if (!approve(line, "fiktiv.beslutsfattare.1", site.arena, &decided, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    assert_int_equal(decided->state, NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED);
    assert_non_null(decided->answered_at);
}

static void what_facts_change_is_a_difference(void **state)
{
    const Adjustment *line;
    Adjustment *decided = NULL;
    struct niva_error err;

    (void)state;
    report_tell("2022-01-16", 1500); /* half of the month was better than that */
    line = line_find("2022-01", "PROPOSED");
    assert_non_null(line); /* money back needs no dialogue */
    assert_int_equal(line->computed_ore, -4000000);
    assert_int_equal(line->computed_total_ore, 11500000);
    assert_int_equal(line->cause, NIVA__COMPENSATION__V1__ADJUSTMENT__CAUSE__PROVIDER_FACT);
    prepare(line);
    if (!approve(line, "fiktiv.beslutsfattare.1", site.arena, &decided, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    assert_int_equal(decided->deduction_ore, -4000000);
    assert_null(line_find("2022-01", "PROPOSED"));
}

static void what_was_acknowledged_is_there_after_a_kill(void **state)
{
    const Adjustment *line;
    Adjustment *decided = NULL;
    ProtobufCMessage *again;
    struct niva_error err;
    const char *id;
    ProtobufCMessage *reply;

    (void)state;
    report_tell("2022-01-20", 1400);
    line = line_find("2022-01", "IN_DIALOGUE");
    assert_non_null(line);
    prepare(line);
    id = "0190163d-8694-739b-aea5-966c26f8ad91";
    if (!ask("fiktiv.beslutsfattare.1", site.arena, &reply, &err, METHODS "DecideAdjustment",
             "{'requestId': '%s', 'adjustmentId': '%s', 'computedOre': '%" PRId64 "', " APPROVAL
             "}",
             id, line->adjustment_id, line->computed_ore))
        fail_msg("%s (%s)", err.text_en, err.cause);
    system_kill(site.system, PART_COMPENSATION);
    system_start(site.system, PART_COMPENSATION, NULL);
    decided = ((DecideResponse *)reply)->adjustment;
    line = ((Niva__Compensation__V1__GetAdjustmentResponse *)system_tell(
                site.system, site.arena, METHODS "GetAdjustment", "{'adjustmentId': '%s'}",
                decided->adjustment_id))
               ->adjustment;
    assert_int_equal(line->state, NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED);
    assert_int_equal(line->version, decided->version);
    if (!ask("fiktiv.beslutsfattare.1", site.arena, &again, &err, METHODS "DecideAdjustment",
             "{'requestId': '%s', 'adjustmentId': '%s', 'computedOre': '%" PRId64 "', " APPROVAL
             "}",
             id, line->adjustment_id, line->computed_ore))
        fail_msg("%s (%s)", err.text_en, err.cause);
    assert_int_equal(((DecideResponse *)again)->position, ((DecideResponse *)reply)->position);
}

/* "--decided-at=" and today. */
static void option_of_today(char ret_option[40])
{
    ProtobufCMessage *reply;
    struct niva_error err;

    if (!ask("fiktiv", site.arena, &reply, &err,
             "niva.compliance.v1.ComplianceService/GetBusinessDay", "{}"))
        fail_msg("%s (%s)", err.text_en, err.cause);
    snprintf(ret_option, 40, "--decided-at=%s", niva_wire_get_text(reply, "day"));
}

/* From the command line: shown before and after, refused with its reason, and with exit codes. */
static void an_officer_and_a_decider_use_the_command_line(void **state)
{
    static char output[16 << 10];
    const Adjustment *line;
    char id[40];
    char today[40];

    (void)state;
    option_of_today(today);
    report_tell("2022-01-22", 1300);
    line = line_find("2022-01", "IN_DIALOGUE");
    assert_non_null(line);
    snprintf(id, sizeof id, "%s", line->adjustment_id);
    const char *const prepare_it[] = {"prepare", id, "--as=fiktiv.handlaggare.1",
                                      "--statement=Fiktivt", NULL};
    const char *const decide_it[] = {"decide",
                                     id,
                                     "waive",
                                     "--as=fiktiv.handlaggare.1",
                                     "--code=OTHER",
                                     "--reason=Fiktivt",
                                     "--case-number=F",
                                     "--delegation=Fiktiv",
                                     NULL};
    const char *const revise_it[] = {"revise",
                                     id,
                                     "1 234,50",
                                     "--as=fiktiv.beslutsfattare.1",
                                     "--code=OTHER",
                                     "--reason=Fiktivt, 19121212-1212",
                                     today,
                                     "--case-number=F",
                                     "--delegation=Fiktiv",
                                     NULL};

    assert_int_equal(
        system_run(site.system, "services/nivactl/nivactl", prepare_it, output, sizeof output), 0);
    assert_non_null(strstr(output, "fiktiv.handlaggare.1"));
    assert_int_equal(
        system_run(site.system, "services/nivactl/nivactl", decide_it, output, sizeof output), 1);
    assert_non_null(strstr(output, "har själv berett regleringen"));
    assert_int_equal(
        system_run(site.system, "services/nivactl/nivactl", revise_it, output, sizeof output), 0);
    assert_non_null(strstr(output, "1\u00a0234,50\u00a0kr"));
    assert_non_null(strstr(output, "beslutad"));
    assert_non_null(strstr(output, "Obs: Texten ser ut att innehålla ett personnummer"));
    line = line_find("2022-01", "DECIDED");
    assert_non_null(line);
}

/* One who decides at the same time as others. */
struct decider {
    pthread_t thread;
    const Adjustment *line;
    char principal[48];
    struct niva_arena *arena;
    bool done;
    struct niva_error err;
};

static void *decider_run(void *user)
{
    struct decider *decider = user;
    Adjustment *decided = NULL;

    decider->done =
        approve(decider->line, decider->principal, decider->arena, &decided, &decider->err);
    return NULL;
}

static void decider_start(struct decider *decider, const Adjustment *line, int number)
{
    *decider = (struct decider){.line = line, .arena = niva_arena_new(1 << 20)};
    assert_non_null(decider->arena);
    snprintf(decider->principal, sizeof decider->principal, "fiktiv.beslutsfattare.%d", number);
    assert_int_equal(pthread_create(&decider->thread, NULL, decider_run, decider), 0);
}

static void decider_join(struct decider *decider)
{
    pthread_join(decider->thread, NULL);
    niva_arena_free(decider->arena);
}

static void of_deciders_at_once_one_decides(void **state)
{
    struct decider deciders[DECIDERS];
    const Adjustment *line;
    size_t done = 0;

    (void)state;
    report_tell("2022-01-24", 1200);
    line = line_find("2022-01", "IN_DIALOGUE");
    assert_non_null(line);
    prepare(line);
    for (int i = 0; i < DECIDERS; i++)
        decider_start(&deciders[i], line, i + 1);
    for (int i = 0; i < DECIDERS; i++)
        decider_join(&deciders[i]);
    for (int i = 0; i < DECIDERS; i++) {
        done += deciders[i].done;
        if (!deciders[i].done)
            assert_string_equal(deciders[i].err.violations[0].reason, "ALREADY_DECIDED");
    }
    assert_int_equal(done, 1);
}

/* A decision and a fact that moves its month: the decision stands and the fact is a difference, or
 * the line was superseded first and nobody decided it. */
static void a_decision_races_what_supersedes_it(void **state)
{
    size_t won = 0;

    (void)state;
    for (int i = 0; i < RACES; i++) {
        struct decider decider;
        const Adjustment *line;

        report_tell("2022-01-26", i % 2 == 0 ? 700 : 900); /* each time something else is due */
        line = line_find("2022-01", "IN_DIALOGUE");
        if (line == NULL)
            line = line_find("2022-01", "PROPOSED");
        assert_non_null(line);
        prepare(line);
        if (i % 3 == 0)
            decider_start(&decider, line, 1);
        report_send("2022-01-28", 300 + 50 * i);
        if (i % 3 == 2) /* the fact comes first */
            system_wait(site.system);
        if (i % 3 != 0)
            decider_start(&decider, line, 1);
        decider_join(&decider);
        system_wait(site.system);
        won += decider.done;
        if (!decider.done)
            assert_string_equal(decider.err.violations[0].reason, "SUPERSEDED");
        line = ((Niva__Compensation__V1__GetAdjustmentResponse *)system_tell(
                    site.system, site.arena, METHODS "GetAdjustment", "{'adjustmentId': '%s'}",
                    line->adjustment_id))
                   ->adjustment;
        assert_int_equal(line->state, decider.done
                                          ? NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED
                                          : NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED);
    }
    printf("%zu of %d decisions came before the fact\n", won, RACES);
    assert_true(won <= RACES - RACES / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_waits_for_signature_dialogue_and_another_person),
        cmocka_unit_test(what_facts_change_is_a_difference),
        cmocka_unit_test(what_was_acknowledged_is_there_after_a_kill),
        cmocka_unit_test(an_officer_and_a_decider_use_the_command_line),
        cmocka_unit_test(of_deciders_at_once_one_decides),
        cmocka_unit_test(a_decision_races_what_supersedes_it),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    if (site.arena == NULL)
        give_up("no memory");
    region_tell();
    contract_tell();
    report_tell("2022-01-01", 1000);
    system_today(site.system, "2022-02-03");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    system_free(site.system);
    niva_arena_free(site.arena);
    return failed ? 1 : 0;
}
