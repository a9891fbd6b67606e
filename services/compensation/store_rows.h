/* What the parts of the store share: store.c, what the writer reads, and store_reads.c, what
 * queries read. */
#ifndef NIVA_COMPENSATION_STORE_ROWS_H
#define NIVA_COMPENSATION_STORE_ROWS_H

#include "services/common/pg/facts.h"
#include "services/compensation/store.h"

#define TIMELINE_COLUMNS                                                                           \
    "t.unit, t.profession_group, t.month, t.version, t.recorded_at, t.below_from, t.body"
/* What line_row_read reads. */
#define LINE_COLUMNS                                                                               \
    "adjustment_id, period, state, version, recorded_at, computed_at, computed_for, body"

/* What dialogue_row_read reads. */
#define DIALOGUE_COLUMNS "position, kind, recorded_at, body"

/* What was told of a dialogue, from its row. */
bool dialogue_row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                       struct dialogue_entry *ret_entry, struct niva_error *err) NIVA_MUST_CHECK;

/* A line, or a version of one, from its row. */
bool line_row_read(const struct niva_query *query, int row, struct niva_arena *arena,
                   struct sheet_row **ret_row, struct niva_error *err) NIVA_MUST_CHECK;

/* The rows of a query as lines; the query is cleared. */
bool line_rows_read(struct niva_pg *pg, struct niva_query *query, struct niva_arena *arena,
                    size_t *ret_count, struct sheet_row ***ret_rows,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* A version of a component from its fact. */
bool component_fact_read(const struct niva_fact *fact, struct niva_arena *arena,
                         struct niva_component *ret_component,
                         struct niva_error *err) NIVA_MUST_CHECK;

#endif
