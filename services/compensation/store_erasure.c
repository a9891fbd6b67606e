#include "services/compensation/store_erasure.h"

#include <string.h>

#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/store_rows.h"

typedef Niva__Compliance__V1__ErasureRecorded ErasureRecorded;

/* Every version of closed lines whose month ended before a day and of which nothing was recorded
 * since. */
static const struct niva_statement lines_select = {
    "compensation_erasing_lines",
    "SELECT " LINE_COLUMNS " FROM adjustment_version v WHERE unit = $1"
    " AND profession_group = ANY ($2) AND (period + interval '1 month')::date <= $3"
    " AND NOT EXISTS (SELECT FROM adjustment_version w WHERE w.adjustment_id = v.adjustment_id"
    "  AND w.recorded_at >= $4)"
    " AND EXISTS (SELECT FROM adjustment a WHERE a.adjustment_id = v.adjustment_id"
    "  AND a.state NOT IN (1, 2, 3))"
    " ORDER BY adjustment_id, version"};
static const struct niva_statement settlements_select = {
    "compensation_erasing_settlements",
    "SELECT settlement_id, period, recorded_at, body FROM settlement_version WHERE state = 2"
    " AND region = ANY ($1) AND (period + interval '1 month')::date <= $2 AND recorded_at < $3"
    " ORDER BY settlement_id, version"};
static const struct niva_statement words_erase = {"compensation_erase_words",
                                                  "SELECT erase_words($1, $2, $3, $4, $5, $6, $7)"};

static bool lines_read(const struct niva_query *query, struct niva_arena *arena,
                       struct erasing *erasing, struct niva_error *err)
{
    size_t count = (size_t)niva_rows(query);

    erasing->lines = niva_arena_array(arena, count, sizeof *erasing->lines);
    if (erasing->lines == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!line_row_read(query, (int)i, arena, &erasing->lines[i], err))
            return false;
    erasing->line_count = count;
    return true;
}

static bool lines_select_run(struct niva_pg *pg, const ErasureRecorded *erasure, niva_day before,
                             struct niva_arena *arena, struct erasing *erasing,
                             struct niva_error *err)
{
    struct niva_query query = {.statement = &lines_select, .params.arena = arena};
    struct niva_column *groups = niva_column_new(NIVA_COLUMN_TEXT, arena);
    bool good;

    for (size_t i = 0; i < erasure->n_said_groups; i++)
        niva_column_text(groups, erasure->said_groups[i]);
    niva_param_text(&query.params, erasure->unit);
    niva_param_column(&query.params, groups);
    niva_param_day(&query.params, before);
    niva_param_instant(&query.params, niva_local_midnight(before));
    good = niva_pg_run(pg, &query, 1, err) && lines_read(&query, arena, erasing, err);
    niva_queries_clear(&query, 1);
    return good;
}

static bool settlement_read(const struct niva_query *query, int row, struct niva_arena *arena,
                            void *ret_row)
{
    struct settlement_row *settlement = ret_row;
    ProtobufCBinaryData body;
    ProtobufCMessage *message;
    struct niva_error ignored;

    settlement->id = niva_row_uuid(query, row, 0);
    settlement->period = niva_row_day(query, row, 1);
    settlement->recorded_at = niva_row_instant(query, row, 2);
    if (!niva_row_bytes_copy(query, row, 3, arena, &body) ||
        !niva_wire_unpack(&niva__compensation__v1__settlement__descriptor, body.data, body.len,
                          false, arena, &message, &ignored))
        return false;
    settlement->body = (const Niva__Compensation__V1__Settlement *)message;
    return true;
}

/* Those of the regions in which the lines were. */
static bool settlements_select_run(struct niva_pg *pg, niva_day before, struct niva_arena *arena,
                                   struct erasing *erasing, struct niva_error *err)
{
    struct niva_query query = {.statement = &settlements_select, .params.arena = arena};
    struct niva_column *regions = niva_column_new(NIVA_COLUMN_TEXT, arena);
    const char *last = "";

    for (size_t i = 0; i < erasing->line_count; i++) {
        const char *region = erasing->lines[i]->body->region_code;

        if (strcmp(region, last) != 0)
            niva_column_text(regions, region);
        last = region;
    }
    niva_param_column(&query.params, regions);
    niva_param_day(&query.params, before);
    niva_param_instant(&query.params, niva_local_midnight(before));
    return niva_pg_list(pg, &query, sizeof *erasing->settlements, settlement_read,
                        &erasing->settlement_count, &erasing->settlements, err);
}

static bool item_read(struct sheet *sheet, const struct niva_item *item, struct niva_pg *pg,
                      struct niva_error *err)
{
    const ErasureRecorded *erasure = (const ErasureRecorded *)item->event->data;
    struct erasing *erasing = niva_arena_alloc(sheet->arena, sizeof *erasing);
    niva_day before = niva_day_read(erasure->before);

    if (erasing == NULL || !sheet_list_add(&sheet->erasing, erasing, sheet->arena))
        return niva_fail_memory(err);
    erasing->item = item;
    if (erasure->n_said_groups == 0 || before == NIVA_DAY_NONE)
        return true;
    return lines_select_run(pg, erasure, before, sheet->arena, erasing, err) &&
           settlements_select_run(pg, before, sheet->arena, erasing, err);
}

bool store_erasing_read(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);

    for (size_t i = 0; i < count; i++)
        if (items[i].kind == NIVA_ITEM_EVENT && items[i].event->data != NULL &&
            strcmp(items[i].event->type, EVENT_ERASURE_RECORDED) == 0 &&
            !item_read(sheet, &items[i], niva_batch_pg(batch), err))
            return false;
    return true;
}

static bool worded_put(struct niva_params *params, const struct worded *rows, size_t count,
                       struct niva_arena *arena, struct niva_error *err)
{
    struct niva_column *ids = niva_column_new(NIVA_COLUMN_UUID, arena);
    struct niva_column *versions = niva_column_new(NIVA_COLUMN_INT32, arena);
    struct niva_column *bodies = niva_column_new(NIVA_COLUMN_BYTES, arena);

    for (size_t i = 0; i < count; i++) {
        ProtobufCBinaryData body;

        if (!niva_wire_pack(rows[i].left, arena, &body, err))
            return false;
        niva_column_uuid(ids, &rows[i].id);
        niva_column_int32(versions, rows[i].version);
        niva_column_bytes(bodies, body.data, body.len);
    }
    niva_param_column(params, ids);
    niva_param_column(params, versions);
    niva_param_column(params, bodies);
    return true;
}

bool store_erasing_write(struct niva_batch *batch, int64_t decision, const struct worded *lines,
                         size_t line_count, const struct worded *settlements,
                         size_t settlement_count, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_params *params = niva_batch_write(batch, &words_erase);

    if (params == NULL)
        return niva_fail_memory(err);
    niva_param_int64(params, decision);
    return worded_put(params, lines, line_count, arena, err) &&
           worded_put(params, settlements, settlement_count, arena, err);
}
