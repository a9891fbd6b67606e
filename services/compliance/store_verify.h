/* What the proof of compliance's records reads (verify.c). Rows are copied into the arena, as they
 * stand: what was altered by hand is to be looked at, not refused. */
#ifndef NIVA_COMPLIANCE_STORE_VERIFY_H
#define NIVA_COMPLIANCE_STORE_VERIFY_H

#include "services/common/bus/verify.h"
#include "services/compliance/store.h"

/* Units of which anything is kept, in their order, after one; or `unit` alone unless it is "". */
bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* A version of a breach as it is stored. */
struct stored_breach {
    struct niva_uuid breach_id;
    int32_t version;
    int32_t kind;
    int32_t state;
    const char *unit;
    const char *group;
    niva_day first_day;
    niva_day last_day;
    int64_t opened_order;
    niva_instant recorded_at;
    ProtobufCBinaryData body;
};
/* Every version that stands under a unit, in the order of opening. */
bool store_verify_breaches(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_breach **ret_rows,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* What is kept of a unit and group beside breaches and months. */
struct stored_state {
    const char *group;
    niva_day next_change_day;
};
bool store_verify_states(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                         size_t *ret_count, struct stored_state **ret_states,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* A listing or contract that names an import whose file was not recorded with it. */
struct stored_import {
    const char *kind;
    const char *id;
    int32_t version;
    const char *import_id;
};
bool store_verify_imported(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                           size_t *ret_count, struct stored_import **ret_rows,
                           struct niva_error *err) NIVA_MUST_CHECK;

/* Groups of a unit that wait to be recomputed; "" stands for all of them. */
bool store_verify_dirty(struct niva_pg *pg, const char *unit, struct niva_arena *arena,
                        size_t *ret_count, const char ***ret_groups,
                        struct niva_error *err) NIVA_MUST_CHECK;

#endif
