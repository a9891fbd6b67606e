/* What the proofs of all services read of what they keep. */
#include "services/common/bus/verify.h"

static const struct niva_statement told_of_select = {
    "verify_told_of", "SELECT position, type, data FROM event WHERE subject = $1 AND subject <> ''"
                      " AND starts_with(type, $2) ORDER BY position"};
static const struct niva_statement told_select = {
    "verify_told",
    "SELECT position, type, data FROM event WHERE starts_with(type, $1) ORDER BY position"};

bool niva_verify_units(struct niva_pg *pg, const struct niva_statement *units, const char *unit,
                       const char *after, int32_t limit, struct niva_arena *arena,
                       size_t *ret_count, const char ***ret_units, struct niva_error *err)
{
    struct niva_query query = {.statement = units, .params.arena = arena};
    const char **alone;

    if (unit[0] != '\0') {
        alone = niva_arena_alloc(arena, sizeof *alone);
        if (alone == NULL)
            return niva_fail_memory(err);
        *alone = unit;
        *ret_units = alone;
        *ret_count = after[0] == '\0';
        return true;
    }
    niva_param_text(&query.params, after);
    niva_param_int64(&query.params, limit);
    return niva_pg_list(pg, &query, sizeof **ret_units, niva_row_name, ret_count, ret_units, err);
}

static bool told_read(const struct niva_query *query, int row, struct niva_arena *arena,
                      void *ret_row)
{
    struct niva_told *told = ret_row;

    told->position = niva_row_int64(query, row, 0);
    told->type = niva_row_text_copy(query, row, 1, arena);
    return told->type != NULL && niva_row_bytes_copy(query, row, 2, arena, &told->data);
}

bool niva_verify_told_of(struct niva_pg *pg, const char *subject, const char *types,
                         struct niva_arena *arena, size_t *ret_count, struct niva_told **ret_told,
                         struct niva_error *err)
{
    struct niva_query query = {.statement = &told_of_select, .params.arena = arena};

    niva_param_text(&query.params, subject);
    niva_param_text(&query.params, types);
    return niva_pg_list(pg, &query, sizeof **ret_told, told_read, ret_count, ret_told, err);
}

bool niva_verify_told(struct niva_pg *pg, const char *types, struct niva_arena *arena,
                      size_t *ret_count, struct niva_told **ret_told, struct niva_error *err)
{
    struct niva_query query = {.statement = &told_select, .params.arena = arena};

    niva_param_text(&query.params, types);
    return niva_pg_list(pg, &query, sizeof **ret_told, told_read, ret_count, ret_told, err);
}

bool niva_verify_content_broken(const struct niva_pg *pg, const struct niva_error *err)
{
    return niva_pg_alive(pg) && niva_pg_sqlstate(pg)[0] == '\0' &&
           err->code != NIVA_RESOURCE_EXHAUSTED;
}
