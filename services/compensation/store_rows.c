#include "services/compensation/store_rows.h"

#include "niva/compensation/v1/component.pb-c.h"
#include "services/common/facts/facts.h"

bool line_row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                   struct sheet_row **ret_row, struct niva_error *err)
{
    struct sheet_row *read = niva_arena_alloc(arena, sizeof *read);
    ProtobufCMessage *message;
    const uint8_t *bytes;
    size_t size;

    if (read == NULL)
        return niva_fail_memory(err);
    bytes = niva_row_bytes(query, row, 7, &size);
    if (!niva_wire_unpack(&niva__compensation__v1__adjustment__descriptor, bytes, size, false,
                          arena, &message, err))
        return false;
    *read = (struct sheet_row){.id = niva_row_uuid(query, row, 0),
                               .period = niva_row_day(query, row, 1),
                               .state = (enum line_state)niva_row_int32(query, row, 2),
                               .body = (const Niva__Compensation__V1__Adjustment *)message,
                               .recorded_at = niva_row_instant(query, row, 4),
                               .computed_at = niva_row_instant(query, row, 5),
                               .computed_for = niva_row_day(query, row, 6)};
    *ret_row = read;
    return true;
}

bool line_rows_read(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                    size_t *ret_count, struct sheet_row ***ret_rows, struct niva_error *err)
{
    struct sheet_row **rows = NULL;
    bool done = niva_pg_run(pg, query, 1, err);
    size_t count = done ? (size_t)niva_rows(query) : 0;

    if (done) {
        rows = niva_arena_array(arena, count, sizeof *rows);
        done = rows != NULL || niva_fail_memory(err);
    }
    for (size_t i = 0; done && i < count; i++)
        done = line_row_read(query, (int)i, arena, &rows[i], err);
    niva_queries_clear(query, 1);
    if (done) {
        *ret_count = count;
        *ret_rows = rows;
    }
    return done;
}

bool dialogue_row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                       struct dialogue_entry *ret_entry, struct niva_error *err)
{
    struct dialogue_entry entry = {
        .position = niva_row_int64(query, row, 0),
        .kind = (enum dialogue_kind)niva_row_int32(query, row, 1),
        .recorded_at = niva_row_instant(query, row, 2),
    };

    if (!niva_row_bytes_copy(query, row, 3, arena, &entry.body))
        return niva_fail_memory(err);
    if (!dialogue_entry_unpack(&entry, arena, err))
        return false;
    *ret_entry = entry;
    return true;
}

bool component_fact_read(const struct niva_fact *fact, struct niva_arena *arena,
                         struct niva_component *ret_component, struct niva_error *err)
{
    ProtobufCMessage *message;

    return niva_wire_unpack(&niva__compensation__v1__component__descriptor, fact->body.data,
                            fact->body.len, false, arena, &message, err) &&
           niva_facts_component((const Niva__Compensation__V1__Component *)message, ret_component,
                                err);
}
