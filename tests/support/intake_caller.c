#include "tests/support/intake_caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const ProtobufCServiceDescriptor *service_find(const char *method)
{
    if (strncmp(method, "UnitService/", 12) == 0)
        return &niva__intake__v1__unit_service__descriptor;
    if (strncmp(method, "ReportService/", 14) == 0)
        return &niva__intake__v1__report_service__descriptor;
    if (strncmp(method, "AbsenceService/", 15) == 0)
        return &niva__intake__v1__absence_service__descriptor;
    if (strncmp(method, "RetentionService/", 17) == 0)
        return &niva__intake__v1__retention_service__descriptor;
    fail_msg("no service of %s", method);
    return NULL;
}

static const ProtobufCMethodDescriptor *method_find(const char *method)
{
    const char *name = strchr(method, '/') + 1;
    const ProtobufCMethodDescriptor *found =
        protobuf_c_service_descriptor_get_method_by_name(service_find(method), name);

    if (found == NULL)
        fail_msg("no method %s", method);
    return found;
}

const ProtobufCMessageDescriptor *method_request(const char *method)
{
    return method_find(method)->input;
}

const ProtobufCMessageDescriptor *method_reply(const char *method)
{
    return method_find(method)->output;
}

ProtobufCMessage *message_of(const ProtobufCMessageDescriptor *type, const char *json,
                             struct niva_arena *arena)
{
    char *quoted = niva_arena_strdup(arena, json);
    ProtobufCMessage *message = NULL;
    struct niva_error err;

    assert_non_null(quoted);
    for (char *c = quoted; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    if (!niva_json_parse(type, quoted, strlen(quoted), arena, &message, &err))
        fail_msg("%s is no %s: %s (%s)", json, type->name, err.text_en,
                 err.violation_count > 0 ? err.violations[0].field : "");
    return message;
}

bool call_try(struct caller *caller, const char *method, const char *json,
              ProtobufCMessage **ret_reply, struct niva_error *err)
{
    ProtobufCMessage *request = message_of(method_request(method), json, caller->arena);

    caller->now += 1000000;
    niva_error_clear(err);
    return caller->call(caller, method, request, ret_reply, err);
}

static void json_format(char *ret_json, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void json_format(char *ret_json, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(ret_json, size, format, arguments);

    assert_in_range(length, 0, size - 1);
}

void *call_ok(struct caller *caller, const char *method, const char *json, ...)
{
    char text[8192];
    va_list arguments;
    ProtobufCMessage *reply = NULL;
    struct niva_error err;

    va_start(arguments, json);
    json_format(text, sizeof text, json, arguments);
    va_end(arguments);
    if (!call_try(caller, method, text, &reply, &err))
        fail_msg("%s %s: expected OK, actual %s: %s %s (%s)", method, text,
                 niva_code_name((int)err.code), err.text_en,
                 err.violation_count > 0 ? err.violations[0].field : "", err.cause);
    return reply;
}

void error_expect(const struct niva_error *err, enum niva_code code, const char *field,
                  const char *reason, const char *what)
{
    const struct niva_violation *violation = &err->violations[0];
    const char *actual_field = err->violation_count > 0 ? violation->field : "";
    const char *actual_reason = err->violation_count > 0 ? violation->reason : "";

    if (err->code != code || err->violation_count != 1 ||
        (field != NULL && strcmp(actual_field, field) != 0) || strcmp(actual_reason, reason) != 0)
        fail_msg("%s: expected %s %s %s once, actual %s %s %s, %zu in all (%s) (%s)", what,
                 niva_code_name((int)code), field == NULL ? "*" : field, reason,
                 niva_code_name((int)err->code), actual_field, actual_reason, err->violation_count,
                 err->text_en, err->cause);
    if (violation->text_sv[0] == '\0' || violation->text_en[0] == '\0' ||
        strcmp(violation->text_sv, violation->text_en) == 0)
        fail_msg("%s: expected a sentence in Swedish and in English, actual \"%s\", \"%s\"", what,
                 violation->text_sv, violation->text_en);
}

void call_refused(struct caller *caller, enum niva_code code, const char *field, const char *reason,
                  const char *method, const char *json, ...)
{
    char text[8192];
    va_list arguments;
    ProtobufCMessage *reply;
    struct niva_error err;

    va_start(arguments, json);
    json_format(text, sizeof text, json, arguments);
    va_end(arguments);
    if (call_try(caller, method, text, &reply, &err))
        fail_msg("%s %s: expected %s, actual OK", method, text, niva_code_name((int)code));
    error_expect(&err, code, field, reason, text);
}

/* ---- what most tests begin with ---- */

static void unit_put(struct caller *caller, const char *hsa_id, const char *closed_on)
{
    call_ok(caller, "UnitService/PutUnit",
            "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen Fiktiv', 'regionCode': '19',"
            " 'owners': [{'orgNumber': '2321000016', 'form': 'REGION_RUN',"
            " 'firstDay': '2020-01-01'}], 'openedOn': '2020-01-01', 'closedOn': '%s'}}",
            hsa_id, closed_on);
}

void units_put(struct caller *caller)
{
    unit_put(caller, UNIT_A, "");
    unit_put(caller, UNIT_B, "");
    unit_put(caller, UNIT_CLOSED, "2020-12-31");
}

const char *report_submit(struct caller *caller, const char *effective_from, const char *corrects)
{
    const Niva__Intake__V1__SubmitReportResponse *reply =
        call_ok(caller, "ReportService/SubmitReport",
                "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                " 'effectiveFrom': '%s', 'correctsReportId': '%s', 'positions': ["
                "{'positionKey': 'p1', 'titleCode': 'FT', 'employment': 'EMPLOYED',"
                " 'fteMilli': 1000, 'licensed': true}]}}",
                effective_from, corrects);

    return reply->report->report_id;
}

const char *absence_notify(struct caller *caller, const char *first_day, const char *last_day)
{
    const Niva__Intake__V1__NotifyAbsenceResponse *reply =
        call_ok(caller, "AbsenceService/NotifyAbsence",
                "{'absence': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
                " 'positionKey': 'p1', 'firstDay': '%s', 'expectedLastDay': '%s'}}",
                first_day, last_day);

    return reply->absence->absence_id;
}

/* ---- imports ---- */

const Niva__Intake__V1__ImportReportsResponse *import_try(struct caller *caller, const void *bytes,
                                                          size_t size, bool dry_run,
                                                          struct niva_error *err)
{
    Niva__Intake__V1__ImportReportsRequest *request =
        niva_wire_new(&niva__intake__v1__import_reports_request__descriptor, caller->arena);
    ProtobufCMessage *reply = NULL;

    assert_non_null(request);
    request->file_name = (char *)"redovisning.csv";
    request->dry_run = dry_run;
    request->content.len = size;
    request->content.data = (uint8_t *)niva_arena_copy(caller->arena, bytes, size);
    assert_non_null(request->content.data);
    caller->now += 1000000;
    niva_error_clear(err);
    return caller->call(caller, "ReportService/ImportReports", &request->base, &reply, err)
               ? (const void *)reply
               : NULL;
}

static void errors_print(const Niva__Intake__V1__ImportReportsResponse *reply, char *text,
                         size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < reply->n_row_errors && length < size; i++) {
        const Niva__Common__V1__RowMessage *message = reply->row_errors[i];

        length += (size_t)snprintf(text + length, size - length, "%d %s %s;", (int)message->row,
                                   message->column, message->code);
        assert_true(*message->message_sv != '\0' && *message->message_en != '\0');
    }
}

static const Niva__Intake__V1__ImportReportsResponse *import_done(struct caller *caller,
                                                                  const char *csv)
{
    struct niva_error err;
    const Niva__Intake__V1__ImportReportsResponse *reply =
        import_try(caller, csv, strlen(csv), false, &err);

    if (reply == NULL)
        fail_msg("%s: %s", err.text_en, err.violation_count > 0 ? err.violations[0].reason : "");
    return reply;
}

const Niva__Intake__V1__ImportReportsResponse *import_ok(struct caller *caller, const char *csv)
{
    const Niva__Intake__V1__ImportReportsResponse *reply = import_done(caller, csv);
    char errors[4096];

    errors_print(reply, errors, sizeof errors);
    assert_string_equal(errors, "");
    return reply;
}

void import_wrong(struct caller *caller, const char *csv, const char *expected)
{
    const Niva__Intake__V1__ImportReportsResponse *reply = import_done(caller, csv);
    char errors[4096];

    errors_print(reply, errors, sizeof errors);
    if (strcmp(errors, expected) != 0)
        fail_msg("%s\nexpected %s\nactual   %s", csv, expected, errors);
    assert_int_equal(reply->n_reports, 0);
    assert_string_equal(reply->import_id, "");
}
