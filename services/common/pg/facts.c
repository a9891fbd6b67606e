#include "services/common/pg/facts.h"

#include "services/common/base/text.h"

#define FACT_COLUMNS                                                                               \
    "f.fact_no, f.kind, f.id, f.version, f.unit, f.profession_group, f.region, f.refers_to,"       \
    " f.first_day, f.recorded_at, f.recorded_by, f.received_at, f.body"

/* Each filter stands open when its parameter is '' or NULL. */
static const struct niva_statement facts_list = {
    "facts_list", "SELECT " FACT_COLUMNS " FROM fact f WHERE f.fact_no > $1"
                  " AND ($2 = '' OR f.kind = $2)"
                  " AND ($3 = '' OR f.unit = $3 OR ($4 <> '' AND f.unit = '' AND f.region = $4))"
                  " AND ($5 = '' OR f.profession_group = $5)"
                  " AND ($6 = '' OR f.region = $6)"
                  " AND ($7::date IS NULL OR f.first_day >= $7)"
                  " AND f.recorded_at <= $8"
                  " AND ($9 OR NOT EXISTS (SELECT FROM fact l WHERE l.kind = f.kind AND l.id = f.id"
                  " AND l.version > f.version AND l.recorded_at <= $8))"
                  " ORDER BY f.fact_no LIMIT $10"};
static const struct niva_statement fact_get = {
    "fact_get", "SELECT " FACT_COLUMNS " FROM fact f WHERE f.kind = $1 AND f.id = $2"
                " AND f.recorded_at <= $3 ORDER BY f.version DESC LIMIT 1"};
static const struct niva_statement facts_of_units = {
    "facts_of_units", "SELECT " FACT_COLUMNS " FROM fact f"
                      " WHERE f.unit = ANY ($1) AND f.unit <> '' AND f.kind <> $2"
                      " ORDER BY f.fact_no"};
static const struct niva_statement facts_of_kind = {
    "facts_of_kind", "SELECT " FACT_COLUMNS " FROM fact f"
                     " WHERE f.unit = ANY ($1) AND f.unit <> '' AND f.kind = $2"
                     " ORDER BY f.fact_no"};
static const struct niva_statement facts_of_ids = {
    "facts_of_ids", "SELECT " FACT_COLUMNS
                    " FROM (SELECT DISTINCT kind, id FROM unnest($1, $2) AS w (kind, id)) wanted"
                    " JOIN fact f USING (kind, id) ORDER BY f.fact_no"};
static const struct niva_statement facts_of_regions = {
    "facts_of_regions", "SELECT " FACT_COLUMNS " FROM fact f"
                        " WHERE f.region = ANY ($1) AND f.unit = '' ORDER BY f.fact_no"};
static const struct niva_statement facts_insert = {
    "facts_insert",
    "INSERT INTO fact (fact_no, kind, id, version, unit, profession_group, region, refers_to,"
    " first_day, recorded_at, recorded_by, received_at, body, salt, digest, hash)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"};

/* A text of a row, copied. */
static bool text_read(const struct niva_query *query, int row, int column, struct niva_arena *arena,
                      const char **ret_text)
{
    *ret_text = niva_arena_strdup(arena, niva_row_text(query, row, column));
    return *ret_text != NULL;
}

bool niva_fact_row(const struct niva_query *query, int row, struct niva_arena *arena,
                   struct niva_fact *ret_fact)
{
    struct niva_fact fact = {
        .fact_no = niva_row_int64(query, row, 0),
        .version = niva_row_int32(query, row, 3),
        .first_day = niva_row_day(query, row, 8),
        .recorded_at = niva_row_instant(query, row, 9),
        .received_at = niva_row_instant(query, row, 11),
    };
    const uint8_t *body = niva_row_bytes(query, row, 12, &fact.body.len);

    if (!text_read(query, row, 1, arena, &fact.kind) ||
        !text_read(query, row, 2, arena, &fact.id) ||
        !text_read(query, row, 4, arena, &fact.unit) ||
        !text_read(query, row, 5, arena, &fact.group) ||
        !text_read(query, row, 6, arena, &fact.region) ||
        !text_read(query, row, 7, arena, &fact.refers_to) ||
        !text_read(query, row, 10, arena, &fact.recorded_by))
        return false;
    if (body != NULL) {
        fact.body.data = (uint8_t *)niva_arena_copy(arena, body, fact.body.len);
        if (fact.body.data == NULL)
            return false;
    }
    *ret_fact = fact;
    return true;
}

/* Runs one query for facts; its rows go into the arena. */
static bool facts_read(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                       size_t *ret_count, struct niva_fact **ret_facts, struct niva_error *err)
{
    struct niva_fact *facts;
    int rows;

    if (!niva_pg_run(pg, query, 1, err))
        return false;
    rows = niva_rows(query);
    facts = niva_arena_array(arena, (size_t)rows, sizeof *facts);
    for (int row = 0; facts != NULL && row < rows; row++)
        if (!niva_fact_row(query, row, arena, &facts[row]))
            facts = NULL;
    if (facts == NULL)
        return niva_fail_internal(err, "no memory for %d facts", rows);
    *ret_count = (size_t)rows;
    *ret_facts = facts;
    return true;
}

bool niva_facts_list(struct niva_pg *pg, const struct niva_fact_filter *filter,
                     struct niva_arena *arena, size_t *ret_count, struct niva_fact **ret_facts,
                     struct niva_error *err)
{
    struct niva_query query = {.statement = &facts_list, .params.arena = arena};
    struct niva_params *params = &query.params;
    bool good;

    niva_param_int64(params, filter->after_no);
    niva_param_text(params, niva_text_or_empty(filter->kind));
    niva_param_text(params, niva_text_or_empty(filter->unit));
    niva_param_text(params, niva_text_or_empty(filter->region_of_unit));
    niva_param_text(params, niva_text_or_empty(filter->group));
    niva_param_text(params, niva_text_or_empty(filter->region));
    niva_param_day(params, filter->since);
    niva_param_instant(params, filter->known_at);
    niva_param_bool(params, filter->include_history);
    niva_param_int64(params, filter->limit > 0 ? filter->limit : INT64_MAX);
    good = facts_read(pg, &query, arena, ret_count, ret_facts, err);
    niva_queries_clear(&query, 1);
    return good;
}

bool niva_fact_get(struct niva_pg *pg, const char *kind, const char *id, niva_instant known_at,
                   struct niva_arena *arena, struct niva_fact **ret_fact, struct niva_error *err)
{
    struct niva_query query = {.statement = &fact_get, .params.arena = arena};
    struct niva_fact *facts;
    size_t count;
    bool good;

    niva_param_text(&query.params, kind);
    niva_param_text(&query.params, id);
    niva_param_instant(&query.params, known_at);
    good = facts_read(pg, &query, arena, &count, &facts, err);
    niva_queries_clear(&query, 1);
    if (good)
        *ret_fact = count == 0 ? NULL : facts;
    return good;
}

static struct niva_column *texts_column(const char *const *texts, size_t count,
                                        struct niva_arena *arena)
{
    struct niva_column *column = niva_column_new(NIVA_COLUMN_TEXT, arena);

    for (size_t i = 0; i < count; i++)
        niva_column_text(column, texts[i]);
    return column;
}

static void query_begin(struct niva_query *query, const struct niva_statement *statement,
                        struct niva_arena *arena)
{
    *query = (struct niva_query){.statement = statement, .params.arena = arena};
}

void niva_facts_query_units(struct niva_query *query, const char *except, const char *const *units,
                            size_t count, struct niva_arena *arena)
{
    query_begin(query, &facts_of_units, arena);
    niva_param_column(&query->params, texts_column(units, count, arena));
    niva_param_text(&query->params, except);
}

void niva_facts_query_kind(struct niva_query *query, const char *kind, const char *const *units,
                           size_t count, struct niva_arena *arena)
{
    query_begin(query, &facts_of_kind, arena);
    niva_param_column(&query->params, texts_column(units, count, arena));
    niva_param_text(&query->params, kind);
}

void niva_facts_query_ids(struct niva_query *query, const char *const *kinds,
                          const char *const *ids, size_t count, struct niva_arena *arena)
{
    query_begin(query, &facts_of_ids, arena);
    niva_param_column(&query->params, texts_column(kinds, count, arena));
    niva_param_column(&query->params, texts_column(ids, count, arena));
}

void niva_facts_query_regions(struct niva_query *query, const char *const *regions, size_t count,
                              struct niva_arena *arena)
{
    query_begin(query, &facts_of_regions, arena);
    niva_param_column(&query->params, texts_column(regions, count, arena));
}

void niva_facts_query_insert(struct niva_query *query, const struct niva_fact *const *facts,
                             const struct niva_fact_seal *seals, size_t count,
                             struct niva_arena *arena)
{
    static const enum niva_column_type types[] = {
        NIVA_COLUMN_INT64, NIVA_COLUMN_TEXT,    NIVA_COLUMN_TEXT,  NIVA_COLUMN_INT32,
        NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,    NIVA_COLUMN_TEXT,  NIVA_COLUMN_TEXT,
        NIVA_COLUMN_DAY,   NIVA_COLUMN_INSTANT, NIVA_COLUMN_TEXT,  NIVA_COLUMN_INSTANT,
        NIVA_COLUMN_BYTES, NIVA_COLUMN_BYTES,   NIVA_COLUMN_BYTES, NIVA_COLUMN_BYTES};
    enum { COLUMNS = sizeof types / sizeof *types };
    struct niva_column *columns[COLUMNS];

    query_begin(query, &facts_insert, arena);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = niva_column_new(types[i], arena);
    for (size_t i = 0; i < count; i++) {
        const struct niva_fact *fact = facts[i];

        niva_column_int64(columns[0], fact->fact_no);
        niva_column_text(columns[1], fact->kind);
        niva_column_text(columns[2], fact->id);
        niva_column_int32(columns[3], fact->version);
        niva_column_text(columns[4], niva_text_or_empty(fact->unit));
        niva_column_text(columns[5], niva_text_or_empty(fact->group));
        niva_column_text(columns[6], niva_text_or_empty(fact->region));
        niva_column_text(columns[7], niva_text_or_empty(fact->refers_to));
        niva_column_day(columns[8], fact->first_day);
        niva_column_instant(columns[9], fact->recorded_at);
        niva_column_text(columns[10], niva_text_or_empty(fact->recorded_by));
        niva_column_instant(columns[11], fact->received_at);
        niva_column_bytes(columns[12], fact->body.data, fact->body.len);
        niva_column_bytes(columns[13], seals[i].salt, sizeof seals[i].salt);
        niva_column_bytes(columns[14], seals[i].digest, sizeof seals[i].digest);
        niva_column_bytes(columns[15], seals[i].hash, sizeof seals[i].hash);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        niva_param_column(&query->params, columns[i]);
}
