#include "tests/support/intake_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/handlers.h"
#include "services/intake/import.h"

static const struct {
    const char *method;
    check_function *check;
    decide_function *decide;
} methods[] = {
    {"UnitService/PutUnit", check_put_unit, decide_put_unit},
    {"ReportService/SubmitReport", check_submit_report, decide_submit_report},
    {"ReportService/ImportReports", check_import_reports, decide_import_reports},
    {"ReportService/WithdrawReport", check_withdraw_report, decide_withdraw_report},
    {"ReportService/ConfirmStaffing", check_confirm_staffing, decide_confirm_staffing},
    {"AbsenceService/NotifyAbsence", check_notify_absence, decide_notify_absence},
    {"AbsenceService/UpdateAbsence", check_update_absence, decide_update_absence},
    {"AbsenceService/CancelAbsence", check_cancel_absence, decide_cancel_absence},
};

static bool desk_decide(struct desk *desk, decide_function *decide, const ProtobufCMessage *request,
                        const void *prepared, struct niva_error *err)
{
    struct niva_arena *arena = desk->caller.arena;
    char *new_id = niva_arena_alloc(arena, 37);
    struct command command = {
        .request = request,
        .prepared = prepared,
        .principal = "local:test",
        .recorded_at = desk->caller.now,
        .new_id = new_id,
        .arena = arena,
    };
    struct effect effect = {0};

    assert_non_null(new_id);
    niva_uuid_format(niva_uuid_v7(desk->caller.now), new_id);
    if (!decide(desk->state, &command, &effect, err))
        return false;
    desk->effect = effect;
    if (effect.unrecorded)
        return true;
    for (struct effect *each = &effect; each != NULL; each = each->next) {
        for (size_t i = 0; i < each->fact_count; i++)
            each->facts[i].fact.fact_no = ++desk->fact_no;
        assert_true(state_apply(desk->state, each));
        desk->effects += each->fact_count > 0;
    }
    desk->effect = effect;
    return true;
}

static bool desk_call(struct caller *caller, const char *method, const ProtobufCMessage *request,
                      ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct desk *desk = (struct desk *)caller; /* its first member */

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].method, method) != 0)
            continue;
        const void *prepared = NULL;
        char name[128];

        snprintf(name, sizeof name, "/niva.intake.v1.%s", method);
        if (!methods[i].check(request, err) ||
            !import_prepare(name, request, caller->arena, &prepared, err) ||
            !desk_decide(desk, methods[i].decide, request, prepared, err))
            return false;
        *ret_reply = desk->effect.reply;
        return true;
    }
    fail_msg("no command %s", method);
    return false;
}

void desk_open(struct desk *desk)
{
    *desk =
        (struct desk){.caller = {.call = desk_call, .arena = niva_arena_new((size_t)512 << 20)}};
    assert_non_null(desk->caller.arena);
    assert_true(niva_instant_parse("2022-06-23T12:00:00+02:00", &desk->caller.now));
    desk->state = state_new(desk->caller.arena);
    assert_non_null(desk->state);
}

void desk_close(struct desk *desk)
{
    desk->caller.arena = niva_arena_free(desk->caller.arena);
}
