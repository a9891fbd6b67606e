/* Bad input, sent the whole way to real processes: each case gets its code, the path of the field,
 * a sentence in Swedish and one in English, and changes nothing. What only looks odd is accepted,
 * and said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "tests/support/intake_caller.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define UNKNOWN_ID "0190163d-8694-739b-aea5-966c26f8ad91"
#define INVALID    NIVA_INVALID_ARGUMENT
#define BLOCKED    NIVA_FAILED_PRECONDITION

enum { HEADS = 256 };

/* The system as the tellers of intake's stories see it. */
struct site {
    struct caller caller;
    struct system *system;
    struct niva_arena *arena;
};

static bool site_call(struct caller *caller, const char *method, const ProtobufCMessage *request,
                      ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct site *site = (struct site *)caller;
    char name[128];

    snprintf(name, sizeof name, "niva.intake.v1.%s", method);
    return system_send(site->system, name, (ProtobufCMessage *)(uintptr_t)request, NULL,
                       caller->arena, ret_reply, err);
}

/* ---- what every refusal must be ---- */

static void sentences_check(const struct niva_error *err, const char *what)
{
    const char *sv = err->text_sv;
    const char *en = err->text_en;

    if (err->violation_count > 0) {
        sv = err->violations[0].text_sv;
        en = err->violations[0].text_en;
    }
    if (strlen(sv) < 10 || strlen(en) < 10 || strcmp(sv, en) == 0)
        fail_msg("%s: expected a sentence in Swedish and in English, actual \"%s\", \"%s\"", what,
                 sv, en);
}

static void refusal_check(const struct niva_error *err, enum niva_code code, const char *field,
                          const char *reason, const char *what)
{
    bool told = err->violation_count > 0;

    if (err->code != code || strcmp(told ? err->violations[0].field : "", field) != 0 ||
        strcmp(told ? err->violations[0].reason : "", reason) != 0)
        fail_msg("%s: expected %s \"%s\" %s, actual %s \"%s\" %s: %s (%s)", what,
                 niva_code_name((int)code), field, reason, niva_code_name((int)err->code),
                 told ? err->violations[0].field : "", told ? err->violations[0].reason : "",
                 err->text_en, err->cause);
    sentences_check(err, what);
}

/* Where the streams stand once all that was accepted has been applied. */
static void heads_take(struct site *site, char ret_heads[HEADS])
{
    system_wait(site->system);
    snprintf(ret_heads, HEADS, "%s", system_heads(site->system));
}

static void refused(struct site *site, const char *method, const char *json, enum niva_code code,
                    const char *field, const char *reason, const char *what)
{
    char before[HEADS];
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_arena_reset(site->arena);
    heads_take(site, before);
    if (system_call(site->system, method, json, NULL, site->arena, &reply, &err))
        fail_msg("%s: expected %s, actual OK", what, niva_code_name((int)code));
    refusal_check(&err, code, field, reason, what);
    assert_string_equal(system_heads(site->system), before);
}

/* ---- intake ---- */

static void intake_refuses_bad_requests(void **state)
{
    struct site *site = *state;

    for (size_t i = 0; i < bad_case_count; i++) {
        const struct bad_case *bad = &bad_cases[i];
        char method[128];

        snprintf(method, sizeof method, "niva.intake.v1.%s", bad->method);
        refused(site, method, bad->json, bad->code, bad->field, bad->reason, bad->name);
    }
}

static void corrections_are_refused_where_they_do_not_fit(void **state)
{
    struct site *site = *state;
    const char *other = report_submit(&site->caller, "2022-02-01", "");
    const char *corrected = report_submit(&site->caller, "2022-03-01", "");
    const char *correction = report_submit(&site->caller, "2022-03-01", corrected);
    char json[512];

    snprintf(json, sizeof json,
             "{'report': {'unit': '" UNIT_B "', 'professionGroup': '" GROUP
             "', 'effectiveFrom': '2022-02-01', 'correctsReportId': '%s'}}",
             other);
    refused(site, "niva.intake.v1.ReportService/SubmitReport", json, BLOCKED, other,
            "REPORT_OF_OTHER_UNIT", "a correction of another unit's report");
    snprintf(json, sizeof json,
             "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
             "', 'effectiveFrom': '2022-03-01', 'correctsReportId': '%s'}}",
             corrected);
    refused(site, "niva.intake.v1.ReportService/SubmitReport", json, BLOCKED, correction,
            "REPORT_ALREADY_CORRECTED", "a correction of a report already corrected");
}

static void what_looks_odd_is_accepted(void **state)
{
    struct site *site = *state;
    const Niva__Intake__V1__SubmitReportResponse *reply =
        call_ok(&site->caller, "ReportService/SubmitReport",
                "{'report': {'unit': '" UNIT_B "', 'professionGroup': '" GROUP "',"
                " 'effectiveFrom': '2031-01-01', 'positions': ["
                "{'positionKey': 'p1', 'titleCode': 'NA', 'employment': 'EMPLOYED',"
                " 'fteMilli': 1000, 'licensed': true},"
                "{'positionKey': 'p2', 'titleCode': 'ZZ', 'employment': 'EMPLOYED',"
                " 'fteMilli': 1000, 'licensed': true}]}}");
    const Niva__Compliance__V1__GetTimelineResponse *timeline;

    assert_int_equal(reply->n_warnings, 1);
    assert_string_equal(reply->warnings[0]->field, "report.positions[1].titleCode");
    assert_string_equal(reply->warnings[0]->code, "TITLE_UNKNOWN");
    assert_string_not_equal(reply->warnings[0]->text_sv, reply->warnings[0]->text_en);
    system_wait(site->system);
    timeline = (const void *)system_tell(site->system, site->arena,
                                         "niva.compliance.v1.ComplianceService/GetTimeline",
                                         "{'unit': '" UNIT_B "', 'professionGroup': '" GROUP "',"
                                         " 'firstDay': '2031-01-01', 'lastDay': '2031-01-31'}");
    assert_int_equal(timeline->n_segments, 1);
    assert_true(timeline->segments[0]->planned);
    assert_int_equal(timeline->segments[0]->counted_milli, 0);
    assert_int_equal(timeline->n_uncounted, 2);
    assert_string_equal(timeline->uncounted[0]->position_key, "p1");
    assert_int_equal(timeline->uncounted[0]->reason,
                     NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__TITLE);
}

/* ---- compliance and compensation ---- */

#define RULE_SET(id, first, last, rest)                                                            \
    "{'ruleSet': {'ruleSetId': '" id "', 'regionCode': '19', 'professionGroup': '" GROUP           \
    "', 'firstDay': '" first "', 'lastDay': '" last "', 'severity': 'BINDING',"                    \
    " 'requirement': {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT', 'SG'],"             \
    " 'employments': ['EMPLOYED']}, 'regulation': {'formula': 'PRO_RATA'}" rest "}}"
#define CONTRACT(unit, group, first, last, minimum)                                                \
    "{'contract': {'unit': '" unit "', 'professionGroup': '" group "', 'firstDay': '" first        \
    "', 'lastDay': '" last "', 'minimumMilli': " minimum "}}"
#define DISPENSATION(unit, region, reference)                                                      \
    "{'dispensation': {'unit': '" unit "', 'regionCode': '" region "', 'professionGroup': '" GROUP \
    "', 'firstDay': '2022-01-01', 'decisionReference': '" reference "'}}"
#define FINDING(counted, evidence)                                                                 \
    "{'finding': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP                                \
    "', 'firstDay': '2022-01-01', 'countedMilli': " counted ", 'evidence': '" evidence             \
    "', 'caseNumber': 'FIKTIV-1'}}"
#define TIMELINE(unit, first, last)                                                                \
    "{'unit': '" unit "', 'professionGroup': '" GROUP "', 'firstDay': '" first                     \
    "', 'lastDay': '" last "'}"
#define COMPONENT(name, unit, first, last, ore)                                                    \
    "{'component': {'component': '" name "', 'unit': '" unit "', 'professionGroup': '" GROUP       \
    "', 'firstDay': '" first "', 'lastDay': '" last "', 'monthlyOre': '" ore                       \
    "', 'regulated': true}}"

#define PUT_RULE_SET  "niva.compliance.v1.RuleService/PutRuleSet"
#define PUT_CONTRACT  "niva.compliance.v1.RequirementService/PutContract"
#define PUT_LISTINGS  "niva.compliance.v1.RequirementService/PutListings"
#define GRANT         "niva.compliance.v1.DispensationService/GrantDispensation"
#define REVOKE        "niva.compliance.v1.DispensationService/RevokeDispensation"
#define VOID          "niva.compliance.v1.DispensationService/VoidDispensation"
#define PUT_FINDING   "niva.compliance.v1.FindingService/PutFinding"
#define GET_TIMELINE  "niva.compliance.v1.ComplianceService/GetTimeline"
#define BREACHES      "niva.compliance.v1.ComplianceService/ListBreaches"
#define GET_BREACH    "niva.compliance.v1.ComplianceService/GetBreach"
#define STATUSES      "niva.compliance.v1.ComplianceService/ListStatuses"
#define DIALOGUE      "niva.compliance.v1.DialogueService/"
#define PUT_COMPONENT "niva.compensation.v1.ComponentService/PutComponent"
#define ADJUSTMENTS   "niva.compensation.v1.AdjustmentService/ListAdjustments"
#define GET_LINE      "niva.compensation.v1.AdjustmentService/GetAdjustment"
#define EXPLAIN       "niva.compensation.v1.AdjustmentService/ExplainAdjustment"
#define PREPARE       "niva.compensation.v1.AdjustmentService/PrepareAdjustment"
#define REVISE        "niva.compensation.v1.AdjustmentService/ReviseAdjustment"
#define DECIDE        "niva.compensation.v1.AdjustmentService/DecideAdjustment"

/* A decision about a line that there is not, with members more. */
#define DECISION(more)                                                                             \
    "{'adjustmentId': '" UNKNOWN_ID "', 'computedOre': '24000', 'caseNumber': 'F-1',"              \
    " 'delegation': 'Fiktiv', " more "}"

static const struct bad_case downstream_cases[] = {
    {"overlapping rule sets", PUT_RULE_SET, RULE_SET("other", "2022-06-01", "", ""), BLOCKED,
     "fysioterapi-19", "RULE_SET_OVERLAP"},
    {"a rule set from mid-month", PUT_RULE_SET, RULE_SET("other", "2021-01-15", "2021-12-31", ""),
     INVALID, "ruleSet.firstDay", "NOT_WHOLE_MONTHS"},
    {"a rule set to mid-month", PUT_RULE_SET, RULE_SET("other", "2021-01-01", "2021-12-30", ""),
     INVALID, "ruleSet.lastDay", "NOT_WHOLE_MONTHS"},
    {"a rule set from 30 February", PUT_RULE_SET, RULE_SET("other", "2022-02-30", "", ""), INVALID,
     "ruleSet.firstDay", "DAY_MALFORMED"},
    {"a rule set that ends before it begins", PUT_RULE_SET,
     RULE_SET("other", "2021-02-01", "2021-01-31", ""), INVALID, "ruleSet.lastDay",
     "LAST_DAY_BEFORE_FIRST"},
    {"a rule set without id", PUT_RULE_SET, RULE_SET("", "2021-01-01", "2021-12-31", ""), INVALID,
     "ruleSet.ruleSetId", "RULE_SET_ID_MALFORMED"},
    {"no rule set", PUT_RULE_SET, "{}", INVALID, "ruleSet", "REQUIRED"},
    {"contract without unit", PUT_CONTRACT, CONTRACT("", GROUP, "2022-01-01", "", "1000"), INVALID,
     "contract.unit", "REQUIRED"},
    {"contract of an over-long unit", PUT_CONTRACT,
     CONTRACT("SE2321000016-A123456789012345678", GROUP, "2022-01-01", "", "1000"), INVALID,
     "contract.unit", "HSA_ID_MALFORMED"},
    {"contract that ends before it begins", PUT_CONTRACT,
     CONTRACT(UNIT_A, GROUP, "2022-02-01", "2022-01-31", "1000"), INVALID, "contract.lastDay",
     "LAST_DAY_BEFORE_FIRST"},
    {"negative minimum", PUT_CONTRACT, CONTRACT(UNIT_A, GROUP, "2022-02-01", "", "-1"), INVALID,
     "contract.minimumMilli", "NUMBER_OUT_OF_RANGE"},
    {"two listings of a day", PUT_LISTINGS,
     "{'listings': [{'unit': '" UNIT_A "', 'asOf': '2022-01-31', 'listed': 1},"
     " {'unit': '" UNIT_A "', 'asOf': '2022-01-31', 'listed': 2}]}",
     INVALID, "listings[1].asOf", "LISTING_TWICE"},
    {"negative listing", PUT_LISTINGS,
     "{'listings': [{'unit': '" UNIT_A "', 'asOf': '2022-01-31', 'listed': -1}]}", INVALID,
     "listings[0].listed", "NUMBER_OUT_OF_RANGE"},
    {"dispensation of a unit and a region", GRANT, DISPENSATION(UNIT_A, "19", "Fiktivt"), INVALID,
     "dispensation.unit", "UNIT_OR_REGION"},
    {"dispensation without decision", GRANT, DISPENSATION(UNIT_A, "", ""), INVALID,
     "dispensation.decisionReference", "REQUIRED"},
    {"revocation of an unknown dispensation", REVOKE,
     "{'dispensationId': '" UNKNOWN_ID "', 'fromDay': '2022-07-01'}", NIVA_NOT_FOUND,
     "dispensationId", "DISPENSATION_UNKNOWN"},
    {"voiding without reason", VOID, "{'dispensationId': '" UNKNOWN_ID "'}", INVALID, "reason",
     "REQUIRED"},
    {"finding without evidence", PUT_FINDING, FINDING("1000", ""), INVALID, "finding.evidence",
     "REQUIRED"},
    {"negative finding", PUT_FINDING, FINDING("-1", "Besök"), INVALID, "finding.countedMilli",
     "NUMBER_OUT_OF_RANGE"},
    {"timeline of an unknown unit", GET_TIMELINE,
     TIMELINE("SE2321000016-UNKNOWN", "2022-01-01", "2022-01-31"), NIVA_NOT_FOUND, "unit",
     "UNIT_UNKNOWN"},
    {"timeline backwards", GET_TIMELINE, TIMELINE(UNIT_A, "2022-02-01", "2022-01-31"), INVALID,
     "lastDay", "LAST_DAY_BEFORE_FIRST"},
    {"timeline of 101 years", GET_TIMELINE, TIMELINE(UNIT_A, "2022-01-01", "2123-01-31"), INVALID,
     "lastDay", "TOO_LONG"},
    {"page of -1", BREACHES, "{'pageSize': -1}", INVALID, "pageSize", "NUMBER_OUT_OF_RANGE"},
    {"a page token that reads well, but was given for nothing", BREACHES,
     "{'pageToken': '623a313a31'}", INVALID, "pageToken", "PAGE_TOKEN_INVALID"},
    {"a page token of one's own", BREACHES, "{'pageToken': 'sida 2'}", INVALID, "pageToken",
     "PAGE_TOKEN_INVALID"},
    {"an unknown breach", GET_BREACH, "{'breachId': '" UNKNOWN_ID "'}", NIVA_NOT_FOUND, "breachId",
     "BREACH_UNKNOWN"},
    {"a breach of no id", GET_BREACH, "{'breachId': '1'}", INVALID, "breachId", "UUID_MALFORMED"},
    {"a dialogue about nothing", DIALOGUE "OpenDialogue", "{}", INVALID, "breachId", "REQUIRED"},
    {"a dialogue about an unknown breach", DIALOGUE "OpenDialogue",
     "{'breachId': '" UNKNOWN_ID "'}", NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN"},
    {"a note that turns the line", DIALOGUE "AddNote",
     "{'breachId': '" UNKNOWN_ID "', 'side': 'PURCHASER', 'text': 'a\\u202eb'}", INVALID, "text",
     "TEXT_CONTROL"},
    {"an answer of nothing", DIALOGUE "Answer", "{'breachId': '" UNKNOWN_ID "'}", INVALID, "text",
     "REQUIRED"},
    {"an answer of blanks", DIALOGUE "Answer", "{'breachId': '" UNKNOWN_ID "', 'text': ' \\n'}",
     INVALID, "text", "TEXT_BLANK"},
    {"a measure of nobody", DIALOGUE "AgreeMeasure",
     "{'breachId': '" UNKNOWN_ID "', 'text': 'Fiktivt', 'dueOn': '2022-07-01'}", INVALID, "side",
     "REQUIRED"},
    {"a measure that ends somehow", DIALOGUE "CompleteMeasure",
     "{'breachId': '" UNKNOWN_ID "', 'measureId': '" UNKNOWN_ID "'}", INVALID, "outcome",
     "REQUIRED"},
    {"the dialogue of an unknown breach", DIALOGUE "ListDialogue", "{'breachId': '" UNKNOWN_ID "'}",
     NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN"},
    {"statuses of no day", STATUSES, "{'professionGroup': '" GROUP "', 'day': 'i dag'}", INVALID,
     "day", "DAY_MALFORMED"},
    {"a position of a stream that is not followed", BREACHES,
     "{'after': [{'stream': 'dispatch', 'position': '1'}]}", INVALID, "after", "STREAM_UNKNOWN"},
    {"component with a bad name", PUT_COMPONENT,
     COMPONENT("Fysio terapi", UNIT_A, "2022-01-01", "", "1"), INVALID, "component.component",
     "NAME_KEY_MALFORMED"},
    {"negative amount", PUT_COMPONENT, COMPONENT("fysioterapi", UNIT_A, "2022-01-01", "", "-1"),
     INVALID, "component.monthlyOre", "NUMBER_OUT_OF_RANGE"},
    {"over-large amount", PUT_COMPONENT,
     COMPONENT("fysioterapi", UNIT_A, "2022-01-01", "", "10000000000001"), INVALID,
     "component.monthlyOre", "NUMBER_OUT_OF_RANGE"},
    {"component that ends before it begins", PUT_COMPONENT,
     COMPONENT("fysioterapi", UNIT_A, "2022-01-02", "2022-01-01", "1"), INVALID,
     "component.lastDay", "LAST_DAY_BEFORE_FIRST"},
    {"a version that is not there", PUT_COMPONENT,
     "{'expectedVersion': 3, 'component': {'component': 'fysioterapi', 'unit': '" UNIT_A
     "', 'professionGroup': '" GROUP "', 'firstDay': '2022-01-01', 'monthlyOre': '1'}}",
     BLOCKED, UNIT_A "/" GROUP "/fysioterapi/2022-01-01", "VERSION_MISMATCH"},
    {"a month that is none", ADJUSTMENTS, "{'period': '2022-13'}", INVALID, "period",
     "MONTH_MALFORMED"},
    {"an unknown line", GET_LINE, "{'adjustmentId': '" UNKNOWN_ID "'}", NIVA_NOT_FOUND,
     "adjustmentId", "ADJUSTMENT_UNKNOWN"},
    {"a signature for an unknown line", PREPARE, "{'adjustmentId': '" UNKNOWN_ID "'}",
     NIVA_NOT_FOUND, "adjustmentId", "ADJUSTMENT_UNKNOWN"},
    {"a signature for nothing", PREPARE, "{}", INVALID, "adjustmentId", "REQUIRED"},
    {"a decision of no kind", DECIDE, DECISION("'reason': 'a'"), INVALID, "decision", "REQUIRED"},
    {"a waiver without a code", DECIDE, DECISION("'decision': 'WAIVE', 'reason': 'Fiktivt'"),
     INVALID, "reasonCode", "REQUIRED"},
    {"a waiver for blank reasons", DECIDE,
     DECISION("'decision': 'WAIVE', 'reasonCode': 'OTHER', 'reason': ' \\n '"), INVALID, "reason",
     "TEXT_BLANK"},
    {"a decision without a case number", DECIDE,
     "{'adjustmentId': '" UNKNOWN_ID "', 'decision': 'APPROVE', 'delegation': 'Fiktiv'}", INVALID,
     "caseNumber", "REQUIRED"},
    {"a delegation of two lines", DECIDE,
     "{'adjustmentId': '" UNKNOWN_ID "', 'decision': 'APPROVE', 'caseNumber': 'F-1',"
     " 'delegation': 'a\\nb'}",
     INVALID, "delegation", "TEXT_NOT_ONE_LINE"},
    {"a decision about an unknown line", DECIDE, DECISION("'decision': 'APPROVE'"), NIVA_NOT_FOUND,
     "adjustmentId", "ADJUSTMENT_UNKNOWN"},
    {"a revision to what was computed", REVISE,
     DECISION("'revisedOre': '24000', 'reasonCode': 'OTHER', 'reason': 'Fiktivt'"), INVALID,
     "revisedOre", "AMOUNT_NOT_REVISED"},
    {"a revision below nothing", REVISE,
     DECISION("'revisedOre': '-1', 'reasonCode': 'OTHER', 'reason': 'Fiktivt'"), INVALID,
     "revisedOre", "AMOUNT_NOT_REVISED"},
    {"a revision without a reason", REVISE, DECISION("'revisedOre': '1', 'reasonCode': 'OTHER'"),
     INVALID, "reason", "REQUIRED"},
    {"an explanation of no id", EXPLAIN, "{'adjustmentId': ''}", INVALID, "adjustmentId",
     "REQUIRED"},
};

static void compliance_and_compensation_refuse_bad_requests(void **state)
{
    struct site *site = *state;

    for (size_t i = 0; i < sizeof downstream_cases / sizeof *downstream_cases; i++) {
        const struct bad_case *bad = &downstream_cases[i];

        refused(site, bad->method, bad->json, bad->code, bad->field, bad->reason, bad->name);
    }
}

/* ---- what all methods share ---- */

static void request_ids_are_judged(void **state)
{
    static const char *const ids[] = {"x", "00000000-0000-0000-0000-000000000000",
                                      UNKNOWN_ID UNKNOWN_ID};
    struct site *site = *state;
    Niva__Intake__V1__CancelAbsenceRequest request = NIVA__INTAKE__V1__CANCEL_ABSENCE_REQUEST__INIT;
    const struct niva_rpc_options options = {.timeout_ms = 5000, .recorded_at = INT64_MIN};
    ProtobufCMessage *reply;
    struct niva_error err;
    char json[256];

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        snprintf(json, sizeof json, "{'requestId': '%s', 'absenceId': '" UNKNOWN_ID "'}", ids[i]);
        refused(site, "niva.intake.v1.AbsenceService/CancelAbsence", json, INVALID, "requestId",
                "UUID_MALFORMED", ids[i]);
    }
    request.absence_id = (char *)UNKNOWN_ID;
    if (niva_rpc_call(system_client(site->system, PART_INTAKE),
                      "/niva.intake.v1.AbsenceService/CancelAbsence", &request.base,
                      &niva__intake__v1__cancel_absence_response__descriptor, &options, site->arena,
                      &reply, NULL, &err))
        fail_msg("expected a refusal, actual OK");
    refusal_check(&err, INVALID, "requestId", "REQUIRED", "no request id");
}

#define REUSED "0190163d-8694-739b-aea5-966c26f8ad92"
#define REUSED_REPORT(day)                                                                         \
    "{'requestId': '" REUSED "', 'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP      \
    "', 'effectiveFrom': '" day "'}}"

static void a_request_id_stands_for_one_content(void **state)
{
    static const char *const submit = "niva.intake.v1.ReportService/SubmitReport";
    struct site *site = *state;
    struct niva_rpc_options other = {
        .timeout_ms = 5000, .principal = "fiktiv.annan", .recorded_at = INT64_MIN};
    const Niva__Intake__V1__SubmitReportResponse *report;
    ProtobufCMessage *reply;
    struct niva_error err;
    char first[40];

    report = (const void *)system_tell(site->system, site->arena, submit, "%s",
                                       REUSED_REPORT("2022-04-01"));
    snprintf(first, sizeof first, "%s", report->report->report_id);
    assert_false(report->replayed);
    report = (const void *)system_tell(site->system, site->arena, submit, "%s",
                                       REUSED_REPORT("2022-04-01"));
    assert_string_equal(report->report->report_id, first);
    assert_true(report->replayed);
    refused(site, submit, REUSED_REPORT("2022-04-02"), NIVA_ALREADY_EXISTS, "requestId",
            "REQUEST_ID_REUSED", "other content under the same id");
    if (!system_call(site->system, submit, REUSED_REPORT("2022-04-02"), &other, site->arena, &reply,
                     &err))
        fail_msg("another principal's id: expected OK, actual %s", err.text_en);
    assert_false(((const Niva__Intake__V1__SubmitReportResponse *)reply)->replayed);
}

static void a_record_is_not_put_before_the_last(void **state)
{
    struct site *site = *state;
    struct niva_rpc_options past = {.timeout_ms = 5000};
    char before[HEADS];
    ProtobufCMessage *reply;
    struct niva_error err;

    assert_true(niva_instant_parse("2022-01-01T00:00:00Z", &past.recorded_at));
    heads_take(site, before);
    if (system_call(site->system, "niva.intake.v1.ReportService/SubmitReport",
                    "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                    "', 'effectiveFrom': '2022-01-01'}}",
                    &past, site->arena, &reply, &err))
        fail_msg("expected a refusal, actual OK");
    refusal_check(&err, BLOCKED, "recordedAt", "RECORDED_BEFORE_LAST", "a record of the past");
    assert_string_equal(system_heads(site->system), before);
}

static void the_day_does_not_go_back(void **state)
{
    struct site *site = *state;

    for (int part = PART_INTAKE; part <= PART_COMPLIANCE; part++) {
        Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
        const struct niva_rpc_options options = {.timeout_ms = 5000, .recorded_at = INT64_MIN};
        char before[HEADS];
        ProtobufCMessage *reply;
        struct niva_error err;

        request.request_id = (char *)UNKNOWN_ID;
        request.day = (char *)"2022-06-22";
        heads_take(site, before);
        if (niva_rpc_call(system_client(site->system, (enum part)part),
                          "/niva.control.v1.ControlService/MoveToday", &request.base,
                          &niva__control__v1__move_today_response__descriptor, &options,
                          site->arena, &reply, NULL, &err))
            fail_msg("expected a refusal, actual OK");
        assert_int_equal(err.code, BLOCKED);
        sentences_check(&err, "a day of the past");
        assert_string_equal(system_heads(site->system), before);
    }
}

int main(void)
{
    struct site site = {.caller = {.call = site_call}};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(intake_refuses_bad_requests, &site),
        cmocka_unit_test_prestate(corrections_are_refused_where_they_do_not_fit, &site),
        cmocka_unit_test_prestate(what_looks_odd_is_accepted, &site),
        cmocka_unit_test_prestate(compliance_and_compensation_refuse_bad_requests, &site),
        cmocka_unit_test_prestate(request_ids_are_judged, &site),
        cmocka_unit_test_prestate(a_request_id_stands_for_one_content, &site),
        cmocka_unit_test_prestate(a_record_is_not_put_before_the_last, &site),
        cmocka_unit_test_prestate(the_day_does_not_go_back, &site),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new(64 << 20);
    site.caller.arena = niva_arena_new(64 << 20);
    if (site.arena == NULL || site.caller.arena == NULL)
        give_up("no memory");
    system_today(site.system, "2022-06-23");
    units_put(&site.caller);
    system_tell(site.system, site.arena, PUT_RULE_SET, "%s",
                RULE_SET("fysioterapi-19", "2022-01-01", "", ""));
    system_tell(site.system, site.arena, PUT_CONTRACT, "%s",
                CONTRACT(UNIT_B, GROUP, "2022-01-01", "", "1000"));
    system_wait(site.system);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.caller.arena);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
