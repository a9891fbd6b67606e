#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

/* What the two commands record alike: the version, its event and who is touched. */
static bool append_call(struct desk *desk, const struct niva_item *item, pb_call *call,
                        struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    Niva__Compliance__V1__CallChanged *event =
        niva_wire_new(&niva__compliance__v1__call_changed__descriptor, arena);
    call->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    call->recorded_by = (char *)item->principal;
    if (event == NULL || call->recorded_at == NULL)
        return niva_fail_memory(err);
    event->call = niva_wire_copy(&call->base, arena);
    if (event->call == NULL)
        return niva_fail_memory(err);
    /* Free text stays inside. */
    event->call->void_reason = (char *)protobuf_c_empty_string;

    struct niva_fact fact = {.id = call->call_id,
                             .version = call->version,
                             .unit = call->unit,
                             .group = call->profession_group,
                             .region = call->region_code,
                             .first_day = niva_day_read(call->issued_on),
                             .received_at = item->recorded_at};
    const char *by = NULL;
    if (!desk_append(desk, item, RECORD_CALL, &fact, &call->base, &by, err) ||
        !niva_batch_event(desk_batch(desk), "se.niva.compliance.call.changed.v1", call->unit,
                          &event->base, NULL, err))
        return false;
    if (call->unit[0] == '\0')
        return desk_touch_region(desk, call->region_code, call->profession_group, PB_PURCHASER_FACT,
                                 by, err);
    return desk_touch(desk, item, call->unit, call->profession_group, PB_PURCHASER_FACT, by, err);
}

/* ---- issue ---- */

static const pb_call *issued_of(const struct niva_item *item)
{
    const Niva__Compliance__V1__IssueCallRequest *issue = (const void *)item->request;
    return issue->call;
}

bool want_issue_call(struct desk *desk, const struct niva_item *item)
{
    const pb_call *call = issued_of(item);
    return call->unit[0] != '\0' ? desk_want_unit(desk, call->unit)
                                 : desk_want_region(desk, call->region_code);
}

/* A call is issued on the day on which it is recorded, and asks for what comes from then on, unless
 * it says otherwise. */
static bool days_complete(struct desk *desk, const struct niva_item *item, pb_call *call,
                          struct niva_error *err)
{
    if (call->issued_on[0] == '\0') {
        char today[16];
        niva_day_format(desk_notice_day(desk, item), today);
        call->issued_on = niva_arena_strdup(desk_arena(desk), today);
        if (call->issued_on == NULL)
            return niva_fail_memory(err);
    }
    if (call->current_since[0] == '\0')
        call->current_since = call->issued_on;
    if (call->answer_by[0] == '\0' ||
        niva_day_read(call->answer_by) >= niva_day_read(call->issued_on))
        return true;
    return niva_refuse(err, NIVA_INVALID_ARGUMENT, "call.answerBy", "ANSWER_BEFORE_ISSUE",
                       "Svaret kan inte begäras före uppmaningens dag, %s.",
                       "The answer can't be wanted before the day of the call, %s.",
                       call->issued_on);
}

bool decide_issue_call(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    pb_call *call = niva_wire_copy(&issued_of(item)->base, arena);
    Niva__Compliance__V1__IssueCallResponse *reply =
        niva_wire_new(&niva__compliance__v1__issue_call_response__descriptor, arena);
    if (call == NULL || reply == NULL)
        return niva_fail_memory(err);
    call->call_id = id_new(item->recorded_at, arena);
    if (call->call_id == NULL)
        return niva_fail_memory(err);
    call->version = 1;
    call->voided = false;
    call->void_reason = (char *)protobuf_c_empty_string;
    if (!days_complete(desk, item, call, err) || !append_call(desk, item, call, err))
        return false;
    reply->call = call;
    item->reply = &reply->base;
    return true;
}

/* ---- void ---- */

bool want_void_call(struct desk *desk, const struct niva_item *item)
{
    const Niva__Compliance__V1__VoidCallRequest *annul = (const void *)item->request;
    const char *id = niva_wire_uuid(annul->call_id, desk_arena(desk));
    return id != NULL && desk_want_fact(desk, RECORD_CALL, id);
}

/* A call that is there and was not voided. */
static pb_call *next_version(struct desk *desk, const char *given_id, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    const char *id = niva_wire_uuid(given_id, arena);
    const struct record *present = id != NULL ? desk_last(desk, RECORD_CALL, id) : NULL;
    if (present == NULL || present->message == NULL) {
        niva_refuse(err, NIVA_NOT_FOUND, "callId", "CALL_UNKNOWN", "Det finns ingen uppmaning %s.",
                    "There is no call %s.", given_id);
        return NULL;
    }
    pb_call *call = niva_wire_copy(present->message, arena);
    if (call == NULL) {
        niva_fail_memory(err);
        return NULL;
    }
    if (call->voided) {
        niva_refuse(err, NIVA_FAILED_PRECONDITION, call->call_id, "CALL_VOIDED",
                    "Uppmaningen %s är redan makulerad. Beställaren kan skicka en ny.",
                    "The call %s is voided already. The purchaser can issue a new one.",
                    call->call_id);
        return NULL;
    }
    call->version++;
    return call;
}

bool decide_void_call(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__VoidCallRequest *annul = (const void *)item->request;
    pb_call *call = next_version(desk, annul->call_id, err);
    if (call == NULL)
        return false;
    Niva__Compliance__V1__VoidCallResponse *reply =
        niva_wire_new(&niva__compliance__v1__void_call_response__descriptor, desk_arena(desk));
    if (reply == NULL)
        return niva_fail_memory(err);
    call->voided = true;
    call->void_reason = annul->reason;
    if (!append_call(desk, item, call, err))
        return false;
    reply->call = call;
    item->reply = &reply->base;
    return true;
}
