/* Erasure in intake: what is old enough goes, with everything that is kept of it in the schema;
 * what stays, stays readable, and the past is not opened again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/retention.h"
#include "tests/support/intake_service.h"
#include "tests/support/markers.h"
#include "tests/support/proof.h"

typedef Niva__Intake__V1__Absence Absence;
typedef Niva__Intake__V1__Erasure Erasure;
typedef Niva__Intake__V1__StaffingReport Report;

#define BEFORE "2020-01-01"
#define ALL    "'classes': ['REPORTS', 'ABSENCES', 'ORIGINALS']"
#define ERASE                                                                                      \
    "{'unit': '" UNIT_A "', " ALL ", 'before': '" BEFORE "', 'decisionReference': 'DNR 2026-17'}"

static struct cluster *cluster;
static struct service service;

static void now_is(const char *instant)
{
    assert_true(niva_instant_parse(instant, &service.caller.now));
}

/* What came in: ids of it. */
static struct {
    const char *first;
    const char *corrected;
    const char *correction;
    const char *withdrawn;
    const char *standing;
    const char *ended;
    const char *cancelled;
    const char *linked;
    const char *reaching;
} past;

#define FIRST_REQUEST "0190163d-8694-739b-aea5-966c26f8ad91"

static const char *report_put(const char *marker, const char *effective_from, const char *more)
{
    const Niva__Intake__V1__SubmitReportResponse *reply = call_ok(
        &service.caller, "ReportService/SubmitReport",
        "{%s 'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
        "', 'effectiveFrom': '%s', 'resolutionNote': 'note-%s', 'reason': 'LEFT', 'certifiedBy':"
        " {'hsaId': 'SE2321000016-%s', 'role': 'HEAD'}, 'positions': [{'positionKey': 'key-%s',"
        " 'titleCode': 'FT', 'employment': 'EMPLOYED', 'fteMilli': 1000, 'licensed': true}]%s",
        strcmp(marker, "R1") == 0 ? "'requestId': '" FIRST_REQUEST "'," : "", effective_from,
        marker, marker, marker, more);

    return reply->report->report_id;
}

static const char *absence_put(const char *marker, const char *first_day, const char *last_day)
{
    const Niva__Intake__V1__NotifyAbsenceResponse *reply =
        call_ok(&service.caller, "AbsenceService/NotifyAbsence",
                "{'absence': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                "', 'positionKey': 'key-%s', 'firstDay': '%s', 'expectedLastDay': '%s',"
                " 'planNote': 'plan-%s', 'cover': [{'positionKey': 'cover-%s', 'titleCode': 'FT',"
                " 'employment': 'SUBSTITUTE', 'fteMilli': 500, 'licensed': true}]}}",
                marker, first_day, last_day, marker, marker);

    return reply->absence->absence_id;
}

/* Five years of one unit, recorded as they passed. */
static void past_record(void)
{
    char more[400];

    now_is("2015-01-01T12:00:00Z");
    call_ok(&service.caller, "UnitService/PutUnit",
            "{'unit': {'hsaId': '" UNIT_A "', 'name': 'Fiktiv', 'regionCode': '99', 'openedOn':"
            " '2014-01-01', 'owners': [{'orgNumber': '5560360793', 'form': 'PRIVATE',"
            " 'firstDay': '2014-01-01'}]}}");
    past.first = report_put("R1", "2015-01-01",
                            "}, 'original': {'mediaType': 'text/plain', 'fileName':"
                            " 'name-R1.txt', 'content': 'Y29udGVudC1SMQ=='}}");
    past.ended = absence_put("A1", "2015-02-03", "2015-04-05");
    past.corrected = report_put("R2", "2015-06-01", "}}");
    snprintf(more, sizeof more, ", 'correctsReportId': '%s'}}", past.corrected);
    past.correction = report_put("R3", "2015-06-01", more);
    call_ok(&service.caller, "AbsenceService/UpdateAbsence",
            "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
            "', 'positionKey': 'key-A1', 'firstDay': '2015-02-03', 'expectedLastDay': '2015-05-07',"
            " 'planNote': 'plan-A1-2'}}",
            past.ended);
    past.withdrawn = report_put("R4", "2016-01-01", "}}");
    call_ok(&service.caller, "ReportService/WithdrawReport",
            "{'reportId': '%s', 'reason': 'reason-R4'}", past.withdrawn);
    past.cancelled = absence_put("A2", "2016-02-02", "");
    call_ok(&service.caller, "AbsenceService/CancelAbsence", "{'absenceId': '%s'}", past.cancelled);
    past.standing = report_put("S1", "2017-01-01",
                               "}, 'original': {'mediaType': 'text/plain', 'fileName':"
                               " 'name-S1.txt', 'content': 'Y29udGVudC1TMQ=='}}");
    past.linked = absence_put("S2", "2018-11-11", "2018-12-12");
    past.reaching = absence_put("S2", "2019-12-13", "2020-03-04");
    now_is("2026-01-01T12:00:00Z");
}

static int open_past(void **state)
{
    (void)state;
    service_open(&service, cluster);
    past_record();
    return 0;
}

static int close_service(void **state)
{
    (void)state;
    service_close(&service);
    return 0;
}

static const Erasure *erase(void)
{
    const Niva__Intake__V1__EraseResponse *reply =
        call_ok(&service.caller, "RetentionService/Erase", ERASE);

    return reply->erasure;
}

static const char *sql(const char *text)
{
    return cluster_sql(cluster, service.database, text);
}

static void gone(const char *marker)
{
    const char *found = sql(markers_sql(marker));

    if (*found != '\0')
        fail_msg("%s: expected to be gone, is in %s", marker, found);
}

static void there(const char *marker)
{
    if (*sql(markers_sql(marker)) == '\0')
        fail_msg("%s: expected to be kept, is gone", marker);
}

/* ---- what goes and what stays ---- */

static const char *const persons[] = {
    "key-R1",     "key-R2",     "key-R3",     "key-R4",     "note-R1",    "note-R2",
    "note-R3",    "note-R4",    "16-R1",      "16-R4",      "reason-R4",  "name-R1",
    "key-A1",     "key-A2",     "cover-A1",   "cover-A2",   "plan-A1",    "plan-A2",
    "content-R1", "2015-02-03", "2015-04-05", "2015-05-07", "2016-02-02",
};
static const char *const kept[] = {
    "key-S1", "note-S1", "16-S1", "name-S1", "content-S1", "key-S2", "2018-11-11", "2020-03-04",
};

static void what_is_old_is_gone_from_every_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
        there(persons[i]);
    const Erasure *erasure = erase();
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
        gone(persons[i]);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        there(kept[i]);
    assert_int_equal(erasure->reports, 4);
    assert_int_equal(erasure->absences, 2);
    assert_int_equal(erasure->originals, 1);
    assert_int_equal(erasure->events, 9);
    assert_int_equal(erasure->replies, 9);
    assert_int_equal(erasure->kept_recent, 0);
    assert_int_equal(erasure->n_groups, 1);
    assert_string_equal(erasure->groups[0]->erased_until, BEFORE);
    assert_int_equal(erasure->groups[0]->n_report_ids, 4);
    assert_int_equal(erasure->groups[0]->n_absence_ids, 2);
}

static void the_protocol_is_what_the_preview_said(void **state)
{
    (void)state;
    const Niva__Intake__V1__PreviewErasureResponse *preview =
        read_ok(&service, "RetentionService/PreviewErasure",
                "{'unit': '" UNIT_A "', " ALL ", 'before': '" BEFORE "'}");
    const Niva__Intake__V1__ListErasuresResponse *list;

    there("key-R1");
    erase();
    list = read_ok(&service, "RetentionService/ListErasures", "{'unit': '" UNIT_A "'}");
    assert_int_equal(list->n_erasures, 1);
    assert_string_equal(list->erasures[0]->decision_reference, "DNR 2026-17");
    assert_int_equal(list->erasures[0]->events, preview->erasure->events);
    assert_int_equal(list->erasures[0]->replies, preview->erasure->replies);
    assert_int_equal(list->erasures[0]->groups[0]->n_report_ids,
                     preview->erasure->groups[0]->n_report_ids);
}

static void nothing_is_erased_twice(void **state)
{
    (void)state;
    char before[64];

    erase();
    snprintf(before, sizeof before, "%s", service_counts(&service));
    const Erasure *again = erase();
    assert_string_equal(again->erasure_id, "");
    assert_int_equal(again->reports + again->absences + again->originals, 0);
    assert_string_equal(service_counts(&service), before);
}

static void the_chain_holds(void **state)
{
    (void)state;
    int64_t events;
    int64_t facts;

    erase();
    assert_string_equal(proof_chains(service.pg, 5, &events, &facts), "");
    assert_int_equal(events, 14);
    assert_int_equal(facts, 16);
    assert_string_equal(sql("SELECT count(*) FROM intake.event WHERE data IS NULL AND salt IS NULL"
                            " AND erased_by = (SELECT fact_no FROM intake.fact"
                            " WHERE kind = 'erasure')"),
                        "9");
}

/* ---- queries into the erased past ---- */

static void what_is_read_says_that_it_is_erased(void **state)
{
    (void)state;
    const char *erasure_id = erase()->erasure_id;
    const Niva__Intake__V1__GetReportResponse *get =
        read_ok(&service, "ReportService/GetReport", "{'reportId': '%s'}", past.first);
    assert_string_equal(get->report->erased_by, erasure_id);
    assert_int_equal(get->report->n_positions, 0);
    assert_string_equal(get->report->effective_from, "2015-01-01");
    get = read_ok(&service, "ReportService/GetReport", "{'reportId': '%s'}", past.withdrawn);
    assert_true(get->report->withdrawn);
    assert_string_equal(get->report->erased_by, erasure_id);
    get = read_ok(&service, "ReportService/GetReport", "{'reportId': '%s'}", past.standing);
    assert_string_equal(get->report->erased_by, "");
    assert_int_equal(get->report->n_positions, 1);

    const Niva__Intake__V1__ListAbsencesResponse *absences =
        read_ok(&service, "AbsenceService/ListAbsences", "{'includeHistory': true}");
    assert_int_equal(absences->n_absences, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(absences->absences[i]->erased_by,
                            absences->absences[i]->position_key[0] == '\0' ? erasure_id : "");
    read_refused(&service, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                 "ReportService/GetOriginal", "{'reportId': '%s'}", past.first);
    const Niva__Intake__V1__GetOriginalResponse *original =
        read_ok(&service, "ReportService/GetOriginal", "{'reportId': '%s'}", past.standing);
    assert_int_equal(original->original->content.len, 10);
}

static void the_same_request_again_is_told_that_its_answer_is_gone(void **state)
{
    (void)state;
    erase();
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "requestId", "ANSWER_ERASED",
                 "ReportService/SubmitReport",
                 "{'requestId': '" FIRST_REQUEST "', 'report': {'unit': '" UNIT_A
                 "', 'professionGroup': '" GROUP "', 'effectiveFrom': '2025-01-01'}}");
}

static void the_erased_past_is_closed(void **state)
{
    (void)state;
    erase();
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "report.effectiveFrom", "ERASED",
                 "ReportService/SubmitReport",
                 "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'effectiveFrom': '2019-12-31'}}");
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "report.correctsReportId", "ERASED",
                 "ReportService/SubmitReport",
                 "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'effectiveFrom': '2025-01-01', 'correctsReportId': '%s'}}",
                 past.standing);
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                 "ReportService/WithdrawReport", "{'reportId': '%s', 'reason': 'x'}",
                 past.standing);
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "absence.firstDay", "ERASED",
                 "AbsenceService/NotifyAbsence",
                 "{'absence': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'positionKey': 'k', 'firstDay': '2019-12-31'}}");
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, past.ended, "ERASED",
                 "AbsenceService/CancelAbsence", "{'absenceId': '%s'}", past.ended);
    call_ok(&service.caller, "ReportService/SubmitReport",
            "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
            "', 'effectiveFrom': '" BEFORE "'}}");
    call_ok(&service.caller, "AbsenceService/UpdateAbsence",
            "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
            "', 'positionKey': 'key-S2', 'firstDay': '2019-12-13', 'expectedLastDay':"
            " '2020-04-04'}}",
            past.reaching);
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "absence.firstDay", "ERASED",
                 "AbsenceService/UpdateAbsence",
                 "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'positionKey': 'key-S2', 'firstDay': '2019-12-12'}}",
                 past.reaching);
}

/* ---- what is kept ---- */

static void what_must_be_kept_longer_is_refused(void **state)
{
    (void)state;
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, "before", "KEPT_LONGER",
                 "RetentionService/Erase",
                 "{'unit': '" UNIT_A "', 'classes': ['REPORTS'], 'before': '2021-01-02',"
                 " 'decisionReference': 'x'}");
    call_ok(&service.caller, "RetentionService/Erase",
            "{'unit': '" UNIT_A "', 'classes': ['ABSENCES'], 'before': '2024-01-01',"
            " 'decisionReference': 'x'}");
    there("key-R1");
    gone("2020-03-04");
    gone("2018-11-11");
}

/* A downstream service may not have followed yet. */
static void what_was_just_recorded_is_kept(void **state)
{
    (void)state;
    report_put("N1", "2015-03-01", "}}");
    absence_put("N2", "2015-03-01", "2015-03-31");
    const Erasure *erasure = erase();
    assert_int_equal(erasure->kept_recent, 2);
    there("key-N1");
    there("key-N2");
    now_is("2026-02-02T12:00:00Z");
    assert_int_equal(erase()->reports, 1);
    gone("key-N1");
    gone("key-N2");
}

static void bad_requests_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum niva_code code;
        const char *field;
        const char *reason;
    } bad[] = {
        {"{'unit': 'x', " ALL ", 'before': '" BEFORE "', 'decisionReference': 'x'}",
         NIVA_INVALID_ARGUMENT, "unit", NULL},
        {"{'unit': '" UNIT_B "', " ALL ", 'before': '" BEFORE "', 'decisionReference': 'x'}",
         NIVA_NOT_FOUND, "unit", "UNIT_UNKNOWN"},
        {"{'unit': '" UNIT_A "', 'before': '" BEFORE "', 'decisionReference': 'x'}",
         NIVA_INVALID_ARGUMENT, "classes", "REQUIRED"},
        {"{'unit': '" UNIT_A "', 'classes': ['REPORTS', 'REPORTS'], 'before': '" BEFORE
         "', 'decisionReference': 'x'}",
         NIVA_INVALID_ARGUMENT, "classes[1]", "DUPLICATE"},
        {"{'unit': '" UNIT_A "', " ALL ", 'decisionReference': 'x'}", NIVA_INVALID_ARGUMENT,
         "before", NULL},
        {"{'unit': '" UNIT_A "', " ALL ", 'before': '" BEFORE "'}", NIVA_INVALID_ARGUMENT,
         "decisionReference", NULL},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ProtobufCMessage *reply;
        struct niva_error err;

        if (call_try(&service.caller, "RetentionService/Erase", bad[i].json, &reply, &err))
            fail_msg("case %zu: expected a refusal", i);
        if (err.code != bad[i].code || strcmp(err.violations[0].field, bad[i].field) != 0 ||
            (bad[i].reason != NULL && strcmp(err.violations[0].reason, bad[i].reason) != 0))
            fail_msg("case %zu: got %s %s %s", i, niva_code_name((int)err.code),
                     err.violations[0].field, err.violations[0].reason);
    }
    there("key-R1");
}

/* ---- who may erase ---- */

/* A connection knows statements by their place: each has its own. */
static void role_refused(const char *what, const char *text)
{
    static struct niva_statement statements[8];
    static size_t count;
    struct niva_query query = {.statement = &statements[count]};
    struct niva_error err;

    assert_true(count < sizeof statements / sizeof *statements);
    statements[count++] = (struct niva_statement){what, text};
    if (niva_pg_run(service.pg, &query, 1, &err))
        fail_msg("%s: expected to be refused", what);
    assert_null(strstr(err.cause, "prepared statement"));
    niva_queries_clear(&query, 1);
}

static void the_role_can_erase_under_a_decision_alone(void **state)
{
    (void)state;
    erase();
    role_refused("test_update_fact", "UPDATE fact SET body = ''");
    role_refused("test_update_event", "UPDATE event SET data = NULL");
    role_refused("test_update_request", "UPDATE request SET reply = ''");
    role_refused("test_delete_fact", "DELETE FROM fact");
    role_refused("test_old_decision",
                 "SELECT erase_facts((SELECT fact_no FROM fact WHERE kind = 'erasure'),"
                 " ARRAY[(SELECT fact_no FROM fact WHERE kind = 'report' AND erased_by IS NULL"
                 " LIMIT 1)], ARRAY[''::bytea])");
    role_refused("test_no_decision", "SELECT erase_facts(2, ARRAY[3]::bigint[], ARRAY[''::bytea])");
    role_refused("test_kind",
                 "WITH decided AS (INSERT INTO fact (fact_no, kind, id, version, unit,"
                 " profession_group, region, refers_to, recorded_at, recorded_by) VALUES (1000,"
                 " 'erasure', 'x', 1, '" UNIT_A "', '', '', '', now(), 'x') RETURNING fact_no)"
                 " SELECT erase_facts(fact_no, ARRAY[1]::bigint[], ARRAY[''::bytea]) FROM decided");
    there("key-S1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_past, close_service)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_old_is_gone_from_every_table),
        TEST(the_protocol_is_what_the_preview_said),
        TEST(nothing_is_erased_twice),
        TEST(the_chain_holds),
        TEST(what_is_read_says_that_it_is_erased),
        TEST(the_same_request_again_is_told_that_its_answer_is_gone),
        TEST(the_erased_past_is_closed),
        TEST(what_must_be_kept_longer_is_refused),
        TEST(what_was_just_recorded_is_kept),
        TEST(bad_requests_are_refused),
        TEST(the_role_can_erase_under_a_decision_alone),
    };
    int failed;

    cluster = cluster_new();
    failed = cmocka_run_group_tests_name("intake erasure", tests, NULL, NULL);
    cluster = cluster_free(cluster);
    return failed ? 1 : 0;
}
