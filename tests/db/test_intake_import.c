/* Imports over a journal and PostgreSQL: one transaction, one file for all of its reports, one
 * answer; refusals and dry runs leave nothing behind; and what is erased of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "services/intake/import.h"
#include "tests/support/intake_service.h"
#include "tests/support/proof.h"

typedef Niva__Intake__V1__ImportReportsRequest Request;
typedef Niva__Intake__V1__ImportReportsResponse Response;

static struct cluster *cluster;
static struct service service;

static int open_service(void **state)
{
    (void)state;
    service_open(&service, cluster);
    units_put(&service.caller);
    return 0;
}

static int close_service(void **state)
{
    (void)state;
    service_close(&service);
    return 0;
}

#define HEAD                                                                                       \
    "Enhet;Yrkesgrupp;Gäller från;Befattning;Titel;Anställning;Sysselsättningsgrad;Legitimation\n"
#define ROW(unit, day, key, fte) unit ";" GROUP ";" day ";" key ";FT;anställd;" fte ";ja\n"
#define FILE_OF_THREE                                                                              \
    HEAD ROW(UNIT_A, "2022-07-01", "a1", "0,75") ROW(UNIT_B, "2022-07-01", "b1", "1")              \
        ROW(UNIT_A, "2022-08-01", "a1", "0,5")

static const char *sql(const char *text)
{
    return cluster_sql(cluster, service.database, text);
}

static Request *request_make(const char *csv, const char *id, bool dry_run)
{
    Request *request =
        niva_wire_new(&niva__intake__v1__import_reports_request__descriptor, service.caller.arena);

    assert_non_null(request);
    request->request_id = (char *)(uintptr_t)id;
    request->media_type = (char *)"text/csv";
    request->file_name = (char *)"juli.csv";
    request->content.len = strlen(csv);
    request->content.data = (uint8_t *)(uintptr_t)csv;
    request->dry_run = dry_run;
    return request;
}

static const Response *request_send(Request *request)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    service.caller.now += 1000000;
    if (!service.caller.call(&service.caller, "ReportService/ImportReports", &request->base, &reply,
                             &err))
        fail_msg("expected OK, actual %s: %s (%s)", niva_code_name((int)err.code), err.text_en,
                 err.cause);
    return (const void *)reply;
}

static void a_file_is_one_transaction(void **state)
{
    (void)state;
    const Response *reply = import_ok(&service.caller, FILE_OF_THREE);

    assert_int_equal(reply->n_reports, 3);
    assert_int_equal(reply->position, 3 + 3);
    assert_string_equal(service_counts(&service), "10/6"); /* units, file, reports, originals */
    assert_string_equal(
        sql("SELECT count(DISTINCT xmin::text) || ' ' || count(DISTINCT recorded_at)"
            " FROM intake.fact WHERE kind <> 'unit'"),
        "1 1");
    assert_string_equal(sql("SELECT string_agg(kind || ' ' || unit, ',' ORDER BY fact_no) FROM"
                            " intake.fact WHERE kind IN ('import', 'report')"),
                        "import ,report " UNIT_A ",report " UNIT_B ",report " UNIT_A);
}

/* Every report answers with the file it came in, byte for byte; it is kept once. */
static void the_file_is_kept_once(void **state)
{
    (void)state;
    const Response *reply = import_ok(&service.caller, FILE_OF_THREE);

    for (size_t i = 0; i < reply->n_reports; i++) {
        const Niva__Intake__V1__GetOriginalResponse *answer =
            read_ok(&service, "ReportService/GetOriginal", "{'reportId': '%s'}",
                    reply->reports[i]->report_id);

        assert_int_equal(answer->original->content.len, strlen(FILE_OF_THREE));
        assert_memory_equal(answer->original->content.data, FILE_OF_THREE, strlen(FILE_OF_THREE));
        assert_string_equal(answer->original->file_name, "redovisning.csv");
        assert_string_equal(answer->original->media_type, "text/csv");
        assert_string_equal(answer->original->import_id, reply->import_id);
    }
    assert_string_equal(sql("SELECT count(*) FROM intake.fact WHERE octet_length(body) > 300"),
                        "1");
}

static void the_same_request_is_answered_once(void **state)
{
    (void)state;
    static const char id[] = "0190163d-8694-739b-aea5-966c26f8ad91";
    const Response *first = request_send(request_make(FILE_OF_THREE, id, false));
    char before[64];
    const Response *again;

    snprintf(before, sizeof before, "%s", service_counts(&service));
    again = request_send(request_make(FILE_OF_THREE, id, false));
    assert_false(first->replayed);
    assert_true(again->replayed);
    assert_string_equal(again->import_id, first->import_id);
    assert_string_equal(again->reports[2]->report_id, first->reports[2]->report_id);
    assert_string_equal(service_counts(&service), before);
    import_wrong(&service.caller, FILE_OF_THREE,
                 "2  REPORT_ALREADY_HERE;3  REPORT_ALREADY_HERE;4  REPORT_ALREADY_HERE;");
}

/* What was refused, or only tried, is judged anew when it comes again with the same id. */
static void a_refusal_leaves_nothing_behind(void **state)
{
    (void)state;
    static const char id[] = "0190163d-8694-739b-aea5-966c26f8ad92";
    static const char csv[] =
        HEAD ROW(UNIT_A, "2022-07-01", "a1", "1") ROW("SE2321000016-NY", "2022-07-01", "a1", "1");
    char before[64];
    const Response *reply;

    snprintf(before, sizeof before, "%s %s", service_counts(&service),
             sql("SELECT count(*) || '/' || max(recorded_at) FROM intake.request"));
    reply = request_send(request_make(csv, id, false));
    assert_int_equal(reply->n_row_errors, 1);
    assert_string_equal(reply->row_errors[0]->code, "UNIT_UNKNOWN");
    assert_int_equal(reply->row_errors[0]->row, 3);
    assert_int_equal(reply->position, 3);
    reply = request_send(request_make(FILE_OF_THREE, "0190163d-8694-739b-aea5-966c26f8ad93", true));
    assert_int_equal(reply->n_reports, 3);
    assert_int_equal(reply->position, 3);
    {
        char after[64];

        snprintf(after, sizeof after, "%s %s", service_counts(&service),
                 sql("SELECT count(*) || '/' || max(recorded_at) FROM intake.request"));
        assert_string_equal(after, before);
    }
    call_ok(&service.caller, "UnitService/PutUnit",
            "{'unit': {'hsaId': 'SE2321000016-NY', 'name': 'Ny (fiktiv)', 'regionCode': '19',"
            " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN', 'firstDay':"
            " '2020-01-01'}], 'openedOn': '2020-01-01'}}");
    reply = request_send(request_make(csv, id, false));
    assert_int_equal(reply->n_row_errors, 0);
    assert_int_equal(reply->n_reports, 2);
    assert_false(reply->replayed);
}

/* Of several in one batch each sees what those before it did; what is refused hurts only itself. */
static void files_of_one_batch_see_each_other(void **state)
{
    (void)state;
    struct flight flights[4];
    Request *requests[4];
    size_t taken = 0;
    size_t refused = 0;

    for (size_t i = 0; i < 4; i++) {
        struct niva_error err;

        requests[i] = request_make(FILE_OF_THREE, "", i == 3);
        assert_true(intake_service.prepare("/niva.intake.v1.ReportService/ImportReports",
                                           &requests[i]->base, service.caller.arena,
                                           &service.prepared, &err));
        flight_begin(&service, &flights[i], "ReportService/ImportReports", &requests[i]->base);
    }
    for (size_t i = 0; i < 4; i++) {
        const Response *reply = (const void *)flight_end(&service, &flights[i]);

        assert_non_null(reply);
        taken += *reply->import_id != '\0';
        refused += reply->n_row_errors == 3;
    }
    assert_int_equal(taken, 1);
    assert_true(refused >= 2);
    assert_string_equal(service_counts(&service), "10/6");
}

static void five_thousand_rows_are_quick(void **state)
{
    (void)state;
    struct niva_text csv = {0};
    int64_t begun;
    const Response *reply;

    niva_text_puts(&csv, HEAD);
    for (int row = 0; row < 5000; row++) {
        char day[16];

        niva_day_format(niva_day_from_civil(2020, 2, 1) + row / 4, day);
        niva_text_printf(&csv, ROW("%s", "%s", "p%d", "0,75"), row % 8 < 4 ? UNIT_A : UNIT_B, day,
                         row % 4);
    }
    assert_false(csv.failed);
    begun = niva_clock_monotonic_ms();
    reply = import_ok(&service.caller, csv.data);
    assert_int_equal(reply->n_reports, 1250);
    assert_true(niva_clock_monotonic_ms() - begun < 10000);
    print_message("5000 rows in %d ms\n", (int)(niva_clock_monotonic_ms() - begun));
    niva_text_free(&csv);
}

/* ---- what is erased ---- */

static const Niva__Intake__V1__Erasure *erase(const char *unit, const char *before)
{
    const Niva__Intake__V1__EraseResponse *reply =
        call_ok(&service.caller, "RetentionService/Erase",
                "{'unit': '%s', 'classes': ['REPORTS', 'ORIGINALS'], 'before': '%s',"
                " 'decisionReference': 'DNR 2027-1'}",
                unit, before);

    return reply->erasure;
}

/* A report loses its event and its way to the file; another one of the same unit and file stays as
 * it is. The answer and the file go with the first of them, and nothing of it is left. */
static void an_import_is_erased_report_by_report(void **state)
{
    (void)state;
    const Response *reply =
        import_ok(&service.caller, HEAD ROW(UNIT_A, "2020-07-01", "gammal", "1")
                                       ROW(UNIT_A, "2020-12-01", "gallande", "1")
                                           ROW(UNIT_B, "2020-07-01", "annan", "1"));
    const char *old = reply->reports[0]->report_id;
    const char *standing = reply->reports[1]->report_id;
    const char *other = reply->reports[2]->report_id;
    const Niva__Intake__V1__Erasure *erasure;
    int64_t events;
    int64_t facts;

    report_submit(&service.caller, "2022-01-01", "");
    import_ok(&service.caller, HEAD ROW(UNIT_B, "2022-01-01", "ny", "1"));
    assert_true(niva_instant_parse("2027-07-01T12:00:00Z", &service.caller.now));
    erasure = erase(UNIT_A, "2021-01-01");
    assert_int_equal(erasure->reports, 1);
    assert_int_equal(erasure->originals, 1);
    assert_int_equal(erasure->import_files, 1);
    assert_int_equal(erasure->replies, 1);
    assert_string_equal(sql("SELECT count(*) FROM intake.event WHERE data IS NULL"), "1");
    assert_string_equal(sql("SELECT position FROM intake.event WHERE data IS NULL"), "4");
    assert_string_equal(sql("SELECT count(*) FROM intake.request WHERE erased_by IS NOT NULL"),
                        "1");
    read_refused(&service, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                 "ReportService/GetOriginal", "{'reportId': '%s'}", old);
    read_refused(&service, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                 "ReportService/GetOriginal", "{'reportId': '%s'}", standing);
    read_refused(&service, NIVA_FAILED_PRECONDITION, "reportId", "ERASED",
                 "ReportService/GetOriginal", "{'reportId': '%s'}", other);
    read_ok(&service, "ReportService/GetReport", "{'reportId': '%s'}", standing);
    assert_string_equal(sql("SELECT count(*) FROM intake.fact WHERE position('gammal' IN"
                            " encode(body, 'escape')) > 0"),
                        "0");
    assert_string_equal(sql("SELECT string_agg((erased_by IS NULL)::text, ',' ORDER BY fact_no)"
                            " FROM intake.fact WHERE kind = 'import'"),
                        "false,true");

    /* the next one of the file finds it gone already */
    erasure = erase(UNIT_B, "2022-02-01");
    assert_int_equal(erasure->originals, 1);
    assert_int_equal(erasure->import_files, 0);
    assert_string_equal(proof_chains(service.pg, 5, &events, &facts), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_service, close_service)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_one_transaction),
        TEST(the_file_is_kept_once),
        TEST(the_same_request_is_answered_once),
        TEST(a_refusal_leaves_nothing_behind),
        TEST(files_of_one_batch_see_each_other),
        TEST(five_thousand_rows_are_quick),
        TEST(an_import_is_erased_report_by_report),
    };
    int failed;

    cluster = cluster_new();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
