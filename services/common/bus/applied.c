#include "services/common/bus/applied.h"

#include <string.h>

static const struct niva_statement applied_select = {
    "bus_applied", "SELECT h.position, h.clock_day, c.stream, c.position FROM stream_head h"
                   " LEFT JOIN cursor c ON c.stream = ANY ($1)"};

size_t niva_upstream_find(const struct niva_upstreams *upstreams, const char *stream)
{
    size_t index = 0;

    while (index < upstreams->count && strcmp(upstreams->list[index].stream, stream) != 0)
        index++;
    return index;
}

void niva_applied_query(struct niva_query *query, const struct niva_upstreams *upstreams,
                        struct niva_arena *arena)
{
    struct niva_column *streams = niva_column_new(NIVA_COLUMN_TEXT, arena);

    *query = (struct niva_query){.statement = &applied_select, .params.arena = arena};
    for (size_t i = 0; i < upstreams->count; i++)
        niva_column_text(streams, upstreams->list[i].stream);
    niva_param_column(&query->params, streams);
}

/* A row for each cursor, or one without where there is none yet. */
bool niva_applied_read(const struct niva_query *query, const struct niva_upstreams *upstreams,
                       struct niva_applied *ret_applied, struct niva_error *err)
{
    struct niva_applied applied = {.day = NIVA_DAY_NONE};

    if (niva_rows(query) < 1)
        return niva_fail_internal(err, "stream_head has no row");
    applied.head = niva_row_int64(query, 0, 0);
    applied.day = niva_row_day(query, 0, 1);
    for (int row = 0; row < niva_rows(query); row++) {
        size_t index = niva_upstream_find(upstreams, niva_row_text(query, row, 2));

        if (index < upstreams->count)
            applied.cursors[index] = niva_row_int64(query, row, 3);
    }
    *ret_applied = applied;
    return true;
}

bool niva_applied_raise(struct niva_applied *applied, const struct niva_applied *seen)
{
    bool moved = seen->head > applied->head;

    if (moved)
        applied->head = seen->head;
    for (size_t i = 0; i < NIVA_UPSTREAMS_MAX; i++) {
        if (seen->cursors[i] <= applied->cursors[i])
            continue;
        applied->cursors[i] = seen->cursors[i];
        moved = true;
    }
    return moved;
}
