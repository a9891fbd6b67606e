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

static const struct niva_statement timeline_get = {
    "compensation_timeline_get",
    "SELECT " TIMELINE_COLUMNS " FROM month_timeline t WHERE t.unit = $1"
    " AND t.profession_group = $2 AND t.month = $3 AND t.recorded_at <= $4"
    " ORDER BY t.version DESC LIMIT 1"};

/* The decided lines of a month, in any order; what was decided stays decided. */
static const struct niva_statement decided_get = {
    "compensation_decided_get",
    "SELECT " LINE_COLUMNS " FROM adjustment WHERE unit = $1 AND profession_group = $2"
    " AND period = $3 AND component = $4 AND state IN (4, 5, 6, 7)"};

static const struct niva_statement dialogue_get = {
    "compensation_dialogue_get",
    "SELECT " DIALOGUE_COLUMNS " FROM dialogue WHERE unit = $1 AND profession_group = $2"
    " AND recorded_at <= $3 ORDER BY position"};

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
    struct sheet_row **rows = NULL;
    bool done;

    filter_put(&query.params, filter);
    if (versions) {
        niva_param_instant(&query.params, filter->known_at);
        niva_param_bool(&query.params, filter->history);
    }
    done = niva_pg_run(pg, &query, 1, err);
    if (done) {
        *ret_count = (size_t)niva_rows(&query);
        rows = niva_arena_array(arena, *ret_count, sizeof *rows);
        done = rows != NULL || niva_fail_memory(err);
    }
    for (int i = 0; done && i < niva_rows(&query); i++)
        done = line_row_read(&query, i, arena, &rows[i], err);
    niva_queries_clear(&query, 1);
    if (done)
        *ret_rows = rows;
    return done;
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

enum { COMPONENTS_PAGE = 1000 };

bool store_components_get(struct niva_pg *pg, const char *unit, const char *group,
                          niva_instant known_at, struct niva_arena *arena, size_t *ret_count,
                          const struct niva_component **ret_components, struct niva_error *err)
{
    struct niva_fact_filter filter = {.kind = "component",
                                      .unit = unit,
                                      .group = group,
                                      .since = NIVA_DAY_NONE,
                                      .known_at = known_at,
                                      .limit = COMPONENTS_PAGE};
    struct niva_component *components = NULL;
    struct niva_fact *facts;
    size_t total = 0;
    size_t count;

    do {
        struct niva_component *more;

        if (!niva_facts_list(pg, &filter, arena, &count, &facts, err))
            return false;
        more = niva_arena_array(arena, total + count, sizeof *more);
        if (more == NULL)
            return niva_fail_memory(err);
        if (total > 0)
            memcpy(more, components, total * sizeof *more);
        components = more;
        for (size_t i = 0; i < count; i++)
            if (!component_fact_read(&facts[i], arena, &components[total + i], err))
                return false;
        total += count;
        if (count > 0)
            filter.after_no = facts[count - 1].fact_no;
    } while (count == COMPONENTS_PAGE);
    *ret_count = total;
    *ret_components = components;
    return true;
}

static bool timeline_find(struct niva_pg *pg, const struct store_question *question,
                          struct niva_arena *arena,
                          const Niva__Compliance__V1__TimelineChanged **ret_timeline,
                          struct niva_error *err)
{
    struct niva_query query = {.statement = &timeline_get, .params = {.arena = arena}};
    ProtobufCMessage *message = NULL;
    const uint8_t *bytes;
    size_t size;
    bool done;

    niva_param_text(&query.params, question->unit);
    niva_param_text(&query.params, question->group);
    niva_param_day(&query.params, question->period);
    niva_param_instant(&query.params, question->known_at);
    done = niva_pg_run(pg, &query, 1, err);
    if (done && niva_rows(&query) > 0) {
        bytes = niva_row_bytes(&query, 0, 6, &size);
        done = niva_wire_unpack(&niva__compliance__v1__timeline_changed__descriptor, bytes, size,
                                false, arena, &message, err);
    }
    niva_queries_clear(&query, 1);
    if (done)
        *ret_timeline = (const Niva__Compliance__V1__TimelineChanged *)message;
    return done;
}

/* The decided ones of the rows that were decided up to an instant, in the order of their decisions.
 */
static bool decided_sort(struct sheet_row *const *rows, size_t count, niva_instant known_at,
                         struct niva_arena *arena, struct line_basis *basis)
{
    const Niva__Compensation__V1__Adjustment **sorted =
        niva_arena_array(arena, count, sizeof *sorted);
    niva_instant *instants = niva_arena_array(arena, count, sizeof *instants);
    size_t kept = 0;

    if (sorted == NULL || instants == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const Niva__Compensation__V1__Adjustment *line = rows[i]->body;
        niva_instant decided;
        size_t at = kept;

        if (line->decision_recorded_at == NULL ||
            !niva_wire_instant(line->decision_recorded_at, &decided) || decided > known_at)
            continue;
        for (; at > 0 && instants[at - 1] > decided; at--) {
            sorted[at] = sorted[at - 1];
            instants[at] = instants[at - 1];
        }
        sorted[at] = line;
        instants[at] = decided;
        kept++;
    }
    basis->decided_count = kept;
    basis->decided = sorted;
    return true;
}

static bool decided_find(struct niva_pg *pg, const struct store_question *question,
                         struct niva_arena *arena, struct line_basis *basis, struct niva_error *err)
{
    struct niva_query query = {.statement = &decided_get, .params = {.arena = arena}};
    struct sheet_row **rows = NULL;
    size_t count = 0;
    bool done;

    niva_param_text(&query.params, question->unit);
    niva_param_text(&query.params, question->group);
    niva_param_day(&query.params, question->period);
    niva_param_text(&query.params, question->component);
    done = niva_pg_run(pg, &query, 1, err);
    if (done) {
        count = (size_t)niva_rows(&query);
        rows = niva_arena_array(arena, count, sizeof *rows);
        done = rows != NULL || niva_fail_memory(err);
    }
    for (size_t i = 0; done && i < count; i++)
        done = line_row_read(&query, (int)i, arena, &rows[i], err);
    niva_queries_clear(&query, 1);
    return done &&
           (decided_sort(rows, count, question->known_at, arena, basis) || niva_fail_memory(err));
}

static bool dialogue_find(struct niva_pg *pg, const struct store_question *question,
                          struct niva_arena *arena, struct line_basis *basis,
                          struct niva_error *err)
{
    struct niva_query query = {.statement = &dialogue_get, .params = {.arena = arena}};
    const struct dialogue_entry **entries = NULL;
    struct dialogue_entry *list = NULL;
    size_t count = 0;
    bool done;

    niva_param_text(&query.params, question->unit);
    niva_param_text(&query.params, question->group);
    niva_param_instant(&query.params, question->known_at);
    done = niva_pg_run(pg, &query, 1, err);
    if (done) {
        count = (size_t)niva_rows(&query);
        entries = niva_arena_array(arena, count, sizeof *entries);
        list = niva_arena_array(arena, count, sizeof *list);
        done = (entries != NULL && list != NULL) || niva_fail_memory(err);
    }
    for (size_t i = 0; done && i < count; i++) {
        entries[i] = &list[i];
        done = dialogue_row_read(&query, (int)i, arena, &list[i], err);
    }
    niva_queries_clear(&query, 1);
    if (done) {
        basis->entry_count = count;
        basis->entries = entries;
    }
    return done;
}

bool store_basis_get(struct niva_pg *pg, const struct store_question *question,
                     struct niva_arena *arena, struct line_basis *ret_basis, struct niva_error *err)
{
    struct line_basis basis = {.known_at = question->known_at};

    if (!timeline_find(pg, question, arena, &basis.timeline, err) ||
        !decided_find(pg, question, arena, &basis, err) ||
        !dialogue_find(pg, question, arena, &basis, err))
        return false;
    *ret_basis = basis;
    return true;
}

bool store_basis_costed_get(struct niva_pg *pg, const struct store_question *question,
                            niva_day today, struct niva_arena *arena, struct line_basis *ret_basis,
                            struct niva_error *err)
{
    struct amounts *amounts = niva_arena_alloc(arena, sizeof *amounts);
    const struct niva_component *components;
    struct line_basis basis;
    size_t count;

    if (amounts == NULL)
        return niva_fail_memory(err);
    if (!store_basis_get(pg, question, arena, &basis, err))
        return false;
    if (basis.timeline != NULL) {
        if (!store_components_get(pg, question->unit, question->group, question->known_at, arena,
                                  &count, &components, err) ||
            !amounts_compute(basis.timeline, components, count, today, arena, amounts, err))
            return false;
        basis.amounts = amounts;
    }
    *ret_basis = basis;
    return true;
}
