#include <string.h>

#include "services/intake/store.h"

static bool version_expected(const Niva__Intake__V1__PutUnitRequest *request, int32_t present,
                             struct niva_error *err)
{
    if (request->expected_case != NIVA__INTAKE__V1__PUT_UNIT_REQUEST__EXPECTED_EXPECTED_VERSION ||
        request->expected_version == present)
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, request->unit->hsa_id, "VERSION_MISMATCH",
                       "Vårdcentralen %s har version %d, inte %d. Läs den nya versionen och försök "
                       "igen.",
                       "The unit %s has version %d, not %d. Read the new version and try again.",
                       request->unit->hsa_id, present, request->expected_version);
}

/* The bytes of what was said of a unit, without what the system added. */
static bool content_pack(const Niva__Intake__V1__Unit *unit, struct niva_arena *arena,
                         ProtobufCBinaryData *ret_bytes, struct niva_error *err)
{
    Niva__Intake__V1__Unit content = *unit;

    content.version = 0;
    content.recorded_at = NULL;
    content.recorded_by = (char *)protobuf_c_empty_string;
    return niva_wire_pack(&content.base, arena, ret_bytes, err);
}

static bool content_equal(const Niva__Intake__V1__Unit *left, const Niva__Intake__V1__Unit *right,
                          struct niva_arena *arena, bool *ret_equal, struct niva_error *err)
{
    ProtobufCBinaryData left_bytes;
    ProtobufCBinaryData right_bytes;

    if (!content_pack(left, arena, &left_bytes, err) ||
        !content_pack(right, arena, &right_bytes, err))
        return false;
    *ret_equal = left_bytes.len == right_bytes.len &&
                 memcmp(left_bytes.data, right_bytes.data, left_bytes.len) == 0;
    return true;
}

/* The new version as it is recorded. */
static Niva__Intake__V1__Unit *unit_build(const Niva__Intake__V1__Unit *given, int32_t version,
                                          const struct command *command)
{
    Niva__Intake__V1__Unit *unit =
        niva_wire_new(&niva__intake__v1__unit__descriptor, command->arena);

    if (unit == NULL)
        return NULL;
    *unit = *given;
    unit->version = version;
    unit->recorded_at = niva_wire_timestamp(command->recorded_at, command->arena);
    unit->recorded_by = niva_arena_strdup(command->arena, command->principal);
    return unit->recorded_at == NULL || unit->recorded_by == NULL ? NULL : unit;
}

static bool unit_event(Niva__Intake__V1__Unit *unit, struct niva_arena *arena,
                       struct effect *effect)
{
    if (unit->version == 1) {
        Niva__Intake__V1__UnitRegistered *event =
            niva_wire_new(&niva__intake__v1__unit_registered__descriptor, arena);

        if (event == NULL)
            return false;
        event->unit = unit;
        effect->event_type = "se.niva.intake.unit.registered.v1";
        effect->event = &event->base;
    } else {
        Niva__Intake__V1__UnitChanged *event =
            niva_wire_new(&niva__intake__v1__unit_changed__descriptor, arena);

        if (event == NULL)
            return false;
        event->unit = unit;
        effect->event_type = "se.niva.intake.unit.changed.v1";
        effect->event = &event->base;
    }
    return true;
}

static void unit_fact(const Niva__Intake__V1__Unit *unit, const struct command *command,
                      struct effect *effect)
{
    effect->fact_count = 1;
    effect->facts[0].body = &unit->base;
    effect->facts[0].fact = (struct niva_fact){
        .kind = kind_unit,
        .id = unit->hsa_id,
        .version = unit->version,
        .unit = unit->hsa_id,
        .group = "",
        .region = unit->region_code,
        .refers_to = "",
        .first_day = niva_day_read(unit->opened_on),
        .received_at = command->recorded_at,
    };
}

/* What is known already is not recorded again: the same words twice are not a change. */
bool decide_put_unit(const struct state *state, const struct command *command,
                     struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__PutUnitRequest *request = (const void *)command->request;
    const Niva__Intake__V1__Unit *present = state_unit(state, request->unit->hsa_id);
    int32_t version = present == NULL ? 0 : present->version;
    struct effect effect = {0};
    Niva__Intake__V1__PutUnitResponse *reply;
    bool same = false;

    if (!version_expected(request, version, err))
        return false;
    if (present != NULL && !content_equal(present, request->unit, command->arena, &same, err))
        return false;
    reply = niva_wire_new(&niva__intake__v1__put_unit_response__descriptor, command->arena);
    if (reply == NULL)
        return niva_fail_memory(err);
    reply->unit = same ? niva_wire_copy(&present->base, command->arena)
                       : unit_build(request->unit, version + 1, command);
    if (reply->unit == NULL || (!same && !unit_event(reply->unit, command->arena, &effect)))
        return niva_fail_memory(err);
    if (!same)
        unit_fact(reply->unit, command, &effect);
    effect.reply = &reply->base;
    *ret_effect = effect;
    return true;
}
