#include "services/compensation/store_settlements.h"

#include "services/compensation/settle.h"

typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;

/* What body_read reads. */
#define SETTLEMENT_COLUMNS "settlement_id, period, recorded_at, body"

static const struct niva_statement settlement_get = {"compensation_settlement_get",
                                                     "SELECT " SETTLEMENT_COLUMNS
                                                     " FROM settlement WHERE settlement_id = $1"};

static const struct niva_statement settlement_version_get = {
    "compensation_settlement_version_get",
    "SELECT " SETTLEMENT_COLUMNS " FROM settlement_version WHERE settlement_id = $1"
    " AND recorded_at <= $2 ORDER BY version DESC LIMIT 1"};

static const struct niva_statement settlement_living = {
    "compensation_settlement_living",
    "SELECT " SETTLEMENT_COLUMNS " FROM settlement WHERE region = $1 AND period >= $2"
    " AND state <> 2 ORDER BY period LIMIT 1"};

static const struct niva_statement file_get = {
    "compensation_settlement_file",
    "SELECT content FROM settlement_file WHERE settlement_id = $1 AND format = $2"};

#define LIST_FILTER                                                                                \
    " WHERE ($1 = '' OR region = $1) AND ($2::date IS NULL OR period = $2)"                        \
    "  AND ($3::int = 0 OR state = $3)"                                                            \
    "  AND ($4::date IS NULL OR (period, settlement_id, version) > ($4, $5::uuid, $6::int))"       \
    " ORDER BY period, settlement_id, version LIMIT $7"

static const struct niva_statement settlements_list = {
    "compensation_settlements_list", "SELECT " SETTLEMENT_COLUMNS " FROM settlement" LIST_FILTER};

/* As known at $8; all versions with $9, else the last known one of each. */
static const struct niva_statement settlement_versions_list = {
    "compensation_settlement_versions_list",
    "SELECT " SETTLEMENT_COLUMNS " FROM ("
    "  SELECT * FROM settlement_version v WHERE recorded_at <= $8"
    "   AND ($9 OR NOT EXISTS (SELECT FROM settlement_version later"
    "    WHERE later.settlement_id = v.settlement_id AND later.version = v.version + 1"
    "     AND later.recorded_at <= $8))) AS known" LIST_FILTER};

static bool body_read(const struct niva_query *query, int row, struct niva_arena *arena,
                      struct settlement_row *ret_row, struct niva_error *err)
{
    ProtobufCMessage *message;
    size_t size;
    const uint8_t *bytes = niva_row_bytes(query, row, 3, &size);

    if (!niva_wire_unpack(&niva__compensation__v1__settlement__descriptor, bytes, size, false,
                          arena, &message, err))
        return false;
    *ret_row = (struct settlement_row){.id = niva_row_uuid(query, row, 0),
                                       .period = niva_row_day(query, row, 1),
                                       .recorded_at = niva_row_instant(query, row, 2),
                                       .body = (const Settlement *)message};
    return true;
}

/* The first row of a query, or NULL; the query is cleared. */
static bool one_read(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                     struct settlement_row **ret_row, struct niva_error *err)
{
    struct settlement_row *row = NULL;
    bool done = niva_pg_run(pg, query, 1, err);

    if (done && niva_rows(query) > 0) {
        row = niva_arena_alloc(arena, sizeof *row);
        done = row != NULL ? body_read(query, 0, arena, row, err) : niva_fail_memory(err);
    }
    niva_queries_clear(query, 1);
    if (done)
        *ret_row = row;
    return done;
}

bool store_settlement_get(struct niva_pg *pg, struct niva_uuid id, niva_instant known_at,
                          struct niva_arena *arena, struct settlement_row **ret_row,
                          struct niva_error *err)
{
    struct niva_query query = {.statement = known_at == INT64_MAX ? &settlement_get
                                                                  : &settlement_version_get,
                               .params = {.arena = arena}};

    niva_param_uuid(&query.params, &id);
    if (known_at != INT64_MAX)
        niva_param_instant(&query.params, known_at);
    return one_read(pg, &query, arena, ret_row, err);
}

bool store_settlement_living(struct niva_pg *pg, const char *region, niva_day month,
                             struct niva_arena *arena, struct settlement_row **ret_row,
                             struct niva_error *err)
{
    struct niva_query query = {.statement = &settlement_living, .params = {.arena = arena}};

    niva_param_text(&query.params, region);
    niva_param_day(&query.params, month);
    return one_read(pg, &query, arena, ret_row, err);
}

bool store_settlement_file(struct niva_pg *pg, struct niva_uuid id, int format,
                           struct niva_arena *arena, ProtobufCBinaryData *ret_content,
                           struct niva_error *err)
{
    struct niva_query query = {.statement = &file_get, .params = {.arena = arena}};
    bool done;

    *ret_content = (ProtobufCBinaryData){0};
    niva_param_uuid(&query.params, &id);
    niva_param_int32(&query.params, format);
    done = niva_pg_run(pg, &query, 1, err) &&
           (niva_rows(&query) == 0 || niva_row_bytes_copy(&query, 0, 0, arena, ret_content) ||
            niva_fail_memory(err));
    niva_queries_clear(&query, 1);
    return done;
}

bool store_settlements_list(struct niva_pg *pg, const struct settlement_filter *filter,
                            struct niva_arena *arena, size_t *ret_count,
                            struct settlement_row **ret_rows, struct niva_error *err)
{
    bool versions = filter->history || filter->known_at != INT64_MAX;
    const struct settlement_key *after = filter->after;
    struct niva_query query = {.statement =
                                   versions ? &settlement_versions_list : &settlements_list,
                               .params = {.arena = arena}};
    struct settlement_row *rows = NULL;
    bool done;

    niva_param_text(&query.params, filter->region);
    niva_param_day(&query.params, filter->period);
    niva_param_int32(&query.params, filter->state);
    niva_param_day(&query.params, after != NULL ? after->period : NIVA_DAY_NONE);
    niva_param_uuid(&query.params, after != NULL ? &after->id : NULL);
    niva_param_int32(&query.params, after != NULL ? after->version : 0);
    niva_param_int32(&query.params, filter->limit);
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
        done = body_read(&query, i, arena, &rows[i], err);
    niva_queries_clear(&query, 1);
    if (done)
        *ret_rows = rows;
    return done;
}

bool store_settlement_config(struct niva_pg *pg, const char *region, struct niva_arena *arena,
                             const SettlementConfig **ret_config, struct niva_error *err)
{
    ProtobufCMessage *message = NULL;
    struct niva_fact *fact;

    if (!niva_fact_get(pg, FACT_SETTLEMENT_CONFIG, region, INT64_MAX, arena, &fact, err) ||
        (fact != NULL &&
         !niva_wire_unpack(&niva__compensation__v1__settlement_config__descriptor, fact->body.data,
                           fact->body.len, false, arena, &message, err)))
        return false;
    *ret_config = (const SettlementConfig *)message;
    return true;
}
