#include <string.h>

#include "services/intake/retention.h"
#include "services/intake/store.h"

typedef Niva__Intake__V1__Erasure Erasure;

/* The protocol with what makes it one. */
static bool protocol_complete(Erasure *protocol, const Niva__Intake__V1__EraseRequest *request,
                              const struct command *command)
{
    protocol->erasure_id = niva_arena_strdup(command->arena, command->new_id);
    protocol->decision_reference = request->decision_reference;
    protocol->recorded_at = niva_wire_timestamp(command->recorded_at, command->arena);
    protocol->recorded_by = niva_arena_strdup(command->arena, command->principal);
    return protocol->erasure_id != NULL && protocol->recorded_at != NULL &&
           protocol->recorded_by != NULL;
}

/* The fact, the event, and what is left of everything that is erased under it. */
static bool erasure_effect(const struct retention_plan *plan, struct niva_arena *arena,
                           struct effect *effect)
{
    Niva__Intake__V1__ErasureRecorded *event =
        niva_wire_new(&niva__intake__v1__erasure_recorded__descriptor, arena);
    Erasure *protocol = plan->protocol;

    effect->redacted = niva_arena_array(arena, plan->count, sizeof *effect->redacted);
    if (event == NULL || effect->redacted == NULL)
        return false;
    for (size_t i = 0; i < plan->count; i++) {
        effect->redacted[i] = retained_redacted(plan->rows[i], protocol->erasure_id, arena);
        if (effect->redacted[i] == NULL)
            return false;
    }
    effect->erased_count = plan->count;
    effect->erased = plan->rows;
    event->erasure = protocol;
    effect->event_type = "se.niva.intake.erasure.recorded.v1";
    effect->event = &event->base;
    effect->fact_count = 1;
    effect->facts[0].body = &protocol->base;
    effect->facts[0].fact = (struct niva_fact){
        .kind = kind_erasure,
        .id = protocol->erasure_id,
        .version = 1,
        .unit = protocol->unit,
        .group = "",
        .region = "",
        .refers_to = "",
        .first_day = niva_day_read(protocol->before),
    };
    return true;
}

bool decide_erase(const struct state *state, const struct command *command,
                  struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__EraseRequest *request = (const void *)command->request;
    const struct retention retention = {
        .unit = request->unit,
        .class_count = request->n_classes,
        .classes = request->classes,
        .before = niva_day_read(request->before),
        .now = command->recorded_at,
    };
    struct effect effect = {0};
    struct retention_plan plan;
    Niva__Intake__V1__EraseResponse *reply;

    if (unit_registered(state, "unit", request->unit, err) == NULL ||
        !retention_allowed(&retention, err) ||
        !retention_plan(state, &retention, command->arena, &plan, err))
        return false;
    reply = niva_wire_new(&niva__intake__v1__erase_response__descriptor, command->arena);
    if (reply == NULL)
        return niva_fail_memory(err);
    if (plan.count > 0 && (!protocol_complete(plan.protocol, request, command) ||
                           !erasure_effect(&plan, command->arena, &effect)))
        return niva_fail_memory(err);
    reply->erasure = plan.protocol;
    effect.reply = &reply->base;
    *ret_effect = effect;
    return true;
}
