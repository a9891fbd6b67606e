/* The store of settlements: what a command about them reads into the sheet and writes from it, and
 * what queries and the proof read. */
#ifndef NIVA_COMPENSATION_STORE_SETTLE_H
#define NIVA_COMPENSATION_STORE_SETTLE_H

#include "services/compensation/settling.h"
#include "services/compensation/store.h"

/* For the only item of a batch, if it is about settlements: reads what it needs, as
 * `sheet->settling`. Others leave it NULL. */
bool store_settling_read(struct sheet *sheet, struct niva_batch *batch,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* Writes what it made, behind the lines. */
bool store_settling_write(struct sheet *sheet, struct niva_batch *batch,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* A settlement as it is (known_at INT64_MAX), or its last version known at an instant; NULL when
 * there is none. */
bool store_settlement_get(struct niva_pg *pg, struct niva_uuid id, niva_instant known_at,
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
