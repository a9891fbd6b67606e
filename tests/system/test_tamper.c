/* Rows altered, put in and taken away by hand, as the superuser can: each is found, with its name,
 * by the service that keeps it or by nivactl across services; and with every row as it was again,
 * nothing is found. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/nivactl/commands.h"
#include "tests/support/process.h"
#include "tests/system/alterations.h"

#define GROUP "fysioterapeut"

enum { ARENA_BYTES = 64 << 20, CALL_MS = 10000 };

static struct site site;

/* ---- a small region with something of everything ---- */

static void component_tell(const char *unit, int kronor)
{
    system_tell(site.system, site.arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '%s',"
                " 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'monthlyOre': '%d00', 'regulated': true}}",
                unit, kronor);
}

static void unit_tell(const char *unit)
{
    system_tell(site.system, site.arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen Fiktiv %s', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}",
                unit, unit + strlen(unit) - 1);
    system_tell(site.system, site.arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': 1500}}",
                unit);
    component_tell(unit, 100000);
}

static void report_tell(const char *unit, const char *day, int milli)
{
    system_tell(site.system, site.arena, "niva.intake.v1.ReportService/SubmitReport",
                "{'report': {'unit': '%s', 'professionGroup': '" GROUP "', 'effectiveFrom': '%s',"
                " 'positions': [{'positionKey': 'ft-1', 'titleCode': 'FT', 'employment':"
                " 'EMPLOYED', 'fteMilli': %d, 'licensed': true}]}, 'original': {'mediaType':"
                " 'text/plain', 'fileName': 'redovisning.txt', 'content': 'RmlrdGl2'}}",
                unit, day, milli);
}

/* A dialogue with a measure that has ended. */
static void dialogue_tell(void)
{
    const Niva__Compliance__V1__ListBreachesResponse *breaches = (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'unit': '" A "', 'kind': 'BELOW_MINIMUM', 'state': 'OPEN'}");
    const Niva__Compliance__V1__AgreeMeasureResponse *agreed;
    const char *id;

    assert_int_equal(breaches->n_breaches, 1);
    id = breaches->breaches[0]->breach_id;
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/OpenDialogue",
                "{'breachId': '%s', 'text': 'Fiktivt'}", id);
    agreed = (const void *)system_tell(
        site.system, site.arena, "niva.compliance.v1.DialogueService/AgreeMeasure",
        "{'breachId': '%s', 'side': 'PROVIDER', 'dueOn': '2022-03-01', 'text': 'Fiktiv'}", id);
    system_tell(site.system, site.arena, "niva.compliance.v1.DialogueService/CompleteMeasure",
                "{'breachId': '%s', 'measureId': '%s', 'outcome': 'COMPLETED'}", id,
                agreed->entry->entry_id);
}

/* Asks something about the proposal of January of a unit, as somebody. */
static void january_ask(const char *unit, const char *principal, const char *method,
                        const char *more)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .recorded_at = INT64_MIN, .principal = principal};
    const Niva__Compensation__V1__ListAdjustmentsResponse *list = (const void *)system_tell(
        site.system, site.arena, "niva.compensation.v1.AdjustmentService/ListAdjustments",
        "{'unit': '%s', 'period': '2022-01'}", unit);
    char json[640];
    ProtobufCMessage *reply;
    struct niva_error err;

    snprintf(json, sizeof json, "{'adjustmentId': '%s', 'computedOre': '%" PRId64 "'%s}",
             list->adjustments[0]->adjustment_id, list->adjustments[0]->computed_ore, more);
    if (!system_call(site.system, method, json, &options, site.arena, &reply, &err))
        fail_msg("%s: %s (%s)", method, err.text_en, err.cause);
}

/* January of one unit is revised, that of the other waits for its decision, signed. */
static void january_decide(void)
{
    january_ask(A, "fiktiv.handlaggare.1",
                "niva.compensation.v1.AdjustmentService/PrepareAdjustment",
                ", 'statement': 'Fiktivt yttrande'");
    january_ask(A, "fiktiv.beslutsfattare.1",
                "niva.compensation.v1.AdjustmentService/ReviseAdjustment",
                ", 'revisedOre': '100', 'reasonCode': 'OTHER', 'reason': 'Fiktivt skäl',"
                " 'caseNumber': 'FIKTIV-2', 'delegation': 'Fiktiv delegation 1'");
    january_ask(B, "fiktiv.handlaggare.1",
                "niva.compensation.v1.AdjustmentService/PrepareAdjustment", "");
}

static void region_tell(void)
{
    system_today(site.system, "2022-01-03");
    system_tell(
        site.system, site.arena, "niva.compliance.v1.RuleService/PutRuleSet",
        "{'ruleSet': {'ruleSetId': 'fysioterapi', 'regionCode': '19', 'professionGroup': '" GROUP
        "', 'firstDay': '2022-01-01', 'severity': 'BINDING', 'requirement':"
        " {'kind': 'CONTRACTED'}, 'counting': {'titleCodes': ['FT'], 'employments':"
        " ['EMPLOYED'], 'absenceThresholdDays': 30}, 'regulation':"
        " {'formula': 'PRO_RATA'}}}");
    unit_tell(A);
    unit_tell(B);
    report_tell(A, "2022-01-01", 1000);
    report_tell(B, "2022-01-01", 1000);
    system_today(site.system, "2022-02-10");
    report_tell(A, "2022-02-05", 800);
    report_tell(B, "2022-01-20", 900); /* what was proposed of January is superseded */
    report_tell(B, "2022-02-08", 1000);
    system_tell(site.system, site.arena, "niva.compliance.v1.FindingService/PutFinding",
                "{'finding': {'unit': '" A "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-11', 'lastDay': '2022-01-20', 'countedMilli': 1500,"
                " 'evidence': 'Fiktivt besök', 'caseNumber': 'FIKTIV-1'}}");
    system_tell(site.system, site.arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '" LOST "', 'professionGroup': '" GROUP
                "', 'firstDay': '2022-01-01', 'minimumMilli': 1500}}");
    component_tell(LOST, 100);
    component_tell(LOST, 200);
    system_today(site.system, "2022-02-15");
    system_tell(
        site.system, site.arena, "niva.compliance.v1.RequirementService/ImportListings",
        /* one listing of A: 4000 persons */
        "{'content': 'RW5oZXQ7RGFnO0xpc3RhZGUKU0UyMzIxMDAwMDE2LUEwMDE7MjAyMi0wMS0zMTs0MDAwCg=='"
        "}");
    dialogue_tell();
    system_wait(site.system);
    january_decide();
}

/* ---- all rows, kept and put back ---- */

#define EVERY_TABLE                                                                                \
    "DO $$ DECLARE t record; BEGIN FOR t IN SELECT schemaname AS s, tablename AS n FROM pg_tables" \
    " WHERE schemaname IN ('intake', 'compliance', 'compensation') LOOP "

static void rows_keep(void)
{
    system_sql(site.system,
               "CREATE SCHEMA kept; " EVERY_TABLE
               "EXECUTE format('CREATE TABLE kept.%I AS TABLE %I.%I', t.s || '_' || t.n, t.s, t.n);"
               " END LOOP; END $$");
}

/* The heads are locked first, as the writers do: whoever waits finds all rows again. */
static void rows_restore(void)
{
    system_sql(site.system,
               "BEGIN; LOCK TABLE intake.stream_head, compliance.stream_head,"
               " compensation.stream_head; " EVERY_TABLE
               "EXECUTE format('DELETE FROM %I.%I', t.s, t.n);"
               " EXECUTE format('INSERT INTO %I.%I TABLE kept.%I', t.s, t.n, t.s || '_' || t.n);"
               " END LOOP; END $$; COMMIT");
}

/* What `nivactl verify` prints. */
static char *verify(int *ret_code)
{
    struct session *session = system_session(site.system);
    FILE *kept = session->out;
    char *output = NULL;
    size_t size;

    session->out = open_memstream(&output, &size);
    assert_non_null(session->out);
    *ret_code = command_verify(session, 0, NULL);
    fclose(session->out);
    session->out = kept;
    return output;
}

static void everything_is_proved(void **state)
{
    int code;
    char *output = verify(&code);

    (void)state;
    if (code != EXIT_YES || strstr(output, "2 units checked: timelines") == NULL ||
        strstr(output, "nothing was altered afterwards") == NULL)
        fail_msg("expected nothing, actual exit code %d and\n%s", code, output);
    if (strstr(output, "UNIT_UNREGISTERED") == NULL || strstr(output, LOST) == NULL)
        fail_msg("expected a notice about " LOST ", actual\n%s", output);
    free(output);
}

/* Alters, verifies, puts back. Whether all was found; else it is told on the error stream. */
static bool case_found(size_t index)
{
    const char *what = alterations[index].sql != NULL ? alterations[index].sql : "a readable body";
    bool found;
    char *output;
    int code;

    if (alterations[index].sql != NULL)
        system_sql(site.system, alterations[index].sql);
    else
        alterations[index].alter(&site);
    output = verify(&code);
    rows_restore();
    found = code == EXIT_NO;
    for (size_t i = 0; i < 3; i++)
        found = found && strstr(output, alterations[index].codes[i]) != NULL;
    if (!found)
        fprintf(stderr, "case %zu, %s:\nexpected exit code 1, %s, %s, %s; actual %d and\n%s\n",
                index, what, alterations[index].codes[0], alterations[index].codes[1],
                alterations[index].codes[2], code, output);
    free(output);
    return found;
}

static void every_alteration_is_found(void **state)
{
    size_t missed = 0;

    (void)state;
    for (size_t i = 0; i < alteration_count; i++)
        missed += !case_found(i);
    assert_int_equal(missed, 0);
}

/* ---- the method ---- */

static bool verify_page(int page_size, const char *token, const char *unit,
                        const Niva__Control__V1__VerifyResponse **ret_page, struct niva_error *err)
{
    const struct niva_rpc_options options = {.timeout_ms = CALL_MS, .recorded_at = INT64_MIN};
    Niva__Control__V1__VerifyRequest request = NIVA__CONTROL__V1__VERIFY_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.page_size = page_size;
    request.page_token = (char *)(uintptr_t)token;
    request.unit = (char *)(uintptr_t)unit;
    niva_error_clear(err);
    if (!niva_rpc_call(system_client(site.system, PART_COMPLIANCE),
                       "/niva.control.v1.ControlService/Verify", &request.base,
                       &niva__control__v1__verify_response__descriptor, &options, site.arena,
                       &reply, NULL, err))
        return false;
    *ret_page = (const Niva__Control__V1__VerifyResponse *)reply;
    return true;
}

/* Looks at everything in pages of a size; returns how much that was. */
static int64_t pages_walk(int page_size, const char *unit, int64_t *ret_total)
{
    const Niva__Control__V1__VerifyResponse *page;
    const char *token = "";
    int64_t checked = 0;
    struct niva_error err;

    *ret_total = 0;
    do {
        if (!verify_page(page_size, token, unit, &page, &err))
            fail_msg("%s (%s)", err.text_en, err.cause);
        assert_int_equal(page->n_differences, 0);
        assert_int_equal(page->pending, 0);
        checked += page->checked;
        *ret_total += page->total;
        token = page->next_page_token;
    } while (*token != '\0');
    return checked;
}

static void pages_of_any_size_look_at_the_same(void **state)
{
    int64_t total;
    int64_t small = pages_walk(7, "", &total);

    (void)state;
    assert_true(total > 40);
    assert_true(small > total);
    assert_int_equal(pages_walk(1000, "", &total), small);
    assert_in_range(pages_walk(0, A, &total), 1, small - 1);
}

static void what_is_no_page_is_refused(void **state)
{
    static const struct {
        int page_size;
        const char *token;
        const char *unit;
        const char *field;
    } bad[] = {
        {-1, "", "", "pageSize"},
        {0, "zz", "", "pageToken"},
        {0, "6576656e74733a78", "", "pageToken"},   /* events:x */
        {0, "6576656e74733a2d31", "", "pageToken"}, /* events:-1 */
        {0, "6e6f7468696e673a", "", "pageToken"},   /* nothing: */
        {0, "", "Vårdcentralen", "unit"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const Niva__Control__V1__VerifyResponse *page;
        struct niva_error err;

        if (verify_page(bad[i].page_size, bad[i].token, bad[i].unit, &page, &err))
            fail_msg("case %zu was not refused", i);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, bad[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_proved),
        cmocka_unit_test(pages_of_any_size_look_at_the_same),
        cmocka_unit_test(what_is_no_page_is_refused),
        cmocka_unit_test(every_alteration_is_found),
        cmocka_unit_test(everything_is_proved),
    };
    int failed;

    site.system = system_new(true);
    site.arena = niva_arena_new(ARENA_BYTES);
    if (site.arena == NULL)
        give_up("no memory");
    region_tell();
    rows_keep();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(site.system);
    niva_arena_free(site.arena);
    system_free(site.system);
    return failed ? 1 : 0;
}
