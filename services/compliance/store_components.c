/* The amounts that compensation told, kept beside the record. */
#include "services/common/wire/wire.h"
#include "services/compliance/store.h"

static const struct niva_statement components_insert = {
    "compliance_components_insert",
    "INSERT INTO component_amount (position, unit, body) SELECT * FROM unnest($1, $2, $3)"};
static const struct niva_statement components_select = {
    "compliance_components", "SELECT unit, position, body FROM component_amount"
                             " WHERE unit = ANY ($1) ORDER BY position"};

static bool row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                     void *ret_row)
{
    struct stored_component *stored = ret_row;
    stored->unit = niva_row_text_copy(query, row, 0, arena);
    stored->position = niva_row_int64(query, row, 1);
    return stored->unit != NULL && niva_row_bytes_copy(query, row, 2, arena, &stored->body);
}

bool store_components(struct niva_pg *pg, const char *const *units, size_t count,
                      struct niva_arena *arena, size_t *ret_count,
                      struct stored_component **ret_rows, struct niva_error *err)
{
    struct niva_query query = {.statement = &components_select, .params.arena = arena};
    struct niva_column *names = niva_column_new(NIVA_COLUMN_TEXT, arena);
    for (size_t i = 0; i < count; i++)
        niva_column_text(names, units[i]);
    niva_param_column(&query.params, names);
    return niva_pg_list(pg, &query, sizeof **ret_rows, row_read, ret_count, ret_rows, err);
}

bool store_write_components(struct niva_batch *batch, const struct component_row *rows,
                            size_t count, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    if (count == 0)
        return true;
    struct niva_params *params = niva_batch_write(batch, &components_insert);
    struct niva_column *positions = niva_column_new(NIVA_COLUMN_INT64, arena);
    struct niva_column *units = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *bodies = niva_column_new(NIVA_COLUMN_BYTES, arena);
    if (params == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        ProtobufCBinaryData body;
        if (!niva_wire_pack(&rows[i].message->base, arena, &body, err))
            return false;
        niva_column_int64(positions, rows[i].position);
        niva_column_text(units, rows[i].message->unit);
        niva_column_bytes(bodies, body.data, body.len);
    }
    niva_param_column(params, positions);
    niva_param_column(params, units);
    niva_param_column(params, bodies);
    return true;
}
