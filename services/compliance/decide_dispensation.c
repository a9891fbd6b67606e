#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

/* What the three commands record alike: the version, its event and who is touched. */
static bool append_dispensation(struct desk *desk, const struct niva_item *item,
                                pb_dispensation *dispensation, niva_instant received,
                                struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    Niva__Compliance__V1__DispensationChanged *event =
        niva_wire_new(&niva__compliance__v1__dispensation_changed__descriptor, arena);
    dispensation->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    dispensation->recorded_by = (char *)item->principal;
    if (event == NULL || dispensation->recorded_at == NULL)
        return niva_fail_memory(err);
    event->dispensation = niva_wire_copy(&dispensation->base, arena);
    if (event->dispensation == NULL)
        return niva_fail_memory(err);
    /* Free text stays inside. */
    event->dispensation->void_reason = (char *)protobuf_c_empty_string;

    struct niva_fact fact = {.id = dispensation->dispensation_id,
                             .version = dispensation->version,
                             .unit = dispensation->unit,
                             .group = dispensation->profession_group,
                             .region = dispensation->region_code,
                             .first_day = niva_day_read(dispensation->first_day),
                             .received_at = received};
    const char *by = NULL;
    if (!desk_append(desk, item, RECORD_DISPENSATION, &fact, &dispensation->base, &by, err) ||
        !niva_batch_event(desk_batch(desk), "se.niva.compliance.dispensation.changed.v1",
                          dispensation->unit, &event->base, NULL, err))
        return false;
    if (dispensation->unit[0] == '\0')
        return desk_touch_region(desk, dispensation->region_code, dispensation->profession_group,
                                 PB_PURCHASER_FACT, by, err);
    return desk_touch(desk, item, dispensation->unit, dispensation->profession_group,
                      PB_PURCHASER_FACT, by, err);
}

/* ---- grant ---- */

static const pb_dispensation *granted_of(const struct niva_item *item)
{
    const Niva__Compliance__V1__GrantDispensationRequest *grant = (const void *)item->request;
    return grant->dispensation;
}

bool want_grant_dispensation(struct desk *desk, const struct niva_item *item)
{
    const pb_dispensation *dispensation = granted_of(item);
    return dispensation->unit[0] != '\0' ? desk_want_unit(desk, dispensation->unit)
                                         : desk_want_region(desk, dispensation->region_code);
}

bool decide_grant_dispensation(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    pb_dispensation *dispensation = niva_wire_copy(&granted_of(item)->base, arena);
    Niva__Compliance__V1__GrantDispensationResponse *reply =
        niva_wire_new(&niva__compliance__v1__grant_dispensation_response__descriptor, arena);
    niva_instant received;
    if (dispensation == NULL || reply == NULL)
        return niva_fail_memory(err);
    if (!received_complete(desk, item, "dispensation.receivedAt", &dispensation->received_at,
                           &received, err))
        return false;
    dispensation->dispensation_id = id_new(item->recorded_at, arena);
    if (dispensation->dispensation_id == NULL)
        return niva_fail_memory(err);
    dispensation->version = 1;
    dispensation->revoked_from = (char *)protobuf_c_empty_string;
    dispensation->voided = false;
    dispensation->void_reason = (char *)protobuf_c_empty_string;
    if (!append_dispensation(desk, item, dispensation, received, err))
        return false;
    reply->dispensation = dispensation;
    item->reply = &reply->base;
    return true;
}

/* ---- revoke and void ---- */

/* The next version of a dispensation that is there and was not voided. */
static pb_dispensation *next_version(struct desk *desk, const char *given_id,
                                     niva_instant *ret_received, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    const char *id = niva_wire_uuid(given_id, arena);
    const struct record *present = id != NULL ? desk_last(desk, RECORD_DISPENSATION, id) : NULL;
    if (present == NULL || present->message == NULL) {
        niva_refuse(err, NIVA_NOT_FOUND, "dispensationId", "DISPENSATION_UNKNOWN",
                    "Det finns ingen dispens %s.", "There is no dispensation %s.", given_id);
        return NULL;
    }
    pb_dispensation *dispensation = niva_wire_copy(present->message, arena);
    if (dispensation == NULL) {
        niva_fail_memory(err);
        return NULL;
    }
    if (dispensation->voided) {
        niva_refuse(
            err, NIVA_FAILED_PRECONDITION, dispensation->dispensation_id, "DISPENSATION_VOIDED",
            "Dispensen %s är makulerad och gäller inte. Beställaren kan bevilja en ny.",
            "The dispensation %s is voided and does not hold. The purchaser can grant a new "
            "one.",
            dispensation->dispensation_id);
        return NULL;
    }
    dispensation->version++;
    *ret_received = present->fact.received_at;
    return dispensation;
}

static const char *revoked_id(const struct niva_item *item)
{
    const Niva__Compliance__V1__RevokeDispensationRequest *revoke = (const void *)item->request;
    return revoke->dispensation_id;
}

bool want_revoke_dispensation(struct desk *desk, const struct niva_item *item)
{
    const char *id = niva_wire_uuid(revoked_id(item), desk_arena(desk));
    return id != NULL && desk_want_fact(desk, RECORD_DISPENSATION, id);
}

/* Never earlier than the day after notice, and only days on which it still holds. */
static bool may_revoke(const struct desk *desk, const struct niva_item *item,
                       const pb_dispensation *dispensation, const char *from_day,
                       struct niva_error *err)
{
    niva_day from = niva_day_read(from_day);
    niva_day earliest = desk_notice_day(desk, item) + 1;
    struct niva_span days = days_read(dispensation->first_day, dispensation->last_day);
    char text[16];
    if (days.from > earliest)
        earliest = days.from;
    niva_day_format(earliest, text);
    if (from < earliest)
        return niva_refuse(
            err, NIVA_INVALID_ARGUMENT, "fromDay", "REVOKED_TOO_EARLY",
            "Dispensen kan återkallas tidigast från %s: dagen efter beskedet, och inte "
            "före dess första dag.",
            "The dispensation can be revoked from %s at the earliest: the day after "
            "notice, and not before its first day.",
            text);
    if (from >= days.until)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, dispensation->dispensation_id,
                           "DISPENSATION_ENDED", "Dispensen upphör redan efter %s.",
                           "The dispensation ends already after %s.", dispensation->last_day);
    if (dispensation->revoked_from[0] != '\0' && from >= niva_day_read(dispensation->revoked_from))
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, dispensation->dispensation_id, "DISPENSATION_REVOKED",
            "Dispensen är redan återkallad från %s. Beställaren kan bevilja en ny.",
            "The dispensation is revoked from %s already. The purchaser can grant a new "
            "one.",
            dispensation->revoked_from);
    return true;
}

bool decide_revoke_dispensation(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__RevokeDispensationRequest *revoke = (const void *)item->request;
    struct niva_arena *arena = desk_arena(desk);
    niva_instant received;
    pb_dispensation *dispensation = next_version(desk, revoke->dispensation_id, &received, err);
    if (dispensation == NULL || !may_revoke(desk, item, dispensation, revoke->from_day, err))
        return false;
    Niva__Compliance__V1__RevokeDispensationResponse *reply =
        niva_wire_new(&niva__compliance__v1__revoke_dispensation_response__descriptor, arena);
    if (reply == NULL)
        return niva_fail_memory(err);
    dispensation->revoked_from = revoke->from_day;
    if (!append_dispensation(desk, item, dispensation, received, err))
        return false;
    reply->dispensation = dispensation;
    item->reply = &reply->base;
    return true;
}

bool want_void_dispensation(struct desk *desk, const struct niva_item *item)
{
    const Niva__Compliance__V1__VoidDispensationRequest *annul = (const void *)item->request;
    const char *id = niva_wire_uuid(annul->dispensation_id, desk_arena(desk));
    return id != NULL && desk_want_fact(desk, RECORD_DISPENSATION, id);
}

bool decide_void_dispensation(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__VoidDispensationRequest *annul = (const void *)item->request;
    struct niva_arena *arena = desk_arena(desk);
    niva_instant received;
    pb_dispensation *dispensation = next_version(desk, annul->dispensation_id, &received, err);
    if (dispensation == NULL)
        return false;
    Niva__Compliance__V1__VoidDispensationResponse *reply =
        niva_wire_new(&niva__compliance__v1__void_dispensation_response__descriptor, arena);
    if (reply == NULL)
        return niva_fail_memory(err);
    dispensation->voided = true;
    dispensation->void_reason = annul->reason;
    if (!append_dispensation(desk, item, dispensation, received, err))
        return false;
    reply->dispensation = dispensation;
    item->reply = &reply->base;
    return true;
}
