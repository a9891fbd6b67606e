#include "services/intake/store.h"

static Niva__Intake__V1__Confirmation *
confirmation_build(const Niva__Intake__V1__ConfirmStaffingRequest *request,
                   const struct report_record *standing, niva_instant received_at,
                   const struct command *command)
{
    Niva__Intake__V1__Confirmation *confirmation =
        niva_wire_new(&niva__intake__v1__confirmation__descriptor, command->arena);

    if (confirmation == NULL)
        return NULL;
    confirmation->confirmation_id = niva_arena_strdup(command->arena, command->new_id);
    confirmation->unit = request->unit;
    confirmation->profession_group = request->profession_group;
    confirmation->as_of = request->as_of;
    confirmation->report_id = niva_arena_strdup(command->arena, standing->report_id);
    confirmation->received_at = niva_wire_timestamp(received_at, command->arena);
    confirmation->recorded_at = niva_wire_timestamp(command->recorded_at, command->arena);
    confirmation->recorded_by = niva_arena_strdup(command->arena, command->principal);
    return confirmation->confirmation_id == NULL || confirmation->report_id == NULL ||
                   confirmation->received_at == NULL || confirmation->recorded_at == NULL ||
                   confirmation->recorded_by == NULL
               ? NULL
               : confirmation;
}

static void confirmation_fact(const Niva__Intake__V1__Confirmation *confirmation,
                              niva_instant received_at, struct effect *effect)
{
    effect->fact_count = 1;
    effect->facts[0].body = &confirmation->base;
    effect->facts[0].fact = (struct niva_fact){
        .kind = kind_confirmation,
        .id = confirmation->confirmation_id,
        .version = 1,
        .unit = confirmation->unit,
        .group = confirmation->profession_group,
        .region = "",
        .refers_to = confirmation->report_id,
        .first_day = niva_day_read(confirmation->as_of),
        .received_at = received_at,
    };
}

static bool confirm_answer(Niva__Intake__V1__Confirmation *confirmation, struct niva_arena *arena,
                           struct effect *effect)
{
    Niva__Intake__V1__ConfirmStaffingResponse *reply =
        niva_wire_new(&niva__intake__v1__confirm_staffing_response__descriptor, arena);
    Niva__Intake__V1__ReportConfirmed *event =
        niva_wire_new(&niva__intake__v1__report_confirmed__descriptor, arena);

    if (reply == NULL || event == NULL)
        return false;
    reply->confirmation = confirmation;
    event->confirmation = confirmation;
    effect->reply = &reply->base;
    effect->event_type = "se.niva.intake.report.confirmed.v1";
    effect->event = &event->base;
    return true;
}

bool decide_confirm_staffing(const struct state *state, const struct command *command,
                             struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__ConfirmStaffingRequest *request = (const void *)command->request;
    niva_day as_of = niva_day_read(request->as_of);
    const Niva__Intake__V1__Unit *unit = unit_registered(state, "unit", request->unit, err);
    const struct report_record *standing;
    struct effect effect = {0};
    niva_instant received_at;
    Niva__Intake__V1__Confirmation *confirmation;

    if (unit == NULL)
        return false;
    if (as_of > niva_local_day(command->recorded_at))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "asOf", "DAY_IN_FUTURE",
                           "Bemanningen kan inte bekräftas för en dag som inte har kommit.",
                           "Staffing cannot be confirmed for a day that has not come.");
    if (!niva_wire_received(request->received_at, "receivedAt", command->recorded_at, &received_at,
                            err) ||
        !niva_unit_open(unit, (struct niva_span){as_of, as_of + 1}, err))
        return false;
    standing = state_standing(state, request->unit, request->profession_group, as_of);
    if (standing == NULL)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, request->unit, "NO_STANDING_REPORT",
                           "Ingen rapport gäller för %s den %s. Enheten lämnar först en rapport.",
                           "No report stands for %s on %s. The unit files a report first.",
                           request->unit, request->as_of);
    confirmation = confirmation_build(request, standing, received_at, command);
    if (confirmation == NULL || !confirm_answer(confirmation, command->arena, &effect))
        return niva_fail_memory(err);
    confirmation_fact(confirmation, received_at, &effect);
    *ret_effect = effect;
    return true;
}
