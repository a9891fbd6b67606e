/* What must be refused by what is on record: each refusal has its code, its path and both
 * languages, and changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

#define UNIT "SE2321000016-BAD1"

static struct cluster *cluster;
static const char *database;
static struct office office;
static char dispensation[37];
static char voided[37];
static char ended[37];
static char finding[37];
static char call[37]; /* voided */

static int64_t positions(void)
{
    return office_count(cluster, database, "SELECT position + fact_no FROM compliance.stream_head");
}

static void refused(const char *method, const char *json, enum niva_code code, const char *field,
                    const char *reason)
{
    struct niva_error err;
    int64_t before = positions();
    if (office_call(&office, method, json, &err) != NULL)
        fail_msg("%s %s: expected %s", method, json, niva_code_name((int)code));
    if (err.code != code || err.violation_count == 0 ||
        strcmp(err.violations[0].field, field) != 0 ||
        strcmp(err.violations[0].reason, reason) != 0)
        fail_msg("%s %s\nexpected %s %s %s, got %s %s %s (%s %s)", method, json,
                 niva_code_name((int)code), field, reason, niva_code_name((int)err.code),
                 err.violation_count > 0 ? err.violations[0].field : "-",
                 err.violation_count > 0 ? err.violations[0].reason : "-", err.text_en, err.cause);
    assert_true(strlen(err.violations[0].text_sv) > 10);
    assert_string_not_equal(err.violations[0].text_sv, err.violations[0].text_en);
    assert_int_equal(positions(), before);
}

static void not_seen(const char *method, const char *json, enum niva_code code, const char *field)
{
    struct niva_error err;
    if (office_ask(&office, method, json, &err) != NULL)
        fail_msg("%s %s: expected %s", method, json, niva_code_name((int)code));
    assert_int_equal(err.code, code);
    assert_string_equal(err.violations[0].field, field);
    assert_string_not_equal(err.violations[0].text_sv, err.violations[0].text_en);
}

static const char *with(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *with(const char *format, ...)
{
    static char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

#define RULE_SET(id, region, first, last, expected)                                                \
    "{" expected "\"ruleSet\":{\"ruleSetId\":\"" id "\",\"regionCode\":\"" region                  \
    "\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"" first "\",\"lastDay\":\"" last      \
    "\",\"severity\":\"BINDING\",\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":"          \
    "{\"titleCodes\":[\"FT\"],\"employments\":[\"EMPLOYED\"]},\"regulation\":"                     \
    "{\"formula\":\"NONE\"}}}"

static void rule_sets(void **state)
{
    (void)state;
    refused("PutRuleSet", RULE_SET("other", "99", "2022-06-01", "", ""), NIVA_FAILED_PRECONDITION,
            "fysio", "RULE_SET_OVERLAP");
    refused("PutRuleSet", RULE_SET("other", "99", "2021-06-01", "2022-01-31", ""),
            NIVA_FAILED_PRECONDITION, "fysio", "RULE_SET_OVERLAP");
    refused("PutRuleSet", RULE_SET("fysio", "98", "2022-06-01", "", ""), NIVA_FAILED_PRECONDITION,
            "fysio", "RULE_SET_ELSEWHERE");
    refused("PutRuleSet", RULE_SET("fysio", "99", "2022-01-01", "", "\"expectedVersion\":0,"),
            NIVA_FAILED_PRECONDITION, "fysio", "VERSION_MISMATCH");
    refused("PutRuleSet", RULE_SET("new", "97", "2022-01-01", "", "\"expectedVersion\":1,"),
            NIVA_FAILED_PRECONDITION, "new", "VERSION_MISMATCH");
}

static void contracts(void **state)
{
    (void)state;
    refused("PutContract",
            "{\"expectedVersion\":7,\"contract\":{\"unit\":\"" UNIT
            "\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\"}}",
            NIVA_FAILED_PRECONDITION, UNIT "/fysioterapeut/2022-01-01", "VERSION_MISMATCH");
    refused("PutContract",
            "{\"contract\":{\"unit\":\"" UNIT
            "\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
            "\"receivedAt\":\"2099-01-01T00:00:00Z\"}}",
            NIVA_INVALID_ARGUMENT, "contract.receivedAt", "RECEIVED_AFTER_RECORDED");
    refused("PutListings",
            "{\"listings\":[{\"unit\":\"" UNIT "\",\"asOf\":\"2022-01-31\",\"listed\":1},"
            "{\"unit\":\"" UNIT "\",\"asOf\":\"2022-02-28\",\"listed\":1,"
            "\"receivedAt\":\"2099-01-01T00:00:00Z\"}]}",
            NIVA_INVALID_ARGUMENT, "listings[1].receivedAt", "RECEIVED_AFTER_RECORDED");
}

static void dispensations(void **state)
{
    (void)state;
    static const char *const unknown = "0190163d-8694-739b-aea5-966c26f8ad91";
    refused("RevokeDispensation",
            with("{\"dispensationId\":\"%s\",\"fromDay\":\"2022-05-01\"}", unknown), NIVA_NOT_FOUND,
            "dispensationId", "DISPENSATION_UNKNOWN");
    refused("VoidDispensation", with("{\"dispensationId\":\"%s\",\"reason\":\"fel\"}", unknown),
            NIVA_NOT_FOUND, "dispensationId", "DISPENSATION_UNKNOWN");
    refused("RevokeDispensation",
            with("{\"dispensationId\":\"%s\",\"fromDay\":\"2022-02-01\"}", dispensation),
            NIVA_INVALID_ARGUMENT, "fromDay", "REVOKED_TOO_EARLY");
    refused("RevokeDispensation",
            with("{\"dispensationId\":\"%s\",\"fromDay\":\"2022-06-01\"}", dispensation),
            NIVA_FAILED_PRECONDITION, dispensation, "DISPENSATION_REVOKED");
    refused("RevokeDispensation",
            with("{\"dispensationId\":\"%s\",\"fromDay\":\"2022-03-01\"}", ended),
            NIVA_FAILED_PRECONDITION, ended, "DISPENSATION_ENDED");
    refused("RevokeDispensation",
            with("{\"dispensationId\":\"%s\",\"fromDay\":\"2022-05-01\"}", voided),
            NIVA_FAILED_PRECONDITION, voided, "DISPENSATION_VOIDED");
    refused("VoidDispensation", with("{\"dispensationId\":\"%s\",\"reason\":\"fel\"}", voided),
            NIVA_FAILED_PRECONDITION, voided, "DISPENSATION_VOIDED");
}

static void findings(void **state)
{
    (void)state;
    refused("PutFinding",
            with("{\"finding\":{\"findingId\":\"%s\",\"unit\":\"" UNIT
                 "\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
                 "\"countedMilli\":1,\"evidence\":\"x\",\"caseNumber\":\"x\"}}",
                 "0190163d-8694-739b-aea5-966c26f8ad91"),
            NIVA_NOT_FOUND, "finding.findingId", "FINDING_UNKNOWN");
    refused(
        "PutFinding",
        with("{\"finding\":{\"findingId\":\"%s\",\"unit\":\"" UNIT
             "\",\"professionGroup\":\"dietist\",\"firstDay\":\"2022-01-01\",\"countedMilli\":1,"
             "\"evidence\":\"x\",\"caseNumber\":\"x\"}}",
             finding),
        NIVA_FAILED_PRECONDITION, finding, "FINDING_ELSEWHERE");
    refused("PutFinding",
            with("{\"expectedVersion\":5,\"finding\":{\"findingId\":\"%s\",\"unit\":\"" UNIT
                 "\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
                 "\"countedMilli\":1,\"evidence\":\"x\",\"caseNumber\":\"x\"}}",
                 finding),
            NIVA_FAILED_PRECONDITION, finding, "VERSION_MISMATCH");
}

#define CALL(fields) "{\"call\":{\"professionGroup\":\"fysioterapeut\"," fields "}}"

static void calls(void **state)
{
    (void)state;
    refused("IssueCall", "{}", NIVA_INVALID_ARGUMENT, "call", "REQUIRED");
    refused("IssueCall", CALL("\"reference\":\"x\""), NIVA_INVALID_ARGUMENT, "call.unit",
            "UNIT_OR_REGION");
    refused("IssueCall", CALL("\"unit\":\"" UNIT "\",\"regionCode\":\"99\""), NIVA_INVALID_ARGUMENT,
            "call.unit", "UNIT_OR_REGION");
    refused("IssueCall", CALL("\"unit\":\"SE1-A\""), NIVA_INVALID_ARGUMENT, "call.unit",
            "HSA_ID_MALFORMED");
    refused("IssueCall", CALL("\"regionCode\":\"99\",\"currentSince\":\"2022-02-30\""),
            NIVA_INVALID_ARGUMENT, "call.currentSince", "DAY_MALFORMED");
    refused("IssueCall", CALL("\"regionCode\":\"99\",\"answerBy\":\"2022-01-31\""),
            NIVA_INVALID_ARGUMENT, "call.answerBy", "ANSWER_BEFORE_ISSUE");
    refused("IssueCall",
            CALL("\"regionCode\":\"99\",\"issuedOn\":\"2022-03-01\",\"answerBy\":\"2022-02-28\""),
            NIVA_INVALID_ARGUMENT, "call.answerBy", "ANSWER_BEFORE_ISSUE");
    refused("VoidCall", "{\"callId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"reason\":\"fel\"}",
            NIVA_NOT_FOUND, "callId", "CALL_UNKNOWN");
    refused("VoidCall", "{\"callId\":\"1\",\"reason\":\"fel\"}", NIVA_INVALID_ARGUMENT, "callId",
            "UUID_MALFORMED");
    refused("VoidCall", with("{\"callId\":\"%s\"}", call), NIVA_INVALID_ARGUMENT, "reason",
            "REQUIRED");
    refused("VoidCall", with("{\"callId\":\"%s\",\"reason\":\"fel\"}", call),
            NIVA_FAILED_PRECONDITION, call, "CALL_VOIDED");
}

static void days(void **state)
{
    (void)state;
    refused("MoveToday", "{\"day\":\"2022-01-31\"}", NIVA_FAILED_PRECONDITION, "day",
            "DAY_BEFORE_TODAY");
    refused("MoveToday", "{\"day\":\"2022-02-30\"}", NIVA_INVALID_ARGUMENT, "day", "DAY_MALFORMED");
    refused("MoveToday", "{}", NIVA_INVALID_ARGUMENT, "day", "DAY_MALFORMED");
}

static void reads(void **state)
{
    (void)state;
    static const char *const lists[] = {"ListRuleSets", "ListContracts",     "ListListings",
                                        "ListFindings", "ListDispensations", "ListBreaches",
                                        "ListCalls"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        not_seen(lists[i], "{\"pageToken\":\"skräp\"}", NIVA_INVALID_ARGUMENT, "pageToken");
        not_seen(lists[i], "{\"pageSize\":-1}", NIVA_INVALID_ARGUMENT, "pageSize");
    }
    not_seen("ListStatuses", "{\"professionGroup\":\"fysioterapeut\",\"pageToken\":\"6e3a31\"}",
             NIVA_INVALID_ARGUMENT, "pageToken");
    not_seen("ListBreaches", "{\"pageToken\":\"623a31\"}", NIVA_INVALID_ARGUMENT, "pageToken");
    not_seen("ListContracts", "{\"pageToken\":\"6e3a78\"}", NIVA_INVALID_ARGUMENT, "pageToken");
    not_seen("ListStatuses", "{}", NIVA_INVALID_ARGUMENT, "professionGroup");
    not_seen("ListOverdueReports", "{}", NIVA_INVALID_ARGUMENT, "professionGroup");
    not_seen("ListOverdueReports",
             "{\"professionGroup\":\"fysioterapeut\",\"pageToken\":\"753a31\"}",
             NIVA_INVALID_ARGUMENT, "pageToken");
    not_seen("ListOverdueReports", "{\"professionGroup\":\"fysioterapeut\",\"day\":\"i går\"}",
             NIVA_INVALID_ARGUMENT, "day");
    not_seen("ListStatuses", "{\"professionGroup\":\"fysioterapeut\",\"day\":\"2022-02-30\"}",
             NIVA_INVALID_ARGUMENT, "day");
    not_seen("GetRuleSet", "{\"ruleSetId\":\"okänd\"}", NIVA_INVALID_ARGUMENT, "ruleSetId");
    not_seen("GetRuleSet", "{\"ruleSetId\":\"unknown\"}", NIVA_NOT_FOUND, "ruleSetId");
    not_seen("GetRuleSet", "{\"ruleSetId\":\"fysio\",\"version\":9}", NIVA_NOT_FOUND, "ruleSetId");
    not_seen("GetBreach", "{\"breachId\":\"0190163d-8694-739b-aea5-966c26f8ad91\"}", NIVA_NOT_FOUND,
             "breachId");
    not_seen("GetBreach", "{\"breachId\":\"1\"}", NIVA_INVALID_ARGUMENT, "breachId");
    not_seen("GetTimeline",
             "{\"unit\":\"SE2321000016-NOBODY\",\"professionGroup\":\"fysioterapeut\","
             "\"firstDay\":\"2022-01-01\",\"lastDay\":\"2022-12-31\"}",
             NIVA_NOT_FOUND, "unit");
    not_seen("GetTimeline",
             "{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
             "\"firstDay\":\"2022-01-01\",\"lastDay\":\"2021-12-31\"}",
             NIVA_INVALID_ARGUMENT, "lastDay");
    not_seen("GetTimeline",
             "{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
             "\"firstDay\":\"1922-01-01\",\"lastDay\":\"2022-12-31\"}",
             NIVA_INVALID_ARGUMENT, "lastDay");
    not_seen("GetTimeline",
             "{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
             "\"firstDay\":\"2022-01-01\"}",
             NIVA_INVALID_ARGUMENT, "lastDay");
}

static void granted(const char *last_day, char ret_id[37])
{
    const Niva__Compliance__V1__GrantDispensationResponse *reply =
        office_do(&office, "GrantDispensation",
                  "{\"dispensation\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
                  "\"firstDay\":\"2022-01-01\",\"lastDay\":\"%s\",\"decisionReference\":\"x\"}}",
                  last_day);
    snprintf(ret_id, 37, "%s", reply->dispensation->dispensation_id);
}

/* What is on record; today is 2022-02-01. */
static void prepare(void)
{
    office_rule_set(&office, "2022-01-01", "");
    office_unit(&office, UNIT, "2020-01-01");
    office_contract(&office, UNIT, "2022-01-01", 2000);
    granted("", dispensation);
    granted("", voided);
    granted("2022-02-28", ended);
    office_do(&office, "RevokeDispensation",
              "{\"dispensationId\":\"%s\",\"fromDay\":\"2022-05-01\"}", dispensation);
    office_do(&office, "VoidDispensation", "{\"dispensationId\":\"%s\",\"reason\":\"fel\"}",
              voided);
    const Niva__Compliance__V1__PutFindingResponse *put =
        office_do(&office, "PutFinding",
                  "{\"finding\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
                  "\"firstDay\":\"2022-01-01\",\"countedMilli\":1,\"evidence\":\"x\","
                  "\"caseNumber\":\"x\"}}");
    snprintf(finding, sizeof finding, "%s", put->finding->finding_id);
    const Niva__Compliance__V1__IssueCallResponse *issued =
        office_do(&office, "IssueCall",
                  "{\"call\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\"}}");
    snprintf(call, sizeof call, "%s", issued->call->call_id);
    office_do(&office, "VoidCall", "{\"callId\":\"%s\",\"reason\":\"fel\"}", call);
    office_today(&office, "2022-02-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_sets), cmocka_unit_test(contracts), cmocka_unit_test(dispensations),
        cmocka_unit_test(findings),  cmocka_unit_test(calls),     cmocka_unit_test(days),
        cmocka_unit_test(reads),
    };
    cluster = cluster_new();
    database = office_database(cluster);
    office_open(&office, cluster, database, "2022-01-03T08:00:00Z");
    prepare();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    office_close(&office);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
