#include "services/compensation/store_verify_settle.h"

#define SETTLEMENT_COLUMNS "settlement_id, region, period, state, version, recorded_at, body"

static const struct niva_statement settlements_select = {
    "compensation_verify_settlements",
    "SELECT " SETTLEMENT_COLUMNS " FROM settlement"
    " WHERE $1::uuid IS NULL OR settlement_id > $1 ORDER BY settlement_id LIMIT $2"};
static const struct niva_statement versions_select = {
    "compensation_verify_settlement_versions",
    "SELECT " SETTLEMENT_COLUMNS " FROM settlement_version WHERE settlement_id = $1"
    " ORDER BY version"};
static const struct niva_statement files_select = {
    "compensation_verify_files", "SELECT format, sha256, content FROM settlement_file"
                                 " WHERE settlement_id = $1 ORDER BY format"};
static const struct niva_statement settled_select = {
    "compensation_verify_settled",
    "SELECT adjustment_id, state, body FROM settled_line LEFT JOIN adjustment USING (adjustment_id)"
    " WHERE settlement_id = $1 ORDER BY adjustment_id"};
static const struct niva_statement unsettled_select = {
    "compensation_verify_unsettled",
    "SELECT adjustment_id FROM adjustment LEFT JOIN settled_line USING (adjustment_id)"
    " WHERE state IN (6, 7) AND settlement_id IS NULL ORDER BY adjustment_id"};

static bool settlement_read(const struct niva_query *query, int row, struct niva_arena *arena,
                            void *ret_row)
{
    struct stored_settlement *settlement = ret_row;

    settlement->id = niva_row_uuid(query, row, 0);
    settlement->region = niva_row_text_copy(query, row, 1, arena);
    settlement->period = niva_row_day(query, row, 2);
    settlement->state = niva_row_int32(query, row, 3);
    settlement->version = niva_row_int32(query, row, 4);
    settlement->recorded_at = niva_row_instant(query, row, 5);
    return settlement->region != NULL &&
           niva_row_bytes_copy(query, row, 6, arena, &settlement->body);
}

bool store_verify_settlements(struct niva_pg *pg, const struct niva_uuid *after, int32_t limit,
                              struct niva_arena *arena, size_t *ret_count,
                              struct stored_settlement **ret_rows, struct niva_error *err)
{
    struct niva_query query = {.statement = &settlements_select, .params.arena = arena};

    niva_param_uuid(&query.params, after);
    niva_param_int32(&query.params, limit);
    return niva_pg_list(pg, &query, sizeof **ret_rows, settlement_read, ret_count, ret_rows, err);
}

bool store_verify_settlement_versions(struct niva_pg *pg, struct niva_uuid id,
                                      struct niva_arena *arena, size_t *ret_count,
                                      struct stored_settlement **ret_rows, struct niva_error *err)
{
    struct niva_query query = {.statement = &versions_select, .params.arena = arena};

    niva_param_uuid(&query.params, &id);
    return niva_pg_list(pg, &query, sizeof **ret_rows, settlement_read, ret_count, ret_rows, err);
}

static bool file_read(const struct niva_query *query, int row, struct niva_arena *arena,
                      void *ret_row)
{
    struct stored_file *file = ret_row;

    file->format = niva_row_int32(query, row, 0);
    return niva_row_bytes_copy(query, row, 1, arena, &file->sha256) &&
           niva_row_bytes_copy(query, row, 2, arena, &file->content);
}

bool store_verify_files(struct niva_pg *pg, struct niva_uuid id, struct niva_arena *arena,
                        size_t *ret_count, struct stored_file **ret_files, struct niva_error *err)
{
    struct niva_query query = {.statement = &files_select, .params.arena = arena};

    niva_param_uuid(&query.params, &id);
    return niva_pg_list(pg, &query, sizeof **ret_files, file_read, ret_count, ret_files, err);
}

static bool settled_read(const struct niva_query *query, int row, struct niva_arena *arena,
                         void *ret_row)
{
    struct settled_row *settled = ret_row;

    settled->id = niva_row_uuid(query, row, 0);
    settled->state = niva_row_int32(query, row, 1);
    return niva_row_bytes_copy(query, row, 2, arena, &settled->body);
}

bool store_verify_settled(struct niva_pg *pg, struct niva_uuid id, struct niva_arena *arena,
                          size_t *ret_count, struct settled_row **ret_rows, struct niva_error *err)
{
    struct niva_query query = {.statement = &settled_select, .params.arena = arena};

    niva_param_uuid(&query.params, &id);
    return niva_pg_list(pg, &query, sizeof **ret_rows, settled_read, ret_count, ret_rows, err);
}

static bool id_read(const struct niva_query *query, int row, struct niva_arena *arena,
                    void *ret_row)
{
    (void)arena;
    *(struct niva_uuid *)ret_row = niva_row_uuid(query, row, 0);
    return true;
}

bool store_verify_unsettled(struct niva_pg *pg, struct niva_arena *arena, size_t *ret_count,
                            struct niva_uuid **ret_ids, struct niva_error *err)
{
    struct niva_query query = {.statement = &unsettled_select, .params.arena = arena};

    return niva_pg_list(pg, &query, sizeof **ret_ids, id_read, ret_count, ret_ids, err);
}
