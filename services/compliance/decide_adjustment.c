/* What compensation tells of adjustments comes in here. It is kept for follow-up, beside the
 * record: nothing that is judged looks at it. */
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

/* The four events have one shape. */
static const pb_adjustment *adjustment_of(const struct niva_item *item)
{
    const Niva__Compensation__V1__AdjustmentProposed *event = (const void *)item->event->data;
    return event->adjustment;
}

bool decide_adjustment_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_adjustment *adjustment = adjustment_of(item);
    struct adjustment_row row = {.position = item->event->position,
                                 .recorded_at = item->event->time,
                                 .told = item->event->data};
    struct niva_span period;
    if (adjustment == NULL)
        return niva_fail_internal(err, "event %s has no adjustment", item->event->id);
    if (!niva_uuid_parse(adjustment->adjustment_id, &row.adjustment_id) ||
        !niva_month_parse(adjustment->period, &period) || adjustment->unit[0] == '\0')
        return niva_fail_internal(err, "event %s has an incomplete adjustment", item->event->id);
    row.unit = adjustment->unit;
    row.group = adjustment->profession_group;
    row.period = period.from;
    return desk_add_adjustment(desk, &row, err);
}
