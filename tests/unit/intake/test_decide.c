/* The stories of intake, told to the rules alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/intake_desk.h"

static struct desk desk;

static int open_desk(void **state)
{
    (void)state;
    desk_open(&desk);
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    desk_close(&desk);
    return 0;
}

#define STORY(name)                                                                                \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        name(&desk.caller);                                                                        \
    }

/* cppcheck-suppress unknownMacro */
STORIES(STORY)

static void bad_input_is_refused_with_its_field(void **state)
{
    (void)state;
    int64_t effects;

    units_put(&desk.caller);
    effects = desk.effects;
    for (size_t i = 0; i < bad_case_count; i++) {
        const struct bad_case *bad = &bad_cases[i];
        ProtobufCMessage *reply;
        struct niva_error err;

        if (call_try(&desk.caller, bad->method, bad->json, &reply, &err))
            fail_msg("%s: expected %s, actual OK", bad->name, niva_code_name((int)bad->code));
        error_expect(&err, bad->code, bad->field, bad->reason, bad->name);
    }
    assert_int_equal(desk.effects, effects);
}

static void every_violation_is_told_at_once(void **state)
{
    (void)state;
    ProtobufCMessage *reply;
    struct niva_error err;

    assert_false(call_try(&desk.caller, "ReportService/SubmitReport",
                          "{'report': {'effectiveFrom': '2022-02-30', 'positions':"
                          " [{'fteMilli': 1001}]}, 'original': {}}",
                          &reply, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_int_equal(err.violation_count, 9);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    Niva__Intake__V1__SubmitReportRequest *request = (void *)message_of(
        method_request("ReportService/SubmitReport"),
        "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
        "', 'effectiveFrom': '2022-01-01'}, 'original': {'mediaType': 'text/csv'}}",
        desk.caller.arena);
    Niva__Intake__V1__Position *positions[NIVA_POSITIONS_MAX + 1];
    uint8_t byte = 0;
    char note[4 * NIVA_NOTE_CHARACTERS_MAX];
    ProtobufCMessage *reply;
    struct niva_error err;

    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        positions[i] =
            (void *)message_of(&niva__intake__v1__position__descriptor, "{}", desk.caller.arena);
    memset(note, 'a', NIVA_NOTE_CHARACTERS_MAX + 1);
    note[NIVA_NOTE_CHARACTERS_MAX + 1] = '\0';
    request->report->n_positions = NIVA_POSITIONS_MAX + 1;
    request->report->positions = positions;
    request->report->resolution_note = note;
    request->original->content = (ProtobufCBinaryData){ORIGINAL_BYTES_MAX + 1, &byte};
    assert_false(
        desk.caller.call(&desk.caller, "ReportService/SubmitReport", &request->base, &reply, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_int_equal(err.violation_count, 3);
    assert_string_equal(err.violations[0].field, "report.positions");
    assert_string_equal(err.violations[1].field, "report.resolutionNote");
    assert_string_equal(err.violations[2].field, "original.content");
}

static void facts_and_events_name_what_they_are_about(void **state)
{
    (void)state;
    const char *id;
    const struct niva_fact *fact = &desk.effect.facts[0].fact;

    units_put(&desk.caller);
    assert_string_equal(desk.effect.event_type, "se.niva.intake.unit.registered.v1");
    assert_string_equal(fact->region, "19");
    id = report_submit(&desk.caller, "2022-01-01", "");
    assert_string_equal(desk.effect.event_type, "se.niva.intake.report.received.v1");
    assert_string_equal(fact->kind, "report");
    assert_string_equal(fact->unit, UNIT_A);
    assert_string_equal(fact->group, GROUP);
    assert_string_equal(fact->refers_to, "");
    report_submit(&desk.caller, "2022-01-01", id);
    assert_string_equal(desk.effect.event_type, "se.niva.intake.report.corrected.v1");
    assert_string_equal(fact->refers_to, id);
    call_ok(&desk.caller, "ReportService/WithdrawReport", "{'reportId': '%s', 'reason': 'fel'}",
            id);
    assert_string_equal(desk.effect.event_type, "se.niva.intake.report.withdrawn.v1");
    assert_int_equal(fact->version, 2);
    id = absence_notify(&desk.caller, "2022-06-01", "");
    assert_string_equal(desk.effect.event_type, "se.niva.intake.absence.notified.v1");
    call_ok(&desk.caller, "AbsenceService/CancelAbsence", "{'absenceId': '%s'}", id);
    assert_string_equal(desk.effect.event_type, "se.niva.intake.absence.cancelled.v1");
    assert_string_equal(fact->refers_to, id);
}

static void a_document_is_a_fact_beside_its_report(void **state)
{
    (void)state;

    units_put(&desk.caller);
    call_ok(&desk.caller, "ReportService/SubmitReport",
            "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP "',"
            " 'effectiveFrom': '2022-01-01'}, 'original': {'mediaType': 'text/csv',"
            " 'fileName': 'fiktiv.csv', 'content': 'AAH/'}}");
    assert_int_equal(desk.effect.fact_count, 2);
    assert_string_equal(desk.effect.facts[1].fact.kind, "original");
    assert_string_equal(desk.effect.facts[1].fact.id, desk.effect.facts[0].fact.id);
}

/* A decision that runs out of memory says so, wherever that happens, and has no effect. */
static void without_memory_nothing_is_decided(void **state)
{
    (void)state;
    const char *report;
    char submit[512];
    size_t failures = 0;

    units_put(&desk.caller);
    report = report_submit(&desk.caller, "2022-01-01", "");
    snprintf(submit, sizeof submit,
             "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP
             "', 'effectiveFrom': '2022-01-01', 'correctsReportId': '%s', 'resolutionNote':"
             " 'a@b.se', 'positions': [{'positionKey': 'p', 'titleCode': 'XX', 'employment':"
             " 'HIRED'}]}}",
             report);
    for (size_t nth = 1;; nth++) {
        const ProtobufCMessage *request =
            message_of(method_request("ReportService/SubmitReport"), submit, desk.caller.arena);
        int64_t effects = desk.effects;
        struct command command = {.request = request,
                                  .principal = "local:test",
                                  .recorded_at = desk.caller.now,
                                  .new_id = "0190163d-8694-739b-aea5-966c26f8ad91",
                                  .arena = desk.caller.arena};
        struct effect effect = {0};
        struct niva_error err;
        bool decided;

        niva_arena_fail_after(nth);
        decided = decide_submit_report(desk.state, &command, &effect, &err);
        niva_arena_fail_after(0);
        assert_int_equal(desk.effects, effects);
        if (decided)
            break;
        failures++;
        assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
        assert_int_equal(effect.fact_count, 0);
    }
    assert_in_range(failures, 10, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
#define ROW(name)  TEST(test_##name),

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(bad_input_is_refused_with_its_field),
                                       TEST(every_violation_is_told_at_once),
                                       TEST(too_much_is_refused),
                                       TEST(facts_and_events_name_what_they_are_about),
                                       TEST(a_document_is_a_fact_beside_its_report),
                                       TEST(without_memory_nothing_is_decided),
                                       STORIES(ROW)};
    int failed = cmocka_run_group_tests_name("intake decide", tests, NULL, NULL);

    return failed ? 1 : 0;
}
