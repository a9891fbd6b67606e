#include "services/compliance/store_verify.h"

static const struct niva_statement units_select = {
    "compliance_verify_units",
    "SELECT unit FROM ("
    " (SELECT DISTINCT unit FROM fact WHERE unit > $1 AND unit <> '' ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM unit_group_state WHERE unit > $1 ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM month_published WHERE unit > $1 ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM breach_version WHERE unit > $1 ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM component_amount WHERE unit > $1 ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM adjustment_told WHERE unit > $1 ORDER BY unit LIMIT $2)"
    ") AS kept ORDER BY unit LIMIT $2"};
static const struct niva_statement breaches_select = {
    "compliance_verify_breaches",
    "SELECT breach_id, version, kind, state, unit, profession_group, first_day, last_day,"
    " opened_order, recorded_at, body FROM breach_version WHERE unit = $1"
    " ORDER BY opened_order, version"};
static const struct niva_statement states_select = {
    "compliance_verify_states", "SELECT profession_group, next_change_day FROM unit_group_state"
                                " WHERE unit = $1 ORDER BY profession_group"};
static const struct niva_statement dirty_select = {
    "compliance_verify_dirty", "SELECT profession_group FROM dirty WHERE unit = $1"};
static const struct niva_statement imported_select = {
    "compliance_verify_imported",
    "SELECT kind, id, version, refers_to FROM fact f WHERE unit = $1 AND unit <> ''"
    " AND kind IN ('listing', 'contract', 'indicator') AND refers_to <> ''"
    " AND NOT EXISTS (SELECT FROM fact i WHERE i.kind = 'import' AND i.id = f.refers_to"
    "  AND i.recorded_at = f.recorded_at) ORDER BY fact_no"};

bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err)
{
    return niva_verify_units(pg, &units_select, unit, after, limit, arena, ret_count, ret_units,
                             err);
}

static bool breach_read(const struct niva_query *query, int row, struct niva_arena *arena,
                        void *ret_row)
{
    struct stored_breach *breach = ret_row;

    breach->breach_id = niva_row_uuid(query, row, 0);
    breach->version = niva_row_int32(query, row, 1);
    breach->kind = niva_row_int32(query, row, 2);
    breach->state = niva_row_int32(query, row, 3);
    breach->unit = niva_row_text_copy(query, row, 4, arena);
    breach->group = niva_row_text_copy(query, row, 5, arena);
    breach->first_day = niva_row_day(query, row, 6);
    breach->last_day = niva_row_day(query, row, 7);
    breach->opened_order = niva_row_int64(query, row, 8);
    breach->recorded_at = niva_row_instant(query, row, 9);
    return breach->unit != NULL && breach->group != NULL &&
           niva_row_bytes_copy(query, row, 10, arena, &breach->body);
}

bool store_verify_breaches(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_breach **ret_rows,
                           struct niva_error *err)
{
    struct niva_query query = {.statement = &breaches_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_rows, breach_read, ret_count, ret_rows, err);
}

static bool state_read(const struct niva_query *query, int row, struct niva_arena *arena,
                       void *ret_row)
{
    struct stored_state *state = ret_row;

    state->group = niva_row_text_copy(query, row, 0, arena);
    state->next_change_day = niva_row_day(query, row, 1);
    return state->group != NULL;
}

bool store_verify_states(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                         size_t *ret_count, struct stored_state **ret_states,
                         struct niva_error *err)
{
    struct niva_query query = {.statement = &states_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_states, state_read, ret_count, ret_states, err);
}

bool store_verify_dirty(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                        size_t *ret_count, const char ***ret_groups, struct niva_error *err)
{
    struct niva_query query = {.statement = &dirty_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_groups, niva_row_name, ret_count, ret_groups, err);
}

static bool imported_read(const struct niva_query *query, int row, struct niva_arena *arena,
                          void *ret_row)
{
    struct stored_import *imported = ret_row;

    imported->kind = niva_row_text_copy(query, row, 0, arena);
    imported->id = niva_row_text_copy(query, row, 1, arena);
    imported->version = niva_row_int32(query, row, 2);
    imported->import_id = niva_row_text_copy(query, row, 3, arena);
    return imported->kind != NULL && imported->id != NULL && imported->import_id != NULL;
}

bool store_verify_imported(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_import **ret_rows,
                           struct niva_error *err)
{
    struct niva_query query = {.statement = &imported_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_rows, imported_read, ret_count, ret_rows, err);
}
