/* What follow-up reads beside the records of units: what compensation told of adjustments, breaches
 * and indicators. */
#include "services/compliance/store_follow_up.h"

#include "services/common/wire/wire.h"

static const struct niva_statement adjustments_insert = {
    "compliance_adjustments_insert",
    "INSERT INTO adjustment_told (position, recorded_at, adjustment_id, unit, profession_group,"
    " period, body) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)"};
static const struct niva_statement adjustments_told = {
    "compliance_adjustments_told",
    "SELECT unit, position, body FROM adjustment_told WHERE unit = $1 ORDER BY position"};
static const struct niva_statement adjustments_select = {
    "compliance_adjustments",
    "SELECT unit, position, body FROM (SELECT DISTINCT ON (adjustment_id) adjustment_id, unit,"
    " position, body FROM adjustment_told WHERE unit = ANY ($1) AND profession_group = $2"
    " AND period >= $3 AND period < $4 AND recorded_at <= $5"
    " ORDER BY adjustment_id, position DESC) last ORDER BY unit COLLATE \"C\", position"};
static const struct niva_statement breaches_select = {
    "compliance_followed_breaches",
    "SELECT v.unit, v.opened_order, v.body FROM breach_version v WHERE v.unit = ANY ($1)"
    " AND v.profession_group = $2 AND v.kind = $3 AND v.recorded_at <= $4"
    " AND NOT EXISTS (SELECT FROM breach_version n WHERE n.breach_id = v.breach_id"
    " AND n.version > v.version AND n.recorded_at <= $4)"
    " ORDER BY v.unit COLLATE \"C\", v.opened_order"};
static const struct niva_statement codes_select = {
    "compliance_indicator_codes",
    "SELECT DISTINCT split_part(id, '/', 3) COLLATE \"C\" AS code FROM fact"
    " WHERE kind = 'indicator' AND unit = ANY ($1) AND profession_group = $2"
    " AND first_day >= $3 AND first_day < $4 AND recorded_at <= $5 ORDER BY code LIMIT $6"};
static const struct niva_statement figures_select = {
    "compliance_indicators",
    "SELECT unit, fact_no, body FROM (SELECT DISTINCT ON (id) id, unit, fact_no, body FROM fact"
    " WHERE kind = 'indicator' AND unit = ANY ($1) AND profession_group = $2"
    " AND first_day >= $3 AND first_day < $4 AND recorded_at <= $5 ORDER BY id, version DESC) last"
    " ORDER BY unit COLLATE \"C\", id COLLATE \"C\""};

static bool row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                     void *ret_row)
{
    struct followed_row *followed = ret_row;
    followed->unit = niva_row_text_copy(query, row, 0, arena);
    followed->position = niva_row_int64(query, row, 1);
    return followed->unit != NULL && niva_row_bytes_copy(query, row, 2, arena, &followed->body);
}

static void params_units(struct niva_params *params, const struct followed_question *question,
                         struct niva_arena *arena)
{
    struct niva_column *names = niva_column_new(NIVA_COLUMN_TEXT, arena);
    for (size_t i = 0; i < question->unit_count; i++)
        niva_column_text(names, question->units[i]);
    niva_param_column(params, names);
    niva_param_text(params, question->group);
}

static bool rows_list(struct niva_pg *pg, const struct niva_statement *statement,
                      const struct followed_question *question, struct niva_span months,
                      struct niva_arena *arena, struct followed_rows *ret_rows,
                      struct niva_error *err)
{
    struct niva_query query = {.statement = statement, .params.arena = arena};
    params_units(&query.params, question, arena);
    niva_param_day(&query.params, months.from);
    niva_param_day(&query.params, months.until);
    niva_param_instant(&query.params, question->known_at);
    return niva_pg_list(pg, &query, sizeof *ret_rows->list, row_read, &ret_rows->count,
                        &ret_rows->list, err);
}

bool store_followed_adjustments(struct niva_pg *pg, const struct followed_question *question,
                                struct niva_span months, struct niva_arena *arena,
                                struct followed_rows *ret_rows, struct niva_error *err)
{
    return rows_list(pg, &adjustments_select, question, months, arena, ret_rows, err);
}

bool store_followed_figures(struct niva_pg *pg, const struct followed_question *question,
                            struct niva_span months, struct niva_arena *arena,
                            struct followed_rows *ret_rows, struct niva_error *err)
{
    return rows_list(pg, &figures_select, question, months, arena, ret_rows, err);
}

bool store_followed_breaches(struct niva_pg *pg, const struct followed_question *question,
                             struct niva_arena *arena, struct followed_rows *ret_rows,
                             struct niva_error *err)
{
    struct niva_query query = {.statement = &breaches_select, .params.arena = arena};
    params_units(&query.params, question, arena);
    niva_param_int32(&query.params, PB_BELOW_MINIMUM);
    niva_param_instant(&query.params, question->known_at);
    return niva_pg_list(pg, &query, sizeof *ret_rows->list, row_read, &ret_rows->count,
                        &ret_rows->list, err);
}

bool store_followed_codes(struct niva_pg *pg, const struct followed_question *question,
                          struct niva_span months, int32_t limit, struct niva_arena *arena,
                          size_t *ret_count, const char ***ret_codes, struct niva_error *err)
{
    struct niva_query query = {.statement = &codes_select, .params.arena = arena};
    params_units(&query.params, question, arena);
    niva_param_day(&query.params, months.from);
    niva_param_day(&query.params, months.until);
    niva_param_instant(&query.params, question->known_at);
    niva_param_int64(&query.params, limit);
    return niva_pg_list(pg, &query, sizeof **ret_codes, niva_row_name, ret_count, ret_codes, err);
}

bool store_told_adjustments(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                            struct followed_rows *ret_rows, struct niva_error *err)
{
    struct niva_query query = {.statement = &adjustments_told, .params.arena = arena};
    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof *ret_rows->list, row_read, &ret_rows->count,
                        &ret_rows->list, err);
}

bool store_write_adjustments(struct niva_batch *batch, const struct adjustment_row *rows,
                             size_t count, struct niva_error *err)
{
    static const enum niva_column_type types[] = {
        NIVA_COLUMN_INT64, NIVA_COLUMN_INSTANT, NIVA_COLUMN_UUID, NIVA_COLUMN_TEXT,
        NIVA_COLUMN_TEXT,  NIVA_COLUMN_DAY,     NIVA_COLUMN_BYTES};
    enum { COLUMNS = sizeof types / sizeof *types };
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_column *columns[COLUMNS];
    if (count == 0)
        return true;
    struct niva_params *params = niva_batch_write(batch, &adjustments_insert);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = niva_column_new(types[i], arena);
    for (size_t i = 0; i < count; i++) {
        ProtobufCBinaryData body;
        if (!niva_wire_pack(rows[i].told, arena, &body, err))
            return false;
        niva_column_int64(columns[0], rows[i].position);
        niva_column_instant(columns[1], rows[i].recorded_at);
        niva_column_uuid(columns[2], &rows[i].adjustment_id);
        niva_column_text(columns[3], rows[i].unit);
        niva_column_text(columns[4], rows[i].group);
        niva_column_day(columns[5], rows[i].period);
        niva_column_bytes(columns[6], body.data, body.len);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        niva_param_column(params, columns[i]);
    return true;
}
