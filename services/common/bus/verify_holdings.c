/* What services have of each other's streams, made comparable. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/text.h"
#include "services/common/bus/chain.h"
#include "services/common/bus/verify.h"

enum { LIST_LEAST = 32 };

/* What is erased is redacted by each service at its own time: without salt there is no content. */
static const struct niva_statement facts_select = {
    "verify_holdings",
    "SELECT kind, id, version, recorded_at, CASE WHEN salt IS NULL OR (version > 1 AND"
    " kind = ANY ($3)) THEN NULL ELSE body END FROM fact WHERE unit = $1 AND unit <> ''"
    " AND kind = ANY ($2)"};

bool niva_items_add(struct niva_items *items, const void *bytes, size_t size,
                    struct niva_error *err)
{
    if (items->count == items->capacity) {
        size_t more = items->capacity == 0 ? LIST_LEAST : 2 * items->capacity;
        uint8_t(*grown)[HASH_SIZE] = niva_arena_array(items->arena, more, sizeof *grown);

        if (grown == NULL)
            return niva_fail_memory(err);
        if (items->count > 0)
            memcpy(grown, items->digests, items->count * sizeof *grown);
        items->digests = grown;
        items->capacity = more;
    }
    return bytes_digest(bytes, size, items->digests[items->count++], err);
}

static int digest_order(const void *left, const void *right)
{
    return memcmp(left, right, HASH_SIZE);
}

static bool list_reserve(struct niva_verify *verify)
{
    size_t more = verify->holding_capacity == 0 ? LIST_LEAST : 2 * verify->holding_capacity;
    niva_holding **grown;

    if (verify->holding_count < verify->holding_capacity)
        return true;
    grown = niva_arena_array(verify->arena, more, sizeof(niva_holding *));
    if (grown == NULL)
        return false;
    if (verify->holding_count > 0)
        memcpy(grown, verify->holdings, verify->holding_count * sizeof(niva_holding *));
    verify->holdings = grown;
    verify->holding_capacity = more;
    return true;
}

bool niva_verify_holds(struct niva_verify *verify, const char *stream, const char *unit,
                       struct niva_items *items, struct niva_error *err)
{
    niva_holding *holding;
    uint8_t *digest;

    if (items->count == 0)
        return true;
    holding = niva_arena_alloc(verify->arena, sizeof *holding);
    digest = niva_arena_alloc(verify->arena, HASH_SIZE);
    if (holding == NULL || digest == NULL || !list_reserve(verify))
        return niva_fail_memory(err);
    *holding = (niva_holding)NIVA__CONTROL__V1__HOLDING__INIT;
    holding->stream = niva_arena_strdup(verify->arena, stream);
    holding->unit = niva_arena_strdup(verify->arena, unit);
    if (holding->stream == NULL || holding->unit == NULL)
        return niva_fail_memory(err);
    qsort(items->digests, items->count, HASH_SIZE, digest_order);
    holding->count = (int64_t)items->count;
    holding->digest = (ProtobufCBinaryData){.len = HASH_SIZE, .data = digest};
    verify->holdings[verify->holding_count++] = holding;
    return bytes_digest(items->digests, items->count * HASH_SIZE, digest, err);
}

bool niva_items_add_fact(struct niva_items *items, const struct niva_fact *fact,
                         struct niva_error *err)
{
    struct niva_text text = {0};
    bool good;

    niva_text_printf(&text, "%s\n%s\n%" PRId32 "\n%" PRId64 "\n", fact->kind, fact->id,
                     fact->version, fact->recorded_at);
    if (fact->body.data != NULL)
        niva_text_append(&text, fact->body.data, fact->body.len);
    good = text.failed ? niva_fail_memory(err) : niva_items_add(items, text.data, text.length, err);
    niva_text_free(&text);
    return good;
}

bool niva_items_add_event(struct niva_items *items, int64_t position, ProtobufCBinaryData data,
                          struct niva_error *err)
{
    struct niva_text text = {0};
    bool good;

    niva_text_printf(&text, "%" PRId64 "\n", position);
    niva_text_append(&text, data.data, data.len);
    good = text.failed ? niva_fail_memory(err) : niva_items_add(items, text.data, text.length, err);
    niva_text_free(&text);
    return good;
}

/* Borrowed from the query. */
static struct niva_fact fact_row(const struct niva_query *query, int row)
{
    struct niva_fact fact = {.kind = niva_row_text(query, row, 0),
                             .id = niva_row_text(query, row, 1),
                             .version = niva_row_int32(query, row, 2),
                             .recorded_at = niva_row_instant(query, row, 3)};

    fact.body.data = (uint8_t *)(uintptr_t)niva_row_bytes(query, row, 4, &fact.body.len);
    return fact;
}

bool niva_items_add_facts(struct niva_pg *pg, const struct niva_held_kind *kinds, size_t kind_count,
                          const char *unit, struct niva_items *items, struct niva_error *err)
{
    struct niva_query query = {.statement = &facts_select, .params.arena = items->arena};
    struct niva_column *names = niva_column_new(NIVA_COLUMN_TEXT, items->arena);
    struct niva_column *first_only = niva_column_new(NIVA_COLUMN_TEXT, items->arena);
    bool good;

    for (size_t i = 0; i < kind_count; i++) {
        niva_column_text(names, kinds[i].name);
        if (kinds[i].first_version_only)
            niva_column_text(first_only, kinds[i].name);
    }
    niva_param_text(&query.params, unit);
    niva_param_column(&query.params, names);
    niva_param_column(&query.params, first_only);
    good = niva_pg_run(pg, &query, 1, err);
    for (int row = 0; good && row < niva_rows(&query); row++) {
        const struct niva_fact fact = fact_row(&query, row);

        good = niva_items_add_fact(items, &fact, err);
    }
    niva_queries_clear(&query, 1);
    return good;
}

bool niva_verify_holds_facts(struct niva_pg *pg, const char *stream,
                             const struct niva_held_kind *kinds, size_t kind_count,
                             const char *unit, struct niva_arena *arena, struct niva_verify *verify,
                             struct niva_error *err)
{
    struct niva_items items = {.arena = arena};

    return niva_items_add_facts(pg, kinds, kind_count, unit, &items, err) &&
           niva_verify_holds(verify, stream, unit, &items, err);
}
