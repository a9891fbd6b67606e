#include "services/compensation/store_settle.h"

static const struct niva_statement today_write = {
    "compensation_today_write",
    "INSERT INTO today (day) VALUES ($1) ON CONFLICT (one) DO UPDATE SET day = excluded.day"};

static const struct niva_statement timelines_write = {
    "compensation_timelines_write",
    "INSERT INTO month_timeline"
    " (unit, profession_group, month, version, recorded_at, below_from, body)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::int[], $5::timestamptz[],"
    "  $6::date[], $7::bytea[])"};

static const struct niva_statement versions_write = {
    "compensation_versions_write",
    "INSERT INTO adjustment_version (adjustment_id, unit, component, profession_group, period,"
    "  state, version, recorded_at, computed_at, computed_for, body)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::int[],"
    "  $7::int[], $8::timestamptz[], $9::timestamptz[], $10::date[], $11::bytea[])"};

static const struct niva_statement lines_delete = {
    "compensation_lines_delete", "DELETE FROM adjustment WHERE adjustment_id = ANY ($1::uuid[])"};

static const struct niva_statement lines_write = {
    "compensation_lines_write",
    "INSERT INTO adjustment (adjustment_id, unit, component, profession_group, period, state,"
    "  version, recorded_at, computed_at, computed_for, body)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::int[],"
    "  $7::int[], $8::timestamptz[], $9::timestamptz[], $10::date[], $11::bytea[])"
    " ON CONFLICT (adjustment_id) DO UPDATE SET state = excluded.state,"
    "  version = excluded.version, recorded_at = excluded.recorded_at,"
    "  computed_at = excluded.computed_at, computed_for = excluded.computed_for,"
    "  body = excluded.body"};

static const struct niva_statement dialogue_write = {
    "compensation_dialogue_write",
    "INSERT INTO dialogue (position, unit, profession_group, kind, recorded_at, body)"
    " SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::timestamptz[],"
    "  $6::bytea[])"};

static bool timelines_put(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params;
    struct niva_column *columns[7];
    static const enum niva_column_type types[7] = {
        NIVA_COLUMN_TEXT,    NIVA_COLUMN_TEXT, NIVA_COLUMN_DAY,  NIVA_COLUMN_INT32,
        NIVA_COLUMN_INSTANT, NIVA_COLUMN_DAY,  NIVA_COLUMN_BYTES};

    if (sheet->timelines.count == 0)
        return true;
    params = niva_batch_write(batch, &timelines_write);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 7; i++)
        columns[i] = niva_column_new(types[i], sheet->arena);
    for (size_t i = 0; i < sheet->timelines.count; i++) {
        const struct sheet_timeline *timeline = sheet->timelines.items[i];

        niva_column_text(columns[0], timeline->month->account->unit);
        niva_column_text(columns[1], timeline->month->account->group);
        niva_column_day(columns[2], timeline->month->days.from);
        niva_column_int32(columns[3], timeline->version);
        niva_column_instant(columns[4], timeline->recorded_at);
        niva_column_day(columns[5], timeline->below_from);
        niva_column_bytes(columns[6], timeline->body.data, timeline->body.len);
    }
    for (size_t i = 0; i < 7; i++)
        niva_param_column(params, columns[i]);
    return true;
}

static bool told_put(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    static const enum niva_column_type types[6] = {NIVA_COLUMN_INT64,   NIVA_COLUMN_TEXT,
                                                   NIVA_COLUMN_TEXT,    NIVA_COLUMN_INT32,
                                                   NIVA_COLUMN_INSTANT, NIVA_COLUMN_BYTES};
    struct niva_column *columns[6];
    struct niva_params *params;

    if (sheet->told.count == 0)
        return true;
    params = niva_batch_write(batch, &dialogue_write);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 6; i++)
        columns[i] = niva_column_new(types[i], sheet->arena);
    for (size_t i = 0; i < sheet->told.count; i++) {
        const struct dialogue_entry *entry = sheet->told.items[i];

        niva_column_int64(columns[0], entry->position);
        niva_column_text(columns[1], entry->unit);
        niva_column_text(columns[2], entry->group);
        niva_column_int32(columns[3], (int32_t)entry->kind);
        niva_column_instant(columns[4], entry->recorded_at);
        niva_column_bytes(columns[5], entry->body.data, entry->body.len);
    }
    for (size_t i = 0; i < 6; i++)
        niva_param_column(params, columns[i]);
    return true;
}

/* Adds rows of adjustments to a statement of eleven columns. */
static bool rows_put(struct sheet *sheet, struct niva_batch *batch,
                     const struct niva_statement *statement, const struct sheet_list *rows,
                     struct niva_error *err)
{
    static const enum niva_column_type types[11] = {
        NIVA_COLUMN_UUID,    NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,
        NIVA_COLUMN_DAY,     NIVA_COLUMN_INT32, NIVA_COLUMN_INT32, NIVA_COLUMN_INSTANT,
        NIVA_COLUMN_INSTANT, NIVA_COLUMN_DAY,   NIVA_COLUMN_BYTES};
    struct niva_column *columns[11];
    struct niva_params *params;

    if (rows->count == 0)
        return true;
    params = niva_batch_write(batch, statement);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < 11; i++)
        columns[i] = niva_column_new(types[i], sheet->arena);
    for (size_t i = 0; i < rows->count; i++) {
        const struct sheet_row *row = rows->items[i];
        ProtobufCBinaryData body;

        if (!niva_wire_pack(&row->body->base, sheet->arena, &body, err))
            return false;
        niva_column_uuid(columns[0], &row->id);
        niva_column_text(columns[1], row->body->unit);
        niva_column_text(columns[2], row->body->component);
        niva_column_text(columns[3], row->body->profession_group);
        niva_column_day(columns[4], row->period);
        niva_column_int32(columns[5], (int32_t)row->state);
        niva_column_int32(columns[6], row->body->version);
        niva_column_instant(columns[7], row->recorded_at);
        niva_column_instant(columns[8], row->computed_at);
        niva_column_day(columns[9], row->computed_for);
        niva_column_bytes(columns[10], body.data, body.len);
    }
    for (size_t i = 0; i < 11; i++)
        niva_param_column(params, columns[i]);
    return true;
}

static bool vanished_delete(struct sheet *sheet, struct niva_batch *batch, struct niva_error *err)
{
    struct niva_params *params;
    struct niva_column *ids;

    if (sheet->vanished.count == 0)
        return true;
    params = niva_batch_write(batch, &lines_delete);
    if (params == NULL)
        return niva_fail_memory(err);
    ids = niva_column_new(NIVA_COLUMN_UUID, sheet->arena);
    for (size_t i = 0; i < sheet->vanished.count; i++)
        niva_column_uuid(ids, &((const struct sheet_row *)sheet->vanished.items[i])->id);
    niva_param_column(params, ids);
    return true;
}

/* The lines of the sheet that differ from what is stored. */
static bool touched_collect(struct sheet *sheet, struct sheet_list *ret_rows)
{
    for (size_t i = 0; i < sheet->months.count; i++) {
        const struct sheet_month *month = sheet->months.items[i];

        for (size_t j = 0; j < month->lines.count; j++) {
            const struct sheet_line *line = month->lines.items[j];

            if (line->touched && !sheet_list_add(ret_rows, (void *)line->row, sheet->arena))
                return false;
        }
    }
    return true;
}

bool store_batch_write(void *self, struct niva_batch *batch, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    struct sheet_list touched = {0};

    (void)self;
    if (sheet->today_moved) {
        struct niva_params *params = niva_batch_write(batch, &today_write);

        if (params == NULL)
            return niva_fail_memory(err);
        niva_param_day(params, sheet->today);
    }
    if (!touched_collect(sheet, &touched))
        return niva_fail_memory(err);
    /* What closes goes first: a month has one open line of a component at any time. */
    return timelines_put(sheet, batch, err) && told_put(sheet, batch, err) &&
           vanished_delete(sheet, batch, err) &&
           rows_put(sheet, batch, &lines_write, &sheet->closed, err) &&
           rows_put(sheet, batch, &lines_write, &touched, err) &&
           rows_put(sheet, batch, &versions_write, &sheet->versions, err) &&
           store_settling_write(sheet, batch, err);
}
