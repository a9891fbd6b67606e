#include "services/compensation/decide.h"

#include <string.h>

#include "services/compensation/settle.h"
#include "services/compensation/store_erasure.h"

/* Every month of the sheet at the beginning of a day: one that just ended is proposed as the whole
 * of it now stands, one under way grows if it has a day below. */
static bool day_begin(struct sheet *sheet, struct niva_batch *batch, niva_day before,
                      struct niva_error *err)
{
    for (size_t i = 0; i < sheet->months.count; i++) {
        struct sheet_month *month = sheet->months.items[i];

        if (month->days.from > sheet->today)
            break;
        if (month->days.until <= before || month->below_from == NIVA_DAY_NONE ||
            month->below_from > sheet->today)
            continue;
        if (!month_move(sheet, month, NULL, batch, err))
            return false;
    }
    return true;
}

static bool day_decide(struct sheet *sheet, struct niva_batch *batch,
                       const Niva__Compliance__V1__DayBegun *event, struct niva_error *err)
{
    niva_day before = sheet->today;
    niva_day day;

    if (!niva_day_parse(event->day, &day))
        return niva_fail_internal(err, "day.begun without a day: %s", event->day);
    if (day == before)
        return true;
    if (day < before)
        return niva_fail_internal(err, "day.begun goes back to %s", event->day);
    sheet->today = day;
    sheet->today_moved = true;
    niva_batch_set_day(batch, day);
    return day_begin(sheet, batch, before, err);
}

/* Keeps a version of a month's timeline to be written. */
static bool timeline_keep(struct sheet *sheet, struct sheet_month *month,
                          const Niva__Compliance__V1__TimelineChanged *event, niva_instant at,
                          struct niva_error *err)
{
    struct sheet_timeline *kept = niva_arena_alloc(sheet->arena, sizeof *kept);

    if (kept == NULL || !sheet_list_add(&sheet->timelines, kept, sheet->arena))
        return niva_fail_memory(err);
    if (!niva_wire_pack(&event->base, sheet->arena, &kept->body, err))
        return false;
    kept->month = month;
    kept->version = month->version + 1;
    kept->recorded_at = at;
    kept->below_from = amounts_below_from(event);
    month->timeline = event;
    month->version = kept->version;
    month->recorded_at = at;
    month->below_from = kept->below_from;
    return true;
}

static bool timeline_decide(struct sheet *sheet, struct niva_batch *batch,
                            const Niva__Compliance__V1__TimelineChanged *event, niva_instant at,
                            struct niva_error *err)
{
    struct niva_span days;
    struct sheet_month *month = NULL;
    struct amounts amounts;

    if (niva_month_parse(event->month, &days))
        month = sheet_month_find(sheet, event->unit, event->profession_group, days.from);
    if (month == NULL)
        return niva_fail_internal(err, "timeline.changed of no month: %s", event->month);
    /* Also a month to come must be readable now: what can't be applied stops here. */
    if (!amounts_compute(event, NULL, 0, days.from, sheet->arena, &amounts, err) ||
        !timeline_keep(sheet, month, event, at, err))
        return false;
    return month_move(sheet, month, NULL, batch, err);
}

static bool event_decide(struct sheet *sheet, struct niva_batch *batch, struct niva_item *item,
                         struct niva_error *err)
{
    const struct niva_event *event = item->event;
    bool timeline = strcmp(event->type, EVENT_TIMELINE_CHANGED) == 0;
    bool erasure = strcmp(event->type, EVENT_ERASURE_RECORDED) == 0;
    enum dialogue_kind dialogue;

    if (dialogue_kind_of(event->type, &dialogue))
        return dialogue_decide(sheet, batch, item, dialogue, err);
    if (!timeline && !erasure && strcmp(event->type, EVENT_DAY_BEGUN) != 0)
        return true;
    if (event->data == NULL)
        return niva_fail_internal(err, "%s at %lld has no data", event->type,
                                  (long long)event->position);
    if (erasure)
        return erasure_decide(sheet, batch, item, err);
    if (timeline)
        return timeline_decide(sheet, batch,
                               (const Niva__Compliance__V1__TimelineChanged *)event->data,
                               item->recorded_at, err);
    return day_decide(sheet, batch, (const Niva__Compliance__V1__DayBegun *)event->data, err);
}

static const struct {
    const char *method;
    bool (*decide)(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);
} commands[] = {
    {METHOD_PUT_COMPONENT, component_decide},
    {METHOD_PREPARE_ADJUSTMENT, adjustment_prepare},
    {METHOD_REVISE_ADJUSTMENT, adjustment_revise},
    {METHOD_DECIDE_ADJUSTMENT, adjustment_decide},
    {METHOD_PUT_SETTLEMENT_CONFIG, settlement_config_put},
    {METHOD_EXPORT_SETTLEMENT, settlement_export},
    {METHOD_VOID_SETTLEMENT, settlement_void},
    {METHOD_CONFIRM_BOOKING, settlement_book},
};

bool compensation_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                         struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);

    (void)self;
    if (item->kind == NIVA_ITEM_EVENT) {
        if (event_decide(sheet, batch, item, err))
            return true;
        sheet->broken = true;
        return false;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(item->method, commands[i].method) == 0)
            return commands[i].decide(batch, item, err);
    return niva_fail_internal(err, "no rule for %s", item->method);
}

bool compensation_settle(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);

    (void)self;
    if (sheet->broken)
        return niva_fail_internal(err, "an item of the batch failed halfway");
    for (size_t i = 0; i < sheet->months.count; i++) {
        struct sheet_month *month = sheet->months.items[i];

        if (month->stale && !month_compute(sheet, month, NULL, month->stale_at, batch, err))
            return false;
    }
    return true;
}
