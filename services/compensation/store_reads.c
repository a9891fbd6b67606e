#include "services/compensation/store_rows.h"

#include <string.h>

#define ROW_COLUMNS "unit, component, profession_group, " LINE_COLUMNS

static const struct niva_statement present_select = {
    "compensation_present",
    "SELECT h.recorded_at, t.day FROM stream_head h LEFT JOIN today t ON true"};

/* $4: a state, 0: all but SUPERSEDED, -1: all. */
#define LINE_FILTER                                                                                \
    " WHERE ($1::date IS NULL OR period = $1) AND ($2 = '' OR unit = $2)"                          \
    "  AND ($3 = '' OR profession_group = $3)"                                                     \
    "  AND CASE $4::int WHEN 0 THEN state <> 8 WHEN -1 THEN true ELSE state = $4 END"              \
    "  AND ($5::date IS NULL OR (period, unit, component, profession_group, adjustment_id,"        \
    "   version) > ($5, $6::text, $7::text, $8::text, $9::uuid, $10::int))"                        \
    " ORDER BY period, unit, component, profession_group, adjustment_id, version LIMIT $11"

static const struct niva_statement lines_list = {
    "compensation_lines_list", "SELECT " LINE_COLUMNS " FROM adjustment" LINE_FILTER};

/* As known at $12; all versions with $13, else the last known one of each. What is preliminary has
 * no past: it is known now alone. */
static const struct niva_statement versions_list = {
    "compensation_versions_list",
    "SELECT " LINE_COLUMNS " FROM ("
    "  SELECT " ROW_COLUMNS " FROM adjustment_version v WHERE recorded_at <= $12"
    "   AND ($13 OR NOT EXISTS (SELECT FROM adjustment_version later"
    "    WHERE later.adjustment_id = v.adjustment_id AND later.version = v.version + 1"
    "     AND later.recorded_at <= $12))"
    "  UNION ALL SELECT " ROW_COLUMNS " FROM adjustment WHERE state = 1 AND $12 = 'infinity'"
    " ) AS line" LINE_FILTER};

static const struct niva_statement line_get = {
    "compensation_line_get", "SELECT " LINE_COLUMNS " FROM adjustment WHERE adjustment_id = $1"};

static const struct niva_statement version_get = {
    "compensation_version_get",
    "SELECT " LINE_COLUMNS " FROM adjustment_version WHERE adjustment_id = $1"
    " AND recorded_at <= $2 ORDER BY version DESC LIMIT 1"};

/* Parameters $1 … $11 of a list. */
static void filter_put(struct niva_params *params, const struct store_filter *filter)
{
    const struct store_key *after = filter->after;

    niva_param_day(params, filter->period);
    niva_param_text(params, filter->unit != NULL ? filter->unit : "");
    niva_param_text(params, filter->group != NULL ? filter->group : "");
    niva_param_int32(params, filter->state == 0 && filter->history ? -1 : filter->state);
    niva_param_day(params, after != NULL ? after->period : NIVA_DAY_NONE);
    niva_param_text(params, after != NULL ? after->unit : NULL);
    niva_param_text(params, after != NULL ? after->component : NULL);
    niva_param_text(params, after != NULL ? after->group : NULL);
    niva_param_uuid(params, after != NULL ? &after->id : NULL);
    niva_param_int32(params, after != NULL ? after->version : 0);
    niva_param_int32(params, filter->limit);
}

bool store_known_at(struct niva_pg *pg, struct niva_arena *arena, niva_instant *known_at,
                    niva_day *ret_today, struct niva_error *err)
{
    struct niva_query query = {.statement = &present_select, .params = {.arena = arena}};
    niva_day day = niva_local_day(*known_at);
    bool done = niva_pg_run(pg, &query, 1, err);

    if (done) {
        niva_day today = niva_row_day(&query, 0, 1);

        *ret_today = day < today ? day : today;
        if (niva_row_instant(&query, 0, 0) <= *known_at)
            *known_at = INT64_MAX;
    }
    niva_queries_clear(&query, 1);
    return done;
}

bool store_adjustments_list(struct niva_pg *pg, const struct store_filter *filter,
                            struct niva_arena *arena, size_t *ret_count,
                            struct sheet_row ***ret_rows, struct niva_error *err)
{
    bool versions = filter->history || filter->known_at != INT64_MAX;
    struct niva_query query = {.statement = versions ? &versions_list : &lines_list,
                               .params = {.arena = arena}};

    filter_put(&query.params, filter);
    if (versions) {
        niva_param_instant(&query.params, filter->known_at);
        niva_param_bool(&query.params, filter->history);
    }
    return line_rows_read(pg, &query, arena, ret_count, ret_rows, err);
}

bool store_adjustment_get(struct niva_pg *pg, struct niva_uuid id, niva_instant known_at,
                          struct niva_arena *arena, struct sheet_row **ret_row,
                          struct niva_error *err)
{
    struct niva_query query = {.statement = known_at == INT64_MAX ? &line_get : &version_get,
                               .params = {.arena = arena}};
    struct sheet_row *row = NULL;
    bool done;

    niva_param_uuid(&query.params, &id);
    if (known_at != INT64_MAX)
        niva_param_instant(&query.params, known_at);
    done = niva_pg_run(pg, &query, 1, err) &&
           (niva_rows(&query) == 0 || line_row_read(&query, 0, arena, &row, err));
    niva_queries_clear(&query, 1);
    if (done)
        *ret_row = row;
    return done;
}
