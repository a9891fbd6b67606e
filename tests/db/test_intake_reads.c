/* What intake answers: by filter, as known at an instant, with history, page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/intake_service.h"

static struct cluster *cluster;
static struct service service;

static int open_service(void **state)
{
    (void)state;
    service_open(&service, cluster);
    return 0;
}

static int close_service(void **state)
{
    (void)state;
    service_close(&service);
    return 0;
}

/* The instant of the last call, as JSON has it. */
static const char *now_text(char ret_text[32])
{
    niva_instant_format(service.caller.now, ret_text);
    return ret_text;
}

static void withdraw(const char *report_id)
{
    call_ok(&service.caller, "ReportService/WithdrawReport",
            "{'reportId': '%s', 'reason': 'fel enhet'}", report_id);
}

/* ---- units ---- */

static void unit_put(const char *hsa_id, const char *name, const char *region)
{
    call_ok(&service.caller, "UnitService/PutUnit",
            "{'unit': {'hsaId': '%s', 'name': '%s', 'regionCode': '%s', 'owners':"
            " [{'orgNumber': '2321000016', 'form': 'PRIVATE', 'firstDay': '2020-01-01'}],"
            " 'openedOn': '2020-01-01'}}",
            hsa_id, name, region);
}

/* A list as "HSA-id:version " …, read page by page. */
static const char *units_listed(int page_size, const char *rest)
{
    static char listed[1024];
    char token[160] = "";

    listed[0] = '\0';
    do {
        const Niva__Intake__V1__ListUnitsResponse *reply =
            read_ok(&service, "UnitService/ListUnits", "{'pageSize': %d, 'pageToken': '%s'%s}",
                    page_size, token, rest);

        if (page_size > 0)
            assert_in_range(reply->n_units, 0, page_size);
        for (size_t i = 0; i < reply->n_units; i++)
            snprintf(listed + strlen(listed), sizeof listed - strlen(listed), "%s:%d ",
                     reply->units[i]->hsa_id + strlen("SE2321000016-"), reply->units[i]->version);
        snprintf(token, sizeof token, "%s", reply->next_page_token);
    } while (token[0] != '\0');
    return listed;
}

static void units_are_listed_in_order_of_their_ids(void **state)
{
    (void)state;
    char before[32];
    char known_at[80];

    unit_put("SE2321000016-b", "Ett", "19");
    unit_put("SE2321000016-C", "Två", "19");
    unit_put("SE2321000016-A", "Tre", "24");
    snprintf(known_at, sizeof known_at, ", 'knownAt': '%s'", now_text(before));
    unit_put("SE2321000016-C", "Två igen", "24");
    for (int page_size = 0; page_size < 5; page_size++) {
        assert_string_equal(units_listed(page_size, ""), "A:1 C:2 b:1 ");
        assert_string_equal(units_listed(page_size, known_at), "A:1 C:1 b:1 ");
        assert_string_equal(units_listed(page_size, ", 'includeHistory': true"),
                            "A:1 C:1 C:2 b:1 ");
        assert_string_equal(units_listed(page_size, ", 'regionCode': '24'"), "A:1 C:2 ");
        assert_string_equal(units_listed(page_size, ", 'regionCode': '19'"), "b:1 ");
        assert_string_equal(units_listed(page_size, ", 'regionCode': '01'"), "");
    }
}

static void a_unit_is_answered_as_it_was_known(void **state)
{
    (void)state;
    const Niva__Intake__V1__GetUnitResponse *reply;
    char before[32];
    char first[32];

    now_text(before);
    unit_put("SE2321000016-A", "Ett", "19");
    now_text(first);
    unit_put("SE2321000016-A", "Två", "19");
    reply = read_ok(&service, "UnitService/GetUnit", "{'hsaId': 'SE2321000016-A'}");
    assert_string_equal(reply->unit->name, "Två");
    assert_int_equal(reply->unit->version, 2);
    reply = read_ok(&service, "UnitService/GetUnit", "{'hsaId': 'SE2321000016-A', 'knownAt': '%s'}",
                    first);
    assert_string_equal(reply->unit->name, "Ett");
    read_refused(&service, NIVA_NOT_FOUND, "hsaId", "UNIT_UNKNOWN", "UnitService/GetUnit",
                 "{'hsaId': 'SE2321000016-A', 'knownAt': '%s'}", before);
    read_refused(&service, NIVA_NOT_FOUND, "hsaId", "UNIT_UNKNOWN", "UnitService/GetUnit",
                 "{'hsaId': 'SE2321000016-a'}");
}

/* ---- reports ---- */

static const Niva__Intake__V1__StaffingReport *report_get(const char *report_id, const char *rest)
{
    const Niva__Intake__V1__GetReportResponse *reply =
        read_ok(&service, "ReportService/GetReport", "{'reportId': '%s'%s}", report_id, rest);

    return reply->report;
}

static void a_report_says_what_was_known_of_it(void **state)
{
    (void)state;
    const Niva__Intake__V1__StaffingReport *answer;
    char before[32];
    char filed[80];
    char corrected[80];
    char withdrawn[80];
    const char *report;
    const char *first;
    const char *second;

    units_put(&service.caller);
    now_text(before);
    report = report_submit(&service.caller, "2022-01-01", "");
    snprintf(filed, sizeof filed, ", 'knownAt': '%s'", now_text((char[32]){0}));
    first = report_submit(&service.caller, "2022-02-01", report);
    snprintf(corrected, sizeof corrected, ", 'knownAt': '%s'", now_text((char[32]){0}));
    second = report_submit(&service.caller, "2022-02-01", first);
    withdraw(first);
    snprintf(withdrawn, sizeof withdrawn, ", 'knownAt': '%s'", now_text((char[32]){0}));
    withdraw(second);

    assert_string_equal(report_get(report, "")->corrected_by_report_id, "");
    assert_string_equal(report_get(report, withdrawn)->corrected_by_report_id, second);
    assert_string_equal(report_get(report, corrected)->corrected_by_report_id, first);
    assert_string_equal(report_get(report, filed)->corrected_by_report_id, "");
    answer = report_get(first, withdrawn);
    assert_true(answer->withdrawn);
    assert_string_equal(answer->withdrawal_reason, "fel enhet");
    assert_string_equal(answer->withdrawn_by, "local:test");
    assert_non_null(answer->withdrawn_at);
    assert_string_equal(answer->corrected_by_report_id, second);
    answer = report_get(first, corrected);
    assert_false(answer->withdrawn);
    assert_null(answer->withdrawn_at);
    assert_int_equal(answer->n_positions, 1);
    read_refused(&service, NIVA_NOT_FOUND, "reportId", "REPORT_UNKNOWN", "ReportService/GetReport",
                 "{'reportId': '%s', 'knownAt': '%s'}", report, before);
}

/* A list as the letters of `ids`, read page by page. */
static const char *reports_listed(const char *const *ids, size_t count, int page_size,
                                  const char *rest)
{
    static char listed[64];
    char token[160] = "";

    listed[0] = '\0';
    do {
        const Niva__Intake__V1__ListReportsResponse *reply =
            read_ok(&service, "ReportService/ListReports", "{'pageSize': %d, 'pageToken': '%s'%s}",
                    page_size, token, rest);

        for (size_t i = 0; i < reply->n_reports; i++)
            for (size_t k = 0; k < count; k++)
                if (strcmp(reply->reports[i]->report_id, ids[k]) == 0)
                    strcat(listed, (char[]){(char)('a' + k), '\0'});
        if (reply->next_page_token[0] != '\0')
            assert_int_equal(reply->n_reports, page_size);
        snprintf(token, sizeof token, "%s", reply->next_page_token);
    } while (token[0] != '\0');
    return listed;
}

static const char *report_of(const char *unit, const char *group)
{
    const Niva__Intake__V1__SubmitReportResponse *reply =
        call_ok(&service.caller, "ReportService/SubmitReport",
                "{'report': {'unit': '%s', 'professionGroup': '%s',"
                " 'effectiveFrom': '2022-05-01'}}",
                unit, group);

    return reply->report->report_id;
}

static void reports_are_listed_in_the_order_of_the_record(void **state)
{
    (void)state;
    enum { A, B, C, D, E, COUNT };
    const char *ids[COUNT];
    char known_at[80];

    units_put(&service.caller);
    ids[A] = report_submit(&service.caller, "2022-03-01", "");
    ids[B] = report_submit(&service.caller, "2022-02-01", "");
    ids[C] = report_submit(&service.caller, "2022-04-01", ids[A]);
    ids[D] = report_of(UNIT_B, GROUP);
    snprintf(known_at, sizeof known_at, ", 'knownAt': '%s'", now_text((char[32]){0}));
    ids[E] = report_of(UNIT_A, "dietist");
    withdraw(ids[B]);
    for (int page_size = 1; page_size < 7; page_size++) {
        assert_string_equal(reports_listed(ids, COUNT, page_size, ""), "cde");
        assert_string_equal(reports_listed(ids, COUNT, page_size, ", 'includeHistory': true"),
                            "abcde");
        assert_string_equal(reports_listed(ids, COUNT, page_size, known_at), "bcd");
        assert_string_equal(reports_listed(ids, COUNT, page_size, ", 'unit': '" UNIT_A "'"), "ce");
        assert_string_equal(
            reports_listed(ids, COUNT, page_size, ", 'professionGroup': '" GROUP "'"), "cd");
        assert_string_equal(reports_listed(ids, COUNT, page_size,
                                           ", 'includeHistory': true, 'unit': '" UNIT_A
                                           "', 'since': '2022-03-01'"),
                            "ace");
    }
    withdraw(ids[C]);
    assert_string_equal(reports_listed(ids, COUNT, 100, ""), "ade");
}

/* 4 MiB of reports and a little more: the page is cut, and says so. */
static void a_page_is_cut_by_bytes_too(void **state)
{
    (void)state;
    enum { REPORTS = 200, POSITIONS = 500 };
    struct niva_text json = {0};
    size_t listed = 0;
    size_t pages = 0;
    char token[160] = "";

    units_put(&service.caller);
    niva_text_puts(&json, "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                          "', 'effectiveFrom': '2022-01-01', 'positions': [");
    for (int i = 0; i < POSITIONS; i++)
        niva_text_printf(&json,
                         "%s{'positionKey': 'befattning-med-en-lang-nyckel-%04d',"
                         " 'titleCode': 'FT', 'employment': 'EMPLOYED'}",
                         i == 0 ? "" : ", ", i);
    niva_text_puts(&json, "]}}");
    assert_false(json.failed);
    for (int i = 0; i < REPORTS; i++) {
        ProtobufCMessage *reply;
        struct niva_error err;

        if (!call_try(&service.caller, "ReportService/SubmitReport", json.data, &reply, &err))
            fail_msg("%s", err.text_en);
    }
    niva_text_free(&json);
    do {
        const Niva__Intake__V1__ListReportsResponse *reply = read_ok(
            &service, "ReportService/ListReports", "{'pageSize': 1000, 'pageToken': '%s'}", token);

        assert_in_range(protobuf_c_message_get_packed_size(&reply->base), 1, 5 << 20);
        assert_in_range(reply->n_reports, 1, REPORTS);
        listed += reply->n_reports;
        pages++;
        snprintf(token, sizeof token, "%s", reply->next_page_token);
    } while (token[0] != '\0');
    assert_int_equal(listed, REPORTS);
    assert_in_range(pages, 2, 3);
}

static void an_original_comes_back_byte_for_byte(void **state)
{
    (void)state;
    const Niva__Intake__V1__SubmitReportResponse *reply;
    const Niva__Intake__V1__GetOriginalResponse *answer;
    const char *without;
    static const uint8_t bytes[] = {0, 1, 0xff};

    units_put(&service.caller);
    without = report_submit(&service.caller, "2022-01-01", "");
    reply = call_ok(&service.caller, "ReportService/SubmitReport",
                    "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                    "', 'effectiveFrom': '2022-01-01'}, 'original': {'mediaType': 'text/csv',"
                    " 'fileName': 'fiktiv å.csv', 'content': 'AAH/'}}");
    answer = read_ok(&service, "ReportService/GetOriginal", "{'reportId': '%s'}",
                     reply->report->report_id);
    assert_string_equal(answer->original->media_type, "text/csv");
    assert_string_equal(answer->original->file_name, "fiktiv å.csv");
    assert_int_equal(answer->original->content.len, sizeof bytes);
    assert_memory_equal(answer->original->content.data, bytes, sizeof bytes);
    read_refused(&service, NIVA_NOT_FOUND, "reportId", "NO_ORIGINAL", "ReportService/GetOriginal",
                 "{'reportId': '%s'}", without);
    read_refused(&service, NIVA_NOT_FOUND, "reportId", "REPORT_UNKNOWN",
                 "ReportService/GetOriginal",
                 "{'reportId': '0190163d-8694-739b-aea5-966c26f8ad91'}");
}

/* ---- confirmations ---- */

static size_t confirmations_count(const char *rest)
{
    const Niva__Intake__V1__ListConfirmationsResponse *reply =
        read_ok(&service, "ReportService/ListConfirmations", "{%s}", rest);

    return reply->n_confirmations;
}

static void confirmations_are_listed(void **state)
{
    (void)state;
    const Niva__Intake__V1__ListConfirmationsResponse *page;
    char known_at[80];

    units_put(&service.caller);
    report_submit(&service.caller, "2022-01-01", "");
    for (int day = 1; day <= 3; day++)
        call_ok(&service.caller, "ReportService/ConfirmStaffing",
                "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-%02d'}",
                day);
    snprintf(known_at, sizeof known_at, "'knownAt': '%s'", now_text((char[32]){0}));
    call_ok(&service.caller, "ReportService/ConfirmStaffing",
            "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-04'}");
    assert_int_equal(confirmations_count(""), 4);
    assert_int_equal(confirmations_count(known_at), 3);
    assert_int_equal(confirmations_count("'unit': '" UNIT_A "'"), 4);
    assert_int_equal(confirmations_count("'unit': '" UNIT_B "'"), 0);
    assert_int_equal(confirmations_count("'professionGroup': 'dietist'"), 0);
    page = read_ok(&service, "ReportService/ListConfirmations", "{'pageSize': 3}");
    assert_int_equal(page->n_confirmations, 3);
    assert_string_equal(page->confirmations[2]->as_of, "2022-06-03");
    page = read_ok(&service, "ReportService/ListConfirmations",
                   "{'pageSize': 3, 'pageToken': '%s'}", page->next_page_token);
    assert_int_equal(page->n_confirmations, 1);
    assert_string_equal(page->confirmations[0]->as_of, "2022-06-04");
    assert_string_equal(page->next_page_token, "");
}

/* ---- absences ---- */

/* A list as "first day/version " …, read one by one. */
static const char *absences_listed(const char *rest)
{
    static char listed[512];
    char token[160] = "";

    listed[0] = '\0';
    do {
        const Niva__Intake__V1__ListAbsencesResponse *reply =
            read_ok(&service, "AbsenceService/ListAbsences", "{'pageSize': 1, 'pageToken': '%s'%s}",
                    token, rest);

        for (size_t i = 0; i < reply->n_absences; i++)
            snprintf(listed + strlen(listed), sizeof listed - strlen(listed), "%s/%d%s ",
                     reply->absences[i]->first_day + strlen("2022-"), reply->absences[i]->version,
                     reply->absences[i]->cancelled ? "x" : "");
        snprintf(token, sizeof token, "%s", reply->next_page_token);
    } while (token[0] != '\0');
    return listed;
}

static void absences_are_listed_by_their_present_version(void **state)
{
    (void)state;
    char known_at[80];
    const char *changed;
    const char *cancelled;

    units_put(&service.caller);
    changed = absence_notify(&service.caller, "2022-06-01", "");
    cancelled = absence_notify(&service.caller, "2022-07-01", "");
    absence_notify(&service.caller, "2022-08-01", "");
    snprintf(known_at, sizeof known_at, ", 'knownAt': '%s'", now_text((char[32]){0}));
    call_ok(&service.caller, "AbsenceService/UpdateAbsence",
            "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
            "', 'positionKey': 'p1', 'firstDay': '2022-06-02'}}",
            changed);
    call_ok(&service.caller, "AbsenceService/CancelAbsence", "{'absenceId': '%s'}", cancelled);
    assert_string_equal(absences_listed(""), "08-01/1 06-02/2 ");
    assert_string_equal(absences_listed(known_at), "06-01/1 07-01/1 08-01/1 ");
    assert_string_equal(absences_listed(", 'includeHistory': true"),
                        "06-01/1 07-01/1 08-01/1 06-02/2 07-01/2x ");
    assert_string_equal(absences_listed(", 'unit': '" UNIT_B "'"), "");
    assert_string_equal(absences_listed(", 'professionGroup': '" GROUP "', 'unit': '" UNIT_A "'"),
                        "08-01/1 06-02/2 ");
}

/* ---- bad input ---- */

static void bad_questions_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *json;
        const char *field;
        const char *reason;
    } cases[] = {
        {"UnitService/GetUnit", "{}", "hsaId", "REQUIRED"},
        {"UnitService/GetUnit", "{'hsaId': 'x'}", "hsaId", "HSA_ID_MALFORMED"},
        {"UnitService/ListUnits", "{'regionCode': '1'}", "regionCode", "REGION_MALFORMED"},
        {"UnitService/ListUnits", "{'pageToken': 'x'}", "pageToken", "PAGE_TOKEN_INVALID"},
        {"UnitService/ListUnits", "{'pageToken': '6e3a31'}", "pageToken", "PAGE_TOKEN_INVALID"},
        {"UnitService/ListUnits", "{'pageSize': -1}", "pageSize", "NUMBER_OUT_OF_RANGE"},
        {"ReportService/GetReport", "{}", "reportId", "REQUIRED"},
        {"ReportService/GetReport", "{'reportId': 'r1'}", "reportId", "UUID_MALFORMED"},
        {"ReportService/GetOriginal", "{'reportId': 'r1'}", "reportId", "UUID_MALFORMED"},
        {"ReportService/ListReports", "{'unit': 'x'}", "unit", "HSA_ID_MALFORMED"},
        {"ReportService/ListReports", "{'professionGroup': 'X'}", "professionGroup",
         "NAME_KEY_MALFORMED"},
        {"ReportService/ListReports", "{'since': '2022-02-30'}", "since", "DAY_MALFORMED"},
        {"ReportService/ListReports", "{'pageSize': -2}", "pageSize", "NUMBER_OUT_OF_RANGE"},
        {"ReportService/ListReports", "{'pageToken': '0'}", "pageToken", "PAGE_TOKEN_INVALID"},
        {"ReportService/ListConfirmations", "{'pageToken': '\\''}", "pageToken",
         "PAGE_TOKEN_INVALID"},
        {"AbsenceService/ListAbsences", "{'unit': 'x'}", "unit", "HSA_ID_MALFORMED"},
        {"AbsenceService/ListAbsences", "{'pageToken': '6e3a2d31'}", "pageToken",
         "PAGE_TOKEN_INVALID"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        read_refused(&service, NIVA_INVALID_ARGUMENT, cases[i].field, cases[i].reason,
                     cases[i].method, "%s", cases[i].json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_service, close_service)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(units_are_listed_in_order_of_their_ids),
        TEST(a_unit_is_answered_as_it_was_known),
        TEST(a_report_says_what_was_known_of_it),
        TEST(reports_are_listed_in_the_order_of_the_record),
        TEST(a_page_is_cut_by_bytes_too),
        TEST(an_original_comes_back_byte_for_byte),
        TEST(confirmations_are_listed),
        TEST(absences_are_listed_by_their_present_version),
        TEST(bad_questions_are_refused),
    };
    int failed;

    cluster = cluster_new();
    failed = cmocka_run_group_tests_name("intake reads", tests, NULL, NULL);
    cluster = cluster_free(cluster);
    return failed ? 1 : 0;
}
