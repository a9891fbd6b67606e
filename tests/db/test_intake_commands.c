/* Intake's commands over a journal and PostgreSQL: each call is a batch of its own, so that every
 * story is told from what was read back. */
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

#define STORY(name)                                                                                \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        name(&service.caller);                                                                     \
    }

/* cppcheck-suppress unknownMacro */
STORIES(STORY)

static void bad_input_changes_nothing(void **state)
{
    (void)state;
    char before[64];

    units_put(&service.caller);
    snprintf(before, sizeof before, "%s", service_counts(&service));
    assert_string_equal(before, "3/3");
    for (size_t i = 0; i < bad_case_count; i++) {
        const struct bad_case *bad = &bad_cases[i];
        ProtobufCMessage *reply;
        struct niva_error err;

        if (call_try(&service.caller, bad->method, bad->json, &reply, &err))
            fail_msg("%s: expected %s, actual OK", bad->name, niva_code_name((int)bad->code));
        error_expect(&err, bad->code, bad->field, bad->reason, bad->name);
        if (strcmp(service_counts(&service), before) != 0)
            fail_msg("%s: expected %s facts/events, actual %s", bad->name, before,
                     service_counts(&service));
    }
}

static void a_refused_decision_changes_nothing(void **state)
{
    (void)state;
    char before[64];
    const char *id;

    units_put(&service.caller);
    id = report_submit(&service.caller, "2022-01-01", "");
    report_submit(&service.caller, "2022-01-01", id);
    snprintf(before, sizeof before, "%s", service_counts(&service));
    call_refused(&service.caller, NIVA_FAILED_PRECONDITION, NULL, "REPORT_ALREADY_CORRECTED",
                 "ReportService/SubmitReport",
                 "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}",
                 id);
    assert_string_equal(service_counts(&service), before);
}

static void the_same_request_is_answered_once(void **state)
{
    (void)state;
    static const char submit[] =
        "{'requestId': '0190163d-8694-739b-aea5-966c26f8ad91', 'report': {'unit': '" UNIT_A
        "', 'professionGroup': '" GROUP "', 'effectiveFrom': '2022-01-01'}}";
    const Niva__Intake__V1__SubmitReportResponse *first;
    const Niva__Intake__V1__SubmitReportResponse *again;
    char before[64];

    units_put(&service.caller);
    first = call_ok(&service.caller, "ReportService/SubmitReport", submit);
    assert_false(first->replayed);
    assert_int_equal(first->position, 4);
    snprintf(before, sizeof before, "%s", service_counts(&service));
    again = call_ok(&service.caller, "ReportService/SubmitReport", submit);
    assert_true(again->replayed);
    assert_string_equal(again->report->report_id, first->report->report_id);
    assert_int_equal(again->position, first->position);
    assert_string_equal(service_counts(&service), before);
}

static void a_unit_that_says_nothing_new_has_the_heads_position(void **state)
{
    (void)state;
    const Niva__Intake__V1__PutUnitResponse *reply;

    units_put(&service.caller);
    report_submit(&service.caller, "2022-01-01", "");
    reply = call_ok(&service.caller, "UnitService/PutUnit",
                    "{'unit': {'hsaId': '" UNIT_B "', 'name': 'Vårdcentralen Fiktiv',"
                    " 'regionCode': '19', 'owners': [{'orgNumber': '2321000016',"
                    " 'form': 'REGION_RUN', 'firstDay': '2020-01-01'}],"
                    " 'openedOn': '2020-01-01'}}");
    assert_int_equal(reply->unit->version, 1);
    assert_int_equal(reply->position, 4);
    assert_string_equal(service_counts(&service), "4/4");
}

static void what_employees_do_is_told_downstream_only(void **state)
{
    (void)state;
    static const char *const internal[] = {
        "report.received",  "report.corrected", "report.withdrawn",  "report.confirmed",
        "absence.notified", "absence.changed",  "absence.cancelled",
    };
    size_t found = 0;

    for (size_t i = 0; i < intake_service.type_count; i++) {
        const struct niva_event_type *type = &intake_service.types[i];
        bool of_employees = strncmp(type->name, "se.niva.intake.report.", 22) == 0 ||
                            strncmp(type->name, "se.niva.intake.absence.", 23) == 0;

        assert_int_equal(type->internal, of_employees);
        for (size_t k = 0; k < sizeof internal / sizeof *internal; k++)
            found += strstr(type->name, internal[k]) != NULL;
    }
    assert_int_equal(found, sizeof internal / sizeof *internal);
    assert_int_equal(intake_service.type_count, found + 3);
}

/* ---- several in one batch ---- */

/* Holds the head, so that everything that is submitted meanwhile comes into one batch. */
static struct niva_pg *head_hold(void)
{
    static const struct niva_statement hold = {"test_head_hold",
                                               "SELECT position FROM stream_head FOR UPDATE"};
    struct niva_error err;
    struct niva_pg *pg = niva_pg_open(
        cluster_conninfo(service.cluster, service.database, "niva_intake"), "intake", "test", &err);
    struct niva_query queries[] = {{.statement = &niva_pg_begin}, {.statement = &hold}};

    assert_non_null(pg);
    if (!niva_pg_run(pg, queries, 2, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    niva_queries_clear(queries, 2);
    return pg;
}

static void flight_json(struct flight *flight, const char *method, const char *format, ...)
    NIVA_PRINTF(3, 4);

static void flight_json(struct flight *flight, const char *method, const char *format, ...)
{
    char json[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    service.caller.now += 1000000;
    flight_begin(&service, flight, method,
                 message_of(method_request(method), json, service.caller.arena));
}

static void flight_refused(struct flight *flight, const char *field, const char *reason)
{
    assert_null(flight_end(&service, flight));
    error_expect(&flight->err, NIVA_FAILED_PRECONDITION, field, reason, "an item of a batch");
}

#define NEW_UNIT "SE2321000016-N1"

static void items_of_a_batch_see_each_other(void **state)
{
    (void)state;
    static const char report_json[] =
        "{'report': {'unit': '%s', 'professionGroup': '" GROUP
        "', 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}";
    static const char update_json[] =
        "{'expectedVersion': %d, 'absence': {'absenceId': '%s', 'unit': '" UNIT_A
        "', 'professionGroup': '" GROUP "', 'positionKey': 'p1', 'firstDay': '2022-06-01'}}";
    enum {
        FIRST,
        UNIT,
        REPORT,
        CONFIRM,
        CORRECT,
        CORRECT_AGAIN,
        WITHDRAW,
        WITHDRAW_AGAIN,
        UPDATE,
        UPDATE_STALE,
        CANCEL,
        UPDATE_LATE,
        COUNT
    };
    struct flight flights[COUNT];
    const Niva__Intake__V1__SubmitReportResponse *reply;
    const Niva__Intake__V1__SubmitReportResponse *corrected;
    const Niva__Intake__V1__ConfirmStaffingResponse *confirmed;
    const char *to_correct;
    const char *to_withdraw;
    const char *absence;
    struct niva_pg *held;

    units_put(&service.caller);
    to_correct = report_submit(&service.caller, "2022-01-01", "");
    to_withdraw = report_submit(&service.caller, "2022-02-01", "");
    absence = absence_notify(&service.caller, "2022-06-01", "");
    held = head_hold();
    flight_json(&flights[FIRST], "ReportService/SubmitReport", report_json, UNIT_B, "");
    flight_json(&flights[UNIT], "UnitService/PutUnit",
                "{'unit': {'hsaId': '" NEW_UNIT "', 'name': 'Ny', 'regionCode': '19', 'owners':"
                " [{'orgNumber': '2321000016', 'form': 'PRIVATE', 'firstDay': '2020-01-01'}],"
                " 'openedOn': '2020-01-01'}}");
    flight_json(&flights[REPORT], "ReportService/SubmitReport", report_json, NEW_UNIT, "");
    flight_json(&flights[CONFIRM], "ReportService/ConfirmStaffing",
                "{'unit': '" NEW_UNIT "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-01'}");
    flight_json(&flights[CORRECT], "ReportService/SubmitReport", report_json, UNIT_A, to_correct);
    flight_json(&flights[CORRECT_AGAIN], "ReportService/SubmitReport", report_json, UNIT_A,
                to_correct);
    flight_json(&flights[WITHDRAW], "ReportService/WithdrawReport",
                "{'reportId': '%s', 'reason': 'fel'}", to_withdraw);
    flight_json(&flights[WITHDRAW_AGAIN], "ReportService/WithdrawReport",
                "{'reportId': '%s', 'reason': 'fel'}", to_withdraw);
    flight_json(&flights[UPDATE], "AbsenceService/UpdateAbsence", update_json, 1, absence);
    flight_json(&flights[UPDATE_STALE], "AbsenceService/UpdateAbsence", update_json, 1, absence);
    flight_json(&flights[CANCEL], "AbsenceService/CancelAbsence", "{'absenceId': '%s'}", absence);
    flight_json(&flights[UPDATE_LATE], "AbsenceService/UpdateAbsence", update_json, 3, absence);
    niva_pg_close(held);

    assert_non_null(flight_end(&service, &flights[FIRST]));
    assert_non_null(flight_end(&service, &flights[UNIT]));
    reply = (const void *)flight_end(&service, &flights[REPORT]);
    assert_non_null(reply);
    confirmed = (const void *)flight_end(&service, &flights[CONFIRM]);
    assert_non_null(confirmed);
    assert_string_equal(confirmed->confirmation->report_id, reply->report->report_id);
    corrected = (const void *)flight_end(&service, &flights[CORRECT]);
    assert_non_null(corrected);
    flight_refused(&flights[CORRECT_AGAIN], corrected->report->report_id,
                   "REPORT_ALREADY_CORRECTED");
    assert_non_null(flight_end(&service, &flights[WITHDRAW]));
    flight_refused(&flights[WITHDRAW_AGAIN], to_withdraw, "REPORT_WITHDRAWN");
    assert_non_null(flight_end(&service, &flights[UPDATE]));
    flight_refused(&flights[UPDATE_STALE], absence, "VERSION_MISMATCH");
    assert_non_null(flight_end(&service, &flights[CANCEL]));
    flight_refused(&flights[UPDATE_LATE], absence, "ABSENCE_CANCELLED");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_service, close_service)
#define ROW(name)  TEST(test_##name),

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(bad_input_changes_nothing),
                                       TEST(a_refused_decision_changes_nothing),
                                       TEST(the_same_request_is_answered_once),
                                       TEST(a_unit_that_says_nothing_new_has_the_heads_position),
                                       cmocka_unit_test(what_employees_do_is_told_downstream_only),
                                       TEST(items_of_a_batch_see_each_other),
                                       STORIES(ROW)};
    int failed;

    cluster = cluster_new();
    failed = cmocka_run_group_tests_name("intake commands", tests, NULL, NULL);
    cluster = cluster_free(cluster);
    return failed ? 1 : 0;
}
