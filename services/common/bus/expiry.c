#include "services/common/bus/expiry.h"

#include "services/common/bus/batch.h"

/* As in every transaction that writes: replicas take turns. */
static const struct niva_statement head_lock = {"bus_expiry_lock",
                                                "SELECT FROM stream_head FOR UPDATE"};
static const struct niva_statement requests_delete = {
    "bus_requests_delete",
    "WITH gone AS (DELETE FROM request r USING (SELECT principal, request_id FROM request"
    " WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2) old"
    " WHERE r.principal = old.principal AND r.request_id = old.request_id RETURNING 1)"
    " SELECT count(*) FROM gone"};

static void roll_back(struct niva_pg *pg)
{
    struct niva_query query = {.statement = &niva_pg_rollback};
    struct niva_error ignored;

    if (niva_pg_alive(pg) && !niva_pg_run(pg, &query, 1, &ignored))
        niva_error_clear(&ignored);
    niva_queries_clear(&query, 1);
}

bool requests_expire(struct niva_pg *pg, niva_instant now, bool *ret_more, struct niva_error *err)
{
    static const niva_instant kept = (niva_instant)EXPIRY_DAYS * 24 * 3600 * 1000000;
    struct niva_arena *arena = niva_arena_new(4096);
    struct niva_query queries[] = {{.statement = &niva_pg_begin},
                                   {.statement = &batch_lock_step},
                                   {.statement = &head_lock},
                                   {.statement = &requests_delete, .params.arena = arena},
                                   {.statement = &niva_pg_commit}};
    bool good;

    if (arena == NULL)
        return niva_fail_internal(err, "no memory for a query");
    niva_param_instant(&queries[3].params, now - kept);
    niva_param_int64(&queries[3].params, EXPIRY_SET);
    good = niva_pg_run(pg, queries, 5, err);
    if (good)
        *ret_more = niva_row_int64(&queries[3], 0, 0) == EXPIRY_SET;
    else
        roll_back(pg);
    niva_queries_clear(queries, 5);
    niva_arena_free(arena);
    return good;
}
