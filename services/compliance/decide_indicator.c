/* Imported indicators: kept as they came, and judged by nothing. No unit is recomputed for one. */
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

typedef Niva__Compliance__V1__PutIndicatorsRequest PutRequest;
typedef Niva__Compliance__V1__PutIndicatorsResponse PutResponse;

/* Of one unit, group, code and month there is one indicator. */
char *indicator_id(const pb_indicator *indicator, struct niva_arena *arena)
{
    return niva_arena_printf(arena, "%s/%s/%s/%s", indicator->unit, indicator->profession_group,
                             indicator->code, indicator->period);
}

bool want_put_indicators(struct desk *desk, const struct niva_item *item)
{
    const PutRequest *put = (const void *)item->request;
    for (size_t i = 0; i < put->n_indicators; i++) {
        const char *id = indicator_id(put->indicators[i], desk_arena(desk));
        if (id == NULL || !desk_want_fact(desk, RECORD_INDICATOR, id))
            return false;
    }
    return true;
}

static niva_day month_of(const pb_indicator *indicator)
{
    struct niva_span month = {0, 0};
    return niva_month_parse(indicator->period, &month) ? month.from : NIVA_DAY_NONE;
}

/* What the record says against it. */
static bool indicator_fits(const struct niva_item *item, const pb_indicator *indicator,
                           int32_t present, const char *field, struct niva_error *err)
{
    if (month_of(indicator) > niva_local_day(item->recorded_at))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, field, "PERIOD_TO_COME",
                           "Månaden %s har inte börjat.", "The month %s has not begun.",
                           indicator->period);
    if (indicator->withdrawn && present == 0)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, field, "INDICATOR_UNKNOWN",
                           "Det finns inget sådant mått för %s att dra tillbaka.",
                           "There is no such indicator of %s to withdraw.", indicator->period);
    return true;
}

bool complete_indicator(struct desk *desk, const struct niva_item *item, const pb_indicator *given,
                        const struct indicator_fields *fields, pb_indicator **ret_indicator,
                        niva_instant *ret_received, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    pb_indicator *indicator = niva_wire_copy(&given->base, arena);
    const char *id = indicator_id(given, arena);
    if (indicator == NULL || id == NULL)
        return niva_fail_memory(err);
    int32_t present = version_of(desk_last(desk, RECORD_INDICATOR, id));
    if (!indicator_fits(item, given, present, fields->period, err) ||
        !received_complete(desk, item, fields->received, &indicator->received_at, ret_received,
                           err))
        return false;
    indicator->version = present + 1;
    indicator->import_id = (char *)protobuf_c_empty_string;
    indicator->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    indicator->recorded_by = (char *)item->principal;
    if (indicator->recorded_at == NULL)
        return niva_fail_memory(err);
    *ret_indicator = indicator;
    return true;
}

bool append_indicator(struct desk *desk, const struct niva_item *item, pb_indicator *indicator,
                      niva_instant received, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    const char *id = indicator_id(indicator, arena);
    Niva__Compliance__V1__IndicatorChanged *event =
        niva_wire_new(&niva__compliance__v1__indicator_changed__descriptor, arena);
    if (id == NULL || event == NULL)
        return niva_fail_memory(err);
    event->indicator = indicator;
    struct niva_fact fact = {.id = id,
                             .version = indicator->version,
                             .unit = indicator->unit,
                             .group = indicator->profession_group,
                             .refers_to = indicator->import_id,
                             .first_day = month_of(indicator),
                             .received_at = received};
    const char *by = NULL;
    return desk_append(desk, item, RECORD_INDICATOR, &fact, &indicator->base, &by, err) &&
           niva_batch_event(desk_batch(desk), "se.niva.compliance.indicator.changed.v1",
                            indicator->unit, &event->base, NULL, err);
}

/* All or none: all are completed before the first is appended. */
bool decide_put_indicators(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const PutRequest *put = (const void *)item->request;
    struct niva_arena *arena = desk_arena(desk);
    pb_indicator **indicators = niva_arena_array(arena, put->n_indicators, sizeof *indicators);
    niva_instant *received = niva_arena_array(arena, put->n_indicators, sizeof *received);
    PutResponse *reply =
        niva_wire_new(&niva__compliance__v1__put_indicators_response__descriptor, arena);
    if (indicators == NULL || received == NULL || reply == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < put->n_indicators; i++) {
        const struct indicator_fields fields = {
            .period = niva_arena_printf(arena, "indicators[%zu].period", i),
            .received = niva_arena_printf(arena, "indicators[%zu].receivedAt", i),
        };
        if (fields.period == NULL || fields.received == NULL)
            return niva_fail_memory(err);
        if (!complete_indicator(desk, item, put->indicators[i], &fields, &indicators[i],
                                &received[i], err))
            return false;
    }
    for (size_t i = 0; i < put->n_indicators; i++) {
        if (!append_indicator(desk, item, indicators[i], received[i], err))
            return false;
    }
    reply->count = (int32_t)put->n_indicators;
    item->reply = &reply->base;
    return true;
}
