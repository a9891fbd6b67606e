/* Settlements as they are kept, for queries, commands and the proof. */
#ifndef NIVA_COMPENSATION_STORE_SETTLEMENTS_H
#define NIVA_COMPENSATION_STORE_SETTLEMENTS_H

#include "services/compensation/settling.h"
#include "services/compensation/store.h"

/* A settlement as it is (known_at INT64_MAX), or its last version known at an instant; NULL when
 * there is none. */
bool store_settlement_get(struct niva_pg *pg, struct niva_uuid id, niva_instant known_at,
                          struct niva_arena *arena, struct settlement_row **ret_row,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* The first settlement of a region that is not voided and whose month is `month` or comes after it;
 * NULL when there is none. */
bool store_settlement_living(struct niva_pg *pg, const char *region, niva_day month,
                             struct niva_arena *arena, struct settlement_row **ret_row,
                             struct niva_error *err) NIVA_MUST_CHECK;

/* A file of a settlement; data NULL when there is none. */
bool store_settlement_file(struct niva_pg *pg, struct niva_uuid id, int format,
                           struct niva_arena *arena, ProtobufCBinaryData *ret_content,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* The place of a row in the order of a list. */
struct settlement_key {
    niva_day period;
    struct niva_uuid id;
    int32_t version;
};

/* Which settlements; zero values mean "all". */
struct settlement_filter {
    const char *region;
    niva_day period; /* NIVA_DAY_NONE: all */
    int32_t state;
    bool history;
    niva_instant known_at;              /* INT64_MAX: now */
    const struct settlement_key *after; /* NULL: from the beginning */
    int32_t limit;
};
bool store_settlements_list(struct niva_pg *pg, const struct settlement_filter *filter,
                            struct niva_arena *arena, size_t *ret_count,
                            struct settlement_row **ret_rows,
                            struct niva_error *err) NIVA_MUST_CHECK;

/* The configuration of a region as it is now; NULL when there is none. */
bool store_settlement_config(struct niva_pg *pg, const char *region, struct niva_arena *arena,
                             const Niva__Compensation__V1__SettlementConfig **ret_config,
                             struct niva_error *err) NIVA_MUST_CHECK;

#endif
