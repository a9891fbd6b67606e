#include "services/compensation/store_verify.h"

#define LINE_COLUMNS                                                                               \
    "adjustment_id, unit, component, profession_group, period, state, version, recorded_at,"       \
    " computed_at, computed_for, body"

static const struct niva_statement units_select = {
    "compensation_verify_units",
    "SELECT unit FROM ("
    " (SELECT DISTINCT unit COLLATE \"C\" AS unit FROM fact"
    "  WHERE unit COLLATE \"C\" > $1 AND unit <> '')"
    " UNION (SELECT DISTINCT unit FROM month_timeline WHERE unit > $1 ORDER BY unit LIMIT $2)"
    " UNION (SELECT DISTINCT unit FROM adjustment WHERE unit > $1)"
    " UNION (SELECT DISTINCT unit FROM adjustment_version WHERE unit > $1)"
    ") AS kept ORDER BY unit COLLATE \"C\" LIMIT $2"};
static const struct niva_statement months_select = {
    "compensation_verify_months",
    "SELECT unit, profession_group, month, version, recorded_at, below_from, body"
    " FROM month_timeline WHERE unit = $1 ORDER BY profession_group, month, version"};
static const struct niva_statement lines_select = {
    "compensation_verify_lines", "SELECT " LINE_COLUMNS " FROM adjustment WHERE unit = $1"
                                 " ORDER BY adjustment_id"};
static const struct niva_statement versions_select = {
    "compensation_verify_versions", "SELECT " LINE_COLUMNS " FROM adjustment_version"
                                    " WHERE unit = $1 ORDER BY adjustment_id, version"};
static const struct niva_statement dialogue_select = {
    "compensation_verify_dialogue",
    "SELECT position, kind, profession_group, recorded_at, body FROM dialogue WHERE unit = $1"
    " ORDER BY position"};
static const struct niva_statement today_select = {"compensation_verify_today",
                                                   "SELECT (SELECT day FROM today)"};

bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err)
{
    return niva_verify_units(pg, &units_select, unit, after, limit, arena, ret_count, ret_units,
                             err);
}

static bool month_read(const struct niva_query *query, int row, struct niva_arena *arena,
                       void *ret_row)
{
    struct stored_month *month = ret_row;

    month->unit = niva_row_text_copy(query, row, 0, arena);
    month->group = niva_row_text_copy(query, row, 1, arena);
    month->month = niva_row_day(query, row, 2);
    month->version = niva_row_int32(query, row, 3);
    month->recorded_at = niva_row_instant(query, row, 4);
    month->below_from = niva_row_day(query, row, 5);
    return month->unit != NULL && month->group != NULL &&
           niva_row_bytes_copy(query, row, 6, arena, &month->body);
}

bool store_verify_months(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                         size_t *ret_count, struct stored_month **ret_months,
                         struct niva_error *err)
{
    struct niva_query query = {.statement = &months_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_months, month_read, ret_count, ret_months, err);
}

static bool line_read(const struct niva_query *query, int row, struct niva_arena *arena,
                      void *ret_row)
{
    struct stored_line *line = ret_row;

    line->id = niva_row_uuid(query, row, 0);
    line->unit = niva_row_text_copy(query, row, 1, arena);
    line->component = niva_row_text_copy(query, row, 2, arena);
    line->group = niva_row_text_copy(query, row, 3, arena);
    line->period = niva_row_day(query, row, 4);
    line->state = niva_row_int32(query, row, 5);
    line->version = niva_row_int32(query, row, 6);
    line->recorded_at = niva_row_instant(query, row, 7);
    line->computed_at = niva_row_instant(query, row, 8);
    line->computed_for = niva_row_day(query, row, 9);
    return line->unit != NULL && line->component != NULL && line->group != NULL &&
           niva_row_bytes_copy(query, row, 10, arena, &line->body);
}

bool store_verify_lines(struct niva_pg *pg, bool versions, const char *unit,
                        struct niva_arena *arena, size_t *ret_count, struct stored_line **ret_lines,
                        struct niva_error *err)
{
    struct niva_query query = {.statement = versions ? &versions_select : &lines_select,
                               .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_lines, line_read, ret_count, ret_lines, err);
}

static bool dialogue_read(const struct niva_query *query, int row, struct niva_arena *arena,
                          void *ret_row)
{
    struct stored_dialogue *told = ret_row;

    told->position = niva_row_int64(query, row, 0);
    told->kind = niva_row_int32(query, row, 1);
    told->group = niva_row_text_copy(query, row, 2, arena);
    told->recorded_at = niva_row_instant(query, row, 3);
    return told->group != NULL && niva_row_bytes_copy(query, row, 4, arena, &told->body);
}

bool store_verify_dialogue(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_dialogue **ret_rows,
                           struct niva_error *err)
{
    struct niva_query query = {.statement = &dialogue_select, .params.arena = arena};

    niva_param_text(&query.params, unit);
    return niva_pg_list(pg, &query, sizeof **ret_rows, dialogue_read, ret_count, ret_rows, err);
}

bool store_today(struct niva_pg *pg, niva_day *ret_today, struct niva_error *err)
{
    struct niva_query query = {.statement = &today_select};
    bool good = niva_pg_run(pg, &query, 1, err);

    if (good)
        *ret_today = niva_row_day(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return good;
}
