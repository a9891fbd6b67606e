/* The store: all SQL of compensation. The writer's batch is read into a sheet and written from it
 * set by set; readers get rows in their arena. */
#ifndef NIVA_COMPENSATION_STORE_H
#define NIVA_COMPENSATION_STORE_H

#include "services/common/bus/journal.h"
#include "services/compensation/sheet.h"

/* `read` of the journal's rules: every month that an item of the batch can touch, with its
 * components and open lines, as the batch's state. */
bool store_batch_read(void *self, struct niva_batch *batch, struct niva_error *err);
/* `write` of the journal's rules. */
bool store_batch_write(void *self, struct niva_batch *batch, struct niva_error *err);

/* The place of a row in the order of a list: period, unit, component, group, id, version. */
struct store_key {
    niva_day period;
    const char *unit;
    const char *component;
    const char *group;
    struct niva_uuid id;
    int32_t version;
};

/* Which adjustments; zero values mean "all". */
struct store_filter {
    niva_day period; /* first day of the month; NIVA_DAY_NONE: all */
    const char *unit;
    const char *group;
    int32_t state; /* 0: all but SUPERSEDED, with history all */
    bool history;
    niva_instant known_at;         /* INT64_MAX: now */
    const struct store_key *after; /* NULL: from the beginning */
    int32_t limit;
};

/* What an instant asked about means: INT64_MAX, now, where nothing was recorded after it; and the
 * last day begun that is not after its local day (NIVA_DAY_NONE: none has begun). */
bool store_known_at(struct niva_pg *pg, struct niva_arena *arena, niva_instant *known_at,
                    niva_day *ret_today, struct niva_error *err) NIVA_MUST_CHECK;

/* Lists adjustments in their order. */
bool store_adjustments_list(struct niva_pg *pg, const struct store_filter *filter,
                            struct niva_arena *arena, size_t *ret_count,
                            struct sheet_row ***ret_rows, struct niva_error *err) NIVA_MUST_CHECK;

/* An adjustment as it is (known_at INT64_MAX), or its last version known at an instant; NULL when
 * there is none. */
bool store_adjustment_get(struct niva_pg *pg, struct niva_uuid id, niva_instant known_at,
                          struct niva_arena *arena, struct sheet_row **ret_row,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* The components of a unit and group as they were known at an instant, in the order of the record.
 */
bool store_components_get(struct niva_pg *pg, const char *unit, const char *group,
                          niva_instant known_at, struct niva_arena *arena, size_t *ret_count,
                          const struct niva_component **ret_components,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* A component in a month, as it was known at an instant. */
struct store_question {
    const char *unit;
    const char *group;
    const char *component;
    niva_day period;       /* first day of the month */
    niva_instant known_at; /* INT64_MAX: now */
    niva_day today;        /* the day as of which the amounts are computed */
    bool joined;           /* runs as everybody may see them (joined.h) */
};

/* What the lines of components in months follow from, in the order of the questions: the timeline,
 * the amounts, the lines that were decided and what was told of dialogues. `timeline` and `amounts`
 * are NULL when none was known. However many they are, they are read in one round trip. */
bool store_bases_get(struct niva_pg *pg, const struct store_question *questions, size_t count,
                     struct niva_arena *arena, struct line_basis *ret_bases,
                     struct niva_error *err) NIVA_MUST_CHECK;

#endif
