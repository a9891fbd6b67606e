#include <string.h>

#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

bool line_tell(struct niva_batch *batch, const char *type, const ProtobufCMessageDescriptor *data,
               const Adjustment *line, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    Niva__Compensation__V1__AdjustmentProposed *told = niva_wire_new(data, arena);

    if (told == NULL)
        return niva_fail_memory(err);
    told->adjustment = line_shown(line, arena);
    if (told->adjustment == NULL)
        return niva_fail_memory(err);
    return niva_batch_event(batch, type, line->unit, &told->base, NULL, err);
}

static bool fact_append(struct niva_batch *batch, const struct niva_item *item,
                        const struct sheet_row *row, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    const Adjustment *line = row->body;
    struct niva_fact *fact = niva_arena_alloc(arena, sizeof *fact);

    if (fact == NULL)
        return niva_fail_memory(err);
    *fact = (struct niva_fact){
        .kind = FACT_ADJUSTMENT,
        .id = niva_arena_printf(arena, "%s/%d", line->adjustment_id, (int)line->version),
        .version = 1,
        .unit = line->unit,
        .group = line->profession_group,
        .region = "",
        .refers_to = line->adjustment_id,
        .first_day = row->period,
        .recorded_at = item->recorded_at,
        .recorded_by = item->principal,
        .received_at = item->recorded_at,
    };
    if (fact->id == NULL)
        return niva_fail_memory(err);
    return niva_wire_pack(&line->base, arena, &fact->body, err) &&
           niva_batch_fact(batch, fact, err);
}

/* Keeps the new version in the place of the line. */
static bool row_keep(struct sheet *sheet, struct sheet_line *line, const struct sheet_row *row)
{
    if (!sheet_list_add(&sheet->versions, (void *)row, sheet->arena))
        return false;
    if (line_is_open(row->state)) {
        line->row = row;
        line->touched = true;
        return true;
    }
    if (line->row != NULL && line->row->body->version + 1 == row->body->version &&
        memcmp(line->row->id.bytes, row->id.bytes, sizeof row->id.bytes) == 0) {
        line->row = NULL;
        line->stored = false;
        line->touched = false;
    }
    return sheet_close(sheet, row) && sheet_decided_put(sheet, line, row);
}

bool line_step(struct niva_batch *batch, const struct niva_item *item, struct sheet_line *line,
               const struct sheet_row *row, enum line_event event, Adjustment *body,
               struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    const struct line_edge *edge = line_edge_find(row->state, event);
    struct sheet_row *next = niva_arena_alloc(sheet->arena, sizeof *next);

    if (edge == NULL)
        return niva_fail_internal(err, "line %s: %s cannot happen to one that is %s",
                                  body->adjustment_id, line_event_words(event),
                                  line_state_name(row->state));
    body->recorded_at = niva_wire_timestamp(item->recorded_at, sheet->arena);
    if (next == NULL || body->recorded_at == NULL)
        return niva_fail_memory(err);
    body->state = (Niva__Compensation__V1__Adjustment__State)edge->to;
    body->version = row->body->version + 1;
    *next = *row;
    next->state = edge->to;
    next->body = body;
    next->recorded_at = item->recorded_at;
    /* From here on what fails leaves the batch half done. */
    sheet->broken = true;
    if (!row_keep(sheet, line, next))
        return niva_fail_memory(err);
    if (!fact_append(batch, item, next, err))
        return false;
    sheet->broken = false;
    return true;
}
