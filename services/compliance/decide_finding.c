#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

static const Niva__Compliance__V1__PutFindingRequest *put_of(const struct niva_item *item)
{
    return (const void *)item->request;
}

bool want_put_finding(struct desk *desk, const struct niva_item *item)
{
    const pb_finding *finding = put_of(item)->finding;
    if (!desk_want_unit(desk, finding->unit))
        return false;
    if (finding->finding_id[0] == '\0')
        return true;
    const char *id = niva_wire_uuid(finding->finding_id, desk_arena(desk));
    return id != NULL && desk_want_fact(desk, RECORD_FINDING, id);
}

/* The finding that is replaced: there, and of the same unit and group. */
static bool may_replace(const pb_finding *finding, const struct record *present,
                        struct niva_error *err)
{
    if (present == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "finding.findingId", "FINDING_UNKNOWN",
                           "Det finns inget konstaterande %s.", "There is no finding %s.",
                           finding->finding_id);
    if (strcmp(present->fact.unit, finding->unit) == 0 &&
        strcmp(present->fact.group, finding->profession_group) == 0)
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, finding->finding_id, "FINDING_ELSEWHERE",
                       "Konstaterandet gäller %s och %s: registrera ett nytt.",
                       "The finding is about %s and %s: register a new one.", present->fact.unit,
                       present->fact.group);
}

static bool append_finding(struct desk *desk, const struct niva_item *item, pb_finding *finding,
                           niva_instant received, struct niva_error *err)
{
    Niva__Compliance__V1__FindingChanged *event =
        niva_wire_new(&niva__compliance__v1__finding_changed__descriptor, desk_arena(desk));
    if (event == NULL)
        return niva_fail_memory(err);
    event->finding = niva_wire_copy(&finding->base, desk_arena(desk));
    if (event->finding == NULL)
        return niva_fail_memory(err);
    /* Free text stays inside. */
    event->finding->evidence = (char *)protobuf_c_empty_string;

    struct niva_fact fact = {.id = finding->finding_id,
                             .version = finding->version,
                             .unit = finding->unit,
                             .group = finding->profession_group,
                             .first_day = niva_day_read(finding->first_day),
                             .received_at = received};
    const char *by = NULL;
    return desk_append(desk, item, RECORD_FINDING, &fact, &finding->base, &by, err) &&
           niva_batch_event(desk_batch(desk), "se.niva.compliance.finding.changed.v1",
                            finding->unit, &event->base, NULL, err) &&
           desk_touch(desk, item, finding->unit, finding->profession_group, PB_PURCHASER_FACT, by,
                      err);
}

bool decide_put_finding(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Compliance__V1__PutFindingRequest *put = put_of(item);
    struct niva_arena *arena = desk_arena(desk);
    bool fresh = put->finding->finding_id[0] == '\0';
    pb_finding *finding = niva_wire_copy(&put->finding->base, arena);
    Niva__Compliance__V1__PutFindingResponse *reply =
        niva_wire_new(&niva__compliance__v1__put_finding_response__descriptor, arena);
    char *id =
        fresh ? id_new(item->recorded_at, arena) : niva_wire_uuid(put->finding->finding_id, arena);
    niva_instant received;
    if (finding == NULL || reply == NULL || id == NULL)
        return niva_fail_memory(err);
    const struct record *present = fresh ? NULL : desk_last(desk, RECORD_FINDING, id);
    finding->finding_id = id;
    if (!fresh && !may_replace(finding, present, err))
        return false;
    if (!version_expect(put->expected_case ==
                            NIVA__COMPLIANCE__V1__PUT_FINDING_REQUEST__EXPECTED_EXPECTED_VERSION,
                        put->expected_version, version_of(present), id, err) ||
        !received_complete(desk, item, "finding.receivedAt", &finding->received_at, &received, err))
        return false;
    finding->version = version_of(present) + 1;
    finding->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    finding->recorded_by = (char *)item->principal;
    if (finding->recorded_at == NULL)
        return niva_fail_memory(err);
    if (!append_finding(desk, item, finding, received, err))
        return false;
    reply->finding = finding;
    item->reply = &reply->base;
    return true;
}
