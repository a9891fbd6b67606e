#include <string.h>

#include "services/intake/retention.h"
#include "services/intake/store.h"

typedef Niva__Intake__V1__Absence Absence;

/* ---- what a version is ---- */

/* A version as it is recorded: what was given, defaults and output fields filled in. */
static Absence *absence_build(const Absence *given, const char *absence_id, int32_t version,
                              niva_instant received_at, const struct command *command)
{
    Absence *absence = niva_wire_new(given->base.descriptor, command->arena);

    if (absence == NULL)
        return NULL;
    *absence = *given;
    absence->absence_id = niva_arena_strdup(command->arena, absence_id);
    absence->version = version;
    absence->cancelled = false;
    absence->erased_by = (char *)protobuf_c_empty_string;
    absence->received_at = niva_wire_timestamp(received_at, command->arena);
    absence->recorded_at = niva_wire_timestamp(command->recorded_at, command->arena);
    absence->recorded_by = niva_arena_strdup(command->arena, command->principal);
    if (absence->category == NIVA__INTAKE__V1__ABSENCE__CATEGORY__CATEGORY_UNSPECIFIED)
        absence->category = NIVA__INTAKE__V1__ABSENCE__CATEGORY__OTHER;
    return absence->absence_id == NULL || absence->received_at == NULL ||
                   absence->recorded_at == NULL || absence->recorded_by == NULL
               ? NULL
               : absence;
}

static void absence_fact(const Absence *absence, niva_instant received_at, struct effect *effect)
{
    effect->fact_count = 1;
    effect->facts[0].body = &absence->base;
    effect->facts[0].fact = (struct niva_fact){
        .kind = kind_absence,
        .id = absence->absence_id,
        .version = absence->version,
        .unit = absence->unit,
        .group = absence->profession_group,
        .region = "",
        .refers_to = absence->cancelled ? absence->absence_id : "",
        .first_day = niva_day_read(absence->first_day),
        .received_at = received_at,
    };
}

static bool absence_event(Absence *absence, struct niva_arena *arena, struct effect *effect)
{
    if (absence->cancelled) {
        Niva__Intake__V1__AbsenceCancelled *event =
            niva_wire_new(&niva__intake__v1__absence_cancelled__descriptor, arena);

        if (event == NULL)
            return false;
        event->absence = absence;
        effect->event_type = "se.niva.intake.absence.cancelled.v1";
        effect->event = &event->base;
    } else if (absence->version > 1) {
        Niva__Intake__V1__AbsenceChanged *event =
            niva_wire_new(&niva__intake__v1__absence_changed__descriptor, arena);

        if (event == NULL)
            return false;
        event->absence = absence;
        effect->event_type = "se.niva.intake.absence.changed.v1";
        effect->event = &event->base;
    } else {
        Niva__Intake__V1__AbsenceNotified *event =
            niva_wire_new(&niva__intake__v1__absence_notified__descriptor, arena);

        if (event == NULL)
            return false;
        event->absence = absence;
        effect->event_type = "se.niva.intake.absence.notified.v1";
        effect->event = &event->base;
    }
    return true;
}

static void warn_absence(struct niva_warnings *warnings, const Absence *absence)
{
    warn_titles(warnings, "absence.cover", absence->n_cover, absence->cover);
    niva_warn_free_text(warnings, "absence.planNote", absence->plan_note);
}

/* The unit must be registered, and open on some day of the absence. */
static bool absence_unit_check(const struct state *state, const Absence *given,
                               struct niva_error *err)
{
    const Niva__Intake__V1__Unit *unit = unit_registered(state, "absence.unit", given->unit, err);

    return unit != NULL && niva_unit_open(unit, niva_absence_days(given), err);
}

/* An absence cannot begin on erased days. */
static bool first_day_whole(const struct state *state, const Absence *given, struct niva_error *err)
{
    return day_whole(state, "absence.firstDay", given->unit, given->profession_group,
                     niva_day_read(given->first_day), err);
}

/* ---- notify ---- */

static bool notify_reply(Absence *absence, struct niva_arena *arena, struct effect *effect)
{
    struct niva_warnings warnings = {.arena = arena};
    Niva__Intake__V1__NotifyAbsenceResponse *reply =
        niva_wire_new(&niva__intake__v1__notify_absence_response__descriptor, arena);

    warn_absence(&warnings, absence);
    if (reply == NULL || warnings.failed)
        return false;
    reply->absence = absence;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    effect->reply = &reply->base;
    return true;
}

bool decide_notify_absence(const struct state *state, const struct command *command,
                           struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__NotifyAbsenceRequest *request = (const void *)command->request;
    struct effect effect = {0};
    niva_instant received_at;
    Absence *absence;

    if (!absence_unit_check(state, request->absence, err) ||
        !first_day_whole(state, request->absence, err) ||
        !niva_wire_received(request->absence->received_at, "absence.receivedAt",
                            command->recorded_at, &received_at, err))
        return false;
    absence = absence_build(request->absence, command->new_id, 1, received_at, command);
    if (absence == NULL || !absence_event(absence, command->arena, &effect) ||
        !notify_reply(absence, command->arena, &effect))
        return niva_fail_memory(err);
    absence_fact(absence, received_at, &effect);
    *ret_effect = effect;
    return true;
}

/* ---- update ---- */

/* The present version, which must be neither cancelled nor erased. NULL with err. */
static const Absence *absence_present(const struct state *state, const char *field,
                                      const char *absence_id, struct niva_error *err)
{
    const Absence *present = state_absence(state, absence_id);

    if (present == NULL) {
        niva_refuse(err, NIVA_NOT_FOUND, field, "ABSENCE_UNKNOWN", "Det finns ingen frånvaro %s.",
                    "There is no absence %s.", absence_id);
        return NULL;
    }
    if (present->erased_by[0] != '\0') {
        niva_refuse(err, NIVA_FAILED_PRECONDITION, absence_id, "ERASED",
                    "Frånvaro %s är gallrad (gallring %s) och kan inte ändras.",
                    "Absence %s is erased (erasure %s) and cannot be changed.", absence_id,
                    present->erased_by);
        return NULL;
    }
    if (present->cancelled) {
        niva_refuse(err, NIVA_FAILED_PRECONDITION, absence_id, "ABSENCE_CANCELLED",
                    "Frånvaro %s är återtagen. Enheten anmäler i stället en ny.",
                    "Absence %s is cancelled. The unit notifies a new one instead.", absence_id);
        return NULL;
    }
    return present;
}

/* What a notice is about never changes; another position's absence is another notice. */
static bool subject_kept(const Absence *present, const Absence *given, struct niva_error *err)
{
    if (strcmp(present->unit, given->unit) == 0 &&
        strcmp(present->profession_group, given->profession_group) == 0 &&
        strcmp(present->position_key, given->position_key) == 0)
        return true;
    return niva_refuse(
        err, NIVA_FAILED_PRECONDITION, present->absence_id, "ABSENCE_SUBJECT_CHANGED",
        "Frånvaro %s gäller en annan enhet, yrkesgrupp eller position. Enheten återtar "
        "den och anmäler en ny.",
        "Absence %s is of another unit, group or position. The unit cancels it and "
        "notifies a new one.",
        present->absence_id);
}

static bool version_expected(const Niva__Intake__V1__UpdateAbsenceRequest *request,
                             const Absence *present, struct niva_error *err)
{
    if (request->expected_case !=
            NIVA__INTAKE__V1__UPDATE_ABSENCE_REQUEST__EXPECTED_EXPECTED_VERSION ||
        request->expected_version == present->version)
        return true;
    return niva_refuse(
        err, NIVA_FAILED_PRECONDITION, present->absence_id, "VERSION_MISMATCH",
        "Frånvaro %s har version %d, inte %d. Läs den nya versionen och försök igen.",
        "Absence %s has version %d, not %d. Read the new version and try again.",
        present->absence_id, present->version, request->expected_version);
}

static bool update_reply(Absence *absence, struct niva_arena *arena, struct effect *effect)
{
    struct niva_warnings warnings = {.arena = arena};
    Niva__Intake__V1__UpdateAbsenceResponse *reply =
        niva_wire_new(&niva__intake__v1__update_absence_response__descriptor, arena);

    warn_absence(&warnings, absence);
    if (reply == NULL || warnings.failed)
        return false;
    reply->absence = absence;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    effect->reply = &reply->base;
    return true;
}

bool decide_update_absence(const struct state *state, const struct command *command,
                           struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__UpdateAbsenceRequest *request = (const void *)command->request;
    const char *absence_id = niva_wire_uuid(request->absence->absence_id, command->arena);
    const Absence *present;
    struct effect effect = {0};
    niva_instant received_at;
    Absence *absence;

    if (absence_id == NULL)
        return niva_fail_memory(err);
    present = absence_present(state, "absence.absenceId", absence_id, err);
    if (present == NULL || !subject_kept(present, request->absence, err) ||
        !version_expected(request, present, err) ||
        !absence_unit_check(state, request->absence, err) ||
        (strcmp(present->first_day, request->absence->first_day) != 0 &&
         !first_day_whole(state, request->absence, err)) ||
        !niva_wire_received(request->absence->received_at, "absence.receivedAt",
                            command->recorded_at, &received_at, err))
        return false;
    absence =
        absence_build(request->absence, absence_id, present->version + 1, received_at, command);
    if (absence == NULL || !absence_event(absence, command->arena, &effect) ||
        !update_reply(absence, command->arena, &effect))
        return niva_fail_memory(err);
    absence_fact(absence, received_at, &effect);
    *ret_effect = effect;
    return true;
}

/* ---- cancel ---- */

bool decide_cancel_absence(const struct state *state, const struct command *command,
                           struct effect *ret_effect, struct niva_error *err)
{
    const Niva__Intake__V1__CancelAbsenceRequest *request = (const void *)command->request;
    const char *absence_id = niva_wire_uuid(request->absence_id, command->arena);
    const Absence *present;
    struct effect effect = {0};
    Niva__Intake__V1__CancelAbsenceResponse *reply;

    if (absence_id == NULL)
        return niva_fail_memory(err);
    present = absence_present(state, "absenceId", absence_id, err);
    if (present == NULL)
        return false;
    reply = niva_wire_new(&niva__intake__v1__cancel_absence_response__descriptor, command->arena);
    if (reply == NULL)
        return niva_fail_memory(err);
    reply->absence =
        absence_build(present, absence_id, present->version + 1, command->recorded_at, command);
    if (reply->absence == NULL)
        return niva_fail_memory(err);
    reply->absence->cancelled = true;
    if (!absence_event(reply->absence, command->arena, &effect))
        return niva_fail_memory(err);
    absence_fact(reply->absence, command->recorded_at, &effect);
    effect.reply = &reply->base;
    *ret_effect = effect;
    return true;
}
