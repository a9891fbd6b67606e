/* What changed since a decision, fact by fact: a month is decided; then a report is corrected, an
 * absence gets cover, a dispensation is revoked and another voided, a rule set and an amount are
 * put anew, something is established. Each says whose it is and what it changed, and they add up to
 * what the difference line says is due. */
#include <inttypes.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compliance/v1/change.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/wire/wire.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

#define UNIT       "SE2321000016-A001"
#define GROUP      "fysioterapeut"
#define COMPLIANCE "niva.compliance.v1."
#define ADJUSTMENT "niva.compensation.v1.AdjustmentService/"
#define OF_UNIT    "'unit': '" UNIT "', 'professionGroup': '" GROUP "'"
#define JANUARY    OF_UNIT ", 'firstDay': '2022-01-01', 'lastDay': '2022-01-31'"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ListAdjustmentsResponse Adjustments;
typedef Niva__Compliance__V1__Change Change;
typedef Niva__Compliance__V1__ListChangesResponse Changes;

enum { ARENA_BYTES = 64 << 20, OUTPUT_BYTES = 64 << 10, CALL_MS = 30000 };

static struct {
    struct system *system;
    struct niva_arena *arena;
    const char *report_id;
    const char *absence_id;
    const char *voided_id;
    const char *revoked_id;
    const Adjustment *decided;
    const char *decided_at;
} site;

#define tell(method, ...) system_tell(site.system, site.arena, method, __VA_ARGS__)

/* ---- the story ---- */

static void rule_set_tell(const char *formula)
{
    tell(COMPLIANCE "RuleService/PutRuleSet",
         "{'ruleSet': {'ruleSetId': 'fysioterapi', 'regionCode': '19', 'professionGroup': '" GROUP
         "', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
         " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
         " ['EMPLOYED', 'SUBSTITUTE'], 'absenceThresholdDays': 30}, 'regulation': {'formula':"
         " '%s'}}}",
         formula);
}

static void component_tell(const char *ore)
{
    tell("niva.compensation.v1.ComponentService/PutComponent",
         "{'component': {'component': 'fysioterapi', " OF_UNIT
         ", 'firstDay': '2022-01-01', 'monthlyOre': '%s', 'regulated': true}}",
         ore);
}

static const char *report_tell(const char *corrects, int milli)
{
    const Niva__Intake__V1__SubmitReportResponse *reply = (const void *)tell(
        "niva.intake.v1.ReportService/SubmitReport",
        "{'report': {" OF_UNIT ", 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s',"
        " 'resolutionNote': 'Fiktiv anteckning', 'positions': ["
        "{'positionKey': 'ft-1', 'titleCode': 'FT', 'employment': 'EMPLOYED', 'fteMilli': %d,"
        " 'licensed': true}, {'positionKey': 'ft-2', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
        " 'fteMilli': 500, 'licensed': true}]}}",
        corrects, milli);

    return reply->report->report_id;
}

#define ABSENCE                                                                                    \
    "'absence': {" OF_UNIT ", 'positionKey': 'ft-2', 'firstDay': '2021-12-30',"                    \
    " 'expectedLastDay': '2022-02-15', 'planNote': 'Fiktiv plan'"

static const char *dispensation_tell(const char *first_day, const char *last_day, int minimum)
{
    const Niva__Compliance__V1__GrantDispensationResponse *reply =
        (const void *)tell(COMPLIANCE "DispensationService/GrantDispensation",
                           "{'dispensation': {" OF_UNIT ", 'firstDay': '%s', 'lastDay': '%s',"
                           " 'reducedMinimumMilli': %d, 'decisionReference': 'FIKTIV-1'}}",
                           first_day, last_day, minimum);

    return reply->dispensation->dispensation_id;
}

/* 1,00 of 2,00 counts; from 20 January 1,00 is enough. */
static void facts_before(void)
{
    const Niva__Intake__V1__NotifyAbsenceResponse *absence;

    system_today(site.system, "2022-01-03");
    rule_set_tell("PRO_RATA");
    tell("niva.intake.v1.UnitService/PutUnit",
         "{'unit': {'hsaId': '" UNIT "', 'name': 'Vårdcentralen Fiktiv', 'regionCode': '19',"
         " 'owners': [{'orgNumber': '2321000016', 'form': 'INTRAPRENAD',"
         " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}");
    component_tell("31000000");
    tell(COMPLIANCE "RequirementService/PutContract",
         "{'contract': {" OF_UNIT ", 'firstDay': '2022-01-01', 'minimumMilli': 2000}}");
    site.report_id = report_tell("", 1000);
    absence = (const void *)tell("niva.intake.v1.AbsenceService/NotifyAbsence", "{" ABSENCE "}}");
    site.absence_id = absence->absence->absence_id;
    system_wait(site.system);
    system_today(site.system, "2022-01-10");
    site.voided_id = dispensation_tell("2022-01-20", "2022-01-31", 1000);
    site.revoked_id = dispensation_tell("2022-01-25", "2022-03-31", 1900);
    system_wait(site.system);
}

static const Adjustment *line_find(const char *state)
{
    const Adjustments *list =
        (const void *)tell(ADJUSTMENT "ListAdjustments",
                           "{'unit': '" UNIT "', 'period': '2022-01', 'state': '%s'}", state);

    assert_int_equal(list->n_adjustments, 1);
    return list->adjustments[0];
}

static const char *instant_text(const struct Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant;
    char text[32];

    assert_true(niva_wire_instant(timestamp, &instant));
    niva_instant_format(instant, text);
    return niva_arena_strdup(site.arena, text);
}

static void as_tell(const char *principal, const char *method, const char *json)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .recorded_at = INT64_MIN, .principal = principal};
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (!system_call(site.system, method, json, &options, site.arena, &reply, &err))
        fail_msg("%s: %s (%s)", method, err.text_en, err.cause);
}

static void decide(void)
{
    const Adjustment *line;
    char json[512];

    system_today(site.system, "2022-02-03");
    line = line_find("PROPOSED");
    assert_int_equal(line->computed_ore, 9500000);
    snprintf(json, sizeof json, "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "'}",
             line->adjustment_id, line->computed_ore);
    as_tell("fiktiv.handlaggare.1", ADJUSTMENT "PrepareAdjustment", json);
    snprintf(json, sizeof json,
             "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "', 'decision': 'APPROVE',"
             " 'caseNumber': 'FIKTIV-2022-1', 'delegation': 'Fiktiv delegation 1'}",
             line->adjustment_id, line->computed_ore);
    as_tell("fiktiv.beslutsfattare.1", ADJUSTMENT "DecideAdjustment", json);
    site.decided = line_find("DECIDED");
    site.decided_at = instant_text(site.decided->decision_recorded_at);
}

static void facts_after(void)
{
    report_tell(site.report_id, 800);
    tell("niva.intake.v1.AbsenceService/UpdateAbsence",
         "{" ABSENCE ", 'absenceId': '%s', 'cover': [{'positionKey': 'vik-1', 'titleCode': 'FT',"
         " 'employment': 'SUBSTITUTE', 'fteMilli': 500, 'licensed': true}]}}",
         site.absence_id);
    system_wait(site.system);
    tell(COMPLIANCE "DispensationService/RevokeDispensation",
         "{'dispensationId': '%s', 'fromDay': '2022-02-10'}", site.revoked_id);
    tell(COMPLIANCE "RequirementService/PutListings",
         "{'listings': [{'unit': '" UNIT "', 'asOf': '2021-12-31', 'listed': 8000}]}");
    tell(COMPLIANCE "RequirementService/PutContract",
         "{'contract': {" OF_UNIT ", 'firstDay': '2022-06-01', 'minimumMilli': 3000}}");
    tell(COMPLIANCE "DispensationService/VoidDispensation",
         "{'dispensationId': '%s', 'reason': 'Fiktivt skäl'}", site.voided_id);
    rule_set_tell("ALL_OR_NOTHING");
    system_wait(site.system);
    component_tell("15500000");
    system_wait(site.system);
    tell(COMPLIANCE "FindingService/PutFinding",
         "{'finding': {" OF_UNIT ", 'firstDay': '2022-01-01', 'lastDay': '2022-01-10',"
         " 'countedMilli': 2000, 'evidence': 'Fiktivt besök', 'caseNumber': 'FIKTIV-2'}}");
    system_wait(site.system);
}

static int story_tell(void **state)
{
    (void)state;
    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    facts_before();
    decide();
    facts_after();
    return 0;
}

static int story_end(void **state)
{
    (void)state;
    system_free(site.system);
    niva_arena_free(site.arena);
    return 0;
}

/* ---- what changed ---- */

static const Changes *changes_ask(const char *known_from, const char *rest)
{
    return (const void *)tell(COMPLIANCE "ChangeService/ListChanges",
                              "{" JANUARY ", 'knownFrom': '%s'%s}", known_from, rest);
}

#define KIND(name)   NIVA__COMPLIANCE__V1__CHANGE__KIND__##name
#define ACTION(name) NIVA__COMPLIANCE__V1__CHANGE__ACTION__##name
#define CAUSE(name)  NIVA__COMPLIANCE__V1__CHANGE__CAUSE__##name

/* In the order of the record: what each left of January, in öre. */
static const struct told {
    int kind;
    int action;
    int cause;
    int32_t days; /* with another verdict */
    int64_t after;
} story[] = {
    {KIND(REPORT), ACTION(CORRECTED), CAUSE(PROVIDER_FACT), 31, 12600000},
    {KIND(ABSENCE), ACTION(UPDATED), CAUSE(PROVIDER_FACT), 31, 6650000},
    {KIND(DISPENSATION), ACTION(REVOKED), CAUSE(PURCHASER_FACT), 0, 6650000},
    {KIND(LISTING), ACTION(ADDED), CAUSE(PURCHASER_FACT), 0, 6650000},
    {KIND(DISPENSATION), ACTION(VOIDED), CAUSE(PURCHASER_FACT), 12, 10500000},
    {KIND(RULE_SET), ACTION(UPDATED), CAUSE(RULE), 0, 31000000},
    {KIND(COMPONENT), ACTION(UPDATED), CAUSE(PURCHASER_FACT), 0, 15500000},
    {KIND(FINDING), ACTION(ADDED), CAUSE(PURCHASER_FACT), 10, 10500000},
};

enum { STORY = sizeof story / sizeof *story };

static void change_check(const Change *change, size_t place)
{
    const struct told *told = &story[place];
    int64_t before = place == 0 ? 9500000 : story[place - 1].after;
    int32_t days = 0;

    for (size_t i = 0; i < change->n_differences; i++)
        days += change->differences[i]->days;
    if ((int)change->kind != told->kind || (int)change->action != told->action ||
        (int)change->cause != told->cause || days != told->days || change->before_ore != before ||
        change->after_ore != told->after)
        fail_msg("change %zu: expected kind %d action %d cause %d, %d days, %" PRId64 " to %" PRId64
                 ", actual %d %d %d, %d days, %" PRId64 " to %" PRId64 " (%s)",
                 place, told->kind, told->action, told->cause, (int)told->days, before, told->after,
                 (int)change->kind, (int)change->action, (int)change->cause, (int)days,
                 change->before_ore, change->after_ore, change->text_sv);
    assert_int_equal(change->changed_verdict, days > 0);
    assert_int_equal(change->changed_amount, before != told->after);
    assert_int_equal(change->n_amounts, before != told->after);
    assert_non_null(change->recorded_at);
    assert_non_null(change->received_at);
    assert_string_not_equal(change->recorded_by, "");
}

static void every_fact_says_whose_it_is_and_what_it_changed(void **state)
{
    const Changes *changes = changes_ask(site.decided_at, "");

    (void)state;
    assert_int_equal(changes->n_changes, STORY);
    for (size_t i = 0; i < STORY; i++)
        change_check(changes->changes[i], i);
    assert_int_equal(changes->before_ore, site.decided->computed_total_ore);
    assert_int_equal(changes->after_ore, line_find("PROPOSED")->computed_total_ore);
    assert_int_equal(changes->n_amounts, 1);
    assert_int_equal(changes->amounts[0]->after_ore, changes->after_ore);
    assert_string_equal(changes->changes[0]->refers_to, site.report_id);
    assert_string_equal(changes->changes[0]->first_day, "2022-01-01");
    assert_string_equal(changes->changes[1]->id, site.absence_id);
    assert_string_equal(changes->changes[1]->first_day, "");
    assert_string_equal(changes->changes[1]->last_day, "");
    assert_string_equal(changes->changes[4]->id, site.voided_id);
    assert_string_equal(changes->before[0]->report_id, site.report_id);
    assert_string_equal(changes->after[0]->first_day, "2022-01-01");
    assert_string_equal(changes->after[0]->finding_id, changes->changes[7]->id);
}

static void what_is_said_tells_nobody(void **state)
{
    static const char *const hidden[] = {"ft-1",   "ft-2",       "vik-1",       "2021-12-30",
                                         "Fiktiv", "2022-02-15", "Fiktivt skäl"};
    const Changes *changes = changes_ask(site.decided_at, "");

    (void)state;
    for (size_t i = 0; i < changes->n_changes; i++)
        for (size_t j = 0; j < sizeof hidden / sizeof *hidden; j++) {
            assert_null(strstr(changes->changes[i]->text_sv, hidden[j]));
            assert_null(strstr(changes->changes[i]->text_en, hidden[j]));
        }
}

static void pages_are_parts_of_the_whole(void **state)
{
    char rest[256] = ", 'pageSize': 3";
    size_t seen = 0;

    (void)state;
    for (bool more = true; more;) {
        const Changes *page = changes_ask(site.decided_at, rest);

        for (size_t i = 0; i < page->n_changes; i++)
            change_check(page->changes[i], seen++);
        assert_int_equal(page->after_ore, story[STORY - 1].after);
        more = *page->next_page_token != '\0';
        assert_int_equal(more, seen < STORY);
        snprintf(rest, sizeof rest, ", 'pageSize': 3, 'pageToken': '%s'", page->next_page_token);
    }
    assert_int_equal(seen, STORY);
}

static void a_second_instant_ends_the_list(void **state)
{
    const Changes *whole = changes_ask(site.decided_at, "");
    char rest[128];

    (void)state;
    snprintf(rest, sizeof rest, ", 'knownAt': '%s'", instant_text(whole->changes[4]->recorded_at));
    const Changes *part = changes_ask(site.decided_at, rest);
    assert_int_equal(part->n_changes, 5);
    assert_int_equal(part->after_ore, story[4].after);
    snprintf(rest, sizeof rest, ", 'knownAt': '%s'", site.decided_at);
    part = changes_ask(site.decided_at, rest);
    assert_int_equal(part->n_changes, 0);
    assert_int_equal(part->n_differences, 0);
    assert_int_equal(part->after_ore, part->before_ore);
}

/* Days that go by are among the changes; with them everything adds up from any instant. */
static void from_any_instant_the_changes_add_up(void **state)
{
    static const char *const instants[] = {"2022-01-01T12:00:00Z", "2022-01-03T23:30:00Z",
                                           "2022-01-09T12:00:00Z", "2022-01-31T12:00:00Z"};
    size_t days = 0;

    (void)state;
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        const Changes *changes = changes_ask(instants[i], "");
        int64_t ore = changes->before_ore;

        for (size_t j = 0; j < changes->n_changes; j++) {
            assert_int_equal(changes->changes[j]->before_ore, ore);
            ore = changes->changes[j]->after_ore;
            if (changes->changes[j]->kind == KIND(DAY)) {
                assert_int_equal(changes->changes[j]->cause, CAUSE(CAUSE_UNSPECIFIED));
                days++;
            }
        }
        assert_int_equal(ore, changes->after_ore);
        assert_int_equal(ore, story[STORY - 1].after);
    }
    assert_true(days >= 4);
}

/* ---- nivactl ---- */

static char *explain(const char *id, const char *flag, const char *value)
{
    static char output[OUTPUT_BYTES];
    const char *const arguments[] = {"explain", id, flag, value, NULL};

    assert_int_equal(
        system_run(site.system, "services/nivactl/nivactl", arguments, output, sizeof output), 0);
    return output;
}

static void contains(const char *output, const char *text)
{
    if (strstr(output, text) == NULL)
        fail_msg("\"%s\" is not in\n%s", text, output);
}

static void nivactl_explains_what_changed_since_the_decision(void **state)
{
    char *output = explain(site.decided->adjustment_id, NULL, NULL);

    (void)state;
    contains(output, "Ändrat sedan ");
    contains(output, "1. Vårdcentralen rättade en redovisning; den nya gäller från 2022-01-01.");
    contains(output, "2022-01-01\u20132022-01-19 (dagar: 19): under miniminivå, 1,00 av 2,00");
    contains(output, "Beställaren makulerade dispensen 2022-01-20\u20132022-01-31");
    contains(output, "Ändrade varken någon dag eller något belopp:\n- Beställaren återkallade");
    contains(output, "regelns");
    assert_null(strstr(output, "Obs: då var fakta"));
    assert_null(strstr(output, "ft-2"));
    output = explain(site.decided->adjustment_id, "--lang", "en");
    contains(output, "the provider's");
    output = explain(site.decided->adjustment_id, "--known-at", "2022-01-09");
    contains(output, "Dagen 2022-01-10 kom.");
    contains(output, "Dagarna 2022-01-11\u20132022-01-31 kom.");
}

static void nivactl_gives_programs_both_in_one(void **state)
{
    char *output = explain(site.decided->adjustment_id, "--output", "json");
    json_t *json = json_loads(output, 0, NULL);
    json_t *changes;

    (void)state;
    assert_non_null(json);
    assert_true(json_array_size(json_object_get(json, "lines")) > 0);
    changes = json_object_get(json, "changes_since");
    assert_int_equal(json_array_size(json_object_get(changes, "changes")), STORY);
    assert_int_equal(json_integer_value(json_object_get(changes, "after_ore")),
                     story[STORY - 1].after);
    json_decref(json);
}

/* ---- what can't be asked ---- */

static void refused(const char *json, enum niva_code code, const char *reason)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (system_call(site.system, COMPLIANCE "ChangeService/ListChanges", json, NULL, site.arena,
                    &reply, &err) ||
        err.code != code || err.violation_count != 1 ||
        strcmp(err.violations[0].reason, reason) != 0)
        fail_msg("%s: expected %s, actual %s %s", json, reason, niva_code_name((int)err.code),
                 err.violation_count > 0 ? err.violations[0].reason : err.text_en);
}

static void what_cant_be_asked_is_said(void **state)
{
#define SINCE "'knownFrom': '2022-01-20T00:00:00Z'"
    (void)state;
    refused("{" JANUARY "}", NIVA_INVALID_ARGUMENT, "REQUIRED");
    refused("{" JANUARY ", " SINCE ", 'knownAt': '2022-01-19T00:00:00Z'}", NIVA_INVALID_ARGUMENT,
            "KNOWN_AT_BEFORE_KNOWN_FROM");
    refused("{" JANUARY ", " SINCE ", 'pageToken': '633a78'}", NIVA_INVALID_ARGUMENT,
            "PAGE_TOKEN_INVALID");
    refused("{" OF_UNIT ", 'firstDay': '2022-01-01', 'lastDay': '2032-02-01', " SINCE "}",
            NIVA_INVALID_ARGUMENT, "TOO_LONG");
    refused("{'unit': 'SE2321000016-A002', 'professionGroup': '" GROUP
            "', 'firstDay': '2022-01-01', 'lastDay': '2022-01-31', " SINCE "}",
            NIVA_NOT_FOUND, "UNIT_UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fact_says_whose_it_is_and_what_it_changed),
        cmocka_unit_test(what_is_said_tells_nobody),
        cmocka_unit_test(pages_are_parts_of_the_whole),
        cmocka_unit_test(a_second_instant_ends_the_list),
        cmocka_unit_test(from_any_instant_the_changes_add_up),
        cmocka_unit_test(nivactl_explains_what_changed_since_the_decision),
        cmocka_unit_test(nivactl_gives_programs_both_in_one),
        cmocka_unit_test(what_cant_be_asked_is_said),
    };
    int failed = cmocka_run_group_tests_name("explain", tests, story_tell, story_end);

    return failed ? 1 : 0;
}
