/* Timelines, computed from facts at any instant. */
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/run/page.h"
#include "services/compliance/checks.h"
#include "services/compliance/decide.h"
#include "services/compliance/frozen.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"

enum { TIMELINE_YEARS_MAX = 100 };

/* The days asked for; `ret_known_at` INT64_MAX: now. */
static bool check_timeline(const Niva__Compliance__V1__GetTimelineRequest *get,
                           struct niva_span *ret_days, niva_instant *ret_known_at,
                           struct niva_error *err)
{
    struct niva_check check;
    struct niva_span days = {0, 0};
    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", get->unit);
    niva_check_name_key(&check, "profession_group", get->profession_group);
    niva_check_known_at(&check, get->known_at, ret_known_at);
    if (!niva_check_day(&check, "first_day", get->first_day, true, &days.from) ||
        !niva_check_day(&check, "last_day", get->last_day, true, &days.until) ||
        !niva_check_last_day(&check, "last_day", get->last_day, days.from, &days.until))
        return niva_check_end(&check);
    if (days.until - days.from > TIMELINE_YEARS_MAX * 366)
        niva_check_fail(&check, "last_day", "TOO_LONG", "En tidslinje omfattar högst 100 år.",
                        "A timeline spans at most 100 years.");
    *ret_days = days;
    return niva_check_end(&check);
}

static bool uncounted_messages(struct niva_read *read, const struct niva_timeline *timeline,
                               Niva__Compliance__V1__GetTimelineResponse *answer,
                               struct niva_error *err)
{
    answer->uncounted =
        niva_arena_array(read->arena, timeline->uncounted_count, sizeof *answer->uncounted);
    if (answer->uncounted == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < timeline->uncounted_count; i++) {
        answer->uncounted[i] = niva_uncounted_message(&timeline->uncounted[i], read->arena);
        if (answer->uncounted[i] == NULL)
            return niva_fail_memory(err);
    }
    answer->n_uncounted = timeline->uncounted_count;
    return true;
}

bool read_get_timeline(struct niva_read *read, const ProtobufCMessage *request,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__GetTimelineRequest *get = (const void *)request;
    Niva__Compliance__V1__GetTimelineResponse *answer = (void *)reply;
    struct niva_span days = {0, 0};
    niva_instant known_at = INT64_MAX;
    niva_day today;
    struct dossier dossier;
    struct niva_timeline timeline;
    char text[16];
    if (!check_timeline(get, &days, &known_at, err) ||
        !snapshot_today(read, known_at, &today, NULL, err) ||
        !snapshot_dossier(read, get->unit, get->profession_group, known_at, &dossier, err))
        return false;
    if (dossier.registered == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "unit", "UNIT_UNKNOWN",
                           "Vårdcentralen %s är inte registrerad.",
                           "The unit %s is not registered.", get->unit);
    if (!niva_timeline_compute(&dossier.facts, days, true, read->arena, &timeline, err) ||
        !frozen_check(&dossier, days, &timeline, err) ||
        !niva_timeline_messages(&timeline, today, read->arena, &answer->n_segments,
                                &answer->segments, err) ||
        !uncounted_messages(read, &timeline, answer, err))
        return false;
    niva_day_format(frozen_until(&dossier), text);
    answer->erased_until = niva_arena_strdup(read->arena, text);
    if (dossier.erasure != NULL)
        answer->erasure_decision = dossier.erasure->decision_reference;
    niva_day_format(today, text);
    answer->today = niva_arena_strdup(read->arena, text);
    return (answer->erased_until != NULL && answer->today != NULL) || niva_fail_memory(err);
}

bool read_get_business_day(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err)
{
    (void)request;
    Niva__Compliance__V1__GetBusinessDayResponse *answer = (void *)reply;
    niva_day today;
    char text[16];
    if (!snapshot_today(read, INT64_MAX, &today, NULL, err))
        return false;
    niva_day_format(today, text);
    answer->day = niva_arena_strdup(read->arena, text);
    answer->rehearsal = read->rehearsal;
    return answer->day != NULL || niva_fail_memory(err);
}

bool read_status(struct niva_read *read, struct niva_service_status *ret_status,
                 struct niva_error *err)
{
    return snapshot_today(read, INT64_MAX, &ret_status->today, &ret_status->pending, err) &&
           store_recomputed(read->pg, &ret_status->recomputed, err);
}
