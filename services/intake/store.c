#include "services/intake/store.h"

#include <string.h>

const char *const kind_unit = "unit";
const char *const kind_report = "report";
const char *const kind_original = "original";
const char *const kind_confirmation = "confirmation";
const char *const kind_absence = "absence";

/* ---- what a batch needs ---- */

static const struct niva_statement present_facts = {
    "intake_present_facts",
    "SELECT w.kind, f.body FROM unnest($1, $2) AS w (kind, id)"
    " CROSS JOIN LATERAL (SELECT body FROM fact WHERE kind = w.kind AND id = w.id"
    " ORDER BY version DESC LIMIT 1) f"};

#define PLACE_COLUMNS(f)                                                                           \
    f ".fact_no, " f ".id, " f ".unit, " f ".profession_group, " f ".refers_to, " f ".first_day, " \
      "EXISTS (SELECT FROM fact w WHERE w.kind = 'report' AND w.id = " f ".id AND w.version = 2)"  \
      " AS withdrawn"

/* Reports with all that corrects them, directly or through other corrections. */
static const struct niva_statement report_chains = {
    "intake_report_chains",
    "WITH RECURSIVE chain AS (SELECT " PLACE_COLUMNS(
        "f") " FROM fact f"
             " WHERE f.kind = 'report' AND f.version = 1 AND f.id = ANY ($1)"
             " UNION SELECT " PLACE_COLUMNS("r") " FROM chain JOIN fact r ON r.kind = 'report'"
                                                 " AND r.version = 1 AND r.refers_to <> '' AND "
                                                 "r.refers_to = chain.id) TABLE chain"};

static const struct niva_statement group_reports = {
    "intake_group_reports",
    "SELECT " PLACE_COLUMNS("f") " FROM unnest($1, $2) AS w (unit, profession_group) JOIN fact f"
                                 " ON f.unit = w.unit AND f.profession_group = w.profession_group"
                                 " WHERE f.unit <> '' AND f.kind = 'report' AND f.version = 1"};

void wants_fact(struct wants *wants, const char *kind, const char *id)
{
    for (size_t i = 0; i < wants->fact_count; i++)
        if (strcmp(wants->ids[i], id) == 0 && wants->kinds[i] == kind)
            return;
    wants->kinds[wants->fact_count] = kind;
    wants->ids[wants->fact_count++] = id;
}

void wants_chain(struct wants *wants, const char *report_id)
{
    for (size_t i = 0; i < wants->chain_count; i++)
        if (strcmp(wants->chains[i], report_id) == 0)
            return;
    wants->chains[wants->chain_count++] = report_id;
}

void wants_group(struct wants *wants, const char *unit, const char *profession_group)
{
    for (size_t i = 0; i < wants->group_count; i++)
        if (strcmp(wants->units[i], unit) == 0 && strcmp(wants->groups[i], profession_group) == 0)
            return;
    wants->units[wants->group_count] = unit;
    wants->groups[wants->group_count++] = profession_group;
}

static void query_begin(struct niva_query *query, const struct niva_statement *statement,
                        struct niva_arena *arena)
{
    *query = (struct niva_query){.statement = statement, .params.arena = arena};
}

static void param_texts(struct niva_params *params, const char *const *texts, size_t count)
{
    struct niva_column *column = niva_column_new(NIVA_COLUMN_TEXT, params->arena);

    for (size_t i = 0; i < count; i++)
        niva_column_text(column, texts[i]);
    niva_param_column(params, column);
}

/* The queries that are needed; at most three. */
static size_t queries_build(const struct wants *wants, struct niva_arena *arena,
                            struct niva_query *queries)
{
    size_t count = 0;

    if (wants->chain_count > 0) {
        query_begin(&queries[count], &report_chains, arena);
        param_texts(&queries[count++].params, wants->chains, wants->chain_count);
    }
    if (wants->group_count > 0) {
        query_begin(&queries[count], &group_reports, arena);
        param_texts(&queries[count].params, wants->units, wants->group_count);
        param_texts(&queries[count++].params, wants->groups, wants->group_count);
    }
    if (wants->fact_count > 0) {
        query_begin(&queries[count], &present_facts, arena);
        param_texts(&queries[count].params, wants->kinds, wants->fact_count);
        param_texts(&queries[count++].params, wants->ids, wants->fact_count);
    }
    return count;
}

static bool text_copy(const struct niva_query *query, int row, int column, struct niva_arena *arena,
                      const char **ret_text)
{
    *ret_text = niva_arena_strdup(arena, niva_row_text(query, row, column));
    return *ret_text != NULL;
}

static bool place_add(const struct niva_query *query, int row, struct niva_arena *arena,
                      struct state *state)
{
    struct report_record record = {
        .effective_from = niva_row_day(query, row, 5),
        .order = niva_row_int64(query, row, 0),
        .withdrawn = niva_row_bool(query, row, 6),
    };

    return text_copy(query, row, 1, arena, &record.report_id) &&
           text_copy(query, row, 2, arena, &record.unit) &&
           text_copy(query, row, 3, arena, &record.profession_group) &&
           text_copy(query, row, 4, arena, &record.corrects) && state_add_report(state, &record);
}

static bool fact_add(const char *kind, const uint8_t *body, size_t size, struct niva_arena *arena,
                     struct state *state, struct niva_error *err)
{
    const ProtobufCMessageDescriptor *type = &niva__intake__v1__staffing_report__descriptor;
    ProtobufCMessage *message;

    if (strcmp(kind, kind_unit) == 0)
        type = &niva__intake__v1__unit__descriptor;
    if (strcmp(kind, kind_absence) == 0)
        type = &niva__intake__v1__absence__descriptor;
    if (!niva_wire_unpack(type, body, size, false, arena, &message, err))
        return niva_fail_internal(err, "a recorded %s cannot be read", type->name);
    if (strcmp(kind, kind_unit) == 0)
        return state_add_unit(state, (const void *)message) || niva_fail_memory(err);
    if (strcmp(kind, kind_absence) == 0)
        return state_add_absence(state, (const void *)message) || niva_fail_memory(err);
    state_set_report(state, (const void *)message);
    return true;
}

static bool rows_add(const struct niva_query *query, struct niva_arena *arena, struct state *state,
                     struct niva_error *err)
{
    for (int row = 0; row < niva_rows(query); row++) {
        const uint8_t *body;
        size_t size;

        if (query->statement != &present_facts) {
            if (!place_add(query, row, arena, state))
                return niva_fail_memory(err);
            continue;
        }
        body = niva_row_bytes(query, row, 1, &size);
        if (!fact_add(niva_row_text(query, row, 0), body, size, arena, state, err))
            return false;
    }
    return true;
}

bool store_read(struct niva_pg *pg, const struct wants *wants, struct niva_arena *arena,
                struct state *state, struct niva_error *err)
{
    struct niva_query queries[3];
    size_t count = queries_build(wants, arena, queries);
    bool good = count == 0 || niva_pg_run(pg, queries, count, err);

    for (size_t i = 0; good && i < count; i++)
        good = rows_add(&queries[i], arena, state, err);
    niva_queries_clear(queries, count);
    return good;
}

/* ---- lists ---- */

/* A page: the inner rows (one more than asked for), cut before the content passes 4 MiB. `total`
 * tells whether anything was cut. */
#define PAGE(order, inner)                                                                         \
    "SELECT fact_no, id, version, body, corrected_by, total FROM (SELECT i.*,"                     \
    " count(*) OVER () AS total, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY " order ")"   \
    " - coalesce(octet_length(body), 0) AS before FROM (" inner ") i) p"                           \
    " WHERE before < 4194304 ORDER BY " order

/* Of each identity only the last version known at $1, unless history is asked for ($2). */
#define PRESENT                                                                                    \
    " AND ($2 OR NOT EXISTS (SELECT FROM fact l WHERE l.kind = f.kind AND l.id = f.id"             \
    " AND l.version > f.version AND l.recorded_at <= $1))"

/* A report is its first version, or the withdrawal of it that is known; then what replaced it:
 * down the corrections, past withdrawn ones. */
#define REPORTS                                                                                    \
    "SELECT f.fact_no, f.id, f.version, coalesce(w.body, f.body) AS body,"                         \
    " coalesce(c.id, '') AS corrected_by FROM fact f LEFT JOIN fact w ON w.kind = 'report'"        \
    " AND w.id = f.id AND w.version = 2 AND w.recorded_at <= $1 LEFT JOIN LATERAL ("               \
    "WITH RECURSIVE later AS (SELECT f.id AS id, true AS passed UNION ALL"                         \
    " SELECT r.id, EXISTS (SELECT FROM fact v WHERE v.kind = 'report' AND v.id = r.id"             \
    " AND v.version = 2 AND v.recorded_at <= $1) FROM later JOIN fact r ON r.kind = 'report'"      \
    " AND r.version = 1 AND r.refers_to <> '' AND r.refers_to = later.id AND r.recorded_at <= $1"  \
    " WHERE later.passed) SELECT later.id FROM later WHERE NOT later.passed LIMIT 1) c ON true"    \
    " WHERE f.kind = 'report' AND f.version = 1 AND f.recorded_at <= $1"

/* A list in the order of the record: $3 the last one seen, $4 how many, $5 unit, $6 group. One
 * statement for a unit and one for all: a plan that suits both suits neither. */
#define LIST(name, rows)                                                                           \
    static const struct niva_statement name##_of_unit = {                                          \
        "intake_" #name "_of_unit",                                                                \
        PAGE("fact_no", rows " AND f.unit = $5 AND f.unit <> ''" LIST_END)};                       \
    static const struct niva_statement name##_of_all = {                                           \
        "intake_" #name "_of_all", PAGE("fact_no", rows " AND $5 = ''" LIST_END)}
#define LIST_END                                                                                   \
    " AND ($6 = '' OR f.profession_group = $6) AND f.fact_no > $3 ORDER BY f.fact_no LIMIT $4"

LIST(reports, REPORTS " AND ($2 OR (w.id IS NULL AND c.id IS NULL))"
                      " AND ($7::date IS NULL OR f.first_day >= $7)");

#define ROWS_OF(kind)                                                                              \
    "SELECT f.fact_no, f.id, f.version, f.body, '' AS corrected_by FROM fact f"                    \
    " WHERE f.kind = '" kind "' AND f.recorded_at <= $1" PRESENT

LIST(confirmations, ROWS_OF("confirmation"));
LIST(absences, ROWS_OF("absence") " AND ($2 OR f.refers_to = '')");

#define UNIT_ORDER "id COLLATE \"C\", version"

static const struct niva_statement units_list = {
    "intake_units_list",
    PAGE(UNIT_ORDER, ROWS_OF("unit") " AND (f.id COLLATE \"C\", f.version) > ($3, $4)"
                                     " AND ($6 = '' OR f.region = $6)"
                                     " ORDER BY " UNIT_ORDER " LIMIT $5")};

static const struct niva_statement report_get = {
    "intake_report_get", "SELECT r.*, 1::bigint AS total FROM (" REPORTS " AND f.id = $2) r"};

static bool row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                     struct store_row *ret_row)
{
    size_t size;
    const uint8_t *body = niva_row_bytes(query, row, 3, &size);

    ret_row->fact_no = niva_row_int64(query, row, 0);
    ret_row->version = niva_row_int32(query, row, 2);
    ret_row->body.len = size;
    ret_row->body.data = (uint8_t *)niva_arena_copy(arena, body, size);
    return ret_row->body.data != NULL && text_copy(query, row, 1, arena, &ret_row->id) &&
           text_copy(query, row, 4, arena, &ret_row->corrected_by);
}

/* Runs a list and keeps at most `most` of its rows. */
static bool page_run(struct niva_pg *pg, struct niva_query *query, int32_t most,
                     struct store_page *ret_page, struct niva_error *err)
{
    struct niva_arena *arena = query->params.arena;
    struct store_page page = {0};
    bool good = niva_pg_run(pg, query, 1, err);

    if (good) {
        int rows = niva_rows(query);

        page.count = (size_t)(rows < most ? rows : most);
        page.more = rows > 0 && niva_row_int64(query, 0, 5) > (int64_t)page.count;
        page.rows = niva_arena_array(arena, page.count, sizeof *page.rows);
        good = page.rows != NULL || niva_fail_memory(err);
    }
    for (size_t i = 0; good && i < page.count; i++)
        good = row_read(query, (int)i, arena, &page.rows[i]) || niva_fail_memory(err);
    niva_queries_clear(query, 1);
    if (good)
        *ret_page = page;
    return good;
}

bool store_list_units(struct niva_pg *pg, const struct store_filter *filter,
                      struct niva_arena *arena, struct store_page *ret_page, struct niva_error *err)
{
    struct niva_query query;

    query_begin(&query, &units_list, arena);
    niva_param_instant(&query.params, filter->known_at);
    niva_param_bool(&query.params, filter->include_history);
    niva_param_text(&query.params, filter->after_id);
    niva_param_int32(&query.params, filter->after_version);
    niva_param_int64(&query.params, filter->page_size + 1);
    niva_param_text(&query.params, filter->region);
    return page_run(pg, &query, filter->page_size, ret_page, err);
}

/* A list in the order of the record, with its parameters $1 … $6. */
static void list_begin(struct niva_query *query, const struct niva_statement *of_unit,
                       const struct niva_statement *of_all, const struct store_filter *filter,
                       struct niva_arena *arena)
{
    query_begin(query, filter->unit[0] != '\0' ? of_unit : of_all, arena);
    niva_param_instant(&query->params, filter->known_at);
    niva_param_bool(&query->params, filter->include_history);
    niva_param_int64(&query->params, filter->after_no);
    niva_param_int64(&query->params, filter->page_size + 1);
    niva_param_text(&query->params, filter->unit);
    niva_param_text(&query->params, filter->profession_group);
}

bool store_list_reports(struct niva_pg *pg, const struct store_filter *filter,
                        struct niva_arena *arena, struct store_page *ret_page,
                        struct niva_error *err)
{
    struct niva_query query;

    list_begin(&query, &reports_of_unit, &reports_of_all, filter, arena);
    niva_param_day(&query.params, filter->since);
    return page_run(pg, &query, filter->page_size, ret_page, err);
}

bool store_list_confirmations(struct niva_pg *pg, const struct store_filter *filter,
                              struct niva_arena *arena, struct store_page *ret_page,
                              struct niva_error *err)
{
    struct niva_query query;

    list_begin(&query, &confirmations_of_unit, &confirmations_of_all, filter, arena);
    return page_run(pg, &query, filter->page_size, ret_page, err);
}

bool store_list_absences(struct niva_pg *pg, const struct store_filter *filter,
                         struct niva_arena *arena, struct store_page *ret_page,
                         struct niva_error *err)
{
    struct niva_query query;

    list_begin(&query, &absences_of_unit, &absences_of_all, filter, arena);
    return page_run(pg, &query, filter->page_size, ret_page, err);
}

bool store_get_report(struct niva_pg *pg, const char *report_id, niva_instant known_at,
                      struct niva_arena *arena, struct store_page *ret_page, struct niva_error *err)
{
    struct niva_query query;

    query_begin(&query, &report_get, arena);
    niva_param_instant(&query.params, known_at);
    niva_param_text(&query.params, report_id);
    return page_run(pg, &query, 1, ret_page, err);
}
