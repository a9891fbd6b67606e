#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/intake_caller.h"

typedef Niva__Intake__V1__StaffingReport Report;
typedef Niva__Intake__V1__Absence Absence;

#define SUBMIT   "ReportService/SubmitReport"
#define WITHDRAW "ReportService/WithdrawReport"
#define CONFIRM  "ReportService/ConfirmStaffing"
#define UPDATE   "AbsenceService/UpdateAbsence"
#define CANCEL   "AbsenceService/CancelAbsence"

static niva_instant instant_of(const struct Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant = 0;

    assert_non_null(timestamp);
    assert_true(niva_wire_instant(timestamp, &instant));
    return instant;
}

/* ---- units ---- */

static const Niva__Intake__V1__Unit *unit_put(struct caller *caller, const char *name,
                                              const char *rest)
{
    const Niva__Intake__V1__PutUnitResponse *reply =
        call_ok(caller, "UnitService/PutUnit",
                "{'unit': {'hsaId': 'SE2321000016-V1', 'name': '%s', 'regionCode': '19',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'PRIVATE',"
                " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}%s}",
                name, rest);

    return reply->unit;
}

void units_are_versioned(struct caller *caller)
{
    const Niva__Intake__V1__Unit *unit = unit_put(caller, "Ett", ", 'expectedVersion': 0");

    assert_int_equal(unit->version, 1);
    assert_string_equal(unit->recorded_by, "local:test");
    assert_true(instant_of(unit->recorded_at) == caller->now);
    assert_int_equal(unit_put(caller, "Två", ", 'expectedVersion': 1")->version, 2);
    assert_int_equal(unit_put(caller, "Tre", "")->version, 3);
    call_refused(caller, NIVA_FAILED_PRECONDITION, "SE2321000016-V1", "VERSION_MISMATCH",
                 "UnitService/PutUnit",
                 "{'expectedVersion': 0, 'unit': {'hsaId': 'SE2321000016-V1', 'name': 'Fyra',"
                 " 'regionCode': '19', 'owners': [{'orgNumber': '2321000016', 'form': 'PRIVATE',"
                 " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01'}}");
}

void the_same_unit_again_changes_nothing(struct caller *caller)
{
    niva_instant first;

    unit_put(caller, "Ett", "");
    first = caller->now;
    assert_int_equal(unit_put(caller, "Ett", "")->version, 1);
    assert_true(instant_of(unit_put(caller, "Ett", "")->recorded_at) == first);
    assert_int_equal(unit_put(caller, "Två", "")->version, 2);
    assert_int_equal(unit_put(caller, "Ett", "")->version, 3);
}

/* ---- reports ---- */

void a_report_is_kept_as_it_came(struct caller *caller)
{
    const Niva__Intake__V1__SubmitReportResponse *reply;
    const Report *report;
    niva_instant received_at;

    units_put(caller);
    reply =
        call_ok(caller, SUBMIT,
                "{'report': {'reportId': 'ignored', 'withdrawn': true,"
                " 'correctedByReportId': 'ignored', 'withdrawalReason': 'ignored',"
                " 'recordedBy': 'ignored', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                " 'effectiveFrom': '2022-01-01', 'receivedAt': '2022-06-01T08:00:00Z',"
                " 'receivedVia': 'EMAIL', 'resolutionNote': 'Vikarie söks.\\nSvar i juni.',"
                " 'certifiedBy': {'hsaId': 'SE2321000016-P1', 'role': 'DEPUTY'}, 'positions': ["
                "{'positionKey': 'p1', 'titleCode': 'NA', 'employment': 'HIRED',"
                " 'fteMilli': 875, 'licensed': true, 'lastDay': '2022-12-31'}]}}");
    report = reply->report;
    assert_int_equal(reply->n_warnings, 0); /* a naprapath is not odd */
    assert_true(instant_of(report->recorded_at) == caller->now);
    assert_true(niva_instant_parse("2022-06-01T08:00:00Z", &received_at));
    assert_true(instant_of(report->received_at) == received_at);
    assert_string_equal(report->recorded_by, "local:test");
    assert_int_equal(strlen(report->report_id), 36);
    assert_false(report->withdrawn);
    assert_string_equal(report->corrected_by_report_id, "");
    assert_string_equal(report->withdrawal_reason, "");
    assert_int_equal(report->reason, NIVA__INTAKE__V1__STAFFING_REPORT__REASON__OTHER);
    assert_int_equal(report->received_via, NIVA__INTAKE__V1__STAFFING_REPORT__CHANNEL__EMAIL);
    assert_string_equal(report->resolution_note, "Vikarie söks.\nSvar i juni.");
    assert_int_equal(report->certified_by->role, NIVA__INTAKE__V1__CERTIFIER__ROLE__DEPUTY);
    assert_int_equal(report->positions[0]->fte_milli, 875);
    assert_string_equal(report->positions[0]->last_day, "2022-12-31");
}

static const char *warning_field(const Niva__Intake__V1__SubmitReportResponse *reply,
                                 const char *code)
{
    for (size_t i = 0; i < reply->n_warnings; i++) {
        assert_true(reply->warnings[i]->text_sv[0] != '\0');
        assert_true(reply->warnings[i]->text_en[0] != '\0');
        if (strcmp(reply->warnings[i]->code, code) == 0)
            return reply->warnings[i]->field;
    }
    return "no such warning";
}

void what_looks_odd_is_warned_of(struct caller *caller)
{
    const Niva__Intake__V1__SubmitReportResponse *reply;
    const Niva__Intake__V1__NotifyAbsenceResponse *notice;

    units_put(caller);
    reply = call_ok(caller, SUBMIT,
                    "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                    " 'effectiveFrom': '2022-01-01', 'resolutionNote': 'Ring 850101-1234.',"
                    " 'positions': [{'positionKey': 'p1', 'titleCode': 'FT',"
                    " 'employment': 'EMPLOYED'}, {'positionKey': 'p2', 'titleCode': 'XX',"
                    " 'employment': 'EMPLOYED', 'lastDay': '2021-12-31'}]}}");
    assert_int_equal(reply->n_warnings, 4);
    assert_string_equal(warning_field(reply, "TITLE_UNKNOWN"), "report.positions[1].titleCode");
    assert_string_equal(warning_field(reply, "POSITION_NEVER_ACTIVE"),
                        "report.positions[1].lastDay");
    assert_string_equal(warning_field(reply, "FREE_TEXT_PERSONAL"), "report.resolutionNote");
    assert_string_equal(warning_field(reply, "STAFFING_ZERO"), "report.positions");
    notice = call_ok(caller, "AbsenceService/NotifyAbsence",
                     "{'absence': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                     " 'positionKey': 'p1', 'firstDay': '2022-06-01', 'planNote':"
                     " 'skriv till chef@fiktiv.se', 'cover': [{'positionKey': 'v1', 'titleCode':"
                     " 'ZZ', 'employment': 'SUBSTITUTE', 'fteMilli': 500}]}}");
    assert_int_equal(notice->n_warnings, 2);
    assert_string_equal(notice->warnings[0]->field, "absence.cover[0].titleCode");
    assert_string_equal(notice->warnings[1]->field, "absence.planNote");
}

void a_plan_is_a_report(struct caller *caller)
{
    units_put(caller);
    report_submit(caller, "2031-01-01", "");
}

static const Report *report_withdraw(struct caller *caller, const char *report_id)
{
    const Niva__Intake__V1__WithdrawReportResponse *reply =
        call_ok(caller, WITHDRAW, "{'reportId': '%s', 'reason': 'Lämnad i fel grupp'}", report_id);

    return reply->report;
}

static void correction_refused(struct caller *caller, const char *corrects, const char *blocker,
                               const char *reason)
{
    call_refused(caller, NIVA_FAILED_PRECONDITION, blocker, reason, SUBMIT,
                 "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                 " 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}",
                 corrects);
}

void a_report_is_corrected_once(struct caller *caller)
{
    const char *report;
    const char *first;
    const char *second;
    const Niva__Intake__V1__SubmitReportResponse *reply;

    units_put(caller);
    report = report_submit(caller, "2022-01-01", "");
    first = report_submit(caller, "2022-02-01", report);
    correction_refused(caller, report, first, "REPORT_ALREADY_CORRECTED");
    reply = call_ok(caller, SUBMIT,
                    "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                    " 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}",
                    first);
    second = reply->report->report_id;
    assert_string_equal(reply->report->corrects_report_id, first);
    assert_int_equal(reply->report->reason, NIVA__INTAKE__V1__STAFFING_REPORT__REASON__CORRECTION);
    correction_refused(caller, report, second, "REPORT_ALREADY_CORRECTED");
    correction_refused(caller, first, second, "REPORT_ALREADY_CORRECTED");
}

void a_withdrawn_correction_corrects_nothing(struct caller *caller)
{
    const char *report;
    const char *first;

    units_put(caller);
    report = report_submit(caller, "2022-01-01", "");
    first = report_submit(caller, "2022-01-01", report);
    report_withdraw(caller, first);
    correction_refused(caller, first, first, "REPORT_WITHDRAWN");
    report_submit(caller, "2022-01-01", report);
}

void what_corrected_a_withdrawn_correction_takes_its_place(struct caller *caller)
{
    const char *report;
    const char *first;
    const char *second;

    units_put(caller);
    report = report_submit(caller, "2022-01-01", "");
    first = report_submit(caller, "2022-01-01", report);
    second = report_submit(caller, "2022-01-01", first);
    assert_string_equal(report_withdraw(caller, first)->corrected_by_report_id, second);
    correction_refused(caller, report, second, "REPORT_ALREADY_CORRECTED");
    report_withdraw(caller, second);
    report_submit(caller, "2022-01-01", report);
}

void a_report_is_withdrawn_once(struct caller *caller)
{
    const char *id;
    niva_instant recorded_at;
    const Report *report;
    char upper[37];

    units_put(caller);
    id = report_submit(caller, "2022-01-01", "");
    recorded_at = caller->now;
    for (size_t i = 0; i < sizeof upper; i++)
        upper[i] = (char)(id[i] >= 'a' && id[i] <= 'f' ? id[i] - 'a' + 'A' : id[i]);
    report = report_withdraw(caller, upper); /* an id is the same in either case */
    assert_true(report->withdrawn);
    assert_string_equal(report->report_id, id);
    assert_string_equal(report->withdrawal_reason, "Lämnad i fel grupp");
    assert_string_equal(report->withdrawn_by, "local:test");
    assert_true(instant_of(report->withdrawn_at) == caller->now);
    assert_true(instant_of(report->recorded_at) == recorded_at);
    assert_int_equal(report->n_positions, 1);
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "REPORT_WITHDRAWN", WITHDRAW,
                 "{'reportId': '%s', 'reason': 'igen'}", id);
}

void reports_need_an_open_unit(struct caller *caller)
{
    units_put(caller);
    call_ok(caller, SUBMIT,
            "{'report': {'unit': '" UNIT_CLOSED "', 'professionGroup': '" GROUP "',"
            " 'effectiveFrom': '2020-12-31'}}");
    call_refused(caller, NIVA_FAILED_PRECONDITION, UNIT_CLOSED, "UNIT_CLOSED", SUBMIT,
                 "{'report': {'unit': '" UNIT_CLOSED "', 'professionGroup': '" GROUP "',"
                 " 'effectiveFrom': '2021-01-01'}}");
}

void corrections_keep_unit_and_group(struct caller *caller)
{
    const char *id;

    units_put(caller);
    id = report_submit(caller, "2022-01-01", "");
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "REPORT_OF_OTHER_UNIT", SUBMIT,
                 "{'report': {'unit': '" UNIT_B "', 'professionGroup': '" GROUP "',"
                 " 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}",
                 id);
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "REPORT_OF_OTHER_UNIT", SUBMIT,
                 "{'report': {'unit': '" UNIT_A "', 'professionGroup': 'dietist',"
                 " 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s'}}",
                 id);
}

/* ---- confirmations ---- */

static const char *confirmed_report(struct caller *caller, const char *as_of)
{
    const Niva__Intake__V1__ConfirmStaffingResponse *reply =
        call_ok(caller, CONFIRM,
                "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '%s'}", as_of);

    assert_int_equal(strlen(reply->confirmation->confirmation_id), 36);
    assert_string_equal(reply->confirmation->as_of, as_of);
    assert_true(instant_of(reply->confirmation->received_at) == caller->now);
    return reply->confirmation->report_id;
}

void the_standing_report_is_confirmed(struct caller *caller)
{
    const char *january;
    const char *march;
    const char *march_again;

    units_put(caller);
    march = report_submit(caller, "2022-03-01", "");
    january = report_submit(caller, "2022-01-01", "");
    assert_string_equal(confirmed_report(caller, "2022-02-28"), january);
    assert_string_equal(confirmed_report(caller, "2022-03-01"), march);
    march_again = report_submit(caller, "2022-03-01", "");
    assert_string_equal(confirmed_report(caller, "2022-06-01"), march_again);
    report_withdraw(caller, march_again);
    assert_string_equal(confirmed_report(caller, "2022-06-01"), march);
    call_refused(caller, NIVA_FAILED_PRECONDITION, UNIT_A, "NO_STANDING_REPORT", CONFIRM,
                 "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2021-12-31'}");
    call_refused(caller, NIVA_FAILED_PRECONDITION, UNIT_A, "NO_STANDING_REPORT", CONFIRM,
                 "{'unit': '" UNIT_A "', 'professionGroup': 'dietist', 'asOf': '2022-06-01'}");
}

void a_correction_is_confirmed_in_place_of_what_it_corrects(struct caller *caller)
{
    const char *report;
    const char *correction;

    units_put(caller);
    report = report_submit(caller, "2022-03-01", "");
    correction = report_submit(caller, "2022-04-01", report);
    call_refused(caller, NIVA_FAILED_PRECONDITION, UNIT_A, "NO_STANDING_REPORT", CONFIRM,
                 "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-03-31'}");
    assert_string_equal(confirmed_report(caller, "2022-04-01"), correction);
    report_withdraw(caller, correction);
    assert_string_equal(confirmed_report(caller, "2022-04-01"), report);
}

/* ---- absences ---- */

static const Absence *absence_update(struct caller *caller, const char *absence_id,
                                     const char *rest)
{
    const Niva__Intake__V1__UpdateAbsenceResponse *reply =
        call_ok(caller, UPDATE,
                "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                "', 'positionKey': 'p1', 'firstDay': '2022-06-01'%s}}",
                absence_id, rest);

    return reply->absence;
}

void an_absence_has_versions(struct caller *caller)
{
    const char *id;
    const Absence *absence;

    units_put(caller);
    id = absence_notify(caller, "2022-06-01", "2022-06-30");
    absence = absence_update(caller, id,
                             ", 'expectedSince': '2022-06-15', 'category': 'VACATION',"
                             " 'absentMilli': 500, 'cancelled': true, 'version': 9");
    assert_string_equal(absence->absence_id, id);
    assert_int_equal(absence->version, 2);
    assert_string_equal(absence->expected_last_day, ""); /* replaced whole */
    assert_string_equal(absence->expected_since, "2022-06-15");
    assert_int_equal(absence->category, NIVA__INTAKE__V1__ABSENCE__CATEGORY__VACATION);
    assert_int_equal(absence->absent_milli, 500);
    assert_false(absence->cancelled);
    absence = absence_update(caller, id, "");
    assert_int_equal(absence->version, 3);
    assert_string_equal(absence->expected_since, ""); /* the default is not ours to fill in */
    assert_int_equal(absence->category, NIVA__INTAKE__V1__ABSENCE__CATEGORY__OTHER);
    assert_int_equal(absence->part_case, NIVA__INTAKE__V1__ABSENCE__PART__NOT_SET);
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "VERSION_MISMATCH", UPDATE,
                 "{'expectedVersion': 2, 'absence': {'absenceId': '%s', 'unit': '" UNIT_A
                 "', 'professionGroup': '" GROUP "', 'positionKey': 'p1',"
                 " 'firstDay': '2022-06-01'}}",
                 id);
}

void an_absence_keeps_its_subject(struct caller *caller)
{
    static const char *const subjects[][3] = {
        {UNIT_B, GROUP, "p1"}, {UNIT_A, "dietist", "p1"}, {UNIT_A, GROUP, "p2"}};
    const char *id;

    units_put(caller);
    id = absence_notify(caller, "2022-06-01", "2022-06-30");
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        call_refused(caller, NIVA_FAILED_PRECONDITION, id, "ABSENCE_SUBJECT_CHANGED", UPDATE,
                     "{'absence': {'absenceId': '%s', 'unit': '%s', 'professionGroup': '%s',"
                     " 'positionKey': '%s', 'firstDay': '2022-06-01'}}",
                     id, subjects[i][0], subjects[i][1], subjects[i][2]);
}

void an_absence_is_cancelled_once(struct caller *caller)
{
    const Niva__Intake__V1__CancelAbsenceResponse *reply;
    const char *id;

    units_put(caller);
    id = absence_notify(caller, "2022-06-01", "2022-06-30");
    reply = call_ok(caller, CANCEL, "{'absenceId': '%s'}", id);
    assert_true(reply->absence->cancelled);
    assert_int_equal(reply->absence->version, 2);
    assert_string_equal(reply->absence->first_day, "2022-06-01");
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "ABSENCE_CANCELLED", CANCEL,
                 "{'absenceId': '%s'}", id);
    call_refused(caller, NIVA_FAILED_PRECONDITION, id, "ABSENCE_CANCELLED", UPDATE,
                 "{'absence': {'absenceId': '%s', 'unit': '" UNIT_A "', 'professionGroup': '" GROUP
                 "', 'positionKey': 'p1', 'firstDay': '2022-06-01'}}",
                 id);
}

/* ---- time ---- */

void nothing_is_received_after_it_is_recorded(struct caller *caller)
{
    char now[32];
    char later[32];

    units_put(caller);
    report_submit(caller, "2022-01-01", "");
    niva_instant_format(caller->now + 1000000, now);
    call_ok(caller, CONFIRM,
            "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-01',"
            " 'receivedAt': '%s'}",
            now);
    niva_instant_format(caller->now + 1000001, later);
    call_refused(caller, NIVA_INVALID_ARGUMENT, "receivedAt", "RECEIVED_AFTER_RECORDED", CONFIRM,
                 "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-01',"
                 " 'receivedAt': '%s'}",
                 later);
}
