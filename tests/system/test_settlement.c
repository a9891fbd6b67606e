/* A small region is decided and handed over to the ledger: the amounts are those of the formula,
 * and readers that are not ours read them in all three files. Whenever compensation is killed while
 * it exports or takes back, there is one settlement or none, and asking again says which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/request.h"
#include "tests/support/process.h"
#include "tests/support/system.h"

typedef Niva__Compensation__V1__ExportSettlementResponse ExportResponse;
typedef Niva__Compensation__V1__ListAdjustmentsResponse Adjustments;
typedef Niva__Compensation__V1__ListSettlementsResponse Settlements;
typedef Niva__Compensation__V1__Settlement Settlement;

#define ADJUSTMENTS "niva.compensation.v1.AdjustmentService/"
#define SETTLEMENTS "niva.compensation.v1.SettlementService/"

enum {
    UNITS = 6,
    MONTHS = 2,
    MONTHLY_ORE = 8400000,
    STEP_ORE = MONTHLY_ORE / 10, /* a tenth of a post is missing for each number of the unit */
    KILLS = 6,
};

static struct system *region;
static struct niva_arena *arena;

/* ---- calls ---- */

__attribute__((format(printf, 3, 4))) static ProtobufCMessage *
say(const char *principal, const char *method, const char *json, ...)
{
    const struct niva_rpc_options options = {
        .timeout_ms = 60000, .principal = principal, .recorded_at = INT64_MIN};
    ProtobufCMessage *reply = NULL;
    struct niva_error err;
    char text[1024];
    va_list arguments;

    va_start(arguments, json);
    vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (!system_call(region, method, text, &options, arena, &reply, &err))
        fail_msg("%s %s: %s", method, text, err.text_en);
    return reply;
}

static void unit_tell(int number)
{
    char unit[32];

    snprintf(unit, sizeof unit, "SE2321000016-10%02d", number);
    say("register", "niva.intake.v1.UnitService/PutUnit",
        "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %d (fiktiv)', 'regionCode': '98',"
        " 'owners': [{'orgNumber': '2321000016', 'form': '%s', 'firstDay': '2020-01-01'}],"
        " 'openedOn': '2020-01-01'}}",
        unit, number, number % 2 == 0 ? "PRIVATE" : "INTRAPRENAD");
    say("register", "niva.compliance.v1.RequirementService/PutContract",
        "{'contract': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '2022-01-01',"
        " 'minimumMilli': 1000}}",
        unit);
    say("register", "niva.compensation.v1.ComponentService/PutComponent",
        "{'component': {'component': 'fysioterapi', 'unit': '%s', 'professionGroup':"
        " 'fysioterapeut', 'firstDay': '2022-01-01', 'monthlyOre': '%d', 'regulated': true}}",
        unit, MONTHLY_ORE);
    say("head", "niva.intake.v1.ReportService/SubmitReport",
        "{'report': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'effectiveFrom':"
        " '2022-07-01', 'reason': 'PERIODIC', 'positions': [{'positionKey': 'ft-1', 'titleCode':"
        " 'FT', 'employment': 'EMPLOYED', 'fteMilli': %d, 'licensed': true}]}}",
        unit, 1000 - 100 * number);
}

static void region_tell(void)
{
    region = system_new(true);
    system_begin_day(region, niva_day_from_civil(2022, 7, 1), INT64_MIN);
    say("register", "niva.compliance.v1.RuleService/PutRuleSet",
        "{'ruleSet': {'ruleSetId': 'fysioterapi-98', 'regionCode': '98', 'professionGroup':"
        " 'fysioterapeut', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'decisionReference':"
        " 'Fiktivt beslut', 'requirement': {'kind': 'CONTRACTED'}, 'counting': {'titleCodes':"
        " ['FT'], 'employments': ['EMPLOYED'], 'absenceThresholdDays': 30}, 'reporting':"
        " {'reportMaxAgeDays': 365, 'changeWithinDays': 14}, 'regulation': {'formula':"
        " 'PRO_RATA'}}}");
    for (int number = 1; number <= UNITS; number++)
        unit_tell(number);
    system_today(region, "2022-09-05");
}

static void region_decide(void)
{
    const Adjustments *lines = (const void *)say("officer", ADJUSTMENTS "ListAdjustments",
                                                 "{'state': 'PROPOSED', 'pageSize': 1000}");

    assert_int_equal(lines->n_adjustments, UNITS * MONTHS);
    for (size_t i = 0; i < lines->n_adjustments; i++) {
        const Niva__Compensation__V1__Adjustment *line = lines->adjustments[i];
        int number = atoi(line->unit + strlen(line->unit) - 2);

        assert_int_equal(line->computed_ore, STEP_ORE * number);
        say("officer", ADJUSTMENTS "PrepareAdjustment",
            "{'adjustmentId': '%s', 'computedOre': '%d'}", line->adjustment_id, STEP_ORE * number);
        say("decider", ADJUSTMENTS "DecideAdjustment",
            "{'adjustmentId': '%s', 'computedOre': '%d', 'decision': 'APPROVE', 'caseNumber':"
            " 'FIKTIV-1', 'delegation': 'Fiktiv 1'}",
            line->adjustment_id, STEP_ORE * number);
    }
}

/* ---- killed while it works ---- */

/* A call whose answer may be lost. */
struct lost {
    const char *method;
    const char *json;
    pthread_t thread;
};

static void *lost_call(void *user)
{
    const struct lost *lost = user;
    const struct niva_rpc_options options = {
        .timeout_ms = 10000, .principal = "economist", .recorded_at = INT64_MIN};
    struct niva_arena *own = niva_arena_new(64 << 20);
    ProtobufCMessage *reply;
    struct niva_error err;

    if (own != NULL && !system_call(region, lost->method, lost->json, &options, own, &reply, &err))
        print_message("%s: %s\n", lost->method, niva_code_name((int)err.code));
    niva_arena_free(own);
    return NULL;
}

/* Calls, kills compensation under it, starts it again and waits for the end of the call. */
static void call_and_kill(const char *method, const char *json)
{
    struct lost lost = {.method = method, .json = json};

    assert_int_equal(pthread_create(&lost.thread, NULL, lost_call, &lost), 0);
    system_kill(region, PART_COMPENSATION);
    system_start(region, PART_COMPENSATION, NULL);
    assert_int_equal(pthread_join(lost.thread, NULL), 0);
}

static const Settlement *exported(const char *id, const char *format)
{
    char request[40] = "";

    if (id != NULL)
        snprintf(request, sizeof request, "%s", id);
    return ((const ExportResponse *)say(
                "economist", SETTLEMENTS "ExportSettlement",
                "{'requestId': '%s', 'regionCode': '98', 'period': '2022-09', 'format': '%s'}",
                request, format))
        ->settlement;
}

static size_t living(void)
{
    return ((const Settlements *)say("auditor", SETTLEMENTS "ListSettlements",
                                     "{'state': 'EXPORTED'}"))
        ->n_settlements;
}

static void killed_while_it_exports_it_makes_one(void **state)
{
    (void)state;
    for (int i = 0; i < KILLS; i++) {
        const Settlement *settlement;
        char request[37];
        char json[512];
        niva_uuid_format(niva_uuid_v7(niva_clock_now()), request);
        snprintf(json, sizeof json,
                 "{'requestId': '%s', 'regionCode': '98', 'period': '2022-09', 'format': 'SIE4I'}",
                 request);
        call_and_kill(SETTLEMENTS "ExportSettlement", json);
        assert_in_range(living(), 0, 1);
        settlement = exported(request, "SIE4I");
        assert_int_equal(settlement->n_adjustment_ids, UNITS * MONTHS);
        assert_int_equal(settlement->sum_ore, MONTHS * STEP_ORE * UNITS * (UNITS + 1) / 2);
        assert_int_equal(living(), 1);
        niva_uuid_format(niva_uuid_v7(niva_clock_now()), request);
        snprintf(json, sizeof json,
                 "{'requestId': '%s', 'settlementId': '%s', 'reason': 'Fiktivt skäl'}", request,
                 settlement->settlement_id);
        call_and_kill(SETTLEMENTS "VoidSettlement", json);
        say("economist", SETTLEMENTS "VoidSettlement", "%s", json);
        assert_int_equal(living(), 0);
        system_verify(region);
    }
}

/* ---- files ---- */

static void file_keep(const char *folder, const char *format, const char *suffix)
{
    const Settlement *settlement = exported(NULL, format);
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/settlement.%s", folder, suffix);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(settlement->content.data, 1, settlement->content.len, file),
                     settlement->content.len);
    assert_int_equal(fclose(file), 0);
}

static void other_readers_read_the_amounts(void **state)
{
    char folder[] = "/tmp/niva-settlement-XXXXXX";
    char command[512];

    (void)state;
    assert_non_null(mkdtemp(folder));
    file_keep(folder, "SIE4I", "sie4i");
    file_keep(folder, "CSV", "csv");
    file_keep(folder, "XLSX", "xlsx");
    snprintf(command, sizeof command,
             "/usr/bin/python3 %s/tests/system/settlement_files.py %s %s %d %d %d; code=$?;"
             " rm -r %s; exit $code",
             SOURCE_ROOT, SOURCE_ROOT, folder, UNITS, STEP_ORE, MONTHS, folder);
    assert_int_equal(system(command), 0);
}

static int all_open(void **state)
{
    (void)state;
    arena = niva_arena_new(256 << 20);
    assert_non_null(arena);
    region_tell();
    region_decide();
    return 0;
}

static int all_close(void **state)
{
    (void)state;
    region = system_free(region);
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_while_it_exports_it_makes_one),
        cmocka_unit_test(other_readers_read_the_amounts),
    };
    int failed = cmocka_run_group_tests(tests, all_open, all_close);

    return failed ? 1 : 0;
}
