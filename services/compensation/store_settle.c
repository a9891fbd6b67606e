#include "services/compensation/store_settle.h"

#include <string.h>

#include "services/compensation/explain.h"
#include "services/compensation/settle.h"
#include "services/compensation/store_rows.h"
#include "services/compensation/store_settlements.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compensation__V1__ExportSettlementRequest ExportSettlementRequest;
typedef Niva__Compensation__V1__Settlement Settlement;

/* Lines that are explained at a time, and the room for what that takes. */
enum { CHUNK = 64, CHUNK_ARENA_BYTES = 256 << 20 };

static const struct niva_statement lines_waiting = {
    "compensation_lines_waiting",
    "SELECT " LINE_COLUMNS " FROM adjustment WHERE state = 4 AND period <= $1"
    " ORDER BY unit, period, component, profession_group, adjustment_id"};

static const struct niva_statement lines_of_settlement = {
    "compensation_lines_of_settlement",
    "SELECT " LINE_COLUMNS " FROM settled_line JOIN adjustment USING (adjustment_id)"
    " WHERE settlement_id = $1 ORDER BY unit, period, component, profession_group, adjustment_id"};

/* What compliance told last of each unit. */
static const struct niva_statement units_latest = {
    "compensation_units_latest",
    "SELECT DISTINCT ON (unit) unit, body FROM month_timeline WHERE unit = ANY ($1::text[])"
    " ORDER BY unit, recorded_at DESC, month DESC"};

static const struct niva_statement settlement_write = {
    "compensation_settlement_write",
    "INSERT INTO settlement (settlement_id, region, period, state, version, recorded_at, body)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (settlement_id) DO UPDATE SET state = excluded.state,"
    "  version = excluded.version, recorded_at = excluded.recorded_at, body = excluded.body"};

static const struct niva_statement settlement_version_write = {
    "compensation_settlement_version_write",
    "INSERT INTO settlement_version"
    " (settlement_id, region, period, state, version, recorded_at, body)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"};

static const struct niva_statement file_write = {
    "compensation_settlement_file_write",
    "INSERT INTO settlement_file (settlement_id, format, sha256, content)"
    " VALUES ($1, $2, $3, $4)"};

static const struct niva_statement settled_lines_write = {
    "compensation_settled_lines_write",
    "INSERT INTO settled_line (adjustment_id, settlement_id)"
    " SELECT adjustment_id, $2 FROM unnest($1::uuid[]) AS adjustment_id"};

static const struct niva_statement settled_lines_delete = {
    "compensation_settled_lines_delete", "DELETE FROM settled_line WHERE settlement_id = $1"};

/* ---- what an export reads ---- */

/* Keeps the lines of a region that take or give money: those of the same unit are together. */
static bool waiting_keep(struct settling *settling, struct sheet_row *const *rows, size_t count,
                         const char *region, struct niva_arena *arena, struct niva_error *err)
{
    struct settling_line *kept = niva_arena_array(arena, count, sizeof *kept);
    size_t used = 0;

    if (kept == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        if (rows[i]->body->deduction_ore != 0 && strcmp(rows[i]->body->region_code, region) == 0)
            kept[used++] = (struct settling_line){.row = rows[i], .closed_on = NIVA_DAY_END};
    settling->waiting = kept;
    settling->waiting_count = used;
    return true;
}

/* The last open day of a unit, as its timeline says. */
static bool closed_on_read(const struct niva_query *query, int row, struct niva_arena *arena,
                           niva_day *ret_closed_on, struct niva_error *err)
{
    const Niva__Compliance__V1__TimelineChanged *timeline;
    ProtobufCMessage *message;
    size_t size;
    const uint8_t *bytes = niva_row_bytes(query, row, 1, &size);

    if (!niva_wire_unpack(&niva__compliance__v1__timeline_changed__descriptor, bytes, size, false,
                          arena, &message, err))
        return false;
    timeline = (const Niva__Compliance__V1__TimelineChanged *)message;
    *ret_closed_on =
        timeline->registered_unit != NULL && timeline->registered_unit->closed_on[0] != '\0'
            ? niva_day_read(timeline->registered_unit->closed_on)
            : NIVA_DAY_END;
    return true;
}

static bool closed_units_read(struct niva_pg *pg, struct settling *settling,
                              struct niva_arena *arena, struct niva_error *err)
{
    struct settling_line *lines = settling->waiting;
    size_t count = settling->waiting_count;
    struct niva_query query = {.statement = &units_latest, .params = {.arena = arena}};
    struct niva_column *units = niva_column_new(NIVA_COLUMN_TEXT, arena);
    size_t at = 0;
    bool done;

    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(lines[i].row->body->unit, lines[i - 1].row->body->unit) != 0)
            niva_column_text(units, lines[i].row->body->unit);
    niva_param_column(&query.params, units);
    done = niva_pg_run(pg, &query, 1, err);
    for (int row = 0; done && row < niva_rows(&query); row++) {
        const char *unit = niva_row_text(&query, row, 0);
        niva_day closed_on = NIVA_DAY_END;

        done = closed_on_read(&query, row, arena, &closed_on, err);
        while (at < count && strcmp(lines[at].row->body->unit, unit) < 0)
            at++;
        for (; at < count && strcmp(lines[at].row->body->unit, unit) == 0; at++)
            lines[at].closed_on = closed_on;
    }
    niva_queries_clear(&query, 1);
    return done;
}

static bool explanation_keep(struct settling_line *line, ExplanationLine *const *lines,
                             size_t count, struct niva_arena *arena, struct niva_error *err)
{
    ExplanationLine **kept = niva_arena_array(arena, count, sizeof *kept);

    if (kept == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        kept[i] = niva_wire_copy(&lines[i]->base, arena);
        if (kept[i] == NULL)
            return niva_fail_memory(err);
    }
    line->explanation = kept;
    line->explanation_count = count;
    return true;
}

static bool explanation_make(struct settling_line *line, const struct line_basis *basis,
                             struct niva_arena *scratch, struct niva_arena *arena,
                             struct niva_error *err)
{
    const Adjustment *body = line->row->body;
    ExplanationLine **lines;
    size_t count;

    if (basis->timeline == NULL)
        return niva_fail_internal(err, "adjustment %s follows from no timeline",
                                  body->adjustment_id);
    return explain_line(basis, body->component, body, scratch, &count, &lines, err) &&
           explanation_keep(line, lines, count, arena, err);
}

static bool chunk_read(struct niva_pg *pg, struct settling_line *lines, size_t count,
                       struct niva_arena *scratch, struct niva_arena *arena, struct niva_error *err)
{
    struct store_question questions[CHUNK];
    struct line_basis bases[CHUNK];

    for (size_t i = 0; i < count; i++) {
        const struct sheet_row *row = lines[i].row;

        questions[i] = (struct store_question){.unit = row->body->unit,
                                               .group = row->body->profession_group,
                                               .component = row->body->component,
                                               .period = row->period,
                                               .known_at = row->computed_at,
                                               .today = row->computed_for,
                                               .joined = true};
    }
    if (!store_bases_get(pg, questions, count, scratch, bases, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!explanation_make(&lines[i], &bases[i], scratch, arena, err))
            return false;
    return true;
}

/* What explains each line, as ExplainAdjustment says it to everybody. The writer is kept meanwhile:
 * lines are read many at a time, and what is needed on the way is given back. */
static bool explanations_read(struct niva_pg *pg, struct settling *settling,
                              struct niva_arena *arena, struct niva_error *err)
{
    struct niva_arena *scratch = niva_arena_new(CHUNK_ARENA_BYTES);
    size_t count = settling->waiting_count;
    bool good = scratch != NULL || niva_fail_memory(err);

    for (size_t i = 0; good && i < count; i += CHUNK) {
        niva_arena_reset(scratch);
        good = chunk_read(pg, &settling->waiting[i], count - i < CHUNK ? count - i : CHUNK, scratch,
                          arena, err);
    }
    niva_arena_free(scratch);
    return good;
}

/* ---- what is read for an item ---- */

/* The configuration, the lines that wait and what explains them. */
static bool waiting_read(struct settling *settling, const char *region, niva_day month,
                         struct niva_pg *pg, struct niva_arena *arena, struct niva_error *err)
{
    struct niva_query query = {.statement = &lines_waiting, .params = {.arena = arena}};
    struct sheet_row **rows;
    size_t count;

    niva_param_day(&query.params, month);
    return store_settlement_config(pg, region, arena, &settling->config, err) &&
           line_rows_read(pg, &query, arena, &count, &rows, err) &&
           waiting_keep(settling, rows, count, region, arena, err) &&
           (settling->waiting_count > SETTLEMENT_LINES_MAX ||
            (closed_units_read(pg, settling, arena, err) &&
             explanations_read(pg, settling, arena, err)));
}

static bool export_read(struct settling *settling, const ExportSettlementRequest *request,
                        struct niva_pg *pg, struct niva_arena *arena, struct niva_error *err)
{
    struct settlement_row *row;
    struct niva_span month;

    if (!niva_month_parse(request->period, &month))
        return niva_fail_internal(err, "a month that was not checked");
    if (!store_settlement_living(pg, request->region_code, month.from, arena, &row, err))
        return false;
    settling->living = row;
    if (row == NULL)
        return waiting_read(settling, request->region_code, month.from, pg, arena, err);
    return row->period != month.from ||
           store_settlement_file(pg, row->id, (int)request->format, arena, &settling->content, err);
}

/* A settlement and its lines. */
static bool present_read(struct settling *settling, const char *text, struct niva_pg *pg,
                         struct niva_arena *arena, struct niva_error *err)
{
    struct niva_query query = {.statement = &lines_of_settlement, .params = {.arena = arena}};
    struct settlement_row *row;
    struct niva_uuid id;

    if (!niva_uuid_parse(text, &id))
        return niva_fail_internal(err, "an id that was not checked");
    if (!store_settlement_get(pg, id, INT64_MAX, arena, &row, err))
        return false;
    settling->present = row;
    niva_param_uuid(&query.params, &id);
    return row == NULL ||
           line_rows_read(pg, &query, arena, &settling->line_count, &settling->lines, err);
}

static bool item_read(struct settling *settling, const struct niva_item *item, struct niva_pg *pg,
                      struct niva_arena *arena, struct niva_error *err)
{
    if (strcmp(item->method, METHOD_PUT_SETTLEMENT_CONFIG) == 0)
        return store_settlement_config(
            pg,
            ((const Niva__Compensation__V1__PutSettlementConfigRequest *)item->request)
                ->config->region_code,
            arena, &settling->config, err);
    if (strcmp(item->method, METHOD_EXPORT_SETTLEMENT) == 0)
        return export_read(settling, (const ExportSettlementRequest *)item->request, pg, arena,
                           err);
    return present_read(settling, niva_wire_get_text(item->request, "settlement_id"), pg, arena,
                        err);
}

bool store_settling_read(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_item *items;
    size_t count = niva_batch_items(batch, &items);
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += items[i].kind == NIVA_ITEM_COMMAND && settlement_method(items[i].method);
    if (found == 0)
        return true;
    if (count > 1) /* the journal runs each alone then */
        return niva_fail_internal(err, "a command about settlements is decided alone");
    sheet->settling = niva_arena_alloc(sheet->arena, sizeof *sheet->settling);
    return (sheet->settling != NULL || niva_fail_memory(err)) &&
           item_read(sheet->settling, &items[0], niva_batch_pg(batch), sheet->arena, err);
}

/* ---- what is written ---- */

static bool version_put(const struct settlement_row *row, const struct niva_statement *statement,
                        ProtobufCBinaryData body, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params = niva_batch_write(batch, statement);

    if (params == NULL)
        return niva_fail_memory(err);
    niva_param_uuid(params, &row->id);
    niva_param_text(params, row->body->region_code);
    niva_param_day(params, row->period);
    niva_param_int32(params, (int32_t)row->body->state);
    niva_param_int32(params, row->body->version);
    niva_param_instant(params, row->recorded_at);
    niva_param_bytes(params, body.data, body.len);
    return true;
}

static bool files_put(const struct settling *settling, struct niva_batch *batch,
                      struct niva_error *err)
{
    for (size_t i = 0; i < SETTLEMENT_KINDS; i++) {
        struct niva_params *params = niva_batch_write(batch, &file_write);

        if (params == NULL)
            return niva_fail_memory(err);
        niva_param_uuid(params, &settling->row->id);
        niva_param_int32(params, (int32_t)settlement_kinds[i].format);
        niva_param_bytes(params, settling->digests[i], SETTLEMENT_DIGEST_SIZE);
        niva_param_bytes(params, settling->files[i].data, settling->files[i].len);
    }
    return true;
}

static bool settled_lines_put(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params = niva_batch_write(batch, &settled_lines_write);
    struct niva_column *ids = niva_column_new(NIVA_COLUMN_UUID, sheet->arena);
    const Settlement *body = sheet->settling->row->body;

    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < body->n_adjustment_ids; i++) {
        struct niva_uuid id;

        if (!niva_uuid_parse(body->adjustment_ids[i], &id))
            return niva_fail_internal(err, "an adjustment without an id");
        niva_column_uuid(ids, &id);
    }
    niva_param_column(params, ids);
    niva_param_uuid(params, &sheet->settling->row->id);
    return true;
}

static bool settled_lines_take(struct sheet *sheet, struct niva_batch *batch,
                               struct niva_error *err)
{
    struct niva_params *params = niva_batch_write(batch, &settled_lines_delete);

    if (params == NULL)
        return niva_fail_memory(err);
    niva_param_uuid(params, &sheet->settling->row->id);
    return true;
}

bool store_settling_write(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    const struct settling *settling = sheet->settling;
    ProtobufCBinaryData body;

    if (settling == NULL || settling->row == NULL)
        return true;
    return niva_wire_pack(&settling->row->body->base, sheet->arena, &body, err) &&
           version_put(settling->row, &settlement_write, body, batch, err) &&
           version_put(settling->row, &settlement_version_write, body, batch, err) &&
           (!settling->exported ||
            (files_put(settling, batch, err) && settled_lines_put(sheet, batch, err))) &&
           (!settling->voided || settled_lines_take(sheet, batch, err));
}
