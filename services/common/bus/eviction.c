#include "services/common/bus/eviction.h"

/* The server waits for what the client will say next. */
static const struct niva_statement silent_end = {
    "bus_silent_end",
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
    " AND xact_start IS NOT NULL AND wait_event = 'ClientRead'"
    " AND state_change < clock_timestamp() - interval '1200 milliseconds'"};

bool writers_evict(struct niva_pg *pg, int64_t *ret_count, struct niva_error *err)
{
    struct niva_query query = {.statement = &silent_end};
    bool good = niva_pg_run(pg, &query, 1, err);

    if (good)
        *ret_count = niva_row_int64(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return good;
}
