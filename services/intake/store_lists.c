/* What queries list, and which of several reports stands. */
#include "services/intake/store_inside.h"

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

/* What stands of some units on some days; $1 is the end of time. */
const struct niva_statement report_twins = {
    "intake_report_twins",
    REPORTS " AND w.id IS NULL AND c.id IS NULL AND f.unit <> '' AND f.erased_by IS NULL"
            " AND (f.unit, f.first_day) IN (SELECT u, d::date FROM unnest($2, $3) AS t (u, d))"};

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
LIST(erasures, ROWS_OF("erasure"));

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
    ret_row->id = niva_row_text_copy(query, row, 1, arena);
    ret_row->corrected_by = niva_row_text_copy(query, row, 4, arena);
    ret_row->body.len = size;
    ret_row->body.data = (uint8_t *)niva_arena_copy(arena, body, size);
    return ret_row->body.data != NULL && ret_row->id != NULL && ret_row->corrected_by != NULL;
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
    struct niva_query query = {.statement = &units_list, .params.arena = arena};

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
    *query = (struct niva_query){.statement = filter->unit[0] != '\0' ? of_unit : of_all,
                                 .params.arena = arena};
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

bool store_list_erasures(struct niva_pg *pg, const struct store_filter *filter,
                         struct niva_arena *arena, struct store_page *ret_page,
                         struct niva_error *err)
{
    struct niva_query query;

    list_begin(&query, &erasures_of_unit, &erasures_of_all, filter, arena);
    return page_run(pg, &query, filter->page_size, ret_page, err);
}

bool store_get_report(struct niva_pg *pg, const char *report_id, niva_instant known_at,
                      struct niva_arena *arena, struct store_page *ret_page, struct niva_error *err)
{
    struct niva_query query = {.statement = &report_get, .params.arena = arena};

    niva_param_instant(&query.params, known_at);
    niva_param_text(&query.params, report_id);
    return page_run(pg, &query, 1, ret_page, err);
}

static const struct niva_statement units_proved = {
    "intake_verify_units", "SELECT DISTINCT unit FROM fact WHERE unit > $1 AND unit <> ''"
                           " ORDER BY unit LIMIT $2"};

bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err)
{
    return niva_verify_units(pg, &units_proved, unit, after, limit, arena, ret_count, ret_units,
                             err);
}
